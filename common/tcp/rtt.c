/*
 * rtt.c - the round trip and the retransmission time-out, RFC 6298.
 */
#include "tcp/face.h"
#include "tcp/tcp_var.h"

#define GRANULARITY UINT64_C(1000000) /* G: what timers are good for */

/* SRTT and the like are kept in eighths of a microsecond: nine minutes in 32
   bits, and averages do not lose what counts on a fast path */
#define UNIT UINT64_C(125)

static uint32_t
units(uint64_t ns)
{
	return ns / UNIT < UINT32_MAX ? (uint32_t)(ns / UNIT) : UINT32_MAX;
}

/* tcp_rtt_sample - RFC 6298 2.2, 2.3; rtt in ns, never of a segment that was
   sent twice (Karn's rule) */
void
tcp_rtt_sample(struct tcb *tcb, uint64_t rtt)
{
	uint64_t srtt = tcb->srtt, r = units(rtt), diff;

	if (r == 0)
		r = 1;
	if (srtt == 0) {
		tcb->srtt = (uint32_t)r;
		tcb->rttvar = (uint32_t)r / 2;
	} else {
		diff = r > srtt ? r - srtt : srtt - r;
		tcb->rttvar = (uint32_t)((3ull * tcb->rttvar + diff) / 4);
		tcb->srtt = (uint32_t)((7 * srtt + r) / 8);
	}
	if (r < tcb->min_rtt)
		tcb->min_rtt = (uint32_t)r;
}

uint64_t
tcp_srtt(const struct tcb *tcb)
{
	return tcb->srtt * UNIT;
}

uint64_t
tcp_rttvar(const struct tcb *tcb)
{
	return tcb->rttvar * UNIT;
}

uint64_t
tcp_min_rtt(const struct tcb *tcb)
{
	return tcb->min_rtt == UINT32_MAX ? NEVER : tcb->min_rtt * UNIT;
}

/*
 * tcp_rto_base - 2.1, 2.3, 5.7. The floor belongs to the variance: on a steady
 * path RTTVAR decays to nothing, and with a floor under the sum an ACK that is
 * a few milliseconds late on a long path would pass for a loss.
 */
uint64_t
tcp_rto_base(const struct tcb *tcb)
{
	uint64_t least = tcb->tcp->cfg.min_rto, var = 4 * UNIT * tcb->rttvar;
	uint64_t rto;

	if (tcb->srtt == 0) {
		rto = tcb->syn_lost ? SYN_RTO_AFTER : SYN_RTO;
		if (tcb->c.state == TCPS_SYN_RECEIVED && tcb->passive)
			rto = tcp_face_syn_wait(tcb, rto);
		rto = var > rto ? var : rto; /* as far as path.c knows */
		return rto < MAX_RTO ? rto : MAX_RTO;
	}
	if (least < GRANULARITY)
		least = GRANULARITY;
	rto = tcp_srtt(tcb) + (var > least ? var : least);
	return rto < MAX_RTO ? rto : MAX_RTO;
}

/* tcp_rto - the time-out with its backoff, 5.5 */
uint64_t
tcp_rto(const struct tcb *tcb)
{
	uint64_t rto = tcp_rto_base(tcb);
	unsigned i;

	for (i = 0; i < tcb->backoff && rto < MAX_RTO; i++)
		rto *= 2;
	return rto < MAX_RTO ? rto : MAX_RTO;
}
