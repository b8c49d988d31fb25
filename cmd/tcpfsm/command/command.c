/*
 * command.c - a command for each connection: see command.h.
 *
 * A job is a connection and its command, from ESTABLISHED to the later of
 * both ends. While a command runs, or its output is not read to the end, the
 * job has a slot; there are as many slots as commands may run at once, and a
 * connection that finds none waits in a queue.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "app.h"
#include "base/clock.h"
#include "base/die.h"
#include "command/child.h"
#include "command/command.h"
#include "command/pool.h"
#include "command/spawn.h"
#include "digest.h"
#include "log.h"
#include "log/event.h"
#include "serve/serve.h"
#include "sink.h"
#include "tcp/tcp.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum {
	LAST_WRITE_MS = 2000, /* without progress, at the end */
	QUIT_MS = 5000,	      /* for the spawner's last word */
	TICK_MS = 10,
};

struct command {
	struct crew crew;
	uint32_t (*which)(void *which_ctx, struct tcb *);
	void *which_ctx;
	struct serve *keep;
	bool md5;
	uint64_t idle;
	bool cut;	      /* the connection that closes was not closed
				 in order */
	struct job **watched; /* of the descriptors after the socket */
};

struct command *
command_new(const struct command_config *cf)
{
	uint32_t max = cf->max;
	struct command *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->crew.sock = cf->sock;
	c->crew.max = max;
	c->crew.log = cf->log;
	memcpy(c->crew.key, cf->key, sizeof(c->crew.key));
	c->which = cf->which;
	c->which_ctx = cf->which_ctx;
	c->keep = cf->keep;
	c->md5 = cf->md5;
	c->idle = cf->idle;
	c->watched = calloc(2 * (size_t)max, sizeof(struct job *));
	if (c->watched == NULL || crew_init(&c->crew) != 0) {
		free(c->watched);
		free(c);
		return NULL;
	}
	return c;
}

uint32_t
command_watch_max(const struct command *c)
{
	return 1 + 2 * c->crew.max;
}

static struct job *
job_of(struct tcb *tcb)
{
	return tcb != NULL ? (struct job *)*tcp_user(tcb) : NULL;
}

/* ---- the connection ---- */

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct command *c = ctx;
	struct job *j = NULL;
	uint16_t port;

	if (!crew_full(&c->crew, tcp_remote(tcb, &port)))
		j = job_new(tcb, c->md5, c->idle, now);
	if (j == NULL) {
		tcp_abort(tcb, now);
		return;
	}
	if (c->which != NULL)
		j->which = c->which(c->which_ctx, tcb);
	*tcp_user(tcb) = (uintptr_t)j;
	tcp_nodelay(tcb, true); /* a command's output is sent as it comes */
	crew_join(&c->crew, j);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	struct command *c = ctx;

	if (job_of(tcb) == NULL)
		return;
	if (c->keep != NULL)
		serve_keep(c->keep, p, n);
	job_hear(job_of(tcb), p, n, now);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct job *j = job_of(tcb);

	if (j == NULL)
		return;
	j->peer_closed = true;
	job_feed(j);
}

static void
on_timer(void *ctx, struct tcb *tcb, uint64_t now)
{
	if (job_of(tcb) != NULL)
		job_timer(job_of(tcb), now);
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	struct job *j = job_of(tcb);

	return j->buf + j->start + (off - j->base);
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	if (job_of(tcb) != NULL)
		job_acked(job_of(tcb), off, now);
}

static void
on_event(void *ctx, const struct tcp_event *ev, struct log_more *more)
{
	struct job *j = job_of(ev->tcb);
	struct command *c = ctx;

	if (j == NULL || ev->type != TCP_EV_CLOSE)
		return;
	digests_text(j->digests, more);
	more->command = true;
	more->have_status = j->have_status;
	more->status = j->status;
	more->unread = j->unread + sink_waits(&j->in);
	c->cut = ev->how != TCP_CLOSE_FIN;
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	struct job *j = job_of(tcb);
	struct command *c = ctx;

	if (j == NULL)
		return;
	j->tcb = NULL;
	j->start = j->len = 0;
	/* at our own end commands first get what was acknowledged */
	crew_leave(&c->crew, j, c->cut && !c->crew.ending, now);
}

/* ---- the loop ---- */

static size_t
on_watch(void *ctx, struct pollfd *p)
{
	struct command *c = ctx;
	struct job *j;
	uint32_t i;
	size_t n = 1;

	p[0] = (struct pollfd){.fd = c->crew.gone ? -1 : c->crew.sock,
	    .events = c->crew.asking ? POLLIN | POLLOUT : POLLIN};
	for (i = 0; i < c->crew.max; i++) {
		j = c->crew.slot[i];
		if (j == NULL)
			continue;
		if (job_wants(j)) {
			c->watched[n - 1] = j;
			p[n++] = (struct pollfd){
			    .fd = j->out, .events = POLLIN};
		}
		if (j->in.fd >= 0 && sink_waits(&j->in) > 0) {
			c->watched[n - 1] = j;
			p[n++] = (struct pollfd){
			    .fd = j->in.fd, .events = POLLOUT};
		}
	}
	return n;
}

static void
on_watched(void *ctx, const struct pollfd *p, size_t n, uint64_t now)
{
	struct command *c = ctx;
	struct job *j;
	size_t i;

	/* nothing that is watched is freed before on_step() */
	for (i = 1; i < n; i++) {
		j = c->watched[i - 1];
		if (p[i].revents == 0)
			continue;
		if (p[i].events == POLLIN)
			job_take(j, now);
		else
			job_feed(j);
	}
	c->crew.moved = true;
	if (p[0].revents != 0)
		crew_hear(&c->crew, now);
}

static void
on_step(void *ctx, uint64_t now)
{
	struct command *c = ctx;

	crew_step(&c->crew, now);
}

static uint64_t
on_deadline(void *ctx)
{
	return ((struct command *)ctx)->crew.next;
}

static bool
on_done(void *ctx, uint64_t now)
{
	return ((struct command *)ctx)->crew.gone;
}

/* on_stop - every connection is reset; what has come of them is kept */
static void
on_stop(void *ctx, uint64_t now)
{
	struct command *c = ctx;
	struct job *j;

	c->crew.ending = true;
	for (j = c->crew.newest; j != NULL; j = j->older) {
		if (j->tcb != NULL)
			tcp_abort(j->tcb, now);
	}
}

/* ---- the end ---- */

/* feed_all - bytes that still wait for commands; *fd one that they are for */
static size_t
feed_all(struct command *c, int *fd)
{
	size_t waits = 0;
	struct job *j;
	uint32_t i;

	for (i = 0; i < c->crew.max; i++) {
		j = c->crew.slot[i];
		if (j == NULL || j->in.fd < 0)
			continue;
		job_feed(j);
		if (sink_waits(&j->in) > 0)
			*fd = j->in.fd;
		waits += sink_waits(&j->in);
	}
	return waits;
}

/* write_last - commands get what was acknowledged, while they take it */
static void
write_last(struct command *c)
{
	struct pollfd p = {.fd = -1, .events = POLLOUT};
	size_t before = SIZE_MAX, waits;
	int idle;

	for (idle = 0; idle < LAST_WRITE_MS; idle += TICK_MS) {
		waits = feed_all(c, &p.fd);
		if (waits == 0)
			return;
		if (waits < before)
			idle = 0;
		before = waits;
		poll(&p, 1, TICK_MS);
	}
}

/* quit - end all commands, and wait for their exit status */
static void
quit(struct command *c, uint64_t now)
{
	struct spawn_msg m = {.verb = SPAWN_QUIT};
	struct pollfd p = {.fd = c->crew.sock, .events = POLLOUT};
	int i;

	for (i = 0; i < QUIT_MS && spawn_tell(c->crew.sock, &m) != 0;
	     i += TICK_MS) {
		poll(&p, 1, TICK_MS);
		crew_hear(&c->crew, now);
	}
	p.events = POLLIN;
	for (i = 0; i < QUIT_MS && !c->crew.gone; i += TICK_MS) {
		poll(&p, 1, TICK_MS);
		crew_hear(&c->crew, now);
	}
}

static int
on_end(void *ctx, bool quiet, uint64_t now)
{
	struct command *c = ctx;
	uint32_t i;

	if (c->crew.gone) {
		say("start commands: the process that does it has ended");
		return EXIT_NO;
	}
	c->crew.ending = true;
	write_last(c);
	for (i = 0; i < c->crew.max; i++) {
		if (c->crew.slot[i] != NULL)
			job_cut(c->crew.slot[i]);
	}
	quit(c, now);
	return c->keep != NULL ? serve_kept(c->keep) : EXIT_DONE;
}

const struct app command_app = {
    .tcp.opened = on_opened,
    .tcp.received = on_received,
    .tcp.peer_closed = on_peer_closed,
    .tcp.timer = on_timer,
    .tcp.closed = on_closed,
    .tcp.data = on_data,
    .tcp.acked = on_acked,
    .event = on_event,
    .step = on_step,
    .deadline = on_deadline,
    .watch = on_watch,
    .watched = on_watched,
    .stop = on_stop,
    .done = on_done,
    .end = on_end,
};
