/*
 * route.h - an IPv4 and IPv6 router on one link, its interfaces the VLANs
 * there (RFC 1812, RFC 8200, RFC 4443).
 *
 * Pure: frames and the time come in as arguments, frames go out by a callback,
 * random numbers come from a seed, memory is bounded by what is given at the
 * start.
 */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

enum {
	ROUTE_IFS = 64,	 /* interfaces */
	ROUTE_ADDRS = 8, /* addresses of one */
	ROUTE_ROUTES = 256,
	ROUTE_HOPS = 8,	    /* next hops of one route */
	ROUTE_HEADROOM = 4, /* bytes before a frame that may be written over */
	ROUTE_LEAST_MTU = 576,
	ROUTE_LEAST_MTU6 = 1280,
};

/* why a packet goes nowhere; route_drop_name() is the word */
enum route_drop {
	ROUTE_DROP_VLAN,   /* of no interface, */
	ROUTE_DROP_MAC,	   /* or for another host */
	ROUTE_DROP_HEADER, /* damaged, or too short */
	ROUTE_DROP_CKSUM,
	ROUTE_DROP_MARTIAN, /* an address that no host has */
	ROUTE_DROP_GROUP,   /* multicast and broadcast are not forwarded */
	ROUTE_DROP_TTL,	    /* too many hops */
	ROUTE_DROP_NO_ROUTE,
	ROUTE_DROP_TOO_BIG,  /* may not be fragmented */
	ROUTE_DROP_NO_HOST,  /* no host answers at that address, */
	ROUTE_DROP_WAITING,  /* or too many wait for an answer */
	ROUTE_DROP_NAT,	     /* no mapping, or none can be made */
	ROUTE_DROP_FRAGMENT, /* to be put together, and cannot be */
	ROUTE_DROP_LOCAL,    /* to the router, which has no use for it */
	ROUTE_DROPS,
};

struct route_if {
	uint16_t vid; /* 0: frames without a tag */
	uint32_t mtu;
	struct mac mac;
	struct ip_addr addr[ROUTE_ADDRS];
	unsigned len[ROUTE_ADDRS]; /* of the network, of 128 bits */
	unsigned naddr;
};

struct route_static {
	struct ip_addr net;
	unsigned len; /* of 128 bits */
	struct ip_addr via[ROUTE_HOPS];
	unsigned nvia;
};

struct route_config {
	struct route_if iface[ROUTE_IFS];
	unsigned ifaces;
	struct route_static route[ROUTE_ROUTES];
	unsigned routes;
	int nat;	     /* the interface outside, or -1 */
	uint32_t nat_max;    /* most mappings */
	uint32_t neighbours; /* most of them known */
	uint64_t error_rate; /* ICMP errors a second to one source */
	size_t frag_bytes;   /* for fragments that wait for others */
	uint8_t ttl;	     /* of what the router itself sends */
	uint64_t seed;
	void *ctx;
	void (*send)(void *ctx, uint64_t now, const uint8_t *frame, size_t len);
};

struct route_stats {
	uint64_t frames, forwarded, fragmented, answered, errors, translated;
	uint64_t limited; /* errors that were too many */
	uint64_t dropped[ROUTE_DROPS];
};

struct router;

/*
 * route_check - what is wrong with a config, as words that follow the value
 * (at: its text), or NULL
 */
const char *route_check(const struct route_config *, struct ip_addr *at);

/* router_new - the config is copied; NULL without memory */
struct router *router_new(const struct route_config *);
void router_free(struct router *);

/*
 * router_input - a frame has come. It is changed, and so are the
 * ROUTE_HEADROOM bytes before it.
 */
void router_input(struct router *, uint64_t now, uint8_t *frame, size_t len);

/* router_deadline - when router_timer() is to be called; UINT64_MAX: never */
uint64_t router_deadline(const struct router *);
void router_timer(struct router *, uint64_t now);

const struct route_stats *router_stats(const struct router *);
const char *route_drop_name(enum route_drop);

#endif
