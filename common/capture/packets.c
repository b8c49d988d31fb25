/*
 * packets.c - which of two packets was sent first? See study.h.
 *
 * The order in which one end has sent two segments follows from IPv4's
 * identification where that counts up, else by the timestamps of RFC 7323,
 * else by nothing.
 */
#include "capture/study.h"
#include "capture/ranges.h"
#include "wire/tcp_seq.h"

enum {
	ID_STEP = 2000,	 /* between packets of an end that counts up */
	ABOVE_MAX = 64,	 /* ranges above a gap to compare with */
	ASKED_MAX = 256, /* rows to look at for an acknowledgment */
};

#define STILL_NS UINT64_C(1000000000) /* in which every clock goes on */
#define LATE_NS	 UINT64_C(3000000)    /* without a round trip */

static void
count_tick(struct conn_end *e, const struct row *first, const struct row *last)
{
	int32_t ticks;

	if (first == NULL)
		return;
	ticks = (int32_t)(last->seg->opt.tsval - first->seg->opt.tsval);
	if (ticks > 1)
		e->tick = since(first, last) / (uint32_t)(ticks - 1);
	e->stands_still = ticks <= 0 && since(first, last) >= STILL_NS;
}

void
count_ticks(struct conn *c)
{
	const struct row *first[2] = {NULL, NULL}, *last[2] = {NULL, NULL}, *r;
	uint32_t i;

	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		if (!have_stamps(r, r) || (r->seg->flags & TH_RST))
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

bool
has_ids(const struct conn_end *e, const struct row *a, const struct row *b)
{
	return e->ids_count && a->seg->ip_id != 0 && b->seg->ip_id != 0;
}

/* ---- in which order it was sent */

int
order(const struct conn_end *e, const struct row *a, const struct row *b)
{
	int32_t d = 0;

	/* the clock of one connection goes on, RFC 7323 5.4; identifications
	   may leap, and come round */
	if (have_stamps(a, b))
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
