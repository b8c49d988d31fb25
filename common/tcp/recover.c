/*
 * recover.c - what a loss leads to: fast recovery with proportional rate
 * reduction (RFC 6675, RFC 9937), NewReno where the peer has no SACK (RFC
 * 6582), and the way back after a retransmission time-out (RFC 5681 3.1).
 */
#include "tcp/accecn.h"
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/* lose_head - without SACK one segment at the left edge is what is known */
static void
lose_head(struct tcb *tcb, enum lost_why why)
{
	struct sent *s = tcb->w->fl.head;
	uint32_t mss = tcp_eff_mss(tcb);

	if (s == NULL || s->lost)
		return;
	if (s->end - s->seq > mss)
		(void)tcp_sent_split(tcb, s, s->seq + mss);
	s->why = (uint8_t)why;
	tcp_sent_lost(tcb, s);
}

static void
enter(struct tcb *tcb, const struct ack_info *info)
{
	bool marked;

	tcp_undo_begin(tcb, false);
	/* what had arrived before is not delivered again in recovery, what
	   this ACK acknowledges is */
	tcb->w->prr_fs = tcb->snd_nxt - tcb->snd_una - tcb->w->fl.sacked +
			 info->delivered;
	/* for a mark in this window of data cwnd has come down already; what
	   ends at recover came down for a loss, and this is another */
	marked = tcp_ecn_reduced(tcb, tcb->snd_una) &&
		 tcb->ecn_recover != tcb->recover;
	if (tcb->w->cc->ack == NULL && !marked)
		tcb->ssthresh = tcb->w->cc->ssthresh(tcb, info->now);
	tcb->w->prr_delivered = tcb->w->prr_out = 0;
	tcb->recover = tcb->ecn_recover = tcb->snd_nxt;
	tcb->w->recovery = REC_FAST;
	tcb->send_cwr = tcb->ecn_ok;
	tcb->tlp_out = false;
}

/* may_send - RFC 9937: how much, for what has arrived so far */
static int64_t
may_send(const struct tcb *tcb, const struct ack_info *info, uint32_t pipe)
{
	const struct work *w = tcb->w;
	int64_t left, snd;
	uint64_t want;

	if (pipe > tcb->ssthresh) {
		want = (uint64_t)w->prr_delivered * tcb->ssthresh;
		want = (want + w->prr_fs - 1) / w->prr_fs;
		return (int64_t)want - w->prr_out;
	}
	snd = (int64_t)w->prr_delivered - w->prr_out;
	if (snd < info->delivered)
		snd = info->delivered;
	/* recovery goes on well: SafeACK */
	if (info->acked > 0 && info->lost == 0)
		snd += tcp_eff_mss(tcb);
	left = (int64_t)tcb->ssthresh - pipe;
	return snd < left ? snd : left;
}

/*
 * reduce - proportional rate reduction. An ACK that delivers nothing lets
 * nothing go, but the first segment when recovery begins is always sent.
 */
static void
reduce(struct tcb *tcb, const struct ack_info *info, bool begins)
{
	uint32_t pipe = tcp_in_flight(tcb), mss = tcp_eff_mss(tcb);
	int64_t snd;

	if (info->delivered == 0 && !begins)
		return;
	tcb->w->prr_delivered += info->delivered;
	snd = may_send(tcb, info, pipe);
	if (snd < 0)
		snd = 0;
	/* the fast retransmit itself; and what a partial ACK without SACK
	   asks for: RFC 6582 3.2 step 3 */
	if (snd < mss &&
	    (tcb->w->prr_out == 0 || (!tcb->sack_ok && info->acked > 0)))
		snd = mss;
	tcb->cwnd = pipe + (uint32_t)snd;
	if (tcb->cwnd < mss) /* a FIN, or a short segment, was all */
		tcb->cwnd = mss;
}

static void
leave(struct tcb *tcb)
{
	tcp_rack_recovered(tcb);
	if (tcb->w->recovery == REC_FAST && tcb->w->cc->ack == NULL)
		tcb->cwnd = tcb->ssthresh;
	tcb->w->recovery = REC_OPEN;
	tcb->w->dupacks = 0;
}

/*
 * forget_dupacks - a partial ACK covers this many segments: the retransmission,
 * and some that duplicate ACKs have reported. The others of those are beyond
 * it, and have still left the network: RFC 6582 3.2 step 3 takes from an
 * inflated cwnd only what is acknowledged.
 */
static void
forget_dupacks(struct tcb *tcb, uint32_t segments)
{
	uint32_t told = segments > 0 ? segments - 1 : 0;
	struct work *w = tcb->w;

	w->dupacks = w->dupacks > told ? w->dupacks - told : 0;
}

/* count_dupacks - RFC 5681 3.2, RFC 6582 3.2, for a peer without SACK */
static void
count_dupacks(struct tcb *tcb, struct ack_info *info)
{
	uint32_t mss = tcp_eff_mss(tcb), counted = tcb->w->dupacks * mss;

	if (info->acked > 0) {
		/* each duplicate ACK counted a segment already: RFC 9937 */
		info->delivered -= counted < info->delivered ? counted
							     : info->delivered;
		if (info->delivered == 0)
			info->delivered = info->acked < mss ? info->acked : mss;
		if (tcb->w->recovery == REC_FAST &&
		    seq_lt(tcb->snd_una, tcb->recover)) {
			forget_dupacks(tcb, info->acked / mss);
			lose_head(tcb, LOST_PARTIAL);
			info->lost++;
		} else {
			tcb->w->dupacks = 0;
		}
		/* a mark that lags 2^31 bytes would seem to lie ahead */
		if (tcb->w->recovery == REC_OPEN)
			tcb->recover = seq_max(tcb->recover, tcb->snd_una - 1);
		return;
	}
	if (!info->dup)
		return;
	tcb->w->dupacks++;
	info->delivered = mss;
	/* not for what was sent before the last recovery: 3.2 step 2 */
	if (tcb->w->recovery == REC_OPEN && tcb->w->dupacks == DUP_THRESH &&
	    seq_gt(tcb->snd_una, tcb->recover)) {
		lose_head(tcb, LOST_DUPACK);
		info->lost++;
	}
}

/* may_grow - not while a loss or a mark is being answered */
static bool
may_grow(const struct tcb *tcb, const struct ack_info *info)
{
	if (info->acked == 0 || tcb->w->cc->acked == NULL ||
	    tcb->w->recovery == REC_FAST ||
	    tcb->w->frto == FRTO_NEW || /* has set it: RFC 5682 2.1 step 2b */
	    (tcb->w->recovery == REC_OPEN &&
		tcp_ecn_reduced(tcb, tcb->snd_una)))
		return false;
	return tcb->w->recovery == REC_LOSS || info->lost == 0;
}

/* tcp_recover_ack - an acknowledgment has been entered on the scoreboard */
void
tcp_recover_ack(struct tcb *tcb, struct ack_info *info)
{
	bool grow, begins = false;

	if (!tcb->sack_ok)
		count_dupacks(tcb, info);
	if (tcp_undo_ack(tcb, info)) {
		/* by what the ACK taught about order, what is lost? */
		info->lost = 0;
		if (tcb->sack_ok)
			tcp_rack_detect(tcb, info);
	}
	/* the ACK that ends what followed a time-out is one of slow start,
	   too; fast recovery ends at ssthresh: RFC 5681 3.1, 3.2 step 6 */
	grow = may_grow(tcb, info);
	if (tcb->w->recovery != REC_OPEN && seq_geq(tcb->snd_una, tcb->recover))
		leave(tcb);
	if (grow)
		tcb->w->cc->acked(tcb, info);
	if (tcb->w->recovery == REC_OPEN && info->lost > 0) {
		enter(tcb, info);
		begins = true;
	}
	if (tcb->w->cc->ack != NULL)
		tcb->w->cc->ack(tcb, info);
	else if (tcb->w->recovery == REC_FAST)
		reduce(tcb, info, begins);
}

/* tcp_recover_rto - the retransmission timer has expired: RFC 5681 3.1 */
void
tcp_recover_rto(struct tcb *tcb, uint64_t now)
{
	struct sent *s;

	tcp_undo_begin(tcb, true);
	/* ssthresh comes down once for a flight, not with each backoff */
	if (tcb->w->cc->ack == NULL &&
	    (tcb->w->recovery != REC_LOSS || tcb->w->timeouts == 0))
		tcb->ssthresh = tcb->w->cc->ssthresh(tcb, now);
	if (tcb->w->fl.head != NULL && tcb->w->fl.head->sacked) {
		/* SACK has acknowledged the left edge, and it is not there: the
		   peer has discarded it, RFC 2018 8 */
		for (s = tcb->w->fl.head; s != NULL; s = s->next)
			s->sacked = false;
		tcb->w->fl.sacked = 0;
	}
	for (s = tcb->w->fl.head; s != NULL; s = s->next) {
		s->why = LOST_RTO;
		tcp_sent_lost(tcb, s);
	}
	tcb->w->recovery = REC_LOSS;
	tcb->send_cwr = tcb->ecn_ok;
	tcb->recover = tcb->ecn_recover = tcb->snd_nxt;
	tcb->w->dupacks = 0;
	tcb->cwnd = tcp_eff_mss(tcb);
	tcb->tlp_out = false;
}

/*
 * tcp_recover_window - the window is open again: what was sent as a probe, or
 * before it closed, was not taken and is retransmitted. No congestion. But not
 * what was retransmitted less than a round trip ago: a peer whose window closes
 * and opens with each segment would have a whole flight for each.
 */
void
tcp_recover_window(struct tcb *tcb, uint64_t now)
{
	struct sent *s;

	for (s = tcb->w->fl.head; s != NULL; s = s->next) {
		if (s->tries > 1 && now - s->time < tcp_srtt(tcb))
			continue;
		s->why = LOST_WINDOW;
		tcp_sent_lost(tcb, s);
	}
}

/*
 * tcp_recover_mtu - records that may hold a segment with more than this much
 * payload were too long for the path. No congestion: RFC 1191 6.3, RFC 8201
 * 5.4.
 */
void
tcp_recover_mtu(struct tcb *tcb, uint32_t payload)
{
	struct sent *s;

	for (s = tcb->w->fl.head; s != NULL; s = s->next) {
		if (s->sacked || s->end - s->seq <= payload)
			continue;
		s->why = LOST_MTU;
		tcp_sent_lost(tcb, s);
	}
}
