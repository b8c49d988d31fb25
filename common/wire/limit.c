/*
 * limit.c - a bucket for each source, and one for all; see limit.h.
 */
#include "base/bucket.h"
#include "base/clock.h"
#include "wire/ip.h"

#include "wire/limit.h"

enum {
	ALL = 10,	  /* times the rate of one source: that of all */
	LEAST_BURST = 10, /* RFC 4443 2.4 (f): traceroute comes in bursts */
};

bool
limit_take(struct limit *l, uint64_t now, const struct ip_addr *source,
    const uint64_t key[2])
{
	uint64_t h = ip_source(source, key), rate = l->rate, all = rate * ALL;

	return rate > 0 &&
	       bucket_take(&l->source[h % LIMIT_SOURCES], now,
		   NS_PER_SEC / rate,
		   rate > LEAST_BURST ? rate : LEAST_BURST) &&
	       bucket_take(&l->all, now, NS_PER_SEC / all, all);
}
