/*
 * probe.h - what scanners leave in the event log: one line for each source,
 * kind of packet and ten seconds, with counts, instead of one for each packet.
 *
 * The table has a fixed size, so no flood makes more than PROBE_ENTRIES + 1
 * lines in that time. Where it is full the smallest entry gives way, so that
 * one scanner among many forged sources is still seen; what has no entry is
 * counted in one line. No system call, no clock. See tcpfsm-events(5).
 */
#ifndef LOG_PROBE_H
#define LOG_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/addr.h"

struct event_log;
struct probe_entry;

enum { PROBE_ENTRIES = 64 };

struct probes {
	struct event_log *log;
	struct probe_entry *entry;
	uint64_t next; /* when the first of them is due */
	/* what found no place since the last line about it */
	uint64_t over, over_first, over_last, over_due;
};

/* a packet that asked for something that is not there */
struct probe_seen {
	const char *kind; /* a word for the log, which stays there */
	const struct ip_addr *local, *remote;
	uint16_t port; /* the local one, if there are ports */
	bool has_port;
	uint64_t stamp; /* of the packet */
};

/* probes_init - 0, or -1 without memory. The log's key places the sources */
int probes_init(struct probes *, struct event_log *);
void probes_free(struct probes *);

void probes_note(struct probes *, uint64_t now, const struct probe_seen *);

/* probes_deadline - when to call probes_due(); UINT64_MAX: nothing waits */
uint64_t probes_deadline(const struct probes *);
/* probes_due - log what has waited ten seconds; all: whatever waits */
void probes_due(struct probes *, uint64_t now, bool all);

#endif
