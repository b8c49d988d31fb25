/*
 * tcp_output.c - the only sender. tcp_output() says once, for everything
 * that a batch of input or a timer has changed, what a connection has to
 * say: what is lost again, then what is new, else an acknowledgment.
 */
#include <string.h>

#include "bytes.h"
#include "cksum.h"
#include "tcp_cong.h"
#include "tcp_seq.h"
#include "tcp_var.h"

enum { TTL = 64, IP4_HLEN = 20, IP6_HLEN = 40 };

uint32_t
tcp_ts_now(uint64_t now)
{
	return (uint32_t)(now / 1000000);
}

uint32_t
tcp_eff_mss(const struct tcb *tcb)
{
	return tcb->mss - (tcb->ts_ok ? 12u : 0);
}

/*
 * tcp_emit - one frame from h and data, to c's peer. h's options are set, its
 * ports are not. id is the IPv4 identification.
 */
void
tcp_emit(struct tcp *t, struct conn *c, uint64_t now, struct tcp_hdr *h,
    const uint8_t *data, uint32_t len, uint16_t id)
{
	struct ip_hdr ip = {.src = c->laddr, .dst = c->raddr,
	    .proto = PROTO_TCP, .ttl = TTL, .df = true, .id = id};
	uint8_t head[FRAME_HEAD], *p = head + c->l2len, *tcp;
	uint32_t hlen, sum, used;

	memcpy(head, c->l2, c->l2len);
	tcp = p + (ip_is_v4(&c->laddr) ? IP4_HLEN : IP6_HLEN);
	h->sport = c->lport;
	h->dport = c->rport;
	hlen = (uint32_t)tcp_hdr_encode(tcp, h);
	ip.len = (uint32_t)(tcp - p) + hlen + len;
	ip_encode(p, &ip);
	sum = ip_pseudo_sum(&ip.src, &ip.dst, PROTO_TCP, hlen + len);
	sum = cksum_add(cksum_add(sum, tcp, hlen), data, len);
	put_be16(tcp + 16, cksum_fold(sum));
	hlen += (uint32_t)(tcp - head);
	used = hlen + len + RECORD_HEAD;
	t->room -= used < t->room ? used : t->room;
	t->ops->emit(t->ctx, now, head, hlen, data, len);
}

/* ---- the receive window ---- */

/*
 * tcp_rcv_window - bytes to advertise now: never less than before (RFC 9293
 * 3.8.6 SHLD-14), and more only in steps worth telling (3.8.6.2.2)
 */
uint32_t
tcp_rcv_window(const struct tcb *tcb)
{
	uint32_t buf = tcb->tcp->cfg.rcvbuf, old = tcb->rcv_adv - tcb->rcv_nxt;
	uint32_t free = tcb->rcv_held < buf ? buf - tcb->rcv_held : 0;
	uint32_t step = buf / 2 < tcb->mss ? buf / 2 : tcb->mss;

	if (tcb->fin_seen && tcb->rcv_nxt == tcb->fin_seq + 1)
		return 0 > (int32_t)old ? 0 : old;
	return free < old + step ? old : free;
}

/* window_field - the advertised window, scaled; moves rcv_adv */
static uint16_t
window_field(struct tcb *tcb)
{
	uint32_t wnd = tcp_rcv_window(tcb), unit = 1u << tcb->rcv_wscale;
	uint32_t n = (wnd + unit - 1) >> tcb->rcv_wscale;

	if (n > 65535)
		n = 65535;
	if (seq_gt(tcb->rcv_nxt + (n << tcb->rcv_wscale), tcb->rcv_adv))
		tcb->rcv_adv = tcb->rcv_nxt + (n << tcb->rcv_wscale);
	return (uint16_t)n;
}

/* ---- segments of a connection ---- */

static void
report(struct tcb *tcb, uint64_t now, const struct tcp_hdr *h, uint32_t len)
{
	struct tcp_event ev;
	bool syn = h->flags & TH_SYN;

	tcp_event_init(&ev, TCP_EV_SEGMENT, now);
	ev.out = true;
	ev.laddr = &tcb->c.laddr;
	ev.raddr = &tcb->c.raddr;
	ev.lport = tcb->c.lport;
	ev.rport = tcb->c.rport;
	ev.flags = h->flags;
	ev.seq = h->seq - (syn ? 0 : tcb->iss);
	ev.ack = h->ack - (syn ? 0 : tcb->irs);
	ev.len = len;
	ev.wnd = h->wnd;
	ev.tcb = tcb;
	tcb->tcp->ops->event(tcb->tcp->ctx, &ev);
}

/* header - everything but flags, sequence number and data; it acknowledges */
static void
header(struct tcb *tcb, uint64_t now, struct tcp_hdr *h)
{
	memset(h, 0, sizeof(*h));
	h->flags = TH_ACK;
	h->ack = tcb->rcv_nxt;
	h->wnd = window_field(tcb);
	if (tcb->ts_ok) {
		h->opt.have_ts = true;
		h->opt.tsval = tcp_ts_now(now) + tcb->ts_off;
		h->opt.tsecr = tcb->ts_recent;
	}
	if (tcb->sack_ok &&
	    (tcb->ooo != NULL || tcb->dsack.start != tcb->dsack.end))
		h->opt.nsack = tcp_reass_sack(tcb, h->opt.sack,
		    tcb->ts_ok ? TCP_MAXSACK - 1 : TCP_MAXSACK);
	tcb->dsack.start = tcb->dsack.end;
	tcb->ack_now = false;
	tcb->delack_at = NEVER;
	tcb->unacked_segs = 0;
	tcb->last_ack_sent = tcb->rcv_nxt;
}

static void
send(struct tcb *tcb, uint64_t now, struct tcp_hdr *h, const uint8_t *data,
    uint32_t len)
{
	if (tcb->tcp->cfg.segments)
		report(tcb, now, h, len);
	tcp_emit(tcb->tcp, &tcb->c, now, h, data, len, tcb->ip_id++);
}

static void
send_ack(struct tcb *tcb, uint64_t now)
{
	struct tcp_hdr h;
	uint8_t n = tcb->dupacks_owed;

	/* one for each segment out of order, where SACK cannot tell: they
	   are what the peer's fast retransmit counts */
	do {
		header(tcb, now, &h);
		h.seq = tcb->snd_nxt;
		send(tcb, now, &h, NULL, 0);
	} while (n-- > 1);
	tcb->dupacks_owed = 0;
}

/* send_syn - SYN or SYN-ACK, RFC 9293 3.5; also again */
static void
send_syn(struct tcb *tcb, uint64_t now)
{
	const struct tcp_config *cfg = &tcb->tcp->cfg;
	struct tcp_hdr h = {.flags = TH_SYN, .seq = tcb->iss};
	bool again = tcb->snd_nxt != tcb->iss;

	if (tcb->state == TCPS_SYN_RECEIVED) {
		h.flags |= TH_ACK;
		h.ack = tcb->rcv_nxt;
	}
	h.opt.have_mss = true;
	h.opt.mss =
	    (uint16_t)(cfg->mtu - (ip_is_v4(&tcb->c.laddr) ? 40 : 60));
	h.opt.sack_ok = tcb->sack_ok;
	h.opt.have_wscale = tcb->wscale_ok;
	for (h.opt.wscale = 0; cfg->rcvbuf >> h.opt.wscale > 65535;)
		h.opt.wscale++;
	h.opt.have_ts = tcb->ts_ok;
	h.opt.tsval = tcp_ts_now(now) + tcb->ts_off;
	h.opt.tsecr = tcb->ts_recent;
	h.wnd = (uint16_t)(cfg->rcvbuf < 65535 ? cfg->rcvbuf : 65535);
	if (tcb->state == TCPS_SYN_RECEIVED)
		tcb->rcv_adv = tcb->rcv_nxt + h.wnd;
	tcb->snd_nxt = tcb->iss + 1;
	tcb->send_syn = false;
	tcb->ack_now = false;
	tcb->last_sent = now;
	if (again) {
		tcb->retransmits++;
		tcb->tcp->stats.retransmits++;
	} else {
		tcb->trouble_since = now;
	}
	if (tcb->rexmt_kind == REXMT_NONE)
		tcp_set_rexmt(tcb, REXMT_RTO, now + tcp_rto(tcb));
	send(tcb, now, &h, NULL, 0);
}

/* data_at - the bytes that belong to a sequence number */
static const uint8_t *
data_at(struct tcb *tcb, uint32_t seq, uint32_t len)
{
	if (len == 0)
		return NULL;
	return tcb->tcp->ops->data(tcb->tcp->ctx, tcb,
	    tcb->una_off + (seq - tcb->snd_una), len);
}

/* send_data - n bytes from seq, and the FIN if fin */
static void
send_data(struct tcb *tcb, uint64_t now, uint32_t seq, uint32_t n, bool fin,
    bool push)
{
	struct tcp_hdr h;

	header(tcb, now, &h);
	h.seq = seq;
	if (push)
		h.flags |= TH_PSH;
	if (fin)
		h.flags |= TH_FIN;
	/* acknowledgments of gaps take from the data's room */
	while (h.opt.nsack > 0 &&
	    n + 4 + 8u * h.opt.nsack > tcp_eff_mss(tcb))
		h.opt.nsack--;
	tcb->last_sent = now;
	if (tcb->trouble_since == 0)
		tcb->trouble_since = now;
	send(tcb, now, &h, data_at(tcb, seq, n), n);
}

static bool
room_for(struct tcb *tcb, uint32_t n)
{
	if (tcb->tcp->room >= n + FRAME_HEAD + RECORD_HEAD)
		return true;
	tcb->room_short = true;
	return false;
}

/* ---- again ---- */

static void
report_again(struct tcb *tcb, uint64_t now, uint32_t seq, uint32_t len,
    const char *why)
{
	struct tcp_event ev;

	tcb->retransmits++;
	tcb->tcp->stats.retransmits++;
	tcp_event_init(&ev, TCP_EV_RETRANSMIT, now);
	ev.frame = tcb->frame;
	ev.laddr = &tcb->c.laddr;
	ev.raddr = &tcb->c.raddr;
	ev.lport = tcb->c.lport;
	ev.rport = tcb->c.rport;
	ev.seq = seq - tcb->iss;
	ev.len = len;
	ev.why = why;
	ev.rto = tcb->rto;
	ev.tcb = tcb;
	tcb->tcp->ops->event(tcb->tcp->ctx, &ev);
}

static void
resend(struct tcb *tcb, uint64_t now, struct sent *s, const char *why)
{
	uint32_t n = s->end - s->seq - (s->fin ? 1 : 0);

	report_again(tcb, now, s->seq, n, why);
	tcp_sent_again(tcb, s, now);
	send_data(tcb, now, s->seq, n, s->fin,
	    n > 0 &&
		tcb->una_off + (s->seq - tcb->snd_una) + n == tcb->offer_end);
	tcb->prr_out += n;
}

/* cut_to - s is no longer than one segment; false when it cannot be cut */
static bool
cut_to(struct tcb *tcb, struct sent *s, uint32_t mss)
{
	uint32_t n = s->end - s->seq - (s->fin ? 1 : 0);

	return n <= mss || tcp_sent_split(tcb, s, s->seq + mss);
}

static const char *
why_lost(const struct sent *s)
{
	static const char *const word[] = {
	    [LOST_NOT] = "-",
	    [LOST_RACK] = "rack",
	    [LOST_DUPACK] = "dupack",
	    [LOST_PARTIAL] = "partial-ack",
	    [LOST_RTO] = "rto",
	    [LOST_WINDOW] = "window",
	};

	return word[s->why];
}

/* resend_lost - what is lost, as far as cwnd allows; true if any was sent */
static bool
resend_lost(struct tcb *tcb, uint64_t now)
{
	uint32_t mss = tcp_eff_mss(tcb), flight;
	struct sent *s;
	bool any = false;

	while ((s = tcp_next_lost(tcb)) != NULL) {
		flight = tcp_in_flight(tcb);
		if (flight > 0 && flight + mss > tcb->cwnd)
			break;
		/* SHLD-16: within the window */
		if (seq_geq(s->seq, tcb->snd_una + tcb->snd_wnd))
			break;
		if (!cut_to(tcb, s, mss) || !room_for(tcb, mss))
			break;
		resend(tcb, now, s, why_lost(s));
		any = true;
	}
	if (any)
		tcp_rearm_rexmt(tcb, now);
	return any;
}

/* ---- new ---- */

/* unsent - bytes offered and not yet sent */
static uint64_t
unsent(const struct tcb *tcb)
{
	if (!tcp_may_send(tcb))
		return 0;
	return tcb->offer_end -
	    (tcb->una_off + (tcb->snd_nxt - tcb->snd_una));
}

static uint32_t
window_left(const struct tcb *tcb)
{
	uint32_t right = tcb->snd_una + tcb->snd_wnd;

	return seq_gt(right, tcb->snd_nxt) ? right - tcb->snd_nxt : 0;
}

/*
 * next_size - how much of what is left the next segment takes: 0 when it is
 * better to wait, by Nagle (RFC 9293 3.7.4) or the silly window (3.8.6.2.1)
 */
static uint32_t
next_size(const struct tcb *tcb, uint64_t left, uint32_t wnd)
{
	uint32_t mss = tcp_eff_mss(tcb), n;

	n = left < mss ? (uint32_t)left : mss;
	if (n <= wnd) {
		if (n == mss || tcb->fin_wanted ||
		    tcb->snd_una == tcb->snd_nxt)
			return n;
		return 0;
	}
	return wnd > 0 && wnd >= tcb->max_sndwnd / 2 ? wnd : 0;
}

static void
fin_is_sent(struct tcb *tcb, uint64_t now)
{
	tcp_set_state(tcb,
	    tcb->state == TCPS_ESTABLISHED ? TCPS_FIN_WAIT_1 : TCPS_LAST_ACK,
	    now, tcb->frame);
}

/* send_one - the next n new bytes, and the FIN behind the last of them */
static bool
send_one(struct tcb *tcb, uint64_t now, uint32_t n, bool fin)
{
	uint32_t seq = tcb->snd_nxt;
	bool last = unsent(tcb) == n;

	if (tcp_sent_new(tcb, seq, n + (fin ? 1 : 0), fin, now) == NULL) {
		/* no memory for the record: less is sent, for a while */
		if (tcb->snd_una == tcb->snd_nxt)
			tcp_set_rexmt(tcb, REXMT_WAIT, now + DELACK);
		return false;
	}
	tcb->snd_nxt += n + (fin ? 1 : 0);
	send_data(tcb, now, seq, n, fin, last && n > 0);
	tcb->prr_out += n;
	if (fin)
		fin_is_sent(tcb, now);
	return true;
}

/* restart_after_idle - a window of long ago proves nothing: RFC 5681 4.1 */
static void
restart_after_idle(struct tcb *tcb, uint64_t now)
{
	uint32_t iw = tcp_initial_window(tcb);

	if (tcb->snd_una == tcb->snd_nxt && tcb->cwnd > iw &&
	    now - tcb->last_sent > tcp_rto(tcb))
		tcb->cwnd = iw;
}

/* send_new - what cwnd and window allow; true if anything was sent */
static bool
send_new(struct tcb *tcb, uint64_t now, bool tlp)
{
	uint32_t n, flight, burst = 0;
	uint64_t left;
	bool fin, any = false;

	restart_after_idle(tcb, now);
	while (tcp_may_send(tcb)) {
		left = unsent(tcb);
		if (left == 0 && !tcb->fin_wanted)
			break;
		n = next_size(tcb, left, window_left(tcb));
		if (left > 0 && n == 0)
			break;
		fin = tcb->fin_wanted && n == left && window_left(tcb) > n;
		if (n == 0 && !fin)
			break;
		flight = tcp_in_flight(tcb);
		tcb->cwnd_limited = flight > 0 && flight + n > tcb->cwnd;
		if (tcb->cwnd_limited && !tlp)
			break;
		if (!room_for(tcb, n))
			break;
		if (!send_one(tcb, now, n, fin))
			break;
		any = true;
		burst += n;
		if (tlp)
			break;
		if (burst >= BURST_BYTES) {
			tcp_touch(tcb); /* the others are next, then again */
			break;
		}
	}
	if (any && tcb->rexmt_kind != REXMT_RTO)
		tcp_rearm_rexmt(tcb, now);
	return any;
}

/* send_tlp - RFC 8985 7.3: new data if there is any, else the last again */
static void
send_tlp(struct tcb *tcb, uint64_t now)
{
	struct rack *r = &tcb->rack;
	uint32_t mss = tcp_eff_mss(tcb);
	struct sent *s = tcb->fl.tail;
	bool anew;

	tcb->tlp = false;
	if (s == NULL)
		return;
	anew = send_new(tcb, now, true);
	if (!anew) {
		if (s->sacked || s->lost ||
		    (s->end - s->seq > mss &&
			!tcp_sent_split(tcb, s, s->end - mss)))
			return;
		resend(tcb, now, tcb->fl.tail, "tlp");
	}
	r->tlp_out = true;
	r->tlp_retrans = !anew;
	r->tlp_end = tcb->snd_nxt;
	tcp_set_rexmt(tcb, REXMT_RTO, now + tcp_rto(tcb));
}

/*
 * send_probe - RFC 9293 3.8.6.1: one octet beyond a closed window, or what a
 * silly window takes
 */
static bool
send_probe(struct tcb *tcb, uint64_t now)
{
	uint32_t n = tcb->snd_wnd > 0 ? tcb->snd_wnd : 1;
	struct sent *s = tcb->fl.head;
	uint64_t left = unsent(tcb);

	tcb->probe = false;
	if (s != NULL) {
		if (!s->fin || s->end - s->seq > 1)
			send_data(tcb, now, s->seq, 1, false, false);
		else
			send_data(tcb, now, s->seq, 0, true, false);
		return true;
	}
	if (left == 0 && !(tcb->fin_wanted && tcp_may_send(tcb)))
		return false;
	if (n > left)
		n = (uint32_t)left;
	if (n > tcp_eff_mss(tcb))
		n = tcp_eff_mss(tcb);
	return send_one(tcb, now, n, n == 0);
}

/* blocked_by_window - data waits, nothing is in flight, no timer runs */
static bool
blocked_by_window(const struct tcb *tcb)
{
	return tcb->snd_una == tcb->snd_nxt && tcp_may_send(tcb) &&
	    (unsent(tcb) > 0 || tcb->fin_wanted) && !tcb->room_short &&
	    !tcb->ready && tcb->rexmt_kind == REXMT_NONE;
}

void
tcp_output(struct tcb *tcb, uint64_t now)
{
	bool spoke = false;

	if (tcb->send_syn) {
		send_syn(tcb, now);
	} else if (tcp_synchronized(tcb)) {
		if (tcb->tlp)
			send_tlp(tcb, now);
		if (tcb->probe)
			spoke = send_probe(tcb, now);
		spoke |= resend_lost(tcb, now);
		if (tcb->fl.lost == 0 || tcb->recovery != REC_LOSS)
			spoke |= send_new(tcb, now, false);
		if (!spoke && tcb->ack_now)
			send_ack(tcb, now);
		if (blocked_by_window(tcb))
			tcp_set_rexmt(tcb, REXMT_PERSIST, now + tcp_rto(tcb));
	} else if (tcb->ack_now && tcb->state == TCPS_SYN_RECEIVED) {
		send_ack(tcb, now);
	}
	tcp_arm(tcb, now);
}

/* ---- resets ---- */

/* tcp_send_reset - RFC 9293 3.5.2 group 1 and 2: to what has no connection */
void
tcp_send_reset(struct tcp *t, uint64_t now, const struct seg *seg)
{
	struct conn c = {.laddr = seg->dst, .raddr = seg->src,
	    .lport = seg->h.dport, .rport = seg->h.sport, .l2len = seg->l2len};
	struct tcp_hdr h = {.flags = TH_RST};

	memcpy(c.l2, seg->l2 + 6, 6);
	memcpy(c.l2 + 6, seg->l2, 6);
	memcpy(c.l2 + 12, seg->l2 + 12, seg->l2len - 12u);
	if (seg->h.flags & TH_ACK) {
		h.seq = seg->h.ack;
	} else {
		h.flags |= TH_ACK;
		h.ack = seg->h.seq + seg->len +
		    (seg->h.flags & TH_SYN ? 1 : 0) +
		    (seg->h.flags & TH_FIN ? 1 : 0);
	}
	t->stats.resets_out++;
	tcp_emit(t, &c, now, &h, NULL, 0, 0);
}

void
tcp_send_reset_tcb(struct tcb *tcb, uint64_t now)
{
	struct tcp_hdr h;

	header(tcb, now, &h);
	h.seq = tcb->snd_nxt;
	h.flags = TH_RST | TH_ACK;
	h.opt.nsack = 0;
	tcb->tcp->stats.resets_out++;
	send(tcb, now, &h, NULL, 0);
}
