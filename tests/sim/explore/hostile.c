/*
 * hostile.c - what a router and an attacker may do to the frame that is next.
 */
#include <string.h>

#include "../invariant.h"
#include "base/bytes.h"
#include "../middle.h"
#include "explore.h"

enum { NARROW = 556 }; /* bytes of packet; less is sent without DF */

/* has_data - enough for three pieces */
static bool
has_data(const struct packet *q)
{
	struct view v;

	return look(q->bytes, q->len, &v) && v.tcp && v.len >= 32 &&
	       !(v.h.flags & TH_SYN);
}

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
	if (what == KNOWN_FLOOD) {
		world.flood_at[d->end->who] = world.s.now;
		world.flood_acks[d->end->who] = 0;
	}
	attack_knowing(&world.s, d, (enum known)what, f.ts_recent);
}

bool
hostile_can(enum fault f)
{
	const struct packet *q = world.s.first;

	if (f == FAULT_MARK || f == FAULT_MARKS)
		return is_capable(q) && !world.all_marked;
	if (f == FAULT_NARROW)
		return world.mtu == 0 && q->len > ETHER_HLEN + NARROW;
	if (f == FAULT_PIECES)
		return has_data(q);
	return f < FAULT_KNOWN || can_know(f - FAULT_KNOWN);
}

void
hostile_mark(struct packet *q)
{
	struct view v;

	if (!q->forged && look(q->bytes, q->len, &v) && (v.ip.tos & 3) != 0)
		middle_mark(q->bytes, &v);
}

static void
mark(struct packet *q)
{
	hostile_mark(q);
	q->done = true;
}

bool
hostile_narrow(int who, const uint8_t *p, const struct view *v)
{
	if (world.mtu == 0 || v->ip.len <= world.mtu)
		return false;
	world.s.lost++;
	law_too_long(&world, who);
	chance_seed(&world.s.c, 1);
	too_big(&world.s, who, p, v, world.mtu);
	return true;
}

/* narrow - the frame that is next has come to where it does not pass */
static void
narrow(struct packet *q)
{
	struct view v;

	world.mtu = NARROW;
	q->done = true;
	if (!look(q->bytes, q->len, &v) ||
	    !hostile_narrow(!q->to, q->bytes, &v))
		return;
	way_take(&world.s, q);
	net_release(q);
}

/* piece - bytes from to end of q's data, as a segment of their own */
static void
piece(const struct packet *q, const struct view *whole, uint32_t from,
    uint32_t end)
{
	uint8_t b[SLOT_BYTES];
	struct view v = *whole;
	struct packet *p;

	memcpy(b, q->bytes, v.data_at);
	memcpy(b + v.data_at, q->bytes + v.data_at + from, end - from);
	v.ip.len -= v.len - (end - from);
	put_be16(b + ETHER_HLEN + 2, (uint16_t)v.ip.len);
	put_be32(b + v.tcp_at + 4, v.h.seq + from);
	if (end < v.len)
		b[v.tcp_at + 13] &= (uint8_t) ~(TH_FIN | TH_PSH);
	middle_sum(b, &v);
	p = world_packet(q->to, b, v.data_at + end - from);
	if (p == NULL)
		return;
	p->done = true;
	way_put(&world.s, p, world.s.now);
}

static void
pieces(struct packet *q)
{
	struct view v;

	look(q->bytes, q->len, &v);
	piece(q, &v, v.len / 4, v.len / 2);
	piece(q, &v, v.len * 3 / 8, v.len);
	piece(q, &v, 0, v.len * 5 / 16);
	way_take(&world.s, q);
	net_release(q);
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
	world.all_marked |= f == FAULT_MARKS;
	if (f >= FAULT_KNOWN)
		know(f - FAULT_KNOWN);
	else if (f >= FAULT_FORGED)
		forge(f - FAULT_FORGED);
	else if (f == FAULT_MARK || f == FAULT_MARKS)
		mark(world.s.first);
	else if (f == FAULT_NARROW)
		narrow(world.s.first);
	else if (f == FAULT_PIECES)
		pieces(world.s.first);
	else
		damage(world.s.first);
}
