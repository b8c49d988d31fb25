/*
 * dhcp.c - a phantom at a leased address, see dhcp.h.
 *
 * Two children: dhcp-lease, which keeps the lease and writes each new one to a
 * pipe; and phantom, with the address and the MAC in place of the word "dhcp".
 * Of what the server sends only an address is read here.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "base/ended.h"
#include "pipe/ppoll.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "dhcp.h"
#include "find.h"
#include "options.h"

enum { WORDS = 8, LINE = 512 };

struct dhcp {
	const struct options *o;
	char *lease_path, *phantom_path;
	int argc;
	char **argv;
	const char **words;   /* of phantom's command line */
	int lines;	      /* of dhcp-lease: a pipe; -1: it is closed */
	pid_t lease, phantom; /* 0: does not run */
	char line[LINE];
	size_t n;
	char addr[IP_TEXT], mac[MAC_TEXT]; /* as dhcp-lease prints them */
	char now[IP_TEXT];		   /* where the phantom is */
	bool stop, moves;
	int status;
};

static volatile sig_atomic_t got_stop, got_other;

static void
on_signal(int sig, siginfo_t *info, void *context)
{
	/* a terminal's goes to the phantom as well: it needs no second one */
	if (sig == SIGUSR1 || sig == SIGHUP)
		got_other = sig;
	else if (sig != SIGCHLD)
		got_stop = info->si_code == SI_KERNEL ? 1 : 2;
}

static void
catch_signals(void)
{
	static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD};
	struct sigaction sa = {
	    .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
	sigset_t set;
	size_t i;

	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		sigaddset(&set, caught[i]);
		sigaction(caught[i], &sa, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* spawn - a child that ends when we do; out: its stdout, or -1 */
static pid_t
spawn(const char *path, char *const *argv, int out, bool apart)
{
	pid_t us = getpid(), pid = fork();
	sigset_t none;

	if (pid < 0)
		die(EXIT_NO, "start %s: %s", path, strerror(errno));
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != us) /* it has ended meanwhile */
		_exit(EXIT_NO);
	if (apart) /* a terminal's Ctrl-C is not for it */
		setpgid(0, 0);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	/* as in spawn.c: a pending one goes to the program */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(path, argv);
	die(EXIT_WRONG, "run %s: %s", path, strerror(errno));
}

static void
start_lease(struct dhcp *d)
{
	const char *argv[WORDS] = {"dhcp-lease", "-k"};
	int fd[2], n = 2;

	if (d->o->loud < 0)
		argv[n++] = "-q";
	if (d->o->mac != NULL) {
		argv[n++] = "-m";
		argv[n++] = d->o->mac;
	}
	argv[n] = d->o->iface;
	if (pipe(fd) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	d->lease = spawn(
	    d->lease_path, (char *const *)(uintptr_t)argv, fd[1], true);
	close(fd[1]);
	d->lines = fd[0];
}

/* start_phantom - at d->addr; dhcp-lease has probed it already */
static void
start_phantom(struct dhcp *d)
{
	int n = 1, i;

	d->words[n++] = "-n";
	if (d->o->mac == NULL) {
		d->words[n++] = "-m";
		d->words[n++] = d->mac;
	}
	for (i = 1; i < d->argc; i++)
		d->words[n++] = d->argv[i] == d->o->addr[0] ? d->addr
							    : d->argv[i];
	d->words[n] = NULL;
	snprintf(d->now, sizeof(d->now), "%s", d->addr);
	d->phantom = spawn(
	    d->phantom_path, (char *const *)(uintptr_t)d->words, -1, false);
}

/* ---- what dhcp-lease prints ---- */

/* take_line - ADDR and MAC; EXPIRES is the last of a lease */
static void
take_line(struct dhcp *d, const char *line)
{
	struct ip_addr a;
	struct mac m;

	if (strncmp(line, "ADDR=", 5) == 0 && parse_addr(line + 5, &a) == 0)
		ip_text(&a, d->addr);
	else if (strncmp(line, "MAC=", 4) == 0 && parse_mac(line + 4, &m) == 0)
		mac_text(&m, d->mac);
	if (strncmp(line, "EXPIRES=", 8) != 0 || strcmp(d->addr, d->now) == 0)
		return;
	if (d->phantom == 0) {
		start_phantom(d);
		return;
	}
	say("the server gives %s instead of %s: starting again there", d->addr,
	    d->now);
	d->moves = true;
	kill(d->phantom, SIGTERM);
}

static void
read_lines(struct dhcp *d)
{
	ssize_t n = read(d->lines, d->line + d->n, LINE - 1 - d->n);
	char *p, *end;

	if (n == 0) { /* it has ended: reap() finds out how */
		close(d->lines);
		d->lines = -1;
	}
	if (n <= 0)
		return;
	d->n += (size_t)n;
	d->line[d->n] = '\0';
	for (p = d->line; (end = strchr(p, '\n')) != NULL; p = end + 1) {
		*end = '\0';
		take_line(d, p);
	}
	d->n = strlen(p);
	if (d->n == LINE - 1) /* longer than any that counts */
		d->n = 0;
	memmove(d->line, p, d->n);
}

/* ---- the end ---- */

static int
status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_NO;
}

static void
end_phantom(struct dhcp *d)
{
	d->stop = true;
	if (d->phantom != 0)
		kill(d->phantom, SIGTERM);
}

/* end_lease - released, when the phantom has ended */
static void
end_lease(struct dhcp *d)
{
	d->stop = true;
	if (d->lease != 0)
		kill(d->lease, SIGTERM);
}

static void
phantom_ended(struct dhcp *d, int status)
{
	d->phantom = 0;
	if (d->moves && !d->stop) {
		d->moves = false;
		start_phantom(d);
		return;
	}
	d->status = status_of(status);
	end_lease(d);
}

static void
lease_ended(struct dhcp *d, int status)
{
	d->lease = 0;
	if (!d->stop) {
		d->status = status_of(status);
		if (d->status == EXIT_DONE)
			d->status = EXIT_NO;
	}
	end_phantom(d);
}

static void
reap(struct dhcp *d)
{
	int status;
	pid_t pid;

	while ((pid = ended_wait(-1, &status, WNOHANG)) > 0) {
		if (pid == d->phantom)
			phantom_ended(d, status);
		else if (pid == d->lease)
			lease_ended(d, status);
	}
}

/* stop - a signal; without a phantom there is only the lease to give back */
static void
stop(struct dhcp *d, bool from_terminal)
{
	if (d->phantom == 0)
		end_lease(d);
	else if (!from_terminal)
		end_phantom(d);
	d->stop = true;
}

static void
run(struct dhcp *d)
{
	struct pollfd p = {.events = POLLIN};
	sigset_t none;

	sigemptyset(&none);
	while (d->lease != 0 || d->phantom != 0) {
		p.fd = d->lines;
		if (ppoll_wait(&p, 1, NULL, &none) > 0 && !d->stop)
			read_lines(d);
		if (got_stop != 0)
			stop(d, got_stop == 1);
		got_stop = 0;
		if (got_other != 0 && d->phantom != 0)
			kill(d->phantom, got_other);
		got_other = 0;
		reap(d);
	}
}

static char *
need_program(const char *name, const char *argv0)
{
	char *path = find_program(name, argv0);

	if (path == NULL)
		die(EXIT_WRONG,
		    "run %s: not found, neither beside phantom nor in PATH: "
		    "install all of tcphantom",
		    name);
	return path;
}

int
dhcp_run(const struct options *o, int argc, char **argv)
{
	struct dhcp d = {.o = o, .argc = argc, .argv = argv, .status = EXIT_NO};

	d.lease_path = need_program("dhcp-lease", argv[0]);
	d.phantom_path = need_program("phantom", argv[0]);
	d.words = calloc((size_t)argc + WORDS, sizeof(*d.words));
	if (d.words == NULL)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	d.words[0] = "phantom";
	catch_signals();
	if (o->loud >= 0) {
		printf("asking a DHCP server for an address (up to 30 s)\n");
		fflush(stdout);
	}
	start_lease(&d);
	run(&d);
	free(d.lease_path);
	free(d.phantom_path);
	free(d.words);
	return d.status;
}
