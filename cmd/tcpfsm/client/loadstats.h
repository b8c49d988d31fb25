/*
 * loadstats.h - how a client's connections went, all together.
 */
#ifndef TCPFSM_CLIENT_LOADSTATS_H
#define TCPFSM_CLIENT_LOADSTATS_H

#include <stdint.h>

#include "client/session.h"

struct tally {
	uint32_t begun, ended;
	uint32_t results[RESULTS];
	uint64_t sent, received;    /* bytes */
	uint64_t started, last_end; /* ns */
};

/* tally_tell - in one line; now is when it ends, if it is cut off */
void tally_tell(const struct tally *, uint64_t end);

#endif
