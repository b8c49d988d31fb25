/*
 * rack.c - RACK-TLP loss detection, RFC 8985: a segment is lost when one
 * that was sent later has arrived and a reordering window has passed; and a
 * probe finds a loss at the tail before the retransmission time-out does.
 */
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

#define MAX_ACK_DELAY UINT64_C(200000000) /* TLP.max_ack_delay, 7.2 */
#define MIN_PTO	      UINT64_C(4000000)	  /* what pipes and timers jitter */

enum { PROBES = 2 }; /* in recovery, before the time-out */

/* sent_after - RACK_sent_after(), 6.2 step 2 */
static bool
sent_after(uint64_t t1, uint32_t seq1, uint64_t t2, uint32_t seq2)
{
	return t1 > t2 || (t1 == t2 && seq_gt(seq1, seq2));
}

/* tcp_rack_delivered - 6.2 steps 1 to 3, for one segment that has arrived */
void
tcp_rack_delivered(struct tcb *tcb, const struct sent *s,
    const struct tcp_opts *o, struct ack_info *info)
{
	struct rack *r = &tcb->w->rack;
	uint64_t rtt = info->now > s->time ? info->now - s->time : 1;

	if (s->tries > 1) {
		/* was it the original that arrived? then it proves nothing */
		if (tcb->ts_ok && o->have_ts &&
		    seq_lt(o->tsecr - tcb->ts_off, tcp_ts_now(s->time)))
			return;
		if (tcb->srtt != 0 && rtt < tcp_min_rtt(tcb))
			return;
	} else if (r->time != 0 && seq_lt(s->end, r->fack)) {
		tcb->reordering = true;
	}
	if (r->time == 0 || seq_gt(s->end, r->fack))
		r->fack = s->end;
	if (sent_after(s->time, s->end, r->time, r->end_seq)) {
		r->time = s->time;
		r->end_seq = s->end;
	}
	r->rtt = rtt; /* also of one that is late */
}

/* of_probe - the duplicate is a loss probe: it teaches nothing about order */
static bool
of_probe(const struct tcb *tcb, const struct sack_block *b)
{
	return tcb->tlp_out && tcb->tlp_retrans && b->end == tcb->tlp_end;
}

/* tcp_rack_dsack - 6.2 step 4, the reordering window learns from D-SACK */
void
tcp_rack_dsack(struct tcb *tcb, const struct sack_block *b)
{
	bool dsack = b != NULL && !of_probe(tcb, b);
	struct rack *r = &tcb->w->rack;

	if (r->have_dsack_round && seq_geq(tcb->snd_una, r->dsack_round))
		r->have_dsack_round = false;
	if (dsack && !r->have_dsack_round) {
		r->have_dsack_round = true;
		r->dsack_round = tcb->snd_nxt;
		if (tcb->reo_mult < 16)
			tcb->reo_mult++;
		tcb->reo_persist = 16;
	}
}

/* tcp_rack_recovered - what D-SACK taught lasts 16 recoveries: 6.2 step 4 */
void
tcp_rack_recovered(struct tcb *tcb)
{
	if (tcb->reo_persist > 0 && --tcb->reo_persist == 0)
		tcb->reo_mult = 1;
}

/* reo_wnd - RACK_update_reo_wnd(), ns */
static uint64_t
reo_wnd(const struct tcb *tcb)
{
	uint64_t w;

	if (!tcb->reordering &&
	    (tcb->w->recovery != REC_OPEN ||
		tcb->w->fl.sacked >= DUP_THRESH * tcp_eff_mss(tcb)))
		return 0;
	if (tcb->srtt == 0)
		return 0;
	w = tcb->reo_mult * tcp_min_rtt(tcb) / 4;
	return w < tcp_srtt(tcb) ? w : tcp_srtt(tcb);
}

/*
 * tcp_rack_detect - RACK_detect_loss(), 6.2 step 5; may set the timer. RACK.rtt
 * is that of what arrived last, be it a copy of long ago: what would wait for
 * longer than the time-out is left to that, or to the loss probe.
 */
void
tcp_rack_detect(struct tcb *tcb, struct ack_info *info)
{
	struct rack *r = &tcb->w->rack;
	uint64_t wnd = reo_wnd(tcb), due, first = NEVER;
	struct sent *s, *next;

	if (r->time == 0)
		return;
	for (s = tcb->w->fl.oldest; s != NULL; s = next) {
		next = s->newer;
		if (!sent_after(r->time, r->end_seq, s->time, s->end))
			break; /* all that follow were sent later */
		if (s->sacked || s->lost)
			continue;
		due = s->time + r->rtt + wnd;
		if (due <= info->now) {
			info->lost += s->end - s->seq;
			s->why = LOST_RACK;
			tcp_sent_lost(tcb, s);
		} else if (due < first) {
			first = due;
		}
	}
	if (first <= info->now + tcp_rto(tcb)) {
		tcp_set_rexmt(tcb, REXMT_REORDER, first);
	} else if (tcb->w->rexmt_kind == REXMT_REORDER) {
		/* what it was set for has arrived, or is lost; an ACK that
		   acknowledges something may set a loss probe then */
		tcp_set_rexmt(tcb, REXMT_RTO, info->now + tcp_rto(tcb));
	}
}

/*
 * probe_after - in recovery receivers acknowledge at once: what is not there a
 * reordering window, or the usual variance, behind the round trip is lost.
 * Never later than 7.2 has it.
 */
static uint64_t
probe_after(const struct tcb *tcb)
{
	uint64_t srtt = tcp_srtt(tcb), late = 4 * tcp_rttvar(tcb);

	if (late < srtt / 4)
		late = srtt / 4;
	return srtt + (late < srtt ? late : srtt);
}

/* probe_again - after a probe that nothing has answered, where the time-out
   is at least twice as long again: each wait doubles */
static uint64_t
probe_again(const struct tcb *tcb, uint64_t now, uint64_t pto)
{
	if (tcb->w->probes >= PROBES || 4 * pto > tcp_rto(tcb))
		return NEVER;
	return now + 2 * pto;
}

/*
 * tcp_tlp_at - when a loss probe is to be sent, 7.2; NEVER when there is to
 * be none. One departure: 7.2 has none in recovery, since there RACK finds
 * what is lost. It does not where nothing is sent behind a retransmission,
 * which is lost, because the window is small or full or the data has an end;
 * then a probe is a fifth of the time-out, or less, and cwnd has come down for
 * this flight already. PRR has one segment on its way then, often, and where
 * losses are many that is lost again: so there are two probes, the second
 * after twice as long. After a time-out the path has to show first that it
 * carries something. A lone segment's acknowledgment may be delayed; in
 * recovery the probe does not wait for that, since the segment is more likely
 * lost, and where it is not, the copy ends the delay.
 */
uint64_t
tcp_tlp_at(const struct tcb *tcb, uint64_t now)
{
	bool open = tcb->w->recovery == REC_OPEN;
	uint64_t pto = open ? 2 * tcp_srtt(tcb) : probe_after(tcb);
	uint64_t rto = tcp_rto(tcb);

	if (!tcb->sack_ok || tcb->srtt == 0 || tcb->backoff > 0)
		return NEVER;
	if (tcb->w->recovery == REC_LOSS && tcb->w->timeouts > 0)
		return NEVER;
	if (open && (tcb->tlp_out || tcb->w->fl.sacked > 0))
		return NEVER;
	if (open && tcb->snd_nxt - tcb->snd_una <= tcp_eff_mss(tcb))
		pto += MAX_ACK_DELAY;
	if (pto < MIN_PTO)
		pto = MIN_PTO;
	if (tcb->tlp_out)
		return probe_again(tcb, now, pto);
	return now + (pto < rto ? pto : rto);
}

/* tcp_tlp_acked - TLP_process_ack(), 7.4: did the probe repair a loss? */
void
tcp_tlp_acked(struct tcb *tcb, uint32_t ack, const struct tcp_opts *o,
    const struct ack_info *info)
{
	uint32_t least = 2 * tcp_eff_mss(tcb);

	if (tcb->w->recovery != REC_OPEN) {
		/* cwnd has come down: what arrives ends the silence */
		if (info->delivered > 0)
			tcb->tlp_out = false;
		return;
	}
	if (!tcb->tlp_out || seq_lt(ack, tcb->tlp_end))
		return;
	if (!tcb->tlp_retrans || info->dsack) {
		/* nothing was lost but the probe's twin */
		tcb->tlp_out = false;
	} else if (seq_gt(ack, tcb->tlp_end)) {
		tcb->tlp_out = false; /* the loss it has repaired counts */
		if (tcb->w->cc->ack == NULL) {
			tcb->ssthresh = tcb->cwnd / 2;
			if (tcb->ssthresh < least)
				tcb->ssthresh = least;
			if (tcb->cwnd > tcb->ssthresh)
				tcb->cwnd = tcb->ssthresh;
		}
	} else if (info->acked == 0 && o->nsack == 0) {
		tcb->tlp_out = false; /* both copies have arrived */
	}
}
