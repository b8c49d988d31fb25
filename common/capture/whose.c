/*
 * whose.c - see whose.h. Ports are used again: by a SYN of another number, by
 * one of the same number (reuse.c), or, in a capture that begins in the middle
 * once more, by numbers that have nothing to do with those before.
 */
#include "capture/whose.h"
#include "capture/flow.h"
#include "capture/reuse.h"

enum {
	OLDER_MAX = 4,	  /* connections of the same ends to look back */
	BEFORE = 1 << 28, /* numbers that are of an earlier connection */
	SYN_DATA = 1460,  /* bytes that a SYN may have, RFC 7413 */
	AFAR = 1 << 24,	  /* bytes that nobody sends between two packets */
};

/* ---- numbers that have nothing to do with those before */

static uint32_t
apart(uint32_t a, uint32_t b)
{
	return a - b <= UINT32_MAX / 2 ? a - b : b - a;
}

/* is_strange - to s, which is relative, and of that end */
static bool
is_strange(const struct row *r, const struct tcpseg *s, int from, bool over)
{
	uint32_t end = r->seg->seq + row_space(r), sent, got;

	if (r->from == from) {
		sent = apart(s->seq, end);
		got = apart(s->ack, r->seg->ack);
	} else {
		sent = apart(s->ack, end);
		got = apart(s->seq, r->seg->ack);
	}
	/* a reset may have one number only */
	if (!(r->seg->flags & TH_ACK))
		got = sent;
	if (!(s->flags & TH_ACK))
		sent = got = r->from == from ? sent : got;
	if (over)
		return sent > OVERTAKEN || got > OVERTAKEN;
	return (sent > AFAR && got > AFAR) || sent > BEYOND || got > BEYOND;
}

/* was_sent - that end may have sent this relative number */
static bool
was_sent(const struct conn_end *e, uint32_t n)
{
	uint32_t behind = (uint32_t)e->sent - n;

	return behind <= e->sent && behind < BEYOND;
}

/*
 * may_be_copy - captures of both ends, put together, have each packet twice,
 * as much later as their clocks differ: also when all of it has been seen once
 */
static bool
may_be_copy(const struct conn *c, const struct tcpseg *s)
{
	int from = !endpoint_equal(&c->end[LEFT].at, &s->src);

	return later(s->time, c->last_at) < COPY_NS &&
	       was_sent(&c->end[from], s->seq - c->end[from].isn) &&
	       (!(s->flags & TH_ACK) ||
		   was_sent(&c->end[!from], s->ack - c->end[!from].isn));
}

/*
 * is_unrelated - the connection is over, or was silent for long, and the
 * numbers of s are far from all that its ends said last
 */
static bool
is_unrelated(const struct conn *c, const struct tcpseg *s, int from)
{
	bool over = is_over(c), reset = s->flags & TH_RST;
	struct tcpseg rel = *s;
	uint32_t i;

	if (!(s->flags & (TH_ACK | TH_RST)) || !c->end[from].have_isn ||
	    ((!over || reset) && later(s->time, c->last_at) < QUIET_NS) ||
	    may_be_copy(c, s))
		return false;
	rel.seq -= c->end[from].isn;
	rel.ack -= c->end[!from].isn;
	if (!c->end[!from].have_isn) /* nothing to compare it with */
		rel.flags &= ~TH_ACK;
	for (i = c->rows; i-- > 0 && c->rows - i <= LAST_MAX;)
		if (!is_strange(c->row[i], &rel, from, over))
			return false;
	return true;
}

/* ---- which one */

bool
is_late_syn(const struct conn_end *e, const struct tcpseg *s)
{
	return !e->from_syn && !e->stray && e->isn - s->seq < OVERTAKEN;
}

/*
 * is_anew - the SYN begins a new connection of these ends. A SYN-ACK may answer
 * an old SYN that comes late.
 */
static bool
is_anew(const struct conn *c, const struct tcpseg *s, int from)
{
	const struct conn_end *e = &c->end[from], *you = &c->end[!from];

	if (!(s->flags & TH_SYN))
		return false;
	/* the other's SYN was not answered so far: does this cross it? */
	if (!e->have_isn)
		return later(s->time, c->last_at) > SYN_LAST_NS;
	if (!(s->flags & TH_ACK))
		return e->isn == s->seq ? is_reused(c, s, from)
					: !is_late_syn(e, s);
	if (e->isn == s->seq)
		return !answers_syn(you, s) &&
		       (is_over(c) || later(s->time, c->last_at) > QUIET_NS);
	/* the number of its own SYN was not captured */
	if (!e->from_syn)
		return is_over(c) && !is_late_syn(e, s) &&
		       (you->from_syn ? !answers_syn(you, s)
				      : later(s->time, c->last_at) > COPY_NS);
	/* a server that has forgotten the SYN: cookies, RFC 4987 3.6; or, while
	   the connection lives, two that answer */
	return !(
	    you->from_syn && answers_syn(you, s) && (!you->acks || !c->over));
}

/* older - the SYN is that of an earlier connection of these ends, and comes
   late: which one; or NULL */
static struct conn *
older(const struct conns *l, uint32_t i, const struct tcpseg *s)
{
	const struct conn_end *e;
	int tries = OLDER_MAX;

	while (tries-- > 0 && (i = flow_older(l->flows, i)) != FLOW_NONE) {
		e = l->conn[i].end;
		if (!endpoint_equal(&e->at, &s->src))
			e++;
		if (e->from_syn && e->isn == s->seq &&
		    !is_reused(&l->conn[i], s, e != l->conn[i].end))
			return &l->conn[i];
	}
	return NULL;
}

/* is_near - it goes on where that end of the connection has sent its last */
static bool
is_near(const struct conn *c, const struct tcpseg *s)
{
	int from = !endpoint_equal(&c->end[LEFT].at, &s->src);
	uint32_t seq = s->seq - c->end[from].isn, i;
	uint32_t ack = s->ack - c->end[!from].isn;
	const struct tcpseg *last;

	for (i = 0; i < c->rows && i < LAST_MAX; i++) {
		last = c->row[c->rows - 1 - i]->seg;
		if (c->row[c->rows - 1 - i]->from == from &&
		    (last->flags & (TH_ACK | TH_RST)) == TH_ACK)
			return last->seq - seq + OVERTAKEN < 2 * OVERTAKEN &&
			       last->ack - ack + OVERTAKEN < 2 * OVERTAKEN;
	}
	return false;
}

/* answers_older - a SYN-ACK, of an earlier connection's SYN */
static bool
answers_older(const struct conn *c, const struct tcpseg *s)
{
	int from = !endpoint_equal(&c->end[LEFT].at, &s->src);
	const struct conn_end *me = &c->end[from], *you = &c->end[!from];

	return you->from_syn && answers_syn(you, s) &&
	       (!me->have_isn || me->isn == s->seq);
}

/* overlaps - an end whose SYN has not come yet acknowledges more than that of
   the other end */
static bool
overlaps(const struct conn_end *me, const struct conn_end *you,
    const struct tcpseg *s)
{
	return !me->from_syn && you->from_syn && !you->acks &&
	       s->ack - you->isn - 1 > SYN_DATA;
}

/* is_once_more - an end whose SYN has not come yet repeats what it has sent in
   connection c, whose SYN had the same number */
static bool
is_once_more(const struct conn *c, const struct conn_end *me,
    const struct conn_end *you, const struct tcpseg *s)
{
	int from = !endpoint_equal(&c->end[LEFT].at, &s->src);
	uint32_t seq = s->seq - c->end[from].isn, i;
	const struct row *last;

	if (me->from_syn || !you->from_syn || you->acks ||
	    (s->flags & TH_SYN) || c->end[!from].isn != you->isn)
		return false;
	for (i = c->rows; i-- > 0 && c->rows - i <= LAST_MAX;) {
		last = c->row[i];
		if (last->from == from && (last->seg->flags & TH_ACK))
			return last->seg->seq + row_space(last) - seq <
			       OVERTAKEN;
	}
	return false;
}

/* still_sends - an end whose SYN nothing has answered yet goes on in connection
   c, whose SYN had the same number: that was a copy that came late */
static bool
still_sends(const struct conn *c, const struct conn_end *me,
    const struct conn_end *you, const struct tcpseg *s)
{
	int from = !endpoint_equal(&c->end[LEFT].at, &s->src);

	return me->from_syn && !me->acks && !you->have_isn &&
	       !(s->flags & TH_SYN) && c->end[from].from_syn &&
	       c->end[from].isn == me->isn;
}

/* before_reset - the latest of c, without s, a reset, if it was captured
   before */
static const struct row *
before_reset(const struct conn *c, const struct tcpseg *s)
{
	const struct row *r = c->row[c->rows - 1];
	uint32_t i;

	for (i = c->rows; i-- > 0;) {
		r = c->row[i];
		if (!(r->seg->flags & TH_RST) ||
		    !endpoint_equal(&r->seg->src, &s->src) ||
		    r->seg->seq != s->seq - c->end[r->from].isn ||
		    later(s->time, r->seg->time) >= COPY_NS)
			break;
	}
	return r;
}

/* kills - a reset that answers an ACK of the earlier connection c, of which
   this end knows nothing more: RFC 9293 3.5.1, figures 9 and 10 */
static bool
kills(const struct conn *now, const struct conn *c, const struct tcpseg *s,
    int from)
{
	const struct row *last;

	if ((s->flags & (TH_ACK | TH_RST)) != TH_RST ||
	    !now->end[from].from_syn || now->end[!from].from_syn ||
	    c->rows == 0)
		return false;
	last = before_reset(c, s);
	return !endpoint_equal(&last->seg->src, &s->src) &&
	       (last->seg->flags & (TH_ACK | TH_RST)) == TH_ACK &&
	       last->seg->ack == s->seq - c->end[!last->from].isn;
}

/* goes_on - it is of the earlier connection c, not of the one now */
static bool
goes_on(const struct conn *now, const struct conn *c, const struct tcpseg *s,
    int from)
{
	const struct conn_end *me = &now->end[from], *you = &now->end[!from];
	bool before = !(s->flags & TH_SYN) &&
		      ((me->from_syn && me->isn - s->seq - 1 < BEFORE) ||
			  (you->from_syn && you->isn - s->ack < BEFORE));

	if ((s->flags & (TH_ACK | TH_RST)) != TH_ACK ||
	    !(before || overlaps(me, you, s) || is_once_more(c, me, you, s) ||
		still_sends(c, me, you, s)))
		return false;
	return s->flags & TH_SYN ? answers_older(c, s)
				 : is_near(c, s) || may_be_copy(c, s);
}

/* is_attempt - a SYN that nothing has answered */
static bool
is_attempt(const struct conn *c)
{
	const struct conn_end *a = &c->end[LEFT], *b = &c->end[RIGHT];

	return (a->from_syn && !a->acks && !b->have_isn) ||
	       (b->from_syn && !b->acks && !a->have_isn);
}

/*
 * owner - the ports are used again, a SYN has been sent, and what comes now
 * still is of the earlier connection, or of one before SYNs without an answer:
 * that one; or NULL
 */
static struct conn *
owner(const struct conns *l, uint32_t i, const struct tcpseg *s, int from)
{
	const struct conn *now = &l->conn[i];
	int tries = OLDER_MAX;
	struct conn *c;

	while (tries-- > 0 && (i = flow_older(l->flows, i)) != FLOW_NONE) {
		c = &l->conn[i];
		if (kills(now, c, s, from) || goes_on(now, c, s, from))
			return c;
		if (!is_attempt(c))
			break;
	}
	return NULL;
}

/*
 * nearest - a connection of these ends on which s goes on, of those before i;
 * or NULL
 */
static struct conn *
nearest(const struct conns *l, uint32_t i, const struct tcpseg *s)
{
	int tries = OLDER_MAX;

	while (tries-- > 0 && (i = flow_older(l->flows, i)) != FLOW_NONE)
		if (is_near(&l->conn[i], s))
			return &l->conn[i];
	return NULL;
}

/* is_damaged - its checksum is wrong, others of its end were right: it begins
   nothing, but a SYN whose number is another one may */
static bool
is_damaged(const struct conn_end *e, const struct tcpseg *s)
{
	return tcpseg_wrong(s) && e->summed && e->have_isn &&
	       (!(s->flags & TH_SYN) || was_sent(e, s->seq - e->isn));
}

/* is_headless - it began before the capture */
static bool
is_headless(const struct conn *c)
{
	return !c->end[LEFT].from_syn && !c->end[RIGHT].from_syn;
}

struct conn *
whose(const struct conns *l, const struct tcpseg *s)
{
	struct conn *c, *before;
	int from = LEFT;
	uint32_t i;

	i = flow_find(l->flows, &s->src, &s->dst, &from);
	if (i == FLOW_NONE)
		return NULL;
	c = &l->conn[i];
	if (is_damaged(&c->end[from], s))
		return c;
	if (is_answered_anew(c, s))
		return NULL;
	if (is_anew(c, s, from))
		return older(l, i, s);
	before = owner(l, i, s, from);
	if (before != NULL)
		return before;
	if ((!(s->flags & TH_SYN) || is_headless(c)) &&
	    is_unrelated(c, s, from))
		return nearest(l, i, s);
	if (!(s->flags & TH_SYN) && is_headless(c) && !is_near(c, s) &&
	    (before = nearest(l, i, s)) != NULL)
		return before;
	return c;
}
