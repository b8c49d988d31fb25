/*
 * nothing.h - a capture was read, and no connection came of it: why.
 */
#ifndef TCPFSM_NOTHING_H
#define TCPFSM_NOTHING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/leftout.h"
#include "wire/ip.h"

struct tcp_config;
struct tcp_event;
struct tcp_stats;

/* packets that no connection came of */
struct nothing {
	/* given */
	const struct tcp_config *cfg;
	const uint64_t *ports; /* that are open (see opt.h); NULL: all */

	/* not at a phantom: */
	uint64_t own;	  /* it sends them */
	uint64_t addr;	  /* to another address than the one given, */
	uint64_t mac;	  /* at another MAC */
	uint64_t group;	  /* at a group's MAC */
	uint64_t wrapped; /* in MPLS, PPPoE and the like */
	struct leftout left;
	/* at one: */
	uint64_t cksum;	   /* wrong, of TCP or IPv4 */
	uint64_t fragment; /* of packets that are not whole */
	uint64_t closed;   /* to ports that are not open */
	uint64_t middle;   /* of a connection that was there before */
	uint64_t ack;	   /* acknowledges what was not sent */
	uint64_t half;	   /* SYNs, and no ACK came */
	uint64_t other;	   /* dropped, first for the reason why */
	const char *why;

	struct ip_addr to;    /* where the first of addr and mac goes */
	uint16_t closed_port; /* the first */
	uint64_t served;      /* frames that the application took */
};

/* nothing_frame - a whole frame, before the engine has it */
void nothing_frame(struct nothing *, const uint8_t *frame, size_t);

/* nothing_event - look at the engine's events */
void nothing_event(struct nothing *, const struct tcp_event *);

/*
 * nothing_say - why there was no connection, unless there was one, or the
 * application has served all the same; cut: packets that were captured short
 */
void nothing_say(
    const struct nothing *, const struct tcp_stats *, uint64_t cut);

#endif
