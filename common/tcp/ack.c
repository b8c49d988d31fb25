/*
 * ack.c - the acknowledgment field, RFC 9293 3.10.7.4 fifth, with the
 * window it brings and what it does to the closing states.
 */
#include "tcp/accecn.h"
#include "tcp/fastopen.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/* update_window - RFC 9293 3.10.7.4; true when the window has changed */
static bool
update_window(struct tcb *tcb, const struct seg *seg)
{
	uint32_t wnd = (uint32_t)seg->h.wnd << tcb->snd_wscale;
	bool changed;

	/* a higher ACK proves a later segment, so even a retransmission, with
	   its old number, may update the window */
	if (!seq_gt(seg->h.ack, tcb->snd_una) &&
	    !seq_lt(tcb->snd_wl1, seg->h.seq) &&
	    !(tcb->snd_wl1 == seg->h.seq && seq_leq(tcb->snd_wl2, seg->h.ack)))
		return false;
	changed = wnd != tcb->snd_wnd;
	tcb->snd_wnd = wnd;
	tcb->snd_wl1 = seg->h.seq;
	tcb->snd_wl2 = seg->h.ack;
	if (wnd > tcb->max_sndwnd)
		tcb->max_sndwnd = wnd;
	return changed;
}

/* our_fin_acked - 3.10.7.4: what the closing states do with this ACK */
static enum tcp_next
our_fin_acked(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	switch ((enum tcp_state)tcb->c.state) {
	case TCPS_FIN_WAIT_1:
		tcp_set_state(tcb, TCPS_FIN_WAIT_2, seg->stamp, seg->no);
		tcp_slow_timer(tcb, now + tcb->tcp->cfg.fin_wait_2);
		return GO_ON;
	case TCPS_CLOSING:
		tcp_time_wait(tcb, now, seg);
		return DONE;
	case TCPS_LAST_ACK:
		tcp_close(tcb, TCP_CLOSE_FIN, NULL, now, seg);
		return DONE;
	case TCPS_CLOSED:
	case TCPS_LISTEN:
	case TCPS_SYN_SENT:
	case TCPS_SYN_RECEIVED:
	case TCPS_ESTABLISHED:
	case TCPS_CLOSE_WAIT:
	case TCPS_FIN_WAIT_2:
	case TCPS_TIME_WAIT:
		break;
	}
	return GO_ON;
}

/* take_ack - the acknowledgment of a synchronized state */
static enum tcp_next
take_ack(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	struct tcp *t = tcb->tcp;
	struct ack_info info = {.now = now, .flight = tcp_in_flight(tcb)};
	uint32_t ack = seg->h.ack, old_una = tcb->snd_una;
	bool changed, fin_waits = tcp_fin_sent(tcb);

	changed = update_window(tcb, seg);
	info.dup = ack == old_una && tcb->snd_nxt != old_una && !changed &&
		   tcp_seg_space(seg) == 0; /* RFC 5681 2 */
	tcp_ecn_ack(tcb, seg, now); /* while FlightSize is what it was */
	tcp_sack_acked(tcb, ack, &seg->h.opt, &info);
	tcp_accecn_ack(tcb, seg, &info);
	if (info.rtt > 0)
		tcp_rtt_sample(tcb, info.rtt);
	if (info.acked > 0) {
		tcp_moved(tcb, now, info.acked);
		tcp_mtu_acked(tcb, info.acked);
		tcb->w->trouble_since = 0;
		tcb->w->timeouts = 0;
		/*
		 * Karn's rule: an ACK without a sample leaves the time-out as
		 * long as it is, RFC 6298 5. But a D-SACK shows that an
		 * earlier copy had arrived, too: an ACK was lost, and the path
		 * is no slower than its samples
		 */
		if (info.rtt > 0 || tcb->w->rexmt_kind == REXMT_PERSIST ||
		    (info.dsack && tcb->srtt > 0))
			tcb->backoff = 0;
		tcp_rearm_rexmt(tcb, now);
		t->app.acked(t->app_ctx, tcb, tcb->una_off, now);
		if (tcb->dead)
			return DONE;
	} else if (tcb->w->rexmt_kind == REXMT_PERSIST) {
		tcb->w->trouble_since = 0; /* MUST-37: probes are answered */
		if (tcb->snd_wnd > 0) {
			tcb->backoff = 0;
			tcp_recover_window(tcb, now);
			tcp_rearm_rexmt(tcb, now);
		}
	} else if (changed && tcb->snd_wnd == 0) {
		tcp_rearm_rexmt(tcb, now); /* shrunk over it: MUST-35 */
	}
	tcp_recover_ack(tcb, &info);
	tcp_touch(tcb);
	if (fin_waits && tcb->snd_una == tcb->snd_nxt)
		return our_fin_acked(tcb, now, seg);
	return GO_ON;
}

/* take_early - the handshake is over, and data is on its way already */
static enum tcp_next
take_early(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	if (seq_gt(seg->h.ack, tcb->snd_una))
		return take_ack(tcb, now, seg);
	/* the timer of the SYN-ACK is over, that of the data begins */
	tcp_rearm_rexmt(tcb, now);
	if (seg->h.opt.nsack > 0)
		return take_ack(tcb, now, seg);
	tcp_fastopen_ack(tcb, now);
	return GO_ON;
}

/*
 * take_crossed - of two SYNs that crossed ours had data, and this ACK covers
 * some of it: the peer has taken it though it asked for itself, RFC 7413
 */
static void
take_crossed(struct tcb *tcb, uint32_t ack)
{
	if (tcb->passive || !seq_gt(ack, tcb->snd_nxt) ||
	    !seq_leq(ack, tcb->recover))
		return;
	tcb->snd_nxt = ack;
	tcb->una_off = ack - tcb->iss - 1;
}

/*
 * take_old_ack - it was overtaken on its way: its number and its window are of
 * the past, but the data in its SACK blocks has arrived
 */
static void
take_old_ack(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	struct ack_info info = {.now = now, .flight = tcp_in_flight(tcb)};

	if (!tcb->sack_ok || seg->h.opt.nsack == 0 || tcb->w->fl.head == NULL)
		return;
	tcp_sack_acked(tcb, seg->h.ack, &seg->h.opt, &info);
	/* it is no clock for PRR: it may begin recovery, with one segment, and
	   in recovery what has arrived leaves room for as much */
	info.delivered = 0;
	tcp_recover_ack(tcb, &info);
	tcp_touch(tcb);
}

/*
 * follow_hop - from now on we answer to where this came from, as when a router
 * has taken over for another. Both its numbers are acceptable: one who has
 * guessed the sequence number alone does not get what we send.
 */
static void
follow_hop(struct tcb *tcb, const struct seg *seg)
{
	if (seg->l2len > 0 && memcmp(tcb->c.l2, seg->l2 + 6, 6) != 0)
		tcp_learn_l2(&tcb->c, seg);
}

/* tcp_check_ack - 3.10.7.4 and RFC 5961 5.2 */
enum tcp_next
tcp_check_ack(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	struct tcp *t = tcb->tcp;
	uint32_t ack = seg->h.ack;
	bool early;

	if (!(seg->h.flags & TH_ACK)) {
		tcp_drop(t, seg, tcb, "no-ack");
		return DONE;
	}
	early = tcp_is_early(tcb);
	if (tcb->c.state == TCPS_SYN_RECEIVED) {
		take_crossed(tcb, ack);
		if (seq_leq(ack, tcb->iss) || seq_gt(ack, tcb->snd_nxt)) {
			tcp_send_reset(t, now, seg);
			tcp_drop(t, seg, tcb, "ack");
			return DONE;
		}
		follow_hop(tcb, seg);
		if (tcb->retransmits == 0 && tcb->w->trouble_since != 0)
			tcp_rtt_sample(tcb, now - tcb->w->trouble_since);
		if (!early)
			tcb->snd_una = ack;
		tcb->send_syn = false;
		tcb->snd_wnd = (uint32_t)seg->h.wnd << tcb->snd_wscale;
		tcb->max_sndwnd = tcb->snd_wnd;
		tcb->snd_wl1 = seg->h.seq;
		tcb->snd_wl2 = ack;
		tcp_accecn_third(tcb, seg);
		tcp_established(tcb, now, seg);
		if (!tcb->dead && tcp_accecn_syn_marked(tcb, seg))
			tcp_ecn_reduce(tcb, now);
		if (!tcb->dead && tcb->una_off > 0 && !early)
			t->app.acked(t->app_ctx, tcb, tcb->una_off, now);
		if (tcb->dead || !early)
			return tcb->dead ? DONE : GO_ON;
		return take_early(tcb, now, seg);
	}
	if (seq_gt(ack, tcb->snd_nxt) ||
	    seq_lt(ack, tcb->snd_una - tcb->max_sndwnd)) {
		tcp_challenge(tcb, now);
		tcp_drop(t, seg, tcb,
		    seq_gt(ack, tcb->snd_nxt) ? "ack-unsent" : "ack-old");
		return DONE;
	}
	follow_hop(tcb, seg);
	if (seq_lt(ack, tcb->snd_una)) {
		take_old_ack(tcb, now, seg);
		return GO_ON; /* the text may be new */
	}
	return take_ack(tcb, now, seg);
}
