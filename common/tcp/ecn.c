/*
 * ecn.c - explicit congestion notification, RFC 3168: a router marks
 * instead of dropping, the receiver echoes the mark until the sender says
 * that it has reduced its window.
 */
#include "tcp/cong.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/*
 * tcp_ecn_syn - the flags that our SYN or SYN-ACK adds. A SYN that is sent
 * again does not ask any more: what was in the way may be a middlebox that
 * drops it for the flags (6.1.1.1).
 */
uint8_t
tcp_ecn_syn(struct tcb *tcb, bool again)
{
	if (tcb->c.state == TCPS_SYN_RECEIVED)
		return tcb->ecn_ok ? TH_ECE : 0;
	return tcb->tcp->cfg.ask_ecn && !again ? TH_ECE | TH_CWR : 0;
}

/* tcp_ecn_agree - what the peer's SYN or SYN-ACK says, 6.1.1 */
void
tcp_ecn_agree(struct tcb *tcb, const struct seg *seg)
{
	uint8_t flags = seg->h.flags & (TH_ECE | TH_CWR);

	if (tcb->tcp->cfg.no_ecn)
		return;
	if (seg->h.flags & TH_ACK)
		tcb->ecn_ok = flags == TH_ECE && tcb->tcp->cfg.ask_ecn &&
			      tcb->retransmits == 0;
	else
		tcb->ecn_ok = flags == (TH_ECE | TH_CWR);
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

/* tcp_ecn_ack - an ACK with ECE: as a loss, once in a window: 6.1.2 */
void
tcp_ecn_ack(struct tcb *tcb, const struct seg *seg, uint64_t now)
{
	if (!tcb->ecn_ok || !(seg->h.flags & TH_ECE) ||
	    tcb->snd_una == tcb->snd_nxt || tcb->w->recovery != REC_OPEN ||
	    seq_lt(seg->h.ack, tcb->ecn_recover))
		return;
	tcb->ssthresh = tcb->w->cc->ssthresh(tcb, now);
	if (tcb->cwnd > tcb->ssthresh)
		tcb->cwnd = tcb->ssthresh;
	tcb->ecn_recover = tcb->snd_nxt;
	tcb->send_cwr = true;
}
