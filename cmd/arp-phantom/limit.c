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

/* in_both - a token of the source's half, and one of all */
static bool
in_both(uint64_t *source, uint64_t *all, uint64_t now, uint64_t rate,
    uint64_t burst)
{
	return bucket_take(source, now, NS_PER_SEC / (rate / 2), burst / 2) &&
	       bucket_take(all, now, NS_PER_SEC / rate, burst);
}

bool
limits_probe(struct limits *l, uint64_t now, const uint8_t mac[6])
{
	return in_both(&l->asker[hash_keyed(l->key, mac, 6) % LIMIT_SOURCES],
	    &l->probe, now, LIMIT_PROBE_RATE, LIMIT_PROBE_BURST);
}

bool
limits_event(struct limits *l, uint64_t now, const uint8_t *mac)
{
	static const uint8_t own[6];
	uint64_t h = hash_keyed(l->key, mac != NULL ? mac : own, 6);

	return in_both(&l->teller[h % LIMIT_SOURCES], &l->event, now,
	    LIMIT_EVENT_RATE, LIMIT_EVENT_BURST);
}
