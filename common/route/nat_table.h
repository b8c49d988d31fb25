/*
 * nat_table.h - the mappings of NAT: of a protocol, an address and a port (or
 * an echo's identifier) inside to one outside, each for some time.
 */
#ifndef ROUTE_NAT_TABLE_H
#define ROUTE_NAT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum { NAT_TCP, NAT_UDP, NAT_ICMP, NAT_PROTOS };

struct binding {
	uint8_t proto; /* NAT_TCP and so on */
	bool closing;
	bool ways[2];	       /* TCP: something came out, and in */
	uint16_t inner, outer; /* ports */
	uint8_t addr[4];       /* inside */
	uint64_t until;	       /* it lasts without a packet */
	uint32_t next;	       /* of its bucket; index + 1 */
};

struct router;

/* nat_by_inner, nat_by_outer - the mapping of an end, or NULL */
struct binding *nat_by_inner(
    struct router *, int proto, const uint8_t *addr, uint16_t port);
struct binding *nat_by_outer(struct router *, int proto, uint16_t port);

/* nat_map - a new one, another may have to go; NULL: there can be none */
struct binding *nat_map(struct router *, uint64_t now, int proto,
    const uint8_t *addr, uint16_t port);

void nat_forget(struct router *, struct binding *);

/* nat_touch - a packet has passed: how long the mapping lasts now */
void nat_touch(struct binding *, uint64_t now, bool inward, uint8_t tcp_flags);

#endif
