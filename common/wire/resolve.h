/*
 * resolve.h - when to ask for a MAC address, by ARP or Neighbor Solicitation:
 * once a second, a few times (RFC 1122 2.3.2.1; RFC 4861 10, RETRANS_TIMER).
 * neigh.h has the frames. Which answers to believe is the caller's choice.
 */
#ifndef WIRE_RESOLVE_H
#define WIRE_RESOLVE_H

#include <stdint.h>

/* begins as {0}: ask at once */
struct resolve {
	unsigned asked;
	uint64_t at; /* the next step, if no answer comes before */
};

enum resolve_step {
	RESOLVE_WAIT,	/* for an answer, until at */
	RESOLVE_ASK,	/* send a request now */
	RESOLVE_SILENT, /* the last one was not answered either */
};

/* resolve_step - what to do now; most: requests in all */
enum resolve_step resolve_step(struct resolve *, unsigned most, uint64_t now);

#endif
