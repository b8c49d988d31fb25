/*
 * arp-phantom - answer ARP and Neighbor Solicitations for addresses that no
 * host has.
 *
 * main() and what only it does: the words of the command line, the socket or
 * the packet stream, the log, the end. What a frame means is claim.c's.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "base/hangup.h"
#include "base/syscalls.h"
#include "hosts/hosts.h"
#include "linux/again.h"
#include "linux/gate.h"
#include "linux/pktsock.h"
#include "linux/opener.h"
#include "linux/sandbox.h"
#include "log/event.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "away.h"
#include "check.h"
#include "claim.h"
#include "filter.h"
#include "options.h"
#include "own.h"
#include "wire/prefix.h"

enum {
	OUT_CAP = 1024 * 1024,
	BURST = 64, /* frames between two looks at the clock */
};

struct app {
	struct options o;
	bool started;
	uint64_t now;	 /* by the stamps */
	uint64_t unsent; /* frames that the gate did not take */
	uint64_t cut;	 /* records that hold less than the packet had */
	struct gate gate;
	struct mac host; /* the interface's own */
	struct own own;
	struct away away;
	struct stream_in in;
	struct stream_out out;
	struct event_log log;
	struct clock clock;
	struct chance chance;
	struct claim *claim;
	struct hosts *hosts; /* of the file of --hosts; NULL: there is none */
	struct hosts *next;  /* when all programs are ready for it */
	struct again again;  /* the process that reads the file again */
	struct hosts_soon soon;
	uint8_t frame[PKTSOCK_MAXFRAME];
};

/* refuse what could never be answered for, before anything is sent */
static void
check_wanted(const struct app *a)
{
	char wrong[CHECK_TEXT];
	size_t i;

	for (i = 0; i < a->o.want.n; i++)
		if (!check_prefix(&a->o.except, &a->o.want.p[i], wrong))
			die(EXIT_WRONG, "%s", wrong);
	if (a->hosts != NULL && !check_hosts(&a->o.except, a->hosts, wrong))
		die(EXIT_WRONG, "%s", wrong);
}

/* load_hosts - a wrong line is the user's mistake, as a wrong option is */
static void
load_hosts(struct app *a)
{
	const struct again_config cf = {.path = a->o.hosts};

	a->again.sock = -1;
	if (a->o.hosts == NULL)
		return;
	a->hosts = again_load(&a->again, &cf, a->o.table);
	/* in packet time it goes on as it began */
	if (a->o.stamps)
		a->again.sock = -1;
	else
		again_start(&a->again, &cf, a->hosts);
	hangup_catch();
	a->o.cf.hosts = a->hosts;
}

/* on_watch, on_watched, on_hangup - the file is read again; the interface */
static size_t
on_watch(void *ctx, struct pollfd *p)
{
	struct app *a = ctx;

	p[0] = (struct pollfd){.fd = again_socket(&a->again), .events = POLLIN};
	p[1] = (struct pollfd){.fd = a->away.carrier.fd, .events = POLLIN};
	return 2;
}

/* may_be - false, after a message: there is a host that cannot be claimed */
static bool
may_be(struct app *a, const struct hosts *h)
{
	char wrong[CHECK_TEXT];

	if (own_again(&a->own, &a->o) != 0)
		snprintf(wrong, sizeof(wrong),
		    "read addresses of this host: %s", strerror(errno));
	else if (check_hosts(&a->o.except, h, wrong))
		return true;
	again_stays(wrong);
	return false;
}

static void
hosts_news(struct app *a, uint64_t now)
{
	struct hosts *h;

	switch (again_news(&a->again, &h)) {
	case AGAIN_NOTHING:
		break;
	case AGAIN_TABLE:
		hosts_free(a->next);
		a->next = h;
		again_vote(&a->again, may_be(a, h));
		break;
	case AGAIN_TAKE:
		claim_except(a->claim, a->o.except.p, a->o.except.n);
		claim_hosts(a->claim, now, a->next);
		hosts_free(a->hosts);
		a->hosts = a->next;
		a->next = NULL;
		again_trim();
		break;
	case AGAIN_DROP:
		hosts_free(a->next);
		a->next = NULL;
		break;
	}
}

static void
on_watched(void *ctx, const struct pollfd *p, size_t n, uint64_t now)
{
	struct app *a = ctx;

	if (p[0].revents != 0)
		hosts_news(a, now);
	if (p[1].revents != 0)
		away_news(&a->away, a->claim, now);
}

static void
on_hangup(void *ctx, uint64_t now)
{
	again_hangup(&((struct app *)ctx)->again);
}

static void
on_soon(void *ctx, const uint8_t *frame, size_t len)
{
	struct app *a = ctx;

	hosts_soon_frame(a->hosts, &a->soon, frame, len);
}

static void
open_packets(struct app *a)
{
	if (a->o.live) {
		if (gate_open(&a->gate, a->o.ifname,
			PKTSOCK_PROMISC | PKTSOCK_OUTGOING,
			filter_neigh()) == -1)
			die(a->gate.status, "open %s: %s", a->o.ifname,
			    a->gate.error);
		away_start(&a->away, a->o.ifname);
		memcpy(a->host.b, a->gate.mac, sizeof a->host.b);
		a->o.cf.host = &a->host;
		if (own_find(&a->own, &a->o, a->again.sock >= 0) == -1)
			die(EXIT_WRONG, "read addresses of this host: %s",
			    strerror(errno));
		return;
	}
	stage_refuse_tty();
	if (stream_in_init(&a->in) == -1 ||
	    stream_out_init(&a->out, OUT_CAP) == -1)
		die(EXIT_WRONG, "keep packets: %s", strerror(errno));
	if (a->hosts != NULL)
		stream_in_soon(&a->in, on_soon, a);
	stage_pipes();
}

static void
on_send(void *ctx, uint64_t now, const uint8_t *frame, size_t n)
{
	struct app *a = ctx;

	if (!a->o.live)
		stream_out_put(&a->out, now, frame, n, NULL, 0);
	else if (gate_send(&a->gate, frame, n) == -1)
		a->unsent++;
}

static void
on_event(void *ctx, uint64_t now, const struct claim_event *ev)
{
	struct app *a = ctx;
	char mac[MAC_TEXT];

	if (!a->o.verbose && strcmp(ev->name, "answer") == 0)
		return;
	event_begin(&a->log, now, ev->local, 0, ev->remote, 0, ev->name);
	if (ev->bits != 0)
		event_num(&a->log, "len", ev->bits);
	if (ev->why != NULL)
		event_text(&a->log, "why", ev->why);
	if (ev->mac != NULL)
		event_text(&a->log, "mac", mac_text(ev->mac, mac));
	if (ev->count > 0)
		event_num(&a->log, "count", ev->count);
	if (ev->not_told > 0)
		event_num(&a->log, "not_told", ev->not_told);
	event_end(&a->log);
}

static void
make_claim(struct app *a)
{
	const struct claim_calls calls = {
	    .ctx = a, .send = on_send, .event = on_event};

	if (!a->o.seeded && chance_from_kernel(&a->o.seed) == -1)
		die(EXIT_WRONG, "draw a seed: %s", strerror(errno));
	chance_seed(&a->chance, a->o.seed);
	a->o.cf.want = a->o.want.p;
	a->o.cf.nwant = a->o.want.n;
	a->o.cf.except = a->o.except.p;
	a->o.cf.nexcept = a->o.except.n;
	a->claim = claim_new(&a->o.cf, &calls, &a->chance);
	if (a->claim == NULL)
		die(EXIT_WRONG, "keep the claim: %s", strerror(errno));
}

static void
enter_sandbox(struct app *a, int argc, char **argv)
{
	unsigned uses = SANDBOX_LIBC;
	unsigned more = (a->o.log_path != NULL) + 2 * (a->hosts != NULL);
	struct sandbox_rights rights;
	char args[EVENT_ARGS], text[SANDBOX_TEXT];

	if (more > 0)
		uses |= SANDBOX_REOPEN;
	if (a->hosts != NULL)
		uses |= SANDBOX_MAP;
	if (sandbox_enter(more, uses, &rights) == -1)
		die(EXIT_WRONG, "give up privileges: %s", strerror(errno));
	event_args(args, argc, argv);
	event_start(&a->log, a->o.stamps ? 0 : clock_now(&a->clock), args,
	    a->o.seeded ? &a->o.seed : NULL, sandbox_text(&rights, text));
	event_flush(&a->log);
}

/* is there a reason not to go on? */
static bool
is_over(const struct app *a)
{
	struct ip_addr addr;
	struct mac mac;

	return claim_verdict(a->claim, &addr, &mac) != CLAIM_GOES_ON;
}

static int
input_live(struct app *a)
{
	ssize_t n;
	uint64_t ts;

	away_slept(&a->away, a->claim, clock_now(&a->clock));
	for (int i = 0; i < BURST && !is_over(a); i++) {
		n = gate_recv(&a->gate, a->frame, sizeof a->frame, &ts);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 1;
		if (n < 0)
			return -1;
		if (n > 0)
			away_frame(&a->away, a->claim, clock_now(&a->clock),
			    a->gate.sent, a->frame, (size_t)n, ts);
	}
	return is_over(a) ? -1 : 1;
}

/* by the stamps: timers that were due before this record go first */
static uint64_t
advance(struct app *a, uint64_t ts)
{
	uint64_t at;

	if (ts > a->now)
		a->now = ts;
	if (!a->started)
		claim_start(a->claim, a->now);
	a->started = true;
	while ((at = claim_deadline(a->claim)) < a->now)
		claim_timer(a->claim, at);
	return a->now;
}

/* the input's end, by the stamps: what is still to come, at once */
static void
run_out(struct app *a)
{
	uint64_t at;

	while ((at = claim_deadline(a->claim)) != TIME_NEVER) {
		a->now = at;
		claim_timer(a->claim, at);
	}
}

static int
input_records(struct app *a, uint64_t now)
{
	struct stream_rec rec;
	int r;

	while ((r = stream_in_next_soon(&a->in, &rec)) == 1) {
		if (a->o.stamps)
			now = advance(a, rec.ts);
		if (rec.caplen < rec.len)
			a->cut++;
		else if (rec.caplen > 0)
			claim_input(a->claim, now, rec.data, rec.caplen);
		if (is_over(a))
			return -1;
	}
	return r;
}

static int
input_stream(struct app *a, uint64_t now)
{
	ssize_t n = stream_in_read(&a->in, STDIN_FILENO);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -1;
	if (n > 0)
		return input_records(a, now) == 0 ? 1 : -1;
	if (stream_in_end(&a->in) == -1)
		return -1;
	if (a->o.stamps)
		run_out(a);
	return 0;
}

static int
on_input(void *ctx, uint64_t now)
{
	struct app *a = ctx;

	return a->o.live ? input_live(a) : input_stream(a, now);
}

static uint64_t
on_deadline(void *ctx)
{
	return claim_deadline(((struct app *)ctx)->claim);
}

static void
on_timer(void *ctx, uint64_t now)
{
	claim_timer(((struct app *)ctx)->claim, now);
}

static void
get_totals(struct app *a, struct claim_totals *t)
{
	uint64_t dropped = 0, unsent = 0;

	claim_totals(a->claim, t);
	if (a->o.live)
		gate_counts(&a->gate, &dropped, &unsent);
	t->dropped += dropped + unsent + a->unsent + a->cut + a->out.dropped;
}

static void
on_summary(void *ctx)
{
	struct claim_totals t;

	get_totals(ctx, &t);
	say("%llu answered, %llu conflicts, %llu dropped",
	    (unsigned long long)t.answered, (unsigned long long)t.conflicts,
	    (unsigned long long)t.dropped);
}

static int
log_end(struct app *a)
{
	struct claim_totals t;

	get_totals(a, &t);
	event_begin(&a->log, a->o.stamps ? a->now : clock_now(&a->clock), NULL,
	    0, NULL, 0, "end");
	event_num(&a->log, "answered", t.answered);
	event_num(&a->log, "conflicts", t.conflicts);
	event_num(&a->log, "yielded", t.yielded);
	event_num(&a->log, "dropped", t.dropped);
	event_num(&a->log, "lost_lines", a->log.lost_all);
	event_end(&a->log);
	return event_close(&a->log) == 0 ? EXIT_DONE : EXIT_NO;
}

/* why it is over, and the exit status for it */
static int
finish(struct app *a, enum stage_end end, int error)
{
	enum claim_verdict v;
	struct ip_addr addr;
	struct mac mac;
	char ip[IP_TEXT], at[MAC_TEXT];
	int status;

	if (a->o.live)
		gate_close(&a->gate);
	status = log_end(a);
	v = claim_verdict(a->claim, &addr, &mac);
	if (v != CLAIM_GOES_ON) {
		say("claim %s: in use by %s", ip_text(&addr, ip),
		    mac_text(&mac, at));
		return EXIT_NO;
	}
	if (end == STAGE_FAILED && a->in.error[0] != '\0')
		die(a->in.status, "read stdin: %s", a->in.error);
	if (end == STAGE_FAILED)
		die(EXIT_NO, "%s %s: %s", a->o.live ? "use" : "write",
		    a->o.live ? a->o.ifname : "stdout", strerror(error));
	if (!a->o.quiet && end != STAGE_READER_GONE)
		on_summary(a);
	return status;
}

int
main(int argc, char **argv)
{
	static struct app a = {.own.look = -1, .away.carrier.fd = -1};
	enum stage_end end;

	die_start(argv);
	options_read(&a.o, argc, argv);
	load_hosts(&a);
	open_packets(&a);
	check_wanted(&a);
	event_open(&a.log, a.o.log_path, a.o.json);
	if (a.o.log_path != NULL)
		event_reopen(&a.log,
		    opener_start(a.o.log_path, EVENT_LOG_FLAGS), opener_ask);
	make_claim(&a);
	clock_start_sleeps(&a.clock);
	stage_signals();
	enter_sandbox(&a, argc, argv);

	struct stage st = {
	    .clock = &a.clock,
	    .ctx = &a,
	    .log = &a.log,
	    .in = a.o.live ? a.gate.fd : STDIN_FILENO,
	    .out = a.o.live ? -1 : STDOUT_FILENO,
	    .stream = a.o.live ? NULL : &a.out,
	    .input = on_input,
	    .summary = on_summary,
	    .deadline = a.o.stamps ? NULL : on_deadline,
	    .timer = on_timer,
	    .hangup = on_hangup,
	    .watch = on_watch,
	    .watched = on_watched,
	    .watch_max = 2,
	    .from = a.o.stamps ? &a.in : NULL,
	};
	if (!a.o.stamps)
		claim_start(a.claim, clock_now(&a.clock));
	end = stage_run(&st);
	return finish(&a, end, errno);
}
