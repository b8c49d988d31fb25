/*
 * phantom - a whole host in one command: it starts the pipelines and
 * arp-phantom, shows what happens, and ends all of them together.
 *
 * The end, in order: those in the middle, tcpfsm and icmp-phantom, get a
 * signal to end, so that their last packets still go out; their neighbours
 * then end by themselves. Then arp-phantom and the viewers get one. A program
 * that does not end is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/ended.h"
#include "base/syscalls.h"
#include "linux/again.h"
#include "linux/opener.h"
#include "linux/sandbox.h"
#include "pipe/ppoll.h"

#include "dhcp.h"
#include "feed.h"
#include "here.h"
#include "hints.h"
#include "iface.h"
#include "net.h"
#include "options.h"
#include "plan.h"
#include "signals.h"
#include "spawn.h"
#include "watch.h"

enum {
	TICK_MS = 500,	  /* ask for totals, show them */
	GRACE_MS = 300,	  /* after a 0, which another's end may have caused */
	MIDDLE_MS = 6000, /* commands of -e have time to end */
	LATE_MS = 200,	  /* viewers get the last packets */
	REST_MS = 2000,
	FILM_MS = 30000, /* to write it, of many segments */
};

enum state { STARTING, CLAIMING, UP, BROKEN, MIDDLE, LATE, REST, KILLED, OVER };

struct phantom {
	struct options o;
	struct plan plan;
	struct watch watch;
	struct keeper keeper;
	struct here here;
	struct clock clock;
	enum state state;
	uint64_t until, tick; /* the state's end; the next tick */
	bool said_asks;
	bool early;		  /* ended by a signal while it started */
	bool odd;		  /* ticks ask and show by turns */
	int log_sock;		  /* to have the log opened again */
	struct again again;	  /* the file of --hosts */
	const struct prog *first; /* the program that ended it all */
	int status;
};

/* ---- the states ---- */

static void
enter(struct phantom *h, enum state s, uint64_t ms)
{
	h->state = s;
	h->until = ms == 0 ? TIME_NEVER : clock_now(&h->clock) + ms * NS_PER_MS;
}

static void
tell(struct prog *p, int sig)
{
	if (p == NULL || p->pid == 0 || p->over ||
	    (p->job == JOB_FILM && sig != SIGKILL))
		return;
	p->asked |= sig != SIGUSR1 && sig != SIGUSR2 && sig != SIGHUP;
	kill(p->pid, sig);
}

static void
tell_all(struct phantom *h, int sig)
{
	int i;

	for (i = 0; i < h->plan.n; i++)
		tell(&h->plan.prog[i], sig);
}

static void
end_middle(struct phantom *h)
{
	enter(h, MIDDLE, MIDDLE_MS);
	tell(h->plan.tcp, SIGTERM);
	tell(h->plan.icmp, SIGTERM);
	tell(h->plan.show, SIGTERM);
}

/* over - has all ended; middle: at least the lines of TCP and ICMP */
static bool
over(const struct phantom *h, bool middle)
{
	int i, lines = middle ? (h->plan.tcp != NULL ? 2 : 1) : h->plan.lines;

	for (i = 0; i < lines; i++)
		if (!line_over(&h->plan.line[i]))
			return false;
	return true;
}

/* next_end - the next step of the end */
static void
next_end(struct phantom *h)
{
	switch (h->state) {
	case STARTING:
	case CLAIMING:
	case UP:
	case BROKEN:
		end_middle(h);
		break;
	case MIDDLE:
		enter(h, LATE, h->plan.records ? LATE_MS : 1);
		break;
	case LATE:
		enter(h, REST, h->o.film ? FILM_MS : REST_MS);
		tell_all(h, SIGTERM);
		break;
	case REST:
		enter(h, KILLED, REST_MS);
		tell_all(h, SIGKILL);
		break;
	case KILLED:
	case OVER:
		h->state = OVER;
		break;
	}
}

/* ---- the start ---- */

static void
start_line(struct phantom *h, struct line *l)
{
	if (line_start(l, &h->keeper, l->file != NULL ? l->fd : -1) == 0)
		return;
	watch_clear(&h->watch);
	say("start a program: %s", strerror(errno));
	h->status = EXIT_NO;
	end_middle(h);
}

static bool
all_ready(const struct phantom *h)
{
	int i;

	for (i = 0; i < h->plan.n; i++) {
		const struct prog *p = &h->plan.prog[i];

		if (p != h->plan.arp && p->job < JOB_FILM && !p->ready)
			return false;
	}
	return true;
}

SANDBOX_NEEDS(kill);
SANDBOX_NEEDS(wait4);

static void
enter_sandbox(void)
{
	struct sandbox_rights got;

	if (sandbox_enter(PROGS_MAX,
		SANDBOX_LIBC | SANDBOX_REOPEN | SANDBOX_MAP | SANDBOX_TERMINAL,
		&got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
}

/* step - what is due in this state */
static void
step(struct phantom *h)
{
	if (h->state == STARTING && all_ready(h)) {
		enter(h, CLAIMING, 0);
		start_line(h, &h->plan.line[h->plan.lines - 1]);
		enter_sandbox();
	}
	if (h->state == CLAIMING && h->plan.arp->ready && !h->said_asks) {
		h->said_asks = true;
		hints_asks(&h->watch, &h->o);
	}
	if (h->state == CLAIMING &&
	    h->watch.claims >= (h->o.hosts != NULL ? 1 : h->o.addrs)) {
		enter(h, UP, 0);
		if (h->o.loud >= 0)
			hints(&h->watch, &h->o);
	}
	if (h->state == MIDDLE && over(h, true))
		next_end(h);
	if (h->state >= LATE && over(h, false))
		h->state = OVER;
	if (h->state < OVER && clock_now(&h->clock) >= h->until)
		next_end(h);
}

/* ---- children ---- */

static void
has_ended(struct phantom *h, struct prog *p)
{
	p->over = true;
	if (p->err >= 0)
		watch_read(&h->watch, p);
	if (p == h->plan.recorder && h->state < MIDDLE && prog_failed(p)) {
		watch_clear(&h->watch);
		say("--pcap %s: the recording has ended; the phantom goes on",
		    h->o.pcap);
		h->status = EXIT_NO;
		return;
	}
	if (p->job == JOB_FILM && prog_failed(p)) {
		say("--film %s: it was not written", h->o.film);
		h->status = EXIT_NO;
	}
	if (plan_is_viewer(&h->plan, p))
		return;
	/* what has not had its first packet yet takes this for a failure */
	if (h->early)
		return;
	if (prog_is_cause(p, h->first))
		h->first = p;
	if (h->state >= MIDDLE)
		return;
	if (h->first == NULL)
		h->first = p;
	if (prog_failed(p)) {
		h->watch.failed = true;
		end_middle(h);
	} else if (h->state != BROKEN)
		enter(h, BROKEN, GRACE_MS);
}

static void
reap(struct phantom *h)
{
	int status, i;
	pid_t pid;

	while ((pid = ended_wait(-1, &status, WNOHANG)) > 0) {
		if (pid == h->keeper.pid && h->state < MIDDLE) {
			watch_clear(&h->watch);
			say("the process that ends the rest has ended");
			h->status = EXIT_NO;
			end_middle(h);
		}
		for (i = 0; i < h->plan.n; i++)
			if (h->plan.prog[i].pid == pid) {
				h->plan.prog[i].status = status;
				has_ended(h, &h->plan.prog[i]);
			}
	}
}

/* ---- the loop ---- */

static void
tick(struct phantom *h, uint64_t now)
{
	if (now < h->tick)
		return;
	h->tick = now + TICK_MS * NS_PER_MS;
	h->odd = !h->odd;
	if (h->state != UP || !watch_wants(&h->watch))
		return;
	if (!h->odd) {
		watch_second(&h->watch);
	} else if (watch_asks(&h->watch)) {
		tell(h->plan.tcp, SIGUSR1);
		tell(h->plan.icmp, SIGUSR1);
	}
}

/* hosts_again - what has no mistake the programs get, too */
static void
hosts_again(struct phantom *h)
{
	watch_clear(&h->watch);
	if (!net_has_table(&h->again))
		return;
	tell(h->plan.tcp, SIGHUP);
	tell(h->plan.icmp, SIGHUP);
	tell(h->plan.arp, SIGHUP);
	again_vote(&h->again, true);
}

static void
hear(struct phantom *h, const struct timespec *timeout)
{
	struct pollfd p[PROGS_MAX + 1];
	sigset_t none;
	int i;

	for (i = 0; i < h->plan.n; i++)
		p[i] = (struct pollfd){
		    .fd = h->plan.prog[i].pid != 0 ? h->plan.prog[i].err : -1,
		    .events = POLLIN};
	p[i] = (struct pollfd){.fd = again_socket(&h->again), .events = POLLIN};
	sigemptyset(&none);
	if (ppoll_wait(p, (size_t)h->plan.n + 1, timeout, &none) <= 0)
		return;
	if (p[i].revents != 0)
		hosts_again(h);
	for (i = 0; i < h->plan.n; i++)
		if (p[i].fd >= 0 && p[i].revents != 0 &&
		    !watch_read(&h->watch, &h->plan.prog[i])) {
			close(h->plan.prog[i].err);
			h->plan.prog[i].err = -1;
		}
}

/* hang_up - SIGHUP: the file of --hosts is read again, and the log, which has
   been renamed, is opened again; false where there is neither, or the terminal
   is gone: it is the end */
static bool
hang_up(struct phantom *h)
{
	bool net = net_hang_up(&h->again, &h->o, h->watch.terminal);
	int fd;

	if (h->log_sock < 0 || h->watch.terminal)
		return net;
	fd = opener_ask(h->log_sock);
	if (fd < 0) {
		say("open %s: %s: the old file stays", h->o.log,
		    strerror(errno));
		return true;
	}
	watch_new_log(&h->watch, fd);
	return true;
}

/* again - SIGUSR2: --in @file and --out @file are read again */
static void
again(struct phantom *h)
{
	int i;

	for (i = 0; i < h->plan.n; i++)
		if (strcmp(h->plan.prog[i].argv[0], "impair") == 0)
			tell(&h->plan.prog[i], SIGUSR2);
}

/* signalled - what has come */
static void
signalled(struct phantom *h)
{
	bool stop;

	if (signals_took(SIGUSR1))
		watch_totals(&h->watch);
	if (signals_took(SIGUSR2))
		again(h);
	stop = signals_took(SIGHUP) && !hang_up(h);
	if (!signals_took(SIGTERM) && !stop)
		return;
	h->early |= h->state == STARTING;
	next_end(h);
}

static void
run(struct phantom *h)
{
	struct timespec ts;
	uint64_t now, at, left;

	while (h->state != OVER) {
		now = clock_now(&h->clock);
		at = h->until < h->tick ? h->until : h->tick;
		left = at > now ? at - now : 0;
		ts.tv_sec = (time_t)(left / NS_PER_SEC);
		ts.tv_nsec = (long)(left % NS_PER_SEC);
		hear(h, &ts);
		reap(h);
		signalled(h);
		step(h);
		tick(h, clock_now(&h->clock));
	}
}

/* ---- the whole ---- */

static int
open_file(const char *name, int flags)
{
	int fd;

	if (name == NULL)
		return -1;
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	if (fd < 0)
		die(EXIT_WRONG, "open %s: %s", name, strerror(errno));
	return fd;
}

static void
set_up(struct phantom *h)
{
	int i;

	/* keep our pipes out of 0, 1 and 2 where those were closed */
	do
		i = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (i >= 0 && i <= STDERR_FILENO);
	close(i);
	clock_start(&h->clock);
	for (i = 0; i < h->plan.lines; i++)
		h->plan.line[i].fd = open_file(h->plan.line[i].file, O_TRUNC);
	net_start(&h->again, &h->o, &h->plan); /* later forks have no table */
	watch_start(&h->watch, &h->o);
	h->watch.log = open_file(h->o.log, O_APPEND | O_NONBLOCK);
	h->log_sock = -1;
	if (h->o.log != NULL)
		h->log_sock = opener_start(h->o.log,
		    O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | O_NONBLOCK);
	if (keeper_start(&h->keeper) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	enter(h, STARTING, 0);
	for (i = 0; i + 1 < h->plan.lines && h->state == STARTING; i++)
		start_line(h, &h->plan.line[i]);
}

/* verdict - the exit status; a message names the program that ended it */
static int
verdict(const struct phantom *h)
{
	const struct prog *p = h->first;

	if (p == NULL)
		return h->status;
	if (WIFSIGNALED(p->status)) {
		say("%s: ended by signal %d (%s)", p->argv[0],
		    WTERMSIG(p->status), strsignal(WTERMSIG(p->status)));
		return EXIT_NO;
	}
	say("%s: ended with status %d", p->argv[0], WEXITSTATUS(p->status));
	return WEXITSTATUS(p->status) != 0 ? WEXITSTATUS(p->status) : EXIT_NO;
}

int
main(int argc, char **argv)
{
	static struct phantom h;
	bool all;

	die_start(argv);
	signals_catch(false); /* there is nothing to end, but a file to read */
	options_parse(&h.o, argc, argv);
	signals_catch(true);
	if (h.o.stream)
		signals_release();
	if (h.o.stream)
		plan_stream(&h.plan, &h.o, argv[0]);
	if (h.o.here) {
		here_start(&h.here, &h.o);
		h.o.iface = h.here.peer;
	}
	iface_look(&h.o);
	if (h.o.dhcp)
		return dhcp_run(&h.o, argc, argv);
	if (h.o.film_live != NULL)
		h.keeper.file = h.o.feed = feed_make();
	plan_make(&h.plan, &h.o, argv[0]);
	if (h.o.print) {
		plan_print(&h.plan, &h.o);
		return EXIT_DONE;
	}
	hints_look(&h.o);
	set_up(&h);
	run(&h);
	all = over(&h, false);
	watch_totals(&h.watch);
	if (!watch_log_end(&h.watch))
		h.status = EXIT_NO;
	if (all)
		keeper_dismiss(&h.keeper);
	here_end(&h.here);
	return verdict(&h);
}
