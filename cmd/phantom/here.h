/*
 * here.h - a phantom for this very machine: a veth pair, one end with an
 * address and routes to the phantoms, the other for their pipeline.
 */
#ifndef PHANTOM_HERE_H
#define PHANTOM_HERE_H

#include <net/if.h>
#include <sys/types.h>

struct options;

struct here {
	char name[IF_NAMESIZE]; /* this side */
	char peer[IF_NAMESIZE]; /* the phantom's */
	pid_t pid; /* the process that removes it; 0: there is none */
	int alive; /* and does so when this is closed */
};

/* here_start - make it, by ip(8); a failure gives a message and ends the
   program. It is removed when we end, for whatever reason */
void here_start(struct here *, const struct options *);

/* here_end - wait until it is removed */
void here_end(struct here *);

#endif
