/*
 * read.c - the notation's segments from frames of ours; what holds for every
 * one of them is checked on the way.
 */
#include <string.h>

#include "base/bytes.h"
#include "script/seg.h"

static uint32_t
r24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | get_be16(p + 1);
}

/* read_opt - one option, its length already checked */
static void
read_opt(const uint8_t *p, size_t n, const struct flow *f, struct opt_text *o)
{
	memset(o, 0, sizeof(*o));
	o->kind = p[0];
	switch (p[0]) {
	case K_MSS:
		o->v[0] = get_be16(p + 2);
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
			o->v[o->n++] = get_be32(p) - f->irs;
		break;
	case K_TS:
		o->v[0] = get_be32(p + 2);
		o->v[1] = get_be32(p + 6);
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
read_opts(const uint8_t *p, size_t n, const struct flow *f, struct seg_text *s)
{
	size_t len;

	while (n > 0) {
		if (p[0] == K_EOL &&
		    (p[n - 1] != 0 || memcmp(p, p + 1, n - 1) != 0))
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

/* read_host - Ethernet and IP are as a phantom sends them */
static const char *
read_host(const uint8_t *p, size_t n, const struct ends *e, size_t l2)
{
	const uint8_t *ip = p + l2;

	if (memcmp(p, e->peer_mac, 6) != 0 || memcmp(p + 6, e->us_mac, 6) != 0)
		return "Ethernet addresses";
	if (e->v6)
		return (size_t)get_be16(ip + 4) + 40 == n - l2 ? NULL
							       : "IPv6 header";
	return ip[0] == 0x45 && get_be16(ip + 2) == n - l2 ? NULL
							   : "IPv4 header";
}

/* read_ip - lengths of header and packet, addresses, header checksum */
static const char *
read_ip(const uint8_t *p, size_t *n, const struct ends *e, size_t *hlen)
{
	size_t len;

	*hlen = e->v6 ? 40 : (size_t)(p[0] & 15) * 4;
	if (*n < 40 || *hlen < 20 || *n < *hlen + 20)
		return "frame too short";
	len = e->v6 ? (size_t)get_be16(p + 4) + 40 : get_be16(p + 2);
	if (len > *n || len < *hlen + 20)
		return "IP length";
	*n = len;
	if (e->v6) {
		if (p[0] >> 4 != 6 || p[6] != 6 ||
		    memcmp(p + 8, e->us, 16) != 0 ||
		    memcmp(p + 24, e->peer, 16) != 0)
			return "IPv6 header";
		return NULL;
	}
	if (p[0] >> 4 != 4 || p[9] != 6 || memcmp(p + 12, e->us, 4) != 0 ||
	    memcmp(p + 16, e->peer, 4) != 0)
		return "IPv4 header";
	return sum16(0, p, *hlen) == 0xffff ? NULL : "IPv4 header checksum";
}

static unsigned
tcp_sum(const uint8_t *src, const uint8_t *dst, size_t alen, const uint8_t *p,
    size_t n)
{
	return sum16(sum16(sum16(6 + (unsigned)n, src, alen), dst, alen), p, n);
}

/* learn - initial numbers, and what must hold for every segment */
static const char *
learn(struct flow *f, const struct seg_text *s, uint32_t seq, uint32_t ack)
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
	if ((f->checks & CHECK_EDGE) && f->edge_known &&
	    (int32_t)(edge - f->edge) < 0)
		return "the window's right edge moves back (SHLD-14)";
	f->edge = edge;
	f->edge_known = true;
	return NULL;
}

/* relate - numbers from the wire as a script writes them */
static void
relate(struct seg_text *s, const struct flow *f, uint32_t seq, uint32_t ack)
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
check_data(const struct seg_text *s, const struct flow *f, const uint8_t *p)
{
	uint32_t i, used = 0;

	for (i = 0; i < s->nopts; i++) {
		if (s->opt[i].kind == K_TS)
			used += 12;
		if (s->opt[i].kind == K_ACCECN0 || s->opt[i].kind == K_ACCECN1)
			used += (5 + 3 * s->opt[i].n) / 4 * 4;
	}
	if ((f->checks & CHECK_MSS) && s->len + used > f->peer_mss)
		return "a segment larger than the peer's MSS (MUST-16)";
	for (i = 0; i < s->len && (f->checks & CHECK_DATA); i++) {
		if (p[i] != pattern(seg_first(s) + i))
			return "the data are not those of this place";
	}
	return NULL;
}

/* read_tcp - ports, flags, numbers that are not relative; *off: the data */
static const char *
read_tcp(const uint8_t *p, size_t n, const struct ends *e, struct seg_text *s,
    size_t *off)
{
	*off = (size_t)(p[12] >> 4) * 4;
	if (*off < 20 || *off > n || (p[12] & 14) != 0)
		return "TCP data offset";
	s->lport = get_be16(p);
	if (s->lport == e->lport)
		s->lport = OUR_PORT;
	s->rport = (uint16_t)(get_be16(p + 2) - e->rport + PEER_PORT);
	s->flags = p[13] | (unsigned)(p[12] & 1) << 8;
	s->win = get_be16(p + 14);
	s->urp = get_be16(p + 18);
	s->has_win = true;
	s->len = (uint32_t)(n - *off);
	s->opts = OPTS_LIST;
	return NULL;
}

/* read_words - of the IP header, what a script can ask for */
static void
read_words(const uint8_t *p, bool v6, struct seg_text *s)
{
	s->tos = v6 ? (uint8_t)(get_be16(p) >> 4) : p[1];
	s->ip.ttl = v6 ? p[7] : p[8];
	s->ip.id = v6 ? 0 : get_be16(p + 4);
	s->ip.df = !v6 && (p[6] & 0x40);
}

/* read_parts - what is behind the Ethernet header, n bytes */
static const char *
read_parts(const uint8_t *p, size_t n, const struct ends *e, struct flow *flows,
    struct seg_text *s, const uint8_t **data)
{
	size_t alen = e->v6 ? 16 : 4, hlen, off;
	const char *why = read_ip(p, &n, e, &hlen);
	struct flow *f;

	if (why != NULL)
		return why;
	read_words(p, e->v6, s);
	if (tcp_sum(p + (e->v6 ? 8 : 12), p + (e->v6 ? 24 : 16), alen, p + hlen,
		n - hlen) != 0xffff)
		return "TCP checksum (MUST-2)";
	p += hlen;
	why = read_tcp(p, n - hlen, e, s, &off);
	if (why != NULL)
		return why;
	if (data != NULL)
		*data = p + off;
	f = flow_of(flows, s->lport, s->rport);
	why = read_opts(p + 20, off - 20, f, s);
	if (why == NULL)
		why = learn(f, s, get_be32(p + 4), get_be32(p + 8));
	relate(s, f, get_be32(p + 4), get_be32(p + 8));
	return why != NULL ? why : check_data(s, f, p + off);
}

const char *
seg_read(const uint8_t *p, size_t n, const struct ends *e, struct flow *flows,
    struct seg_text *s, const uint8_t **data)
{
	const char *why = NULL;
	size_t l2 = 14;

	seg_init(s);
	if (n < 34)
		return "frame too short";
	memcpy(s->ip.dmac, p, 6);
	memcpy(s->ip.smac, p + 6, 6);
	if (get_be16(p + 12) == 0x8100) {
		s->vlan = get_be16(p + 14);
		l2 = 18;
	}
	if (get_be16(p + l2 - 2) != (e->v6 ? 0x86dd : 0x0800))
		return "Ethernet type";
	if (flows[MAX_FLOWS].checks & CHECK_HOST)
		why = read_host(p, n, e, l2);
	return why != NULL ? why
			   : read_parts(p + l2, n - l2, e, flows, s, data);
}
