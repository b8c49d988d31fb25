/*
 * whose.c - see whose.h. Ports are used again: by a SYN of another number, by
 * one of the same number when the connection is over and no retransmission can
 * be the reason, or, in a capture that begins in the middle once more, by
 * numbers that have nothing to do with those before.
 */
#include "capture/whose.h"
#include "capture/flow.h"
#include "capture/study.h"

enum {
	OLDER_MAX = 4,	  /* connections of the same ends to look back */
	LAST_MAX = 16,	  /* rows to look back for what an end sent last */
	BEFORE = 1 << 28, /* numbers that are of an earlier connection */
	SYN_DATA = 1460,  /* bytes that a SYN may have, RFC 7413 */
	AFAR = 1 << 24,	  /* bytes that nobody sends between two packets */
	ID_STEP = 2000,	  /* between packets of an end that counts up */
	SYNS = 8,	  /* that an end sends in a row */
};

#define COPY_NS	    UINT64_C(5000000000)   /* that a copy is late, at most */
#define QUIET_NS    UINT64_C(30000000000)  /* a connection says nothing */
#define SYN_LAST_NS UINT64_C(300000000000) /* SYNs apart at most, the last */

/* ---- a SYN of the number that the connection has already */

static uint64_t
later(uint64_t now, uint64_t then)
{
	return now > then ? now - then : 0;
}

/* is_over - by a reset, or by what the capture shows of both ends' FINs */
static bool
is_over(const struct conn *c)
{
	const struct conn_end *a = &c->end[LEFT], *b = &c->end[RIGHT];

	if (a->rst_seen || b->rst_seen)
		return true;
	return (a->fin_seen || b->fin_seen) && (a->fin_seen || !a->seen) &&
	       (b->fin_seen || !b->seen);
}

/* same_stamps - timestamp and identification are those of the segment then */
static bool
same_stamps(const struct tcpseg *then, const struct tcpseg *s)
{
	return then->opt.have_ts == s->opt.have_ts &&
	       then->opt.tsval == s->opt.tsval && then->ip_id == s->ip_id;
}

/*
 * is_copy - the SYN is one that was captured before: its stamps are, and those
 * of other packets of that end are not
 */
static bool
is_copy(const struct conn *c, const struct tcpseg *s, int from)
{
	const struct tcpseg *then;
	bool same = false, others = false;
	uint32_t i;

	for (i = 0; i < c->rows && i < LAST_MAX; i++) {
		then = c->row[i]->seg;
		if (c->row[i]->from != from)
			continue;
		if ((then->flags & TH_SYN) && same_stamps(then, s))
			same = true;
		else if (!(then->flags & TH_SYN) && !same_stamps(then, s))
			others = true;
	}
	return same && others && (s->ip_id != 0 || s->opt.have_ts);
}

/* follows - by its identification the SYN was sent right behind the first */
static bool
follows(const struct tcpseg *first, const struct tcpseg *s)
{
	return (uint16_t)(s->ip_id - first->ip_id) <= SYNS;
}

/* sent_when - before the latest that this end has sent: -1; after it: 1; 0: its
   stamps do not tell */
static int
sent_when(const struct conn *c, const struct tcpseg *s, int from)
{
	const struct tcpseg *last;
	uint32_t i;
	int d;

	for (i = c->rows; i-- > 0 && c->rows - i < LAST_MAX;) {
		last = c->row[i]->seg;
		if (c->row[i]->from != from)
			continue;
		if (last->opt.have_ts && s->opt.have_ts)
			return s->opt.tsval == last->opt.tsval ? 0
			       : (int32_t)(s->opt.tsval - last->opt.tsval) > 0
				   ? 1
				   : -1;
		d = (int16_t)(uint16_t)(s->ip_id - last->ip_id);
		if (last->ip_id == 0 || s->ip_id == 0 || d >= ID_STEP)
			return 0;
		/* a new connection may begin with any identification */
		return d > 0 ? 1 : d < 0 && follows(c->row[0]->seg, s) ? -1 : 0;
	}
	return 0;
}

/* answers_syn - the other's, which may have data */
static bool
answers_syn(const struct conn_end *you, const struct tcpseg *s)
{
	return s->ack - you->isn - 1 <= you->syn_data;
}

void
note_life(struct conn *c, const struct tcpseg *s, int from)
{
	struct conn_end *me = &c->end[from], *you = &c->end[!from];
	bool syn = (s->flags & (TH_SYN | TH_ACK)) == TH_SYN;

	me->seen = true;
	if (syn && me->syn_at > 0)
		me->syn_gap = later(s->time, me->syn_at);
	if (syn) {
		me->syn_at = s->time;
		if (s->len > me->syn_data)
			me->syn_data = s->len;
		me->syn_old = is_copy(c, s, from) || sent_when(c, s, from) < 0;
	}
	me->fin_seen |= (s->flags & TH_FIN) != 0;
	if (!(s->flags & TH_RST))
		return;
	/* not one that refuses what an earlier connection has sent: RFC 9293
	   3.5.1, figure 9 */
	if (me->from_syn && !me->acks)
		me->rst_seen |= s->seq - me->isn - 1 <= me->syn_data;
	/* nor one that no SYN-SENT takes: 3.10.7.3 */
	else if (you->from_syn && !you->acks && !me->have_isn)
		me->rst_seen |= (s->flags & TH_ACK) && answers_syn(you, s);
	else
		me->rst_seen = true;
}

/*
 * is_backoff - a time-out may be this long, after one of the other length, if
 * there was one: RFC 6298 5.5, 5.7
 */
static bool
is_backoff(uint64_t ns, uint64_t before)
{
	const uint64_t first[] = {500000000, 1000000000, 3000000000};
	const uint64_t next[] = {before, 2 * before, 4 * before};
	const uint64_t *of = before > 0 ? next : first;
	int i;

	for (i = 0; i < 3; i++)
		if (ns >= of[i] - of[i] / 5 && ns <= of[i] + of[i] / 5)
			return true;
	return false;
}

/* is_repeated - it has the very identification of the first */
static bool
is_repeated(const struct conn *c, const struct tcpseg *s)
{
	return s->ip_id != 0 && s->ip_id == c->row[0]->seg->ip_id;
}

/* is_reused - the SYN has the number of this connection's, and begins another
   one all the same */
static bool
is_reused(const struct conn *c, const struct tcpseg *s, int from)
{
	const struct conn_end *e = &c->end[from];
	uint64_t gap = later(s->time, e->syn_at);
	int when;

	if (is_copy(c, s, from))
		return false;
	if (!e->from_syn || e->syn_at == 0) /* what answered it is there */
		return later(s->time, c->last_at) >
		       (is_over(c) ? COPY_NS : QUIET_NS);
	/* what has an answer is not retransmitted */
	if ((e->acks || e->rst_seen) && is_over(c)) {
		when = sent_when(c, s, from);
		return when > 0 || (when == 0 && gap > COPY_NS);
	}
	if (e->acks || e->rst_seen)
		return later(s->time, c->last_at) > QUIET_NS;
	if (c->end[!from].rst_seen)
		return !is_backoff(gap, e->syn_gap);
	/* those between may not be captured; each has its own identification */
	if (is_repeated(c, s))
		return gap > SYN_AGAIN_NS;
	return gap > SYN_LAST_NS;
}

bool
is_answered_anew(const struct conn *c, const struct tcpseg *s)
{
	int from = !endpoint_equal(&c->end[LEFT].at, &s->src);
	const struct conn_end *me = &c->end[from], *you = &c->end[!from];
	const struct row *r = c->rows > 1 ? c->row[c->rows - 1] : NULL;

	return r != NULL && (s->flags & TH_SYN) && (s->flags & TH_ACK) &&
	       r->from != from &&
	       (r->seg->flags & (TH_SYN | TH_ACK)) == TH_SYN &&
	       r->seg->seq == 0 && answers_syn(you, s) && s->seq != me->isn &&
	       !you->syn_old && (you->acks || you->rst_seen) && is_over(c);
}

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
	    (s->flags & TH_ACK && !c->end[!from].have_isn) ||
	    ((!over || reset) && later(s->time, c->last_at) < QUIET_NS) ||
	    may_be_copy(c, s))
		return false;
	rel.seq -= c->end[from].isn;
	rel.ack -= c->end[!from].isn;
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

	if (!(s->flags & TH_SYN) || !e->have_isn)
		return false;
	if (!(s->flags & TH_ACK))
		return e->isn == s->seq ? is_reused(c, s, from)
					: !is_late_syn(e, s);
	if (e->isn == s->seq)
		return !answers_syn(you, s) && is_over(c);
	/* a server that has forgotten the SYN: cookies, RFC 4987 3.6; or, while
	   the connection lives, two that answer */
	return e->from_syn && !(you->from_syn && answers_syn(you, s) &&
				  (!you->acks || !c->over));
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

/* kills_older - a reset that answers an ACK of the earlier connection, of
   which this end knows nothing more: RFC 9293 3.5.1, figure 10 */
static bool
kills_older(const struct conns *l, uint32_t i, const struct tcpseg *s, int from)
{
	const struct conn *now = &l->conn[i], *c;
	const struct row *last;

	if ((s->flags & (TH_ACK | TH_RST)) != TH_RST ||
	    !now->end[from].from_syn || now->end[!from].from_syn ||
	    (i = flow_older(l->flows, i)) == FLOW_NONE)
		return false;
	c = &l->conn[i];
	if (c->rows == 0)
		return false;
	last = c->row[c->rows - 1];
	return !endpoint_equal(&last->seg->src, &s->src) &&
	       (last->seg->flags & (TH_ACK | TH_RST)) == TH_ACK &&
	       last->seg->ack == s->seq - c->end[!last->from].isn;
}

/*
 * owner - the ports are used again, a SYN has been sent, and what comes now
 * still is of the earlier connection: that one; or NULL
 */
static struct conn *
owner(const struct conns *l, uint32_t i, const struct tcpseg *s, int from)
{
	const struct conn_end *me = &l->conn[i].end[from];
	const struct conn_end *you = &l->conn[i].end[!from];
	bool before = !(s->flags & TH_SYN) &&
		      ((me->from_syn && me->isn - s->seq - 1 < BEFORE) ||
			  (you->from_syn && you->isn - s->ack < BEFORE));

	if (kills_older(l, i, s, from))
		return &l->conn[flow_older(l->flows, i)];
	if ((s->flags & (TH_ACK | TH_RST)) != TH_ACK ||
	    (i = flow_older(l->flows, i)) == FLOW_NONE ||
	    !(before || overlaps(me, you, s) ||
		is_once_more(&l->conn[i], me, you, s)))
		return NULL;
	if (s->flags & TH_SYN
		? answers_older(&l->conn[i], s)
		: is_near(&l->conn[i], s) || may_be_copy(&l->conn[i], s))
		return &l->conn[i];
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
