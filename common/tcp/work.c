/*
 * work.c - when a connection has its work (struct work), and when it is
 * at rest without: see "theory of operation" in tcp_var.h.
 */
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

bool
tcp_work_begin(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;
	struct work *w;

	if (tcb->w != NULL)
		return true;
	w = pool_get(&t->works);
	if (w == NULL)
		return false;
	w->cc = tcb->no_model ? &tcp_cubic : tcp_set(tcb)->cong;
	w->rexmt_at = w->delack_at = NEVER;
	/* what at_rest() has seen to */
	w->last_ack_sent = tcb->rcv_nxt;
	w->fin_seq = tcb->rcv_nxt - 1;
	w->use_end = tcb->snd_una;
	tcb->w = w;
	return true;
}

void
tcp_work_free(struct tcb *tcb)
{
	if (tcb->w != NULL)
		pool_put(&tcb->tcp->works, tcb->w);
	tcb->w = NULL;
}

/* at_rest - nothing to send, nothing unacknowledged */
static bool
at_rest(const struct tcb *tcb)
{
	const struct work *w = tcb->w;

	if (tcb->ready || tcb->room_short || !tcp_synchronized(tcb))
		return false;
	return tcb->snd_una == tcb->snd_nxt && w->recovery == REC_OPEN &&
	       w->dupacks == 0 && w->trouble_since == 0 &&
	       w->rexmt_kind == REXMT_NONE && !w->pace_wait && w->ooo == NULL &&
	       w->last_ack_sent == tcb->rcv_nxt && w->delack_at == NEVER &&
	       (!tcb->fin_seen || w->fin_seq == tcb->rcv_nxt - 1);
}

void
tcp_work_end(struct tcb *tcb)
{
	if (tcb->w != NULL && !tcb->dead && at_rest(tcb))
		tcp_work_free(tcb);
}
