/*
 * frame.c - from a frame to a segment: is it for a phantom, and is it
 * whole? What is not for us is left alone; what is for us and damaged is
 * dropped with its reason.
 */
#include <string.h>

#include "base/cksum.h"
#include "tcp/tcp_var.h"
#include "wire/phantom.h"

/*
 * unpack - fill in seg from the IP payload; NULL, or the reason to drop.
 * The endpoints are set first: the log wants them.
 */
static const char *
unpack(const struct tcp *t, struct seg *seg, const struct ip_hdr *ip,
    const struct ether_hdr *e, const uint8_t *p, size_t n)
{
	seg->src = ip->src;
	seg->dst = ip->dst;
	seg->tos = ip->tos;
	seg->v6 = ip->v6;
	if (tcp_hdr_decode(p, n, &seg->h) != 0)
		return "tcp-header";
	if (!t->cfg.trust_cksum && !t->unsummed &&
	    ip_cksum(&ip->src, &ip->dst, PROTO_TCP, p, n) != 0)
		return "checksum"; /* MUST-3 */
	if (!phantom_hears(&ip->src, &e->src, &ip->dst))
		return "source";
	seg->data = p + seg->h.hlen;
	seg->len = (uint32_t)n - seg->h.hlen;
	return NULL;
}

/*
 * may_be_tcp - v6: what follows the headers of a fragment is named by the
 * first one only
 */
static bool
may_be_tcp(const struct ip_hdr *ip)
{
	return ip->proto == PROTO_TCP ||
	       (ip->v6 && ip->frag_off != 0 && ip_is_extension(ip->proto));
}

/*
 * reassemble - true when the frame's fragment was the last one: then ip and
 * *p are of the whole packet
 */
static bool
reassemble(struct tcp *t, uint64_t now, struct seg *seg, struct ip_hdr *ip,
    const struct ether_hdr *e, const uint8_t **p)
{
	enum ipfrag_result r;
	enum ip_error err;
	size_t n;

	seg->src = ip->src;
	seg->dst = ip->dst;
	if (!phantom_hears(&ip->src, &e->src, &ip->dst)) {
		tcp_drop(t, seg, NULL, "source");
		return false;
	}
	r = ipfrag_put(t->frag, now, ip, *p, p, &n);
	if (r != IPFRAG_WHOLE) {
		if (r != IPFRAG_WAIT)
			tcp_drop(t, seg, NULL, ipfrag_name(r));
		return false;
	}
	err = ip_decode(*p, n, ip);
	if (err != IP_OK)
		tcp_drop(t, seg, NULL, ip_error_name(err));
	return err == IP_OK;
}

/* report_segment - as tcpdump: numbers relative, but in a SYN */
static void
report_segment(struct tcp *t, const struct seg *seg)
{
	struct tcp_event ev;
	struct conn *c;

	tcp_event_init(&ev, TCP_EV_SEGMENT, seg->stamp);
	ev.frame = seg->no;
	ev.laddr = &seg->dst;
	ev.raddr = &seg->src;
	ev.lport = seg->h.dport;
	ev.rport = seg->h.sport;
	ev.seq = seg->h.seq;
	ev.ack = seg->h.ack;
	c = tcp_lookup(t, &seg->dst, seg->h.dport, &seg->src, seg->h.sport);
	if (c != NULL && c->kind == CONN_TCB && !(seg->h.flags & TH_SYN)) {
		ev.seq -= ((struct tcb *)c)->irs;
		ev.ack -= ((struct tcb *)c)->iss;
	} else if (c != NULL && !(seg->h.flags & TH_SYN)) {
		ev.seq -= ((struct time_wait *)c)->irs;
		ev.ack -= ((struct time_wait *)c)->iss;
	}
	ev.len = seg->len;
	ev.wnd = seg->h.wnd;
	ev.flags = seg->h.flags;
	t->host.event(t->host_ctx, &ev);
}

static bool
is_tcp_or_icmp(const struct ip_hdr *ip)
{
	return ip->proto == PROTO_TCP ||
	       ip->proto == (ip->v6 ? PROTO_ICMP6 : PROTO_ICMP);
}

static void
take_icmp(struct tcp *t, uint64_t now, struct seg *seg, const struct ip_hdr *ip,
    const struct ether_hdr *e, const uint8_t *p)
{
	seg->src = ip->src;
	seg->dst = ip->dst;
	seg->v6 = ip->v6;
	/* a reassembled one may be anything */
	if (!is_tcp_or_icmp(ip) || ip->len - ip->hlen < 1 ||
	    !tcp_icmp_is_error(ip->v6, p[ip->hlen])) {
		t->stats.foreign++;
		return;
	}
	if (!phantom_hears(&ip->src, &e->src, &ip->dst)) {
		tcp_drop(t, seg, NULL, "source");
		return;
	}
	tcp_icmp(t, now, seg, p + ip->hlen, ip->len - ip->hlen);
}

/* decode_ip - by the configuration checksums may not count */
static enum ip_error
decode_ip(const struct tcp *t, const uint8_t *p, size_t len, struct ip_hdr *ip)
{
	enum ip_error err = ip_decode(p, len, ip);

	return err == IP_CKSUM && t->cfg.trust_cksum
		   ? ip_decode_captured(p, len, len, ip)
		   : err;
}

/* link_header - false: this frame is none of ours. On layer 3 there is none */
static bool
link_header(
    const struct tcp *t, const uint8_t *frame, size_t len, struct ether_hdr *e)
{
	if (t->cfg.layer3) {
		memset(e, 0, sizeof(*e));
		if (len > 0)
			e->type = frame[0] >> 4 == 6 ? ETHER_IP6 : ETHER_IP4;
		return len > 0;
	}
	return ether_decode(frame, len, e) == 0 && !mac_is_group(&e->dst) &&
	       (e->type == ETHER_IP4 || e->type == ETHER_IP6);
}

static bool
is_at(const struct tcp *t, const struct mac *to, const struct ip_addr *dst)
{
	const struct tcp_places *p = t->cfg.places;

	if (p != NULL)
		return p->is_at(p->ctx, to, dst);
	if (!t->cfg.layer3)
		return phantom_is_at(t->cfg.addr, t->cfg.mac, to, dst);
	return ip_is_host(dst) &&
	       (t->cfg.addr == NULL || ip_equal(dst, t->cfg.addr));
}

static bool
may_be_at(const struct tcp *t, const struct mac *to)
{
	const struct tcp_places *p = t->cfg.places;

	if (p != NULL)
		return p->may_be_at(p->ctx, to);
	return t->cfg.layer3 || phantom_may_be_at(t->cfg.addr, t->cfg.mac, to);
}

void
tcp_unsummed(struct tcp *t, bool unsummed)
{
	t->unsummed = unsummed;
}

void
tcp_input(struct tcp *t, uint64_t now, const uint8_t *frame, size_t len,
    uint64_t stamp, uint64_t no)
{
	struct seg seg = {.stamp = stamp, .no = no, .l2 = frame};
	struct ether_hdr e;
	struct ip_hdr ip;
	enum ip_error err;
	const uint8_t *p;
	const char *why;

	tcp_reap(t);
	t->stats.frames++;
	if (!link_header(t, frame, len, &e)) {
		t->stats.foreign++;
		return;
	}
	seg.l2len = e.hlen;
	err = decode_ip(t, frame + e.hlen, len - e.hlen, &ip);
	if (err == IP_OK && ip.v6 != (e.type == ETHER_IP6))
		err = IP_VERSION;
	if (err != IP_OK) {
		if (err == ip.problem) { /* all of it was read */
			seg.src = ip.src;
			seg.dst = ip.dst;
		}
		if (may_be_at(t, &e.dst))
			tcp_drop(t, &seg, NULL, ip_error_name(err));
		else
			t->stats.foreign++;
		return;
	}
	p = frame + e.hlen;
	if (!is_at(t, &e.dst, &ip.dst) ||
	    (ip.frag ? !may_be_tcp(&ip) : !is_tcp_or_icmp(&ip))) {
		t->stats.foreign++;
		return;
	}
	if (ip.frag && !reassemble(t, now, &seg, &ip, &e, &p))
		return;
	if (ip.proto != PROTO_TCP) {
		take_icmp(t, now, &seg, &ip, &e, p);
		return;
	}
	t->stats.segments++;
	why = unpack(t, &seg, &ip, &e, p + ip.hlen, ip.len - ip.hlen);
	if (why != NULL) {
		tcp_drop(t, &seg, NULL, why);
		return;
	}
	if (t->cfg.segments)
		report_segment(t, &seg);
	tcp_segment(t, now, &seg);
}
