/*
 * guard.c - three processes: the parent, which waits; the command; and the
 * guardian, which alone handles the rule. The guardian holds one end of a pipe,
 * the parent the other: however the parent ends, the kernel closes its end, and
 * the guardian reads the end of the file and removes the rule. The guardian has
 * a session of its own, so that no signal for the parent reaches it. If it is
 * killed, the parent removes the rule.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"
#include "base/ended.h"
#include "wire/ip.h"

#include "firewall.h"
#include "guard.h"

enum {
	WATCH_MS = 800,	  /* between two looks at the rule */
	TERM_TICKS = 150, /* of 20 ms, from SIGTERM to SIGKILL */
};

struct guard {
	const struct rule *rule;
	bool verbose;
	int life;	   /* our end of the pipe, or its end */
	pid_t guardian;	   /* 0: has ended */
	pid_t command;	   /* 0: has ended */
	pid_t told;	   /* whom signals go to: the command, or its group */
	int status;	   /* of the command, as wait(2) has it */
	bool guardian_did; /* it has ended well */
};

/* the signals that we take; and SIGPIPE, which is ignored */
static const int signals[] = {
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD, SIGPIPE};

enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

/* as they were before, for the command */
struct before {
	sigset_t mask;
	struct sigaction act[SIGNALS];
};

/*
 * hear_signals - block them, for sigwaitinfo(); also those that a shell's
 * "&" has had ignored, and SIGCHLD, which ignored would leave no status
 */
static void
hear_signals(sigset_t *set, struct before *was)
{
	struct sigaction sa = {.sa_handler = SIG_DFL};
	size_t i;

	sigemptyset(set);
	for (i = 0; i < SIGNALS; i++)
		sigaddset(set, signals[i]);
	sigprocmask(SIG_BLOCK, set, &was->mask);
	for (i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &sa, &was->act[i]);
	sigdelset(set, SIGPIPE);
}

static void
restore_signals(const struct before *was)
{
	size_t i;

	for (i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &was->act[i], NULL);
	sigprocmask(SIG_SETMASK, &was->mask, NULL);
}

/* ---- the guardian */

static bool
remove_rule(const struct guard *g)
{
	int r = rule_remove(g->rule);

	if (r < 0) {
		say("remove rule: it is still there: see rst-guard --clean");
		return false;
	}
	if (g->verbose && r > 0)
		say("removed: %s port %s", g->rule->addr, g->rule->port);
	return true;
}

/* put_back - the rule, when it was flushed; one message about a failure */
static void
put_back(const struct guard *g, bool *failed)
{
	if (rule_there(g->rule) != 0)
		return;
	if (rule_insert(g->rule) == 0) {
		say("the rule for %s port %s was removed by another: put back",
		    g->rule->addr, g->rule->port);
		*failed = false;
		return;
	}
	if (!*failed)
		say("the rule for %s port %s was removed by another, and "
		    "cannot be put back: the kernel resets connections",
		    g->rule->addr, g->rule->port);
	*failed = true;
}

/*
 * watch - the rule, until no process holds the other end of life. Returns the
 * process to end with us: 0 when the command has ended.
 */
static pid_t
watch(const struct guard *g)
{
	struct pollfd p = {.fd = g->life, .events = POLLIN};
	pid_t told, command = 0;
	bool failed = false;
	ssize_t n;

	for (;;) {
		if (poll(&p, 1, WATCH_MS) == 0) {
			put_back(g, &failed);
			continue;
		}
		n = read(g->life, &told, sizeof(told));
		if (n == (ssize_t)sizeof(told))
			command = told;
		else if (n == 0 || errno != EINTR)
			return command;
	}
}

/* signal_told - a process, or a group and its first process, which may have
   left it, and gets a signal once; false: there is none any more */
static bool
signal_told(pid_t told, int sig)
{
	bool left = told < 0 && getpgid(-told) != -told;
	bool there = kill(told, sig) == 0;

	return (left && kill(-told, sig) == 0) || there;
}

/* end_command - before the rule goes: by SIGTERM, and what is left, killed */
static void
end_command(pid_t command)
{
	const struct timespec tick = {.tv_nsec = 20000000};
	int ticks;

	signal_told(command, SIGTERM);
	for (ticks = 0; ticks < TERM_TICKS; ticks++) {
		nanosleep(&tick, NULL);
		if (!signal_told(command, 0))
			return;
	}
	if (signal_told(command, SIGKILL))
		say("the command has not ended by SIGTERM: killed");
}

static _Noreturn void
guardian(struct guard *g, int ready)
{
	int null = open("/dev/null", O_RDWR);
	pid_t command;

	setsid();
	/* do not make the reader of our output wait for the guardian */
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (rule_insert(g->rule) != 0)
		_exit(EXIT_NO);
	if (g->verbose)
		say("inserted: %s port %s", g->rule->addr, g->rule->port);
	if (write(ready, "", 1) == 1)
		close(ready);
	command = watch(g);
	/* the parent was killed while the command runs: without a guard the
	   command must not go on */
	if (command != 0)
		end_command(command);
	_exit(remove_rule(g) ? EXIT_DONE : EXIT_NO);
}

/* start_guardian - and wait until the rule is there */
static void
start_guardian(struct guard *g)
{
	int life[2], ready[2];
	char c;

	if (pipe2(life, O_CLOEXEC) != 0 || pipe2(ready, O_CLOEXEC) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	g->guardian = fork();
	if (g->guardian < 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	if (g->guardian == 0) {
		close(life[1]);
		close(ready[0]);
		g->life = life[0];
		guardian(g, ready[1]);
	}
	close(life[0]);
	close(ready[1]);
	g->life = life[1];
	if (read(ready[0], &c, 1) != 1) {
		waitpid(g->guardian, NULL, 0);
		die(EXIT_WRONG,
		    "insert rule: %s failed: run as root, or with "
		    "CAP_NET_ADMIN",
		    g->rule->tool);
	}
	close(ready[0]);
}

/* ---- the command */

/*
 * in_foreground - the terminal's keys reach our whole process group. Else
 * the command gets a group of its own, and a signal that we get reaches all
 * of a pipeline.
 */
static bool
in_foreground(void)
{
	int tty = open("/dev/tty", O_RDONLY | O_CLOEXEC);
	bool yes = tty >= 0 && tcgetpgrp(tty) == getpgrp();

	if (tty >= 0)
		close(tty);
	return yes;
}

/* tell_guardian - the process to end with us; 0: none */
static void
tell_guardian(const struct guard *g, pid_t told)
{
	if (write(g->life, &told, sizeof(told)) != (ssize_t)sizeof(told) &&
	    errno != EPIPE)
		say("tell the guardian: %s", strerror(errno));
}

static void
start_command(struct guard *g, char **command, const struct before *was)
{
	bool group = !in_foreground();
	int e;

	g->command = fork();
	if (g->command < 0) {
		say("start command: %s", strerror(errno));
		g->command = 0;
		g->status = EXIT_NO << 8;
		return;
	}
	if (group)
		setpgid(g->command, g->command); /* both end: which is first? */
	g->told = group ? -g->command : g->command;
	if (g->command == 0) {
		/* before there is a command, as we may be killed */
		tell_guardian(g, group ? -getpid() : getpid());
		restore_signals(was);
		signal(SIGXFSZ, SIG_DFL);
		execvp(command[0], command);
		e = errno;
		say("execute %s: %s", command[0], strerror(e));
		_exit(e == ENOENT ? 127 : 126);
	}
}

static void
reap(struct guard *g)
{
	int status;

	if (g->command != 0 && ended_wait(g->command, &g->status, WNOHANG) > 0)
		g->command = 0;
	if (g->guardian != 0 && ended_wait(g->guardian, &status, WNOHANG) > 0)
		g->guardian = 0;
}

/* wait_command - until it ends; what is meant for us is passed on */
static void
wait_command(struct guard *g, const sigset_t *set)
{
	siginfo_t si;

	while (g->command != 0) {
		if (sigwaitinfo(set, &si) < 0)
			continue;
		if (si.si_signo == SIGCHLD)
			reap(g);
		else if (g->told < 0 || si.si_code <= 0)
			/* not what the terminal has sent to all of us */
			signal_told(g->told, si.si_signo);
	}
}

static void
end_guardian(struct guard *g)
{
	int status = -1;

	close(g->life);
	if (g->guardian != 0)
		while (waitpid(g->guardian, &status, 0) < 0 && errno == EINTR)
			;
	/* killed: we do its work */
	if (status != 0 && !remove_rule(g))
		exit(EXIT_NO);
}

int
guard_run(const struct rule *r, char **command, bool verbose)
{
	struct guard g = {.rule = r, .verbose = verbose};
	struct before was;
	sigset_t set;

	hear_signals(&set, &was);
	start_guardian(&g);
	start_command(&g, command, &was);
	if (g.command != 0) {
		wait_command(&g, &set);
		tell_guardian(&g, 0);
	}
	end_guardian(&g);
	return WIFEXITED(g.status) ? WEXITSTATUS(g.status)
				   : 128 + WTERMSIG(g.status);
}
