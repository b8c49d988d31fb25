/*
 * pool.c - commands that run and connections that wait, see pool.h.
 *
 * A job has a slot while its command runs or has output that is not read. Only
 * crew_step() frees jobs, so a job may still be looked at after any call of
 * the engine.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/part.h"
#include "command/child.h"
#include "command/pool.h"
#include "command/spawn.h"
#include "log.h"
#include "log/event.h"
#include "sink.h"
#include "tcp/tcp.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum { QUEUE_EACH = 10 }; /* connections that may wait, for each command */
#define SAY_EVERY (10 * NS_PER_SEC)

/* a command whose connection has ended goes on as it likes, unless another
   waits: then for so long, and so long after a SIGHUP */
#define ALONE (10 * NS_PER_SEC)
#define GRACE (2 * NS_PER_SEC)

int
crew_init(struct crew *c)
{
	c->last = &c->first;
	c->next = TIME_NEVER;
	c->limit = c->max;
	c->slot = calloc(c->max, sizeof(struct job *));
	return c->slot != NULL ? 0 : -1;
}

static uint32_t
source_of(const struct crew *c, const struct ip_addr *a)
{
	return (uint32_t)ip_source(a, c->key) % CREW_SOURCES;
}

/* most - the most that one source has of the slots */
static uint32_t
most(const struct crew *c)
{
	uint32_t i, n = 0;

	for (i = 0; i < c->max; i++)
		if (c->slot[i] != NULL && c->running[c->slot[i]->source] > n)
			n = c->running[c->slot[i]->source];
	return n;
}

/* may_run - there is a slot, and one that its source may take */
static bool
may_run(const struct crew *c, uint32_t source)
{
	uint32_t own = c->running[source];

	return c->used < c->limit &&
	       (part_has_room(own, c->used, c->limit, 1) ||
		   part_takes(own, most(c)));
}

bool
crew_full(const struct crew *c, const struct ip_addr *a)
{
	uint32_t source = source_of(c, a);

	if (c->ending)
		return true;
	/* one that takes a place from another waits meanwhile */
	return !may_run(c, source) &&
	       !part_has_room(
		   c->waiting[source], c->queued, c->max * QUEUE_EACH, 1) &&
	       (c->waiting[source] > 0 ||
		   !part_takes(c->running[source], most(c)));
}

static void
give_slot(struct crew *c, struct job *j)
{
	uint32_t i;

	for (i = 0; c->slot[i] != NULL; i++)
		;
	c->slot[i] = j;
	c->used++;
	c->running[j->source]++;
	j->slot = i;
	j->state = JOB_ASKED;
	c->asking = true;
}

static void
enqueue(struct crew *c, struct job *j)
{
	j->next = NULL;
	*c->last = j;
	c->last = &j->next;
	c->queued++;
	c->waiting[j->source]++;
}

static void
leave_queue(struct crew *c, struct job *j)
{
	struct job **p = &c->first;

	while (*p != j)
		p = &(*p)->next;
	*p = j->next;
	c->queued--;
	c->waiting[j->source]--;
	if (c->last == &j->next)
		c->last = p;
}

void
crew_join(struct crew *c, struct job *j)
{
	j->older = c->newest;
	if (c->newest != NULL)
		c->newest->newer = j;
	c->newest = j;
	j->source = source_of(c, &j->raddr);
	if (may_run(c, j->source))
		give_slot(c, j);
	else
		enqueue(c, j);
	c->moved = true;
}

/* hang_up - SIGHUP, as soon as the spawner takes it */
static void
hang_up(struct crew *c, struct job *j, uint64_t now)
{
	j->hangup = c->asking = true;
	j->hung = now;
}

void
crew_leave(struct crew *c, struct job *j, bool hangup, uint64_t now)
{
	j->left = now;
	if (j->state == JOB_QUEUED)
		leave_queue(c, j);
	if (j->slot == NO_SLOT) {
		j->next = c->dead;
		c->dead = j;
	} else if (!j->told) {
		j->state = JOB_OVER; /* it has never run */
	} else if (j->state == JOB_OVER) {
		/* what it has left behind may hold its stdout for ever */
		job_cut(j);
	} else if (hangup) {
		hang_up(c, j, now);
	} else {
		/* closed on both sides: the command may go on, unheard */
		j->peer_closed = true;
		job_feed(j);
	}
	c->moved = true;
}

/* bury - the connection has ended, and so has the command */
static void
bury(struct crew *c, struct job *j)
{
	if (j->older != NULL)
		j->older->newer = j->newer;
	if (j->newer != NULL)
		j->newer->older = j->older;
	else
		c->newest = j->older;
	job_free(j);
}

/* next_waiting - the first one of the source that has fewest commands; NULL:
   none waits */
static struct job *
next_waiting(const struct crew *c)
{
	struct job *j, *best = NULL;

	for (j = c->first; j != NULL; j = j->next)
		if (best == NULL ||
		    c->running[j->source] < c->running[best->source])
			best = j;
	return best;
}

static void
begin_waiting(struct crew *c)
{
	struct job *j;

	while (c->used < c->limit && (j = next_waiting(c)) != NULL &&
	       may_run(c, j->source)) {
		leave_queue(c, j);
		give_slot(c, j);
	}
}

/* to_go - the job that makes room for a source that has own: of the one that
   has most, that which was idle for longest; NULL: none has more */
static struct job *
to_go(const struct crew *c, uint32_t own)
{
	const uint32_t n = most(c);
	struct job *j, *best = NULL;
	uint32_t i;

	for (i = 0; i < c->max && part_takes(own, n); i++) {
		j = c->slot[i];
		if (j == NULL || j->going || j->state == JOB_OVER)
			continue;
		if (c->running[j->source] == n &&
		    (best == NULL || j->active < best->active))
			best = j;
	}
	return best;
}

/* make_room - a few commands at a time: one that ends may take a while */
static void
make_room(struct crew *c, uint64_t now)
{
	struct job *wants, *j;

	if (c->ending || c->used < c->limit || c->going > c->limit / 8)
		return;
	wants = next_waiting(c);
	j = wants != NULL ? to_go(c, c->running[wants->source]) : NULL;
	if (j == NULL)
		return;
	j->going = true;
	c->going++;
	if (j->tcb != NULL)
		tcp_abort(j->tcb, now);
	else
		hang_up(c, j, now);
}

/* stray - a command whose connection has ended and that goes on, while a
   connection waits: what is to become of it, and when */
static void
stray(struct crew *c, struct job *j, uint64_t now)
{
	uint64_t at = j->hung > 0 ? j->hung + GRACE : j->left + ALONE;

	if (now >= at) {
		if (j->hung == 0) {
			hang_up(c, j, now);
		} else {
			j->kill = c->asking = true;
			j->hung = now;
		}
		at = now + GRACE;
	}
	if (at < c->next)
		c->next = at;
}

static void
end_strays(struct crew *c, uint64_t now)
{
	struct job *j;
	uint32_t i;

	c->next = TIME_NEVER;
	for (i = 0; i < c->max && c->first != NULL && !c->ending; i++) {
		j = c->slot[i];
		if (j != NULL && j->left > 0 && j->told && !j->hangup &&
		    j->state != JOB_OVER)
			stray(c, j, now);
	}
}

/* sweep - free the slots and the jobs that have come to their end */
static void
sweep(struct crew *c)
{
	struct job *j;
	uint32_t i;

	for (i = 0; i < c->max; i++) {
		j = c->slot[i];
		if (j == NULL || j->state != JOB_OVER || j->out >= 0)
			continue;
		c->slot[i] = NULL;
		c->used--;
		c->running[j->source]--;
		c->going -= j->going;
		j->slot = NO_SLOT;
		if (j->tcb == NULL)
			bury(c, j);
	}
	while ((j = c->dead) != NULL) {
		c->dead = j->next;
		bury(c, j);
	}
	if (!c->ending)
		begin_waiting(c);
}

/* ask - send the spawner its requests, as far as it takes them */
static void
ask(struct crew *c)
{
	struct spawn_msg m;
	struct job *j;
	uint32_t i;

	if (!c->asking || c->gone)
		return;
	for (i = 0; i < c->max; i++) {
		j = c->slot[i];
		if (j == NULL || (j->told && !j->hangup && !j->kill))
			continue;
		memset(&m, 0, sizeof(m));
		m.id = i;
		m.verb = !j->told  ? SPAWN_RUN
			 : j->kill ? SPAWN_KILL
				   : SPAWN_HANGUP;
		m.proto = PROTO_TCP;
		m.which = j->which;
		m.laddr = j->laddr;
		m.raddr = j->raddr;
		m.lport = j->lport;
		m.rport = j->rport;
		if (j->tcb != NULL)
			tcp_macs(j->tcb, &m.lmac, &m.rmac);
		if (spawn_tell(c->sock, &m) != 0)
			return; /* EAGAIN, or its end will be seen */
		if (j->told)
			j->hangup = j->kill = false;
		j->told = true;
	}
	c->asking = false;
}

void
crew_step(struct crew *c, uint64_t now)
{
	while (c->moved) {
		c->moved = false;
		sweep(c);
		make_room(c, now);
	}
	end_strays(c, now);
	ask(c);
}

/* ---- the spawner ---- */

static void
log_exit(struct crew *c, const struct job *j, int status, uint64_t now)
{
	if (c->log == NULL)
		return;
	event_begin(
	    c->log, now, &j->laddr, j->lport, &j->raddr, j->rport, "exit");
	log_status(c->log, status);
	event_num(c->log, "read", j->in.taken);
	event_end(c->log);
}

/* put_back - as many run as the system lets run: it waits for one of them */
static bool
put_back(struct crew *c, struct job *j, int error)
{
	if (j->tcb == NULL || c->ending || c->used < 2 ||
	    (error != EAGAIN && error != ENOMEM && error != EMFILE &&
		error != ENFILE))
		return false;
	c->slot[j->slot] = NULL;
	c->used--;
	c->limit = c->used;
	c->running[j->source]--;
	c->going -= j->going;
	j->going = j->told = false;
	j->slot = NO_SLOT;
	j->state = JOB_QUEUED;
	j->next = c->first;
	if (c->first == NULL)
		c->last = &j->next;
	c->first = j;
	c->queued++;
	c->waiting[j->source]++;
	return true;
}

static void
failed(struct crew *c, struct job *j, int error, uint64_t now)
{
	bool waits = put_back(c, j, error);

	if (now >= c->say_at && waits)
		say("start command: %s: %u run, others wait", strerror(error),
		    (unsigned)c->used);
	else if (now >= c->say_at)
		say("start command: %s", strerror(error));
	if (now >= c->say_at)
		c->say_at = now + SAY_EVERY;
	if (waits)
		return;
	j->state = JOB_OVER;
	job_cut(j);
	if (j->tcb != NULL)
		tcp_abort(j->tcb, now);
}

static void
take_news(
    struct crew *c, const struct spawn_msg *m, const int fd[2], uint64_t now)
{
	struct job *j = m->id < c->max ? c->slot[m->id] : NULL;

	if (j == NULL)
		return;
	switch (m->verb) {
	case SPAWN_STARTED:
		j->state = JOB_RUNNING;
		job_open(j, fd[0], fd[1]);
		if (c->used >= c->limit && c->limit < c->max)
			c->limit++; /* there may be room for one more */
		return;
	case SPAWN_FAILED:
		failed(c, j, m->value, now);
		return;
	case SPAWN_HUNG:
		if (j->tcb == NULL)
			job_cut(j);
		return;
	case SPAWN_ENDED:
		log_exit(c, j, m->value, now);
		job_ended(j, m->value, now);
		if (j->tcb == NULL)
			job_cut(j);
		return;
	case SPAWN_RUN:
	case SPAWN_HANGUP:
	case SPAWN_KILL:
	case SPAWN_QUIT:
		return;
	}
}

void
crew_hear(struct crew *c, uint64_t now)
{
	struct spawn_msg m;
	int fd[2], r;

	c->moved = true;
	while (!c->gone && (r = spawn_hear(c->sock, &m, fd)) != 0) {
		if (r < 0)
			c->gone = true;
		else
			take_news(c, &m, fd, now);
	}
}
