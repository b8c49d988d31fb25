/*
 * clocks.c - see clocks.h. Only packets that each of the two captures has
 * once are compared, and only of the two hosts that have the most of them:
 * which of both is nearer must be the same for all.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "capture/ahead.h"
#include "capture/clocks.h"

enum {
	NOBODY = UINT32_MAX,
	SEVERAL = UINT32_MAX - 1,
	TRIES = 32, /* of one hash; a crafted capture may have more */
};

/* a packet: the first segment that is it, and the only one in each capture */
struct slot {
	uint32_t first, in[2];
};

/* slot_of - the packet's; NULL: too many have its hash */
static struct slot *
slot_of(const struct tcpseg_list *l, struct slot *slot, uint32_t mask,
    const struct tcpseg *s)
{
	uint32_t at = packet_hash(s), tries;

	for (tries = 0; tries < TRIES; tries++) {
		struct slot *x = &slot[(at + tries) & mask];

		if (x->first == NOBODY || is_packet(&l->s[x->first], s))
			return x;
	}
	return NULL;
}

/* enter - all segments; what a capture has twice counts for nothing */
static void
enter(const struct tcpseg_list *l, uint32_t from, struct slot *slot,
    uint32_t mask)
{
	struct slot *x;
	uint32_t i;

	for (i = 0; i < l->n; i++) {
		x = slot_of(l, slot, mask, &l->s[i]);
		if (x == NULL)
			continue;
		if (x->first == NOBODY)
			x->first = i;
		if (x->in[i >= from] == NOBODY)
			x->in[i >= from] = i;
		else
			x->in[i >= from] = SEVERAL;
	}
}

/* one_way - the least that it may be, if both captures have packets of one
   direction only, and that is too long for their way; else 0 */
static int64_t
one_way(const struct pair *p)
{
	int way = p->n[0] == 0;

	if (p->n[!way] > 0 || p->n[way] < FEW)
		return 0;
	if (p->min[way] > WAY_NS)
		return p->min[way];
	return p->max[way] < -WAY_NS ? p->max[way] : 0;
}

/* best_in - the hosts that have the most packets in both captures */
static struct pair
best_in(const struct tcpseg_list *l, const struct slot *slot, uint32_t slots)
{
	struct pair pair[HOSTS] = {{.n = {0}}};
	uint32_t i;

	for (i = 0; i < slots; i++)
		if (slot[i].in[0] < SEVERAL && slot[i].in[1] < SEVERAL)
			pair_add(
			    pair, &l->s[slot[i].in[0]], &l->s[slot[i].in[1]]);
	return *pair_most(pair);
}

/* best_pair - the same, of the segments from that one on and all before */
static struct pair
best_pair(const struct tcpseg_list *l, uint32_t from)
{
	struct pair best = {.n = {0}};
	uint32_t slots = 64;
	struct slot *slot;

	if (from == 0 || from == l->n)
		return best;
	while (slots < 2 * l->n)
		slots *= 2;
	slot = malloc(slots * sizeof(*slot));
	if (slot == NULL)
		return best;
	memset(slot, 0xff, slots * sizeof(*slot));
	enter(l, from, slot, slots - 1);
	best = best_in(l, slot, slots);
	free(slot);
	return best;
}

static uint64_t
less(uint64_t time, int64_t ns)
{
	return ns > 0 && time < (uint64_t)ns ? 0 : time - (uint64_t)ns;
}

void
clocks_back(struct tcpseg *s, int64_t ns)
{
	s->time = less(s->time, ns);
	s->due = less(s->due, ns);
}

static void
move(struct tcpseg_list *l, uint32_t from, int64_t ns)
{
	uint32_t i;

	for (i = from; ns != 0 && i < l->n; i++)
		clocks_back(&l->s[i], ns);
}

int64_t
clocks_move(struct tcpseg_list *l, uint32_t from)
{
	struct pair best = best_pair(l, from);
	int64_t ns = pair_ahead(&best);

	move(l, from, ns);
	return ns;
}

void
clocks_unmix(struct tcpseg_list *l, uint32_t from, const char *name)
{
	bool moved;
	int64_t ns = clocks_split(l, from, &moved);

	if (ns != 0 && !moved)
		say("read %s: two captures are merged in it, and the clock of "
		    "one is about %.3f s ahead of the other's: packets were on "
		    "their way for as long, and its times are not moved (give "
		    "both captures, each as a file)",
		    name, (double)ns / 1e9);
	else if (ns != 0)
		say("read %s: two captures are merged in it, and the clock of "
		    "one is about %.6f s ahead of the other's, as packets show "
		    "that both have: its times are moved by that",
		    name, (double)ns / 1e9);
}

void
clocks_align(struct tcpseg_list *l, uint32_t from, const char *name)
{
	struct pair best = best_pair(l, from);
	int64_t ns = pair_ahead(&best), way = one_way(&best);

	if (way != 0)
		say("read %s: its clock seems to be about %.1f s %s that of "
		    "another capture: packets of one direction alone do not "
		    "prove it, and its times are not moved",
		    name, (double)(way > 0 ? way : -way) / 1e9,
		    way > 0 ? "ahead of" : "behind");
	if (ns == 0)
		return;
	move(l, from, ns);
	say("read %s: its clock is about %.6f s %s, as packets show that "
	    "another capture has, too: its times are moved by that",
	    name, (double)(ns > 0 ? ns : -ns) / 1e9,
	    ns > 0 ? "ahead" : "behind");
}
