/*
 * tcp_recover.c - what a loss leads to: fast recovery with proportional rate
 * reduction (RFC 6675, RFC 6937), NewReno where the peer has no SACK (RFC
 * 6582), and the way back after a retransmission time-out (RFC 5681 3.1).
 */
#include "tcp_cong.h"
#include "tcp_seq.h"
#include "tcp_var.h"

/* lose_head - without SACK one segment at the left edge is what is known */
static void
lose_head(struct tcb *tcb, enum lost_why why)
{
	struct sent *s = tcb->fl.head;
	uint32_t mss = tcp_eff_mss(tcb);

	if (s == NULL || s->lost)
		return;
	if (s->end - s->seq > mss)
		(void)tcp_sent_split(tcb, s, s->seq + mss);
	s->why = (uint8_t)why;
	tcp_sent_lost(tcb, s);
}

void
tcp_recover_enter(struct tcb *tcb, uint64_t now)
{
	tcp_undo_begin(tcb, false);
	tcb->prr_fs = tcb->snd_nxt - tcb->snd_una;
	if (tcb->cc->ack == NULL)
		tcb->ssthresh = tcb->cc->ssthresh(tcb, now);
	tcb->prr_delivered = tcb->prr_out = 0;
	tcb->recover = tcb->snd_nxt;
	tcb->recovery = REC_FAST;
	tcb->send_cwr = tcb->ecn_ok;
	tcb->rack.tlp_out = false;
}

/* reduce - RFC 6937 3.1: how much may be sent for what has arrived */
static void
reduce(struct tcb *tcb, const struct ack_info *info)
{
	uint32_t pipe = tcp_in_flight(tcb), mss = tcp_eff_mss(tcb);
	uint32_t got = info->delivered;
	uint64_t want;
	int64_t snd, limit;

	if (!tcb->sack_ok && info->dup)
		got = mss;
	tcb->prr_delivered += got;
	if (pipe > tcb->ssthresh) {
		want = (uint64_t)tcb->prr_delivered * tcb->ssthresh;
		want = (want + tcb->prr_fs - 1) / tcb->prr_fs;
		snd = (int64_t)want - tcb->prr_out;
	} else {
		limit = (int64_t)tcb->prr_delivered - tcb->prr_out;
		if (limit < got)
			limit = got;
		limit += mss;
		snd = (int64_t)tcb->ssthresh - pipe;
		if (snd > limit)
			snd = limit;
	}
	if (snd < 0)
		snd = 0;
	/* the fast retransmit itself; and what a partial ACK without SACK
	   asks for: RFC 6582 3.2 step 3 */
	if (snd < mss &&
	    (tcb->prr_out == 0 || (!tcb->sack_ok && info->acked > 0)))
		snd = mss;
	tcb->cwnd = pipe + (uint32_t)snd;
}

static void
leave(struct tcb *tcb)
{
	tcp_rack_recovered(tcb);
	if (tcb->recovery == REC_FAST && tcb->cc->ack == NULL)
		tcb->cwnd = tcb->ssthresh;
	tcb->recovery = REC_OPEN;
	tcb->dupacks = 0;
}

/* count_dupacks - RFC 5681 3.2, RFC 6582 3.2, for a peer without SACK */
static void
count_dupacks(struct tcb *tcb, struct ack_info *info)
{
	if (info->acked > 0) {
		tcb->dupacks = 0;
		if (tcb->recovery == REC_FAST &&
		    seq_lt(tcb->snd_una, tcb->recover))
			lose_head(tcb, LOST_PARTIAL);
		/* a mark that lags 2^31 bytes would seem to lie ahead */
		if (tcb->recovery == REC_OPEN)
			tcb->recover = seq_max(tcb->recover, tcb->snd_una - 1);
		return;
	}
	if (!info->dup)
		return;
	tcb->dupacks++;
	/* not for what was sent before the last recovery: 3.2 step 2 */
	if (tcb->recovery == REC_OPEN && tcb->dupacks == DUP_THRESH &&
	    seq_gt(tcb->snd_una, tcb->recover)) {
		lose_head(tcb, LOST_DUPACK);
		info->lost++;
	}
}

/* may_grow - not while a loss or a mark is being answered */
static bool
may_grow(const struct tcb *tcb, const struct ack_info *info)
{
	if (info->acked == 0 || tcb->cc->acked == NULL ||
	    tcb->recovery == REC_FAST ||
	    tcb->frto == FRTO_NEW || /* has set it: RFC 5682 2.1 step 2b */
	    (tcb->ecn_ok && seq_lt(tcb->snd_una, tcb->ecn_recover)))
		return false;
	return tcb->recovery == REC_LOSS || info->lost == 0;
}

/* tcp_recover_ack - an acknowledgment has been entered on the scoreboard */
void
tcp_recover_ack(struct tcb *tcb, struct ack_info *info)
{
	if (!tcb->sack_ok)
		count_dupacks(tcb, info);
	tcp_undo_ack(tcb, info);
	if (tcb->recovery != REC_OPEN && seq_geq(tcb->snd_una, tcb->recover))
		leave(tcb);
	else if (may_grow(tcb, info))
		tcb->cc->acked(tcb, info);
	if (tcb->recovery == REC_OPEN && info->lost > 0)
		tcp_recover_enter(tcb, info->now);
	if (tcb->cc->ack != NULL)
		tcb->cc->ack(tcb, info);
	else if (tcb->recovery == REC_FAST)
		reduce(tcb, info);
}

/* tcp_recover_rto - the retransmission timer has expired: RFC 5681 3.1 */
void
tcp_recover_rto(struct tcb *tcb, uint64_t now)
{
	struct sent *s;

	tcp_undo_begin(tcb, true);
	/* ssthresh comes down once for a flight, not with each backoff */
	if (tcb->cc->ack == NULL &&
	    (tcb->recovery != REC_LOSS || tcb->timeouts == 0))
		tcb->ssthresh = tcb->cc->ssthresh(tcb, now);
	if (tcb->fl.head != NULL && tcb->fl.head->sacked) {
		/* the left edge was told to be there, and is not: the peer
		   has discarded it, RFC 2018 8 */
		for (s = tcb->fl.head; s != NULL; s = s->next)
			s->sacked = false;
		tcb->fl.sacked = 0;
	}
	for (s = tcb->fl.head; s != NULL; s = s->next) {
		s->why = LOST_RTO;
		tcp_sent_lost(tcb, s);
	}
	tcb->recovery = REC_LOSS;
	tcb->send_cwr = tcb->ecn_ok;
	tcb->recover = tcb->snd_nxt;
	tcb->dupacks = 0;
	tcb->cwnd = tcp_eff_mss(tcb);
	tcb->rack.tlp_out = false;
}

/*
 * tcp_recover_window - the window is open again: what was sent as a probe,
 * or before it closed, was not taken and goes out anew. No congestion.
 */
void
tcp_recover_window(struct tcb *tcb)
{
	struct sent *s;

	for (s = tcb->fl.head; s != NULL; s = s->next) {
		s->why = LOST_WINDOW;
		tcp_sent_lost(tcb, s);
	}
}

/*
 * tcp_recover_mtu - records that may hold a segment with more than so much
 * payload were too long for the path. No congestion: RFC 1191 6.3, RFC 8201
 * 5.4.
 */
void
tcp_recover_mtu(struct tcb *tcb, uint32_t payload)
{
	struct sent *s;

	for (s = tcb->fl.head; s != NULL; s = s->next) {
		if (s->sacked || s->end - s->seq <= payload)
			continue;
		s->why = LOST_MTU;
		tcp_sent_lost(tcb, s);
	}
}
