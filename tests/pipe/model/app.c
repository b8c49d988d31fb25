/*
 * app.c - what a stage does: each record goes on, into the stream or, where
 * there is no room, to the count of those that are dropped; or the reader is
 * waited for, as in packet time.
 */
#include <errno.h>
#include <string.h>

#include "model.h"

enum { HOPS = 1 }; /* of a record in a ring */

static void
hand_on(struct proc *p, const struct stream_rec *rec)
{
	if (m.plan->kind == RING && p == proc &&
	    rec->data[PACKET - 1]++ >= HOPS) {
		p->swallowed++;
		return;
	}
	if (p->blocks && stream_out_room(&p->out) < rec->caplen &&
	    stage_drain(&p->st, &p->out, 1) != 0) {
		p->gave_up = true;
		stream_out_forget(&p->out);
	}
	stream_out_put(&p->out, rec->ts, rec->data, rec->caplen, NULL, 0);
}

static int
on_input(void *ctx, uint64_t now)
{
	struct proc *p = ctx;
	struct stream_rec rec;
	ssize_t n = stream_in_read(&p->in, 0);
	int r = 0;

	(void)now;
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -1;
	if (n == 0)
		r = stream_in_end(&p->in);
	while (n > 0 && (r = stream_in_next(&p->in, &rec)) == 1)
		hand_on(p, &rec);
	p->error = r < 0;
	return r < 0 ? -1 : n > 0;
}

static void
on_summary(void *ctx)
{
	struct proc *p = ctx;

	p->asked++;
}

void
app_body(void)
{
	struct proc *p = kernel_current();

	stage_signals();
	stream_in_init(&p->in);
	stream_out_init(&p->out, m.plan->room);
	p->st = (struct stage){
	    .ctx = p,
	    .in = 0,
	    .out = 1,
	    .stream = &p->out,
	    .may_block = p->blocks,
	    .input = on_input,
	    .summary = on_summary,
	};
	p->end = stage_run(&p->st);
	p->over = true;
	p->end_at = m.now;
	p->gave_up |= stream_out_waiting(&p->out) > 0;
	m.q[p->from].reader = false;
	m.q[p->to].writer = false;
}
