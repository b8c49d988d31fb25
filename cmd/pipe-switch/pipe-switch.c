/*
 * pipe-switch - an Ethernet switch between the standard streams of commands.
 * See pipe-switch(1).
 *
 * The commands are started first; then the switch locks itself in, before the
 * first byte of any of them is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "pipe/loop.h"
#include "pipe/stream.h"
#include "pipe/turns.h"

#include "run.h"
#include "starter.h"

enum { FILES = 8 };

/* hold - our own stdout, when a pipe, does not block; true: it did before */
static bool
hold(bool on)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags < 0 || (on && (flags & O_NONBLOCK)))
		return false;
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(STDOUT_FILENO, F_SETFL, flags) == 0;
}

/* header - before the commands that write to our stdout: a foreign reader takes
   one alone. If nobody reads, they end by that, too */
static void
header(void)
{
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
	struct stream_out o;

	if (stream_out_init(&o, STREAM_FILE_HLEN) != 0)
		die(EXIT_NO, "start: out of memory");
	while (stream_out_write(&o, STDOUT_FILENO) == 0)
		poll(&p, 1, -1);
	stream_out_free(&o);
	signal(SIGPIPE, old);
}

/* share - our stdout, among the commands; true: they write to it */
static bool
share(void)
{
	const bool shared = turns_shared(STDOUT_FILENO);

	if (!turns_offer(STDOUT_FILENO))
		return false;
	if (!shared)
		header();
	return true;
}

static void
start(struct run *r, const char *argv0)
{
	struct sandbox_rights got;
	struct child_group group;
	unsigned uses = SANDBOX_LIBC | SANDBOX_GIFT | SANDBOX_HELD, i;

	run_init(r);
	if (r->o.lockstep)
		(void)setenv(STAGE_LOCKSTEP, "1", 1);
	if (child_group_start(&group) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	if (r->o.direct && share())
		group.out = STDOUT_FILENO;
	stage_signals();
	r->starter = -1;
	if (r->o.agains > 0 &&
	    (r->starter = starter_start(&r->o, &group, argv0)) < 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	for (i = 0; i < r->o.ports; i++)
		port_start(&r->port[i], &group, &r->o, i, argv0);
	/* poll() takes no more than there may be descriptors */
	if (r->starter >= 0)
		uses |= SANDBOX_REOPEN;
	if (sandbox_enter(2 * r->o.ports + FILES, uses, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
}

/* leave - every command has ended, or has been waited for long enough */
static void
leave(struct run *r)
{
	uint64_t now = clock_now(&r->clock), until = r->give_up;
	struct port *p, *const end = r->port + r->o.ports;

	if (until < now + NS_PER_SEC / 2)
		until = now + NS_PER_SEC / 2;
	for (p = r->port; p < end; p++)
		if (!p->own) {
			port_close_in(p);
			port_close_out(p);
		}
	for (p = r->port; p < end && clock_now(&r->clock) < until;)
		if (child_over(&p->child))
			p++;
		else
			(void)loop_wait(NULL, 0, 5 * NS_PER_MS);
}

/* verdict - the exit status */
static int
verdict(struct run *r)
{
	struct child *c;
	unsigned i;

	for (i = 0; i < r->o.pcaps; i++)
		if (r->record[i].failed)
			r->status = EXIT_NO;
	if (r->o.until < 0)
		return r->status;
	c = &r->port[r->o.until].child;
	return child_over(c) ? child_exit(c) : EXIT_NO;
}

int
main(int argc, char **argv)
{
	static struct run r = {.o = {.age = 300 * NS_PER_SEC,
				   .macs = 4096,
				   .storm = 5000,
				   .queue = 1 << 20}};
	bool held;

	die_start(argv);
	options_read(&r.o, argc, argv);
	if (r.o.own >= 0)
		stage_refuse_tty();
	held = r.o.own >= 0 && hold(true);
	start(&r, argv[0]);
	if (r.o.lockstep)
		lockstep_loop(&r);
	else
		run_loop(&r);
	leave(&r);
	if (held)
		hold(false);
	if (!r.o.quiet)
		run_summary(&r);
	return verdict(&r);
}
