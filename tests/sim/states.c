/*
 * states.c - the states of both ends and how a connection ended, as the
 * analysis of a capture has them, compared with those that were.
 *
 * When a state was entered cannot be known elsewhere; which ones were, and in
 * which order, mostly can. A state that nothing on the wire shows may be
 * missing, and one that is drawn with a question mark is not compared. What the
 * last segment of a connection does, when it arrives, no capture tells.
 */
#include <stdio.h>
#include <string.h>

#include "capture/analysis.h"
#include "tcp/fsm.h"
#include "truth.h"

struct ends {
	const struct conn *c;
	const struct tcpseg_list *list;
	enum point where;
	int call;
	uint64_t since; /* its first segment was sent */
	uint32_t iss[2];
	int who[2];		 /* which end of the run each side is */
	const struct row *wrong; /* it has a state that never was */
};

static enum end_state
as_drawn(int state)
{
	static const enum end_state of[] = {
	    [TCPS_CLOSED] = ST_CLOSED,
	    /* the connection is no more: RFC 9293 3.10.7.4, RST */
	    [TCPS_LISTEN] = ST_CLOSED,
	    [TCPS_SYN_SENT] = ST_SYN_SENT,
	    [TCPS_SYN_RECEIVED] = ST_SYN_RECEIVED,
	    [TCPS_ESTABLISHED] = ST_ESTABLISHED,
	    [TCPS_CLOSE_WAIT] = ST_CLOSE_WAIT,
	    [TCPS_FIN_WAIT_1] = ST_FIN_WAIT_1,
	    [TCPS_CLOSING] = ST_CLOSING,
	    [TCPS_LAST_ACK] = ST_LAST_ACK,
	    [TCPS_FIN_WAIT_2] = ST_FIN_WAIT_2,
	    [TCPS_TIME_WAIT] = ST_TIME_WAIT,
	};

	return of[state];
}

static const struct tx *
tx_of(const struct ends *e, const struct row *r)
{
	return &truth.tx[truth.sight[e->where][r->seg - e->list->s].tx];
}

/* passed - the next change, from i on, that enters this state; or changes */
static uint32_t
passed(const struct ends *e, int side, enum end_state s, uint32_t i)
{
	const struct change *g;

	for (; i < truth.changes; i++) {
		g = &truth.change[i];
		if (g->call == e->call && g->who == e->who[side] &&
		    g->at >= e->since && as_drawn(g->state) == s)
			break;
	}
	return i;
}

/* mixed - the run has taken some of it for another connection of its ports */
static bool
mixed(const struct ends *e)
{
	uint32_t row;

	for (row = 0; row < e->c->rows; row++)
		if (tx_of(e, e->c->row[row])->call != e->call)
			return true;
	return false;
}

/* last_row - that counts; whether that segment arrives, nothing can show */
static uint32_t
last_row(const struct ends *e)
{
	uint32_t row = e->c->rows - 1;

	while (row > 0 && (e->c->row[row]->marks & MARK_TWICE))
		row--;
	return row;
}

static bool
all_passed(struct ends *e, int side, struct score *score)
{
	enum end_state now = ST_NONE, s;
	uint32_t at = 0, row;

	for (row = 0; row < e->c->rows; row++) {
		s = (enum end_state)e->c->row[row]->state[side];
		if (s == now || s == ST_NONE)
			continue;
		score->drawn++;
		if (e->c->row[row]->seems[side]) {
			score->seems++;
			now = s;
			continue;
		}
		at = passed(e, side, s, at);
		/* the end of TIME-WAIT is not noted */
		if (at == truth.changes &&
		    !(s == ST_CLOSED &&
			passed(e, side, ST_TIME_WAIT, 0) < truth.changes)) {
			if (row < last_row(e) && !mixed(e)) {
				e->wrong = e->c->row[row];
				return false;
			}
			score->unknowable++;
		}
		now = s;
		at++;
	}
	return true;
}

/* ended_well - both ends of it have closed by FIN */
static bool
ended_well(const struct ends *e)
{
	int side;

	for (side = 0; side < 2; side++)
		if (passed(e, side, ST_TIME_WAIT, 0) == truth.changes &&
		    passed(e, side, ST_CLOSED,
			passed(e, side, ST_LAST_ACK, 0)) == truth.changes)
			return false;
	return true;
}

/* first_fin - of this end of the connection; NULL: it has sent none */
static const struct tx *
first_fin(const struct ends *e, int side)
{
	const struct tx *x;
	uint32_t i;

	for (i = 0; i < truth.txs; i++) {
		x = &truth.tx[i];
		if (x->call == e->call && x->from == e->who[side] &&
		    x->iss == e->iss[x->from] && (x->seg.flags & TH_FIN))
			return x;
	}
	return NULL;
}

/* aborted - an end has sent a reset of its own accord */
static bool
aborted(const struct ends *e)
{
	const struct tx *x;
	uint32_t i;

	for (i = 0; i < truth.txs; i++) {
		x = &truth.tx[i];
		if (x->call == e->call && x->iss == e->iss[x->from] &&
		    (x->seg.flags & (TH_RST | TH_ACK)) == (TH_RST | TH_ACK))
			return true;
	}
	return false;
}

/* shows_fin - a row of this end has one, of this call or an earlier one */
static bool
shows_fin(const struct ends *e, int side)
{
	uint32_t i;

	for (i = 0; i < e->c->rows; i++)
		if (e->c->row[i]->from == side &&
		    (e->c->row[i]->seg->flags & TH_FIN))
			return true;
	return false;
}

/* is_ghost - the SYN that was answered had been overtaken, or was a copy: there
   was another one of it before */
static bool
is_ghost(const struct ends *e)
{
	const struct row *r = e->c->row[0];
	const struct tx *x = tx_of(e, r), *y;
	uint32_t i;

	if (!e->c->end[LEFT].from_syn ||
	    truth.sight[e->where][r->seg - e->list->s].copy)
		return true;
	for (i = 0; i < truth.txs; i++) {
		y = &truth.tx[i];
		if (y != x && y->from == x->from && y->call == x->call &&
		    (y->seg.flags & TH_SYN) &&
		    y->seen[e->where] < x->seen[e->where])
			return true;
	}
	return false;
}

/* false_end - how it ended is wrong, or who began that; FINs that crossed, or
   were not seen, do not tell it */
static bool
false_end(const struct ends *e)
{
	const struct tx *mine = first_fin(e, e->c->closer);
	const struct tx *other = first_fin(e, !e->c->closer);

	if (is_ghost(e))
		return false;
	if (e->c->ending == END_RESET)
		return ended_well(e) && !aborted(e);
	if (e->c->ending == END_HALF)
		return mine == NULL && !shows_fin(e, e->c->closer);
	if (e->c->ending != END_FIN)
		return false;
	/* the other had come before the first was sent */
	return mine == NULL || other == NULL ||
	       other->arrived <= mine->seg.time;
}

/* whose - call, numbers and ends of a connection, and when it began */
static void
whose(struct ends *e)
{
	const struct tx *x;
	uint32_t i;
	int from;

	for (i = 0; i < e->c->rows; i++) {
		x = tx_of(e, e->c->row[i]);
		from = e->c->row[i]->from;
		if (e->c->end[from].from_syn && x->iss != e->c->end[from].isn &&
		    i > 0)
			continue; /* of another connection of these ports */
		e->call = x->call;
		e->who[from] = x->from;
		e->who[!from] = !x->from;
		e->iss[x->from] = x->iss;
		if (x->seg.time < e->since)
			e->since = x->seg.time;
	}
	for (i = 0; i < truth.txs; i++) {
		x = &truth.tx[i];
		if (x->call == e->call && x->iss == e->iss[x->from] &&
		    x->seg.time < e->since)
			e->since = x->seg.time; /* not seen there */
	}
}

static void
misdrawn(
    const struct sim *s, struct score *score, const struct ends *e, int side)
{
	score->misdrawn++;
	if (score->first[0] == '\0')
		snprintf(score->first, sizeof(score->first),
		    "seed %llu, point %d, call %d: side %d was never %s, at "
		    "%.6f of %u rows",
		    (unsigned long long)s->seed, e->where, e->call, side,
		    state_name((enum end_state)e->wrong->state[side]),
		    (double)(e->wrong->seg->time - e->c->first_at) / 1e9,
		    e->c->rows);
}

void
states_check(const struct sim *s, struct score *score, const struct conn *c,
    const struct tcpseg_list *list, enum point where)
{
	struct ends e = {.c = c, .list = list, .where = where, .since = NEVER};
	int side;

	whose(&e);
	for (side = 0; side < 2; side++) {
		score->states++;
		if (!all_passed(&e, side, score))
			misdrawn(s, score, &e, side);
	}
	score->ends++;
	if (!false_end(&e))
		return;
	score->wrong++;
	if (score->first[0] == '\0')
		snprintf(score->first, sizeof(score->first),
		    "seed %llu, point %d, call %d: its end is not %d by %d",
		    (unsigned long long)s->seed, where, e.call, c->ending,
		    c->closer);
}
