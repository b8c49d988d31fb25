/*
 * reuse.c - see reuse.h. A SYN of the same number begins a connection when the
 * one before is over and no retransmission and no copy can be the reason.
 */
#include "capture/reuse.h"
#include "capture/study.h"

enum {
	ID_STEP = 2000, /* between packets of an end that counts up */
	SYNS = 8,	/* that an end sends in a row */
};

uint64_t
later(uint64_t now, uint64_t then)
{
	return now > then ? now - then : 0;
}

bool
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

/* follows - by its identification the SYN was sent right behind the first of
   its end */
static bool
follows(const struct conn *c, const struct tcpseg *s, int from)
{
	uint32_t i;

	for (i = 0; i < c->rows && i < LAST_MAX; i++)
		if (c->row[i]->from == from)
			return (uint16_t)(s->ip_id - c->row[i]->seg->ip_id) <=
			       SYNS;
	return false;
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
		if (last->ip_id == 0) /* of a closed end, beside others */
			continue;
		d = (int16_t)(uint16_t)(s->ip_id - last->ip_id);
		if (s->ip_id == 0 || d >= ID_STEP)
			return 0;
		/* a new connection may begin with any identification */
		return d > 0 ? 1 : d < 0 && follows(c, s, from) ? -1 : 0;
	}
	return 0;
}

bool
answers_syn(const struct conn_end *you, const struct tcpseg *s)
{
	return s->ack - you->isn - 1 <= you->syn_data;
}

void
note_life(struct conn *c, const struct tcpseg *s, int from)
{
	struct conn_end *me = &c->end[from], *you = &c->end[!from];
	bool syn = (s->flags & (TH_SYN | TH_ACK)) == TH_SYN;
	uint64_t gap = later(s->time, me->syn_at);

	me->seen = true;
	if (syn && (me->syn_at == 0 || gap >= RTO_NS)) { /* else a copy */
		me->syn_gap = me->syn_at > 0 ? gap : 0;
		me->syn_at = s->time;
	}
	if (syn) {
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
	/* 2 s: one between was missed, and the time was not doubled yet */
	const uint64_t first[] = {
	    500000000, 1000000000, 2000000000, 3000000000};
	const uint64_t next[] = {before / 2, before, 2 * before, 4 * before};
	const uint64_t *of = before > 0 ? next : first;
	int i;

	for (i = 0; i < 4; i++)
		if (ns >= of[i] - of[i] / 5 && ns <= of[i] + of[i] / 5)
			return true;
	return false;
}

/*
 * is_due - the time-out of the first SYN has doubled each time up to this one;
 * those between, two at least, may not be captured
 */
static bool
is_due(const struct conn *c, const struct tcpseg *s, int from)
{
	const struct row *first = c->row[0];
	uint64_t ns = later(s->time, c->first_at), sum;
	uint32_t i;

	if (first->from != from ||
	    (first->seg->flags & (TH_SYN | TH_ACK)) != TH_SYN)
		return false;
	for (i = 3; i <= SYNS; i++) { /* from 1 s, RFC 6298 2.1 and 5.5 */
		sum = ((UINT64_C(1) << i) - 1) * 1000000000;
		if (ns >= sum - sum / 50 && ns <= sum + sum / 50)
			return true;
	}
	return false;
}

/* is_repeated - it has the very identification of the first */
static bool
is_repeated(const struct conn *c, const struct tcpseg *s)
{
	return s->ip_id != 0 && s->ip_id == c->row[0]->seg->ip_id;
}

/*
 * is_doubled - nothing but its time can differ from the latest SYN: no end
 * sends that again so soon, unless a reset came between
 */
static bool
is_doubled(const struct conn *c, const struct tcpseg *s, int from, uint64_t gap)
{
	const struct row *r;
	bool reset = false;
	uint32_t i;

	for (i = c->rows; i-- > 0 && c->rows - i <= LAST_MAX;) {
		r = c->row[i];
		reset |= r->from != from && (r->seg->flags & TH_RST);
		if (r->from != from || !(r->seg->flags & TH_SYN))
			continue;
		if (s->ip_id != 0 && s->ip_id == r->seg->ip_id)
			return gap < COPY_NS;
		return !reset && gap < RTO_NS;
	}
	return false;
}

bool
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
		return !is_doubled(c, s, from, gap) &&
		       !is_backoff(gap, e->syn_gap) && !is_due(c, s, from);
	/* those between may not be captured; each has its own identification */
	if (is_repeated(c, s))
		return gap > SYN_AGAIN_NS;
	return gap > SYN_LAST_NS;
}

bool
may_repeat(const struct conn *c, int from)
{
	const struct row *syn = NULL, *r;
	uint32_t i;

	if (c->end[from].syn_gap == 0 || c->end[from].syn_gap > SYN_LAST_NS)
		return false;
	for (i = 0; i < c->rows && i < LAST_MAX; i++) {
		r = c->row[i];
		if (r->from != from)
			continue;
		if (syn == NULL)
			syn = r;
		else if (!(r->seg->flags & TH_SYN))
			return since(syn, r) >= RTO_NS;
	}
	return true;
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

void
syn_answered(struct conn *c, uint32_t i, bool amiss)
{
	const struct row *syn = c->row[i];
	struct row *r;

	for (i++; i-- > 0;) {
		r = c->row[i];
		if (since(r, syn) >= RTO_NS)
			return;
		if (r->from != syn->from || !(r->seg->flags & TH_SYN))
			continue;
		r->answered = true;
		r->amiss = amiss;
	}
}

/*
 * repeats - the latest of c, an ACK, says what its end had said before that
 * time: it answers what came out of the window, and was not on its way before.
 * The other end had sent nothing for as long as a packet may be late, but
 * resets: else that may be what it answers
 */
static bool
repeats(const struct conn *c, uint64_t time)
{
	const struct row *last = c->row[c->rows - 1], *r;
	bool same = false, known = false, quiet = false;
	uint32_t i;

	if (!is_pure_ack(last))
		return false;
	for (i = c->rows - 1; i-- > 0 && c->rows - i <= LAST_MAX;) {
		r = c->row[i];
		if (r->from != last->from) {
			if (r->seg->flags & TH_RST)
				continue;
			if (r->seg->time + COPY_NS > time)
				return false;
			quiet = true;
		} else if ((r->seg->flags & TH_ACK) && r->seg->time < time &&
			   !known) {
			known = true;
			same = r->seg->ack == last->seg->ack &&
			       r->seg->seq + row_space(r) == last->seg->seq;
		}
	}
	return same && quiet;
}

void
note_killed(
    struct conn *now, const struct conn *earlier, const struct tcpseg *s)
{
	int from = !endpoint_equal(&now->end[LEFT].at, &s->src);
	const struct row *syn = now->row[now->rows - 1];
	const struct row *ack = earlier->row[earlier->rows - 1];

	if (now->end[from].from_syn && syn->from == from &&
	    (syn->seg->flags & (TH_SYN | TH_ACK)) == TH_SYN &&
	    ack->seg->time >= syn->seg->time &&
	    repeats(earlier, syn->seg->time))
		syn_answered(now, now->rows - 1, true);
}
