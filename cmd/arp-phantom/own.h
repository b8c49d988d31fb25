/*
 * own.h - addresses of this host and its routers, which are never answered for.
 */
#ifndef ARP_PHANTOM_OWN_H
#define ARP_PHANTOM_OWN_H

#include <stdbool.h>
#include <stddef.h>

struct options;

struct own {
	int look; /* the socket to look again by; -1: as they were found */
	unsigned ifindex;
	size_t excluded; /* by -x: the first ones of the exceptions */
};

/* own_find - add them to the exceptions; again: and be ready for own_again(),
   in the sandbox. 0, or -1 and errno */
int own_find(struct own *, struct options *, bool again);

/* own_again - the same as they are now, in place of those before */
int own_again(const struct own *, struct options *);

#endif
