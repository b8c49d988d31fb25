/*
 * udp.h - UDP datagrams (RFC 768, RFC 8200 8.1).
 */
#ifndef WIRE_UDP_H
#define WIRE_UDP_H

#include <stddef.h>
#include <stdint.h>

struct ip_addr;
struct ip_hdr;

enum { UDP_HLEN = 8, UDP_MAX = 65535 - 20 - UDP_HLEN };

struct udp {
	uint16_t sport, dport;
	const uint8_t *data;
	size_t n;
};

/*
 * udp_decode - the n bytes behind the headers of ip, a whole packet. 0, or
 * -1: shorter than its length, or a wrong checksum (none at all is one in IPv6)
 */
int udp_decode(
    const struct ip_hdr *ip, const uint8_t *p, size_t n, struct udp *out);

/*
 * udp_encode - header and data, checksum filled, into UDP_HLEN + n bytes;
 * their number. n is at most UDP_MAX; data may lie in place already.
 */
size_t udp_encode(const struct ip_addr *src, const struct ip_addr *dst,
    uint16_t sport, uint16_t dport, const uint8_t *data, size_t n,
    uint8_t *out);

/*
 * udp_header - the header alone, of n bytes of data that lie elsewhere, as the
 * answer to the packet of this header: into UDP_HLEN bytes, checksum filled
 */
void udp_header(const struct ip_hdr *to, uint16_t sport, uint16_t dport,
    const uint8_t *data, size_t n, uint8_t *out);

#endif
