/*
 * loadstats.c - see loadstats.h.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/die.h"
#include "client/loadstats.h"
#include "client/session.h"
#include "sink.h"

void
tally_tell(const struct tally *y, uint64_t end)
{
	uint64_t ns = end - y->started;
	uint64_t each = ns > 0 ? y->ended * NS_PER_SEC / ns : 0;
	char text[160];
	size_t n = 0;
	int i;

	for (i = DONE; i < RESULTS && n < sizeof(text); i++) {
		if (i == DONE || y->results[i] > 0)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%u %s", i == DONE ? "" : ", ", y->results[i],
			    talk_result_name((enum result)i));
	}
	say("%u connections: %s; %llu bytes sent, %llu received, in "
	    "%llu.%03llu s, %llu a second",
	    y->begun, text, (unsigned long long)y->sent,
	    (unsigned long long)y->received,
	    (unsigned long long)(ns / NS_PER_SEC),
	    (unsigned long long)(ns % NS_PER_SEC / NS_PER_MS),
	    (unsigned long long)each);
}
