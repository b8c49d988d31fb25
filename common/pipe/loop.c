/*
 * loop.c - the loop below all stages, see loop.h.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"
#include "base/syscalls.h"
#include "pipe/loop.h"
#include "pipe/ppoll.h"
#include "pipe/stage.h"

enum { SIGNAL_ROUNDS = 16 }; /* with something to do in each */

static volatile sig_atomic_t got_stop, got_summary;

static void
on_signal(int sig)
{
	*(sig == SIGUSR1 ? &got_summary : &got_stop) = 1;
}

void
stage_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};
	sigset_t set;

	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* also where a shell's "&" has it ignored, as tcpdump does: a script
	   can end a stage by kill -INT */
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool
stage_stopped(void)
{
	return got_stop;
}

bool
stage_asked(void)
{
	bool asked = got_summary;

	if (asked)
		got_summary = 0;
	return asked;
}

int
loop_wait(struct pollfd *p, size_t n, uint64_t timeout)
{
	struct timespec ts = {.tv_sec = (time_t)(timeout / NS_PER_SEC),
	    .tv_nsec = (long)(timeout % NS_PER_SEC)};
	sigset_t none;

	sigemptyset(&none);
	return ppoll_wait(p, n, timeout > TIME_NEVER / 2 ? NULL : &ts, &none);
}

static uint64_t spin;

void
loop_spin(uint64_t ns)
{
	spin = ns;
}

SANDBOX_NEEDS_FOR(SPIN, sched_yield);

/* wait_awake - as loop_wait(), but for this long without sleep */
static int
wait_awake(struct pollfd *p, size_t n, uint64_t timeout)
{
	uint64_t begin = spin > 0 ? clock_steady() : 0, past = 0;
	int r;

	for (; past < spin && past < timeout; past = clock_steady() - begin) {
		r = loop_wait(p, n, 0);
		if (r != 0)
			return r;
		sched_yield();
	}
	return loop_wait(p, n, timeout > past ? timeout - past : 0);
}

enum stage_end
loop_run(const struct loop *l, struct pollfd *p)
{
	enum stage_end end = STAGE_GOES_ON;
	uint64_t timeout = TIME_NEVER;
	unsigned rounds = 0;
	size_t count;
	int n;

	while (end == STAGE_GOES_ON) {
		count = l->prepare(l->ctx, p, &timeout);
		n = wait_awake(p, count, timeout);
		if (n < 0 && errno != EINTR)
			return STAGE_FAILED;
		if (n > 0 && ++rounds % SIGNAL_ROUNDS == 0)
			(void)loop_wait(NULL, 0, 0);
		if (got_summary) {
			got_summary = 0;
			l->ask(l->ask_ctx);
		}
		if (got_stop)
			return STAGE_SIGNAL;
		if (n > 0 && (p[LOOP_OUT].revents & (POLLERR | POLLHUP)))
			return STAGE_READER_GONE;
		end = l->round(l->ctx, p, n > 0);
	}
	return end;
}
