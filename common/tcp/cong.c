/*
 * cong.c - what congestion controls share: the window to begin with, and the
 * part of a window that was used.
 */
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

uint32_t
tcp_initial_window(const struct tcb *tcb)
{
	uint32_t mss = tcp_eff_mss(tcb);
	uint32_t iw = 10 * mss < 14600 ? 10 * mss : 14600;

	return iw > 2 * mss ? iw : 2 * mss;
}

uint32_t
tcp_used_window(const struct tcb *tcb)
{
	uint32_t flight = tcb->snd_nxt - tcb->snd_una;

	return tcb->cwnd_limited || flight > tcb->cwnd ? tcb->cwnd : flight;
}
