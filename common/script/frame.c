/*
 * frame.c - Ethernet frames from the notation's segments; read.c is the way
 * back.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/bytes.h"
#include "script/seg.h"

enum { DESTINATION_OPTIONS = 60 };

void
ends_phantom(struct ends *e, bool v6)
{
	static const struct ends four = {.us = {10, 0, 0, 5},
	    .peer = {10, 0, 0, 9},
	    .router = {10, 0, 0, 1},
	    .us_mac = {0x02, 0x50, 10, 0, 0, 5},
	    .peer_mac = {0x02, 0xaa, 0, 0, 0, 0x09},
	    .router_mac = {0x02, 0xaa, 0, 0, 0, 0x01},
	    .phantom = true,
	    .lport = OUR_PORT,
	    .rport = PEER_PORT};

	*e = four;
	e->v6 = v6;
	if (!v6)
		return;
	inet_pton(AF_INET6, "2001:db8::5", e->us);
	inet_pton(AF_INET6, "2001:db8::9", e->peer);
	inet_pton(AF_INET6, "2001:db8::1", e->router);
	memcpy(e->us_mac + 2, e->us + 12, 4);
}

uint16_t
ends_port(const struct ends *e, uint16_t rport)
{
	return (uint16_t)(rport - PEER_PORT + e->rport);
}

uint8_t
pattern(uint32_t off)
{
	return (uint8_t)(off * 7 + (off >> 8) * 13 + (off >> 16));
}

/* sum16 - word by word, RFC 1071's first method, into 16 bits */
unsigned
sum16(unsigned sum, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		sum += i % 2 == 0 ? (unsigned)p[i] << 8 : p[i];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

static unsigned
tcp_sum(const uint8_t *src, const uint8_t *dst, size_t alen, const uint8_t *p,
    size_t n)
{
	unsigned sum = sum16(6 + (unsigned)n, src, alen);

	return sum16(sum16(sum, dst, alen), p, n);
}

struct flow *
flow_of(struct flow *flows, uint16_t lport, uint16_t rport)
{
	int i;

	for (i = 0; i < MAX_FLOWS - 1; i++) {
		if (flows[i].lport == lport && flows[i].rport == rport)
			return &flows[i];
		if (flows[i].lport == 0)
			break;
	}
	flows[i] = flows[MAX_FLOWS]; /* the template: one more at the end */
	flows[i].lport = lport;
	flows[i].rport = rport;
	return &flows[i];
}

static void
w24(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 16);
	put_be16(p + 1, (uint16_t)v);
}

/* seg_first - of the stream, in s: a SYN has a number before it */
uint32_t
seg_first(const struct seg_text *s)
{
	return s->seq - (s->flags & F_SYN ? 0 : 1);
}

/* ---- injected ---- */

/* put_cookie - as given, or the one that the engine has given */
static size_t
put_cookie(uint8_t *p, const struct opt_text *o, const struct flow *f)
{
	const uint8_t *from = o->any[0] ? f->cookie : o->raw;
	unsigned n = o->any[0] ? f->ncookie : o->n;

	p[1] = (uint8_t)(2 + n);
	memcpy(p + 2, from, n);
	return 2 + n;
}

static size_t
put_opt(uint8_t *p, const struct opt_text *o, const struct flow *f)
{
	unsigned i;

	p[0] = (uint8_t)o->kind;
	switch (o->kind) {
	case K_MSS:
		p[1] = 4;
		put_be16(p + 2, (uint16_t)o->v[0]);
		return 4;
	case K_WSCALE:
		p[1] = 3;
		p[2] = (uint8_t)o->v[0];
		return 3;
	case K_SACK_OK:
		p[1] = 2;
		return 2;
	case K_SACK:
		p[1] = (uint8_t)(2 + 4 * o->n);
		for (i = 0; i < o->n; i++)
			put_be32(p + 2 + 4 * i, o->v[i] + f->iss);
		return 2 + 4 * o->n;
	case K_TS:
		p[1] = 10;
		put_be32(p + 2, o->v[0]);
		put_be32(p + 6, f->have_ts ? o->v[1] + f->ts_base : o->v[1]);
		return 10;
	case K_ACCECN0:
	case K_ACCECN1:
		p[1] = (uint8_t)(2 + 3 * o->n);
		for (i = 0; i < o->n; i++)
			w24(p + 2 + 3 * i, o->v[i]);
		return p[1];
	case K_FASTOPEN:
		return put_cookie(p, o, f);
	case K_RAW:
		memcpy(p, o->raw, o->n);
		return o->n;
	default:
		return 1;
	}
}

/* put_tcp - header and data; returns their length */
static size_t
put_tcp(uint8_t *p, const struct seg_text *s, const struct flow *f,
    const struct ends *e)
{
	uint8_t opts[MAX_OPTS * 40] = {0};
	size_t n = 0, hlen, i;

	for (i = 0; i < s->nopts; i++)
		n += put_opt(opts + n, &s->opt[i], f);
	if (n > 40)
		n = 40;
	hlen = 20 + (n + 3) / 4 * 4;
	memset(p, 0, hlen);
	memcpy(p + 20, opts, n);
	put_be16(p, ends_port(e, s->rport));
	put_be16(p + 2, s->lport == OUR_PORT ? e->lport : s->lport);
	put_be32(p + 4, s->seq + f->irs);
	if (s->flags & F_ACK)
		put_be32(p + 8, s->ack + f->iss);
	p[12] = (uint8_t)((s->doff >= 0 ? (size_t)s->doff : hlen / 4) << 4 |
			  (s->flags & F_AE ? 1 : 0));
	p[13] = (uint8_t)s->flags;
	put_be16(p + 14, s->has_win ? s->win : f->last_win);
	put_be16(p + 18, s->urp);
	for (i = 0; i < s->len; i++)
		p[hlen + i] = s->payload != NULL
				  ? s->payload[i]
				  : pattern(seg_first(s) + (uint32_t)i);
	return hlen + s->len;
}

static void
put_ip6(uint8_t *p, const struct seg_text *s, size_t n)
{
	size_t options = ip_options_size(&s->ip, true);

	p[0] = (uint8_t)(0x60 | s->tos >> 4);
	p[1] = (uint8_t)(s->tos << 4);
	put_be16(
	    p + 4, (uint16_t)(s->iplen >= 0 ? s->iplen : (int)(options + n)));
	p[6] = options > 0 ? DESTINATION_OPTIONS : 6;
	p[7] = s->ip.set & WORD_TTL ? s->ip.ttl : 64;
	if (options > 0)
		ip_put_options(&s->ip, true, 6, p + 40);
}

static void
put_ip4(uint8_t *p, const struct seg_text *s, size_t hlen, size_t n)
{
	bool df = !(s->ip.set & WORD_DF) || s->ip.df;

	p[0] = (uint8_t)(0x40 | hlen / 4);
	p[1] = s->tos;
	put_be16(p + 2, (uint16_t)(s->iplen >= 0 ? s->iplen : (int)(hlen + n)));
	put_be16(p + 4, s->ip.id);
	put_be16(p + 6, s->frag ? 0x2000 : df ? 0x4000 : 0);
	p[8] = s->ip.set & WORD_TTL ? s->ip.ttl : 64;
	p[9] = 6;
	if (hlen > 20)
		ip_put_options(&s->ip, false, 6, p + 20);
}

/* put_ip - a header of hlen bytes, for n bytes of TCP */
static void
put_ip(uint8_t *p, const struct seg_text *s, bool v6, size_t hlen,
    const uint8_t *src, const uint8_t *dst, size_t n)
{
	memset(p, 0, hlen);
	if (v6) {
		put_ip6(p, s, n);
		memcpy(p + 8, src, 16);
		memcpy(p + 24, dst, 16);
		return;
	}
	put_ip4(p, s, hlen, n);
	memcpy(p + 12, src, 4);
	memcpy(p + 16, dst, 4);
	put_be16(p + 10, (uint16_t)~sum16(0, p, hlen));
	if (s->badipsum)
		p[10] ^= 0x55;
}

static size_t
put_ether(uint8_t *p, const struct seg_text *s, const struct ends *e)
{
	size_t n = 12;

	memcpy(p, e->us_mac, 6);
	if (s->to_group)
		memset(p, 0xff, 6);
	memcpy(p + 6, s->ip.set & WORD_SMAC ? s->ip.smac : e->peer_mac, 6);
	if (s->ip.set & WORD_DMAC)
		memcpy(p, s->ip.dmac, 6);
	if (s->vlan >= 0) {
		put_be16(p + n, 0x8100);
		put_be16(p + n + 2, (uint16_t)s->vlan);
		n += 4;
	}
	put_be16(p + n, e->v6 ? 0x86dd : 0x0800);
	return n + 2;
}

static void
put_address(uint8_t to[16], const char *text, const uint8_t *own, bool v6)
{
	memcpy(to, own, 16);
	if (text[0] != '\0')
		inet_pton(v6 ? AF_INET6 : AF_INET, text, to);
}

size_t
seg_build(const struct seg_text *s, const struct flow *f, const struct ends *e,
    uint8_t *out)
{
	uint8_t src[16], dst[16], *ip, *tcp;
	size_t n, alen = e->v6 ? 16 : 4, hlen = e->v6 ? 40 : 20;

	put_address(src, s->src, e->peer, e->v6);
	put_address(dst, s->dst, e->us, e->v6);
	ip = out + put_ether(out, s, e);
	/* a phantom's MAC goes with its address */
	if (e->phantom && s->dst[0] != '\0' && !s->to_group &&
	    !(s->ip.set & WORD_DMAC))
		memcpy(out + 2, dst + alen - 4, 4);
	hlen += ip_options_size(&s->ip, e->v6);
	tcp = ip + hlen;
	n = put_tcp(tcp, s, f, e);
	put_ip(ip, s, e->v6, hlen, src, dst, n);
	put_be16(tcp + 16, (uint16_t)~tcp_sum(src, dst, alen, tcp, n));
	if (s->badsum)
		tcp[16] ^= 0x40;
	n += (size_t)(tcp - out);
	if (s->trunc >= 0)
		n = (size_t)s->trunc < n ? n - (size_t)s->trunc : 0;
	if (s->pad > 0) {
		memset(out + n, 0xee, (size_t)s->pad);
		n += (size_t)s->pad;
	}
	return n;
}

void
note_syn(struct flow *f, const struct seg_text *s, bool v6, uint32_t mtu)
{
	unsigned i;

	f->peer_mss = v6 ? 1220 : 536;
	f->peer_ws_next = false;
	for (i = 0; i < s->nopts; i++) {
		if (s->opt[i].kind == K_MSS && s->opt[i].v[0] > 48)
			f->peer_mss = (uint16_t)s->opt[i].v[0];
		if (s->opt[i].kind == K_MSS && s->opt[i].v[0] <= 48)
			f->peer_mss = 48;
		if (s->opt[i].kind == K_WSCALE)
			f->peer_ws_next = true;
	}
	/* one that comes in a connection's time agrees to nothing */
	if (!f->edge_known)
		f->peer_ws = f->peer_ws_next;
	if (f->peer_mss > mtu - (v6 ? 60 : 40))
		f->peer_mss = (uint16_t)(mtu - (v6 ? 60 : 40));
}
