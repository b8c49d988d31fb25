/*
 * timer.c - when to wake a connection: for the first of its timers. What
 * they do when they expire is in expire.c.
 */
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

void
tcp_slow_timer(struct tcb *tcb, uint64_t at)
{
	tcb->slow_at = at;
	tcp_touch(tcb);
}

/* tcp_arm - wake in time for the first of the timers, and no later than at */
void
tcp_arm(struct tcb *tcb, uint64_t now, uint64_t at)
{
	struct wheel *w = &tcb->tcp->wheel;
	const struct work *work = tcb->w;
	uint64_t hook_at;

	if (tcb->dead)
		return;
	if (tcb->app_at < at)
		at = tcb->app_at;
	if (tcb->keep_at < at)
		at = tcb->keep_at;
	if (tcb->c.state == TCPS_FIN_WAIT_2 && tcb->slow_at < at)
		at = tcb->slow_at;
	if (work != NULL && work->rexmt_at < at)
		at = work->rexmt_at;
	if (work != NULL && work->delack_at < at)
		at = work->delack_at;
	if (work != NULL && work->pace_wait && tcb->pace->at < at)
		at = tcb->pace->at;
	if (tcb->tcp->hooks != NULL) {
		hook_at = tcb->tcp->hooks->wake_at(tcb, now);
		at = hook_at < at ? hook_at : at;
	}
	if (at == NEVER)
		wheel_clear(w, &tcb->node);
	else
		wheel_set(w, &tcb->node, at > now ? at : now);
}

/*
 * tcp_rearm_rexmt - what to wait for now, RFC 6298 5, RFC 9293 3.8.6.1, RFC
 * 8985 7.2: a probe while the window is closed, the reordering timer if one
 * runs, a loss probe, or the time-out
 */
void
tcp_rearm_rexmt(struct tcb *tcb, uint64_t now)
{
	uint64_t tlp;

	if (tcb->snd_una == tcb->snd_nxt) {
		tcp_set_rexmt(tcb, REXMT_NONE, NEVER);
		return;
	}
	if (tcb->snd_wnd == 0) {
		if (tcb->w->rexmt_kind != REXMT_PERSIST)
			tcp_set_rexmt(tcb, REXMT_PERSIST, now + tcp_rto(tcb));
		return;
	}
	if (tcb->w->rexmt_kind == REXMT_REORDER && tcb->w->rexmt_at > now)
		return;
	tlp = tcp_tlp_at(tcb, now);
	if (tlp != NEVER)
		tcp_set_rexmt(tcb, REXMT_TLP, tlp);
	else
		tcp_set_rexmt(tcb, REXMT_RTO, now + tcp_rto(tcb));
}
