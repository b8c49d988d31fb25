/*
 * ahead.c - see ahead.h, and clocks.h for the idea.
 */
#include <string.h>

#include "capture/ahead.h"

#define SURE_NS	 100000	 /* less is the capture's own inaccuracy */
#define DRIFT_NS 1000000 /* and so is this, where the clocks drift */

uint32_t
packet_hash(const struct tcpseg *s)
{
	uint32_t h = tcpseg_mix(UINT32_C(2166136261), s->seq);

	h = tcpseg_mix(tcpseg_mix(h, s->ack), s->len << 16 ^ s->ip_id);
	h = tcpseg_mix(h, (uint32_t)s->src.port << 16 | s->dst.port);
	return tcpseg_mix(
	    tcpseg_mix(h, s->opt.tsval), (uint32_t)s->flags << 16 | s->wnd);
}

bool
is_packet(const struct tcpseg *a, const struct tcpseg *b)
{
	return a->seq == b->seq && a->ack == b->ack && a->len == b->len &&
	       a->flags == b->flags && a->wnd == b->wnd &&
	       a->ip_id == b->ip_id && a->opt.tsval == b->opt.tsval &&
	       a->opt.tsecr == b->opt.tsecr &&
	       endpoint_equal(&a->src, &b->src) &&
	       endpoint_equal(&a->dst, &b->dst);
}

struct pair *
pair_of(struct pair pair[HOSTS], const struct tcpseg *s, int *way)
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

void
pair_add(
    struct pair pair[HOSTS], const struct tcpseg *first, const struct tcpseg *s)
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

const struct pair *
pair_most(const struct pair pair[HOSTS])
{
	const struct pair *best = pair;
	uint32_t i;

	for (i = 1; i < HOSTS; i++)
		if (pair[i].n[0] + pair[i].n[1] > best->n[0] + best->n[1])
			best = &pair[i];
	return best;
}

int64_t
pair_ahead(const struct pair *p)
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
