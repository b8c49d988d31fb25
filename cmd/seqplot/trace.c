/*
 * trace.c - which connection, and what its segments say.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "log/eventline.h"
#include "seqplot.h"

/* ---- the connection with the most data ---- */

struct flow {
	const struct tcpseg *first;
	uint64_t bytes[2]; /* from first->src, and to it */
};

static bool
same_way(const struct tcpseg *a, const struct tcpseg *b)
{
	return endpoint_equal(&a->src, &b->src) &&
	       endpoint_equal(&a->dst, &b->dst);
}

static bool
other_way(const struct tcpseg *a, const struct tcpseg *b)
{
	return endpoint_equal(&a->src, &b->dst) &&
	       endpoint_equal(&a->dst, &b->src);
}

/* open addressing; the same slot for both directions */
static struct flow *
find(struct flow *table, uint32_t mask, const struct tcpseg *s)
{
	uint32_t h = s->src.port + s->dst.port;
	size_t i;

	for (i = 0; i < sizeof(s->src.addr.b); i++)
		h = h * 31 + s->src.addr.b[i] + s->dst.addr.b[i];
	h ^= h >> 15;
	while (table[h & mask].first != NULL &&
	       !same_way(table[h & mask].first, s) &&
	       !other_way(table[h & mask].first, s))
		h++;
	return &table[h & mask];
}

static struct flow *
table_new(uint32_t slots)
{
	struct flow *table = calloc(slots, sizeof(*table));

	if (table == NULL)
		die(EXIT_NO, "look for a connection: %s", strerror(errno));
	return table;
}

bool
trace_pick(struct trace *t)
{
	uint32_t mask = 1, i;
	struct flow *table, *f, *best = NULL;
	const struct tcpseg *s;
	bool back;

	if (t->segs->n == 0)
		return false;
	while (mask < 2 * t->segs->n)
		mask = 2 * mask + 1;
	table = table_new(mask + 1);
	for (i = 0; i < t->segs->n; i++) {
		s = &t->segs->s[i];
		f = find(table, mask, s);
		if (f->first == NULL)
			f->first = s;
		f->bytes[!same_way(f->first, s)] += s->len;
		if (best == NULL ||
		    f->bytes[0] + f->bytes[1] > best->bytes[0] + best->bytes[1])
			best = f;
	}
	back = (best->bytes[1] > best->bytes[0]) != t->reverse;
	t->sender = back ? best->first->dst : best->first->src;
	t->receiver = back ? best->first->src : best->first->dst;
	free(table);
	return true;
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
	bool have_una, scaled[2];
	uint8_t wscale; /* of the receiver */
};

static void
sent(struct trace *t, struct state *st, const struct tcpseg *s)
{
	int64_t seq = widen(&st->seq, s->seq), data = seq, end;
	const char *flag = s->flags & TH_RST   ? "RST"
			   : s->flags & TH_SYN ? "SYN"
			   : s->flags & TH_FIN ? "FIN"
					       : NULL;

	if (s->flags & TH_SYN)
		data++;
	end = data + s->len;
	if (s->len > 0)
		mark(t, s->time, data < st->nxt ? MARK_AGAIN : MARK_DATA, data,
		    end);
	if (flag != NULL)
		snprintf(mark(t, s->time, MARK_FLAG, end, end)->word,
		    sizeof(t->mark->word), "%s", flag);
	if (end > st->nxt)
		st->nxt = end;
	if (st->have_una)
		mark(t, s->time, MARK_IN_FLIGHT, st->nxt - st->una, 0);
}

static void
answered(struct trace *t, struct state *st, const struct tcpseg *s)
{
	struct count c = st->seq;
	int64_t ack;
	uint8_t i;

	if (s->flags & TH_SYN) {
		st->scaled[1] = s->opt.have_wscale;
		st->wscale = s->opt.wscale;
	}
	if (!(s->flags & TH_ACK) || (s->flags & TH_RST) || !c.known)
		return;
	ack = widen(&c, s->ack);
	if (!st->have_una || ack > st->una)
		st->una = ack;
	st->have_una = true;
	mark(t, s->time, MARK_ACK, ack, 0);
	mark(t, s->time, MARK_WINDOW,
	    ack + ((int64_t)s->wnd
		      << (s->flags & TH_SYN || !st->scaled[0] || !st->scaled[1]
				 ? 0
				 : st->wscale & 15)),
	    0);
	for (i = 0; i < s->opt.nsack; i++) {
		c = st->seq;
		ack = widen(&c, s->opt.sack[i].start);
		mark(t, s->time, MARK_SACK, ack,
		    ack +
			(uint32_t)(s->opt.sack[i].end - s->opt.sack[i].start));
	}
	mark(t, s->time, MARK_IN_FLIGHT,
	    st->nxt > st->una ? st->nxt - st->una : 0, 0);
}

void
trace_marks(struct trace *t)
{
	struct state st = {.nxt = 0};
	const struct tcpseg *s;
	bool ours;
	uint32_t i;

	for (i = 0; i < t->segs->n; i++) {
		s = &t->segs->s[i];
		ours = endpoint_equal(&s->src, &t->sender) &&
		       endpoint_equal(&s->dst, &t->receiver);
		if (!ours && (!endpoint_equal(&s->src, &t->receiver) ||
				 !endpoint_equal(&s->dst, &t->sender)))
			continue;
		if (t->marks == 0)
			t->start = s->time;
		if (ours && (s->flags & TH_SYN))
			st.scaled[0] = s->opt.have_wscale;
		if (ours)
			sent(t, &st, s);
		else
			answered(t, &st, s);
	}
}

/* ---- the log ---- */

static void
tell(struct trace *t, const struct event_line *e)
{
	const char *word = NULL, *wait = NULL;
	struct mark *m;

	if (!endpoint_equal(&e->local, &t->sender) ||
	    !endpoint_equal(&e->remote, &t->receiver))
		return;
	if (event_line_value(e, "cwnd") != NULL)
		mark(t, e->time, MARK_CWND, (int64_t)event_line_num(e, "cwnd"),
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
	m = mark(t, e->time, MARK_EVENT, 0, 0);
	snprintf(m->word, sizeof(m->word), wait == NULL ? "%s" : "%s %s ms",
	    word, wait);
}

void
trace_story(struct trace *t, FILE *log)
{
	struct event_line e;
	char *text = NULL;
	size_t room = 0;

	while (getline(&text, &room, log) > 0)
		if (event_line_split(text, &e) == 0)
			tell(t, &e);
	free(text);
}

void
trace_free(struct trace *t)
{
	free(t->mark);
}
