/*
 * tcp-relay - TCP connections to another place, or another network of this
 * machine, with their half-closes and resets; see tcp-relay(1).
 *
 * A process for each connection, which ends with it or with its parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"
#include "linux/sandbox.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "pipe/ppoll.h"

#include "join.h"
#include "place.h"
#include "share.h"

enum {
	STATUS_RESET = 129, /* tcpfsm -e resets the connection then */
	NO_NAME = 126,	    /* of a child: else errno, or one of the above */
};

struct relay {
	bool background;
	uint32_t with; /* a process; 0: none */
	const char *listen_in, *connect_in;
	struct place at, to;
	int fd, process; /* the socket that listens; of with */
	struct shares children;
	time_t told;
};

static volatile sig_atomic_t over;

#define OPT_BASE struct relay

static const struct opt table[] = {
    {LETTER('b', NULL), FLAG(background),
	.text = "go into the background as soon as it listens"},
    {NAME("with", "PID"), NUM(with), RANGE(1, INT32_MAX),
	.text = "end when this process does"},
    {NAME("listen-in", "NETNS"), TEXT(listen_in),
	.text = "listen in this network namespace, a file"},
    {NAME("connect-in", "NETNS"), TEXT(connect_in),
	.text = "connect from this one"},
    {0},
};

static void
read_options(struct relay *r, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] [addr:]port host:port", "- host:port", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Pass each connection to the port on to host:port, with "
		     "its half-closes and\nresets; or stdin and stdout, with "
		     "\"-\".\n",
	    .more = "Example: tcp-relay 9090 127.0.0.1:8080\n"
		    "    phantom -e 'exec tcp-relay - 127.0.0.1:8080' eth0 "
		    "10.0.0.5",
	    .table = {{table, r}},
	};
	int i = opt_parse(&program, argc, argv);

	if (argc - i < 2)
		die_usage("missing port, or host:port");
	opt_no_more(i + 2, argc, argv);
	if (strcmp(argv[i], "-") == 0)
		r->at.text = NULL;
	else if (!place_read(&r->at, argv[i], true))
		die_usage("%s: not a port, addr:port or [v6]:port", argv[i]);
	if (!place_read(&r->to, argv[i + 1], false))
		die_usage("%s: not host:port or [v6]:port", argv[i + 1]);
}

/* ---- a connection */

static void
on_signal(int sig)
{
	if (sig != SIGCHLD)
		over = 1;
}

static void
enter(const char *netns)
{
	if (netns != NULL && place_enter(netns) != 0)
		die(EXIT_WRONG, "enter %s: %s", netns, strerror(errno));
}

/* on_streams - what tcpfsm -e runs: SIGHUP comes when the client has reset */
static int
on_streams(struct relay *r)
{
	struct sigaction sa = {.sa_handler = on_signal};
	const char *why;
	int fd;

	sigaction(SIGHUP, &sa, NULL);
	enter(r->connect_in);
	fd = place_connect(&r->to, &why);
	if (fd < 0) {
		say("connect to %s: %s", r->to.text, why);
		return STATUS_RESET;
	}
	if (join_run(STDIN_FILENO, STDOUT_FILENO, fd) == JOIN_CLOSED && !over)
		return EXIT_DONE;
	join_reset(fd);
	return STATUS_RESET;
}

/* serve - in a child: one connection; its exit status */
static int
serve(const struct relay *r, int client)
{
	const char *why;
	int fd = place_connect(&r->to, &why), e = errno;

	if (fd < 0) {
		join_reset(client);
		return e == EADDRNOTAVAIL ? NO_NAME : e;
	}
	if (join_run(client, client, fd) == JOIN_CLOSED)
		return EXIT_DONE;
	join_reset(client);
	join_reset(fd);
	return STATUS_RESET;
}

/* ---- all of them */

/* make_room - for one of this source; false: there is none */
static bool
make_room(struct shares *s, uint64_t source)
{
	pid_t pid;

	if (share_room(s, source))
		return true;
	pid = share_richest(s, source);
	if (pid == 0)
		return false;
	if (s->n == SHARE_MOST) {
		kill(pid, SIGKILL); /* it has SIGTERM blocked */
		share_end(s, pid);
	}
	return true;
}

static void
take(struct relay *r)
{
	struct sockaddr_storage from = {0};
	socklen_t len = sizeof(from);
	int client = accept4(
	    r->fd, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
	pid_t pid, self = getpid();
	uint64_t source = share_source(&from);

	if (client < 0)
		return;
	pid = make_room(&r->children, source) ? fork() : -1;
	if (pid == 0) {
		close(r->fd);
		if (sandbox_end_with_parent(self) != 0)
			_exit(EXIT_DONE);
		_exit(serve(r, client));
	}
	if (pid < 0) {
		join_reset(client);
		return;
	}
	close(client);
	share_add(&r->children, pid, source);
}

/* reap - a message says why a child could not connect, once a second */
static void
reap(struct relay *r)
{
	time_t now = time(NULL);
	int status, e;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		share_end(&r->children, pid);
		e = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
		if (e == 0 || e == STATUS_RESET || now == r->told)
			continue;
		r->told = now;
		say("connect to %s: %s", r->to.text,
		    e == NO_NAME ? "no such host, or no way there"
				 : strerror(e));
	}
}

static void
run(struct relay *r)
{
	static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
	struct sigaction sa = {.sa_handler = on_signal};
	struct pollfd p[2] = {{.fd = r->fd, .events = POLLIN},
	    {.fd = r->process, .events = POLLIN}};
	sigset_t set, none;
	size_t i;

	sigemptyset(&none);
	sigemptyset(&set);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		sigaddset(&set, caught[i]);
		sigaction(caught[i], &sa, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (!over) {
		if (ppoll_wait(p, 2, NULL, &none) > 0) {
			if (p[1].revents != 0)
				break;
			take(r);
		}
		reap(r);
	}
}

static void
open_all(struct relay *r)
{
	const char *why;

	r->process = -1;
	if (r->with != 0) {
		r->process = (int)syscall(SYS_pidfd_open, r->with, 0);
		if (r->process < 0)
			die(EXIT_WRONG, "--with %u: %s", (unsigned)r->with,
			    strerror(errno));
	}
	r->fd = r->listen_in != NULL
		    ? place_listen_in(&r->at, r->listen_in, &why)
		    : place_listen(&r->at, &why);
	if (r->fd < 0)
		die(EXIT_NO, "listen on %s: %s", r->at.text, why);
	(void)fcntl(r->fd, F_SETFL, O_NONBLOCK);
	enter(r->connect_in);
}

/* leave_behind - the caller's wait is over, also that for the end of stdout */
static void
leave_behind(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid = fork();

	if (pid < 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	if (pid > 0)
		_exit(EXIT_DONE);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
}

int
main(int argc, char **argv)
{
	static struct relay r;

	die_start(argv);
	read_options(&r, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	if (r.at.text == NULL)
		return on_streams(&r);
	open_all(&r);
	if (r.background)
		leave_behind();
	run(&r);
	return EXIT_DONE;
}
