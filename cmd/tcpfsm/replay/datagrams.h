/*
 * datagrams.h - the UDP of a capture, played to any client: a request is
 * answered as the same one was.
 */
#ifndef TCPFSM_REPLAY_DATAGRAMS_H
#define TCPFSM_REPLAY_DATAGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app.h"

struct event_log;
struct ip_addr;
struct mac;
struct turns;

struct datagrams;

struct datagrams_config {
	struct turns *turns;	    /* ended; freed with it */
	const struct ip_addr *addr; /* -a, or NULL */
	const struct mac *mac;	    /* -m, or NULL */
	bool pauses;		    /* as recorded */
	struct event_log *log;	    /* of each request; NULL: none */
	uint64_t seed;
	app_emit *emit;
	void *run;
};

struct datagrams_totals {
	uint64_t
	    requests;  /* to a port that the capture has, of which this many */
	uint64_t same; /* are as recorded, */
	uint64_t refused; /* were more than one source may have */
	uint64_t sent;	  /* answers */
};

/* datagrams_new - NULL without memory: the turns stay the caller's */
struct datagrams *datagrams_new(const struct datagrams_config *);

/* datagrams_frame - true: it was a request to a port of the capture */
bool datagrams_frame(
    struct datagrams *, const uint8_t *frame, size_t len, uint64_t now);

/* datagrams_step - answers whose pause is over; datagrams_due - the next */
void datagrams_step(struct datagrams *, uint64_t now);
uint64_t datagrams_due(const struct datagrams *);

const struct datagrams_totals *datagrams_totals(const struct datagrams *);
const struct turns *datagrams_turns(const struct datagrams *);

#endif
