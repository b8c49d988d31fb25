/*
 * packets.c - is it the same packet once more, and which of two was sent
 * first? See look.h.
 *
 * The order in which one end has sent two segments follows from IPv4's
 * identification where that counts up, else by the timestamps of RFC 7323,
 * else by nothing.
 */
#include <string.h>

#include "capture/study.h"
#include "capture/ranges.h"
#include "wire/tcp_seq.h"

enum {
	TWICE_BACK = 16, /* rows to look back for the same packet */
	ID_STEP = 2000,	 /* between packets of an end that counts up */
	ABOVE_MAX = 64,	 /* ranges above a gap to compare with */
	ASKED_MAX = 256, /* rows to look at for an acknowledgment */
	TICKS = 4,	 /* of a clock that is known by the capture's time */
	PAIR_ROWS = 256, /* in which a copy of any packet is looked for, */
	PAIR_BACK = 128, /* this far behind it */
};

#define TWICE_NS  UINT64_C(1000000)    /* without an identification */
#define TWICE_MAC UINT64_C(1000000000) /* at another place of the network */
#define LATE_NS	  UINT64_C(3000000)    /* without a round trip */
#define SYN_NS	  UINT64_C(900000000)  /* what no SYN is retransmitted in */

/* is it the same packet? */
enum same { OTHER, PERHAPS, SAME };

static void
count_tick(struct conn_end *e, const struct row *first, const struct row *last)
{
	int32_t ticks;

	if (first == NULL)
		return;
	ticks = (int32_t)(last->seg->opt.tsval - first->seg->opt.tsval);
	if (ticks > 1)
		e->tick = since(first, last) / (uint32_t)(ticks - 1);
	e->stands_still = ticks <= 0 && since(first, last) >= TWICE_MAC;
}

void
count_ticks(struct conn *c)
{
	const struct row *first[2] = {NULL, NULL}, *last[2] = {NULL, NULL}, *r;
	uint32_t i;

	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		if (!r->seg->opt.have_ts || (r->seg->flags & TH_RST))
			continue;
		if (first[r->from] == NULL)
			first[r->from] = r;
		last[r->from] = r;
	}
	count_tick(&c->end[LEFT], first[LEFT], last[LEFT]);
	count_tick(&c->end[RIGHT], first[RIGHT], last[RIGHT]);
}

void
count_ids(struct conn *c)
{
	uint32_t last[2] = {0, 0}, up[2] = {0, 0}, all[2] = {0, 0}, i, id;
	int d, who;

	for (i = 0; i < c->rows; i++) {
		who = c->row[i]->from;
		id = c->row[i]->seg->ip_id;
		d = (int16_t)(uint16_t)(id - last[who]);
		if (id != 0 && last[who] != 0 && d != 0) {
			up[who] += d < ID_STEP && d > -ID_STEP;
			all[who]++;
		}
		last[who] = id;
	}
	for (who = 0; who < 2; who++)
		c->end[who].ids_count = all[who] > 0 &&
					up[who] >= all[who] - all[who] / 8;
}

/* ---- the same packet twice */

static bool
same_options(const struct tcp_opts *a, const struct tcp_opts *b)
{
	int i;

	if (a->have_ts != b->have_ts || a->tsval != b->tsval ||
	    a->tsecr != b->tsecr || a->nsack != b->nsack)
		return false;
	for (i = 0; i < a->nsack; i++)
		if (a->sack[i].start != b->sack[i].start ||
		    a->sack[i].end != b->sack[i].end)
			return false;
	return true;
}

static bool
same_segment(const struct tcpseg *a, const struct tcpseg *b)
{
	return a->seq == b->seq && a->len == b->len && a->ack == b->ack &&
	       a->flags == b->flags && a->wnd == b->wnd &&
	       same_options(&a->opt, &b->opt);
}

bool
has_ids(const struct conn_end *e, const struct row *a, const struct row *b)
{
	return e->ids_count && a->seg->ip_id != 0 && b->seg->ip_id != 0;
}

/* is_asked - the other end misses something: what it misses is retransmitted
   at once */
static bool
is_asked(const struct study *k)
{
	const struct sack_block *b = k->me->block;
	int i;

	for (i = 0; i < TCP_MAXSACK; i++)
		if (b[i].start != b[i].end &&
		    seq_gt(b[i].start, k->r->seg->seq) &&
		    seq_gt(b[i].start, k->me->una))
			return true;
	return k->you->dups > 0;
}

/*
 * by_stamp - the same timestamp, this long after: a retransmission has a later
 * one, unless the clock is slow (RFC 7323 5.4), and needs a time-out or a
 * request
 */
static enum same
by_stamp(const struct study *k, uint64_t apart)
{
	const struct tcpseg *s = k->r->seg;
	uint64_t most = s->flags & TH_SYN ? SYN_NS : RTO_NS;

	if (!s->opt.have_ts || k->me->stands_still)
		return OTHER;
	if (k->me->tick > 0 && apart / TICKS > k->me->tick)
		return SAME;
	if (apart >= TWICE_MAC)
		return OTHER;
	if (row_space(k->r) == 0) /* no end goes back */
		return k->me->have_ack && seq_lt(s->ack, k->me->ack) ? SAME
								     : OTHER;
	return apart < most && !is_asked(k) ? SAME : PERHAPS;
}

/* find_shift - how long after it the copies of an end's packets come, as their
   identifications show; 0: there is none */
static uint64_t
find_shift(struct conn *c, int who)
{
	uint32_t i, j, low;
	const struct row *r, *then;

	if (c->end[who].shift_known)
		return c->end[who].shift;
	c->end[who].shift_known = true;
	for (i = 1; i < c->rows && i < PAIR_ROWS; i++) {
		r = c->row[i];
		low = i > PAIR_BACK ? i - PAIR_BACK : 0;
		for (j = i; r->from == who && j > low; j--) {
			then = c->row[j - 1];
			if (then->from == who &&
			    has_ids(&c->end[who], then, r) &&
			    then->seg->ip_id == r->seg->ip_id &&
			    same_segment(then->seg, r->seg))
				return c->end[who].shift = since(then, r);
		}
	}
	return 0;
}

/* by_shift - other packets of this end have copies that come as long after
   them; nothing is sure if only those of the other end have some */
static enum same
by_shift(const struct study *k, uint64_t apart)
{
	uint64_t shift = find_shift(k->c, k->r->from), off;

	off = apart > shift ? apart - shift : shift - apart;
	if (shift > 0 && off < TWICE_NS + shift / 8)
		return SAME;
	return apart < TWICE_MAC && row_space(k->r) > 0 &&
		       (shift > 0 || find_shift(k->c, !k->r->from) > 0)
		   ? PERHAPS
		   : OTHER;
}

/* is_doubled - within a millisecond: no time-out is that short, but duplicate
   ACKs are alike, too */
static enum same
is_doubled(const struct study *k, bool answered)
{
	if (!is_pure_ack(k->r))
		return answered && is_asked(k) ? PERHAPS : SAME;
	return !answered && (k->me->twice > 0 || !k->you->have_nxt ||
				seq_leq(k->you->nxt, k->r->seg->ack))
		   ? SAME
		   : OTHER;
}

/* is_copy - then and now, alike, are one packet; answered: between them the
   other end has sent something */
static enum same
is_copy(const struct study *k, const struct row *then, bool answered)
{
	uint64_t apart = since(then, k->r);
	enum same same;

	/* no copy has another identification; one may have the same by chance,
	   or as all packets have it */
	if (then->seg->ip_id != k->r->seg->ip_id && then->seg->ip_id != 0 &&
	    k->r->seg->ip_id != 0)
		return OTHER;
	if (has_ids(k->me, then, k->r))
		return SAME;
	if (memcmp(then->seg->mac, k->r->seg->mac, sizeof(k->r->seg->mac)))
		return apart < TWICE_MAC ? SAME : OTHER;
	if (apart < TWICE_NS)
		return is_doubled(k, answered);
	same = by_stamp(k, apart);
	if (same != SAME && !k->r->seg->opt.have_ts)
		same = by_shift(k, apart);
	/* there may be too few packets to see whether it counts up */
	if (same == OTHER && k->r->seg->ip_id != 0 &&
	    then->seg->ip_id == k->r->seg->ip_id && row_space(k->r) > 0)
		same = PERHAPS;
	return same;
}

/* elsewhere - the copy was seen at another place: it is no fault of the
   capture */
static void
elsewhere(const struct study *k, const struct row *then)
{
	if (then->seg->link != k->r->seg->link)
		k->r->marks |= MARK_ELSEWHERE;
}

/* take_copy - that row, which is alike, is the same packet, or may be */
static bool
take_copy(const struct study *k, struct row *then, bool answered)
{
	enum same same = is_copy(k, then, answered);

	if (same == OTHER)
		return false;
	if (same == PERHAPS || !has_ids(k->me, then, k->r)) {
		then->marks |= MARK_MAYBE;
		k->r->marks |= MARK_MAYBE;
	}
	if (same == PERHAPS) {
		k->r->marks |= MARK_UNSURE;
		return false;
	}
	elsewhere(k, then);
	return true;
}

bool
is_twice(const struct study *k)
{
	uint32_t j, low = k->i > TWICE_BACK ? k->i - TWICE_BACK : 0;
	struct row *then;
	bool answered = false;

	for (j = k->i; j > low; j--) {
		then = k->c->row[j - 1];
		answered |= then->from != k->r->from &&
			    !(then->marks & MARK_TWICE);
		if (then->from == k->r->from &&
		    same_segment(then->seg, k->r->seg) &&
		    take_copy(k, then, answered))
			return true;
	}
	return false;
}

/* is_copy_of - k->r is the same packet as that row */
static bool
is_copy_of(const struct study *k, uint32_t row)
{
	struct row *then = k->c->row[row];

	return same_segment(then->seg, k->r->seg) && take_copy(k, then, true);
}

bool
is_old_copy(const struct study *k)
{
	const struct ranges *s = k->me->ranges;
	uint32_t at = ranges_at(s, k->r->seg->seq), i;
	const struct range *g = at < s->n ? &s->r[at] : NULL;

	if (g == NULL)
		return false;
	for (i = 0; i < g->gones; i++)
		if (is_copy_of(k, g->gone[i]))
			return true;
	return is_copy_of(k, g->first) || is_copy_of(k, g->came) ||
	       is_copy_of(k, g->last);
}

/* ---- in which order it was sent */

int
order(const struct conn_end *e, const struct row *a, const struct row *b)
{
	int32_t d = 0;

	/* the clock of one connection goes on, RFC 7323 5.4; identifications
	   may leap, and come round */
	if (a->seg->opt.have_ts && b->seg->opt.have_ts)
		d = (int32_t)(a->seg->opt.tsval - b->seg->opt.tsval);
	if (d == 0 && has_ids(e, a, b))
		d = (int16_t)(uint16_t)(a->seg->ip_id - b->seg->ip_id);
	return d < 0 ? -1 : d > 0;
}

/* is_behind_ack - it was sent after an ACK that stood behind it already */
static bool
is_behind_ack(const struct study *k)
{
	const struct conn_end *me = k->me;
	const struct row *r;
	uint32_t j;

	for (j = 0; j < me->stands && j < CONN_STANDS; j++) {
		r = k->c->row[me->stand[j]];
		if (seq_gt(r->seg->seq, k->r->seg->seq) &&
		    order(me, k->r, r) > 0)
			return true;
	}
	return false;
}

int
gap_order(const struct study *k, uint32_t at)
{
	const struct ranges *s = k->me->ranges;
	const struct conn *c = k->c;
	uint32_t j;
	int o = 0, one;
	bool tie = false;

	for (j = at; j < s->n && j < at + ABOVE_MAX; j++) {
		one = order(k->me, k->r, c->row[s->r[j].first]);
		if (one > 0)
			return 1;
		if (o == 0)
			o = one;
		tie |= one == 0;
	}
	/* what has sent the most; an ACK that was ahead of the data */
	one = order(k->me, k->r, c->row[k->me->top]);
	if (one > 0)
		return 1;
	if (is_behind_ack(k))
		return 1;
	if (tie) /* one that was sent within the same tick */
		return 0;
	return o != 0 ? o : one;
}

bool
is_gap_late(const struct study *k, uint32_t at, bool *sure)
{
	uint64_t apart, rtt = conn_rtt(k->c);
	const struct row *r = k->r;
	const struct ranges *s = k->me->ranges;
	uint32_t j, over = at < s->n ? s->r[at].first : k->me->top;
	bool asked = false;
	int o = gap_order(k, at);

	*sure = o > 0 || (o < 0 && since(k->c->row[over], r) < RTO_NS);
	if (o != 0)
		return o < 0;
	/* did the other end ask for it since? */
	for (j = over + 1; j < k->i && j - over < ASKED_MAX && !asked; j++)
		asked = k->c->row[j]->from != r->from &&
			seq_leq(k->c->row[j]->seg->ack, r->seg->seq);
	apart = since(k->c->row[over], r);
	return apart < RTO_NS &&
	       (!asked || apart < (rtt > 0 ? rtt / 4 * 3 : LATE_NS));
}
