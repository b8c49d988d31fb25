/*
 * share.h - what one source has, and may have, of what is there for all; see
 * share.c. tcp_var.h includes it.
 */
#ifndef TCP_SHARE_H
#define TCP_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip_addr;
struct seg;
struct tcb;
struct tcp;

enum {
	TCP_SOURCES = 4096,	 /* that are distinguished */
	TCP_RESETS = 20000,	 /* a second, see share.c; */
	TCP_REFUSALS = 200000,	 /* the same, of SYNs; */
	TCP_RESETS_FLOOD = 2000, /* while more are asked for, */
	TCP_RESETS_AT_ONCE = 20, /* and this many of these in no time */
};

/* what one source has */
struct tcp_share {
	uint32_t conns, half_open, time_waits;
	size_t reass;	   /* bytes, */
	struct tcb *holds; /* in these connections */
	uint64_t resets;   /* a bucket of what needs no connection */
};

uint32_t tcp_source(const struct tcp *, const struct ip_addr *from);
/* tcp_part - the most that one source gets of n */
size_t tcp_part(size_t n);
/* tcp_may_reset - one more segment that answers what has no connection */
bool tcp_may_reset(struct tcp *, uint64_t now, const struct seg *);
/* tcp_has - the connections of this source */
uint32_t tcp_has(const struct tcp *, const struct ip_addr *from);

#endif
