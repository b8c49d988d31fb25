/*
 * share.h - the connections that are open, by the host that they come from:
 * no host but this one gets all of them, and where several have, the
 * one with most makes room for another.
 */
#ifndef TCP_RELAY_SHARE_H
#define TCP_RELAY_SHARE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

enum { SHARE_MOST = 1000 };

struct shares {
	unsigned n;
	struct {
		pid_t pid;
		uint64_t source;
	} of[SHARE_MOST];
};

/* share_source - an IPv4 address, or an IPv6 /64; 0: this host's loopback */
uint64_t share_source(const struct sockaddr_storage *);

/* share_room - for one more of this source */
bool share_room(const struct shares *, uint64_t source);

/* share_richest - there is none: the first of the source that has most, if this
   one has less; 0: that is so as well */
pid_t share_richest(const struct shares *, uint64_t source);

/* share_add, share_end - a connection, by its process; there is room */
void share_add(struct shares *, pid_t, uint64_t source);
void share_end(struct shares *, pid_t);

#endif
