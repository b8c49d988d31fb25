/*
 * tcp_rtt.c - the retransmission time-out, RFC 6298.
 */
#include "tcp_var.h"

#define GRANULARITY UINT64_C(1000000) /* G: what timers are good for */

/* tcp_rtt_sample - RFC 6298 2.2, 2.3; rtt in ns, never of a segment that was
   sent twice (Karn's rule) */
void
tcp_rtt_sample(struct tcb *tcb, uint64_t rtt)
{
	uint64_t diff, var;

	if (tcb->srtt == 0) {
		tcb->srtt = rtt > 0 ? rtt : 1;
		tcb->rttvar = rtt / 2;
	} else {
		diff = rtt > tcb->srtt ? rtt - tcb->srtt : tcb->srtt - rtt;
		tcb->rttvar = (3 * tcb->rttvar + diff) / 4;
		tcb->srtt = (7 * tcb->srtt + rtt) / 8;
	}
	if (rtt < tcb->rack.min_rtt)
		tcb->rack.min_rtt = rtt;
	var = 4 * tcb->rttvar;
	tcb->rto = tcb->srtt + (var > GRANULARITY ? var : GRANULARITY);
	if (tcb->rto < tcb->tcp->cfg.min_rto)
		tcb->rto = tcb->tcp->cfg.min_rto;
	if (tcb->rto > MAX_RTO)
		tcb->rto = MAX_RTO;
}

/* tcp_rto - the time-out with its backoff, RFC 6298 5.5 */
uint64_t
tcp_rto(const struct tcb *tcb)
{
	uint64_t rto = tcb->rto;
	unsigned i;

	for (i = 0; i < tcb->backoff && rto < MAX_RTO; i++)
		rto *= 2;
	return rto < MAX_RTO ? rto : MAX_RTO;
}
