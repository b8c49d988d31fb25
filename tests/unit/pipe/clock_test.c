/*
 * clock_test.c - the wall clock steps while a stage runs: its timers fire when
 * they are due all the same, and what it calls now only goes on. The clocks
 * are ours.
 */
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "pipe/stage.h"
#include "tap.h"

enum { TICKS = 20 };
#define TICK (5 * NS_PER_MS)
#define HOUR (3600 * NS_PER_SEC)

static uint64_t wall, mono; /* what clock_gettime() tells */

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	uint64_t t = id == CLOCK_MONOTONIC ? mono : wall;

	/* each look costs time, so that whoever spins gets on */
	mono += NS_PER_US;
	wall += NS_PER_US;
	ts->tv_sec = (time_t)(t / NS_PER_SEC);
	ts->tv_nsec = (long)(t % NS_PER_SEC);
	return 0;
}

static struct {
	struct clock clock;
	struct stage st;
	uint64_t due, last, late;
	int ticks;
	bool back;
} x;

/* ppoll() is ours, too: it waits by the monotonic clock, as the kernel does */
int
ppoll(struct pollfd *p, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	nfds_t i;

	for (i = 0; i < n; i++)
		p[i].revents = 0;
	if (timeout != NULL) {
		mono += (uint64_t)timeout->tv_sec * NS_PER_SEC +
			(uint64_t)timeout->tv_nsec;
		wall += (uint64_t)timeout->tv_nsec;
	}
	return 0;
}

static uint64_t
deadline(void *ctx)
{
	return x.due;
}

static void
timer(void *ctx, uint64_t now)
{
	x.back = x.back || now < x.last;
	x.last = now;
	if (now - x.due > x.late)
		x.late = now - x.due;
	x.due += TICK;
	wall += x.ticks % 2 == 0 ? HOUR : -2 * HOUR; /* and an hour back */
	x.st.finished = ++x.ticks == TICKS;
}

static void
summary(void *ctx)
{
}

int
main(void)
{
	uint64_t begun;

	wall = UINT64_C(1763640000) * NS_PER_SEC;
	mono = 1000 * NS_PER_SEC;
	clock_start(&x.clock);
	begun = clock_now(&x.clock);
	check(begun - wall < NS_PER_MS || wall - begun < NS_PER_MS,
	    "time begins at the wall's");
	wall += HOUR;
	check(clock_now(&x.clock) - begun < NS_PER_MS,
	    "the wall clock steps by an hour: no time has passed");
	wall -= 2 * HOUR;
	check(clock_now(&x.clock) - begun < NS_PER_MS, "and back: neither");
	mono += HOUR;
	check(clock_now(&x.clock) - begun - HOUR < NS_PER_MS,
	    "an hour does pass by the monotonic clock");

	x.st = (struct stage){.clock = &x.clock,
	    .in = -1,
	    .out = -1,
	    .deadline = deadline,
	    .timer = timer,
	    .summary = summary};
	begun = x.last = clock_now(&x.clock);
	x.due = begun + TICK;
	check(stage_run(&x.st) == STAGE_INPUT_END && x.ticks == TICKS,
	    "%d timers of a stage, the wall clock stepping at each", TICKS);
	check(!x.back, "its time never goes back");
	check(x.late < NS_PER_MS, "none is late: %llu ns",
	    (unsigned long long)x.late);
	check(clock_now(&x.clock) - begun - TICKS * TICK < 2 * NS_PER_MS,
	    "and it took as long as they say");
	return done();
}
