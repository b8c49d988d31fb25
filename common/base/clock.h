/*
 * clock.h - live time for mains: nanoseconds since 1970 at start, then
 * driven by the monotonic clock, so that a step of the wall clock moves
 * nothing.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_US  UINT64_C(1000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)
#define TIME_NEVER UINT64_MAX

struct clock {
	uint64_t base; /* wall minus monotonic at start, ns */
	bool sleeps;   /* it goes on while the machine is suspended */
};

/* clock_start_sleeps - for what ends at a time of day, whoever was awake; a
   wait for that time takes longer when the machine was suspended meanwhile */
void clock_start(struct clock *);
void clock_start_sleeps(struct clock *);
uint64_t clock_now(const struct clock *);

/* clock_steady - ns of the monotonic clock, which stands still while the
   machine is suspended */
uint64_t clock_steady(void);

/* clock_asleep - ns for which the machine was suspended, since it started and
   to a few microseconds; 0 where the system does not tell */
uint64_t clock_asleep(void);

/* clock_wall - ns since 1970, as set at this moment */
uint64_t clock_wall(void);

#endif
