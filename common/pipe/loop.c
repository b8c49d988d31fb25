/*
 * loop.c - the loop below all stages, see loop.h.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"
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

/* ppoll() takes none while a descriptor is ready, and a file always is */
void
loop_signals(void)
{
	sigset_t none, before;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

int
loop_wait(struct pollfd *p, size_t n, uint64_t timeout)
{
	struct timespec ts = {.tv_sec = (time_t)(timeout / NS_PER_SEC),
	    .tv_nsec = (long)(timeout % NS_PER_SEC)};
	sigset_t none;

	sigemptyset(&none);
	return ppoll_wait(p, n, timeout == TIME_NEVER ? NULL : &ts, &none);
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
		n = loop_wait(p, count, timeout);
		if (n < 0 && errno != EINTR)
			return STAGE_FAILED;
		if (n > 0 && ++rounds % SIGNAL_ROUNDS == 0)
			loop_signals();
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
