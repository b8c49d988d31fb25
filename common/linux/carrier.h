/*
 * carrier.h - does a cable, or what stands for one, join an interface to its
 * network? The kernel tells each change (rtnetlink(7)). Linux only.
 */
#ifndef LINUX_CARRIER_H
#define LINUX_CARRIER_H

#include <stdbool.h>

struct carrier {
	int fd; /* readable when there is news; -1: none will come */
	unsigned ifindex;
	bool off; /* by the last news */
};

/* carrier_open - before the sandbox, where reading is all that it needs. A
   kernel without rtnetlink brings no news. */
void carrier_open(struct carrier *, const char *ifname);

/*
 * carrier_back - after news: true when the interface was without a network, or
 * may have been, and is on one again, be it the same one or not
 */
bool carrier_back(struct carrier *);

#endif
