/*
 * ecn.c - explicit congestion notification, RFC 3168: a router marks
 * instead of dropping, the receiver echoes the mark until the sender shows
 * that it has reduced its window. Here is also which kind two sides agree
 * on; accecn.c has the other, RFC 9768.
 */
#include "tcp/face.h"
#include "tcp/accecn.h"
#include "tcp/cong.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/*
 * tcp_ecn_syn - the flags that our SYN or SYN-ACK adds, and the option. A SYN
 * that is retransmitted does not ask any more: what was in the way may be a
 * middlebox that drops it for the flags (6.1.1.1). For Accurate ECN the first
 * that is retransmitted still does: RFC 9768 3.1.4.1.
 */
uint16_t
tcp_ecn_syn(struct tcb *tcb, struct tcp_opts *o, bool again, uint64_t now)
{
	const struct tcp_config *cfg = &tcb->tcp->cfg;

	if (tcb->c.state == TCPS_SYN_RECEIVED && tcb->c.accurate)
		return tcp_accecn_answer(tcb, o, again, now);
	if (tcb->c.state == TCPS_SYN_RECEIVED)
		return tcb->ecn_ok ? TH_ECE : 0;
	if (cfg->ask_accecn && !cfg->no_ecn)
		return tcb->retransmits == 0 ? TH_ECN : 0;
	return cfg->ask_ecn && !again ? TH_ECE | TH_CWR : 0;
}

/*
 * agree_syn - the peer has asked: 6.1.1, RFC 9768 3.1.1 to 3.1.3. RFC 3168 has
 * no ECT on a SYN: somebody on the way set it, and would be heard as congestion
 */
static void
agree_syn(struct tcb *tcb, const struct seg *seg)
{
	if (tcb->c.accecn_room && tcp_accecn_asked(seg->h.flags))
		tcp_accecn_enter(tcb, seg);
	else
		tcb->ecn_ok = (seg->h.flags & (TH_ECE | TH_CWR)) ==
				  (TH_ECE | TH_CWR) &&
			      (seg->tos & ECN_CE) == 0;
}

/* agree_syn_ack - the peer has answered: what was never asked for is ignored */
static void
agree_syn_ack(struct tcb *tcb, const struct seg *seg)
{
	const struct tcp_config *cfg = &tcb->tcp->cfg;

	if (cfg->ask_accecn && tcp_accecn_agreed(seg->h.flags))
		tcp_accecn_syn_ack(tcb, seg);
	else if (cfg->ask_accecn)
		tcb->ecn_ok = (seg->h.flags & TH_ECN) == TH_ECE;
	else if (cfg->ask_ecn && tcb->retransmits == 0)
		tcb->ecn_ok = (seg->h.flags & (TH_ECE | TH_CWR)) == TH_ECE;
}

/* tcp_ecn_agree - from the peer's SYN or SYN-ACK */
void
tcp_ecn_agree(struct tcb *tcb, const struct seg *seg)
{
	const struct face *f = tcp_face(tcb->tcp, &tcb->c.laddr);

	if (tcb->tcp->cfg.no_ecn || (f != NULL && tcb->passive && !f->ecn))
		return;
	if (seg->h.flags & TH_ACK)
		agree_syn_ack(tcb, seg);
	else
		agree_syn(tcb, seg);
}

/*
 * tcp_ecn_again - the SYN has come again. Its kind may not change, RFC 9768
 * 3.1.5: false, and the connection is to be reset. One that has given up
 * asking for RFC 3168 is answered without, RFC 3168 6.1.1.
 */
bool
tcp_ecn_again(struct tcb *tcb, const struct seg *seg)
{
	uint16_t ecn = seg->h.flags & TH_ECN;

	if (tcb->c.accurate) {
		tcp_accecn_again(tcb, seg);
		return ecn != (TH_ECE | TH_CWR);
	}
	if (tcb->ecn_ok && tcb->c.accecn_room && tcp_accecn_asked(ecn))
		return false;
	if ((ecn & (TH_ECE | TH_CWR)) != (TH_ECE | TH_CWR))
		tcb->ecn_ok = false;
	return true;
}

/* tcp_ecn_on - of either kind */
static bool
tcp_ecn_on(const struct tcb *tcb)
{
	return tcb->ecn_ok || tcb->c.accurate;
}

/* reduce - as for a loss, or less: RFC 8511 */
static void
reduce(struct tcb *tcb, uint64_t now)
{
	const struct tcp_cong *cc = tcb->w->cc;

	tcb->ssthresh = cc->marked != NULL ? cc->marked(tcb, now)
					   : cc->ssthresh(tcb, now);
	if (tcb->cwnd > tcb->ssthresh)
		tcb->cwnd = tcb->ssthresh;
	tcb->ecn_recover = tcb->snd_nxt;
}

/*
 * tcp_ecn_reduce - as for a loss, but once in a round trip: 6.1.2, RFC 8511.
 * Marks on what was sent before the last reduction are not new. In FIN-WAIT-2
 * nothing is sent any more, and what the congestion control had is slow_at's.
 */
bool
tcp_ecn_reduce(struct tcb *tcb, uint64_t now)
{
	if (tcb->c.state == TCPS_FIN_WAIT_2)
		return false;
	if (tcb->w->recovery != REC_OPEN || tcp_ecn_reduced(tcb, tcb->snd_una))
		return false;
	reduce(tcb, now);
	return true;
}

/* tcp_ecn_data - a data segment has arrived: 6.1.3 */
void
tcp_ecn_data(struct tcb *tcb, const struct seg *seg)
{
	if (!tcb->ecn_ok)
		return;
	if (seg->h.flags & TH_CWR)
		tcb->ecn_echo = false;
	if ((seg->tos & ECN_CE) == ECN_CE)
		tcb->ecn_echo = true;
}

/*
 * tcp_ecn_reduced - is cwnd reduced already for what was in flight, be it for a
 * mark or for a loss? The ACK that equals the end of that flight still answers
 * it: only one above shows that our CWR has arrived.
 */
bool
tcp_ecn_reduced(const struct tcb *tcb, uint32_t ack)
{
	return tcp_ecn_on(tcb) && seq_leq(ack, tcb->ecn_recover);
}

/* tcp_ecn_ack - an ACK with ECE: as a loss, once in a window: 6.1.2 */
void
tcp_ecn_ack(struct tcb *tcb, const struct seg *seg, uint64_t now)
{
	/* a mark that lags 2^31 bytes would seem to lie ahead */
	if (seq_gt(tcb->snd_una, tcb->ecn_recover))
		tcb->ecn_recover = tcb->snd_una - 1;
	if (!tcb->ecn_ok || !(seg->h.flags & TH_ECE) ||
	    tcb->snd_una == tcb->snd_nxt || tcb->w->recovery != REC_OPEN ||
	    tcp_ecn_reduced(tcb, seg->h.ack))
		return;
	reduce(tcb, now);
	tcb->send_cwr = true;
}
