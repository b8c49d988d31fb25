/*
 * transit.c - see transit.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "route/cksum.h"
#include "route/transit.h"
#include "wire/ip.h"

enum {
	MORE4 = 0x2000,
	DF4 = 0x4000,
	OFFSET4 = 0x1fff,
	COPIED = 0x80,
	IP6_FRAGMENT = 44,
	QUOTE4 = 576, /* RFC 1812 4.3.2.3: bytes of the whole error */
	QUOTE6 = TRANSIT_ERROR,
	ICMP_HLEN = 8,
	ERRORS6 = 128, /* types below are errors (RFC 4443 2.1) */
	REDIRECT6 = 137,
};

/* ---- headers */

static enum read_result
read_v4(struct transit *t, uint8_t *p, size_t len)
{
	uint16_t off;
	size_t hlen;

	if (len < IP4_HLEN || p[0] >> 4 != 4)
		return READ_HEADER;
	hlen = (p[0] & 15u) * 4;
	t->len = get_be16(p + 2);
	if (hlen < IP4_HLEN || t->len < hlen || t->len > len)
		return READ_HEADER;
	if (cksum_fold(cksum_add(0, p, hlen)) != 0)
		return READ_CKSUM;
	off = get_be16(p + 6);
	t->df = off & DF4;
	t->frag = off & (MORE4 | OFFSET4);
	t->ttl = p[8];
	t->proto = p[9];
	ip_from_v4(&t->src, p + 12);
	ip_from_v4(&t->dst, p + 16);
	return READ_OK;
}

static enum read_result
read_v6(struct transit *t, uint8_t *p, size_t len)
{
	if (len < IP6_HLEN || p[0] >> 4 != 6)
		return READ_HEADER;
	t->len = IP6_HLEN + (size_t)get_be16(p + 4);
	if (t->len > len)
		return READ_HEADER;
	t->df = true;
	t->proto = p[6];
	t->frag = t->proto == IP6_FRAGMENT;
	t->ttl = p[7];
	memcpy(t->src.b, p + 8, 16);
	memcpy(t->dst.b, p + 24, 16);
	/* IPv4 in IPv6's clothes is on no wire (RFC 4291 2.5.5.2) */
	return ip_is_v4(&t->src) || ip_is_v4(&t->dst) ? READ_HEADER : READ_OK;
}

enum read_result
transit_read(struct transit *t, uint8_t *ip, size_t len)
{
	t->ip = ip;
	if (t->v6)
		return read_v6(t, ip, len);
	return read_v4(t, ip, len);
}

void
transit_count_down(struct transit *t)
{
	uint8_t *p = t->ip;

	t->ttl--;
	if (t->v6) {
		p[7]--;
		return;
	}
	p[8]--;
	cksum_change16(p + 10, (uint16_t)((p[8] + 1) << 8 | p[9]),
	    (uint16_t)(p[8] << 8 | p[9]));
}

/* ---- fragments (RFC 791 3.2) */

/* copied - the options of n bytes that later fragments have; their length */
static size_t
copied(const uint8_t *opt, size_t n, uint8_t *out)
{
	size_t at = 0, got = 0, len;

	while (at < n && opt[at] != 0) {
		len = opt[at] == 1 ? 1 : at + 1 < n ? opt[at + 1] : 0;
		if (len == 0 || len > n - at || (opt[at] != 1 && len < 2))
			break;
		if (opt[at] & COPIED) {
			memcpy(out + got, opt + at, len);
			got += len;
		}
		at += len;
	}
	while (got % 4 != 0)
		out[got++] = 0;
	return got;
}

/* fragment_head - the header of a later fragment; its length */
static size_t
fragment_head(const struct transit *t, uint8_t *p)
{
	size_t hlen = (t->ip[0] & 15u) * 4;

	memcpy(p, t->ip, IP4_HLEN);
	hlen = IP4_HLEN +
	       copied(t->ip + IP4_HLEN, hlen - IP4_HLEN, p + IP4_HLEN);
	p[0] = (uint8_t)(0x40 | hlen / 4);
	return hlen;
}

void
transit_fragment(const struct transit *t, uint32_t mtu, uint8_t *p,
    void (*each)(void *ctx, const struct transit *piece), void *ctx)
{
	size_t hlen = (t->ip[0] & 15u) * 4, all = t->len - hlen, off, n, head;
	uint16_t flags = get_be16(t->ip + 6);
	struct transit part = *t;

	for (off = 0; off < all; off += n) {
		if (off == 0)
			memcpy(p, t->ip, head = hlen);
		else
			head = fragment_head(t, p);
		n = (mtu - head) & ~(size_t)7;
		if (n > all - off)
			n = all - off;
		memcpy(p + head, t->ip + hlen + off, n);
		put_be16(p + 2, (uint16_t)(head + n));
		put_be16(
		    p + 6, (uint16_t)(((flags & OFFSET4) + off / 8) |
				      (off + n < all ? MORE4 : flags & MORE4)));
		put_be16(p + 10, 0);
		put_be16(p + 10, cksum_fold(cksum_add(0, p, head)));
		part.ip = p;
		part.len = head + n;
		each(ctx, &part);
	}
}

/* ---- errors */

/* is_query - ICMP of IPv4 that is known not to be an error */
static bool
is_query(uint8_t type)
{
	return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

bool
transit_may_report(const struct transit *t)
{
	const uint8_t *p;
	struct ip_hdr h;

	if (!ip_is_host(&t->src) || ip_is_multicast(&t->dst))
		return false;
	if (ip_decode(t->ip, t->len, &h) != IP_OK || h.frag_off != 0)
		return false;
	p = t->ip + h.hlen;
	if (t->v6 && h.proto == PROTO_ICMP6)
		return h.hlen < t->len && p[0] >= ERRORS6 && p[0] != REDIRECT6;
	if (!t->v6 && h.proto == PROTO_ICMP)
		return h.hlen < t->len && is_query(p[0]);
	return true;
}

size_t
transit_error(const struct transit *t, const struct transit_error *e,
    const struct transit_from *from, uint8_t *p)
{
	struct ip_hdr h = {.src = from->addr,
	    .dst = t->src,
	    .proto = t->v6 ? PROTO_ICMP6 : PROTO_ICMP,
	    .ttl = from->ttl,
	    .tos = t->v6 ? 0 : from->tos,
	    .label = t->v6 ? from->label : 0,
	    .id = from->id,
	    .v6 = t->v6};
	size_t at = t->v6 ? IP6_HLEN : IP4_HLEN, n = t->len;
	size_t most = (t->v6 ? QUOTE6 : QUOTE4) - at - ICMP_HLEN;

	if (n > most)
		n = most;
	if (from->quote != 0 && n > from->quote)
		n = from->quote;
	h.len = (uint32_t)(at + ICMP_HLEN + n);
	ip_encode(p, &h);
	p[at] = e->type;
	p[at + 1] = e->code;
	put_be16(p + at + 2, 0);
	put_be32(p + at + 4, e->word);
	memcpy(p + at + ICMP_HLEN, t->ip, n);
	put_be16(p + at + 2,
	    ip_cksum(&h.src, &h.dst, h.proto, p + at, ICMP_HLEN + n));
	return h.len;
}
