/*
 * hystart.c - slow start, RFC 5681 3.1, and how the first one ends before the
 * path's buffer overflows: HyStart++, RFC 9406. When the least round trip of a
 * round has grown, cwnd grows more slowly for five rounds; when it has not come
 * down again by then, congestion avoidance begins.
 */
#include "tcp/cong.h"
#include "tcp/path.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/* RFC 9406 4.2 and 4.3, times in microseconds */
enum {
	MIN_RTT_THRESH = 4000,
	MAX_RTT_THRESH = 16000,
	MIN_RTT_DIVISOR = 8,
	N_RTT_SAMPLE = 8,
	CSS_GROWTH_DIVISOR = 4,
	CSS_ROUNDS = 5,
};

/* next_round - true when conservative slow start has lasted long enough */
static bool
next_round(struct tcb *tcb, struct hystart *h)
{
	h->last = h->on ? h->now : UINT32_MAX;
	h->now = UINT32_MAX;
	h->samples = 0;
	h->end = tcb->snd_nxt;
	h->on = true;
	return h->base != 0 && ++h->rounds >= CSS_ROUNDS;
}

static void
sample(struct hystart *h, uint64_t rtt)
{
	uint64_t us = rtt / 1000;

	if (rtt == 0)
		return;
	if (us < h->now)
		h->now = (uint32_t)us;
	if (h->samples < N_RTT_SAMPLE)
		h->samples++;
}

/* has_grown - 4.2: the round trip, by so much that a queue explains it */
static bool
has_grown(const struct hystart *h)
{
	uint32_t thresh = h->last / MIN_RTT_DIVISOR;

	if (thresh < MIN_RTT_THRESH)
		thresh = MIN_RTT_THRESH;
	if (thresh > MAX_RTT_THRESH)
		thresh = MAX_RTT_THRESH;
	return h->last != UINT32_MAX && h->now >= h->last + thresh;
}

/* growth - by how many of the acknowledged bytes cwnd may grow */
static uint32_t
growth(struct tcb *tcb, const struct ack_info *info)
{
	struct hystart *h = &tcb->w->hystart;

	if (!h->on)
		h->known = tcp_path_threshold(tcb, info->now);
	if (!h->on || seq_geq(tcb->snd_una, h->end)) {
		if (next_round(tcb, h)) {
			tcb->ssthresh = tcb->cwnd;
			return info->acked;
		}
	}
	sample(h, info->rtt);
	if (h->samples >= N_RTT_SAMPLE) {
		if (h->base != 0 && h->now < h->base) {
			h->base = 0; /* the queue has gone: 4.2 */
		} else if (h->base == 0 && has_grown(h)) {
			h->base = h->now;
			h->rounds = 0;
		}
	}
	return h->base == 0 && tcb->cwnd < h->known
		   ? info->acked
		   : info->acked / CSS_GROWTH_DIVISOR;
}

uint32_t
tcp_slow_start(struct tcb *tcb, const struct ack_info *info)
{
	uint32_t grow = info->acked, room;

	/* 4.2: only before there is a threshold */
	if (tcb->ssthresh == UINT32_MAX)
		grow = growth(tcb, info);
	room = tcb->cwnd < tcb->ssthresh ? tcb->ssthresh - tcb->cwnd : 0;
	if (room > grow)
		room = grow;
	tcb->cwnd += room;
	return grow - room;
}
