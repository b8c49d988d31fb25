/*
 * ip.c - IPv4 and IPv6 headers and addresses, see ip.h.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "wire/ip.h"

static const uint8_t v4_mapped[12] = {[10] = 0xff, [11] = 0xff};

/* IPv6 extension headers that may stand before the payload, RFC 8200 4 */
enum {
	EXT_HOP_BY_HOP = 0,
	EXT_ROUTING = 43,
	EXT_FRAGMENT = 44,
	EXT_AUTH = 51,
	EXT_DSTOPTS = 60,
	EXT_MAX = 8, /* headers in one chain; more is an attack */
	OPT_PAD1 = 0,
	OPT_ACTION = 0xc0, /* what an option's type asks: RFC 8200 4.2, */
	OPT_SKIP = 0,
	OPT_SILENT = 0x40, /* the others want an answer as well */
	NEXT_HEADER = 6,   /* where the IPv6 header names the next */
	CODE_FIELD = 0,	   /* of a parameter problem, RFC 4443 3.4 */
	CODE_NEXT = 1,
	CODE_OPTION = 2,
};

/* take_v4 - all but the lengths, which have been looked at */
static void
take_v4(const uint8_t *p, struct ip_hdr *h)
{
	uint16_t off;

	h->tos = p[1];
	h->id = get_be16(p + 4);
	off = get_be16(p + 6);
	h->df = off & 0x4000;
	h->more = off & 0x2000;
	h->frag_off = (uint16_t)((off & 0x1fff) * 8);
	h->frag = h->more || h->frag_off != 0;
	h->frag_at = h->hlen;
	h->ttl = p[8];
	h->proto = h->frag_proto = p[9];
	ip_from_v4(&h->src, p + 12);
	ip_from_v4(&h->dst, p + 16);
}

static enum ip_error
decode_v4(const uint8_t *p, size_t len, struct ip_hdr *h)
{
	if (len < 20)
		return IP_SHORT;
	h->hlen = (p[0] & 15u) * 4;
	h->len = get_be16(p + 2);
	if (h->hlen < 20 || h->len < h->hlen)
		return IP_HEADER;
	if (len < h->len)
		return IP_SHORT;
	if (cksum_fold(cksum_add(0, p, h->hlen)) != 0)
		return IP_CKSUM;
	take_v4(p, h);
	return IP_OK;
}

/* captured_v4 - as ip_decode_captured() */
static enum ip_error
captured_v4(const uint8_t *p, size_t there, size_t len, struct ip_hdr *h)
{
	if (there < 20)
		return IP_SHORT;
	h->hlen = (p[0] & 15u) * 4;
	h->len = get_be16(p + 2);
	/* segmentation offload has not filled it in yet */
	if (h->len == 0)
		h->len = (uint32_t)len;
	if (h->hlen < 20 || h->len < h->hlen)
		return IP_HEADER;
	if (there < h->hlen)
		return IP_SHORT;
	take_v4(p, h);
	return IP_OK;
}

bool
ip_is_extension(uint8_t proto)
{
	return proto == EXT_HOP_BY_HOP || proto == EXT_ROUTING ||
	       proto == EXT_DSTOPTS || proto == EXT_AUTH ||
	       proto == EXT_FRAGMENT;
}

/*
 * refuse - no host takes this packet; at: the byte that a parameter problem
 * points to, 0: the sender gets none. The first reason counts.
 */
static void
refuse(struct ip_hdr *h, enum ip_error why, uint32_t at, uint8_t code)
{
	if (h->problem != IP_OK)
		return;
	h->problem = why;
	h->problem_at = at;
	h->problem_code = code;
}

/*
 * check_options - of a header of n bytes at h->hlen: none is known but
 * padding, so the type of each decides what becomes of the packet. False
 * when one overruns the header.
 */
static bool
check_options(const uint8_t *p, struct ip_hdr *h, uint32_t n)
{
	uint32_t at = h->hlen + 2, end = h->hlen + n, len;
	uint8_t action;

	for (; at < end; at += len) {
		len = 1;
		if (p[at] == OPT_PAD1)
			continue;
		if (end - at < 2 || (len = 2u + p[at + 1]) > end - at)
			return false;
		action = p[at] & OPT_ACTION;
		if (action != OPT_SKIP)
			refuse(h, IP_OPTION, action == OPT_SILENT ? 0 : at,
			    CODE_OPTION);
	}
	return true;
}

/* take_fragment - the Fragment header at x */
static bool
take_fragment(const uint8_t *x, struct ip_hdr *h)
{
	if (h->frag_at != 0)
		return false; /* a second one */
	h->frag_at = h->hlen + 8;
	h->frag_proto = x[0];
	h->frag_off = get_be16(x + 2) & 0xfff8;
	h->more = x[3] & 1;
	h->frag = h->more || h->frag_off != 0;
	h->id = get_be32(x + 4);
	return true;
}

static uint32_t
extension_len(uint8_t proto, const uint8_t *x)
{
	if (proto == EXT_FRAGMENT)
		return 8;
	return proto == EXT_AUTH ? (x[1] + 2u) * 4 : (x[1] + 1u) * 8;
}

/*
 * take_extension - the header of n bytes at h->hlen; named: where the header
 * before its type. False when it is damaged.
 */
static bool
take_extension(const uint8_t *p, struct ip_hdr *h, uint32_t n, uint32_t named)
{
	const uint8_t *x = p + h->hlen;

	switch (h->proto) {
	case EXT_FRAGMENT:
		return take_fragment(x, h);
	case EXT_ROUTING:
		/* a type 0 or unknown routing header with segments left is
		   not for the end of the path: RFC 8200 4.4, RFC 5095 */
		if (x[3] != 0)
			refuse(h, IP_EXTENSION, h->hlen + 2, CODE_FIELD);
		return true;
	case EXT_HOP_BY_HOP:
		/* RFC 8200 4: only right behind the IPv6 header */
		if (named != NEXT_HEADER)
			refuse(h, IP_EXTENSION, named, CODE_NEXT);
		return h->frag || check_options(p, h, n);
	case EXT_DSTOPTS:
		/* what is in fragments is judged when it is whole */
		return h->frag || check_options(p, h, n);
	default:
		return true;
	}
}

/*
 * skip_extensions - move h->hlen and h->proto on to the payload, within the
 * bytes that are there. h->problem is for the caller: on the path of a packet
 * any option and routing header will do.
 */
static enum ip_error
skip_extensions(const uint8_t *p, size_t there, struct ip_hdr *h)
{
	uint32_t n, named = NEXT_HEADER;
	int i;

	for (i = 0; i < EXT_MAX; i++) {
		h->proto_at = named;
		if (!ip_is_extension(h->proto))
			return IP_OK;
		if (h->len - h->hlen < 8)
			return IP_EXTENSION;
		if (there - h->hlen < 8)
			return IP_SHORT;
		n = extension_len(h->proto, p + h->hlen);
		if (n > h->len - h->hlen)
			return IP_EXTENSION;
		if (n > there - h->hlen)
			return IP_SHORT;
		if (!take_extension(p, h, n, named))
			return IP_EXTENSION;
		named = h->hlen;
		h->proto = p[named];
		h->hlen += n;
		if (h->frag && h->frag_off != 0)
			return IP_OK; /* what follows is no header */
	}
	return IP_EXTENSION;
}

/* take_v6 - all but the lengths; IP_OK or IP_HEADER */
static enum ip_error
take_v6(const uint8_t *p, struct ip_hdr *h)
{
	h->v6 = true;
	h->df = true;
	h->tos = (uint8_t)(get_be16(p) >> 4);
	h->proto = p[NEXT_HEADER];
	h->ttl = p[7];
	memcpy(h->src.b, p + 8, 16);
	memcpy(h->dst.b, p + 24, 16);
	/* v4-mapped addresses are no addresses on the wire: they would pass
	   for v4 here (RFC 4942 2.2) */
	return ip_is_v4(&h->src) || ip_is_v4(&h->dst) ? IP_HEADER : IP_OK;
}

static enum ip_error
decode_v6(const uint8_t *p, size_t len, struct ip_hdr *h)
{
	enum ip_error e;

	if (len < 40)
		return IP_SHORT;
	h->hlen = 40;
	h->len = 40u + get_be16(p + 4);
	if (len < h->len)
		return IP_SHORT;
	if (take_v6(p, h) != IP_OK)
		return IP_HEADER;
	e = skip_extensions(p, h->len, h);
	if (e == IP_OK)
		return h->problem;
	h->problem = IP_OK; /* where the headers end is not known */
	h->problem_at = 0;
	return e;
}

/* captured_v6 - as ip_decode_captured() */
static enum ip_error
captured_v6(const uint8_t *p, size_t there, size_t len, struct ip_hdr *h)
{
	uint32_t payload;

	if (there < 40)
		return IP_SHORT;
	payload = get_be16(p + 4);
	h->hlen = 40;
	/* a jumbogram (RFC 2675), as offload makes them, too */
	h->len = payload == 0 && len > 40 ? (uint32_t)len : 40 + payload;
	if (take_v6(p, h) != IP_OK)
		return IP_HEADER;
	return skip_extensions(p, there, h);
}

enum ip_error
ip_decode_captured(
    const uint8_t *p, size_t there, size_t len, struct ip_hdr *out)
{
	memset(out, 0, sizeof(*out));
	if (there < 1)
		return IP_SHORT;
	switch (p[0] >> 4) {
	case 4:
		return captured_v4(p, there, len, out);
	case 6:
		return captured_v6(p, there, len, out);
	default:
		return IP_VERSION;
	}
}

enum ip_error
ip_decode(const uint8_t *p, size_t len, struct ip_hdr *out)
{
	memset(out, 0, sizeof(*out));
	if (len < 1)
		return IP_SHORT;
	switch (p[0] >> 4) {
	case 4:
		return decode_v4(p, len, out);
	case 6:
		return decode_v6(p, len, out);
	default:
		return IP_VERSION;
	}
}

const char *
ip_error_name(enum ip_error e)
{
	static const char *const name[] = {
	    [IP_OK] = "ok",
	    [IP_SHORT] = "truncated",
	    [IP_VERSION] = "ip-version",
	    [IP_HEADER] = "ip-header",
	    [IP_CKSUM] = "ip-checksum",
	    [IP_EXTENSION] = "ip-extension",
	    [IP_OPTION] = "ip-option",
	};

	return name[e];
}

size_t
ip_encode(uint8_t *p, const struct ip_hdr *h)
{
	if (ip_is_v4(&h->src)) {
		p[0] = 0x45;
		p[1] = h->tos;
		put_be16(p + 2, (uint16_t)h->len);
		put_be16(p + 4, (uint16_t)h->id);
		put_be16(p + 6, h->df ? 0x4000 : 0);
		p[8] = h->ttl;
		p[9] = h->proto;
		put_be16(p + 10, 0);
		memcpy(p + 12, h->src.b + 12, 4);
		memcpy(p + 16, h->dst.b + 12, 4);
		put_be16(p + 10, cksum_fold(cksum_add(0, p, 20)));
		return 20;
	}
	put_be32(p, 6u << 28 | (uint32_t)h->tos << 20 | h->label);
	put_be16(p + 4, (uint16_t)(h->len - 40));
	p[6] = h->proto;
	p[7] = h->ttl;
	memcpy(p + 8, h->src.b, 16);
	memcpy(p + 24, h->dst.b, 16);
	return 40;
}

uint32_t
ip_pseudo_sum(const struct ip_addr *src, const struct ip_addr *dst,
    uint8_t proto, uint32_t len)
{
	uint32_t sum = (len >> 16) + (len & 0xffff) + proto;
	size_t i;

	/* for each segment: two calls of cksum_add() take three times as long
	   for addresses of four bytes */
	for (i = ip_is_v4(src) ? 12 : 0; i < 16; i += 2)
		sum += (uint32_t)get_be16(src->b + i) + get_be16(dst->b + i);
	return sum;
}

uint16_t
ip_cksum(const struct ip_addr *src, const struct ip_addr *dst, uint8_t proto,
    const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	if (proto != PROTO_ICMP)
		sum = ip_pseudo_sum(src, dst, proto, (uint32_t)n);
	return cksum_fold(cksum_add(sum, p, n));
}

bool
ip_is_v4(const struct ip_addr *a)
{
	return memcmp(a->b, v4_mapped, sizeof(v4_mapped)) == 0;
}

bool
ip_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool
ip_match(const struct ip_addr *a, const struct ip_addr *b, unsigned len)
{
	unsigned bytes = len / 8, bits = len % 8;

	if (memcmp(a->b, b->b, bytes) != 0)
		return false;
	return bits == 0 || (a->b[bytes] ^ b->b[bytes]) >> (8 - bits) == 0;
}

bool
ip_is_multicast(const struct ip_addr *a)
{
	return ip_is_v4(a) ? a->b[12] >> 4 == 14 : a->b[0] == 0xff;
}

bool
ip_is_unspecified(const struct ip_addr *a)
{
	static const struct ip_addr any;

	return ip_is_v4(a) ? get_be32(a->b + 12) == 0 : ip_equal(a, &any);
}

bool
ip_is_loopback(const struct ip_addr *a)
{
	static const struct ip_addr one = {{[15] = 1}};

	return ip_is_v4(a) ? a->b[12] == 127 : ip_equal(a, &one);
}

bool
ip_is_local6(const struct ip_addr *a)
{
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

bool
ip_is_host(const struct ip_addr *a)
{
	if (ip_is_unspecified(a) || ip_is_loopback(a) || ip_is_multicast(a))
		return false;
	/* 0.0.0.0/8 is "this network", 240.0.0.0/4 is reserved */
	return !ip_is_v4(a) || (a->b[12] != 0 && a->b[12] < 240);
}

uint64_t
ip_source(const struct ip_addr *a, const uint64_t key[2])
{
	return hash_keyed(key, a->b, ip_is_v4(a) ? 16 : 8);
}

void
ip_from_v4(struct ip_addr *a, const uint8_t v4[4])
{
	memcpy(a->b, v4_mapped, sizeof(v4_mapped));
	memcpy(a->b + 12, v4, 4);
}

/* v4_text - inet_ntop() would take longer than all the rest of a line */
static void
v4_text(const uint8_t *b, char *to)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (b[i] >= 100)
			*to++ = (char)('0' + b[i] / 100);
		if (b[i] >= 10)
			*to++ = (char)('0' + b[i] / 10 % 10);
		*to++ = (char)('0' + b[i] % 10);
		*to++ = '.';
	}
	to[-1] = '\0';
}

const char *
ip_text(const struct ip_addr *a, char *buf)
{
	if (ip_is_v4(a))
		v4_text(a->b + 12, buf);
	else
		inet_ntop(AF_INET6, a->b, buf, IP_TEXT);
	return buf;
}
