/*
 * hangup.c - see hangup.h.
 */
#include <signal.h>
#include <stddef.h>

#include "base/hangup.h"

static volatile sig_atomic_t count;

static void
on_hangup(int sig)
{
	count++;
}

void
hangup_catch(void)
{
	struct sigaction sa = {.sa_handler = on_hangup};
	sigset_t set;

	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

unsigned
hangup_count(void)
{
	return (unsigned)count;
}
