/*
 * states.c - the states of both ends after each segment (RFC 9293 3.3.2,
 * figure 5), and how the connection ended; see analysis.h.
 *
 * A segment changes its sender's state when it is sent. It changes the
 * receiver's when it arrives, and the receiver shows when that is: what it
 * sends acknowledges all that has arrived. So a SYN or FIN that the next
 * segment of the receiver does not acknowledge has crossed that segment on the
 * way; it arrives later, and what follows it as well. If a SYN or FIN is
 * retransmitted later, its acknowledgment arrives later than that. A segment
 * without any answer is taken to arrive at once, except a SYN.
 */
#include <string.h>

#include "capture/analyse.h"
#include "capture/analysis.h"
#include "capture/play.h"
#include "capture/study.h"
#include "wire/tcp_seq.h"

static bool
counts(const struct row *r)
{
	return !(r->marks & (MARK_TWICE | MARK_MUTE));
}

/* is_stale - a SYN that comes once more when all is over */
static bool
is_stale(const struct conn_end *e, const struct row *r)
{
	return e->state == ST_CLOSED &&
	       (r->marks & (MARK_AGAIN | MARK_LATE | MARK_ORDER));
}

/* ---- what sending does */

/* of a one-way capture: an acknowledgment that goes on by one behind all data,
   and never further, is that of a FIN */
static bool
acks_unseen_fin(const struct play *p, const struct conn_end *me,
    const struct conn_end *you, const struct row *r)
{
	return you->rows == 0 && me->have_ack && me->ack > 1 &&
	       r->seg->ack == me->ack + 1 && r->seg->len == 0 &&
	       r->seg->ack == p->proof[r->from].max_ack;
}

/* unseen_fin - that came to this end */
static void
unseen_fin(struct play *p, struct conn_end *me, const struct row *r)
{
	struct conn_end *you = &p->c->end[!r->from];

	if (!me->have_fin && !you->have_fin && !p->closed)
		p->c->closer = (enum conn_side) !r->from;
	you->fin = r->seg->ack - 1;
	you->have_fin = true;
	if (me->state == ST_ESTABLISHED)
		me->state = ST_CLOSE_WAIT;
	else if (me->state == ST_FIN_WAIT_1 || me->state == ST_FIN_WAIT_2)
		me->state = ST_TIME_WAIT;
}

/* sent_fin - of this number */
static void
sent_fin(struct play *p, struct conn_end *me, const struct row *r, uint32_t fin)
{
	const struct conn_end *you = &p->c->end[!r->from];

	if (!me->have_fin && !you->have_fin && !p->closed)
		p->c->closer = (enum conn_side)r->from;
	me->fin = fin;
	me->have_fin = true;
	if (me->state == ST_ESTABLISHED || me->state == ST_SYN_RECEIVED)
		me->state = ST_FIN_WAIT_1;
	else if (me->state == ST_CLOSE_WAIT)
		me->state = ST_LAST_ACK;
}

static void
sent_synless(struct play *p, struct conn_end *me, const struct row *r)
{
	const struct conn_end *you = &p->c->end[!r->from];
	const struct tcpseg *s = r->seg;

	/* a FIN without an ACK is no connection's */
	if (me->state == ST_NONE && (s->flags & TH_ACK))
		me->state = ST_ESTABLISHED;
	else if (me->state == ST_SYN_SENT && (s->flags & TH_ACK))
		me->state = ST_ESTABLISHED;
	else if (me->state == ST_SYN_RECEIVED && s->len > 0 &&
		 (you->have_ack || you->rows == 0)) /* else RFC 7413 */
		me->state = ST_ESTABLISHED;
	else if (me->state == ST_SYN_RECEIVED && you->rows == 0 &&
		 me->have_ack && seq_gt(s->ack, me->ack))
		me->state = ST_ESTABLISHED;
	if (acks_unseen_fin(p, me, you, r))
		unseen_fin(p, me, r);
}

/* is_past_fin - its number is behind a FIN that is sent again later */
static bool
is_past_fin(const struct conn_end *me, const struct proof *p,
    const struct row *r, uint32_t i)
{
	return !me->have_fin && p->have_fin && i >= p->renumbered &&
	       seq_gt(r->seg->seq, p->fin);
}

static void
sent(struct play *p, struct conn_end *me, const struct row *r)
{
	uint16_t flags = r->seg->flags;

	if ((flags & TH_SYN) && !is_stale(me, r)) {
		if (!(flags & TH_ACK) &&
		    (me->state <= ST_LISTEN || me->state == ST_CLOSED))
			me->state = ST_SYN_SENT;
		else if ((flags & TH_ACK) &&
			 (me->state <= ST_SYN_SENT || me->state == ST_CLOSED))
			me->state = ST_SYN_RECEIVED;
	} else if (!(flags & TH_SYN)) {
		sent_synless(p, me, r);
	}
	if ((flags & TH_FIN) && is_stray(me, r))
		return;
	if (flags & TH_FIN)
		sent_fin(p, me, r, r->seg->seq + r->seg->len);
	else if (is_past_fin(
		     me, &p->proof[r->from], r, p->i)) /* not captured */
		sent_fin(p, me, r, p->proof[r->from].fin);
	if (!(flags & TH_ACK))
		return;
	if (!me->have_ack || seq_gt(r->seg->ack, me->ack)) {
		me->ack = r->seg->ack;
		me->have_ack = true;
	}
	if (!me->have_edge || seq_gt(r->seg->ack + r->wnd, me->edge)) {
		me->edge = r->seg->ack + r->wnd;
		me->have_edge = true;
	}
}

/* ---- what arriving does */

static void
heard_ack(struct conn_end *e, const struct row *r)
{
	if (e->state == ST_SYN_RECEIVED && seq_gt(r->seg->ack, 0))
		e->state = ST_ESTABLISHED;
	if (e->state == ST_SYN_SENT && (r->seg->flags & TH_SYN))
		e->state = ST_ESTABLISHED;
	if (!e->have_fin || !seq_gt(r->seg->ack, e->fin))
		return;
	if (e->state == ST_FIN_WAIT_1)
		e->state = ST_FIN_WAIT_2;
	else if (e->state == ST_CLOSING)
		e->state = ST_TIME_WAIT;
	else if (e->state == ST_LAST_ACK)
		e->state = ST_CLOSED;
}

static void
heard_fin(struct conn_end *e)
{
	if (e->state == ST_ESTABLISHED || e->state == ST_SYN_RECEIVED)
		e->state = ST_CLOSE_WAIT;
	else if (e->state == ST_FIN_WAIT_1)
		e->state = ST_CLOSING;
	else if (e->state == ST_FIN_WAIT_2)
		e->state = ST_TIME_WAIT;
}

/* heard - r has arrived at e, as the capture shows */
static void
heard(struct conn_end *e, const struct conn_end *you, const struct row *r)
{
	uint16_t flags = r->seg->flags;

	if (flags & TH_RST) {
		e->state = ST_CLOSED;
		return;
	}
	if (!(flags & (TH_SYN | TH_ACK))) /* RFC 9293 3.10.7.4, fifth */
		return;
	if (e->state == ST_NONE && !(flags & TH_SYN))
		e->state = ST_ESTABLISHED;
	if ((flags & (TH_SYN | TH_ACK)) == TH_SYN && !is_stale(e, r) &&
	    (e->state <= ST_SYN_SENT || e->state == ST_CLOSED))
		e->state = r->marks & MARK_REFUSED ? ST_CLOSED
						   : ST_SYN_RECEIVED;
	if (flags & TH_ACK)
		heard_ack(e, r);
	if ((flags & TH_FIN) && !is_stray(you, r))
		heard_fin(e);
}

/* ---- when it arrives */

/* may_arrive - row j, at the end that it goes to, with row p->i at the
   latest */
static bool
may_arrive(const struct play *p, uint32_t j)
{
	const struct row *r = p->c->row[j], *next;
	int to = !r->from;
	uint32_t n = row_space(r);

	if ((r->seg->flags & (TH_SYN | TH_FIN)) && !(r->marks & MARK_REFUSED) &&
	    p->next[to] < p->c->rows) {
		next = p->c->row[p->next[to]];
		if (seq_lt(next->seg->ack, r->seg->seq + n))
			return false;
	}
	/* RFC 9293 3.10.7.4, eighth: all before it comes first */
	if ((r->seg->flags & TH_FIN) && p->last_fill[r->from] > p->i)
		return false;
	if (!(r->seg->flags & TH_ACK)) /* of two SYNs that cross */
		return !(r->seg->flags & TH_SYN) || p->last_bare[to] <= p->i;
	return p->last_syn[to] <= p->i &&
	       (!p->c->end[to].have_fin ||
		   !seq_gt(r->seg->ack, p->c->end[to].fin) ||
		   p->last_fin[to] <= p->i);
}

/*
 * arrivals - at one end: as many as may be, but no more than one change of
 * state for each row, so that each is seen
 */
static void
arrivals(struct play *p, int at)
{
	struct conn_end *e = &p->c->end[at], then;
	const struct row *r;
	bool last = p->i + 1 == p->c->rows;

	while (p->queued[at] > 0 && (last || may_arrive(p, p->queue[at][0]))) {
		r = p->c->row[p->queue[at][0]];
		then = *e;
		heard(&then, &p->c->end[!at], r);
		if (!last && then.state != e->state &&
		    (uint32_t)e->state != p->was[at])
			return;
		e->state = then.state;
		p->queued[at]--;
		memmove(p->queue[at], p->queue[at] + 1,
		    p->queued[at] * sizeof(p->queue[at][0]));
	}
}

/* shown - what row r acknowledges had arrived before it was sent */
static void
shown(struct play *p, const struct row *r)
{
	int me = r->from;
	const struct row *q;
	uint32_t i, n = 0;

	if (!(r->seg->flags & TH_ACK) || (r->seg->flags & TH_RST))
		return;
	for (i = 0; i < p->queued[me]; i++) {
		q = p->c->row[p->queue[me][i]];
		if ((q->seg->flags & (TH_SYN | TH_FIN)) &&
		    seq_geq(r->seg->ack, q->seg->seq + row_space(q)))
			n = i + 1;
	}
	for (i = 0; i < n; i++)
		heard(&p->c->end[me], &p->c->end[!me],
		    p->c->row[p->queue[me][i]]);
	p->queued[me] -= n;
	memmove(p->queue[me], p->queue[me] + n,
	    p->queued[me] * sizeof(p->queue[me][0]));
}

/* is_refused - a SYN-ACK before the one that counts: its number was wrong; or a
   SYN that an earlier connection has answered */
static bool
is_refused(const struct play *p, const struct row *r)
{
	if (r->amiss)
		return true;
	return (r->seg->flags & TH_SYN) && (r->seg->flags & TH_ACK) &&
	       p->c->end[r->from].renumbered > p->i;
}

/*
 * is_vain - the SYN or FIN that it acknowledges is sent again, and what is
 * sent then acknowledges it once more: this one was lost
 */
static bool
is_vain(const struct play *p, const struct row *r)
{
	int to = !r->from;
	uint32_t again = p->last_syn[to];

	if (r->seg->flags & (TH_SYN | TH_FIN))
		return false;
	if (p->c->end[to].have_fin && seq_gt(r->seg->ack, p->c->end[to].fin))
		again = p->last_fin[to];
	return again > p->i && p->last_ack[r->from] > again;
}

/* sets_out - row p->i goes to the other end, if that is known to live */
static void
sets_out(struct play *p, const struct row *r)
{
	int to = !r->from;

	if ((r->marks & (MARK_LOST | MARK_PROBE | MARK_NO_ANSWER)) ||
	    p->c->end[to].rows == 0 || is_refused(p, r) || is_vain(p, r))
		return;
	if (p->queued[to] == QUEUE) {
		heard(&p->c->end[to], &p->c->end[!to],
		    p->c->row[p->queue[to][0]]);
		p->queued[to]--;
		memmove(p->queue[to], p->queue[to] + 1,
		    p->queued[to] * sizeof(p->queue[to][0]));
	}
	p->queue[to][p->queued[to]++] = p->i;
}

/* ---- all of it */

/* fills - the other end lacked it until now */
static bool
fills(const struct row *r)
{
	return (r->marks & MARK_FILLS) ||
	       ((r->marks & MARK_AGAIN) && r->seg->len > 0 &&
		   !(r->marks & (MARK_NEEDLESS | MARK_LOST)));
}

static void
prepare(struct play *p)
{
	const struct row *r;
	uint32_t i;
	int who;

	for (i = 0; i < p->c->rows; i++) {
		r = p->c->row[i];
		if (!counts(r) || is_other_syn(r))
			continue;
		if (r->seg->flags & TH_SYN)
			p->last_syn[r->from] = i;
		if ((r->seg->flags & (TH_SYN | TH_ACK)) == TH_SYN)
			p->last_bare[r->from] = i;
		if (r->seg->flags & TH_FIN)
			p->last_fin[r->from] = i;
		if (fills(r))
			p->last_fill[r->from] = i;
		if ((r->seg->flags & (TH_ACK | TH_RST)) == TH_ACK &&
		    !(r->marks & MARK_LATE))
			p->last_ack[r->from] = i;
	}
	for (who = 0; who < 2; who++) {
		p->c->end[who].have_ack = p->c->end[who].have_edge = false;
		p->c->end[who].state = ST_NONE;
	}
}

/* find_next - the first row behind p->i in which that end acknowledges */
static void
find_next(struct play *p, int who)
{
	const struct row *r;

	while (p->next[who] < p->c->rows) {
		r = p->c->row[p->next[who]];
		if (p->next[who] > p->i && r->from == who && counts(r) &&
		    !(r->marks & MARK_LATE) &&
		    (r->seg->flags & (TH_ACK | TH_RST)) == TH_ACK)
			return;
		p->next[who]++;
	}
}

/* is_exact - RFC 5961 3.2: another reset is only taken when data that was not
   acknowledged yet came before it */
static bool
is_exact(const struct play *p, const struct row *r)
{
	const struct conn_end *to = &p->c->end[!r->from];

	return !to->have_ack || to->ack == r->seg->seq;
}

/* may_answer_fin - of one direction: what has come to this end, all of it, may
   have had a FIN at its end */
static bool
may_answer_fin(const struct play *p, int who)
{
	const struct conn_end *e = &p->c->end[who];

	return p->c->end[!who].rows == 0 && e->have_ack &&
	       (e->ack > 1 || !e->from_syn) && p->proof[who].max_ack == e->ack;
}

/* show - the state of that end at row p->i */
static void
show(struct play *p, int who)
{
	struct row *r = p->c->row[p->i], *before;
	enum end_state is = p->c->end[who].state,
		       was = (enum end_state)p->was[who];

	r->state[who] = (uint8_t)is;
	before = p->i > 0 ? p->c->row[p->i - 1] : NULL;
	if (before != NULL)
		r->seems[who] = before->seems[who];
	if (is == was)
		return;
	if (is == ST_CLOSED && (r->seg->flags & TH_RST) && r->from == who)
		r->seems[who] = false; /* it says so */
	else if (is == ST_CLOSED && (r->seg->flags & TH_RST))
		r->seems[who] |= !is_proven(p->proof, who, was, is) ||
				 !is_exact(p, r);
	else if ((is != ST_CLOSED && is != ST_FIN_WAIT_1) || !r->seems[who])
		r->seems[who] = !is_proven(p->proof, who, was, is);
	if (is == ST_FIN_WAIT_1 && may_answer_fin(p, who))
		r->seems[who] = true;
}

/* renumber - what came before this row was of another connection */
static void
renumber(struct play *p, const struct row *r)
{
	struct conn_end *me = &p->c->end[r->from];

	if (me->renumbered == 0 || me->renumbered != p->i)
		return;
	me->have_fin = false;
	if (!(r->seg->flags & TH_RST))
		me->state = ST_NONE;
}

static void
step(struct play *p)
{
	struct conn *c = p->c;
	struct row *r = c->row[p->i];

	renumber(p, r);
	p->was[LEFT] = c->end[LEFT].state;
	p->was[RIGHT] = c->end[RIGHT].state;
	find_next(p, LEFT);
	find_next(p, RIGHT);
	if (!counts(r) || is_other_syn(r)) {
		;
	} else if (r->seg->flags & TH_RST) {
		play_reset(p, r);
	} else if (!play_is_old(p, r)) {
		shown(p, r);
		sent(p, &c->end[r->from], r);
		sets_out(p, r);
	}
	arrivals(p, LEFT);
	arrivals(p, RIGHT);
	show(p, LEFT);
	show(p, RIGHT);
	if (!p->closed && c->end[LEFT].have_fin && c->end[RIGHT].have_fin &&
	    (c->end[LEFT].state == ST_TIME_WAIT ||
		c->end[RIGHT].state == ST_TIME_WAIT)) {
		p->closed = true;
		c->ending = END_FIN;
	}
}

/* may_have_ended - otherwise than it seems: by a FIN of the silent end */
static bool
may_have_ended(const struct play *p)
{
	int silent = p->c->end[LEFT].rows == 0 ? LEFT : RIGHT;

	if (p->c->end[silent].rows > 0)
		return false;
	return p->c->ending == END_FIN ||
	       (p->c->ending == END_HALF && may_answer_fin(p, !silent));
}

void
analyse_states(struct conn *c)
{
	struct play p = {.c = c};

	prepare(&p);
	prove(c, p.proof);
	for (; p.i < c->rows; p.i++)
		step(&p);
	if (!p.closed)
		c->ending = ending_of(c);
	c->seems = may_have_ended(&p);
}
