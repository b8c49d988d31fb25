/*
 * icmp-phantom - answer ping and UDP for phantoms: packet stream in, answers
 * out.
 *
 * main() and what only it does: the stream, the log, the end. What is
 * answered is responder.c's.
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
#include "base/syscalls.h"
#include "command/room.h"
#include "command/spawn.h"
#include "hosts/hosts.h"
#include "linux/opener.h"
#include "linux/sandbox.h"
#include "log/event.h"
#include "log/probe.h"
#include "pipe/replies.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "commands.h"
#include "net.h"
#include "responder.h"

#include "options.h"

enum {
	OUT_CAP = 2 << 20, /* thirty pings of 64 KiB; */
	FLOOD = 128 << 10, /* in a flood two, or a thousand small ones */
};

struct app {
	struct options o;
	uint64_t now; /* by the stamps */
	uint64_t cut; /* records that hold less than the packet had */
	int error;    /* of the first write that failed; 0: none */
	bool started;
	char args[EVENT_ARGS], rights[SANDBOX_TEXT];
	struct stream_in in;
	struct stream_out out;
	struct replies replies;
	struct event_log log;
	struct probes probes;
	struct clock clock;
	struct chance chance;
	struct responder *r;
	struct commands *commands; /* NULL: the hosts have none for UDP */
	struct stage st;
	struct net net;
	struct hosts_soon soon;
};

static void
on_soon(void *ctx, const uint8_t *frame, size_t len)
{
	struct app *a = ctx;

	hosts_soon_frame(a->net.is.hosts, &a->soon, frame, len);
}

static void
on_send(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	struct app *a = ctx;

	/* in packet time nothing is dropped: the reader is waited for */
	if (a->o.stamps && stream_out_room(&a->out) < hlen + dlen &&
	    stage_drain(&a->st, &a->out, STDOUT_FILENO) != 0) {
		if (errno != EINTR)
			a->error = errno;
		stream_out_forget(&a->out);
	}
	if (!a->o.stamps && !responder_again(a->r) &&
	    !replies_may(&a->replies, &a->out, now, hlen + dlen))
		a->out.dropped++;
	else if (stream_out_put(&a->out, now, head, hlen, data, dlen))
		replies_put(&a->replies, hlen + dlen);
}

static void
on_event(void *ctx, const struct responder_event *ev)
{
	struct app *a = ctx;
	bool is_answer = ev->kind != NULL;

	if (is_answer && !a->o.verbose)
		return;
	event_begin(&a->log, ev->stamp, ev->local, ev->lport, ev->remote,
	    ev->rport, ev->name);
	if (is_answer) {
		event_text(&a->log, "kind", ev->kind);
		event_num(&a->log, "len", ev->len);
		event_num(&a->log, "ttl", ev->ttl);
	}
	if (ev->numbered) {
		event_num(&a->log, "id", ev->id);
		event_num(&a->log, "seq", ev->seq);
	}
	if (ev->why != NULL)
		event_text(&a->log, "why", ev->why);
	if (ev->count > 0)
		event_num(&a->log, "count", ev->count);
	if (ev->mtu > 0)
		event_num(&a->log, "mtu", ev->mtu);
	event_num(&a->log, "frame", ev->frame);
	event_end(&a->log);
}

/* on_probe - one line for many, later */
static void
on_probe(void *ctx, uint64_t now, const struct responder_event *ev)
{
	struct app *a = ctx;
	const struct probe_seen seen = {.kind = ev->kind,
	    .local = ev->local,
	    .remote = ev->remote,
	    .port = ev->lport,
	    .has_port = ev->rport != 0 || ev->lport != 0,
	    .stamp = ev->stamp};

	probes_note(&a->probes, now, &seen);
}

/* ---- commands */

static bool
on_command(void *ctx, const struct responder_ask *ask)
{
	struct app *a = ctx;

	return a->commands != NULL && commands_take(a->commands, ask);
}

static void
on_reply(void *ctx, uint64_t now, const struct responder_ask *ask,
    const uint8_t *data, size_t n)
{
	struct app *a = ctx;

	responder_reply(a->r, now, ask, data, n);
}

static void
on_excess(void *ctx, uint64_t now, const struct responder_ask *ask)
{
	struct app *a = ctx;

	responder_excess(a->r, now, ask);
}

/*
 * open_commands - start the spawner where a UDP line names a command, or may
 * do so later. Later commands come through the descriptor told, which is
 * closed here
 */
static void
open_commands(struct app *a, int told)
{
	struct commands_config cf = {
	    .max = a->o.commands > 0 ? a->o.commands : COMMANDS_MAX,
	    .ctx = a,
	    .answer = on_reply,
	    .excess = on_excess};
	struct spawn_config spawn = {.max = cf.max,
	    .more = told,
	    .user = a->o.user,
	    .guard = a->o.guard};
	bool now = a->o.cf.hosts != NULL &&
		   hosts_serve(a->o.cf.hosts, PROTO_UDP, SERVICE_COMMAND);

	if (!now && told < 0)
		return;
	if (now && a->o.stamps)
		die_usage("-T: a udp line of the file has a command, and what "
			  "that sends has no time of the packets");
	if (chance_from_kernel(&cf.key[0]) != 0 ||
	    chance_from_kernel(&cf.key[1]) != 0)
		die(EXIT_WRONG, "get a secret: %s", strerror(errno));
	spawn.command = hosts_commands(a->o.cf.hosts, &spawn.n);
	cf.sock = spawn_begin(&spawn);
	if (told >= 0)
		close(told);
	a->commands = commands_new(&cf);
	if (a->commands == NULL)
		die(EXIT_NO, "start: out of memory");
	room_for(2 * cf.max);
	a->st.watch_max = 1 + commands_watch_max(a->commands);
}

/* on_watch, on_watched - the commands, and the process that reads the file of
   --hosts again */
static size_t
on_watch(void *ctx, struct pollfd *p)
{
	struct app *a = ctx;

	p[0] = (struct pollfd){
	    .fd = again_socket(&a->net.again), .events = POLLIN};
	return 1 +
	       (a->commands != NULL ? commands_watch(a->commands, p + 1) : 0);
}

static void
on_watched(void *ctx, const struct pollfd *p, size_t n, uint64_t now)
{
	struct app *a = ctx;

	if (a->commands != NULL)
		commands_watched(a->commands, p + 1, n - 1, now);
	if (a->commands != NULL && commands_gone(a->commands))
		a->st.finished = true;
	if (p[0].revents != 0)
		net_take(&a->net, a->r);
}

static void
acquire(struct app *a)
{
	const struct responder_calls calls = {.ctx = a,
	    .send = on_send,
	    .event = on_event,
	    .probe = on_probe,
	    .command = on_command};
	int told;

	told = net_open(&a->net, &a->o);
	open_commands(
	    a, told); /* before there is a log that a command could have */
	event_open(&a->log, a->o.log_path, a->o.json);
	if (a->o.log_path != NULL)
		event_reopen(&a->log,
		    opener_start(a->o.log_path, EVENT_LOG_FLAGS), opener_ask);
	if (!a->o.seeded && chance_from_kernel(&a->o.seed) == -1)
		die(EXIT_WRONG, "draw a seed: %s: give -S", strerror(errno));
	chance_seed(&a->chance, a->o.seed);
	if (a->o.seeded)
		event_seed(&a->log, a->o.seed);
	a->r = responder_new(&a->o.cf, &calls, &a->chance);
	if (a->r == NULL || probes_init(&a->probes, &a->log) == -1 ||
	    stream_in_init(&a->in) == -1 ||
	    stream_out_init(&a->out, OUT_CAP) == -1)
		die(EXIT_NO, "start: out of memory");
	if (a->net.is.hosts != NULL)
		stream_in_soon(&a->in, on_soon, a);
	replies_start(&a->replies, STDOUT_FILENO, OUT_CAP, FLOOD);
	stage_pipes();
	clock_start_sleeps(&a->clock);
}

static void
enter_sandbox(struct app *a)
{
	unsigned uses = SANDBOX_LIBC | SANDBOX_HELD, files = 0;
	struct sandbox_rights got;

	if (a->o.log_path != NULL || a->o.hosts != NULL) {
		uses |= SANDBOX_REOPEN;
		files += 2;
	}
	if (a->o.hosts != NULL)
		uses |= SANDBOX_MAP;
	if (a->commands != NULL) {
		uses |= SANDBOX_COMMANDS;
		files += 2 * (unsigned)commands_watch_max(a->commands);
	}
	if (sandbox_enter(files, uses, &got) == -1)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	sandbox_text(&got, a->rights);
}

/* start - the log's first line, when the first time is known */
static void
start(struct app *a, uint64_t now)
{
	a->started = true;
	event_start(
	    &a->log, now, a->args, a->o.seeded ? &a->o.seed : NULL, a->rights);
}

/* by_stamp - the time of this record; it does not go back */
static uint64_t
by_stamp(struct app *a, uint64_t ts)
{
	if (ts > a->now)
		a->now = ts;
	if (!a->started)
		start(a, a->now);
	probes_due(&a->probes, a->now, false);
	return a->now;
}

static int
take_records(struct app *a, uint64_t now)
{
	struct stream_rec rec;
	int n;

	while (a->error == 0 && (n = stream_in_next_soon(&a->in, &rec)) != 0) {
		if (n < 0)
			return -1;
		if (a->o.stamps)
			now = by_stamp(a, rec.ts);
		if (rec.caplen < rec.len)
			a->cut++;
		else if (rec.caplen > 0)
			responder_input(a->r, now, rec.data, rec.caplen, rec.ts,
			    a->in.count);
	}
	return a->error == 0 ? 1 : -1;
}

static int
on_input(void *ctx, uint64_t now)
{
	struct app *a = ctx;
	ssize_t n = stream_in_read(&a->in, STDIN_FILENO);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -1;
	if (n == 0)
		return stream_in_end(&a->in);
	return take_records(a, now);
}

/* on_deadline, on_timer - live: probes that have waited for their line */
static uint64_t
on_deadline(void *ctx)
{
	struct app *a = ctx;
	uint64_t at = probes_deadline(&a->probes);

	if (a->commands != NULL && commands_deadline(a->commands) < at)
		at = commands_deadline(a->commands);
	return a->o.stamps ? TIME_NEVER : at;
}

static void
on_timer(void *ctx, uint64_t now)
{
	struct app *a = ctx;

	probes_due(&a->probes, now, false);
	if (a->commands != NULL)
		commands_timer(a->commands, now);
}

static void
on_hangup(void *ctx, uint64_t now)
{
	again_hangup(&((struct app *)ctx)->net.again);
}

static uint64_t
dropped(const struct app *a, const struct responder_totals *t)
{
	return t->dropped + a->cut + a->out.dropped;
}

static void
on_summary(void *ctx)
{
	struct app *a = ctx;
	struct responder_totals t;

	responder_totals(a->r, &t);
	say("%llu echo replies, %llu port unreachable, %llu packets dropped",
	    (unsigned long long)t.echoes, (unsigned long long)t.unreachable,
	    (unsigned long long)dropped(a, &t));
}

static int
log_end(struct app *a)
{
	struct responder_totals t;

	uint64_t now = a->o.stamps ? a->now : clock_now(&a->clock);

	probes_due(&a->probes, now, true);
	responder_totals(a->r, &t);
	event_begin(&a->log, now, NULL, 0, NULL, 0, "end");
	event_num(&a->log, "frames", t.frames);
	event_num(&a->log, "foreign", t.foreign);
	event_num(&a->log, "echoes", t.echoes);
	event_num(&a->log, "timestamps", t.timestamps);
	event_num(&a->log, "unreachable", t.unreachable);
	event_num(&a->log, "datagrams", t.datagrams);
	event_num(&a->log, "problems", t.problems);
	event_num(&a->log, "dropped", t.dropped);
	event_num(&a->log, "cut", a->cut);
	event_num(&a->log, "output_dropped", a->out.dropped);
	event_num(&a->log, "lost_lines", a->log.lost_all);
	event_end(&a->log);
	return event_close(&a->log) == 0 ? EXIT_DONE : EXIT_NO;
}

/* finish - why it is over, and the exit status for it */
static int
finish(struct app *a, enum stage_end end, int error)
{
	int status = log_end(a);

	if (a->error != 0)
		error = a->error;
	stage_check(end, &a->in, error);
	if (a->commands != NULL && commands_gone(a->commands)) {
		say("start commands: the process that does it has ended");
		status = EXIT_NO;
	}
	if (end == STAGE_SIGNAL && !a->o.quiet)
		on_summary(a);
	return status;
}

int
main(int argc, char **argv)
{
	static struct app a = {.o.cf = {.mtu = 1500,
				   .ttl = 64,
				   .echo_rate = 10000,
				   .error_rate = 1000,
				   .frag_bytes = 4 << 20}};
	enum stage_end end;

	a.st = (struct stage){
	    .clock = &a.clock,
	    .ctx = &a,
	    .in = STDIN_FILENO,
	    .out = STDOUT_FILENO,
	    .stream = &a.out,
	    .log = &a.log,
	    .input = on_input,
	    .deadline = on_deadline,
	    .timer = on_timer,
	    .watch = on_watch,
	    .watched = on_watched,
	    .watch_max = 1,
	    .summary = on_summary,
	    .hangup = on_hangup,
	};
	die_start(argv);
	options_read(&a.o, argc, argv);
	a.st.may_block = a.o.stamps;
	a.st.from = a.o.stamps ? &a.in : NULL;
	stage_refuse_tty();
	acquire(&a);
	stage_signals();
	event_args(a.args, argc, argv);
	enter_sandbox(&a);
	if (!a.o.stamps)
		start(&a, clock_now(&a.clock));
	end = stage_run(&a.st);
	return finish(&a, end, errno);
}
