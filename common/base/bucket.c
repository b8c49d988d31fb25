/*
 * bucket.c - a token bucket, see bucket.h.
 */
#include "base/bucket.h"

bool
bucket_take(uint64_t *full, uint64_t now, uint64_t every, uint64_t burst)
{
	uint64_t t = *full > now ? *full : now;

	if (t - now > every * (burst - 1))
		return false;
	*full = t + every;
	return true;
}
