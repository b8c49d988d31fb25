/*
 * verdict.c - what must hold when nothing more can come: nobody waits for
 * somebody who waits for him, each end has its cause, and every packet has
 * arrived or is counted.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model.h"

/* a signal is heard at least every so many reads: loop.c */
enum { DEAF_MOST = 17 };

void
wrong(const char *format, ...)
{
	va_list args;

	if (m.wrong[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(m.wrong, sizeof(m.wrong), format, args);
	va_end(args);
}

/* ---- who has not ended */

/* silent - nobody writes to it, and nobody will */
static bool
silent(int i)
{
	if (m.plan->kind == RING)
		return true;
	return i == 0 ? m.silent : !proc[0].over;
}

/* held_up - nobody reads from it */
static bool
held_up(int i)
{
	const struct queue *q = &m.q[proc[i].to];

	if (q->n < q->cap || !q->reader)
		return false;
	return i == 0 ? proc[1].blocks && m.stalled : m.stalled;
}

static void
still_there(int i)
{
	const struct proc *p = &proc[i];
	const struct queue *in = &m.q[p->from];
	char name = (char)('A' + i);

	if (p->stop_at > 0 && !p->stopped)
		wrong("%c has not noticed a signal", name);
	else if (p->stop_at > 0)
		wrong("%c waits, though a signal has come", name);
	else if (p->to_ask && p->asked == 0)
		wrong("%c has not given its summary", name);
	else if (!m.q[p->to].reader)
		wrong("%c waits, though its reader has gone", name);
	else if (p->blocks && stream_out_waiting(&p->out) > 0 && held_up(i))
		return;
	else if (in->n == 0 && in->writer && silent(i) &&
		 (stream_out_waiting(&p->out) == 0 || held_up(i)))
		return;
	else if (in->n == 0 && !in->writer && held_up(i))
		return;
	else
		wrong("%c waits for ever: %zu bytes to read, %zu to write",
		    name, in->n, stream_out_waiting(&p->out));
}

/* ---- the ends */

static void
input_end(const struct proc *p, char name)
{
	if (m.q[p->from].n > 0 || m.q[p->from].writer)
		wrong("%c ended as its input, which has more", name);
	else if (p->in.end != p->in.start)
		wrong("%c ended well within a record", name);
	else if (stream_out_waiting(&p->out) > 0)
		wrong("%c ended with output that waits", name);
}

static void
failed(int i, char name)
{
	const struct proc *p = &proc[i];
	bool torn = i == 0 ? m.torn : proc[0].gave_up;

	if (p->error && !torn)
		wrong("%c: %s", name, p->in.error);
	if (!p->error && (m.plan->disk == 0 || i == 0))
		wrong("%c failed without a cause", name);
}

static void
one_end(int i)
{
	const struct proc *p = &proc[i];
	char name = (char)('A' + i);

	if (p->reads > DEAF_MOST)
		wrong(
		    "%c has read %d times after a signal", name, (int)p->reads);
	switch (p->end) {
	case STAGE_GOES_ON:
		wrong("%c ended without an end", name);
		break;
	case STAGE_INPUT_END:
		input_end(p, name);
		break;
	case STAGE_SIGNAL:
		if (p->stop_at == 0)
			wrong("%c ended by a signal that nobody sent", name);
		else if (p->gave_up && p->end_at < p->stop_at + NS_PER_SEC)
			wrong("%c has given up its reader at once", name);
		break;
	case STAGE_READER_GONE:
		if (m.q[p->to].reader)
			wrong("%c ended: its reader, which is there", name);
		break;
	case STAGE_FAILED:
		failed(i, name);
	}
}

/* ---- the packets */

/* whole - this many records are there, each later than the one before */
static uint64_t
whole(const uint8_t *p, size_t n, bool *rest)
{
	uint64_t count = 0;
	uint8_t want[RECORD];
	size_t at = STREAM_FILE_HLEN;
	int last = 0, k;

	for (; n >= at + RECORD; at += RECORD) {
		k = p[at + STREAM_REC_HLEN];
		stream_rec_head(want, (uint64_t)k, PACKET, PACKET);
		memset(want + STREAM_REC_HLEN, k, PACKET);
		if (memcmp(p + at, want, RECORD) != 0)
			wrong("record %d arrives damaged", (int)count + 1);
		if (m.plan->kind != RING && k <= last)
			wrong("packet %d arrives behind %d", k, last);
		last = k;
		count++;
	}
	*rest = n > 0 && n != at;
	return count;
}

/* gives_up - what it has not written may be lost */
static bool
gives_up(const struct proc *p)
{
	return !p->over || p->end == STAGE_READER_GONE || p->gave_up;
}

static void
of_file(uint64_t arrived, bool rest)
{
	const struct proc *p = &proc[1];

	if (rest)
		wrong("the file ends within a record");
	if (p->out.count != arrived + p->st.lost)
		wrong("%d records, %d in the file, %d counted as lost",
		    (int)p->out.count, (int)arrived, (int)p->st.lost);
}

static bool
all_counted(const struct proc *p)
{
	return p->in.count == p->out.count + p->out.dropped + p->swallowed;
}

static void
packets(void)
{
	const struct proc *a = &proc[0], *b = &proc[1];
	uint64_t arrived;
	bool rest;

	if (!all_counted(a) || !all_counted(b))
		wrong("a packet is neither sent nor counted");
	if (a->over && a->end == STAGE_INPUT_END &&
	    a->in.count != (uint64_t)m.put)
		wrong("A has seen %d of %d packets", (int)a->in.count, m.put);
	if (a->over && !gives_up(a) && b->over && b->end == STAGE_INPUT_END &&
	    b->in.count != a->out.count)
		wrong("B has seen %d of %d packets", (int)b->in.count,
		    (int)a->out.count);
	if (m.plan->kind == RING)
		return;
	if (m.plan->disk > 0) {
		arrived = whole(m.q[2].byte, m.q[2].n, &rest);
		of_file(arrived, rest);
		return;
	}
	arrived = whole(m.arrived, m.n_arrived, &rest);
	if (m.gone || m.stalled || gives_up(b))
		return;
	if (rest)
		wrong("the last record is not whole");
	if (arrived != b->out.count)
		wrong(
		    "%d of %d packets arrive", (int)arrived, (int)b->out.count);
}

void
verdict(void)
{
	int i;

	for (i = 0; i < STAGES; i++) {
		if (proc[i].over)
			one_end(i);
		else
			still_there(i);
	}
	packets();
}
