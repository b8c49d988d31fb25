/*
 * trace.c - which connection, and marks of its segments and of the log.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "capture/choose.h"
#include "log/eventline.h"
#include "seqplot.h"

/* ---- which connection */

static uint64_t
bytes(const struct conn *c)
{
	return c->end[LEFT].bytes + c->end[RIGHT].bytes;
}

const struct conn *
trace_most(const struct conns *l)
{
	const struct conn *best = NULL;
	uint32_t i;

	for (i = 0; i < l->n; i++)
		if (best == NULL || bytes(&l->conn[i]) > bytes(best))
			best = &l->conn[i];
	return best;
}

void
trace_begin(struct trace *t, const struct conn *c, bool reverse)
{
	bool right = c->end[RIGHT].bytes > c->end[LEFT].bytes;

	t->c = c;
	t->from = right != reverse ? RIGHT : LEFT;
	t->sender = c->end[t->from].at;
	t->receiver = c->end[!t->from].at;
	t->start = c->first_at;
}

/* ---- marks ---- */

static struct mark *
mark(struct trace *t, uint64_t time, enum kind kind, int64_t from, int64_t to)
{
	struct mark *m;

	if (t->marks == t->room) {
		t->room = t->room ? 2 * t->room : 4096;
		m = realloc(t->mark, t->room * sizeof(*m));
		if (m == NULL)
			die(EXIT_NO, "keep the graph: %s", strerror(errno));
		t->mark = m;
	}
	m = &t->mark[t->marks++];
	*m = (struct mark){.time = time, .kind = kind, .from = from, .to = to};
	return m;
}

/* one direction's numbers, made 64 bits wide and relative */
struct count {
	bool known;
	uint32_t last;
	int64_t wide;
};

static int64_t
widen(struct count *c, uint32_t number)
{
	if (!c->known) {
		c->known = true;
		c->last = number;
		c->wide = 0;
	}
	c->wide += (int32_t)(number - c->last);
	c->last = number;
	return c->wide;
}

struct state {
	struct count seq;
	int64_t nxt, una;
	bool have_una;
};

bool
trace_when(const struct trace *t, uint64_t time)
{
	return choice_between(t->low, t->high, t->start, time);
}

/* in_flight - nothing is while more is acknowledged than was captured */
static void
in_flight(struct trace *t, uint64_t at, const struct state *st)
{
	mark(
	    t, at, SEQ_IN_FLIGHT, st->nxt > st->una ? st->nxt - st->una : 0, 0);
}

static void
sent(struct trace *t, struct state *st, const struct row *r)
{
	const struct tcpseg *s = r->seg;
	int64_t seq = widen(&st->seq, s->seq), data = seq, end;
	const char *flag = s->flags & TH_RST   ? "RST"
			   : s->flags & TH_SYN ? "SYN"
			   : s->flags & TH_FIN ? "FIN"
					       : NULL;
	enum kind kind = SEQ_DATA;

	if (s->flags & TH_SYN)
		data++;
	end = data + s->len;
	if (end > st->nxt)
		st->nxt = end;
	if (!trace_when(t, s->time))
		return;
	if (r->marks & MARK_AGAIN)
		kind = SEQ_AGAIN;
	else if (r->marks & MARK_LATE)
		kind = SEQ_LATE;
	if (s->len > 0)
		mark(t, s->time, kind, data, end);
	if (flag != NULL)
		snprintf(mark(t, s->time, SEQ_FLAG, end, end)->word,
		    sizeof(t->mark->word), "%s", flag);
	if (st->have_una)
		in_flight(t, s->time, st);
}

/*
 * is_old - the other end sent it before what the capture has before it: it
 * tells nothing new about acknowledgment and window
 */
static bool
is_old(const struct state *st, const struct row *r, int64_t ack)
{
	return st->have_una &&
	       (ack < st->una || (ack == st->una && (r->marks & MARK_LATE)));
}

static void
answered(struct trace *t, struct state *st, const struct row *r)
{
	const struct tcpseg *s = r->seg;
	struct count c = st->seq;
	int64_t ack;
	uint8_t i;
	bool old;

	if (!(s->flags & TH_ACK) || (s->flags & TH_RST) || !c.known)
		return;
	ack = widen(&c, s->ack);
	old = is_old(st, r, ack);
	if (!st->have_una || ack > st->una)
		st->una = ack;
	st->have_una = true;
	if (!trace_when(t, s->time))
		return;
	if (!old)
		mark(t, s->time, SEQ_ACK, ack, 0);
	if (!old && !t->c->end[!t->from].unscaled)
		mark(t, s->time, SEQ_WINDOW, ack + r->wnd, 0);
	for (i = 0; i < s->opt.nsack; i++) {
		c = st->seq;
		ack = widen(&c, s->opt.sack[i].start);
		mark(t, s->time, SEQ_SACK, ack,
		    ack +
			(uint32_t)(s->opt.sack[i].end - s->opt.sack[i].start));
	}
	in_flight(t, s->time, st);
}

void
trace_marks(struct trace *t)
{
	struct state st = {.nxt = 0};
	const struct row *r;
	uint32_t i;

	for (i = 0; i < t->c->rows; i++) {
		r = t->c->row[i];
		if (r->marks & (MARK_TWICE | MARK_MUTE))
			continue;
		if (r->from == t->from)
			sent(t, &st, r);
		else
			answered(t, &st, r);
	}
}

/* ---- the log ---- */

static void
tell(struct trace *t, const struct event_line *e)
{
	const char *word = NULL, *wait = NULL;
	struct mark *m;

	if (!endpoint_equal(&e->local, &t->sender) ||
	    !endpoint_equal(&e->remote, &t->receiver) ||
	    !trace_when(t, e->time))
		return;
	if (event_line_value(e, "cwnd") != NULL)
		mark(t, e->time, SEQ_CWND, (int64_t)event_line_num(e, "cwnd"),
		    0);
	if (strcmp(e->event, "state") == 0)
		word = event_line_value(e, "new");
	else if (strcmp(e->event, "timeout") == 0) {
		word = event_line_value(e, "why");
		if (word != NULL && strcmp(word, "spurious") != 0)
			wait = event_line_value(e, "rto_ms");
	}
	if (word == NULL)
		return;
	m = mark(t, e->time, SEQ_EVENT, 0, 0);
	snprintf(m->word, sizeof(m->word), wait == NULL ? "%s" : "%s %s ms",
	    word, wait);
}

void
trace_story(struct trace *t, uint32_t n, FILE *log)
{
	char text[EVENT_LINE_MAX];
	struct event_line e;
	uint32_t i;

	while (event_line_read(log, text)) {
		if (event_line_split(text, &e) != 0)
			continue;
		for (i = 0; i < n; i++)
			tell(&t[i], &e);
	}
}

void
trace_free(struct trace *t)
{
	free(t->mark);
}
