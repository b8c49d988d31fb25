/*
 * ipsplit.c - an IP packet as fragments, see ipsplit.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "wire/ip.h"
#include "wire/ipsplit.h"

enum {
	FRAG_HLEN = 8,
	IP6_FRAGMENT = 44,
	MORE4 = 0x2000,
	MAX_LEN = 65535,
	MIN_MTU = 68, /* RFC 791 3.2 */
};

/* fragment - the header of one, for n bytes at off; returns its length */
static size_t
fragment(uint8_t *p, const struct ip_hdr *h, size_t off, size_t n, bool more)
{
	struct ip_hdr part = *h;

	if (!ip_is_v4(&h->src)) {
		part.len = (uint32_t)(IP6_HLEN + FRAG_HLEN + n);
		part.proto = IP6_FRAGMENT;
		ip_encode(p, &part);
		p[IP6_HLEN] = h->proto;
		p[IP6_HLEN + 1] = 0;
		put_be16(p + IP6_HLEN + 2, (uint16_t)(off | (more ? 1 : 0)));
		put_be32(p + IP6_HLEN + 4, h->id);
		return IP6_HLEN + FRAG_HLEN;
	}
	part.len = (uint32_t)(IP4_HLEN + n);
	ip_encode(p, &part);
	put_be16(p + 6, (uint16_t)(off / 8 | (more ? MORE4 : 0)));
	put_be16(p + 10, 0);
	put_be16(p + 10, cksum_fold(cksum_add(0, p, IP4_HLEN)));
	return IP4_HLEN;
}

int
ip_split(const struct ip_hdr *h, const uint8_t *data, size_t n, uint32_t mtu,
    uint8_t *buf, void *ctx,
    void (*put)(void *ctx, const uint8_t *packet, size_t len))
{
	bool v4 = ip_is_v4(&h->src);
	size_t hlen = v4 ? IP4_HLEN : IP6_HLEN, off, part, at;
	struct ip_hdr whole = *h;

	if (n > MAX_LEN - (v4 ? hlen : 0) || mtu < MIN_MTU)
		return -1;
	if (hlen + n <= mtu) {
		whole.len = (uint32_t)(hlen + n);
		at = ip_encode(buf, &whole);
		if (n > 0)
			memcpy(buf + at, data, n);
		put(ctx, buf, at + n);
		return 0;
	}
	if (v4 && h->df)
		return -1;
	part = (mtu - hlen - (v4 ? 0 : FRAG_HLEN)) & ~(size_t)7;
	for (off = 0; off < n; off += part) {
		if (part > n - off)
			part = n - off;
		at = fragment(buf, h, off, part, off + part < n);
		memcpy(buf + at, data + off, part);
		put(ctx, buf, at + part);
	}
	return 0;
}
