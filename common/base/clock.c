/*
 * clock.c - live time, see clock.h.
 */
#include <time.h>

#include "base/clock.h"
#include "base/syscalls.h"

SANDBOX_NEEDS(clock_gettime);

uint64_t
clock_steady(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

void
clock_start(struct clock *c)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	c->base = (uint64_t)wall.tv_sec * NS_PER_SEC + (uint64_t)wall.tv_nsec -
		  clock_steady();
}

uint64_t
clock_now(const struct clock *c)
{
	return c->base + clock_steady();
}
