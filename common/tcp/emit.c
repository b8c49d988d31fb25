/*
 * emit.c - from what a connection wants to send to a frame: header, window,
 * options, checksum; and the segments that carry no data.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "tcp/accecn.h"
#include "tcp/face.h"
#include "tcp/fastopen.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum { USUAL_WSCALE = 7, TS_LEN = 12 };

/* data_sum - added to sum; the user may know it, but not of the few bytes of a
   reset, which are not its */
static uint32_t
data_sum(struct tcp *t, uint32_t sum, const uint8_t *data, uint32_t len)
{
	uint64_t s = sum;

	if (len <= FACE_TEXT || t->app.sum == NULL || data == t->whole)
		return cksum_add(sum, data, len);
	s += t->app.sum(t->app_ctx, data, len, t->again);
	return (uint32_t)((s >> 32) + s);
}

/* ttl - of what comes from this address */
static uint8_t
ttl(const struct tcp *t, const struct conn *c, const struct face *f)
{
	const struct tcp_places *p = t->cfg.places;
	const struct ip_addr *from = &c->laddr;
	uint8_t own = p != NULL ? p->ttl(p->ctx, from) : 0;

	if (own != 0 || f == NULL)
		return own != 0 ? own : t->cfg.ttl;
	if (c->ttl != 0 && ip_is_v4(from))
		return c->ttl;
	return ip_is_v4(from) || f->hops == 0 ? f->ttl : f->hops;
}

/*
 * tcp_emit - one frame from h and data, to c's peer. h's options are set, its
 * ports are not. id is the IPv4 identification.
 */
void
tcp_emit(struct tcp *t, struct conn *c, uint64_t now, struct tcp_hdr *h,
    const uint8_t *data, uint32_t len, uint16_t id, uint8_t tos)
{
	const struct face *f = tcp_face(t, &c->laddr);
	struct ip_hdr ip = {.src = c->laddr,
	    .dst = c->raddr,
	    .proto = PROTO_TCP,
	    .ttl = ttl(t, c, f),
	    .df = !c->frag_ok,
	    .tos = tos,
	    .label = tcp_flow_label(t, c, f),
	    .id = id};
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
	if (t->super != 0 && ip.len > t->super)
		sum = ~(uint32_t)cksum_fold(sum); /* see tcp_super() */
	else
		sum = cksum_fold(
		    data_sum(t, cksum_add(sum, tcp, hlen), data, len));
	put_be16(tcp + 16, (uint16_t)sum);
	hlen += (uint32_t)(tcp - head);
	used = hlen + len + RECORD_HEAD;
	t->room -= used < t->room ? used : t->room;
	t->host.emit(t->host_ctx, now, head, hlen, data, len);
}

/* ---- the receive window ---- */

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

/* begin_header - what every segment of the connection has */
static void
begin_header(struct tcb *tcb, uint64_t now, struct tcp_hdr *h)
{
	memset(h, 0, sizeof(*h));
	h->flags = TH_ACK | tcp_accecn_flags(tcb);
	h->ack = tcb->rcv_nxt;
	h->wnd = window_field(tcb);
	if (tcb->ts_ok) {
		h->opt.have_ts = true;
		h->opt.tsval = tcp_face_ts(
		    tcb->tcp, &tcb->c.laddr, tcb->ts_off, now);
		h->opt.tsecr = tcb->ts_recent;
	}
}

/* tcp_header - all but flags, sequence number and data; it acknowledges */
void
tcp_header(struct tcb *tcb, uint64_t now, struct tcp_hdr *h)
{
	begin_header(tcb, now, h);
	if (tcb->ecn_echo)
		h->flags |= TH_ECE;
	if (tcb->sack_ok &&
	    (tcb->w->ooo != NULL || tcb->w->dsack.start != tcb->w->dsack.end ||
		tcp_fin_waits(tcb)))
		h->opt.nsack = tcp_reass_sack(tcb, h->opt.sack,
		    tcb->ts_ok ? TCP_MAXSACK - 1 : TCP_MAXSACK);
	tcp_accecn_header(tcb, h);
	tcb->w->dsack.start = tcb->w->dsack.end;
	tcb->ack_now = false;
	tcb->w->delack_at = NEVER;
	tcb->w->unacked_segs = 0;
	tcb->w->last_ack_sent = tcb->rcv_nxt;
}

void
tcp_send_segment(struct tcb *tcb, uint64_t now, struct tcp_hdr *h,
    const uint8_t *data, uint32_t len, uint8_t ecn)
{
	tcp_accecn_sent(tcb, h, len);
	if (tcb->tcp->hooks != NULL)
		tcb->tcp->hooks->out(tcb, now, h, data, len, ecn);
	else
		tcp_put_segment(tcb, now, h, data, len, ecn);
}

/* next_id - the IPv4 identification; a face may count in another way. A SYN-ACK
   that may not be cut has none, as a SYN cookie, which cannot count */
static uint16_t
next_id(struct tcb *tcb, const struct tcp_hdr *h)
{
	const struct face *f = tcp_face(tcb->tcp, &tcb->c.laddr);

	if (f != NULL && f->syn_id != FACE_ID_OWN)
		return tcp_face_id(tcb->tcp, f->syn_id, &tcb->c.laddr, 0);
	if ((h->flags & TH_SYN) && (h->flags & TH_ACK) && !tcb->c.frag_ok)
		return 0;
	return tcb->c.ip_id++;
}

void
tcp_put_segment(struct tcb *tcb, uint64_t now, struct tcp_hdr *h,
    const uint8_t *data, uint32_t len, uint8_t ecn)
{
	tcp_report_out(tcb->tcp, &tcb->c, now, h, len, tcb->iss, tcb->irs, tcb);
	tcp_emit(tcb->tcp, &tcb->c, now, h, data, len, next_id(tcb, h),
	    (uint8_t)(tcp_set(tcb)->dscp << 2 | ecn));
	/* each of the segments that are joined has one */
	if (tcb->tcp->super != 0 && len > tcp_eff_mss(tcb))
		tcb->c.ip_id += (uint16_t)(len / tcp_eff_mss(tcb) - 1);
}

/*
 * empty_seq - the sequence number of a segment that takes none: SND.NXT, but
 * not beyond the window, where a probe or a window that shrank may have left
 * it. The peer would reject it, with all that the segment acknowledges (RFC
 * 9293 3.10.7.4): two ends that probe each other would never get an answer. A
 * window that is not closed may be wider than its scale can express.
 */
static uint32_t
empty_seq(const struct tcb *tcb)
{
	uint32_t unit = tcb->snd_wnd > 0 ? 1u << tcb->snd_wscale : 1;
	uint32_t right = tcb->snd_una + tcb->snd_wnd;

	if (tcb->snd_una == tcb->iss || seq_lt(tcb->snd_nxt, right + unit))
		return tcb->snd_nxt;
	return right;
}

void
tcp_send_ack(struct tcb *tcb, uint64_t now)
{
	struct tcp_hdr h;
	uint8_t n = tcb->w->dupacks_owed;

	/* one for each segment out of order, where there is no SACK: the peer's
	   fast retransmit counts them */
	do {
		tcp_header(tcb, now, &h);
		h.seq = empty_seq(tcb);
		tcp_accecn_pure(tcb, &h);
		tcp_send_segment(tcb, now, &h, NULL, 0, 0);
	} while (n-- > 1);
	tcb->w->dupacks_owed = 0;
}

uint8_t
tcp_our_wscale(const struct tcp *t, uint32_t buf)
{
	uint8_t n = t->cfg.like_linux && buf > 65535 ? USUAL_WSCALE : 0;

	while (n < TCP_MAXWSCALE && buf >> n > 65535)
		n++;
	return n;
}

/* first_window - of a SYN: never scaled; usual are whole segments */
static uint16_t
first_window(const struct tcp *t, uint32_t buf, const struct tcp_hdr *h)
{
	uint32_t wnd = buf < 65535 ? buf : 65535;
	uint32_t n = h->opt.mss -
		     ((h->flags & TH_ACK) && h->opt.have_ts ? TS_LEN : 0);

	return (uint16_t)(t->cfg.like_linux && n < wnd ? wnd - wnd % n : wnd);
}

/* tcp_syn_options - what a SYN of ours offers, or a SYN-ACK agrees to;
   peer_mss 0: the peer has not said */
void
tcp_syn_options(const struct tcp *t, const struct conn *c, uint32_t buf,
    uint32_t peer_mss, struct tcp_hdr *h, bool ts, bool sack, bool wscale)
{
	uint32_t mss = t->cfg.mtu - (ip_is_v4(&c->laddr) ? 40 : 60);

	h->opt.have_mss = true;
	if (t->cfg.mss != 0 && t->cfg.mss < mss)
		mss = t->cfg.mss;
	h->opt.mss = (uint16_t)mss;
	h->opt.have_ts = ts;
	h->opt.sack_ok = sack;
	h->opt.have_wscale = wscale;
	h->opt.wscale = tcp_our_wscale(t, buf);
	h->wnd = first_window(t, buf, h);
	if (h->flags & TH_ACK)
		tcp_face_syn_ack(t, &c->laddr, buf, peer_mss, h);
}

/* syn_window - of a SYN-ACK: less what came with the SYN and waits */
static uint16_t
syn_window(const struct tcb *tcb, uint16_t wnd)
{
	uint32_t buf = tcp_set(tcb)->rcvbuf, held = tcb->rcv_held;

	if (held > buf)
		held = buf;
	return buf - held < wnd ? (uint16_t)(buf - held) : wnd;
}

/* tcp_data - len of the bytes to send, from offset off */
const uint8_t *
tcp_data(struct tcb *tcb, uint64_t off, uint32_t len)
{
	struct tcp *t = tcb->tcp;
	const uint8_t *p;

	p = t->app.data(t->app_ctx, tcb, off, len);
	if (p != NULL)
		return p;
	t->app.copy(t->app_ctx, tcb, off, len, t->whole);
	return t->whole;
}

/* tcp_send_syn - SYN or SYN-ACK, RFC 9293 3.5; also again */
void
tcp_send_syn(struct tcb *tcb, uint64_t now)
{
	struct tcp_hdr h = {.flags = TH_SYN, .seq = tcb->iss};
	bool again = tcb->snd_nxt != tcb->iss;
	uint32_t n = 0;

	if (tcb->c.state == TCPS_SYN_RECEIVED) {
		h.flags |= TH_ACK;
		h.ack = tcb->rcv_nxt;
	}
	tcp_syn_options(tcb->tcp, &tcb->c, tcp_set(tcb)->rcvbuf,
	    tcb->c.no_mss ? 0 : tcb->mss, &h, tcb->ts_ok, tcb->sack_ok,
	    tcb->wscale_ok);
	if (tcb->c.state == TCPS_SYN_RECEIVED)
		tcp_fastopen_answer(tcb, now, &h);
	h.flags |= tcp_ecn_syn(tcb, &h.opt, again, now);
	if (tcb->c.state == TCPS_SYN_SENT && !again)
		n = tcp_fastopen_syn(tcb, now, &h);
	h.opt.tsval = tcp_face_ts(tcb->tcp, &tcb->c.laddr, tcb->ts_off, now);
	h.opt.tsecr = tcb->ts_recent;
	if (tcb->c.state == TCPS_SYN_RECEIVED) {
		h.wnd = syn_window(tcb, h.wnd);
		tcb->rcv_adv = tcb->rcv_nxt + h.wnd;
	}
	if (!again)
		tcb->snd_nxt = tcb->iss + 1 + n;
	if (tcp_is_early(tcb) && !again)
		tcb->snd_una = tcb->iss + 1; /* its time-out is the SYN's */
	tcb->send_syn = false;
	tcb->ack_now = false;
	if (again) {
		tcp_report_again(tcb, now, tcb->iss, 0,
		    tcb->w->syn_came ? "syn-again" : "syn");
	} else {
		tcb->w->trouble_since = now;
	}
	tcb->w->syn_came = false;
	if (tcb->w->rexmt_kind == REXMT_NONE)
		tcp_set_rexmt(tcb, REXMT_RTO, now + tcp_rto(tcb));
	tcb->tcp->again = again;
	tcp_send_segment(
	    tcb, now, &h, n > 0 ? tcp_data(tcb, 0, n) : NULL, n, 0);
}

/* ---- resets ---- */

/* tcp_reset_ack - RFC 9293 3.10.7.1 */
uint32_t
tcp_reset_ack(const struct seg *seg)
{
	return seg->h.seq + seg->len + (seg->h.flags & TH_SYN ? 1 : 0) +
	       (seg->h.flags & TH_FIN ? 1 : 0);
}

/* tcp_reset_tos - a Linux answers in the class of service that it was asked
   in */
uint8_t
tcp_reset_tos(const struct tcp *t, const struct seg *seg)
{
	const struct face *f = tcp_face(t, &seg->dst);
	bool back = f != NULL ? f->reset_tos : t->cfg.like_linux;

	return back && t->cfg.dscp == 0 ? seg->tos & ~ECN_CE
					: (uint8_t)(t->cfg.dscp << 2);
}

/* tcp_send_reset - RFC 9293 3.5.2 group 1 and 2: to what has no connection */
void
tcp_send_reset(struct tcp *t, uint64_t now, const struct seg *seg)
{
	struct conn c = {.laddr = seg->dst,
	    .raddr = seg->src,
	    .lport = seg->h.dport,
	    .rport = seg->h.sport};
	struct tcp_hdr h = {.flags = TH_RST};

	if (!tcp_may_reset(t, now, seg))
		return;
	tcp_learn_l2(&c, seg);
	if (seg->h.flags & TH_ACK) {
		h.seq = seg->h.ack;
	} else {
		h.flags |= TH_ACK;
		h.ack = tcp_reset_ack(seg);
	}
	t->stats.resets_out++;
	tcp_report_out(t, &c, now, &h, 0, 0, 0, NULL);
	tcp_emit(t, &c, now, &h, NULL, 0, 0, tcp_reset_tos(t, seg));
}

void
tcp_send_reset_tcb(struct tcb *tcb, uint64_t now)
{
	struct tcp_hdr h;

	begin_header(tcb, now, &h); /* no ECE, no SACK */
	h.seq = empty_seq(tcb);
	h.flags |= TH_RST;
	tcb->tcp->stats.resets_out++;
	tcp_send_segment(tcb, now, &h, NULL, 0, 0);
}
