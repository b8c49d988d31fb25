/*
 * path_var.h - between path.c and hops.c: a packet on its way, and what all of
 * them share.
 */
#ifndef NET_PHANTOM_PATH_VAR_H
#define NET_PHANTOM_PATH_VAR_H

#include "impair/impair.h"
#include "route/transit.h"
#include "wire/ether.h"
#include "wire/ident.h"
#include "wire/limit.h"

#include "path.h"

enum {
	QUEUE = 20000, /* packets that wait, */
	QUEUE_BYTES = 64 << 20,
	SOURCES = 256, /* of which each has its share, see hops.c */
	LONGEST = ETHER_MAXHLEN + 65535,
};

/* where a packet is: routers are numbered from the link on, and the link
   behind a router has its number */
enum place { AT_LINK, AT_ROUTER };

struct step {
	enum path_side to;
	enum place place;
	uint32_t net; /* that the host is in */
	unsigned at;
	uint8_t source; /* of the host outside: a hash, below SOURCES */
};

/* a packet and its frame */
struct unit {
	struct step step;
	uint8_t *frame;
	size_t len, l2; /* of the frame, of its Ethernet header */
	struct transit t;
};

/* the words of a net in both directions; NULL: nothing happens there */
struct wire {
	struct impair_config cf;
	struct impair *im;
};

struct path {
	struct path_config cf;
	struct path_stats stats;
	const struct hosts_net *net;
	size_t nets;
	struct mac *mac; /* of the router, where it is on the link */
	struct wire (*wire)[2];
	struct queue queue;
	struct {
		uint32_t packets, bytes;
	} waits[SOURCES];
	uint64_t looked; /* for one that has most, see hops.c */
	struct limit errors;
	uint64_t key[2];
	struct ident ident;
	uint8_t cut[LONGEST];	/* of a super-frame */
	uint8_t piece[LONGEST]; /* of a fragmented packet */
	uint8_t reply[LONGEST]; /* an error */
};

/* hops_net - the at-th net on the way of this step */
const struct hosts_net *hops_net(
    const struct path *, const struct step *, unsigned at);

/* hops_no_net - a packet for no net, in the hands of the first router of one */
void hops_no_net(struct path *, struct unit *, uint32_t net);
/* hops_go - on, as far as the packet comes without waiting */
void hops_go(struct path *, uint64_t now, struct unit *);
/* hops_step - where a packet that waited, and does not any more, goes on */
struct step hops_step(struct path *, const struct waiting *);

#endif
