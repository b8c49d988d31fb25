/*
 * spawn.c - see spawn.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "base/ended.h"
#include "linux/sandbox.h"

#include "plan.h"
#include "spawn.h"

enum {
	LEAVE_MS = 5000, /* from SIGTERM to SIGKILL */
	ALIVE = 3,	 /* the descriptor that a program holds while it runs */
};

static int
close_on_exec(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int
make_pipe(int fd[2])
{
	if (pipe(fd) != 0)
		return -1;
	return close_on_exec(fd[0]) + close_on_exec(fd[1]);
}

/* ---- the keeper ---- */

/* leave - with what only this run had use for */
static _Noreturn void
leave(const char *file, int status)
{
	if (file != NULL)
		unlink(file);
	_exit(status);
}

static _Noreturn void
keep(int word, int alive, const char *file)
{
	struct pollfd p = {.fd = ALIVE, .events = POLLIN};
	char c;
	ssize_t n;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	dup2(word, STDIN_FILENO);
	dup2(alive, ALIVE);
	sandbox_close_from(ALIVE + 1);
	do
		n = read(STDIN_FILENO, &c, 1);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		leave(file, 0);
	kill(0, SIGTERM);
	if (poll(&p, 1, LEAVE_MS) > 0) /* its other ends are closed */
		leave(file, 0);
	if (file != NULL)
		unlink(file);
	kill(0, SIGKILL);
	_exit(1);
}

int
keeper_start(struct keeper *k)
{
	int word[2], alive[2];

	if (make_pipe(word) != 0 || make_pipe(alive) != 0)
		return -1;
	k->pid = fork();
	if (k->pid < 0)
		return -1;
	if (k->pid == 0) {
		setpgid(0, 0);
		keep(word[0], alive[0], k->file);
	}
	setpgid(k->pid, k->pid);
	close(word[0]);
	close(alive[0]);
	k->word = word[1];
	k->alive = alive[1];
	return 0;
}

void
keeper_dismiss(struct keeper *k)
{
	int status;

	if (write(k->word, "", 1) == 1) {
		/* with its file it is gone when we are */
		kill(k->pid, SIGCONT);
		while (ended_wait(k->pid, &status, 0) < 0 && errno == EINTR)
			continue;
		k->pid = 0;
	}
	close(k->word);
}

/* ---- the programs ---- */

static _Noreturn void
become(const struct prog *p, const struct keeper *k, int in, int out, int err)
{
	char alive[12];
	sigset_t none;
	int i, fd[TABLES];

	for (i = 0; i < TABLES; i++) /* above those that they become */
		fd[i] = fcntl(
		    p->table[i], F_DUPFD_CLOEXEC, TABLE_FROM + TABLES);

	setpgid(0, k->pid);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(err, STDERR_FILENO) < 0 || dup2(k->alive, ALIVE) < 0 ||
	    fcntl(ALIVE, F_SETFD, 0) != 0)
		_exit(EXIT_WRONG);
	for (i = 0; i < TABLES; i++)
		if (fd[i] >= 0 && dup2(fd[i], TABLE_FROM + i) < 0)
			_exit(EXIT_WRONG);
	snprintf(alive, sizeof(alive), "%d", ALIVE);
	setenv(DIE_KEEP, alive, 1);
	/* one that is pending must not go to our handler here: it would be
	   lost */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGUSR2, SIG_IGN); /* until its program takes it */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (p->job != JOB_SOCKET && p->job != JOB_ARP)
		sandbox_no_ambient();
	execv(p->path, p->argv);
	die(EXIT_WRONG, "run %s: %s", p->path, strerror(errno));
}

/* start - one program between in and out */
static int
start(struct prog *p, const struct keeper *k, int in, int out)
{
	int err[2], i;

	if (make_pipe(err) != 0)
		return -1;
	p->pid = fork();
	if (p->pid == 0)
		become(p, k, in, out, err[1]);
	close(err[1]);
	for (i = 0; i < TABLES; i++)
		if (p->table[i] >= 0)
			close(p->table[i]);
	if (p->pid < 0) {
		p->pid = 0;
		close(err[0]);
		return -1;
	}
	setpgid(p->pid, k->pid);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	p->err = err[0];
	return 0;
}

int
line_start(struct line *l, const struct keeper *k, int file)
{
	int in, out, next[2] = {-1, -1}, i, r = 0;

	in = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (in < 0)
		return -1;
	for (i = 0; i < l->n && r == 0; i++) {
		bool last = i + 1 == l->n;

		if (!last && make_pipe(next) != 0) {
			r = -1;
			break;
		}
		out = next[1];
		if (last)
			out = file >= 0 ? file
					: open("/dev/null", O_RDWR | O_CLOEXEC);
		r = out < 0 ? -1 : start(l->prog[i], k, in, out);
		close(in);
		if (out != file)
			close(out);
		in = last ? -1 : next[0];
	}
	if (in >= 0)
		close(in);
	return r;
}

bool
line_over(const struct line *l)
{
	int i;

	for (i = 0; i < l->n; i++)
		if (l->prog[i]->pid != 0 &&
		    (!l->prog[i]->over || l->prog[i]->err >= 0))
			return false;
	return true;
}

bool
prog_failed(const struct prog *p)
{
	if (WIFSIGNALED(p->status))
		return !p->asked || (WTERMSIG(p->status) != SIGTERM &&
					WTERMSIG(p->status) != SIGKILL);
	return WEXITSTATUS(p->status) != 0;
}

bool
prog_is_cause(const struct prog *p, const struct prog *first)
{
	if (!prog_failed(p))
		return false;
	return first == NULL || !prog_failed(first) ||
	       (WIFEXITED(p->status) && WEXITSTATUS(p->status) == EXIT_WRONG &&
		   WIFEXITED(first->status) &&
		   WEXITSTATUS(first->status) == EXIT_NO);
}
