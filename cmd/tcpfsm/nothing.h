/*
 * nothing.h - a capture was read, and no connection came of it: why.
 */
#ifndef TCPFSM_NOTHING_H
#define TCPFSM_NOTHING_H

#include <stdint.h>

struct tcp_event;
struct tcp_stats;

/* packets that were not taken for a reason that an option changes */
struct nothing {
	uint64_t cksum; /* wrong, of TCP or IPv4 */
};

/* nothing_event - look at the engine's events */
void nothing_event(struct nothing *, const struct tcp_event *);

/*
 * nothing_say - why there was no connection, unless there was one; cut: packets
 * that were captured short
 */
void nothing_say(
    const struct nothing *, const struct tcp_stats *, uint64_t cut);

#endif
