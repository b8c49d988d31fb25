/*
 * transit.h - a packet in a router's hands: what it checks, counts down, cuts,
 * and reports (RFC 1812 5.2, RFC 8200 3). Pure, and without a router.
 */
#ifndef ROUTE_TRANSIT_H
#define ROUTE_TRANSIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

enum { NO_IF = -1 }; /* the router itself */

/* a packet on its way; before it there is room for an Ethernet header */
struct transit {
	uint64_t now;
	uint8_t *ip;
	size_t len; /* of the packet, without padding */
	int in;	    /* the interface it came by, or NO_IF */
	bool v6;
	uint8_t proto; /* IPv6: of the first header behind the fixed one */
	uint8_t ttl;
	bool df, frag;
	struct ip_addr src, dst;
};

/* a header that can go on: what the router must check (RFC 1812 5.2.2) */
enum read_result { READ_OK, READ_HEADER, READ_CKSUM };
enum read_result transit_read(struct transit *, uint8_t *ip, size_t len);

/* transit_count_down - the TTL in the packet, which is above 0 */
void transit_count_down(struct transit *);

/*
 * transit_fragment - the pieces of an IPv4 packet, one after the other, for an
 * MTU (RFC 791 3.2): each at p, with room before it as before the packet
 */
void transit_fragment(const struct transit *, uint32_t mtu, uint8_t *p,
    void (*each)(void *ctx, const struct transit *piece), void *ctx);

/* ---- errors */

/* ICMP types and codes */
enum {
	UNREACHABLE4 = 3,
	NET4 = 0,
	HOST4 = 1,
	PROTO4 = 2,
	PORT4 = 3,
	NEEDED4 = 4,
	EXCEEDED4 = 11,
	UNREACHABLE6 = 1,
	NET6 = 0,
	HOST6 = 3,
	PORT6 = 4,
	TOO_BIG6 = 2,
	EXCEEDED6 = 3,
	PROBLEM6 = 4,
	NEXT_HEADER6 = 1,
};

struct transit_error {
	uint8_t type, code;
	uint32_t word; /* the second half of the ICMP header */
};

/*
 * transit_may_report - RFC 1122 3.2.2, RFC 4443 2.4 (e): never about an error,
 * a later fragment, what went to a group, nor to a sender that is not one host
 */
bool transit_may_report(const struct transit *);

enum { TRANSIT_ERROR = 1280 }; /* bytes that one has at most */

/* who reports an error, and how. tos: of IPv4; quote: bytes of the packet,
   0: as many as RFC 1812 4.3.2.3 and RFC 4443 2.4 (c) allow */
struct transit_from {
	struct ip_addr addr;
	uint8_t ttl, tos;
	uint16_t id, quote;
	uint32_t label; /* of IPv6's flow */
};

/* transit_error - the ICMP error about a packet; returns its length */
size_t transit_error(const struct transit *, const struct transit_error *,
    const struct transit_from *, uint8_t *p);

#endif
