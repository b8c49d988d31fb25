/*
 * clocks.c - see clocks.h. Only packets that each of the two captures has
 * once are compared, and only of the two hosts that have the most of them:
 * which of both is nearer must be the same for all.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "capture/clocks.h"
#include "capture/seglist.h"

enum {
	NOBODY = UINT32_MAX,
	SEVERAL = UINT32_MAX - 1,
	TRIES = 32, /* of one hash; a crafted capture may have more */
	HOSTS = 64, /* pairs of hosts that are looked at */
	FEW = 3,    /* packets that show nothing alone */
};

#define SURE_NS	 100000	    /* less is the capture's own inaccuracy */
#define DRIFT_NS 1000000    /* and so is this, where the clocks drift */
#define WAY_NS	 1000000000 /* hardly a packet is so long on its way */

/* a packet: the first segment that is it, and the only one in each capture */
struct slot {
	uint32_t first, in[2];
};

/* what went between two hosts, each way; how much later in the second one */
struct pair {
	struct ip_addr low, high;
	uint32_t n[2];
	int64_t min[2], max[2];
};

static uint32_t
hash_of(const struct tcpseg *s)
{
	uint32_t h = tcpseg_mix(UINT32_C(2166136261), s->seq);

	h = tcpseg_mix(tcpseg_mix(h, s->ack), s->len << 16 ^ s->ip_id);
	h = tcpseg_mix(h, (uint32_t)s->src.port << 16 | s->dst.port);
	return tcpseg_mix(
	    tcpseg_mix(h, s->opt.tsval), (uint32_t)s->flags << 16 | s->wnd);
}

static bool
is_packet(const struct tcpseg *a, const struct tcpseg *b)
{
	return a->seq == b->seq && a->ack == b->ack && a->len == b->len &&
	       a->flags == b->flags && a->wnd == b->wnd &&
	       a->ip_id == b->ip_id && a->opt.tsval == b->opt.tsval &&
	       a->opt.tsecr == b->opt.tsecr &&
	       endpoint_equal(&a->src, &b->src) &&
	       endpoint_equal(&a->dst, &b->dst);
}

/* slot_of - the packet's; NULL: too many have its hash */
static struct slot *
slot_of(const struct tcpseg_list *l, struct slot *slot, uint32_t mask,
    const struct tcpseg *s)
{
	uint32_t at = hash_of(s), tries;

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

/* pair_of - the hosts of s; NULL: too many pairs. *way: from the higher one */
static struct pair *
pair_of(struct pair *pair, const struct tcpseg *s, int *way)
{
	const struct ip_addr *low = &s->src.addr, *high = &s->dst.addr;
	int i;

	*way = memcmp(low, high, sizeof(*low)) > 0;
	if (*way) {
		low = &s->dst.addr;
		high = &s->src.addr;
	}
	for (i = 0; i < HOSTS; i++) {
		if (pair[i].n[0] + pair[i].n[1] == 0) {
			pair[i].low = *low;
			pair[i].high = *high;
		}
		if (ip_equal(&pair[i].low, low) &&
		    ip_equal(&pair[i].high, high))
			return &pair[i];
	}
	return NULL;
}

static void
compare(struct pair *pair, const struct tcpseg *first, const struct tcpseg *s)
{
	int64_t later = (int64_t)(s->time - first->time);
	struct pair *p;
	int way;

	p = pair_of(pair, s, &way);
	if (p == NULL)
		return;
	if (p->n[way]++ == 0)
		p->min[way] = p->max[way] = later;
	if (later < p->min[way])
		p->min[way] = later;
	if (later > p->max[way])
		p->max[way] = later;
}

static int64_t
middle(int64_t a, int64_t b)
{
	return a / 2 + b / 2;
}

/* between - what is from low to high, unless that may be 0 */
static int64_t
between(int64_t low, int64_t high, int64_t sure)
{
	return low > sure || high < -sure ? middle(low, high) : 0;
}

/* ahead - as these two hosts show */
static int64_t
ahead(const struct pair *p)
{
	int64_t low, high;
	int way;

	if (p->n[0] == 0 || p->n[1] == 0)
		return 0;
	/* the sender of that way is nearer to the first capture */
	for (way = 0; way < 2; way++)
		if (p->max[!way] <= p->min[way])
			return between(p->max[!way], p->min[way], SURE_NS);
	low = p->min[0] < p->min[1] ? p->min[0] : p->min[1];
	high = p->max[0] > p->max[1] ? p->max[0] : p->max[1];
	return between(low, high, DRIFT_NS);
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
	struct pair pair[HOSTS] = {{.n = {0}}}, *best = pair;
	uint32_t i;

	for (i = 0; i < slots; i++)
		if (slot[i].in[0] < SEVERAL && slot[i].in[1] < SEVERAL)
			compare(
			    pair, &l->s[slot[i].in[0]], &l->s[slot[i].in[1]]);
	for (i = 1; i < HOSTS; i++)
		if (pair[i].n[0] + pair[i].n[1] > best->n[0] + best->n[1])
			best = &pair[i];
	return *best;
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

static void
move(struct tcpseg_list *l, uint32_t from, int64_t ns)
{
	uint32_t i;

	for (i = from; ns != 0 && i < l->n; i++) {
		l->s[i].time = less(l->s[i].time, ns);
		l->s[i].due = less(l->s[i].due, ns);
	}
}

int64_t
clocks_move(struct tcpseg_list *l, uint32_t from)
{
	struct pair best = best_pair(l, from);
	int64_t ns = ahead(&best);

	move(l, from, ns);
	return ns;
}

void
clocks_align(struct tcpseg_list *l, uint32_t from, const char *name)
{
	struct pair best = best_pair(l, from);
	int64_t ns = ahead(&best), way = one_way(&best);

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
