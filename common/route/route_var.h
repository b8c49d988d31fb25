/*
 * route_var.h - between the files of the router.
 *
 * A packet comes in (input.c): it is for the router itself (local.c), or it is
 * forwarded (forward.c): NAT finds the host that is meant (nat.c), the table
 * the route (fib.c). A packet that cannot be forwarded is reported to its
 * sender (error.c); the rest goes to the next hop, whose MAC is known or
 * resolved (hop.c).
 */
#ifndef ROUTE_ROUTE_VAR_H
#define ROUTE_ROUTE_VAR_H

#include "base/chance.h"
#include "route/route.h"
#include "route/transit.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/limit.h"

enum { LONGEST = 65535 + ETHER_MAXHLEN };

/* the next hop of a packet */
struct way {
	unsigned out;
	struct ip_addr hop;
};

/* ---- fib.c */

struct hop {
	unsigned out;
	struct ip_addr via; /* unspecified: the destination itself */
};

struct fib_entry {
	struct ip_addr net;
	unsigned len, nhops;
	struct hop hop[ROUTE_HOPS];
};

struct fib {
	struct fib_entry entry[ROUTE_ROUTES + ROUTE_IFS * ROUTE_ADDRS];
	unsigned n; /* the longest first */
};

/* ---- nat.c */

struct nat;
struct binding;

/* what NAT will do to a packet */
struct nat_plan {
	struct binding *binding; /* NULL: nothing */
	struct binding *from; /* also inward: the sender's, as it is inside */
	bool inward;	      /* to the host inside, else from it */
	bool error;	      /* it is an ICMP error about one of its */
	struct ip_addr dst;   /* where it goes then */
};

struct neighbours;
struct ipfrag;

struct router {
	struct route_config cf;
	struct route_stats stats;
	struct chance chance;
	uint64_t key[2];
	struct fib fib;
	struct neighbours *near;
	struct nat *nat;
	struct ipfrag *frag;
	struct limit errors;
	uint16_t id; /* of IPv4 packets that the router itself sends */
	/* with room before for an Ethernet header */
	uint8_t piece[ETHER_MAXHLEN + LONGEST]; /* of a fragmented packet */
	uint8_t whole[ETHER_MAXHLEN + LONGEST]; /* put together */
	uint8_t cut[ETHER_MAXHLEN + LONGEST];	/* of a super-frame */
	uint8_t reply[ETHER_MAXHLEN + 2048];	/* an ICMP error */
};

void route_drop(struct router *, enum route_drop);

/* fib_build - from the config; fib_find - false: there is no route */
void fib_build(struct router *);
bool fib_find(const struct router *, const struct transit *,
    const struct ip_addr *dst, struct way *out);
/* fib_behind - is this the interface to the host, or one of several? */
bool fib_behind(const struct router *, const struct ip_addr *, unsigned in);
/* fib_near - the interface on whose network an address is, or -1 */
int fib_near(const struct route_config *, const struct ip_addr *);

/* if_address - its address for this one's network, or any of the family */
const struct ip_addr *if_address(
    const struct route_if *, const struct ip_addr *near);
/* is_own - of any interface */
bool is_own(const struct router *, const struct ip_addr *);
/* is_broadcast - of a network of any interface, or of all */
bool is_broadcast(const struct router *, const struct ip_addr *);

/* ---- hop.c */

struct neighbours *neighbours_new(uint32_t max);
void neighbours_free(struct neighbours *);
/* hop_send - to the next hop, as soon as its MAC is known */
void hop_send(struct router *, const struct transit *, const struct way *);
/* hop_input - ARP or Neighbor Discovery; false: it is neither */
bool hop_input(struct router *, uint64_t now, unsigned in, const uint8_t *frame,
    size_t len);
uint64_t hop_deadline(const struct router *);
void hop_timer(struct router *, uint64_t now);

/* ---- forward.c */

/* route_packet - it has come, or been made; it may be changed */
void route_packet(struct router *, struct transit *);

/* ---- local.c */

/* local_input - a packet to an address of the router */
void local_input(struct router *, struct transit *);

/* whole_packet - put together; false: others are missing */
bool whole_packet(struct router *, struct transit *);

/* ---- error.c */

/*
 * error_send - to the sender of a packet, where that is right; word is the
 * second half of the ICMP header
 */
void error_send(struct router *, const struct transit *, uint8_t type,
    uint8_t code, uint32_t word);

/* ---- nat.c */

struct nat *nat_new(uint32_t max);
void nat_free(struct nat *);
/* nat_wants_whole - it needs the ports, and this fragment may have none */
bool nat_wants_whole(const struct router *, const struct transit *);
/* nat_inward - is it for a host inside? False: it is to be dropped */
bool nat_inward(struct router *, const struct transit *, struct nat_plan *);
/* nat_outward - it goes out by this interface; false: it is to be dropped */
bool nat_outward(
    struct router *, const struct transit *, unsigned out, struct nat_plan *);
/* nat_apply - to the packet */
void nat_apply(struct router *, struct transit *, const struct nat_plan *);

#endif
