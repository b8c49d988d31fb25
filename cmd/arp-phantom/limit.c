/*
 * limit.c - against storms: of answers for each source and in total, of own
 * questions, of log lines that strangers cause.
 */
#include "base/bucket.h"
#include "base/chance.h"
#include "base/clock.h"

#include "limit.h"

bool
limits_answer(struct limits *l, uint64_t now, const uint8_t mac[6])
{
	uint64_t *source =
	    &l->source[hash_keyed(l->key, mac, 6) % LIMIT_SOURCES];

	return bucket_take(source, now, NS_PER_SEC / LIMIT_SOURCE_RATE,
		   LIMIT_SOURCE_BURST) &&
	       bucket_take(&l->total, now, NS_PER_SEC / LIMIT_TOTAL_RATE,
		   LIMIT_TOTAL_BURST);
}

bool
limits_probe(struct limits *l, uint64_t now)
{
	return bucket_take(
	    &l->probe, now, NS_PER_SEC / LIMIT_PROBE_RATE, LIMIT_PROBE_BURST);
}

bool
limits_event(struct limits *l, uint64_t now)
{
	return bucket_take(
	    &l->event, now, NS_PER_SEC / LIMIT_EVENT_RATE, LIMIT_EVENT_BURST);
}
