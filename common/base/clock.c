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

/* ns_of - of the other clocks; that one runs beside a raw socket, where each
   function counts */
static uint64_t
ns_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

/* awake_or_not - as clock_steady(), and with the time of a suspension */
static uint64_t
awake_or_not(void)
{
#ifdef CLOCK_BOOTTIME
	return ns_of(CLOCK_BOOTTIME);
#else
	return clock_steady();
#endif
}

uint64_t
clock_asleep(void)
{
	uint64_t steady = clock_steady(), all = awake_or_not();

	return all > steady ? all - steady : 0;
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
	*c = (struct clock){
	    .base = clock_wall() - awake_or_not(), .sleeps = true};
}

uint64_t
clock_now(const struct clock *c)
{
	return c->base + (c->sleeps ? awake_or_not() : clock_steady());
}
