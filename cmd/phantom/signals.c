/*
 * signals.c - see signals.h.
 */
#include <signal.h>
#include <stddef.h>

#include "signals.h"

static const int caught[] = {
    SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD};

enum { ENDS = 2 }; /* the first ones */

/* no signal above has a number that is larger than these have */
enum { NUMBERS = 32 };

static volatile sig_atomic_t got[NUMBERS];

static void
on_signal(int sig)
{
	got[sig == SIGINT ? SIGTERM : sig] = 1;
}

bool
signals_took(int sig)
{
	bool took = got[sig];

	got[sig] = 0;
	return took;
}

void
signals_catch(bool ends)
{
	struct sigaction sa = {.sa_handler = on_signal};
	sigset_t set;
	size_t i;

	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	for (i = ends ? 0 : ENDS; i < sizeof(caught) / sizeof(caught[0]); i++) {
		sigaddset(&set, caught[i]);
		sigaction(caught[i], &sa, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void
signals_release(void)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		sigaddset(&set, caught[i]);
		signal(caught[i], SIG_DFL);
	}
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

bool
signals_stop(void)
{
	sigset_t set;

	return sigpending(&set) == 0 && (sigismember(&set, SIGINT) == 1 ||
					    sigismember(&set, SIGTERM) == 1 ||
					    sigismember(&set, SIGHUP) == 1);
}
