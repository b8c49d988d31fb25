/*
 * commands.c - see commands.h.
 *
 * A command lives as long as its source sends, and ten seconds more. Then its
 * input ends; a command that does not end by that is killed. Sources of UDP
 * can be forged, so a source gets no more bytes than it has sent. When all
 * commands run, the one that was idle for the longest time makes room; if none
 * is idle, one of the source that has most, for a source that has less.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "command/spawn.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/udp.h"

#include "commands.h"
#include "commands_var.h"
#include "responder.h"

#define IDLE	  (10 * NS_PER_SEC)
#define GRACE	  (2 * NS_PER_SEC) /* to end by itself, and by SIGHUP */
#define SAY_EVERY (10 * NS_PER_SEC)

enum {
	HELD = 4096, /* bytes that wait for a command to start */
	OWED = 64,   /* datagrams without an answer, at most */
	READS = 16,  /* in a row from one command */
};

struct commands *
commands_new(const struct commands_config *cf)
{
	struct commands *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->cf = *cf;
	c->next = TIME_NEVER;
	c->session = calloc(cf->max, sizeof(*c->session));
	c->watched = calloc(cf->max, sizeof(*c->watched));
	if (c->session != NULL && c->watched != NULL)
		return c;
	free(c->session);
	free(c->watched);
	free(c);
	return NULL;
}

static void
wake_at(struct commands *c, uint64_t at)
{
	if (at < c->next)
		c->next = at;
}

static void
leave(struct commands *c, struct session *s)
{
	if (s->state == ENDING)
		c->ending--;
	else if (s->state != FREE)
		(*commands_of(c, s->source))--;
	free(s->held);
	*s = (struct session){
	    .state = FREE, .fd = -1, .heir = s->heir, .kept = s->kept};
}

void
commands_end(struct commands *c, struct session *s, uint64_t now)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	if (s->state != ENDING) {
		(*commands_of(c, s->source))--;
		c->ending++;
	}
	s->state = ENDING;
	s->until = now + GRACE;
	wake_at(c, s->until);
}

/* ---- datagrams */

static uint64_t
end_of(const struct commands *c, const struct responder_ask *a)
{
	uint8_t b[36];

	memcpy(b, a->local.b, 16);
	memcpy(b + 16, a->remote.b, 16);
	put_be16(b + 32, a->lport);
	put_be16(b + 34, a->rport);
	return hash_keyed(c->cf.key, b, sizeof(b));
}

static struct session *
begin(struct commands *c, const struct responder_ask *a, uint64_t id)
{
	uint64_t source = ip_source(&a->remote, c->cf.key);
	struct session *s = commands_place(c, source, a->now);

	if (s == NULL)
		return NULL;
	*s = (struct session){
	    .state = STARTING, .end = id, .source = source, .fd = -1};
	(*commands_of(c, source))++;
	c->asking = true;
	return s;
}

/* hold - until the command runs: the first one, and what fits behind it */
static bool
hold(struct session *s, const uint8_t *data, size_t n)
{
	size_t all = s->nheld + n + 2;
	uint8_t *more;

	if (s->nheld > 0 && all > HELD)
		return false;
	more = realloc(s->held, all);
	if (more == NULL)
		return false;
	put_be16(more + s->nheld, (uint16_t)n);
	memcpy(more + s->nheld + 2, data, n);
	s->held = more;
	s->nheld = all;
	return true;
}

/* give - to the command, now or when it runs */
static bool
give(struct commands *c, struct session *s, const struct responder_ask *a)
{
	if (s->owed == OWED)
		return false;
	if (s->state == STARTING)
		return hold(s, a->data, a->n);
	if (write(s->fd, a->data, a->n) == (ssize_t)a->n)
		return true;
	if (errno != EAGAIN && errno != EINTR)
		commands_end(c, s, a->now);
	return false;
}

static struct session *
find(struct commands *c, uint64_t id)
{
	struct session *s = c->session;
	uint32_t i;

	for (i = 0; i < c->cf.max; i++, s++)
		if (s->end == id &&
		    (s->state == STARTING || s->state == RUNNING))
			return s;
	return NULL;
}

/* owe - an answer to this one */
static void
owe(struct session *s, const struct responder_ask *a)
{
	s->owed++;
	s->bytes += a->n;
	s->active = a->now;
	s->to = *a;
	memcpy(s->l2, a->frame, a->l2len);
	s->to.frame = s->l2;
	s->to.data = NULL;
}

bool
commands_take(struct commands *c, const struct responder_ask *a)
{
	uint64_t id = end_of(c, a);
	struct session *s = find(c, id);
	bool given;

	if (a->n == 0) /* no bytes: that would be the end */
		return false;
	given = s != NULL && give(c, s, a);
	if (!given && (s == NULL || s->state == ENDING)) {
		s = begin(c, a, id);
		given = s != NULL && give(c, s, a);
	}
	if (!given)
		return false;
	owe(s, a);
	wake_at(c, a->now + IDLE);
	return true;
}

/* ---- the spawner */

static bool
tell(struct commands *c, const struct session *s, enum spawn_verb verb)
{
	struct spawn_msg m;

	memset(&m, 0, sizeof(m));
	m.id = (uint32_t)(s - c->session);
	m.verb = verb;
	m.proto = PROTO_UDP;
	m.which = s->to.which;
	m.laddr = s->to.local;
	m.raddr = s->to.remote;
	m.lport = s->to.lport;
	m.rport = s->to.rport;
	memcpy(m.lmac.b, s->l2, sizeof(m.lmac.b));
	memcpy(m.rmac.b, s->l2 + sizeof(m.lmac.b), sizeof(m.rmac.b));
	return spawn_tell(c->cf.sock, &m) == 0;
}

/* ask - for those that are to start, as far as the spawner listens */
static void
ask(struct commands *c)
{
	struct session *s = c->session;
	uint32_t i;

	for (i = 0; i < c->cf.max; i++, s++) {
		if (s->state != STARTING || s->told)
			continue;
		s->told = tell(c, s, SPAWN_RUN);
		if (!s->told)
			return;
	}
	c->asking = false;
}

/* started - it gets what has come meanwhile */
static void
started(struct commands *c, struct session *s, int fd)
{
	size_t at, n;

	s->fd = fd;
	s->state = RUNNING;
	for (at = 0; at + 2 < s->nheld; at += n + 2) {
		n = get_be16(s->held + at);
		if (write(fd, s->held + at + 2, n) < 0)
			break; /* its end is found soon */
	}
	free(s->held);
	s->held = NULL;
	s->nheld = 0;
}

static void take_answers(struct commands *, struct session *, uint64_t now);

static void
take_news(
    struct commands *c, const struct spawn_msg *m, int fd[2], uint64_t now)
{
	struct session *s = m->id < c->cf.max ? &c->session[m->id] : NULL;
	uint64_t source;

	if (fd[1] >= 0)
		close(fd[1]); /* the same as the other */
	if (s != NULL && m->verb == SPAWN_STARTED && s->state == STARTING) {
		started(c, s, fd[0]);
		return;
	}
	if (fd[0] >= 0)
		close(fd[0]);
	if (s == NULL || s->state == FREE)
		return;
	if (m->verb == SPAWN_FAILED && now >= c->say_at) {
		say("start command: %s", strerror(m->value));
		c->say_at = now + SAY_EVERY;
	}
	if (m->verb == SPAWN_ENDED && s->state == RUNNING)
		take_answers(c, s, now);
	if (m->verb != SPAWN_ENDED && m->verb != SPAWN_FAILED)
		return;
	if (s->fd >= 0)
		close(s->fd);
	source = s->source;
	leave(c, s);
	if (m->verb == SPAWN_FAILED)
		commands_refused(c, source, now);
}

static void
hear(struct commands *c, uint64_t now)
{
	struct spawn_msg m;
	uint32_t i;
	int fd[2], r;

	while ((r = spawn_hear(c->cf.sock, &m, fd)) > 0)
		take_news(c, &m, fd, now);
	if (r == 0 || c->gone)
		return;
	c->gone = true;
	for (i = 0; i < c->cf.max; i++) {
		if (c->session[i].fd >= 0 && c->session[i].state != FREE)
			close(c->session[i].fd);
		leave(c, &c->session[i]);
	}
}

bool
commands_gone(const struct commands *c)
{
	return c->gone;
}

/* ---- answers */

/* take_answers - as many as it owes; more than that stays in the socket */
static void
take_answers(struct commands *c, struct session *s, uint64_t now)
{
	ssize_t n = 1;
	int i;

	for (i = 0; i < READS && s->owed > 0; i++) {
		n = read(s->fd, c->message, sizeof(c->message));
		/* it has ended without reading everything: logged once, before
		   its output */
		if (n < 0 && errno == ECONNRESET)
			continue;
		if (n <= 0)
			break;
		s->owed--;
		if (!s->to.amplify && (uint64_t)n > s->bytes) {
			c->cf.excess(c->cf.ctx, now, &s->to);
			continue;
		}
		s->bytes -= (uint64_t)n < s->bytes ? (uint64_t)n : s->bytes;
		c->cf.answer(c->cf.ctx, now, &s->to, c->message, (size_t)n);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		commands_end(c, s, now);
}

/* ---- the loop */

size_t
commands_watch_max(const struct commands *c)
{
	return (size_t)c->cf.max + 1;
}

size_t
commands_watch(struct commands *c, struct pollfd *p)
{
	const struct session *s = c->session;
	size_t n = 0;
	uint32_t i;

	if (c->asking)
		ask(c);
	p[n++] = (struct pollfd){
	    .fd = c->gone ? -1 : c->cf.sock, .events = POLLIN};
	for (i = 0; i < c->cf.max; i++, s++)
		if (s->state == RUNNING) {
			c->watched[n - 1] = i;
			p[n++] = (struct pollfd){
			    .fd = s->fd, .events = s->owed > 0 ? POLLIN : 0};
		}
	return n;
}

void
commands_watched(
    struct commands *c, const struct pollfd *p, size_t n, uint64_t now)
{
	struct session *s;
	size_t i;

	for (i = 1; i < n; i++) {
		s = &c->session[c->watched[i - 1]];
		if (p[i].revents == 0 || s->state != RUNNING)
			continue;
		if (s->owed > 0)
			take_answers(c, s, now);
		else if (p[i].revents & (POLLHUP | POLLERR))
			commands_end(c, s, now);
	}
	if (n > 0 && p[0].revents != 0)
		hear(c, now);
}

uint64_t
commands_deadline(const struct commands *c)
{
	return c->next;
}

/* stop - a command that goes on after its input has ended */
static void
stop(struct commands *c, struct session *s, uint64_t now)
{
	tell(c, s, s->hung ? SPAWN_KILL : SPAWN_HANGUP);
	s->hung = true;
	s->until = now + GRACE;
}

void
commands_timer(struct commands *c, uint64_t now)
{
	struct session *s = c->session;
	uint32_t i;

	if (now < c->next)
		return;
	c->next = TIME_NEVER;
	for (i = 0; i < c->cf.max; i++, s++) {
		if (s->state == RUNNING && now >= s->active + IDLE)
			commands_end(c, s, now);
		if (s->state == ENDING && now >= s->until)
			stop(c, s, now);
		if (s->state == RUNNING)
			wake_at(c, s->active + IDLE);
		else if (s->state == ENDING)
			wake_at(c, s->until);
	}
}
