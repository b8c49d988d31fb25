/*
 * limit.h - how much is too much.
 */
#ifndef ARP_PHANTOM_LIMIT_H
#define ARP_PHANTOM_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * One scanner in a hurry is below the first, a storm is above. Sources are
 * MACs; two that fall into one bucket share it.
 */
enum {
	LIMIT_SOURCES = 1024,
	LIMIT_SOURCE_RATE = 4000, /* answers/s: as many as the gate lets in */
	LIMIT_SOURCE_BURST = 4000,
	LIMIT_TOTAL_RATE = 50000,
	LIMIT_TOTAL_BURST = 50000,
	LIMIT_PROBE_RATE = 200,
	LIMIT_PROBE_BURST = 512, /* own questions */
	LIMIT_EVENT_RATE = 50,
	LIMIT_EVENT_BURST = 200, /* log lines */
};

struct limits {
	uint64_t key[2]; /* of the hash over sources: from chance */
	uint64_t source[LIMIT_SOURCES], total;
	uint64_t asker[LIMIT_SOURCES], probe;  /* one has half of it at most, */
	uint64_t teller[LIMIT_SOURCES], event; /* here as well */
};

bool limits_answer(struct limits *, uint64_t now, const uint8_t mac[6]);
/* limits_probe - mac: the host that makes us ask */
bool limits_probe(struct limits *, uint64_t now, const uint8_t mac[6]);
/* limits_event - mac: the host that the line is about; NULL: none */
bool limits_event(struct limits *, uint64_t now, const uint8_t *mac);

#endif
