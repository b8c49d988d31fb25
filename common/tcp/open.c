/*
 * open.c - a connection begins: RFC 9293 3.10.7.2 (LISTEN) and 3.10.7.3
 * (SYN-SENT), and what the two SYNs agree on.
 */
#include "tcp/accecn.h"
#include "tcp/face.h"
#include "tcp/fastopen.h"
#include "tcp/cong.h"
#include "tcp/path.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/* take_syn_options - what the peer's SYN agrees to, RFC 7323 1.3, RFC 2018 2 */
static void
take_syn_options(struct tcb *tcb, const struct seg *seg, uint64_t now)
{
	const struct tcp_opts *o = &seg->h.opt;
	const struct tcp_config *c = &tcb->tcp->cfg;
	uint32_t ours = tcp_path_mtu(tcb, now) - (seg->v6 ? 60 : 40), mss;

	mss = seg->v6 ? MSS_DEFAULT_V6 : MSS_DEFAULT_V4;
	tcb->c.no_mss = !o->have_mss;
	if (o->have_mss)
		mss = o->mss;
	if (mss > ours)
		mss = ours;
	if (tcb->w->syn_mss > 0 && mss > tcb->w->syn_mss)
		mss = tcb->w->syn_mss;
	tcb->mss = (uint16_t)(mss < MSS_MIN ? MSS_MIN : mss);
	tcb->sack_ok = o->sack_ok && !c->no_sack;
	tcb->wscale_ok = o->have_wscale && !c->no_wscale;
	tcb->snd_wscale = 0;
	if (tcb->wscale_ok)
		tcb->snd_wscale = o->wscale < TCP_MAXWSCALE ? o->wscale
							    : TCP_MAXWSCALE;
	tcp_ecn_agree(tcb, seg);
	tcb->ts_ok = o->have_ts && !c->no_timestamps;
	tcp_face_agree(tcb);
	if (tcb->ts_ok) {
		tcb->ts_recent = o->tsval;
		tcb->ts_recent_at = (uint32_t)(now / NS_S);
	}
}

static void
take_irs(struct tcb *tcb, const struct seg *seg)
{
	tcb->irs = seg->h.seq;
	tcb->rcv_nxt = tcb->rcv_adv = tcb->w->last_ack_sent = seg->h.seq + 1;
	tcb->rcv_wscale = tcp_our_wscale(tcb->tcp, tcp_set(tcb)->rcvbuf);
	tcb->rcv_wscale = tcp_face_wscale(tcb, tcb->rcv_wscale);
	if (!tcb->wscale_ok)
		tcb->rcv_wscale = 0;
	tcb->snd_wnd = tcb->max_sndwnd = seg->h.wnd; /* never scaled in a SYN */
	tcb->snd_wl1 = seg->h.seq;
	tcb->snd_wl2 = seg->h.ack;
}

/*
 * tcp_listen_accept - a connection in SYN-RECEIVED for an acceptable SYN;
 * iss 0: choose one. NULL when there is no room for it.
 */
struct tcb *
tcp_listen_accept(
    struct tcp *t, uint64_t now, const struct seg *seg, uint32_t iss)
{
	struct tcb *tcb;

	tcb = tcp_make_room(t, now, &seg->src)
		  ? tcp_tcb_new(t, now, &seg->dst, seg->h.dport, &seg->src,
			seg->h.sport,
			tcp_accecn_wanted(t, &seg->dst, seg->h.flags))
		  : NULL;
	if (tcb == NULL) {
		tcp_drop(t, seg, NULL, "table-full");
		return NULL;
	}
	if (iss != 0)
		tcb->iss = tcb->snd_una = tcb->snd_nxt = iss;
	tcb->c.state = TCPS_LISTEN;
	tcb->passive = true;
	tcb->w->frame = seg->no;
	tcp_learn_l2(&tcb->c, seg);
	tcb->c.frag_ok |= tcp_face_may_cut(t, &seg->dst);
	take_syn_options(tcb, seg, now);
	take_irs(tcb, seg);
	tcp_set_state(tcb, TCPS_SYN_RECEIVED, seg->stamp, seg->no);
	return tcb;
}

/* tcp_syn_sent - 3.10.7.3 */
enum tcp_next
tcp_syn_sent(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	struct tcp *t = tcb->tcp;
	uint16_t flags = seg->h.flags;
	bool again;

	if ((flags & TH_ACK) && (seq_leq(seg->h.ack, tcb->iss) ||
				    seq_gt(seg->h.ack, tcb->snd_nxt))) {
		if (!(flags & TH_RST))
			tcp_send_reset(t, now, seg);
		tcp_drop(t, seg, tcb, "ack");
		return DONE;
	}
	if (flags & TH_RST) {
		if (flags & TH_ACK)
			tcp_close(tcb, TCP_CLOSE_RESET, "refused", now, seg);
		else
			tcp_drop(t, seg, tcb, "reset-without-ack");
		return DONE;
	}
	if ((flags & (TH_SYN | TH_FIN)) != TH_SYN) {
		tcp_drop(t, seg, tcb, flags & TH_SYN ? "syn-fin" : "no-syn");
		return DONE;
	}
	take_syn_options(tcb, seg, now);
	take_irs(tcb, seg);
	if (!(flags & TH_ACK)) {
		/* both sides have called: RFC 9293 3.5, MUST-10; what our
		   SYN had is data again, but the peer may have taken it */
		tcb->c.fast_open = false;
		tcb->recover = tcb->snd_nxt;
		tcb->snd_nxt = tcb->iss + 1;
		tcb->send_syn = true;
		tcp_set_state(tcb, TCPS_SYN_RECEIVED, seg->stamp, seg->no);
		return DONE;
	}
	if (tcb->retransmits == 0)
		tcp_rtt_sample(tcb, now - tcb->w->trouble_since);
	again = tcb->retransmits > 0;
	tcb->snd_una = seg->h.ack;
	tcb->send_syn = false;
	tcb->ack_now = true;
	tcp_established(tcb, now, seg);
	if (!tcb->dead)
		tcp_fastopen_syn_ack(tcb, now, seg, again);
	if (!tcb->dead && tcp_accecn_syn_marked(tcb, seg))
		tcp_ecn_reduce(tcb, now);
	return DONE;
}

void
tcp_established(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	struct tcp *t = tcb->tcp;
	bool early = tcp_is_early(tcb);

	tcp_half_done(tcb);
	tcp_fastopen_done(tcb, now, false);
	/* RFC 6928 2: one segment after a SYN was lost more than once */
	if (tcb->backoff > 1)
		tcb->cwnd = tcp_eff_mss(tcb);
	else if (!early)
		tcb->cwnd = tcp_initial_window(tcb);
	/* RFC 6298 5.7 */
	tcb->syn_lost = tcb->backoff > 0;
	tcb->backoff = 0;
	tcp_path_opened(tcb, now);
	tcb->w->trouble_since = 0;
	tcb->recover = tcb->ecn_recover = tcb->iss;
	tcp_set_rexmt(tcb, REXMT_NONE, NEVER);
	tcp_keep_heard(tcb, now);
	if (!early)
		tcb->w->cc->init(tcb, now);
	t->stats.opened++;
	tcp_set_state(tcb, TCPS_ESTABLISHED, seg->stamp, seg->no);
	tcp_touch(tcb); /* data may have been offered before */
	if (!early)
		t->app.opened(t->app_ctx, tcb, now);
}
