/*
 * join.c - segments that leave in one frame, which is cut again behind the
 * engine, see tcp_super(). To the peer nothing is different: they are full ones
 * with the same headers but for what cutting counts up, sent at once.
 */
#include "tcp/face.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

/* bytes of data; with headers before it, they touch 16 pages at most */
enum { JOINED_BYTES = 56 * 1024 };

/* may_join - what is cut at the MTU is as long as our segments, and they have
   the same headers: nothing is due that one of them alone would have */
static bool
may_join(const struct tcb *tcb, uint32_t mss)
{
	const struct tcp *t = tcb->tcp;
	uint32_t heads = (ip_is_v4(&tcb->c.laddr) ? 40 : 60) +
			 (tcb->ts_ok ? 12 : 0);

	return t->super == heads + mss && t->hooks == NULL &&
	       !t->cfg.segments && !tcb->c.frag_ok && !tcb->c.accurate &&
	       !tcb->send_cwr && tcb->w->ooo == NULL &&
	       tcb->w->dsack.start == tcb->w->dsack.end &&
	       !tcp_fin_waits(tcb) && tcp_face(t, &tcb->c.laddr) == NULL;
}

/*
 * tcp_join - how much of what is left goes into the next frame, where the
 * window has wnd bytes: n, a segment that may be sent, or several of them
 */
uint32_t
tcp_join(struct tcb *tcb, uint64_t left, uint32_t wnd, uint32_t n)
{
	const struct tcp *t = tcb->tcp;
	uint32_t flight = tcp_in_flight(tcb);
	uint64_t most = t->room - FRAME_HEAD - RECORD_HEAD;
	uint32_t cwnd = tcb->cwnd > flight ? tcb->cwnd - flight : 0;

	if (left < 2 * n || n != tcp_eff_mss(tcb) || !may_join(tcb, n))
		return n;
	most = most < JOINED_BYTES ? most : JOINED_BYTES;
	most = most < left ? most : left;
	most = most < wnd ? most : wnd;
	most = most < cwnd ? most : cwnd;
	if (tcb->pace != NULL && most > tcb->pace->left)
		most = tcb->pace->left;
	most -= most % n;
	/* a ring buffer may not have them in one piece */
	if (most > n && t->app.data(t->app_ctx, tcb,
			    tcb->una_off + (tcb->snd_nxt - tcb->snd_una),
			    (uint32_t)most) != NULL)
		return (uint32_t)most;
	return n;
}
