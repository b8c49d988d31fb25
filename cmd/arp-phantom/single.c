/*
 * single.c - the life of one claimed address. IPv6 lives by the same rules
 * where RFC 4862 leaves open what to do about a late conflict (5.4.4).
 */
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/clock.h"
#include "wire/ip.h"

#include "single.h"

/* RFC 5227 1.1, and RFC 4862 5.1 with RFC 4861 10 for IPv6 */
#define PROBE_WAIT	  NS_PER_SEC
#define PROBE_MIN	  NS_PER_SEC
#define PROBE_MAX	  (2 * NS_PER_SEC)
#define ANNOUNCE_WAIT	  (2 * NS_PER_SEC)
#define ANNOUNCE_INTERVAL (2 * NS_PER_SEC)
#define RETRANS_TIMER	  NS_PER_SEC

enum { PROBE_NUM = 3, ANNOUNCE_NUM = 2, DAD_TRANSMITS = 1 };

static unsigned
probes_wanted(const struct single *s, const struct single_plan *plan)
{
	return ip_is_v4(&s->addr) || plan->quick ? PROBE_NUM : DAD_TRANSMITS;
}

/* from this probe to the next, or to the end of the asking */
static uint64_t
probe_gap(const struct single *s, const struct single_plan *plan,
    struct chance *chance)
{
	if (plan->quick)
		return plan->wait / PROBE_NUM;
	if (!ip_is_v4(&s->addr))
		return RETRANS_TIMER;
	if (s->probes == PROBE_NUM)
		return ANNOUNCE_WAIT;
	return PROBE_MIN + chance_below(chance, PROBE_MAX - PROBE_MIN + 1);
}

void
single_start(struct single *s, const struct single_plan *plan,
    struct chance *chance, uint64_t now)
{
	s->state = plan->ask ? SINGLE_ASKING : SINGLE_SILENT;
	s->when = TIME_NEVER;
	s->probes = 0;
	if (!plan->ask)
		return;
	s->when = now;
	if (!plan->quick)
		s->when += chance_below(chance, PROBE_WAIT + 1);
}

/* asked - no host has answered: it is ready, or ours at once if it was
   before */
static enum single_advice
asked(struct single *s, uint64_t now)
{
	if (s->yielded) {
		single_claim(s, now);
		return SINGLE_CLAIM;
	}
	s->state = SINGLE_SILENT;
	s->when = TIME_NEVER;
	return SINGLE_NOTHING;
}

enum single_advice
single_timer(struct single *s, const struct single_plan *plan,
    struct chance *chance, uint64_t now)
{
	switch (s->state) {
	case SINGLE_ASKING:
		if (s->probes == probes_wanted(s, plan))
			return asked(s, now);
		s->probes++;
		s->when = now + probe_gap(s, plan, chance);
		return SINGLE_PROBE;
	case SINGLE_OURS:
		s->announced++;
		s->when = s->announced < ANNOUNCE_NUM ? now + ANNOUNCE_INTERVAL
						      : TIME_NEVER;
		return SINGLE_ANNOUNCE;
	case SINGLE_LOST:
		single_start(s, plan, chance, now);
		return plan->ask ? SINGLE_NOTHING : asked(s, now);
	case SINGLE_SILENT:
		break;
	}
	s->when = TIME_NEVER;
	return SINGLE_NOTHING;
}

void
single_claim(struct single *s, uint64_t now)
{
	s->state = SINGLE_OURS;
	s->announced = 0;
	s->contested = s->doubted = false;
	s->when = now;
}

void
single_doubt(struct single *s, uint64_t now)
{
	if (s->state == SINGLE_LOST)
		return;
	s->doubted = s->doubted || s->state == SINGLE_OURS;
	s->yielded = true;
	s->state = SINGLE_LOST;
	s->when = now;
}

/* leave - to the host that uses it, for as long as it does */
static void
leave(struct single *s, uint64_t now)
{
	s->state = SINGLE_LOST;
	s->yielded = true;
	s->when = now + SINGLE_QUIET;
}

enum single_advice
single_conflict(struct single *s, const struct single_plan *plan, uint64_t now)
{
	bool again, news;

	switch (s->state) {
	case SINGLE_ASKING:
	case SINGLE_SILENT:
		if (!s->yielded)
			return SINGLE_REFUSE;
		news = s->doubted;
		s->doubted = false;
		leave(s, now);
		return news ? SINGLE_YIELD : SINGLE_NOTHING;
	case SINGLE_OURS:
		again = s->contested && now - s->conflict < DEFEND_INTERVAL;
		s->contested = true;
		s->conflict = now;
		if (plan->defend == DEFEND_NEVER ||
		    (again && plan->defend != DEFEND_ALWAYS)) {
			leave(s, now);
			return SINGLE_YIELD;
		}
		/* (c) as well: no more than one announcement in a while */
		return again ? SINGLE_STAY : SINGLE_DEFEND;
	case SINGLE_LOST:
		leave(s, now);
		break;
	}
	return SINGLE_NOTHING;
}

uint64_t
single_next(const struct single *all, size_t n)
{
	uint64_t next = TIME_NEVER;

	for (size_t i = 0; i < n; i++)
		if (all[i].when < next)
			next = all[i].when;
	return next;
}

static int
compare(const void *a, const void *b)
{
	const struct single *p = a, *q = b;

	return memcmp(p->addr.b, q->addr.b, sizeof p->addr.b);
}

size_t
single_sort(struct single *all, size_t n)
{
	size_t left = 0;

	qsort(all, n, sizeof *all, compare);
	for (size_t i = 0; i < n; i++)
		if (left == 0 || compare(&all[i], &all[left - 1]) != 0)
			all[left++] = all[i];
	return left;
}

struct single *
single_find(struct single *all, size_t n, const struct ip_addr *addr)
{
	struct single key = {.addr = *addr};

	if (n == 0)
		return NULL;
	return bsearch(&key, all, n, sizeof *all, compare);
}
