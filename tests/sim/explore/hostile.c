/*
 * hostile.c - what a router and an attacker may do to the frame that is next.
 */
#include "../invariant.h"
#include "../middle.h"
#include "explore.h"

/* is_capable - a router may mark it */
static bool
is_capable(const struct packet *q)
{
	struct view v;

	return look(q->bytes, q->len, &v) && (v.ip.tos & 3) != 0;
}

/* victim - of an attacker that knows all: the receiver of the next frame; of
   a reset in TIME-WAIT its sender, as the last ACK is under way */
static struct side *
victim(int what)
{
	struct sim *s = &world.s;
	int to = s->first->to;

	return &s->call[s->calls - 1].side[what == KNOWN_RESET ? !to : to];
}

/* can_know - the victim is in a state in which this means something */
static bool
can_know(int what)
{
	const struct side *d = victim(what);
	struct facts f;

	if (what == KNOWN_RESET)
		/* one that has answered a SYN may be ended: tw.c */
		return world.plain && d->opened && d->closed &&
		       tcp_stats(d->end->t)->time_waits > 0;
	if (law_last(&world, d->end->who) == NULL)
		return false;
	invariant_facts(d->tcb, &f);
	return what == KNOWN_UNSENT || f.ts;
}

static void
know(int what)
{
	struct side *d = victim(what);
	struct facts f = {0};

	world.s.attacked = true;
	if (what != KNOWN_RESET)
		invariant_facts(d->tcb, &f);
	attack_knowing(&world.s, d, (enum known)what, f.ts_recent);
}

bool
hostile_can(enum fault f)
{
	if (f == FAULT_MARK)
		return is_capable(world.s.first);
	return f < FAULT_KNOWN || can_know(f - FAULT_KNOWN);
}

static void
mark(struct packet *q)
{
	struct view v;

	look(q->bytes, q->len, &v);
	middle_mark(q->bytes, &v);
	q->done = true;
}

static void
damage(struct packet *q)
{
	chance_seed(&world.s.c, world.decision);
	middle_damage(q->bytes, q->len, ETHER_HLEN, &world.s.c);
	q->damaged = q->done = true;
}

/* forge - number 0 to 11 of what an attacker may send to an end */
static void
forge(unsigned number)
{
	world.s.attacked = true;
	chance_seed(&world.s.c, number);
	attack(&world.s);
}

void
hostile_do(enum fault f)
{
	if (f >= FAULT_KNOWN)
		know(f - FAULT_KNOWN);
	else if (f >= FAULT_FORGED)
		forge(f - FAULT_FORGED);
	else if (f == FAULT_MARK)
		mark(world.s.first);
	else
		damage(world.s.first);
}
