/*
 * nat_table.h - the mappings of NAT: of a protocol, an address and a port (or
 * an echo's identifier) inside to one outside, each for some time.
 */
#ifndef ROUTE_NAT_TABLE_H
#define ROUTE_NAT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum { NAT_TCP, NAT_UDP, NAT_ICMP, NAT_PROTOS };

/* what a mapping has to know of a packet */
struct nat_pass {
	uint64_t now;
	bool inward;
	uint8_t flags; /* of TCP, and so is the rest */
	bool data;
	uint32_t seq, ack;
	uint8_t peer[4];
	uint16_t port; /* of the peer */
};

struct binding {
	uint8_t proto; /* NAT_TCP and so on */
	/* of TCP: see nat_touch(); by direction, inward is 1 */
	bool closing;
	bool many;	  /* it has several peers */
	bool known[2];	  /* the next number that is expected this way, */
	uint32_t next[2]; /* which the other end has acknowledged */
	uint8_t peer[4];
	uint16_t port;
	uint16_t inner, outer; /* ports */
	uint8_t addr[4];       /* inside */
	uint64_t until;	       /* it lasts without a packet */
	uint32_t chain;	       /* of its bucket; index + 1 */
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

/*
 * nat_touch - a packet has passed: how long the mapping lasts now. Of TCP only
 * the host and the peer to which it has spoken count, and of their FINs and
 * resets those with a number that the other end expects (RFC 7857 2.2, RFC 5961
 * 3): a stranger's ends nothing. Data that goes on takes it back. With several
 * peers no FIN says that the host is done with all.
 */
void nat_touch(struct binding *, const struct nat_pass *);

#endif
