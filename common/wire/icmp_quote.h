/*
 * icmp_quote.h - what an ICMP or ICMPv6 error quotes (RFC 792, RFC 4443 2.4):
 * the beginning of the packet that it is about. ip_decode() would refuse that,
 * as the rest is missing.
 */
#ifndef WIRE_ICMP_QUOTE_H
#define WIRE_ICMP_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ip.h"

enum { ICMP_HLEN = 8 }; /* of an error: type, code, checksum, a word */

struct icmp_quote {
	struct ip_addr src, dst;
	uint8_t proto;	     /* of data */
	uint32_t len;	     /* of the whole IP packet, as its header has it */
	const uint8_t *data; /* behind the IP headers, */
	size_t n;	     /* as far as it is quoted */
};

/*
 * icmp_quote_decode - n bytes at p, behind ICMP_HLEN bytes of an error. 0, or
 * -1 when no IP header of this version is there, or one of a fragment that is
 * not the first.
 */
int icmp_quote_decode(
    bool v6, const uint8_t *p, size_t n, struct icmp_quote *out);

#endif
