/*
 * pipe-plug - joins a command's standard streams, or another link, to a TAP,
 * an interface, QEMU, GNS3 or another machine. See pipe-plug(1).
 *
 * All is opened and started first; then the program locks itself in, before the
 * first frame is read. Sockets that have to be made again are made by a process
 * that never sees a frame.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "linux/opener.h"
#include "linux/sandbox.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "pipe/loop.h"

#include "link.h"

enum { IN, OUT, ASKER, PLACES };
#define WAIT  (5 * NS_PER_MS)	/* for a link with a full queue */
#define PAUSE (500 * NS_PER_MS) /* behind a connection that brought nothing */
#define LEAVE NS_PER_SEC	/* for what is left, and the command to end */

struct app {
	bool quiet, command;
	struct link link[2];
	struct clock clock;
	unsigned from;	  /* the link that is being read */
	uint64_t wait[2]; /* it is not read until then */
	uint64_t give_up; /* 0: it is not the end yet */
	int status;
};

static void
on_frame(void *ctx, uint64_t now, uint8_t *frame, size_t n)
{
	struct app *a = ctx;

	a->link[a->from].frames++;
	link_put(&a->link[!a->from], now, frame, n);
}

static void
on_done(void *ctx)
{
	struct app *a = ctx;

	link_done(&a->link[!a->from]);
}

/* lost - a link has ended: by itself, or (r < 0) because it is no good */
static void
lost(struct app *a, struct link *l, int r)
{
	if (l->times > 0 && !l->from.header && l->frames == l->before)
		l->pause = clock_now(&a->clock) + PAUSE;
	link_lost(l);
	if (r < 0 && !l->dials)
		a->status = EXIT_NO;
}

/*
 * unwritten - a link takes no more. A reader that is gone is an end like any
 * other, and so is all that happens to a socket that is made again.
 */
static void
unwritten(struct app *a, struct link *l)
{
	if (errno != EPIPE && !l->dials) {
		say("write %s: %s", l->own ? "stdout" : l->text,
		    strerror(errno));
		a->status = EXIT_NO;
	}
	lost(a, l, 0);
}

static void
read_link(struct app *a, unsigned i, uint64_t now)
{
	const struct taker t = {.ctx = a, .take = on_frame, .done = on_done};
	struct link *l = &a->link[i];
	int r;

	a->from = i;
	r = link_read(l, now, &t);
	if (r <= 0)
		lost(a, l, r);
	else if (link_busy(&a->link[!i]) && a->wait[i] == 0)
		a->wait[i] = now + WAIT;
}

/* may_read - it need not wait for the other one any more */
static bool
may_read(struct app *a, unsigned i, uint64_t now)
{
	if (!link_busy(&a->link[!i]))
		a->wait[i] = 0;
	return a->link[i].in >= 0 && (a->wait[i] == 0 || now >= a->wait[i]);
}

static uint64_t
prepare(struct app *a, struct pollfd *set, uint64_t now)
{
	uint64_t timeout = TIME_NEVER, left;
	struct link *l;
	unsigned i;

	for (i = 0; i < 2; i++, set += PLACES) {
		l = &a->link[i];
		set[IN] = (struct pollfd){.fd = -1, .events = POLLIN};
		if (may_read(a, i, now))
			set[IN].fd = l->in;
		else if (l->in >= 0 && a->wait[i] - now < timeout)
			timeout = a->wait[i] - now;
		set[OUT] = (struct pollfd){
		    .fd = l->form != FORM_ONE ? l->out : -1,
		    .events = l->full ? POLLOUT : 0};
		set[ASKER] = (struct pollfd){
		    .fd = l->asked ? l->asker : -1, .events = POLLIN};
		if (l->in < 0 && l->dials && !l->asked && l->pause > now &&
		    l->pause - now < timeout)
			timeout = l->pause - now;
	}
	if (a->give_up == 0)
		return timeout;
	left = a->give_up > now ? a->give_up - now : 0;
	return left < timeout ? left : timeout;
}

/* dial - a socket that has ended, or was never there, is asked for */
static void
dial(struct app *a, struct link *l, const struct pollfd *p, uint64_t now)
{
	int fd;

	if (p->revents != 0) {
		fd = opener_take(l->asker);
		l->asked = false;
		if (fd < 0 && errno == ETOOMANYREFS) {
			l->pause = now + PAUSE; /* not to be had just now */
			return;
		}
		if (fd < 0) {
			say("open %s: %s", l->text, strerror(errno));
			a->status = EXIT_NO;
			l->dials = false;
			l->ended = true;
			return;
		}
		link_connected(l, fd);
	}
	if (l->in < 0 && l->dials && !l->asked && now >= l->pause)
		l->asked = opener_want(l->asker, 0) == 0;
}

static void
one_round(struct app *a, const struct pollfd *set, uint64_t now)
{
	struct link *l;
	unsigned i;

	for (i = 0; i < 2; i++) {
		const struct pollfd *p = set + i * PLACES;

		l = &a->link[i];
		if (p[OUT].revents & POLLOUT)
			l->full = false;
		if (p[IN].revents != 0)
			read_link(a, i, now);
		else if (p[OUT].revents & (POLLERR | POLLHUP))
			lost(a, l, 0);
		dial(a, l, &p[ASKER], now);
	}
	for (i = 0; i < 2; i++)
		if (link_write(&a->link[i]) != 0)
			unwritten(a, &a->link[i]);
}

static void
summary(struct app *a)
{
	const struct link *l;
	int i;

	for (i = 0; i < 2; i++) {
		l = &a->link[i];
		say("%s: %llu frames in, %llu out, %llu dropped, %llu bad",
		    l->text, (unsigned long long)l->frames,
		    (unsigned long long)l->to.count,
		    (unsigned long long)(l->to.dropped + l->dropped),
		    (unsigned long long)l->bad);
	}
}

/* over - one has ended, and the other has all that came from it */
static bool
over(struct app *a, uint64_t now)
{
	const struct link *l = a->link;
	int i;

	if (l[0].ended || l[1].ended) {
		if (a->give_up == 0)
			a->give_up = now + LEAVE;
		for (i = 0; i < 2; i++)
			if (l[i].ended &&
			    (l[!i].out < 0 || l[!i].form == FORM_ONE ||
				stream_out_waiting(&l[!i].to) == 0))
				return true;
	}
	return a->give_up != 0 && now >= a->give_up;
}

static void
run(struct app *a)
{
	struct pollfd set[2 * PLACES] = {{0}};
	uint64_t now = clock_now(&a->clock);
	unsigned rounds = 0, i;

	one_round(a, set, now);
	while (!over(a, now)) {
		if (loop_wait(set, 2 * PLACES, prepare(a, set, now)) <= 0)
			for (i = 0; i < 2 * PLACES; i++)
				set[i].revents = 0;
		if (++rounds % 16 == 0)
			(void)loop_wait(NULL, 0, 0);
		now = clock_now(&a->clock);
		if (stage_asked())
			summary(a);
		if (stage_stopped())
			break;
		one_round(a, set, now);
	}
}

/* leave - the command has its end of input, and a moment to end */
static void
leave(struct app *a)
{
	uint64_t until = clock_now(&a->clock) + LEAVE;
	bool failed[2];
	int i;

	/* did an interface's programs end by themselves? */
	for (i = 0; i < 2; i++)
		failed[i] = a->link[i].iface && a->link[i].ended;
	for (i = 0; i < 2; i++)
		if (!a->link[i].own)
			link_lost(&a->link[i]);
	for (i = 0; i < 2; i++)
		if (a->link[i].asked)
			dial_end(&a->link[i].dial, a->link[i].asker);
	for (i = 0; i < 2 && clock_now(&a->clock) < until;)
		if (child_over(&a->link[i].child))
			i++;
		else
			(void)loop_wait(NULL, 0, 5 * NS_PER_MS);
	/* they have said why */
	for (i = 0; i < 2; i++)
		if (failed[i] && child_exit(&a->link[i].child) != 0)
			a->status = EXIT_NO;
	if (a->command && a->status == 0)
		a->status = a->link[1].child.pid != 0
				? EXIT_NO
				: child_exit(&a->link[1].child);
}

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

/* begin - the links are opened, the command runs, and we are locked in */
static void
begin(struct app *a, int i, int argc, char **argv)
{
	struct sandbox_rights got;
	struct child_group group;
	const char *name;
	int k;

	if (child_group_start(&group) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	stage_signals();
	for (k = 0; k < 2; k++) {
		name = k < argc - i ? link_is_iface(argv[i + k]) : NULL;
		if (k == 1 && a->command)
			link_command(
			    &a->link[k], &group, argv + i + 2, argv[0]);
		else if (name != NULL)
			link_iface(&a->link[k], &group, name, argv[0]);
		else
			link_open(&a->link[k], argv[i + k]);
	}
	for (k = 0; k < 2; k++)
		link_start(&a->link[k]);
	clock_start(&a->clock);
	if (sandbox_enter(4, SANDBOX_LIBC | SANDBOX_REOPEN, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
}

#define OPT_BASE struct app

static const struct opt table[] = {
    {LETTER('q', NULL), FLAG(quiet), .text = "no summary lines"},
    {0},
};

/* read_words - the index of the first link */
static int
read_words(struct app *a, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] link -- command [argument...]", "[options] link link",
	    NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Join a command's standard streams, or another link, to a "
		"link:\n"
		"  tap:NAME            a TAP device of this host\n"
		"  if:IFACE            an interface, by rawcap and rawinject\n"
		"  qemu:PATH           QEMU, -netdev stream\n"
		"  udp:PORT:HOST:PORT  a frame a datagram: GNS3, QEMU dgram\n"
		"  unix:PATH           the packet stream on a Unix socket\n"
		"  tcp:HOST:PORT       on TCP; tcp::PORT waits for one\n"
		"  -                   stdin and stdout\n"
		"\n"
		"  pipe-plug qemu:vm1.sock -- phantom -n -f resp.txt - "
		"10.0.0.5\n",
	    .first_word_ends = true,
	    .table = {{table, a}},
	};
	int i = opt_parse(&program, argc, argv);

	a->command = argc - i >= 2 && strcmp(argv[i + 1], "--") == 0;
	if (a->command && argc - i == 2)
		die_usage("missing command behind --");
	if (argc - i < 2)
		die_usage(i == argc ? "missing links"
				    : "missing -- command, or a second link");
	if (!a->command)
		opt_no_more(i + 2, argc, argv);
	return i;
}

int
main(int argc, char **argv)
{
	static struct app a;
	bool held = false, own;
	int i;

	die_start(argv);
	i = read_words(&a, argc, argv);
	own = strcmp(argv[i], "-") == 0 || strcmp(argv[i + 1], "-") == 0;
	if (own) {
		stage_refuse_tty();
		held = hold(true);
	}
	begin(&a, i, argc, argv);
	run(&a);
	leave(&a);
	if (held)
		hold(false);
	if (!a.quiet)
		summary(&a);
	return a.status;
}
