/*
 * tw.c - TIME-WAIT as a compact record: what it takes to answer a FIN
 * that comes again, to keep old duplicates out, and to let a new connection
 * in. RFC 9293 3.6.1 and 3.10.7.4, RFC 1337, RFC 6191.
 */
#include "tcp/accecn.h"
#include "tcp/path.h"
#include "tcp/face.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum {
	ANSWER_GAP = 500,  /* ms; one ACK in it: no storms */
	RESET_TIME = 3000, /* ms; within it a SYN's sender may reset */
	STEPS = 64,	   /* of the hand, at a time */
};

static void
append(struct tcp *t, struct time_wait *w, uint64_t now)
{
	w->expires = now + 2 * t->cfg.msl;
	w->prev = t->tw_last;
	w->next = NULL;
	if (t->tw_last != NULL)
		t->tw_last->next = w;
	else
		t->tw_first = w;
	t->tw_last = w;
	if (t->tw_node.link == NULL)
		wheel_set(&t->wheel, &t->tw_node, w->expires);
}

static void
unlink_tw(struct tcp *t, struct time_wait *w)
{
	if (w->prev != NULL)
		w->prev->next = w->next;
	else
		t->tw_first = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	else
		t->tw_last = w->prev;
}

static void
tw_free(struct tcp *t, struct time_wait *w)
{
	unlink_tw(t, w);
	tcp_conn_remove(t, &w->c);
	t->stats.time_waits--;
	t->share[tcp_source(t, &w->c.raddr)].time_waits--;
	if (t->tw_hand == w)
		t->tw_hand = w->next;
	pool_put(&t->time_waits, w);
}

/* answer - an ACK of where we are */
static void
answer(struct tcp *t, struct time_wait *w, uint64_t now)
{
	struct tcp_hdr h = {.flags = TH_ACK | accecn_flags(w->ace),
	    .seq = w->snd_nxt,
	    .ack = w->rcv_nxt,
	    .wnd = w->wnd};

	if (w->ts_ok) {
		h.opt.have_ts = true;
		h.opt.tsval = tcp_face_ts(t, &w->c.laddr, w->ts_off, now);
		h.opt.tsecr = w->ts_recent;
	}
	tcp_report_out(t, &w->c, now, &h, 0, w->iss, w->irs, NULL);
	tcp_emit(t, &w->c, now, &h, NULL, 0, 0, (uint8_t)(t->cfg.dscp << 2));
}

/* answer_seldom - the same, not more than once in half a second */
static void
answer_seldom(struct tcp *t, struct time_wait *w, uint64_t now, bool syn)
{
	if (tcp_ts_now(now) - w->answered_at < ANSWER_GAP)
		return;
	w->answered_at = tcp_ts_now(now);
	w->syn_answered = syn;
	answer(t, w, now);
}

/*
 * drop_own - one of a source that has its part of the table, near the oldest:
 * the hand goes round. False when it meets none in this many steps.
 */
static bool
drop_own(struct tcp *t, uint32_t source)
{
	struct time_wait *w = t->tw_hand;
	int i;

	for (i = 0; i < STEPS; i++, w = w->next) {
		if (w == NULL)
			w = t->tw_first;
		if (tcp_source(t, &w->c.raddr) == source) {
			t->tw_hand = w;
			tw_free(t, w);
			return true;
		}
	}
	t->tw_hand = w;
	return false;
}

/* richest - for one more of this source: of some at the hand, one of the source
   that has most then; when none has two, the oldest of all */
static struct time_wait *
richest(struct tcp *t, uint32_t source)
{
	struct time_wait *w = t->tw_hand, *found = NULL;
	uint32_t own = t->share[source].time_waits, of, has;
	uint32_t most = own > 1 ? own : 1;
	int i;

	for (i = 0; i < STEPS; i++, w = w->next) {
		if (w == NULL)
			w = t->tw_first;
		of = tcp_source(t, &w->c.raddr);
		has = t->share[of].time_waits + (of == source);
		if (has > most) {
			most = has;
			found = w;
		}
	}
	t->tw_hand = w;
	return found != NULL ? found : t->tw_first;
}

/* make_room - for one of this source; false: it gets none */
static bool
make_room(struct tcp *t, const struct ip_addr *from)
{
	uint32_t source = tcp_source(t, from);

	if (t->share[source].time_waits >= tcp_part(t->cfg.max_conns))
		return drop_own(t, source);
	if (t->stats.time_waits >= t->cfg.max_conns)
		tw_free(t, richest(t, source));
	return true;
}

/*
 * tcp_time_wait - tcb has closed first and everything is acknowledged: it
 * becomes a record, and the peer's FIN is acknowledged now. When there
 * are as many as connections allowed, one of the source with most goes;
 * without memory, or where its source has too many to find one of them soon,
 * there is no record.
 */
void
tcp_time_wait(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	struct tcp *t = tcb->tcp;
	const struct tcp_reason why = {.how = TCP_CLOSE_FIN};
	struct time_wait *w;
	bool ack = tcb->ack_now;
	uint32_t wnd;

	tcp_path_ended(tcb, now);
	tcp_set_state(tcb, TCPS_TIME_WAIT, seg->stamp, seg->no);
	tcp_report_close(tcb, TCP_CLOSE_FIN, NULL, seg->stamp, seg->no);
	t->app.closed(t->app_ctx, tcb, &why, now);
	w = make_room(t, &tcb->c.raddr) ? pool_get(&t->time_waits) : NULL;
	if (w == NULL) {
		if (ack)
			tcp_send_ack(tcb, now);
		tcp_tcb_free(tcb);
		return;
	}
	w->c = tcb->c;
	w->c.kind = CONN_TIME_WAIT;
	w->iss = tcb->iss;
	w->irs = tcb->irs;
	w->snd_nxt = tcb->snd_nxt;
	w->rcv_nxt = tcb->rcv_nxt;
	w->ts_ok = tcb->ts_ok;
	w->ace = (tcp_accecn_flags(tcb) >> ACE_SHIFT) & ACE_MASK;
	w->ts_recent = tcb->ts_recent;
	w->ts_off = tcb->ts_off;
	/* rounded up: the right edge stays where it was, SHLD-14 */
	wnd = (tcp_rcv_window(tcb) + (1u << tcb->rcv_wscale) - 1) >>
	      tcb->rcv_wscale;
	w->wnd = (uint16_t)(wnd < 65535 ? wnd : 65535);
	tcp_tcb_free(tcb);
	tcp_conn_insert(t, &w->c);
	t->stats.time_waits++;
	t->share[tcp_source(t, &w->c.raddr)].time_waits++;
	append(t, w, now);
	w->answered_at = tcp_ts_now(now) - ANSWER_GAP;
	if (ack)
		answer(t, w, now);
}

/* may_reopen - RFC 6191 2: newer by its timestamp, else by its number */
static bool
may_reopen(const struct time_wait *w, const struct seg *seg)
{
	if (w->ts_ok && seg->h.opt.have_ts && seg->h.opt.tsval != w->ts_recent)
		return seq_gt(seg->h.opt.tsval, w->ts_recent);
	return seq_gt(seg->h.seq, w->rcv_nxt);
}

/*
 * old_syn - it may not reopen the connection: RFC 9293 3.10.7.4 and RFC 5961 4
 * answer it, and a peer in SYN-SENT resets on that
 */
static void
old_syn(struct tcp *t, struct time_wait *w, uint64_t now, const struct seg *seg)
{
	answer_seldom(t, w, now, true);
	tcp_drop(t, seg, NULL, "syn-time-wait");
}

/*
 * reset - an old duplicate could end TIME-WAIT too early (RFC 1337 3), but not
 * the answer to the ACK that a SYN has just been sent: the peer has no
 * connection any more and wants a new one
 */
static void
reset(struct tcp *t, struct time_wait *w, uint64_t now, const struct seg *seg)
{
	if (w->syn_answered && seg->h.seq == w->rcv_nxt &&
	    tcp_ts_now(now) - w->answered_at <= RESET_TIME) {
		tcp_drop(t, seg, NULL, "reset-ends-time-wait");
		tw_free(t, w);
		return;
	}
	tcp_drop(t, seg, NULL, "reset-time-wait");
}

bool
tcp_tw_input(struct tcp *t, struct time_wait *w, uint64_t now,
    const struct seg *seg, uint32_t *iss)
{
	uint16_t flags = seg->h.flags;

	if (flags & TH_RST) {
		reset(t, w, now, seg);
		return false;
	}
	if ((flags & (TH_SYN | TH_FIN)) == (TH_SYN | TH_FIN)) {
		tcp_drop(t, seg, NULL, "syn-fin");
		return false;
	}
	if ((flags & (TH_SYN | TH_ACK)) == TH_SYN) {
		if (!may_reopen(w, seg)) {
			old_syn(t, w, now, seg);
			return false;
		}
		/* above all that the old connection has used: MAY-2 */
		*iss = w->snd_nxt + 65535 + 2;
		if (*iss == 0)
			*iss = 1;
		tw_free(t, w);
		return true;
	}
	if ((flags & TH_FIN) && seg->h.seq + seg->len + 1 == w->rcv_nxt) {
		/* our last ACK was lost: send it again, and restart the wait */
		unlink_tw(t, w);
		append(t, w, now);
		answer(t, w, now);
		return false;
	}
	if (seg->len > 0 || (flags & (TH_SYN | TH_FIN)) ||
	    seg->h.seq != w->rcv_nxt)
		answer_seldom(t, w, now, false);
	tcp_drop(t, seg, NULL, "time-wait");
	return false;
}

void
tcp_tw_expire(struct tcp *t, uint64_t now)
{
	while (t->tw_first != NULL && t->tw_first->expires <= now)
		tw_free(t, t->tw_first);
	if (t->tw_first != NULL)
		wheel_set(&t->wheel, &t->tw_node, t->tw_first->expires);
}
