/*
 * ahead.h - how much one clock is ahead of another one, as packets show that
 * were captured at two places; only for clocks.c and places.c.
 */
#ifndef CAPTURE_AHEAD_H
#define CAPTURE_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/seglist.h"

enum {
	HOSTS = 64, /* pairs of hosts that are looked at */
	FEW = 3,    /* packets that show nothing alone */
};

#define WAY_NS 1000000000 /* hardly a packet is so long on its way */

/* what went between two hosts, each way; how much later in the second one */
struct pair {
	struct ip_addr low, high;
	uint32_t n[2];
	int64_t min[2], max[2];
};

/* packet_hash - what equal packets have in common */
uint32_t packet_hash(const struct tcpseg *);
/* is_packet - both are one packet, but for the time */
bool is_packet(const struct tcpseg *, const struct tcpseg *);

/* pair_of - the hosts of s; NULL: too many pairs. *way: from the higher one */
struct pair *pair_of(struct pair pair[HOSTS], const struct tcpseg *, int *way);
/* pair_add - a packet that both have */
void pair_add(struct pair pair[HOSTS], const struct tcpseg *first,
    const struct tcpseg *second);
/* pair_most - the hosts that have the most */
const struct pair *pair_most(const struct pair pair[HOSTS]);
/* pair_ahead - the ns that the second clock is ahead, as these two hosts show;
   0: nothing shows that it is */
int64_t pair_ahead(const struct pair *);

#endif
