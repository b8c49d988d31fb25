/*
 * expire.c - a timer of a connection has expired: retransmission, loss
 * probe, reordering, zero-window probe (one timer of several kinds), delayed
 * ACK, keep-alive, the application's, and the slow one of FIN-WAIT-2.
 */
#include "tcp/face.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/face.h"

static uint64_t
shorter(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * give_up - RFC 9293 3.8.3, R2 as a time: nothing has been answered for the
 * user timeout. True when the connection is gone.
 */
static bool
give_up(struct tcb *tcb, uint64_t now)
{
	const struct face *f = tcp_face(tcb->tcp, &tcb->c.laddr);
	uint64_t limit = tcp_set(tcb)->user_timeout;

	if (!tcp_synchronized(tcb) && tcb->passive && f != NULL &&
	    f->syn_limit > 0)
		limit = shorter(limit, f->syn_limit);
	else if (!tcp_synchronized(tcb))
		limit = shorter(
		    limit, tcb->passive ? SYN_ACK_LIMIT : SYN_TIMEOUT);
	if (tcb->w->trouble_since == 0) {
		tcb->w->trouble_since = now;
		return false;
	}
	if (now - tcb->w->trouble_since < limit)
		return false;
	tcp_close(tcb, TCP_CLOSE_TIMEOUT, "user-timeout", now, NULL);
	return true;
}

/* grow_backoff - each probe that is not answered doubles the wait: 5.5 */
static void
grow_backoff(struct tcb *tcb)
{
	if (tcb->backoff < 16)
		tcb->backoff++;
}

static void
rto_expired(struct tcb *tcb, uint64_t now)
{
	if (give_up(tcb, now))
		return;
	tcp_report_timeout(tcb, now, tcp_synchronized(tcb) ? "rto" : "syn");
	if (tcp_synchronized(tcb)) {
		tcp_mtu_black_hole(tcb, now);
		tcp_recover_rto(tcb, now);
		tcp_pace_forgive(tcb, now);
		if (tcb->w->timeouts < UINT8_MAX)
			tcb->w->timeouts++;
	} else {
		tcb->send_syn = true;
	}
	grow_backoff(tcb);
	tcp_set_rexmt(tcb, REXMT_RTO, now + tcp_rto(tcb));
}

static void
rexmt_expired(struct tcb *tcb, uint64_t now)
{
	struct ack_info info = {.now = now};

	switch ((enum rexmt_kind)tcb->w->rexmt_kind) {
	case REXMT_NONE:
	case REXMT_WAIT:
		tcp_set_rexmt(tcb, REXMT_NONE, NEVER);
		break;
	case REXMT_RTO:
		rto_expired(tcb, now);
		break;
	case REXMT_TLP:
		tcb->tlp = true;
		tcp_set_rexmt(tcb, REXMT_RTO, now + tcp_rto(tcb));
		break;
	case REXMT_REORDER:
		tcb->w->rexmt_kind = REXMT_NONE;
		tcp_rack_detect(tcb, &info);
		tcp_recover_ack(tcb, &info);
		if (tcb->w->rexmt_kind == REXMT_NONE)
			tcp_set_rexmt(tcb, REXMT_RTO, now + tcp_rto(tcb));
		break;
	case REXMT_PERSIST:
		if (give_up(tcb, now))
			return;
		tcp_report_timeout(tcb, now, "persist");
		tcb->probe = true;
		grow_backoff(tcb);
		tcp_set_rexmt(tcb, REXMT_PERSIST, now + tcp_rto(tcb));
		break;
	}
}

/* work_timeout - its timers; true when the connection has been given up */
static bool
work_timeout(struct tcb *tcb, uint64_t now)
{
	struct work *w = tcb->w;

	w->pace_wait = false; /* tcp_output() looks again */
	if (w->rexmt_at <= now) {
		rexmt_expired(tcb, now);
		if (tcb->dead)
			return true;
	}
	if (w->delack_at <= now) {
		w->delack_at = NEVER;
		tcb->ack_now = true;
	}
	return false;
}

static void
expire(struct tcb *tcb, uint64_t now)
{
	struct tcp *t = tcb->tcp;

	if (tcb->w != NULL && work_timeout(tcb, now))
		return;
	if (tcb->keep_at <= now && tcp_keep_expired(tcb, now))
		return;
	if (tcb->c.state == TCPS_FIN_WAIT_2 && tcb->slow_at <= now) {
		/* the peer has been silent for too long */
		tcp_close(tcb, TCP_CLOSE_TIMEOUT, "fin-wait-2", now, NULL);
		return;
	}
	if (t->hooks != NULL && t->hooks->wake(tcb, now))
		return;
	if (tcb->app_at <= now) {
		tcb->app_at = NEVER;
		t->app.timer(t->app_ctx, tcb, now);
		if (tcb->dead)
			return;
	}
	tcp_touch(tcb);
}

uint64_t
tcp_deadline(const struct tcp *t)
{
	return wheel_next(&t->wheel);
}

void
tcp_timers(struct tcp *t, uint64_t now)
{
	struct wheel_node *n;
	struct tcb *tcb;

	tcp_reap(t);
	while ((n = wheel_pop(&t->wheel, now)) != NULL) {
		if (n == &t->tw_node) {
			tcp_tw_expire(t, now);
			continue;
		}
		tcb = (struct tcb *)((char *)n - offsetof(struct tcb, node));
		expire(tcb, now);
		if (!tcb->dead)
			tcp_arm(tcb, now, NEVER);
	}
}
