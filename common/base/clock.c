/*
 * clock.c - live time, see clock.h.
 */
#include <time.h>

#include "base/clock.h"
#include "base/syscalls.h"

SANDBOX_NEEDS(clock_gettime);

static uint64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

void
clock_start(struct clock *c)
{
	c->base = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC);
}

uint64_t
clock_now(const struct clock *c)
{
	return c->base + read_clock(CLOCK_MONOTONIC);
}
