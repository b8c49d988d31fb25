/*
 * pipe-router - an IPv4 and IPv6 router as a filter: packet stream in, packet
 * stream out. See pipe-router(1).
 *
 * main() and what only it does: the stream and the end. What is forwarded is
 * common/route's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "pipe/pass.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "route/route.h"

#include "options.h"

enum { OUT_CAP = 2 << 20, HEAD = 14 };

struct app {
	struct options o;
	uint64_t now; /* by the timestamps */
	uint64_t cut; /* records that hold less than the packet had */
	int error;    /* of the first write that failed; 0: none */
	struct stream_in in;
	struct stream_out out;
	struct pass pass;     /* of them: what leaves from where it was read */
	struct slots slots;   /* and where that is, when it is lent */
	bool much;	      /* the last read brought so much that it pays */
	unsigned pipes;	      /* 0: stdout has never been another */
	const uint8_t *frame; /* that of the record at hand, or NULL */
	struct clock clock;
	struct router *r;
	struct stage st;
};

static void
on_send(void *ctx, uint64_t now, const uint8_t *frame, size_t len)
{
	struct app *a = ctx;
	const struct pass_to to = {
	    &a->out, STDOUT_FILENO, &a->st.full, &a->pipes};

	/* in packet time nothing is dropped: the reader is waited for */
	if (a->o.stamps && stream_out_room(&a->out) < len &&
	    stage_drain(&a->st, &a->out, STDOUT_FILENO) != 0) {
		if (errno != EINTR)
			a->error = errno;
		stream_out_forget(&a->out);
	}
	if (frame == a->frame && pass_put(&a->pass, &to, now, frame, HEAD,
				     frame + HEAD, len - HEAD, true))
		return;
	pass_end(&a->pass);
	stream_out_put(&a->out, now, frame, len, NULL, 0);
}

/* by_stamp - the time of a record; what was due before it comes first */
static uint64_t
by_stamp(struct app *a, uint64_t ts)
{
	uint64_t at;

	if (ts > a->now)
		while ((at = router_deadline(a->r)) <= ts)
			router_timer(a->r, a->now = at);
	if (ts > a->now)
		a->now = ts;
	return a->now;
}

/* input - a frame that is forwarded as it lies there need not be copied */
static void
input(struct app *a, uint64_t now, const struct stream_rec *rec)
{
	a->frame = a->o.stamps || rec->caplen < HEAD ? NULL : rec->data;
	router_input(a->r, now, rec->data, rec->caplen);
	a->frame = NULL;
}

static int
take_records(struct app *a, uint64_t now)
{
	struct stream_rec rec;
	int n;

	while (a->error == 0 && (n = stream_in_next(&a->in, &rec)) != 0) {
		if (n < 0) {
			pass_end(&a->pass);
			return -1;
		}
		if (a->o.stamps)
			now = by_stamp(a, rec.ts);
		if (rec.caplen < rec.len)
			a->cut++;
		else if (rec.caplen > 0)
			input(a, now, &rec);
	}
	pass_end(&a->pass);
	return a->error == 0 ? 1 : -1;
}

static int
on_input(void *ctx, uint64_t now)
{
	struct app *a = ctx;
	ssize_t n;

	slots_turn(&a->slots, &a->in, a->much);
	n = stream_in_read_some(&a->in, STDIN_FILENO,
	    a->slots.tail != NULL ? SLOT_HOP : STREAM_HOP);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -1;
	a->much = n >= STREAM_HOP / 2 && !a->o.stamps;
	a->pass.slots = a->much ? &a->slots : NULL;
	if (n > 0)
		return take_records(a, now);
	while (a->o.stamps && router_deadline(a->r) != TIME_NEVER)
		router_timer(a->r, router_deadline(a->r));
	return stream_in_end(&a->in);
}

static uint64_t
on_deadline(void *ctx)
{
	struct app *a = ctx;

	return a->o.stamps ? TIME_NEVER : router_deadline(a->r);
}

static void
on_timer(void *ctx, uint64_t now)
{
	struct app *a = ctx;

	router_timer(a->r, now);
}

/* drops_text - ", 3 ttl, 2 no-route" into buf; returns buf */
static const char *
drops_text(const struct app *a, char *buf, size_t size)
{
	const struct route_stats *s = router_stats(a->r);
	size_t n = 0;
	int i;

	buf[0] = '\0';
	for (i = 0; i < ROUTE_DROPS; i++)
		if (s->dropped[i] > 0 && n < size)
			n += (size_t)snprintf(buf + n, size - n, ", %llu %s",
			    (unsigned long long)s->dropped[i],
			    route_drop_name((enum route_drop)i));
	if (a->cut > 0 && n < size)
		n += (size_t)snprintf(buf + n, size - n, ", %llu cut",
		    (unsigned long long)a->cut);
	if (a->out.dropped > 0 && n < size)
		snprintf(buf + n, size - n, ", %llu output",
		    (unsigned long long)a->out.dropped);
	return buf;
}

static void
on_summary(void *ctx)
{
	struct app *a = ctx;
	const struct route_stats *s = router_stats(a->r);
	char drops[400];

	say("%llu frames, %llu forwarded, %llu fragmented, %llu translated, "
	    "%llu answered, %llu errors sent, %llu not sent; dropped: %s",
	    (unsigned long long)s->frames, (unsigned long long)s->forwarded,
	    (unsigned long long)s->fragmented,
	    (unsigned long long)s->translated, (unsigned long long)s->answered,
	    (unsigned long long)s->errors, (unsigned long long)s->limited,
	    drops_text(a, drops, sizeof(drops))[0] == '\0' ? "none"
							   : drops + 2);
}

static void
acquire(struct app *a)
{
	struct sandbox_rights got;

	if (!a->o.seeded && chance_from_kernel(&a->o.cf.seed) != 0)
		die(EXIT_WRONG, "draw a seed: %s: give -S", strerror(errno));
	a->o.cf.ctx = a;
	a->o.cf.send = on_send;
	a->r = router_new(&a->o.cf);
	if (a->r == NULL || stream_in_init(&a->in) != 0 ||
	    stream_out_init(&a->out, OUT_CAP) != 0)
		die(EXIT_NO, "start: out of memory");
	stage_pipes();
	clock_start(&a->clock);
	stage_signals();
	if (sandbox_enter(
		0, SANDBOX_LIBC | SANDBOX_GIFT | SANDBOX_HELD, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
}

/* finish - why it is over, and the exit status for it */
static int
finish(struct app *a, enum stage_end end, int error)
{
	if (a->error != 0)
		error = a->error;
	stage_check(end, &a->in, error);
	if (!a->o.quiet)
		on_summary(a);
	return EXIT_DONE;
}

int
main(int argc, char **argv)
{
	static struct app a = {.o.cf = {.ttl = 64,
				   .error_rate = 100,
				   .nat_max = 4096,
				   .neighbours = 1024,
				   .frag_bytes = 4 << 20}};
	enum stage_end end;

	a.st = (struct stage){
	    .clock = &a.clock,
	    .ctx = &a,
	    .in = STDIN_FILENO,
	    .out = STDOUT_FILENO,
	    .stream = &a.out,
	    .input = on_input,
	    .deadline = on_deadline,
	    .timer = on_timer,
	    .summary = on_summary,
	};
	die_start(argv);
	options_read(&a.o, argc, argv);
	a.st.may_block = a.o.stamps;
	a.st.from = a.o.stamps ? &a.in : NULL;
	stage_refuse_tty();
	acquire(&a);
	end = stage_run(&a.st);
	return finish(&a, end, errno);
}
