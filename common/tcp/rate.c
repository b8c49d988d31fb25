/*
 * rate.c - how fast the network delivers: delivery rate samples, section
 * 4.1 of draft-ietf-ccwg-bbr-06, and the pacing of what is sent, 5.6.2.
 *
 * A record remembers what had been delivered when it was sent; when it is
 * acknowledged, the difference over the time between is a sample of the
 * rate, at most the rate at which it was sent. The sample of an ACK is that
 * of the record sent last of those it acknowledges (struct rate in ack_info).
 */
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/*
 * A timer that fires late, or a stage that had to wait for the processor,
 * may make up for this much; what is older is lost.
 */
#define PACE_CREDIT UINT64_C(1000000)

/* tcp_rate_sent - s goes out now, 4.1.2.2; it is not counted yet as in flight
   but for its length */
void
tcp_rate_sent(struct tcb *tcb, struct sent *s, uint32_t flight, uint64_t now)
{
	if (flight == 0) {
		if (tcb->pace->app_limited != 0 && tcb->w->cc->restart != NULL)
			tcb->w->cc->restart(tcb, now);
		tcb->pace->first_sent = tcb->pace->delivered_time = now;
	}
	s->delivered = tcb->pace->delivered;
	s->delivered_time = tcb->pace->delivered_time;
	s->first_sent = tcb->pace->first_sent;
	s->lost_before = tcb->pace->lost_bytes;
	s->tx_in_flight = flight + (s->end - s->seq);
	s->app_limited = tcb->pace->app_limited != 0;
}

/* tcp_rate_delivered - UpdateRateSample(), 4.1.2.3: s has arrived */
void
tcp_rate_delivered(struct tcb *tcb, const struct sent *s, struct ack_info *info)
{
	struct rate *r = &info->rate;

	tcb->pace->delivered += s->end - s->seq;
	tcb->pace->delivered_time = info->now;
	if (r->any &&
	    (s->time < tcb->pace->first_sent ||
		(s->time == tcb->pace->first_sent && !seq_gt(s->end, r->last))))
		return;
	r->any = true;
	r->last = s->end;
	r->prior_delivered = s->delivered;
	r->app_limited = s->app_limited;
	r->interval = s->time - s->first_sent;
	if (info->now - s->delivered_time > r->interval)
		r->interval = info->now - s->delivered_time;
	r->tx_in_flight = s->tx_in_flight;
	r->lost = tcb->pace->lost_bytes - s->lost_before;
	r->rtt = 0;
	if (s->tries == 1)
		r->rtt = info->now > s->time ? info->now - s->time : 1;
	tcb->pace->first_sent = s->time;
}

/* tcp_rate_done - GenerateRateSample(), when all of an ACK is entered */
void
tcp_rate_done(struct tcb *tcb, struct ack_info *info)
{
	struct rate *r = &info->rate;

	if (tcb->pace == NULL)
		return;
	if (tcb->pace->app_limited != 0 &&
	    tcb->pace->delivered > tcb->pace->app_limited)
		tcb->pace->app_limited = 0;
	if (!r->any)
		return;
	r->delivered = tcb->pace->delivered - r->prior_delivered;
	if (r->delivered > UINT32_MAX)
		r->delivered = UINT32_MAX;
	/* less than a round trip: it answers an earlier transmission */
	if (r->interval == 0 ||
	    (tcb->srtt != 0 && r->interval < tcp_min_rtt(tcb)))
		return;
	r->bw = r->delivered * NS_S / r->interval;
}

/*
 * tcp_rate_limited - 4.1.2.4: all data has been sent, and more would have been
 * allowed; samples until it has arrived measure the application, not the
 * network
 */
void
tcp_rate_limited(struct tcb *tcb)
{
	uint64_t mark = tcb->pace->delivered + tcp_in_flight(tcb);

	tcb->pace->app_limited = mark > 0 ? mark : 1;
}

/*
 * tcp_quantum - how much may go out in one burst: what 1 ms brings, 5.6.3,
 * at most one record
 */
uint32_t
tcp_quantum(const struct tcb *tcb)
{
	uint64_t n = tcb->pace->pacing_rate / 1000;
	uint32_t least = 2 * tcp_eff_mss(tcb);

	if (n > BURST_BYTES)
		n = BURST_BYTES;
	return n > least ? (uint32_t)n : least;
}

/* tcp_pace_begin - an output begins: what may it send? */
void
tcp_pace_begin(struct tcb *tcb, uint64_t now)
{
	tcb->w->pace_wait = false;
	if (tcb->pace == NULL)
		return;
	if (tcb->pace->pacing_rate == 0)
		tcb->pace->left = UINT32_MAX;
	else
		tcb->pace->left = now < tcb->pace->at ? 0 : tcp_quantum(tcb);
}

/* tcp_pace - false when n bytes have to wait, and the timer knows it */
bool
tcp_pace(struct tcb *tcb, uint32_t n)
{
	if (tcb->pace == NULL || n <= tcb->pace->left)
		return true;
	tcb->w->pace_wait = true;
	return false;
}

/*
 * tcp_pace_forgive - a time-out: what was sent is lost or has left the network,
 * and what is retransmitted goes now (RFC 6298 5.4), not when the pace that a
 * slow path has led to would let it
 */
void
tcp_pace_forgive(struct tcb *tcb, uint64_t now)
{
	if (tcb->pace != NULL && tcb->pace->at > now)
		tcb->pace->at = now;
}

/* tcp_pace_spend - n bytes have been sent */
void
tcp_pace_spend(struct tcb *tcb, uint64_t now, uint32_t n)
{
	uint64_t rate = tcb->pace != NULL ? tcb->pace->pacing_rate : 0;

	if (rate == 0)
		return;
	tcb->pace->left = n < tcb->pace->left ? tcb->pace->left - n : 0;
	if (tcb->pace->at + PACE_CREDIT < now)
		tcb->pace->at = now - PACE_CREDIT;
	tcb->pace->at += n * NS_S / rate;
}
