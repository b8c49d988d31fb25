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

/*
 * level - what one source may have now. While half of what is there for all is
 * left, the rate; then less with what is left, so that many sources that want
 * much come to equal parts, and one that wants less than that has it.
 */
static uint64_t
level(const struct limit *l, uint64_t now)
{
	const uint64_t half = NS_PER_SEC / 2;
	uint64_t debt = l->all > now ? l->all - now : 0;
	uint64_t left = debt < NS_PER_SEC ? NS_PER_SEC - debt : 0;
	uint64_t most;

	if (left >= half)
		return l->rate;
	most = (l->rate * (left / NS_PER_MS)) / (half / NS_PER_MS);
	return most > 0 ? most : 1;
}

/* take_own - of the source's bucket; a burst, but not in a flood */
static bool
take_own(struct limit *l, uint64_t now, uint64_t *source)
{
	uint64_t n = level(l, now), burst = n > 2 ? n : 2;

	if (n == l->rate && n < LEAST_BURST)
		burst = LEAST_BURST;
	return bucket_take(source, now, NS_PER_SEC / n, burst);
}

bool
limit_take(struct limit *l, uint64_t now, const struct ip_addr *source,
    const uint64_t key[2])
{
	uint64_t h = ip_source(source, key);

	l->again = recall(&l->seen, now, h);
	return l->rate > 0 && take_own(l, now, &l->source[h % LIMIT_SOURCES]) &&
	       (l->again || take(&l->fresh, now, l->rate * NEW)) &&
	       take(&l->all, now, l->rate * ALL);
}
