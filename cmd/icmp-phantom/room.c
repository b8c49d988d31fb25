/*
 * room.c - which command of UDP makes room for another, see commands_var.h: one
 * that was idle for a second, else one of the source that has most.
 */
#include "base/clock.h"
#include "base/part.h"

#include "commands_var.h"

#define SPARE NS_PER_SEC       /* idle for so long: it may make room */
#define KEPT  (6 * NS_PER_SEC) /* then a resolver has asked once more */

uint32_t *
commands_of(struct commands *c, uint64_t source)
{
	return &c->has[source % COMMANDS_SOURCES];
}

/* may_go - it has waited for long, and longer than the one so far */
static bool
may_go(const struct session *s, const struct session *so_far, uint64_t now)
{
	return s->state == RUNNING && now - s->active > SPARE &&
	       (so_far == NULL || s->active < so_far->active);
}

/* richest - of the source that has most, if this one has less, what was idle
   for longest; a few at a time, since what ends takes a while */
static struct session *
richest(struct commands *c, uint64_t source)
{
	struct session *s, *best = NULL;
	uint32_t i, most = *commands_of(c, source) + 2, n;

	for (i = 0; c->ending <= c->cf.max / 8 && i < c->cf.max; i++) {
		s = &c->session[i];
		n = s->state == RUNNING ? *commands_of(c, s->source) : 0;
		if (n > most ||
		    (n == most && (best == NULL || s->active < best->active))) {
			most = n;
			best = s;
		}
	}
	return best;
}

/* is_kept - for a source, which was to ask again */
static bool
is_kept(const struct session *s, uint64_t now)
{
	return (s->state == FREE || s->state == ENDING) && now < s->kept;
}

/* inherited - the place that is kept for this source, or NULL */
static struct session *
inherited(struct commands *c, uint64_t source, uint64_t now)
{
	uint32_t i;

	for (i = 0; i < c->cf.max; i++)
		if (is_kept(&c->session[i], now) &&
		    c->session[i].heir == source)
			return &c->session[i];
	return NULL;
}

/*
 * room - a place that is free for this source; *go: what can make room if there
 * is none. What is idle and another's can be had, so it counts as free; a
 * source that has its part makes room itself, unless another has more.
 */
static struct session *
room(struct commands *c, uint64_t source, uint64_t now, struct session **go)
{
	struct session *s, *free_one = NULL, *idle = NULL, *own_idle = NULL;
	struct session *rich = richest(c, source);
	uint32_t i, its = 0, others = 0;

	for (i = 0; i < c->cf.max; i++) {
		s = &c->session[i];
		if (s->state == FREE && !is_kept(s, now))
			free_one = s;
		else if (s->source == source)
			its++;
		else if (!may_go(s, NULL, now))
			others++;
		if (may_go(s, idle, now))
			idle = s;
		if (s->source == source && may_go(s, own_idle, now))
			own_idle = s;
	}
	if (rich == NULL && !part_has_room(its, its + others, c->cf.max, 1)) {
		free_one = NULL;
		idle = own_idle;
	}
	*go = idle != NULL ? idle : rich;
	return free_one;
}

/* make_room - what goes does so for this source */
static void
make_room(struct commands *c, struct session *go, uint64_t source, uint64_t now)
{
	commands_end(c, go, now);
	go->heir = source;
	go->kept = now + KEPT;
}

void
commands_refused(struct commands *c, uint64_t source, uint64_t now)
{
	struct session *go;

	(void)room(c, source, now, &go);
	if (go != NULL)
		make_room(c, go, source, now);
}

struct session *
commands_place(struct commands *c, uint64_t source, uint64_t now)
{
	struct session *s = inherited(c, source, now), *go;

	if (s != NULL)
		return s->state == FREE ? s : NULL;
	s = room(c, source, now, &go);
	if (s == NULL && go != NULL)
		make_room(c, go, source, now);
	return s;
}
