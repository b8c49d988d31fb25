/*
 * nd.h - Neighbor Solicitation and Advertisement (RFC 4861 4.3, 4.4), with
 * their IPv6 header.
 */
#ifndef WIRE_ND_H
#define WIRE_ND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ether.h"
#include "wire/ip.h"

enum { ND_LEN = 40 + 24 + 8 }; /* the longest that nd_encode() writes */

struct nd {
	struct ip_addr src, dst, target;
	bool advert; /* an advertisement, else a solicitation */
	bool router, solicited, override; /* flags of an advertisement */
	bool has_lla;	/* the link-layer address option: source's in a */
	struct mac lla; /* solicitation, target's in an advertisement */
};

/* why a packet is not taken: the rules of RFC 4861 7.1.1 and 7.1.2 */
enum nd_error {
	ND_OK,
	ND_OTHER, /* IPv6, but neither solicitation nor advertisement */
	ND_SHORT,
	ND_HEADER,   /* the IPv6 header is damaged, or a fragment's */
	ND_HOPLIMIT, /* not 255: it has crossed a router */
	ND_CKSUM,
	ND_CODE,
	ND_TARGET, /* multicast */
	ND_OPTION, /* of no length, or longer than the packet */
	ND_DAD,	   /* from ::, but not as duplicate detection is done */
	ND_FLAG,   /* multicast, and solicited all the same */
};

/* nd_decode - the packet at p, from its IPv6 header on */
enum nd_error nd_decode(const uint8_t *p, size_t len, struct nd *out);

/* nd_encode - IPv6 header and message at p; length, or -1: cap is less */
int nd_encode(const struct nd *, uint8_t *p, size_t cap);

/* nd_group - the solicited-node multicast address (RFC 4291 2.7.1) */
void nd_group(const struct ip_addr *, struct ip_addr *out);

/* nd_group_mac - the MAC that a multicast address is sent to (RFC 2464 7) */
void nd_group_mac(const struct ip_addr *, struct mac *out);

#endif
