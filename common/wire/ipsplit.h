/*
 * ipsplit.h - an IP packet as fragments: IPv4 (RFC 791 3.2), IPv6 (RFC 8200
 * 4.5). The other way round is ipfrag.h.
 */
#ifndef WIRE_IPSPLIT_H
#define WIRE_IPSPLIT_H

#include <stddef.h>
#include <stdint.h>

struct ip_hdr;

/*
 * ip_split - header from h (src, dst, proto, ttl, tos, id; v4 also df) and n
 * bytes behind it, as packets of at most mtu bytes, each written to buf (of
 * mtu bytes) and given to put(). One that fits is not fragmented. 0, or -1:
 * longer than IP can be, or than the mtu though df, or an mtu too small.
 */
int ip_split(const struct ip_hdr *h, const uint8_t *data, size_t n,
    uint32_t mtu, uint8_t *buf, void *ctx,
    void (*put)(void *ctx, const uint8_t *packet, size_t len));

#endif
