/*
 * icmp_quote.c - see icmp_quote.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/icmp_quote.h"

enum { FRAG_HLEN = 8, IP6_FRAGMENT = 44 };

static int
decode_v4(const uint8_t *p, size_t n, struct icmp_quote *q)
{
	size_t hlen;

	if (n < IP4_HLEN || p[0] >> 4 != 4 || (get_be16(p + 6) & 0x1fff) != 0)
		return -1;
	hlen = (p[0] & 15u) * 4;
	if (hlen < IP4_HLEN || hlen > n)
		return -1;
	ip_from_v4(&q->src, p + 12);
	ip_from_v4(&q->dst, p + 16);
	q->proto = p[9];
	q->len = get_be16(p + 2);
	q->data = p + hlen;
	q->n = n - hlen;
	return 0;
}

static int
decode_v6(const uint8_t *p, size_t n, struct icmp_quote *q)
{
	size_t hlen = IP6_HLEN;

	if (n < IP6_HLEN || p[0] >> 4 != 6)
		return -1;
	memcpy(q->src.b, p + 8, 16);
	memcpy(q->dst.b, p + 24, 16);
	q->proto = p[6];
	q->len = IP6_HLEN + get_be16(p + 4);
	if (q->proto == IP6_FRAGMENT) {
		if (n < hlen + FRAG_HLEN ||
		    (get_be16(p + hlen + 2) & 0xfff8) != 0)
			return -1;
		q->proto = p[hlen];
		hlen += FRAG_HLEN;
	}
	q->data = p + hlen;
	q->n = n - hlen;
	return 0;
}

int
icmp_quote_decode(bool v6, const uint8_t *p, size_t n, struct icmp_quote *out)
{
	return v6 ? decode_v6(p, n, out) : decode_v4(p, n, out);
}
