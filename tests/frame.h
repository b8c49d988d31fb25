/*
 * frame.h - a TCP segment as a frame, made by hand, for tests that are the
 * peer of an engine.
 */
#ifndef TESTS_FRAME_H
#define TESTS_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

/*
 * frame_tcp - h, and n bytes of data, which stand in f already, behind it;
 * IPv4 or IPv6, from one phantom's MAC to the other's, with true checksums.
 * Returns the frame's length.
 */
static inline size_t
frame_tcp(uint8_t *f, const struct ip_addr *from, const struct ip_addr *to,
    const struct tcp_hdr *h, size_t n)
{
	struct ip_hdr ip = {
	    .src = *from, .dst = *to, .proto = PROTO_TCP, .ttl = 64};
	bool v4 = ip_is_v4(to);
	uint8_t *tcp = f + ETHER_HLEN + (v4 ? 20 : 40);
	struct mac mac;

	mac_of_phantom(to, &mac);
	memcpy(f, mac.b, 6);
	mac_of_phantom(from, &mac);
	memcpy(f + 6, mac.b, 6);
	put_be16(f + 12, v4 ? ETHER_IP4 : ETHER_IP6);
	n += (size_t)tcp_hdr_encode(tcp, h);
	ip.len = (uint32_t)((v4 ? 20 : 40) + n);
	ip_encode(f + ETHER_HLEN, &ip);
	put_be16(tcp + 16, ip_cksum(from, to, PROTO_TCP, tcp, n));
	return ETHER_HLEN + ip.len;
}

/* frame_tcp4 - the same for addresses of four bytes */
static inline size_t
frame_tcp4(uint8_t *f, const uint8_t *from, const uint8_t *to,
    const struct tcp_hdr *h, size_t n)
{
	struct ip_addr src, dst;

	ip_from_v4(&src, from);
	ip_from_v4(&dst, to);
	return frame_tcp(f, &src, &dst, h, n);
}

#endif
