/*
 * hystart.c - slow start, RFC 5681 3.1, and how the first one ends before the
 * path's buffer overflows: HyStart++, RFC 9406. When the least round trip of a
 * round has grown, cwnd grows more slowly for five rounds; when it has not come
 * down again by then, congestion avoidance begins.
 *
 * The round trip shows it a round late: what it measures was sent before cwnd
 * doubled. So there is a second sign, that of the first HyStart (Ha and Rhee,
 * 2008) and of kernels: acknowledgments that follow each other closely for
 * more than half of the round trip come from a bottleneck that is nearly busy.
 * It alone proves nothing, since other paths space segments, too. It only
 * makes growth slow; if the round trip grows then, slow start ends, and if it
 * has not within five rounds, slow start goes on and the sign counts no more.
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
	TRAIN_GAP = 2000, /* between two acknowledgments of a train, at most, */
	TRAIN_PART = 16,  /* or this part of the round trip */
};

/* begin_slow - from now on growth is slow */
static void
begin_slow(struct hystart *h, enum hystart_phase phase)
{
	h->phase = phase;
	h->base = phase == HYSTART_TRAIN ? h->last : h->now;
	h->rounds = 0;
}

/* next_round - true when conservative slow start has lasted long enough */
static bool
next_round(struct tcb *tcb, struct hystart *h, uint32_t us)
{
	h->last = h->on ? h->now : UINT32_MAX;
	h->now = UINT32_MAX;
	h->samples = 0;
	h->end = tcb->snd_nxt;
	h->began = h->acked_at = us;
	h->on = true;
	if (h->phase == HYSTART_FAST || ++h->rounds < CSS_ROUNDS)
		return false;
	if (h->phase == HYSTART_QUEUE)
		return true;
	h->phase = HYSTART_FAST;
	h->no_train = true;
	return false;
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
has_grown(const struct hystart *h, uint32_t from)
{
	uint32_t thresh = from / MIN_RTT_DIVISOR;

	if (thresh < MIN_RTT_THRESH)
		thresh = MIN_RTT_THRESH;
	if (thresh > MAX_RTT_THRESH)
		thresh = MAX_RTT_THRESH;
	return from != UINT32_MAX && h->samples >= N_RTT_SAMPLE &&
	       h->now >= from + thresh;
}

/* is_train - this acknowledgment belongs to a train that is long enough */
static bool
is_train(const struct tcb *tcb, struct hystart *h, uint32_t us)
{
	uint32_t rtt = (uint32_t)(tcp_min_rtt(tcb) / 1000);
	uint32_t gap = rtt / TRAIN_PART;

	if (gap < TRAIN_GAP)
		gap = TRAIN_GAP;
	if (h->no_train || h->last == UINT32_MAX || us - h->acked_at > gap)
		return false;
	h->acked_at = us;
	return us - h->began > rtt / 2;
}

/* look - at the samples so far; true: slow start ends here */
static bool
look(struct tcb *tcb, struct hystart *h, uint32_t us)
{
	switch ((enum hystart_phase)h->phase) {
	case HYSTART_FAST:
		if (has_grown(h, h->last))
			begin_slow(h, HYSTART_QUEUE);
		else if (is_train(tcb, h, us))
			begin_slow(h, HYSTART_TRAIN);
		break;
	case HYSTART_TRAIN:
		return has_grown(h, h->base);
	case HYSTART_QUEUE:
		if (h->samples >= N_RTT_SAMPLE && h->now < h->base)
			h->phase = HYSTART_FAST; /* it has gone: 4.2 */
		break;
	}
	return false;
}

/* growth - by how many of the acknowledged bytes cwnd may grow */
static uint32_t
growth(struct tcb *tcb, const struct ack_info *info)
{
	struct hystart *h = &tcb->w->hystart;
	uint32_t us = (uint32_t)(info->now / 1000);
	bool ends = false;

	if (!h->on)
		h->known = tcp_path_threshold(tcb, info->now);
	/* beyond the end: with the acknowledgment of the end itself begins the
	   pause before the next round's */
	if (!h->on || seq_gt(tcb->snd_una, h->end))
		ends = next_round(tcb, h, us);
	sample(h, info->rtt);
	if (ends || look(tcb, h, us)) {
		tcb->ssthresh = tcb->cwnd;
		return info->acked;
	}
	return h->phase == HYSTART_FAST && tcb->cwnd < h->known
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
