/*
 * input.c - a segment arrives, RFC 9293 3.10.7: in the RFC's order, one
 * function a step. With RFC 5961 (attacks in the window) and RFC 7323 (PAWS).
 * Only replies without a connection are sent from here; a connection is
 * touched, and sends in tcp_output().
 */

#include "tcp/accecn.h"
#include "tcp/face.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/*
 * acceptable - the four cases of RFC 9293 3.10.7.4, table 6; without data also
 * at the right edge, where a peer that has filled the window sends its ACKs
 */
static bool
acceptable(const struct tcb *tcb, const struct seg *seg)
{
	uint32_t wnd = tcb->rcv_adv - tcb->rcv_nxt, n = tcp_seg_space(seg);

	if (n == 0 && wnd == 0)
		return seg->h.seq == tcb->rcv_nxt;
	if (n == 0)
		return seq_in(seg->h.seq, tcb->rcv_nxt, tcb->rcv_adv + 1);
	if (wnd == 0)
		return false;
	return seq_in(seg->h.seq, tcb->rcv_nxt, tcb->rcv_adv) ||
	       seq_in(seg->h.seq + n - 1, tcb->rcv_nxt, tcb->rcv_adv) ||
	       (seq_lt(seg->h.seq, tcb->rcv_nxt) &&
		   seq_gt(seg->h.seq + n, tcb->rcv_nxt));
}

/* is_old - RFC 7323 5.5: TS.Recent proves nothing any more */
static bool
is_old(uint32_t at, uint64_t now)
{
	return (uint32_t)(now / NS_S) - at > PAWS_AGE;
}

/* check_paws - RFC 7323 5.3: an old duplicate, by its timestamp */
static bool
check_paws(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	const struct tcp_opts *o = &seg->h.opt;

	if (!tcb->ts_ok || !o->have_ts || (seg->h.flags & TH_RST))
		return true;
	return seq_geq(o->tsval, tcb->ts_recent) ||
	       is_old(tcb->ts_recent_at, now);
}

static void
note_duplicate(struct tcb *tcb, const struct seg *seg)
{
	uint32_t n = seg->len + (seg->h.flags & TH_FIN ? 1 : 0);
	/* the data of a SYN is behind its own number: RFC 7413 */
	uint32_t seq = seg->h.seq + (seg->h.flags & TH_SYN ? 1 : 0);

	/* what lies before all that came is of another connection */
	if (n == 0 || !tcb->sack_ok || tcb->rcv_nxt - seq > tcb->received + 1)
		return;
	tcp_accecn_repeated(tcb, seg);
	tcb->w->dsack.start = seq;
	tcb->w->dsack.end = seq_min(seq + n, tcb->rcv_nxt);
	if (seq_geq(tcb->w->dsack.start, tcb->w->dsack.end))
		tcb->w->dsack.start = tcb->w->dsack.end;
}

/* refuse - the answer to what cannot be accepted is where we are */
static void
refuse(struct tcb *tcb, uint64_t now, const struct seg *seg, const char *why)
{
	/* an empty segment may be the other's answer to ours: do not let two
	   stacks answer each other for ever */
	if (tcp_seg_space(seg) > 0 && !(seg->h.flags & TH_SYN)) {
		tcb->ack_now = true;
		tcp_touch(tcb);
	} else {
		tcp_challenge(tcb, now);
	}
	tcp_drop(tcb->tcp, seg, tcb, why);
}

/*
 * is_syn_ack_again - our ACK of it was lost: RFC 9768 3.2.2.1. Its flags are
 * ignored by now, 3.1.5: a server that has fallen back to a SYN-ACK without is
 * in this mode still, and reads the ACK of it in the same way.
 */
static bool
is_syn_ack_again(const struct tcb *tcb, const struct seg *seg)
{
	return tcb->c.accurate && !tcb->passive &&
	       tcb->c.state == TCPS_ESTABLISHED &&
	       (seg->h.flags & (TH_SYN | TH_ACK)) == (TH_SYN | TH_ACK) &&
	       seg->h.seq == tcb->irs;
}

static enum tcp_next
check_seq(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	const struct tcp_opts *o = &seg->h.opt;

	/* RFC 7323 3.2: once agreed, a timestamp is in every segment; but a
	   SYN of a peer that has started anew must be challenged */
	if (tcb->ts_ok && !o->have_ts && !tcb->tcp->cfg.ts_optional &&
	    !(seg->h.flags & (TH_RST | TH_SYN))) {
		tcp_drop(tcb->tcp, seg, tcb, "no-timestamp");
		return DONE;
	}
	if (!check_paws(tcb, now, seg)) {
		refuse(tcb, now, seg, "paws");
		return DONE;
	}
	if (!acceptable(tcb, seg)) {
		if (is_syn_ack_again(tcb, seg))
			tcp_accecn_syn_ack(tcb, seg);
		/* a probe of a closed window still brings a valid ACK */
		if (tcb->rcv_adv == tcb->rcv_nxt &&
		    seg->h.seq == tcb->rcv_nxt) {
			tcb->ack_now = true;
			tcp_touch(tcb);
			return GO_ON;
		}
		if (seg->h.flags & TH_RST) {
			tcp_drop(tcb->tcp, seg, tcb, "reset-window");
			return DONE;
		}
		note_duplicate(tcb, seg);
		refuse(tcb, now, seg,
		    seq_leq(seg->h.seq + tcp_seg_space(seg), tcb->rcv_nxt)
			? "duplicate"
			: "window");
		return DONE;
	}
	return GO_ON;
}

/*
 * note_timestamp - RFC 7323 4.3, behind the ACK check: a forged time of what
 * that discards (RFC 5961 5.2) would keep all that follows out
 */
static void
note_timestamp(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	const struct tcp_opts *o = &seg->h.opt;

	if (tcb->ts_ok && o->have_ts &&
	    seq_leq(seg->h.seq, tcb->w->last_ack_sent) &&
	    (seq_geq(o->tsval, tcb->ts_recent) ||
		is_old(tcb->ts_recent_at, now))) {
		tcb->ts_recent = o->tsval;
		tcb->ts_recent_at = (uint32_t)(now / NS_S);
	}
}

/* check_rst - RFC 5961 3.2: only the exact sequence number resets */
static enum tcp_next
check_rst(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	if (!(seg->h.flags & TH_RST))
		return GO_ON;
	if (seg->h.seq != tcb->rcv_nxt) {
		tcp_challenge(tcb, now);
		tcp_drop(tcb->tcp, seg, tcb, "reset-challenged");
	} else if (tcb->c.state == TCPS_SYN_RECEIVED && tcb->passive &&
		   !tcp_is_early(tcb)) {
		/* back to LISTEN, and the user is not informed: 3.10.7.4 */
		tcp_report_probe(tcb->tcp, seg, "half-open");
		tcp_set_state(tcb, TCPS_LISTEN, seg->stamp, seg->no);
		tcp_tcb_free(tcb);
	} else {
		tcp_close(tcb, TCP_CLOSE_RESET,
		    tcb->c.state == TCPS_SYN_RECEIVED ? "refused" : "reset",
		    now, seg);
	}
	return DONE;
}

/* check_syn - RFC 5961 4.2 */
static enum tcp_next
check_syn(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	if (!(seg->h.flags & TH_SYN))
		return GO_ON;
	if (tcb->c.state == TCPS_SYN_RECEIVED && tcb->passive &&
	    !tcp_is_early(tcb)) {
		tcp_set_state(tcb, TCPS_LISTEN, seg->stamp, seg->no);
		tcp_tcb_free(tcb);
		return DONE;
	}
	tcp_challenge(tcb, now);
	tcp_drop(tcb->tcp, seg, tcb, "syn-challenged");
	return DONE;
}

/* owe_ack - for what has come in order: now, or a little later */
static void
owe_ack(struct tcb *tcb, uint64_t now)
{
	if (tcb->w->unacked_segs < 255)
		tcb->w->unacked_segs++;
	if (tcb->w->ooo != NULL)
		tcb->ack_now = true; /* fills a hole: RFC 5681 4.2 */
	/* every second segment, or as much as two: SHLD-19 */
	if (tcb->w->unacked_segs >= 2 ||
	    tcb->rcv_nxt - tcb->w->last_ack_sent >= 2u * tcb->mss)
		tcb->ack_now = true;
	else if (tcb->w->delack_at == NEVER)
		tcb->w->delack_at = now + DELACK;
}

/* take_text - the segment's data: trim, deliver or keep */
static void
take_text(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	const uint8_t *p = seg->data;
	uint32_t seq = seg->h.seq, n = seg->len, cut;

	if (n == 0 || !tcp_may_receive(tcb))
		return;
	if (seq_lt(seq, tcb->rcv_nxt)) {
		note_duplicate(tcb, seg);
		cut = tcb->rcv_nxt - seq;
		if (cut >= n)
			return;
		p += cut;
		n -= cut;
		seq += cut;
		tcb->ack_now = true;
	}
	if (seq_gt(seq + n, tcb->rcv_adv)) {
		tcb->ack_now = true;
		tcp_touch(tcb);
		if (seq_geq(seq, tcb->rcv_adv))
			return;
		n = tcb->rcv_adv - seq;
	}
	if (tcb->fin_seen && seq_gt(seq + n, tcb->w->fin_seq)) {
		/* behind the FIN there is nothing: 3.10.7.4, eighth */
		tcb->ack_now = true;
		tcp_touch(tcb);
		if (seq_geq(seq, tcb->w->fin_seq))
			return;
		n = tcb->w->fin_seq - seq;
	}
	tcp_touch(tcb);
	tcp_ecn_data(tcb, seg);
	if (seq != tcb->rcv_nxt) {
		/* RFC 5681 4.2: at once; without SACK one by one */
		tcb->ack_now = true;
		if (!tcb->sack_ok && tcb->w->dupacks_owed < 64)
			tcb->w->dupacks_owed++;
		if (!tcp_reass_put(tcb, seq, p, n))
			tcp_drop(tcb->tcp, seg, tcb, "reassembly-full");
		return;
	}
	tcb->rcv_nxt += n;
	tcb->received += n;
	tcb->tcp->stats.received += n;
	tcp_moved(tcb, now, n);
	owe_ack(tcb, now);
	tcb->tcp->app.received(
	    tcb->tcp->app_ctx, tcb, tcb->tcp->app.want_data ? p : NULL, n, now);
	if (!tcb->dead)
		tcp_reass_pull(tcb, now);
}

/*
 * note_fin - where the peer's data end, noted before the data: what has come as
 * if there were more behind it is none
 */
static void
note_fin(struct tcb *tcb, const struct seg *seg)
{
	uint32_t fin = seg->h.seq + seg->len;

	if (!(seg->h.flags & TH_FIN) || !tcp_may_receive(tcb) ||
	    seq_lt(fin, tcb->rcv_nxt) || seq_gt(fin, tcb->rcv_adv) ||
	    (tcb->fin_seen && fin != tcb->w->fin_seq))
		return;
	if (tcb->fin_seen && fin != tcb->rcv_nxt)
		tcp_reass_twice(tcb, fin, fin + 1);
	tcb->fin_seen = true;
	tcb->w->fin_seq = fin;
	tcb->w->fin_order = ++tcb->w->ooo_order;
}

/* take_fin - 3.10.7.4, eighth */
static void
take_fin(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	if (seg->h.flags & TH_FIN) {
		tcb->ack_now = true;
		tcp_touch(tcb);
	}
	if (!tcb->fin_seen || tcb->w->fin_seq != tcb->rcv_nxt ||
	    !tcp_may_receive(tcb))
		return;
	tcb->rcv_nxt++;
	/* it needs no room, so it is taken right behind a full window */
	tcb->rcv_adv = seq_max(tcb->rcv_adv, tcb->rcv_nxt);
	tcb->ack_now = true;
	tcp_touch(tcb);
	tcp_reass_free(tcb); /* what claims to lie behind the FIN */
	switch ((enum tcp_state)tcb->c.state) {
	case TCPS_ESTABLISHED:
		tcp_set_state(tcb, TCPS_CLOSE_WAIT, seg->stamp, seg->no);
		tcb->tcp->app.peer_closed(tcb->tcp->app_ctx, tcb, now);
		break;
	case TCPS_FIN_WAIT_1:
		tcp_set_state(tcb, TCPS_CLOSING, seg->stamp, seg->no);
		tcb->tcp->app.peer_closed(tcb->tcp->app_ctx, tcb, now);
		break;
	case TCPS_FIN_WAIT_2:
		tcb->tcp->app.peer_closed(tcb->tcp->app_ctx, tcb, now);
		if (!tcb->dead)
			tcp_time_wait(tcb, now, seg);
		break;
	case TCPS_CLOSED:
	case TCPS_LISTEN:
	case TCPS_SYN_SENT:
	case TCPS_SYN_RECEIVED:
	case TCPS_CLOSE_WAIT:
	case TCPS_CLOSING:
	case TCPS_LAST_ACK:
	case TCPS_TIME_WAIT:
		break;
	}
}

/* is_syn_again - the peer has not received our SYN-ACK */
static bool
is_syn_again(const struct tcb *tcb, const struct seg *seg)
{
	return tcb->c.state == TCPS_SYN_RECEIVED && (seg->h.flags & TH_SYN) &&
	       !(seg->h.flags & (TH_ACK | TH_RST)) && seg->h.seq == tcb->irs;
}

/* syn_again - its options may have changed: the last one counts */
static void
syn_again(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	const struct tcp_opts *o = &seg->h.opt;

	if (!tcp_ecn_again(tcb, seg)) {
		tcp_send_reset(tcb->tcp, now, seg);
		tcp_drop(tcb->tcp, seg, tcb, "ecn-changed");
		tcp_close(tcb, TCP_CLOSE_ABORT, "ecn-changed", now, seg);
		return;
	}
	if (tcb->ts_ok && o->have_ts && seq_geq(o->tsval, tcb->ts_recent)) {
		tcb->ts_recent = o->tsval; /* RFC 7323 4.3 */
		tcb->ts_recent_at = (uint32_t)(now / NS_S);
	}
	tcb->send_syn = true;
	tcb->w->syn_came = true;
	tcp_touch(tcb);
}

/* is_crossed - the answer to our SYN after both have called: 3.5, figure 7 */
static bool
is_crossed(const struct tcb *tcb, const struct seg *seg)
{
	return tcb->c.state == TCPS_SYN_RECEIVED &&
	       (seg->h.flags & (TH_SYN | TH_ACK)) == (TH_SYN | TH_ACK) &&
	       seg->h.seq == tcb->irs;
}

/* input_other - 3.10.7.4: SYN-RECEIVED and all synchronized states */
static void
input_other(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	struct seg no_syn;

	/* a connection that is not open yet has other timers */
	if (tcp_synchronized(tcb))
		tcp_keep_heard(tcb, now);
	if (tcb->c.state == TCPS_SYN_RECEIVED &&
	    (seg->h.flags & (TH_SYN | TH_FIN)) == (TH_SYN | TH_FIN)) {
		tcp_drop(tcb->tcp, seg, tcb, "syn-fin");
		return;
	}
	if (is_crossed(tcb, seg)) {
		/* its SYN is known already, its ACK is what counts */
		no_syn = *seg;
		no_syn.h.flags &= (uint16_t)~TH_SYN;
		no_syn.h.seq++;
		/* its window is not scaled: RFC 7323 2.2 */
		no_syn.h.wnd >>= tcb->snd_wscale;
		seg = &no_syn;
	}
	if (is_syn_again(tcb, seg)) {
		syn_again(tcb, now, seg);
		return;
	}
	if (check_seq(tcb, now, seg) == DONE ||
	    check_rst(tcb, now, seg) == DONE ||
	    check_syn(tcb, now, seg) == DONE)
		return;
	if (tcp_check_ack(tcb, now, seg) == DONE)
		return;
	tcp_accecn_in(tcb, seg);
	note_timestamp(tcb, now, seg);
	note_fin(tcb, seg);
	/* urgent data stays in line: RFC 6093 3.1 */
	take_text(tcb, now, seg);
	if (tcb->dead)
		return;
	take_fin(tcb, now, seg);
	if (!tcb->dead && tcb->c.state == TCPS_FIN_WAIT_2 && seg->len > 0)
		tcp_slow_timer(tcb, now + tcb->tcp->cfg.fin_wait_2);
}

void
tcp_segment(struct tcp *t, uint64_t now, const struct seg *seg)
{
	struct conn *c;
	struct tcb *tcb;
	uint32_t iss = 0;
	struct seg bent, timed;
	enum tcp_port port;

	c = tcp_lookup(t, &seg->dst, seg->h.dport, &seg->src, seg->h.sport);
	if (c != NULL && c->kind == CONN_TIME_WAIT) {
		if (!tcp_tw_input(t, (struct time_wait *)c, now, seg, &iss))
			return;
		c = NULL;
	}
	port = c == NULL ? tcp_port_at(t, &seg->dst, seg->h.dport)
			 : TCP_PORT_OPEN;
	if (port != TCP_PORT_OPEN && t->cfg.quiet) {
		t->stats.foreign++;
		return;
	}
	if (port != TCP_PORT_OPEN) {
		tcp_input_closed(t, now, seg, port == TCP_PORT_SILENT);
		return;
	}
	tcb = c != NULL ? (struct tcb *)c : tcp_cookie_accept(t, now, seg);
	if (tcb == NULL) {
		tcp_input_listen(t, now, seg, iss);
		return;
	}
	if (!tcp_work_begin(tcb)) {
		tcp_drop(t, seg, tcb, "no-memory");
		return;
	}
	tcb->w->frame = seg->no;
	if (t->cfg.places != NULL)
		seg = tcp_face_echo(tcb, now, seg, &timed);
	if (t->hooks != NULL)
		seg = t->hooks->in(tcb, now, seg, &bent);
	if (seg == NULL)
		tcp_touch(tcb); /* a hook may want to be woken */
	else if (tcb->c.state != TCPS_SYN_SENT)
		input_other(tcb, now, seg);
	else if (tcp_syn_sent(tcb, now, seg) == DONE)
		tcp_touch(tcb);
	tcp_work_end(tcb); /* when there is nothing to send */
}
