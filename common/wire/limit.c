/*
 * limit.c - a bucket for each source, one for all, and one for those that are
 * new; see limit.h.
 */
#include "base/bucket.h"
#include "base/clock.h"
#include "wire/ip.h"

#include "wire/limit.h"

/* 2^64 by the golden ratio: its multiples are far apart */
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

enum {
	ALL = 10,	  /* times the rate of one source: that of all, */
	NEW = ALL / 5,	  /* and of all that were not seen lately */
	LEAST_BURST = 10, /* RFC 4443 2.4 (f): traceroute comes in bursts */
};

void
limit_init(struct limit *l, uint64_t rate)
{
	l->rate = rate;
	/* what is recalled is a keyed hash already */
	l->seen.key[1] = GOLDEN;
}

/* take - a token of a bucket that gets this many a second, and has as many */
static bool
take(uint64_t *full, uint64_t now, uint64_t rate)
{
	return bucket_take(full, now, NS_PER_SEC / rate, rate);
}

bool
limit_take(struct limit *l, uint64_t now, const struct ip_addr *source,
    const uint64_t key[2])
{
	uint64_t h = ip_source(source, key);

	l->again = recall(&l->seen, now, h);
	return l->rate > 0 &&
	       bucket_take(&l->source[h % LIMIT_SOURCES], now,
		   NS_PER_SEC / l->rate,
		   l->rate > LEAST_BURST ? l->rate : LEAST_BURST) &&
	       (l->again || take(&l->fresh, now, l->rate * NEW)) &&
	       take(&l->all, now, l->rate * ALL);
}
