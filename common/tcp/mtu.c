/*
 * mtu.c - segments that are too long for the path: reported by ICMP (RFC
 * 1191, RFC 8201), or guessed from silence where a router reports nothing (a
 * black hole, RFC 4821 in spirit). A connection's segments only ever get
 * smaller: routes that get wider are left to new connections.
 */
#include "tcp/accecn.h"
#include "tcp/path.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum {
	/* Narrower IPv4 paths get packets of this size that routers may cut:
	   following a forged MTU of 68 would cost all throughput */
	LEAST_V4 = 552,
	/* RFC 4821 7.2, RFC 1191 7: what nearly every path carries */
	BASE_V6 = 1280,
	BASE_V4 = 1024 + 40,
	LAST_V4 = 536 + 40,
	TRIES = 3, /* time-outs in a row that make a black hole; twice as many
		      where that size was acknowledged before */
};

static uint32_t
headers(const struct tcb *tcb)
{
	return ip_is_v4(&tcb->c.laddr) ? 40 : 60;
}

/* base - what to fall back to after this many time-outs, as an MTU */
static uint32_t
base(const struct tcb *tcb, uint32_t tries)
{
	if (!ip_is_v4(&tcb->c.laddr))
		return BASE_V6;
	return tries < 2 * TRIES ? BASE_V4 : LAST_V4;
}

static void
report(struct tcb *tcb, uint32_t mtu, const char *why, uint64_t time,
    uint64_t frame)
{
	struct tcp_event ev;

	tcp_event_tcb(&ev, TCP_EV_PMTU, time, tcb);
	ev.frame = frame;
	ev.mtu = mtu;
	ev.why = why;
	tcb->tcp->host.event(tcb->tcp->host_ctx, &ev);
}

static bool
lower(struct tcb *tcb, uint32_t mtu, const char *why, uint64_t time,
    uint64_t frame)
{
	uint32_t head = headers(tcb), fits = mtu - head;
	uint32_t options = tcb->mss - tcp_eff_mss(tcb);

	if (mtu >= tcb->mss + head)
		return false;
	if (ip_is_v4(&tcb->c.laddr) && mtu < LEAST_V4) {
		if (tcb->c.frag_ok)
			return false;
		tcb->c.frag_ok = true;
		mtu = LEAST_V4;
	}
	tcp_accecn_narrower(tcb);
	if (mtu < tcb->mss + head)
		tcb->mss = (uint16_t)(mtu - head);
	tcb->mss_proven = false;
	report(tcb, tcb->mss + head, why, time, frame);
	tcp_recover_mtu(tcb, fits > options ? fits - options : 0);
	tcp_touch(tcb);
	return true;
}

/* tcp_mtu_lower - a router has reported it: also for the next connection */
bool
tcp_mtu_lower(struct tcb *tcb, uint32_t mtu, uint64_t time, uint64_t frame)
{
	if (!lower(tcb, mtu, "icmp", time, frame))
		return false;
	tcp_path_narrow(tcb, tcb->mss + headers(tcb), time);
	return true;
}

/* tcp_mtu_syn - before an MSS is agreed: it will be no larger */
void
tcp_mtu_syn(struct tcb *tcb, uint32_t mtu, uint64_t now)
{
	if (ip_is_v4(&tcb->c.laddr) && mtu < LEAST_V4) {
		tcb->c.frag_ok = true;
		mtu = LEAST_V4;
	}
	if (mtu >= tcb->tcp->cfg.mtu)
		return;
	tcb->w->syn_mss = (uint16_t)(mtu - headers(tcb));
	tcp_path_narrow(tcb, mtu, now);
}

/*
 * tcp_mtu_black_hole - the retransmission timer has expired: is it always
 * the long segments that do not arrive? A guess, and where many are lost a
 * wrong one at times: it is for this connection, and is not remembered.
 */
void
tcp_mtu_black_hole(struct tcb *tcb, uint64_t now)
{
	uint32_t tries = tcb->w->timeouts + 1u, mtu = base(tcb, tries);
	const struct sent *s = tcb->w->fl.head;
	uint32_t options = tcb->mss - tcp_eff_mss(tcb);

	if (tries % TRIES != 0 || (tcb->mss_proven && tries < 2 * TRIES))
		return;
	if (s == NULL || s->end - s->seq + options <= mtu - headers(tcb))
		return; /* short ones are not answered either */
	lower(tcb, mtu, "black-hole", now, 0);
}

/* tcp_mtu_acked - this many bytes at once: a segment of full size was there */
void
tcp_mtu_acked(struct tcb *tcb, uint32_t acked)
{
	if (acked > base(tcb, TRIES) - headers(tcb))
		tcb->mss_proven = true;
}
