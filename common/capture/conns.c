/*
 * conns.c - the segments of a capture, sorted into connections; see
 * analysis.h. A connection begins with its first segment.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/analyse.h"
#include "capture/analysis.h"
#include "capture/flow.h"
#include "capture/reuse.h"
#include "capture/whose.h"

enum { FIRST_ROWS = 64 }; /* among which the first byte of all is */

const char *
state_name(enum end_state s)
{
	static const char *const name[] = {"", "LISTEN", "SYN-SENT",
	    "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
	    "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT", "CLOSED"};

	return name[s];
}

/* ---- which connection */

bool
conn_from_server(const struct tcpseg *s)
{
	if (s->flags & TH_SYN)
		return s->flags & TH_ACK;
	return s->src.port < s->dst.port;
}

static struct conn *
conn_new(struct conns *l, const struct tcpseg *s)
{
	bool turned = conn_from_server(s);
	struct conn *grown, *c;
	size_t room;

	if (l->n == l->room) {
		room = l->room ? 2 * l->room : 64;
		grown = realloc(l->conn, room * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		l->conn = grown;
		l->room = room;
	}
	c = &l->conn[l->n];
	memset(c, 0, sizeof(*c));
	c->no = l->n;
	c->end[LEFT].at = turned ? s->dst : s->src;
	c->end[RIGHT].at = turned ? s->src : s->dst;
	if (flow_add(l->flows, &c->end[LEFT].at, &c->end[RIGHT].at) ==
	    FLOW_NONE)
		return NULL;
	l->n++;
	return c;
}

static int
add(struct conn *c, struct row *r)
{
	struct row **grown;
	uint32_t room;

	if (c->rows == c->room) {
		room = c->room ? 2 * c->room : 4;
		grown = realloc(c->row, room * sizeof(struct row *));
		if (grown == NULL)
			return -1;
		c->row = grown;
		c->room = room;
	}
	c->row[c->rows++] = r;
	c->taken++;
	return 0;
}

struct conn *
conn_find(struct conns *l, const struct endpoint *src,
    const struct endpoint *dst, uint64_t time, enum conn_side *which)
{
	uint32_t i, older;
	int from;

	i = flow_find(l->flows, src, dst, &from);
	if (i == FLOW_NONE)
		return NULL;
	/* of several with the same ends, the last that had begun */
	while (l->conn[i].first_at > time &&
	       (older = flow_older(l->flows, i)) != FLOW_NONE)
		i = older;
	*which = endpoint_equal(&l->conn[i].end[LEFT].at, src) ? LEFT : RIGHT;
	return &l->conn[i];
}

uint32_t
conn_row_at(const struct conn *c, uint64_t time)
{
	uint32_t low = 0, high = c->rows, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (c->row[middle]->seg->time < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- numbers */

/* rebase - the numbers of that end, in all rows, begin this much earlier */
static void
rebase(struct conn *c, int who, uint32_t by)
{
	struct tcpseg *s;
	uint32_t i;
	uint8_t j;

	c->end[who].sent += by;
	for (i = 0; i < c->rows; i++) {
		s = c->row[i]->seg;
		if (c->row[i]->from == who) {
			s->seq += by;
			continue;
		}
		s->ack += s->flags & TH_ACK ? by : 0;
		for (j = 0; j < s->opt.nsack; j++) {
			s->opt.sack[j].start += by;
			s->opt.sack[j].end += by;
		}
	}
}

/* is_other - a SYN-ACK of another number than the one that was accepted */
static bool
is_other(const struct conn_end *me, const struct conn_end *you,
    const struct tcpseg *s)
{
	return (s->flags & TH_SYN) && (s->flags & TH_ACK) && me->from_syn &&
	       me->isn != s->seq && you->acks;
}

/* renumber - from now on that end has the number of another SYN */
static void
renumber(struct conn *c, int who)
{
	struct conn_end *e = &c->end[who], *you = &c->end[!who];

	e->renumbered = c->rows;
	e->sent = 0;
	/* two may have answered, and the other end takes the first */
	e->have_first = e->from_syn && you->from_syn && !you->acks;
	e->first_isn = e->isn;
}

/* choose_first - of two SYN-ACKs ack tells which one was taken: the first? */
static void
choose_first(struct conn *c, int who, uint32_t ack)
{
	struct conn_end *e = &c->end[who];
	uint32_t by = e->isn - e->first_isn, i;

	e->have_first = false;
	if (ack - e->isn - 1 < OVERTAKEN || ack - e->first_isn - 1 >= OVERTAKEN)
		return;
	for (i = e->renumbered; i < c->rows; i++)
		if (c->row[i]->from == who)
			c->row[i]->seg->seq += by;
	e->renumbered = 0;
	e->isn = e->first_isn;
	e->sent = 0;
}

/* goes_before - the capture begins in the middle, and what comes now was
   overtaken by what came first */
static bool
goes_before(
    const struct conn *c, const struct conn_end *me, const struct tcpseg *s)
{
	return !me->from_syn && !me->stray && c->taken < FIRST_ROWS &&
	       s->len > 1 && !(s->flags & TH_RST) && s->seq != 1 &&
	       1 - s->seq < OVERTAKEN;
}

/* note_scale - a copy of the SYN may be cut where the first one was not */
static void
note_scale(struct conn_end *me, const struct tcpseg *s)
{
	bool told = me->syn_told;

	me->answers_syn = s->flags & TH_ACK;
	me->syn_told = !s->cut || s->opt.have_wscale;
	if (!me->syn_told && told) {
		me->syn_told = true;
		return;
	}
	me->have_wscale = s->opt.have_wscale;
	me->wscale = s->opt.wscale;
	me->scale_cut = !me->syn_told;
}

/* may_scale - the other end has the option, too, as far as it is known */
static bool
may_scale(const struct conn_end *me, const struct conn_end *you)
{
	return you->have_wscale ||
	       (me->answers_syn && (!you->from_syn || you->scale_cut));
}

static void
number(struct conn *c, struct row *r)
{
	struct conn_end *me = &c->end[r->from], *you = &c->end[!r->from];
	struct tcpseg *s = r->seg;
	bool strange, other;
	uint8_t i;

	other = is_other(me, you, s);
	if (me->have_isn && (s->flags & TH_SYN) && me->isn != s->seq &&
	    !other) {
		if (is_late_syn(me, s))
			rebase(c, r->from, me->isn - s->seq);
		else /* what came before was of another connection */
			renumber(c, r->from);
	}
	if (you->have_first && (s->flags & (TH_SYN | TH_ACK)) == TH_ACK)
		choose_first(c, !r->from, s->ack);
	c->over |= (s->flags & (TH_FIN | TH_RST)) != 0;
	if ((s->flags & (TH_SYN | TH_ACK | TH_RST)) == TH_ACK)
		me->acks = true;
	strange = you->from_syn && (s->flags & TH_ACK) &&
		  s->ack - you->isn - 1 > OVERTAKEN;
	if (me->stray && !strange && (s->flags & (TH_SYN | TH_ACK)) == TH_ACK) {
		me->have_isn = false; /* the first of this connection */
		me->renumbered = c->rows;
	}
	if (!me->have_isn || ((s->flags & TH_SYN) && !other)) {
		/* without its SYN the first byte seen is number 1 */
		me->isn = s->flags & TH_SYN ? s->seq : s->seq - 1;
		me->have_isn = true;
		me->from_syn = (s->flags & TH_SYN) != 0;
		me->stray = strange;
	}
	if (!you->have_isn && (s->flags & TH_ACK)) {
		you->isn = s->ack - 1;
		you->have_isn = true;
	}
	s->seq -= me->isn;
	if (goes_before(c, me, s)) {
		rebase(c, r->from, 1 - s->seq);
		me->isn -= 1 - s->seq;
		s->seq = 1;
	}
	if (s->flags & TH_ACK)
		s->ack -= you->isn;
	for (i = 0; i < s->opt.nsack; i++) {
		s->opt.sack[i].start -= you->isn;
		s->opt.sack[i].end -= you->isn;
	}
	if ((s->flags & TH_SYN) && !other)
		note_scale(me, s);
	else if (me->have_wscale && may_scale(me, you))
		r->wnd <<= me->wscale > TCP_MAXWSCALE ? TCP_MAXWSCALE
						      : me->wscale;
}

/* note_sent - how far the numbers of both ends go: relative ones */
static void
note_sent(struct conn *c, const struct row *r)
{
	struct conn_end *me = &c->end[r->from], *you = &c->end[!r->from];
	uint32_t end = r->seg->seq + row_space(r);

	if (r->seg->flags & TH_RST)
		return;
	if (end - (uint32_t)me->sent < BEYOND)
		me->sent += end - (uint32_t)me->sent;
	if ((r->seg->flags & TH_ACK) &&
	    r->seg->ack - (uint32_t)you->sent < BEYOND)
		you->sent += r->seg->ack - (uint32_t)you->sent;
}

/* is_damaged - its checksum is wrong, and its end has sent right ones */
static bool
is_damaged(const struct conn *c, const struct row *r)
{
	const struct conn_end *me = &c->end[r->from];

	return tcpseg_wrong(r->seg) && me->summed && me->have_isn;
}

/* relate - the numbers of what was damaged: they change nothing */
static void
relate(const struct conn *c, struct row *r)
{
	const struct conn_end *me = &c->end[r->from], *you = &c->end[!r->from];
	struct tcpseg *s = r->seg;
	uint8_t i;

	s->seq -= me->isn;
	if (s->flags & TH_ACK)
		s->ack -= you->isn;
	for (i = 0; i < s->opt.nsack; i++) {
		s->opt.sack[i].start -= you->isn;
		s->opt.sack[i].end -= you->isn;
	}
	if (me->have_wscale && you->have_wscale && !(s->flags & TH_SYN))
		r->wnd <<= me->wscale > TCP_MAXWSCALE ? TCP_MAXWSCALE
						      : me->wscale;
}

/* enter - row r, the latest, is one of c */
static int
enter(struct conn *c, struct row *r)
{
	const struct tcpseg *s = r->seg;

	r->wnd = s->wnd;
	r->from = !endpoint_equal(&c->end[LEFT].at, &s->src);
	if (c->rows == 0)
		c->first_at = s->time;
	if (c->rows == 0 || s->time > c->last_at)
		c->last_at = s->time;
	if (is_damaged(c, r)) {
		relate(c, r);
		return add(c, r);
	}
	c->end[r->from].summed |= s->summed == SUM_GOOD;
	note_life(c, s, r->from);
	number(c, r);
	note_sent(c, r);
	return add(c, r);
}

/* give_up - the last row of c, with the number that it had in the capture */
static struct row *
give_up(struct conn *c)
{
	struct row *r = c->row[--c->rows];

	c->taken--;
	r->seg->seq += c->end[r->from].isn;
	c->last_at = c->row[c->rows - 1]->seg->time;
	return r;
}

/* tell_latest - r is a reset of the earlier connection c: of those of its ends
   the latest may have to know */
static void
tell_latest(struct conns *l, const struct conn *c, const struct row *r)
{
	uint32_t i;
	int from;

	if (c == NULL || (r->seg->flags & (TH_ACK | TH_RST)) != TH_RST)
		return;
	i = flow_find(l->flows, &r->seg->src, &r->seg->dst, &from);
	if (&l->conn[i] != c)
		note_killed(&l->conn[i], c, r->seg);
}

struct conn *
conns_enter(struct conns *l, struct row *r)
{
	struct conn *c = whose(l, r->seg);
	struct row *syn = NULL;
	uint32_t i = FLOW_NONE;
	int from;

	l->given = NULL;
	tell_latest(l, c, r);
	if (c == NULL) {
		i = flow_find(l->flows, &r->seg->src, &r->seg->dst, &from);
		if (i != FLOW_NONE && is_answered_anew(&l->conn[i], r->seg))
			syn = give_up(&l->conn[i]);
		c = conn_new(l, r->seg);
	}
	if (c == NULL || (syn != NULL && enter(c, syn) != 0) ||
	    enter(c, r) != 0)
		return NULL;
	if (syn != NULL) {
		l->given = &l->conn[i];
		if (may_repeat(l->given, !from)) /* it may be late */
			syn->marks |= MARK_AGAIN | MARK_UNSURE;
	}
	return c;
}

int
conns_start(struct conns *l)
{
	memset(l, 0, sizeof(*l));
	l->flows = flow_table_new(UINT32_MAX - 1, NULL);
	return l->flows != NULL ? 0 : -1;
}

int
conns_make(struct conns *l, const struct tcpseg_list *segs)
{
	uint32_t i;

	if (conns_start(l) != 0)
		return -1;
	l->row = calloc((size_t)segs->n + 1, sizeof(*l->row));
	if (l->row == NULL)
		return -1;
	for (i = 0; i < segs->n; i++) {
		l->row[i].seg = &segs->s[i];
		if (conns_enter(l, &l->row[i]) == NULL)
			return -1;
	}
	for (i = 0; i < l->n; i++)
		if (analyse_marks(&l->conn[i]) != 0)
			return -1;
	for (i = 0; i < l->n; i++)
		analyse_states(&l->conn[i]);
	return 0;
}

void
conns_free(struct conns *l)
{
	uint32_t i;

	for (i = 0; i < l->n; i++)
		free(l->conn[i].row);
	free(l->conn);
	free(l->row);
	flow_table_free(l->flows);
}
