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
};

#define TWICE_NS  UINT64_C(1000000)    /* without an identification */
#define TWICE_MAC UINT64_C(1000000000) /* at another place of the network */
#define LATE_NS	  UINT64_C(3000000)    /* without a round trip */

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

/* is_copy - then and now, alike, are one packet; answered: between them the
   other end has sent something */
static bool
is_copy(const struct study *k, const struct row *then, bool answered)
{
	uint64_t apart = since(then, k->r);

	/* no copy has another identification; one may have the same by chance,
	   or as all packets have it */
	if (then->seg->ip_id != k->r->seg->ip_id && then->seg->ip_id != 0 &&
	    k->r->seg->ip_id != 0)
		return false;
	if (has_ids(k->me, then, k->r))
		return true;
	if (memcmp(then->seg->mac, k->r->seg->mac, sizeof(k->r->seg->mac)))
		return apart < TWICE_MAC;
	if (apart >= TWICE_NS || answered)
		return false;
	/* duplicate ACKs are alike, too */
	return !is_pure_ack(k->r) || k->me->twice > 0 || !k->you->have_nxt ||
	       seq_leq(k->you->nxt, k->r->seg->ack);
}

/* elsewhere - the copy was seen at another place: it is no fault of the
   capture */
static void
elsewhere(const struct study *k, const struct row *then)
{
	if (then->seg->link != k->r->seg->link)
		k->r->marks |= MARK_ELSEWHERE;
}

/*
 * may_be_copy - then and now, alike and far apart, have one identification,
 * but there are too few packets to see whether it counts up
 */
static void
may_be_copy(const struct study *k, struct row *then)
{
	if (k->r->seg->ip_id == 0 || then->seg->ip_id != k->r->seg->ip_id ||
	    row_space(k->r) == 0)
		return;
	then->marks |= MARK_MAYBE;
	k->r->marks |= MARK_MAYBE;
}

bool
is_twice(const struct study *k)
{
	uint32_t j, low = k->i > TWICE_BACK ? k->i - TWICE_BACK : 0;
	struct row *then;
	bool answered = false;

	for (j = k->i; j > low; j--) {
		then = k->c->row[j - 1];
		answered |= then->from != k->r->from;
		if (then->from != k->r->from ||
		    !same_segment(then->seg, k->r->seg))
			continue;
		if (!is_copy(k, then, answered)) {
			may_be_copy(k, then);
			continue;
		}
		if (!has_ids(k->me, then, k->r)) {
			then->marks |= MARK_MAYBE;
			k->r->marks |= MARK_MAYBE;
		}
		elsewhere(k, then);
		return true;
	}
	return false;
}

/* is_copy_of - k->r is the same packet as that row */
static bool
is_copy_of(const struct study *k, uint32_t row)
{
	const struct row *then = k->c->row[row];

	if (!has_ids(k->me, then, k->r) ||
	    then->seg->ip_id != k->r->seg->ip_id ||
	    !same_segment(then->seg, k->r->seg))
		return false;
	elsewhere(k, then);
	return true;
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
