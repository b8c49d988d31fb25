/*
 * run.h - between run.c and link.c: the cases that run, each in a slot.
 */
#ifndef DRILL_RUN_H
#define DRILL_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ether.h"

#include "drill.h"

enum {
	JOBS_MAX = 64,
	RUN_NONE = -1,
	RUN_BLOCKS = 2600, /* of PLAY_PORTS, up to 61600 */
	RUN_OLD = 64,	   /* connections that a late SYN may be of */
};

struct slot {
	struct play play;
	int running; /* which of the chosen, or RUN_NONE */
	unsigned address;
	uint16_t listen; /* the device connects to it; 0: we connect */
};

struct run {
	struct drill *d;
	struct play_host host;
	struct mac hop;
	struct slot *slot;
	unsigned nslots;
	unsigned next_block;
	/* the cases that have these ports; NULL: of a case that is over */
	struct slot *owner[RUN_BLOCKS];
	bool told_mac; /* the device has another MAC, too */
	bool has_other;
	struct ip_addr other; /* it sends segments to us, too */
	unsigned lost;	      /* SYNs whose repetition was answered */
	unsigned signs;	      /* cases that passed behind a spoiled run */
	bool failed;	      /* a case, so often that it is a result */
	uint64_t forgot[RUN_BLOCKS]; /* when one was reset last */
	/* connections of the device that were */
	struct {
		uint16_t port;
		uint32_t isn;
	} old[RUN_OLD];
	unsigned nold;
};

/* link_start - what cases are played with */
void link_start(struct run *);
/* link_ends - the ends of a slot: before play_start() */
void link_ends(struct run *, struct slot *, unsigned port);
/* link_close - the case of the slot is over */
void link_close(struct run *, struct slot *);
/* link_dispatch - a packet, to the case that it is for */
void link_dispatch(struct run *, const struct query_packet *);
/* joined_look - is what comes joined? (joined.c) */
void joined_look(struct run *, const struct query_packet *);
/* link_ask - is the device there? It prints why not. */
bool link_ask(struct run *);

#endif
