/*
 * reuse.c - a capture behind itself: the same ports are used again, with the
 * same initial numbers of the client, or without a SYN. What the analysis tells
 * of each half is what it tells of one alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "capture/analysis.h"
#include "truth.h"

#define SHORT (5 * NS_PER_SEC)	 /* behind both FINs */
#define LONG  (400 * NS_PER_SEC) /* whatever there was */
#define IDS   1001		 /* identifications in between, at least */

enum {
	BARE = 1,     /* without identification and timestamp */
	HEADLESS = 2, /* the captures begin behind the SYNs */
	ONE_WAY = 4,  /* one end's segments */
	THE_OTHER = 8,
};

/* pick - what is wanted of the capture at a point */
static void
pick(struct tcpseg_list *l, const struct tcpseg_list *all, enum point where,
    unsigned how)
{
	struct tcpseg *g;
	uint32_t i;
	int from;

	memset(l, 0, sizeof(*l));
	l->s = __real_calloc(2 * all->n + 1, sizeof(*l->s));
	if (l->s == NULL)
		abort();
	for (i = 0; i < all->n; i++) {
		from = truth.tx[truth.sight[where][i].tx].from;
		g = &l->s[l->n];
		*g = all->s[i];
		if (((how & ONE_WAY) && from != !!(how & THE_OTHER)) ||
		    ((how & HEADLESS) && (g->flags & TH_SYN)))
			continue;
		if (how & BARE) {
			g->ip_id = 0;
			g->opt.have_ts = false;
			g->opt.tsval = g->opt.tsecr = 0;
		}
		g->no = l->n++;
	}
}

/*
 * ids_apart - so much may be added to every identification, and none becomes 0,
 * which is none: how far any two are apart stays what it is
 */
static uint16_t
ids_apart(const struct tcpseg_list *l)
{
	static bool used[1 << 16];
	uint16_t by = IDS;
	uint32_t i;

	memset(used, 0, sizeof(used));
	for (i = 0; i < l->n; i++)
		used[l->s[i].ip_id] = true;
	while (by != 0 && used[(uint16_t)-by])
		by++;
	return by;
}

/* follow - all of it once more, so much later, by[who] added to the numbers of
   that end; first: the client's address */
static void
follow(struct tcpseg_list *l, uint64_t gap, const uint32_t by[2],
    const struct ip_addr *client)
{
	uint16_t ids = ids_apart(l);
	uint32_t i, n = l->n, ms;
	struct tcpseg *g;
	int from, j;

	gap += l->s[n - 1].time - l->s[0].time;
	ms = (uint32_t)(gap / 1000000);
	for (i = 0; i < n; i++) {
		g = &l->s[l->n];
		*g = l->s[i];
		from = memcmp(&g->src.addr, client, sizeof(*client)) != 0;
		g->no = l->n++;
		g->time += gap;
		g->seq += by[from];
		g->ack += g->flags & TH_ACK ? by[!from] : 0;
		for (j = 0; j < g->opt.nsack; j++) {
			g->opt.sack[j].start += by[!from];
			g->opt.sack[j].end += by[!from];
		}
		g->ip_id += g->ip_id != 0 ? ids : 0;
		g->opt.tsval += g->opt.have_ts ? ms : 0;
		g->opt.tsecr += g->opt.tsecr != 0 ? ms : 0;
	}
}

static bool
closed(const struct conns *c)
{
	uint32_t i;

	for (i = 0; i < c->n; i++)
		if (c->conn[i].ending != END_FIN)
			return false;
	return true;
}

/* same - what is told of a row */
static bool
same(const struct row *a, const struct row *b)
{
	return a->marks == b->marks && a->state[0] == b->state[0] &&
	       a->state[1] == b->state[1] && a->seems[0] == b->seems[0] &&
	       a->seems[1] == b->seems[1];
}

static void
compare(const struct sim *s, struct score *score, const struct conns *once,
    const struct conns *twice, uint32_t n, enum point where, unsigned how)
{
	uint32_t i;

	for (i = 0; i < 2 * n; i++)
		if (!same(&once->row[i % n], &twice->row[i]))
			break;
	if (i == 2 * n && twice->n == 2 * once->n)
		return;
	score->wrong++;
	if (score->first[0] == '\0')
		snprintf(score->first, sizeof(score->first),
		    "seed %llu, point %d, twice (%u): %u connections, not "
		    "twice %u; row %u of twice %u",
		    (unsigned long long)s->seed, where, how, twice->n, once->n,
		    i, n);
}

static void
check(const struct sim *s, struct score *score, enum point where, unsigned how,
    const uint32_t by[2])
{
	struct tcpseg_list all, one, two;
	struct conns once, twice;

	truth_capture(where, &all);
	pick(&one, &all, where, how);
	pick(&two, &all, where, how);
	truth_list_free(&all);
	if (one.n > 0 && conns_make(&once, &one) == 0) {
		follow(&two, closed(&once) ? SHORT : LONG, by,
		    &s->end[CLIENT].addr);
		if (conns_make(&twice, &two) == 0)
			compare(s, score, &once, &twice, one.n, where, how);
		conns_free(&twice);
		conns_free(&once);
	}
	truth_list_free(&one);
	truth_list_free(&two);
}

void
reuse_check(const struct sim *s, struct score *score)
{
	uint64_t coin = s->seed * UINT64_C(0x9e3779b97f4a7c15);
	unsigned how = coin >> 60;
	/* from a quarter to three quarters of all numbers */
	uint32_t by[2] = {(uint32_t)(coin >> 16) / 2 + (1U << 30),
	    (uint32_t)(coin >> 24) / 2 + (1U << 30)};

	if (!(how & HEADLESS))
		by[CLIENT] = 0;
	check(s, score, (enum point)((coin >> 56) % POINTS), how, by);
}
