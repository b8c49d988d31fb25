/*
 * stats.h - the statistics of a ping, and the lines that show them.
 */
#ifndef ICMP_PING_STATS_H
#define ICMP_PING_STATS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct stats {
	uint64_t sent, received, duplicates, corrupted, errors;
	uint64_t first, last;	/* times: of the first request, the latest
				   packet; ns */
	uint64_t min, max, sum; /* round trips of what was timed, ns */
	double squares;
	uint64_t timed;
};

enum { STATS_TIME = 32 };

/* stats_trip - one round trip, ns */
void stats_trip(struct stats *, uint64_t ns);

/* stats_time - a round trip in ms as ping has it, into STATS_TIME bytes */
const char *stats_time(uint64_t ns, char *buf);

/* stats_print - the last lines */
void stats_print(const struct stats *, FILE *, const char *name);

/* stats_line - on the way, in one line, into buf */
void stats_line(const struct stats *, char *buf, size_t cap);

#endif
