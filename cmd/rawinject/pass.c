/*
 * pass.c - no interface: what would be sent goes on in the pipe.
 */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "linux/sandbox.h"
#include "rawinject.h"
#include "wire/ether.h"

enum { OUT_BYTES = 1 << 20 };

struct passing {
	struct stage st;
	struct stream_out out;
	struct rawinject *rj;
};

static void
pass_record(struct passing *ps, const struct stream_rec *rec)
{
	struct batch *b = &ps->rj->batch;

	if (rec->caplen < rec->len) {
		b->cut++;
	} else if (rec->caplen < ETHER_HLEN) {
		/* an empty record is a wake-up in a recorded run */
		b->refused += rec->caplen > 0;
	} else {
		b->sent++;
		b->lost += !stream_out_put(
		    &ps->out, rec->ts, rec->data, rec->caplen, NULL, 0);
	}
}

static int
input(void *ctx, uint64_t now)
{
	struct passing *ps = ctx;
	struct rawinject *rj = ps->rj;
	struct stream_rec rec;
	ssize_t n;
	int r;

	n = stream_in_read(&rj->in, STDIN_FILENO);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0)
		rj->error = errno;
	rj->eof = n == 0;
	if (n <= 0)
		return 0;
	while ((r = stream_in_next(&rj->in, &rec)) > 0)
		pass_record(ps, &rec);
	return r == 0;
}

static void
summary(void *ctx)
{
	struct passing *ps = ctx;

	rawinject_summary(ps->rj);
}

enum stage_end
pass(struct rawinject *rj)
{
	static struct passing ps;
	struct clock clock;

	clock_start(&clock);
	ps.rj = rj;
	ps.st = (struct stage){.clock = &clock,
	    .ctx = &ps,
	    .in = STDIN_FILENO,
	    .out = STDOUT_FILENO,
	    .stream = &ps.out,
	    .may_block = true,
	    .input = input,
	    .summary = summary};
	if (stream_out_init(&ps.out, OUT_BYTES) != 0)
		return STAGE_FAILED;
	stream_pipe_size(STDOUT_FILENO);
	rj->locked = lock_in(rj->verbose) == 0;
	return rj->locked ? stage_run(&ps.st) : STAGE_FAILED;
}
