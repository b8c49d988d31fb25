/*
 * tcp_inline.h - what many files of the engine ask about a connection or do to
 * it, too small for a call.
 */
#ifndef TCP_TCP_INLINE_H
#define TCP_TCP_INLINE_H

#include <stdint.h>
#include <string.h>

#include "tcp/tcp_var.h"

/* tcp_ts_now - the clock of our timestamps, ms */
static inline uint32_t
tcp_ts_now(uint64_t now)
{
	return (uint32_t)(now / 1000000);
}

/* tcp_eff_mss - the largest payload beside our usual options, MUST-16 */
static inline uint32_t
tcp_eff_mss(const struct tcb *tcb)
{
	return tcb->mss - (tcb->ts_ok ? 12u : 0);
}

/* tcp_seg_space - sequence numbers that a segment takes: data, SYN and FIN */
static inline uint32_t
tcp_seg_space(const struct seg *seg)
{
	return seg->len + (seg->h.flags & TH_SYN ? 1 : 0) +
	       (seg->h.flags & TH_FIN ? 1 : 0);
}

/*
 * tcp_in_flight - bytes that are thought to be in the network: RFC 6675's
 * pipe. Without SACK each duplicate ACK shows that one segment has left.
 */
static inline uint32_t
tcp_in_flight(const struct tcb *tcb)
{
	uint32_t n = tcb->snd_nxt - tcb->snd_una;
	uint32_t gone = tcb->w->fl.sacked + tcb->w->fl.lost;

	/* after a time-out their data counts as lost already */
	if (!tcb->sack_ok && tcb->w->recovery != REC_LOSS)
		gone += tcb->w->dupacks * tcp_eff_mss(tcb);
	return gone < n ? n - gone : 0;
}

/* tcp_set - the connection's settings */
static inline const struct settings *
tcp_set(const struct tcb *tcb)
{
	const struct tcp *t = tcb->tcp;

	return t->own_at == 0
		   ? &t->set
		   : (const struct settings *)((const char *)tcb + t->own_at);
}

/* tcp_set_rexmt - tcp_output() arms every scheduled connection */
static inline void
tcp_set_rexmt(struct tcb *tcb, enum rexmt_kind kind, uint64_t at)
{
	tcb->w->rexmt_kind = (uint8_t)kind;
	tcb->w->rexmt_at = at;
}

/* tcp_learn_l2 - answer to where the segment came from, VLAN tags kept */
static inline void
tcp_learn_l2(struct conn *c, const struct seg *seg)
{
	c->l2len = seg->l2len;
	if (seg->l2len == 0)
		return; /* layer 3 */
	memcpy(c->l2, seg->l2 + 6, 6);
	memcpy(c->l2 + 6, seg->l2, 6);
	memcpy(c->l2 + 12, seg->l2 + 12, seg->l2len - 12u);
}

/*
 * tcp_rcv_window - bytes to advertise now: never less than before (RFC 9293
 * 3.8.6 SHLD-14), and more only in steps worth telling (3.8.6.2.2)
 */
static inline uint32_t
tcp_rcv_window(const struct tcb *tcb)
{
	uint32_t buf = tcp_set(tcb)->rcvbuf, old = tcb->rcv_adv - tcb->rcv_nxt;
	uint32_t free = tcb->rcv_held < buf ? buf - tcb->rcv_held : 0;
	uint32_t step = buf / 2 < tcb->mss ? buf / 2 : tcb->mss;

	/* the peer's FIN has arrived, with all before it */
	if (tcb->fin_seen &&
	    (tcb->w == NULL || tcb->rcv_nxt == tcb->w->fin_seq + 1))
		return 0 > (int32_t)old ? 0 : old;
	return free < old + step ? old : free;
}

#endif
