/*
 * link.h - what the kernel knows about an interface (rtnetlink(7)).
 */
#ifndef PHANTOM_LINK_H
#define PHANTOM_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ether.h"

enum { LINK_KIND = 16 };

struct link {
	uint32_t mtu;
	struct mac mac;
	char kind[LINK_KIND]; /* "macvlan", "bridge", ...; empty: a card */
	bool passthru;	      /* a macvlan that takes every frame */
	bool wireless;
	bool waiting; /* it, or one of its ports, is a bridge port that does
			 not forward yet (IEEE 802.1D: listening, learning) */
};

/* link_read - 0, or -1 and errno; ENODEV: there is no such interface */
int link_read(const char *ifname, struct link *out);

#endif
