/*
 * child.c - see child.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"
#include "pipe/child.h"

enum { NOT_FOUND = 127 };

/* a pipe that no other child inherits; 0, or -1 and errno */
static int
make_pipe(int fd[2])
{
	if (pipe(fd) != 0)
		return -1;
	if (fcntl(fd[0], F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(fd[1], F_SETFD, FD_CLOEXEC) == 0)
		return 0;
	close(fd[0]);
	close(fd[1]);
	return -1;
}

static _Noreturn void
keep(int word)
{
	char c;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (read(word, &c, 1) < 0 && errno == EINTR)
		;
	kill(0, SIGKILL);
	_exit(EXIT_DONE);
}

int
child_group_start(struct child_group *g)
{
	int word[2], fd;

	g->out = 0;
	if (make_pipe(word) != 0)
		return -1;
	g->pid = fork();
	if (g->pid == 0) {
		setpgid(0, 0);
		close(word[1]);
		fd = open("/dev/null", O_RDWR);
		dup2(fd, STDIN_FILENO);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		keep(word[0]);
	}
	close(word[0]);
	g->word = word[1];
	if (g->pid > 0)
		(void)setpgid(g->pid, g->pid);
	return g->pid > 0 ? 0 : -1;
}

/*
 * add_path - to PATH, at its end: the folder of this program, so that its
 * neighbours are found
 */
static void
add_path(const char *argv0)
{
	const char *slash = strrchr(argv0, '/'), *old = getenv("PATH");
	char *text;
	size_t n;

	if (slash == NULL)
		return;
	if (old == NULL)
		old = "/usr/bin:/bin";
	n = strlen(old) + (size_t)(slash - argv0) + 2;
	text = malloc(n);
	if (text == NULL)
		return;
	snprintf(text, n, "%s:%.*s", old, (int)(slash - argv0), argv0);
	(void)setenv("PATH", text, 1);
	free(text);
}

static _Noreturn void
become(pid_t group, char *const *argv, int in, int out)
{
	sigset_t none;

	setpgid(0, group);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(EXIT_WRONG);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	say("run %s: %s", argv[0], strerror(errno));
	_exit(NOT_FOUND);
}

/* make_pipes - to the child, and from it unless the group has one; 0 or -1 */
static int
make_pipes(const struct child_group *g, int to[2], int from[2])
{
	from[0] = from[1] = -1;
	if (make_pipe(to) != 0)
		return -1;
	if (g->out > 0 || make_pipe(from) == 0)
		return 0;
	close(to[0]);
	close(to[1]);
	return -1;
}

static void
close_if(int fd)
{
	if (fd >= 0)
		close(fd);
}

int
child_start(struct child *c, const struct child_group *g, char *const *argv,
    const char *argv0)
{
	int to[2], from[2];

	*c = (struct child){.in = -1, .out = -1};
	if (make_pipes(g, to, from) != 0)
		return -1;
	c->pid = fork();
	if (c->pid == 0) {
		add_path(argv0);
		become(g->pid, argv, to[0], g->out > 0 ? g->out : from[1]);
	}
	close(to[0]);
	close_if(from[1]);
	if (c->pid < 0) {
		c->pid = 0;
		close(to[1]);
		close_if(from[0]);
		return -1;
	}
	c->in = from[0];
	c->out = to[1];
	return fcntl(c->out, F_SETFL, O_NONBLOCK);
}

int
child_shell(struct child *c, const struct child_group *g, const char *command,
    const char *argv0)
{
	char sh[] = "sh", minus_c[] = "-c", *text = strdup(command);
	char *argv[] = {sh, minus_c, text, NULL};
	int r;

	if (text == NULL)
		return -1;
	r = child_start(c, g, argv, argv0);
	free(text);
	return r;
}

SANDBOX_NEEDS(wait4);

bool
child_over(struct child *c)
{
	int status;

	/* a child may ask us to trace it: then we hear of its stops as well */
	if (c->pid != 0 && waitpid(c->pid, &status, WNOHANG) == c->pid &&
	    (WIFEXITED(status) || WIFSIGNALED(status))) {
		c->status = status;
		c->pid = 0;
	}
	return c->pid == 0;
}

int
child_exit(const struct child *c)
{
	if (WIFSIGNALED(c->status))
		return 128 + WTERMSIG(c->status);
	return WEXITSTATUS(c->status);
}
