/*
 * frame.c - Ethernet frames from and to the notation's segments. Nothing of
 * the engine's own codecs is used here: a test that decodes with the code it
 * tests finds nothing.
 */
#include <arpa/inet.h>
#include <string.h>

#include "pkt.h"

static const uint8_t peer_mac[6] = {0x02, 0xaa, 0, 0, 0, 0x09};
static const char *const our_addr[2] = {"10.0.0.5", "2001:db8::5"};
static const char *const peer_addr[2] = {"10.0.0.9", "2001:db8::9"};

uint8_t
pattern(uint32_t off)
{
	return (uint8_t)(off * 7 + (off >> 8) * 13 + (off >> 16));
}

static void
w16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
w32(uint8_t *p, uint32_t v)
{
	w16(p, v >> 16);
	w16(p + 2, v & 0xffff);
}

static unsigned
r16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t
r32(const uint8_t *p)
{
	return (uint32_t)r16(p) << 16 | r16(p + 2);
}

/* sum16 - word by word as RFC 1071 tells it first, into 16 bits */
static unsigned
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
	w16(p + 1, v & 0xffff);
}

static uint32_t
r24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | r16(p + 1);
}

/* first_byte - of the stream, in s: a SYN has a number before it */
static uint32_t
first_byte(const struct segment *s)
{
	return s->seq - (s->flags & F_SYN ? 0 : 1);
}

/* ---- injected ---- */

/* put_cookie - as told, or the one that the engine has given */
static size_t
put_cookie(uint8_t *p, const struct opt *o, const struct flow *f)
{
	const uint8_t *from = o->any[0] ? f->cookie : o->raw;
	unsigned n = o->any[0] ? f->ncookie : o->n;

	p[1] = (uint8_t)(2 + n);
	memcpy(p + 2, from, n);
	return 2 + n;
}

static size_t
put_opt(uint8_t *p, const struct opt *o, const struct flow *f)
{
	unsigned i;

	p[0] = (uint8_t)o->kind;
	switch (o->kind) {
	case K_MSS:
		p[1] = 4;
		w16(p + 2, o->v[0]);
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
			w32(p + 2 + 4 * i, o->v[i] + f->iss);
		return 2 + 4 * o->n;
	case K_TS:
		p[1] = 10;
		w32(p + 2, o->v[0]);
		w32(p + 6, f->have_ts ? o->v[1] + f->ts_base : o->v[1]);
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
put_tcp(uint8_t *p, const struct segment *s, const struct flow *f)
{
	uint8_t opts[MAX_OPTS * 40];
	size_t n = 0, hlen, i;

	for (i = 0; i < s->nopts; i++)
		n += put_opt(opts + n, &s->opt[i], f);
	if (n > 40)
		n = 40;
	hlen = 20 + (n + 3) / 4 * 4;
	memset(p, 0, hlen);
	memcpy(p + 20, opts, n);
	w16(p, s->rport);
	w16(p + 2, s->lport);
	w32(p + 4, s->seq + f->irs);
	if (s->flags & F_ACK)
		w32(p + 8, s->ack + f->iss);
	p[12] = (uint8_t)((s->doff >= 0 ? (size_t)s->doff : hlen / 4) << 4 |
			  (s->flags & F_AE ? 1 : 0));
	p[13] = (uint8_t)s->flags;
	w16(p + 14, s->has_win ? s->win : f->last_win);
	w16(p + 18, s->urp);
	for (i = 0; i < s->len; i++)
		p[hlen + i] = pattern(first_byte(s) + (uint32_t)i);
	return hlen + s->len;
}

static size_t
put_ip(uint8_t *p, const struct segment *s, bool v6, const uint8_t *src,
    const uint8_t *dst, size_t n)
{
	size_t hlen = v6 ? 40 : s->ipopt ? 24 : 20;

	memset(p, 0, hlen);
	p[0] = v6 ? (uint8_t)(0x60 | s->tos >> 4) : (uint8_t)(0x40 | hlen / 4);
	p[1] = v6 ? (uint8_t)(s->tos << 4) : s->tos;
	if (v6) {
		w16(p + 4, s->iplen >= 0 ? (unsigned)s->iplen : (unsigned)n);
		p[6] = 6;
		p[7] = 64;
		memcpy(p + 8, src, 16);
		memcpy(p + 24, dst, 16);
		return hlen;
	}
	w16(p + 2, s->iplen >= 0 ? (unsigned)s->iplen : (unsigned)(hlen + n));
	w16(p + 6, s->frag ? 0x2000 : 0x4000);
	p[8] = 64;
	p[9] = 6;
	memcpy(p + 12, src, 4);
	memcpy(p + 16, dst, 4);
	if (s->ipopt)
		memcpy(p + 20, "\x9e\x04\0\0", 4); /* an unknown kind */
	w16(p + 10, ~sum16(0, p, hlen) & 0xffff);
	if (s->badipsum)
		p[10] ^= 0x55;
	return hlen;
}

static size_t
put_ether(uint8_t *p, const struct segment *s, bool v6, const uint8_t *dst)
{
	size_t n = 12;

	p[0] = 0x02;
	p[1] = 0x50;
	memcpy(p + 2, dst + (v6 ? 12 : 0), 4);
	if (s->to_group)
		memset(p, 0xff, 6);
	memcpy(p + 6, peer_mac, 6);
	if (s->vlan >= 0) {
		w16(p + n, 0x8100);
		w16(p + n + 2, (unsigned)s->vlan);
		n += 4;
	}
	w16(p + n, v6 ? 0x86dd : 0x0800);
	return n + 2;
}

size_t
build_frame(
    const struct segment *s, const struct flow *f, bool v6, uint8_t *out)
{
	uint8_t src[16] = {0}, dst[16] = {0}, *ip, *tcp;
	int af = v6 ? AF_INET6 : AF_INET;
	size_t n, alen = v6 ? 16 : 4;

	inet_pton(af, s->src[0] ? s->src : peer_addr[v6], src);
	inet_pton(af, s->dst[0] ? s->dst : our_addr[v6], dst);
	ip = out + put_ether(out, s, v6, dst);
	tcp = ip + (v6 ? 40 : s->ipopt ? 24 : 20);
	n = put_tcp(tcp, s, f);
	put_ip(ip, s, v6, src, dst, n);
	w16(tcp + 16, ~tcp_sum(src, dst, alen, tcp, n) & 0xffff);
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

/* ---- emitted ---- */

/* read_opt - one option, its length already checked */
static void
read_opt(const uint8_t *p, size_t n, const struct flow *f, struct opt *o)
{
	memset(o, 0, sizeof(*o));
	o->kind = p[0];
	switch (p[0]) {
	case K_MSS:
		o->v[0] = r16(p + 2);
		break;
	case K_WSCALE:
		o->v[0] = p[2];
		break;
	case K_SACK_OK:
	case K_NOP:
	case K_EOL:
		break;
	case K_SACK:
		for (n -= 2, p += 2; n >= 4; n -= 4, p += 4)
			o->v[o->n++] = r32(p) - f->irs;
		break;
	case K_TS:
		o->v[0] = r32(p + 2);
		o->v[1] = r32(p + 6);
		break;
	case K_ACCECN0:
	case K_ACCECN1:
		for (p += 2; o->n < (n - 2) / 3; p += 3)
			o->v[o->n++] = r24(p);
		break;
	case K_FASTOPEN:
		o->n = (unsigned)n - 2;
		memcpy(o->raw, p + 2, n - 2);
		break;
	default:
		o->kind = K_RAW;
		o->n = (unsigned)n;
		memcpy(o->raw, p, n);
	}
}

/* wrong_length - of an option of len bytes */
static bool
wrong_length(const uint8_t *p, size_t len)
{
	static const uint8_t length[9] = {
	    [K_MSS] = 4, [K_WSCALE] = 3, [K_SACK_OK] = 2, [K_TS] = 10};

	switch (p[0]) {
	case K_SACK:
		return len < 10 || (len - 2) % 8 != 0;
	case K_ACCECN0:
	case K_ACCECN1:
		return len > 11 || (len - 2) % 3 != 0;
	case K_FASTOPEN:
		return len > 18 || len % 2 != 0 || len == 4;
	default:
		return p[0] < 9 && length[p[0]] != 0 && len != length[p[0]];
	}
}

static const char *
read_opts(const uint8_t *p, size_t n, const struct flow *f, struct segment *s)
{
	size_t len;

	while (n > 0) {
		if (p[0] == K_EOL && (p[n - 1] != 0 || memcmp(p, p + 1, n - 1)))
			return "padding that is not zero (MUST-69)";
		len = p[0] <= K_NOP ? 1 : n > 1 ? p[1] : 0;
		if (len == 0 || len > n || s->nopts == MAX_OPTS ||
		    (p[0] > K_NOP && wrong_length(p, len)))
			return "an option's length is wrong";
		read_opt(p, len, f, &s->opt[s->nopts++]);
		if ((p[0] == K_MSS || p[0] == K_SACK_OK || p[0] == K_WSCALE ||
			p[0] == K_FASTOPEN) &&
		    !(s->flags & F_SYN))
			return "an option of SYN segments in another";
		p += len;
		n -= len;
	}
	return NULL;
}

static const char *
read_ip(const uint8_t *p, size_t n, bool v6, size_t *hlen)
{
	uint8_t us[16], peer[16];

	*hlen = v6 ? 40 : 20;
	if (n < *hlen + 20)
		return "frame too short";
	inet_pton(v6 ? AF_INET6 : AF_INET, our_addr[v6], us);
	inet_pton(v6 ? AF_INET6 : AF_INET, peer_addr[v6], peer);
	if (v6) {
		if (p[0] >> 4 != 6 || r16(p + 4) != n - 40 || p[6] != 6 ||
		    memcmp(p + 8, us, 16) != 0 || memcmp(p + 24, peer, 16) != 0)
			return "IPv6 header";
		return NULL;
	}
	if (p[0] != 0x45 || r16(p + 2) != n || p[9] != 6 ||
	    memcmp(p + 12, us, 4) != 0 || memcmp(p + 16, peer, 4) != 0)
		return "IPv4 header";
	return sum16(0, p, 20) == 0xffff ? NULL : "IPv4 header checksum";
}

/* learn - initial numbers, and what must hold for every segment */
static const char *
learn(struct flow *f, const struct segment *s, uint32_t seq, uint32_t ack)
{
	uint32_t edge;
	unsigned i, shift;

	if (s->flags & F_SYN) {
		f->iss = seq;
		f->have_iss = true;
		f->edge_known = false;
		f->peer_ws = f->peer_ws_next;
		f->wscale = 0;
		for (i = 0; i < s->nopts; i++) {
			if (s->opt[i].kind == K_WSCALE)
				f->wscale = s->opt[i].v[0];
		}
	}
	for (i = 0; i < s->nopts; i++) {
		if (s->opt[i].kind == K_FASTOPEN) {
			f->ncookie = s->opt[i].n;
			memcpy(f->cookie, s->opt[i].raw, 16);
		}
		if (s->opt[i].kind == K_TS && (s->flags & F_SYN)) {
			f->ts_base = s->opt[i].v[0];
			f->have_ts = true;
		}
	}
	if (!(s->flags & F_ACK) || (s->flags & F_RST))
		return NULL;
	shift = s->flags & F_SYN || !f->peer_ws ? 0 : f->wscale;
	edge = ack + ((uint32_t)s->win << shift);
	if (!f->bent && f->edge_known && (int32_t)(edge - f->edge) < 0)
		return "the window's right edge moves back (SHLD-14)";
	f->edge = edge;
	f->edge_known = true;
	return NULL;
}

/* relate - numbers from the wire as a script writes them */
static void
relate(struct segment *s, const struct flow *f, uint32_t seq, uint32_t ack)
{
	unsigned i;

	s->seq = seq - f->iss;
	s->ack = s->flags & F_ACK ? ack - f->irs : 0;
	for (i = 0; i < s->nopts; i++) {
		if (s->opt[i].kind == K_TS)
			s->opt[i].v[0] -= f->ts_base;
	}
}

static const char *
check_data(const struct segment *s, const struct flow *f, const uint8_t *p)
{
	uint32_t i, used = 0;

	for (i = 0; i < s->nopts; i++) {
		if (s->opt[i].kind == K_TS)
			used += 12;
		if (s->opt[i].kind == K_ACCECN0 || s->opt[i].kind == K_ACCECN1)
			used += (5 + 3 * s->opt[i].n) / 4 * 4;
	}
	if (s->len + used > f->peer_mss)
		return "a segment larger than the peer's MSS (MUST-16)";
	for (i = 0; i < s->len && !f->bent; i++) {
		if (p[i] != pattern(first_byte(s) + i))
			return "the data are not those of this place";
	}
	return NULL;
}

const char *
read_frame(
    const uint8_t *p, size_t n, bool v6, struct flow *flows, struct segment *s)
{
	size_t l2 = 14, hlen, alen = v6 ? 16 : 4, off;
	const char *why;
	struct flow *f;
	uint8_t us[16];

	segment_init(s);
	inet_pton(v6 ? AF_INET6 : AF_INET, our_addr[v6], us);
	if (n < 34 || memcmp(p, peer_mac, 6) != 0 || p[6] != 0x02 ||
	    p[7] != 0x50 || memcmp(p + 8, us + alen - 4, 4) != 0)
		return "Ethernet addresses";
	if (r16(p + 12) == 0x8100) {
		s->vlan = (int)r16(p + 14);
		l2 = 18;
	}
	if (r16(p + l2 - 2) != (v6 ? 0x86dd : 0x0800))
		return "Ethernet type";
	p += l2;
	n -= l2;
	s->tos = v6 ? (uint8_t)(r16(p) >> 4) : p[1];
	why = read_ip(p, n, v6, &hlen);
	if (why != NULL)
		return why;
	if (tcp_sum(p + (v6 ? 8 : 12), p + (v6 ? 24 : 16), alen, p + hlen,
		n - hlen) != 0xffff)
		return "TCP checksum (MUST-2)";
	p += hlen;
	n -= hlen;
	off = (size_t)(p[12] >> 4) * 4;
	if (off < 20 || off > n || (p[12] & 14) != 0)
		return "TCP data offset";
	s->lport = (uint16_t)r16(p);
	s->rport = (uint16_t)r16(p + 2);
	s->flags = p[13] | (unsigned)(p[12] & 1) << 8;
	s->win = (uint16_t)r16(p + 14);
	s->urp = (uint16_t)r16(p + 18);
	s->has_win = true;
	s->len = (uint32_t)(n - off);
	s->opts = OPTS_LIST;
	f = flow_of(flows, s->lport, s->rport);
	why = read_opts(p + 20, off - 20, f, s);
	if (why == NULL)
		why = learn(f, s, r32(p + 4), r32(p + 8));
	relate(s, f, r32(p + 4), r32(p + 8));
	return why != NULL ? why : check_data(s, f, p + off);
}
