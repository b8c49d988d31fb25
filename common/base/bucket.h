/*
 * bucket.h - a token bucket in one number, the time at which it will be full
 * again (the "generic cell rate" form).
 */
#ifndef BASE_BUCKET_H
#define BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/*
 * bucket_take - one token, when there is one. *full starts at 0; every is the
 * time in ns in which one token comes, burst how many the bucket holds.
 */
bool bucket_take(uint64_t *full, uint64_t now, uint64_t every, uint64_t burst);

/* bucket_give - a token is given back; never more than the bucket holds */
static inline void
bucket_give(uint64_t *full, uint64_t every)
{
	*full = *full > every ? *full - every : 0;
}

#endif
