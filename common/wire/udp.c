/*
 * udp.c - UDP datagrams, see udp.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "wire/ip.h"

#include "wire/udp.h"

int
udp_decode(const struct ip_hdr *ip, const uint8_t *p, size_t n, struct udp *out)
{
	size_t len;

	if (n < UDP_HLEN)
		return -1;
	len = get_be16(p + 4);
	if (len < UDP_HLEN || len > n)
		return -1;
	if (get_be16(p + 6) == 0
		? ip->v6
		: ip_cksum(&ip->src, &ip->dst, PROTO_UDP, p, len) != 0)
		return -1;
	out->sport = get_be16(p);
	out->dport = get_be16(p + 2);
	out->data = p + UDP_HLEN;
	out->n = len - UDP_HLEN;
	return 0;
}

void
udp_header(const struct ip_hdr *to, uint16_t sport, uint16_t dport,
    const uint8_t *data, size_t n, uint8_t *out)
{
	uint32_t len = (uint32_t)(UDP_HLEN + n);
	uint32_t part = ip_pseudo_sum(&to->dst, &to->src, PROTO_UDP, len);
	uint16_t sum;

	put_be16(out, sport);
	put_be16(out + 2, dport);
	put_be16(out + 4, (uint16_t)len);
	put_be16(out + 6, 0);
	sum = cksum_fold(cksum_add(cksum_add(part, out, UDP_HLEN), data, n));
	/* 0 would mean that there is none */
	put_be16(out + 6, sum == 0 ? 0xffff : sum);
}

size_t
udp_encode(const struct ip_addr *src, const struct ip_addr *dst, uint16_t sport,
    uint16_t dport, const uint8_t *data, size_t n, uint8_t *out)
{
	const struct ip_hdr to = {.src = *dst, .dst = *src};

	memmove(out + UDP_HLEN, data, n);
	udp_header(&to, sport, dport, out + UDP_HLEN, n, out);
	return UDP_HLEN + n;
}
