/*
 * resets.c - what a reset does to the states of both ends, and how the
 * connection has ended by it; see play.h.
 */
#include "capture/play.h"
#include "capture/study.h"
#include "wire/tcp_seq.h"

bool
play_is_old(struct play *p, const struct row *r)
{
	bool stray = is_stray(&p->c->end[r->from], r);

	if (!stray && r->seg->seq > UINT32_MAX / 2)
		p->far[r->from] = true;
	return stray && !p->far[r->from];
}

/* is_taken - RFC 9293 3.10.7.3 and 3.5.2: a reset with numbers that fit */
static bool
is_taken(const struct play *p, const struct row *r)
{
	const struct conn *c = p->c;
	const struct conn_end *to = &c->end[!r->from];

	if (to->state == ST_SYN_SENT)
		return !(r->seg->flags & TH_ACK) || r->seg->ack == 1;
	if (!to->have_ack)
		return to->state != ST_SYN_RECEIVED ||
		       seq_leq(r->seg->seq, c->end[r->from].nxt);
	/* RFC 5961 3.2: else it is challenged */
	if (r->seg->seq != to->ack && p->proof[!r->from].goes_on)
		return false;
	return seq_geq(r->seg->seq, to->ack) &&
	       (seq_leq(r->seg->seq, to->edge) || r->seg->seq == to->ack);
}

/*
 * is_answer - to an ACK of what this end has never sent: it carries that
 * number, and the end goes on (3.10.7.4, fifth, SYN-RECEIVED)
 */
static bool
is_answer(const struct conn_end *me, const struct row *r)
{
	return me->from_syn && me->state == ST_SYN_RECEIVED &&
	       (r->seg->seq == 0 || r->seg->seq > me->nxt);
}

/*
 * closed_before - both have sent a FIN, and this end knows that its own has
 * arrived: it is closed already, and answers a FIN that comes once more
 */
static bool
closed_before(const struct conn *c, const struct row *r)
{
	const struct conn_end *me = &c->end[r->from], *to = &c->end[!r->from];

	return !(r->seg->flags & TH_ACK) && me->have_fin && to->have_fin &&
	       to->have_ack && seq_gt(to->ack, me->fin);
}

/* is_retried - the SYN that it refuses is sent again, and taken then: some
   systems try three times */
static bool
is_retried(const struct play *p, const struct row *r)
{
	return p->c->end[!r->from].state == ST_SYN_SENT &&
	       p->proof[r->from].synack && p->proof[!r->from].goes_on;
}

/* ended - by this reset, if it was not before */
static void
ended(struct play *p, const struct row *r, enum ending how)
{
	if (p->closed)
		return;
	p->closed = true;
	p->c->ending = how;
	if (how == END_FIN)
		return;
	p->c->reset = r;
	p->c->closer = (enum conn_side)r->from;
}

void
play_reset(struct play *p, const struct row *r)
{
	struct conn *c = p->c;
	struct conn_end *to = &c->end[!r->from];
	bool after;

	if (!is_taken(p, r) || is_answer(&c->end[r->from], r))
		return;
	if (r->marks & MARK_ANSWERS) {
		c->end[r->from].state = ST_CLOSED;
		ended(p, r, END_RESET);
		return;
	}
	/* 3.5.1, figure 9: what answers an old connection opens a new one */
	if (c->end[r->from].state == ST_SYN_SENT &&
	    !(to->state == ST_SYN_RECEIVED && to->have_ack &&
		to->ack == r->seg->seq && to->renumbered <= p->i)) {
		if (to->rows > 0 && to->state != ST_SYN_RECEIVED)
			to->state = ST_CLOSED;
		return;
	}
	if (play_is_old(p, r) || is_retried(p, r))
		return;
	c->end[r->from].state = ST_CLOSED;
	after = closed_before(c, r);
	/* RFC 1337 3: TIME-WAIT goes on */
	if (to->rows > 0 && to->state != ST_TIME_WAIT)
		to->state = ST_CLOSED;
	p->queued[LEFT] = p->queued[RIGHT] = 0;
	ended(p, r,
	    after		   ? END_FIN
	    : c->refused[!r->from] ? END_REFUSED
				   : END_RESET);
}
