/*
 * carrier.h - does a cable, or what stands for one, join an interface to its
 * network? The kernel tells each change (rtnetlink(7)). And was the machine
 * suspended, so that nobody saw the network meanwhile? Linux only.
 */
#ifndef LINUX_CARRIER_H
#define LINUX_CARRIER_H

#include <stdbool.h>
#include <stdint.h>

struct carrier {
	int fd; /* readable when there is news; -1: none will come */
	unsigned ifindex;
	bool off;	 /* by the last news */
	uint64_t asleep; /* the machine was until the last look, ns */
};

/* carrier_open - before the sandbox, where reading is all that it needs. A
   kernel without rtnetlink brings no news. */
void carrier_open(struct carrier *, const char *ifname);

/*
 * carrier_back - after news: true when the interface was without a network, or
 * may have been, and is on one again, be it the same one or not
 */
bool carrier_back(struct carrier *);

/* carrier_slept - since the last look, for longer than three seconds */
bool carrier_slept(struct carrier *);

#endif
