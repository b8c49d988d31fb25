/*
 * trigger.c - the process that runs the trigger, see trigger.h.
 *
 * It reads orders from a pipe: a port, and whether to start or only to stop.
 * Each run is a process group, so that all of it can be ended. When the pipe
 * is closed, the program is gone, and so is all that was run.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"
#include "base/ended.h"
#include "base/syscalls.h"

#include "trigger.h"

enum { RUNS = 64, TERM_MS = 200, NOT_FOUND = 127 };

struct order {
	uint16_t port, start;
};

struct run {
	uint16_t port;
	pid_t pid; /* 0: none */
};

static int to_runner = -1;

/* ---- the process ---- */

static void
pause_ms(long ms)
{
	struct timespec t = {0, ms * 1000000};

	nanosleep(&t, NULL);
}

/* end_run - SIGTERM for the group, then SIGKILL */
static void
end_run(struct run *r)
{
	int ms, status;

	if (r->pid == 0)
		return;
	kill(-r->pid, SIGTERM);
	for (ms = 0; ms < TERM_MS; ms += 5) {
		if (ended_wait(r->pid, &status, WNOHANG) == r->pid)
			break;
		pause_ms(5);
	}
	kill(-r->pid, SIGKILL);
	if (ms >= TERM_MS) {
		kill(r->pid, SIGKILL); /* it may have left its group */
		ended_wait(r->pid, &status, 0);
	}
	r->pid = 0;
}

static _Noreturn void
become(const char *command, uint16_t port, bool loud)
{
	char text[8];
	int fd = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	snprintf(text, sizeof(text), "%u", port);
	setenv("DRILL_PORT", text, 1);
	dup2(fd, STDIN_FILENO);
	dup2(loud ? STDERR_FILENO : fd, STDOUT_FILENO);
	if (!loud)
		dup2(fd, STDERR_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(NOT_FOUND);
}

/* run_of - that of this port, or a free one */
static struct run *
run_of(struct run *runs, uint16_t port)
{
	unsigned i, free = 0;

	for (i = 0; i < RUNS; i++) {
		if (runs[i].port == port)
			return &runs[i];
		if (runs[i].port == 0)
			free = i;
	}
	runs[free].port = port;
	return &runs[free];
}

static _Noreturn void
serve(int from, const char *command, bool loud)
{
	static struct run runs[RUNS];
	struct order o;
	struct run *r;
	unsigned i;

	int fd = open("/dev/null", O_RDWR);

	/* a stream of packets is not ours to hold open */
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	signal(SIGINT, SIG_IGN); /* the end of the pipe is what ends us */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	for (;;) {
		ssize_t n = read(from, &o, sizeof(o));

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(o))
			break;
		r = run_of(runs, o.port);
		end_run(r);
		if (!o.start)
			continue;
		r->pid = fork();
		if (r->pid == 0)
			become(command, o.port, loud);
		if (r->pid > 0)
			(void)setpgid(r->pid, r->pid);
		else
			r->pid =
			    0; /* nothing connects then, which is reported */
	}
	for (i = 0; i < RUNS; i++)
		end_run(&runs[i]);
	_exit(EXIT_DONE);
}

bool
trigger_start(const char *command, const struct ip_addr *a, bool loud)
{
	char text[IP_TEXT];
	int word[2];
	pid_t pid;

	setenv("DRILL_ADDR", ip_text(a, text), 1);
	if (pipe(word) != 0 || fcntl(word[0], F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(word[1], F_SETFD, FD_CLOEXEC) != 0)
		return false;
	pid = fork();
	if (pid == 0) {
		close(word[1]);
		serve(word[0], command, loud);
	}
	close(word[0]);
	to_runner = word[1];
	return pid > 0;
}

/* ---- the orders ---- */

SANDBOX_NEEDS_FOR(LIBC, write);

static void
order(uint16_t port, bool start)
{
	struct order o = {port, start};

	/* a whole one, or the process is gone: then nothing connects */
	while (write(to_runner, &o, sizeof(o)) < 0 && errno == EINTR)
		;
}

void
trigger_run(uint16_t port)
{
	order(port, true);
}

void
trigger_stop(uint16_t port)
{
	order(port, false);
}
