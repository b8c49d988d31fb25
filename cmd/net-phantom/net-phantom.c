/*
 * net-phantom - the routers of a net of phantoms, around the program that is
 * its hosts: what comes in goes through them to the program, what that sends
 * goes back. See net-phantom(1).
 *
 * main() and what only it does: two streams in, two out, and the end. What the
 * routers do is path.c's.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "base/hangup.h"
#include "base/syscalls.h"
#include "hosts/hosts.h"
#include "linux/again.h"
#include "linux/sandbox.h"
#include "pipe/child.h"
#include "pipe/loop.h"
#include "pipe/stage.h"
#include "pipe/stream.h"

#include "options.h"
#include "path.h"

enum {
	OUT_CAP = 2 << 20,
	BUSY = OUT_CAP / 2, /* bytes that wait: then no more is read */
	ENDING_MS = 6000,   /* the program has so long to end */
};

/* a reading of the file */
struct net {
	struct hosts *hosts;
	struct path *path;
};

struct app {
	struct options o;
	struct path_config cf;
	struct net net, before; /* while packets wait in that */
	struct net next;	/* when all programs are ready for it */
	struct path_stats past; /* of earlier ones */
	struct again again;
	uint64_t cut; /* records that hold less than the packet had */
	bool full;    /* the program's pipe */
	bool ended;   /* our input */
	struct stream_in in, back; /* what comes, what the program sends */
	struct stream_out out, to; /* what goes, what it gets */
	struct child_group group;
	struct child child;
	struct clock clock;
	struct stage st;
};

/* next - when one of the packets goes on that wait on a line */
static uint64_t
next(const struct app *a)
{
	uint64_t due = path_deadline(a->net.path), old = TIME_NEVER;

	if (a->before.path != NULL)
		old = path_deadline(a->before.path);
	return due < old ? due : old;
}

static void
on_send(void *ctx, enum path_side side, uint64_t now, const uint8_t *frame,
    size_t len)
{
	struct app *a = ctx;

	stream_out_put(
	    side == PATH_WIRE ? &a->out : &a->to, now, frame, len, NULL, 0);
}

/* drop - a reading that does not come to count */
static void
drop(struct app *a)
{
	if (a->next.path != NULL)
		path_free(a->next.path);
	hosts_free(a->next.hosts);
	a->next = (struct net){NULL, NULL};
}

/* take_all - what a stream has for this side; -1: it is none */
static int
take_all(struct app *a, struct stream_in *in, enum path_side to, uint64_t now)
{
	struct stream_rec rec;
	int n;

	while ((n = stream_in_next(in, &rec)) > 0) {
		if (rec.caplen < rec.len)
			a->cut++;
		else if (rec.caplen > 0)
			path_input(a->net.path, now, to, rec.data, rec.caplen);
	}
	return n;
}

/* write_some - to the program, as much as it takes */
static void
write_some(struct app *a)
{
	if (a->child.out < 0 || a->full || stream_out_waiting(&a->to) == 0)
		return;
	switch (stream_out_write(&a->to, a->child.out)) {
	case 0:
		a->full = true;
		break;
	case 1:
		break;
	default: /* it has ended: its output shows that */
		close(a->child.out);
		a->child.out = -1;
		stream_out_forget(&a->to);
	}
}

/* close_in - the program gets its end when all that came has arrived */
static void
close_in(struct app *a)
{
	if (!a->ended || a->child.out < 0 || next(a) != TIME_NEVER ||
	    stream_out_waiting(&a->to) > 0)
		return;
	close(a->child.out);
	a->child.out = -1;
}

static int
on_input(void *ctx, uint64_t now)
{
	struct app *a = ctx;
	ssize_t n = stream_in_read_some(&a->in, STDIN_FILENO, STREAM_HOP);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -1;
	if (n == 0) {
		if (stream_in_end(&a->in) != 0)
			return -1;
		a->ended = true;
		return 1;
	}
	if (take_all(a, &a->in, PATH_PROGRAM, now) != 0)
		return -1;
	write_some(a);
	return 1;
}

/* hear - what the program sends; 0: it has ended, -1: it is no stream */
static int
hear(struct app *a, uint64_t now)
{
	ssize_t n = stream_in_read_some(&a->back, a->child.in, STREAM_HOP);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : 0;
	if (n == 0)
		return 0;
	return take_all(a, &a->back, PATH_WIRE, now) == 0 ? 1 : -1;
}

enum { FROM_CHILD, TO_CHILD, FROM_READER, WATCHED };

/* forget - the reading before: what still waits there is lost */
static void
forget(struct app *a)
{
	if (a->before.path == NULL)
		return;
	path_add(&a->past, path_stats(a->before.path));
	path_free(a->before.path);
	hosts_free(a->before.hosts);
	a->before = (struct net){NULL, NULL};
}

/* prepare - the nets of the new table; false, after a message: no memory */
static bool
prepare(struct app *a, struct hosts *h)
{
	struct path_config cf = a->cf;

	drop(a);
	cf.hosts = a->next.hosts = h;
	a->next.path = path_new(&cf);
	if (a->next.path == NULL)
		again_stays("out of memory");
	return a->next.path != NULL;
}

/* take_hosts - there is news of the file that is read again */
static void
take_hosts(struct app *a)
{
	struct hosts *h;

	switch (again_news(&a->again, &h)) {
	case AGAIN_NOTHING:
		break;
	case AGAIN_TABLE:
		again_vote(&a->again, prepare(a, h));
		break;
	case AGAIN_TAKE:
		forget(a);
		a->before = a->net;
		a->net = a->next;
		a->next = (struct net){NULL, NULL};
		break;
	case AGAIN_DROP:
		drop(a);
		break;
	}
}

static size_t
on_watch(void *ctx, struct pollfd *p)
{
	struct app *a = ctx;
	bool busy = stream_out_waiting(&a->to) > BUSY;

	close_in(a);
	a->st.in = a->ended || busy ? -1 : STDIN_FILENO;
	p[FROM_CHILD] = (struct pollfd){.fd = a->child.in, .events = POLLIN};
	if (stream_out_waiting(&a->out) > BUSY)
		p[FROM_CHILD].fd = -1;
	p[TO_CHILD] = (struct pollfd){.fd = a->child.out,
	    .events = stream_out_waiting(&a->to) > 0 ? POLLOUT : 0};
	p[FROM_READER] = (struct pollfd){
	    .fd = again_socket(&a->again), .events = POLLIN};
	return WATCHED;
}

static void
on_watched(void *ctx, const struct pollfd *p, size_t n, uint64_t now)
{
	struct app *a = ctx;

	if (p[FROM_CHILD].revents != 0 && hear(a, now) <= 0)
		a->st.finished = true;
	if (p[FROM_READER].revents != 0)
		take_hosts(a);
	if (p[TO_CHILD].revents != 0)
		a->full = false;
	write_some(a);
}

static uint64_t
on_deadline(void *ctx)
{
	return next(ctx);
}

static void
on_timer(void *ctx, uint64_t now)
{
	struct app *a = ctx;

	path_timer(a->net.path, now);
	if (a->before.path != NULL) {
		path_timer(a->before.path, now);
		if (path_deadline(a->before.path) == TIME_NEVER)
			forget(a);
	}
	write_some(a);
}

SANDBOX_NEEDS(kill);

/* on_stop - a signal: the program ends as it would, and its last packets go
   out */
static void
on_stop(void *ctx, uint64_t now)
{
	struct app *a = ctx;
	struct pollfd p = {.fd = a->child.in, .events = POLLIN};
	uint64_t end = now + ENDING_MS * NS_PER_MS;

	if (a->child.pid > 0)
		kill(a->child.pid, SIGTERM);
	while (now < end && stream_out_room(&a->out) > 0) {
		if (loop_wait(&p, 1, end - now) == 1 && hear(a, now) <= 0)
			break;
		now = clock_now(&a->clock);
	}
}

/* on_hangup - the program reads the file again, and so do we */
static void
on_hangup(void *ctx, uint64_t now)
{
	struct app *a = ctx;

	again_hangup(&a->again);
	if (a->child.pid > 0)
		kill(a->child.pid, SIGHUP);
}

static void
on_summary(void *ctx)
{
	struct app *a = ctx;

	if (a->child.pid > 0)
		kill(a->child.pid, SIGUSR1);
}

static void
summary(const struct app *a)
{
	struct path_stats sum = a->past, *s = &sum;

	path_add(s, path_stats(a->net.path));
	if (a->before.path != NULL)
		path_add(s, path_stats(a->before.path));
	say("%llu frames, %llu forwarded, %llu fragmented, %llu errors sent, "
	    "%llu not sent; dropped: %llu expired, %llu too big, %llu no host, "
	    "%llu lost, %llu foreign, %llu no room, %llu cut",
	    (unsigned long long)s->frames, (unsigned long long)s->forwarded,
	    (unsigned long long)s->fragmented, (unsigned long long)s->errors,
	    (unsigned long long)s->limited, (unsigned long long)s->expired,
	    (unsigned long long)s->too_big, (unsigned long long)s->no_host,
	    (unsigned long long)s->lost, (unsigned long long)s->foreign,
	    (unsigned long long)(s->no_room + a->out.dropped + a->to.dropped),
	    (unsigned long long)a->cut);
}

/* ---- begin and end */

static void
open_path(struct app *a)
{
	const struct again_config again = {
	    .path = a->o.hosts, .use = {.faces = true, .os_db = a->o.os_db}};
	struct path_config *cf = &a->cf;

	*cf = (struct path_config){.ttl = 64,
	    .error_rate = a->o.error_rate,
	    .mtu = (uint32_t)a->o.mtu,
	    .seed = a->o.seed,
	    .ctx = a,
	    .send = on_send};
	a->net.hosts = again_load(&a->again, &again, a->o.table);
	again_start(&a->again, &again, a->net.hosts);
	if (!a->o.seeded && chance_from_kernel(&cf->seed) != 0)
		die(EXIT_WRONG, "draw a seed: %s: give -S", strerror(errno));
	cf->hosts = a->net.hosts;
	cf->tcp = a->o.errors == NULL || strcmp(a->o.errors, "other") != 0;
	cf->other = a->o.errors == NULL || strcmp(a->o.errors, "tcp") != 0;
	a->net.path = path_new(cf);
	if (a->net.path == NULL)
		die(EXIT_NO, "start: out of memory");
}

static void
acquire(struct app *a, const char *argv0)
{
	struct sandbox_rights got;

	open_path(a);
	if (stream_in_init(&a->in) != 0 || stream_in_init(&a->back) != 0 ||
	    stream_out_init(&a->out, OUT_CAP) != 0 ||
	    stream_out_init(&a->to, OUT_CAP) != 0)
		die(EXIT_NO, "start: out of memory");
	stage_pipes();
	clock_start(&a->clock);
	if (child_group_start(&a->group) != 0 ||
	    child_start(&a->child, &a->group, a->o.command, argv0) != 0)
		die(EXIT_WRONG, "run %s: %s", a->o.command[0], strerror(errno));
	stream_pipe_size(a->child.in);
	stream_pipe_size(a->child.out);
	stage_signals();
	hangup_catch();
	if (sandbox_enter(
		2, SANDBOX_LIBC | SANDBOX_REOPEN | SANDBOX_MAP, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
}

/* status_of - the program's, once it has ended; it is waited for */
static int
status_of(struct app *a)
{
	const uint64_t tick = 10 * NS_PER_MS;
	int i;

	if (a->child.out >= 0)
		close(a->child.out);
	if (a->child.in >= 0)
		close(a->child.in);
	for (i = 0; !child_over(&a->child) && i < ENDING_MS / 10; i++)
		loop_wait(NULL, 0, tick);
	return a->child.pid == 0 ? child_exit(&a->child) : EXIT_NO;
}

static int
finish(struct app *a, enum stage_end end, int error)
{
	int status;

	stage_check(end, &a->in, error);
	status = status_of(a);
	if (a->back.error[0] != '\0')
		die(EXIT_NO, "read from %s: %s", a->o.command[0],
		    a->back.error);
	if (!a->o.quiet)
		summary(a);
	return status;
}

int
main(int argc, char **argv)
{
	static struct app a = {.o = {.error_rate = 100, .mtu = 1500}};
	enum stage_end end;

	a.st = (struct stage){
	    .clock = &a.clock,
	    .ctx = &a,
	    .in = STDIN_FILENO,
	    .out = STDOUT_FILENO,
	    .stream = &a.out,
	    .input = on_input,
	    .deadline = on_deadline,
	    .timer = on_timer,
	    .watch = on_watch,
	    .watched = on_watched,
	    .watch_max = WATCHED,
	    .hangup = on_hangup,
	    .stop = on_stop,
	    .summary = on_summary,
	};
	die_start(argv);
	options_read(&a.o, argc, argv);
	stage_refuse_tty();
	acquire(&a, argv[0]);
	end = stage_run(&a.st);
	return finish(&a, end, errno);
}
