/*
 * clock.c - live time, see clock.h.
 */
#include <time.h>

#include "base/clock.h"
#include "base/syscalls.h"

SANDBOX_NEEDS(clock_gettime);

static uint64_t
ns_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_steady(void)
{
	return ns_of(CLOCK_MONOTONIC);
}

uint64_t
clock_asleep(void)
{
#ifdef CLOCK_BOOTTIME
	uint64_t steady = clock_steady(), all = ns_of(CLOCK_BOOTTIME);

	return all > steady ? all - steady : 0;
#else
	return 0;
#endif
}

uint64_t
clock_wall(void)
{
	return ns_of(CLOCK_REALTIME);
}

void
clock_start(struct clock *c)
{
	*c = (struct clock){.base = clock_wall() - clock_steady()};
}

void
clock_start_sleeps(struct clock *c)
{
	clock_start(c);
	c->base -= clock_asleep();
	c->sleeps = true;
}

uint64_t
clock_now(const struct clock *c)
{
	return c->base + clock_steady() + (c->sleeps ? clock_asleep() : 0);
}
