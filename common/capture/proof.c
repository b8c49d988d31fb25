/*
 * proof.c - see proof.h.
 */
#include <string.h>

#include "capture/proof.h"
#include "capture/ranges.h"
#include "capture/study.h"
#include "wire/tcp_seq.h"

enum { ANSWERS = 2 }; /* of which the fastest counts */

#define PROMPT_NS UINT64_C(1000000)

static bool
counts(const struct row *r)
{
	return !(r->marks & (MARK_TWICE | MARK_MUTE)) &&
	       !(r->seg->flags & TH_RST);
}

/* is_new - no other transmission of it has passed before */
static bool
is_new(const struct row *r)
{
	return !(r->marks & (MARK_AGAIN | MARK_LATE | MARK_UNSURE | MARK_ORDER |
				MARK_FILLS | MARK_KEEPALIVE | MARK_PROBE));
}

/* ---- one row at a time */

static void
note_ack(struct proof *me, const struct row *r)
{
	uint32_t ack = r->seg->ack;

	if (!(r->seg->flags & TH_ACK))
		return;
	if (!me->have_ack || seq_lt(ack, me->first_ack))
		me->first_ack = ack;
	if (!me->have_ack || seq_gt(ack, me->max_ack))
		me->max_ack = ack;
	me->have_ack = true;
}

static void
note_fins(const struct conn *c, struct proof p[2])
{
	const struct row *r;
	uint32_t i;

	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		if (!counts(r))
			continue;
		note_ack(&p[r->from], r);
		if ((r->seg->flags & (TH_SYN | TH_ACK)) == (TH_SYN | TH_ACK))
			p[r->from].synack = true;
		if (!(r->seg->flags & TH_FIN) || p[r->from].have_fin ||
		    is_stray(&c->end[r->from], r))
			continue;
		p[r->from].have_fin = true;
		p[r->from].fin = r->seg->seq + r->seg->len;
		if (i >= c->end[r->from].renumbered)
			p[r->from].renumbered = c->end[r->from].renumbered;
	}
}

static bool
acks_fin(const struct proof *other, const struct row *r, uint32_t i)
{
	return other->have_fin && i >= other->renumbered &&
	       (r->seg->flags & TH_ACK) && seq_gt(r->seg->ack, other->fin);
}

/* answers - r, what the other end sent at this time, at once */
static bool
answers(const struct conn *c, const struct row *r, uint64_t time)
{
	const struct conn_end *e = &c->end[!r->from];
	uint64_t prompt = e->shortest < e->answered ? e->shortest : e->answered;

	return time != 0 && e->answers >= ANSWERS &&
	       r->seg->time - time <= prompt + PROMPT_NS;
}

/* follows - r, within a round trip, the latest of its end */
static bool
follows(const struct conn *c, const struct row *r, uint64_t time)
{
	const struct conn_end *a = &c->end[LEFT], *b = &c->end[RIGHT];

	return a->half > 0 && b->half > 0 &&
	       r->seg->time - time < a->shortest + b->shortest;
}

/*
 * is_prompt - r answers the other's FIN at once, and nothing of this end was
 * missing in the capture: an end that had sent its FIN would answer by an ACK.
 * Behind what it had to retransmit the FIN may be retransmitted as promptly;
 * so, where it waited, may be what was lost with the FIN before the capture, if
 * the other's FIN acknowledges something, or what came before that FIN had no
 * answer.
 */
static bool
is_prompt(const struct conn *c, const struct proof *me, const struct proof *you,
    const struct row *r)
{
	return !me->gaps && !me->again && (me->steady || !you->fin_acks) &&
	       answers(c, r, you->fin_at) &&
	       (you->owed_at == 0 || answers(c, r, you->owed_at));
}

/*
 * is_soon - its latest ACK shows that no FIN was sent before. A FIN sent and
 * lost since then would not be retransmitted within a round trip: RFC 8985
 * 7.2, RFC 6298 2. Data may be retransmissions, all copies before lost. One
 * answer, of a FIN behind a gap, may be late; the shortest of all is none too
 * long for a round trip.
 */
static bool
is_soon(const struct conn *c, const struct proof *me, const struct row *r)
{
	return me->clear_at != 0 && !me->gaps && follows(c, r, me->clear_at);
}

/* note_edge - of the window that r gives to the other end */
static void
note_edge(struct proof *you, const struct row *r)
{
	uint32_t edge = r->seg->ack + r->wnd;

	if (!(r->seg->flags & TH_ACK))
		return;
	if (you->edges == 0 || seq_gt(edge, you->top))
		you->top = edge;
	if (you->edges == 0 ||
	    edge != you->edge[(you->edges - 1) % PROOF_EDGES])
		you->edge[you->edges++ % PROOF_EDGES] = edge;
}

/*
 * shows_next - an ACK without data has the number SND.NXT; but where the window
 * shrank below that, it has the one of the edge. A window may also have shrunk
 * for that end only: the latest overtook one that was given before.
 */
static bool
shows_next(const struct proof *me, const struct row *r)
{
	uint32_t i;

	if (!is_pure_ack(r) || !is_new(r))
		return false;
	for (i = 0; i < me->edges && i < PROOF_EDGES; i++)
		if (me->edge[i] == r->seg->seq && me->edge[i] != me->top)
			return false;
	return true;
}

/*
 * note_order - is it sure that no FIN was sent before r and not captured? Its
 * SYN and an ACK show what has been sent (SND.NXT); after them the
 * identifications must go on one by one.
 */
static void
note_order(const struct conn *c, struct proof p[2], const struct row *before,
    const struct row *r)
{
	struct proof *me = &p[r->from], *you = &p[!r->from];
	bool shows = (r->seg->flags & TH_SYN) || shows_next(me, r);

	if ((r->marks & (MARK_GAP | MARK_FILLS)) ||
	    ((r->marks & MARK_UNSURE) &&
		((r->marks & MARK_LATE) || (r->seg->flags & TH_SYN))))
		me->gaps = true;
	me->steady = shows || (me->steady && (follows(c, r, me->seen_at) ||
						 answers(c, r, you->seen_at)));
	if (shows)
		me->no_fin = true;
	else if (before == NULL || !has_ids(&c->end[r->from], before, r))
		me->no_fin = is_prompt(c, me, you, r) || is_soon(c, me, r);
	else if ((uint16_t)(r->seg->ip_id - before->seg->ip_id) != 1)
		me->no_fin = false;
	if (shows && !(r->seg->flags & TH_SYN))
		me->clear_at = r->seg->time;
	me->seen_at = r->seg->time;
	you->owed_at = 0;
	if (row_space(r) > 0 && me->owed_at == 0)
		me->owed_at = r->seg->time;
	note_edge(you, r);
}

/* note_reset - and what each end sends after it */
static void
note_reset(struct proof p[2], const struct row *r)
{
	if (r->marks & (MARK_TWICE | MARK_DROPPED | MARK_UNTAKEN))
		return;
	if (r->seg->flags & TH_RST)
		p[!r->from].resets++;
	else if (p[r->from].resets > 0)
		p[r->from].goes_on = true;
}

/*
 * is_handshake - the third segment: of SYN-SENT only a SYN-ACK leads to an ACK
 * without a SYN
 */
static bool
is_handshake(const struct conn *c, const struct proof p[2], const struct row *r)
{
	return (r->seg->flags & (TH_SYN | TH_ACK | TH_RST)) == TH_ACK &&
	       c->end[r->from].bare_syn && !p[r->from].synack &&
	       p[!r->from].synack && p[!r->from].acks &&
	       !is_stray(&c->end[r->from], r);
}

static void
note_row(const struct conn *c, struct proof p[2], uint32_t i,
    const struct row *before)
{
	const struct row *r = c->row[i];
	struct proof *me = &p[r->from], *you = &p[!r->from];
	bool fin = r->seg->flags & TH_FIN, both = acks_fin(you, r, i);
	uint32_t end = r->seg->seq + row_space(r);

	if (before == NULL || (row_space(r) > 0 && seq_gt(end, me->end)))
		me->end = end;
	if (r->seg->opt.have_cookie) /* RFC 7413: data before it is open */
		me->fast = you->fast = true;
	if (!(r->seg->flags & TH_SYN) &&
	    (((r->seg->len > 0 || fin) && !me->fast &&
		 (you->acks || c->end[!r->from].rows == 0)) ||
		((r->seg->flags & TH_ACK) &&
		    seq_gt(r->seg->ack, me->first_ack))))
		me->open = true;
	me->open |= is_handshake(c, p, r);
	if (r->seg->flags & TH_ACK)
		me->acks = true;
	if (both && me->acks_fin == NO_ROW)
		me->acks_fin = i;
	if (!both && me->have_fin && (fin || seq_gt(r->seg->seq, me->fin)))
		me->fin_early = true;
	note_order(c, p, before, r);
	if (row_space(r) > 0)
		me->again = (r->marks & MARK_AGAIN) != 0;
	if (!fin && (r->seg->flags & TH_ACK) && seq_geq(r->seg->ack, you->end))
		you->again = false;
	if (row_space(r) > 0 && you->acks_fin != NO_ROW)
		me->fin_again = true;
	if (fin && me->fin_at == 0) {
		me->fin_at = r->seg->time;
		me->fin_acks = !me->had_ack || seq_gt(r->seg->ack, me->ack);
	}
	if ((r->seg->flags & TH_ACK) &&
	    (!me->had_ack || seq_gt(r->seg->ack, me->ack))) {
		me->ack = r->seg->ack;
		me->had_ack = true;
	}
	if (both && is_new(r) && me->no_fin &&
	    seq_leq(r->seg->seq, me->have_fin ? me->fin : me->end))
		me->fin_later = true;
	if (row_space(r) > 0 && both && is_new(r) && !fin && you->have_ack &&
	    seq_geq(you->max_ack, end))
		you->heard = true;
}

void
prove(const struct conn *c, struct proof p[2])
{
	const struct row *before[2] = {NULL, NULL};
	uint32_t i;

	memset(p, 0, 2 * sizeof(p[0]));
	p[LEFT].acks_fin = p[RIGHT].acks_fin = NO_ROW;
	note_fins(c, p);
	for (i = 0; i < c->rows; i++) {
		note_reset(p, c->row[i]);
		if (!counts(c->row[i]))
			continue;
		note_row(c, p, i, before[c->row[i]->from]);
		before[c->row[i]->from] = c->row[i];
	}
}

/* ---- what follows */

/* got_fin - the other's FIN */
static bool
got_fin(const struct proof *me)
{
	return me->acks_fin != NO_ROW;
}

/* got_ack - of its own FIN */
static bool
got_ack(const struct proof *me, const struct proof *you)
{
	return me->heard || (got_fin(me) && you->have_fin && !you->fin_early);
}

bool
is_proven(
    const struct proof p[2], int who, enum end_state from, enum end_state to)
{
	const struct proof *me = &p[who], *you = &p[!who];

	switch (to) {
	case ST_SYN_RECEIVED:
		return me->synack;
	case ST_ESTABLISHED:
		return from != ST_NONE && me->open;
	case ST_FIN_WAIT_1:
		return from != ST_NONE;
	case ST_FIN_WAIT_2:
		return got_ack(me, you);
	case ST_CLOSE_WAIT:
	case ST_LAST_ACK:
		return got_fin(me) && me->fin_later;
	case ST_CLOSING:
		return got_fin(me) && me->acks_fin < you->acks_fin;
	case ST_TIME_WAIT:
		return got_fin(me) && got_ack(me, you);
	case ST_NONE:
	case ST_LISTEN:
	case ST_SYN_SENT:
		break;
	case ST_CLOSED:
		return me->resets <= 1 && !me->goes_on &&
		       !(from == ST_LAST_ACK && me->fin_again);
	}
	return true;
}

enum ending
ending_of(const struct conn *c)
{
	bool fin[2] = {c->end[LEFT].have_fin, c->end[RIGHT].have_fin};

	if (c->end[LEFT].state == ST_TIME_WAIT ||
	    c->end[RIGHT].state == ST_TIME_WAIT || (fin[LEFT] && fin[RIGHT]))
		return END_FIN;
	if (fin[LEFT] || fin[RIGHT])
		return END_HALF;
	if (c->row[0]->marks & (MARK_NO_ANSWER | MARK_LOST) &&
	    (c->end[RIGHT].rows == 0 || c->end[LEFT].rows == 0) &&
	    !c->end[LEFT].have_ack && !c->end[RIGHT].have_ack)
		return END_NO_ANSWER;
	return END_OPEN;
}
