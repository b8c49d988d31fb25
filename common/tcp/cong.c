/*
 * cong.c - what congestion controls share: the window to begin with, and the
 * part of a window that was used.
 */
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

uint32_t
tcp_initial_window(const struct tcb *tcb)
{
	uint32_t mss = tcp_eff_mss(tcb);
	uint32_t iw = 10 * mss < 14600 ? 10 * mss : 14600;

	return iw > 2 * mss ? iw : 2 * mss;
}

bool
tcp_window_used(const struct tcb *tcb)
{
	const struct work *w = tcb->w;

	if (w->use_full)
		return true;
	return tcb->cwnd < tcb->ssthresh && tcb->cwnd / 2 < w->use_most;
}

void
tcp_note_use(struct tcb *tcb)
{
	uint32_t flight = tcp_in_flight(tcb);
	struct work *w = tcb->w;
	bool full = flight + tcp_eff_mss(tcb) > tcb->cwnd;

	/* the strongest sign of a round trip counts */
	if (!full && seq_lt(tcb->snd_una, w->use_end) &&
	    (w->use_full || flight <= w->use_most))
		return;
	w->use_full = full;
	w->use_most = flight;
	w->use_end = tcb->snd_nxt;
}

uint32_t
tcp_used_window(const struct tcb *tcb)
{
	uint32_t flight = tcb->snd_nxt - tcb->snd_una + tcb->w->just_acked;

	return tcb->cwnd_limited || flight > tcb->cwnd ? tcb->cwnd : flight;
}
