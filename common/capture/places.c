/*
 * places.c - two captures that were merged into one file, of machines whose
 * clocks differ; see clocks.h.
 *
 * Nothing in the file tells its two places of capture apart but the packets
 * that both have: the clock that is behind has all of them first. That alone
 * may be the way between the places. But what acknowledges a packet is sent
 * when that has arrived, and cannot be seen before the packet was seen for the
 * last time: where most are, the clocks differ. What only one place has was
 * lost on the way to the other one, so its sender is nearer to the place that
 * has it.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/ahead.h"
#include "capture/clocks.h"

enum {
	NOBODY = UINT32_MAX,
	TRIES = 32, /* of one hash, or later copies; there may be more */
	MANY = 8,   /* that both have: nobody says that the file was merged */
};

#define LEAST_NS INT64_C(1000000)   /* one place has copies that are so late */
#define MOST_NS	 (INT64_C(1) << 60) /* some 36 years */

/* of each segment */
struct seen {
	uint32_t next;	/* the same packet once more */
	uint32_t other; /* one at the other place, or NOBODY */
	bool later;	/* it is not the first of its packet, */
	bool behind;	/* and was captured at the place that has all later */
};

struct places {
	const struct tcpseg *s;
	uint32_t n;
	struct seen *seen;
	uint32_t *slot, mask;	 /* by hash: a segment */
	struct pair pair[HOSTS]; /* of what both places have */
	int64_t delay[2];
	/* of what both places have: the first that one has later, and the last
	   that the other one has */
	uint32_t begin, end;
};

/* ---- copies */

static void
empty(struct places *p)
{
	memset(p->slot, 0xff, ((size_t)p->mask + 1) * sizeof(*p->slot));
}

/* find_copies - the latest of each packet is in its slot */
static void
find_copies(struct places *p)
{
	uint32_t i, at, tries, *slot;

	empty(p);
	for (i = 0; i < p->n; i++) {
		at = packet_hash(&p->s[i]);
		for (tries = 0; tries < TRIES; tries++) {
			slot = &p->slot[(at + tries) & p->mask];
			if (*slot == NOBODY)
				break;
			if (!is_packet(&p->s[*slot], &p->s[i]))
				continue;
			p->seen[*slot].next = i;
			p->seen[i].later = true;
			break;
		}
		if (tries < TRIES)
			*slot = i;
	}
}

/* delay_of - within MOST_NS, whatever the times are */
static int64_t
delay_of(const struct places *p, uint32_t first, uint32_t second)
{
	int64_t delay = (int64_t)(p->s[second].time - p->s[first].time);

	if (delay > MOST_NS)
		return MOST_NS;
	return delay < -MOST_NS ? -MOST_NS : delay;
}

/* is_pair - it is there once more, and no third time */
static bool
is_pair(const struct places *p, uint32_t i)
{
	uint32_t j = p->seen[i].next;

	return !p->seen[i].later && j != NOBODY && p->seen[j].next == NOBODY;
}

/* is_of - both are the hosts of it; *way as in pair_of() */
static bool
is_of(const struct pair *hosts, const struct tcpseg *s, int *way)
{
	const struct ip_addr *a = &s->src.addr, *b = &s->dst.addr;

	*way = ip_equal(a, &hosts->high) && !ip_equal(a, &hosts->low);
	return (ip_equal(a, &hosts->low) && ip_equal(b, &hosts->high)) ||
	       (ip_equal(a, &hosts->high) && ip_equal(b, &hosts->low));
}

static int
by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* slack_of - by which that may differ */
static int64_t
slack_of(const struct places *p, int way)
{
	return p->delay[way] / 2 + LEAST_NS;
}

/* is_near - as late as the copies of that way are */
static bool
is_near(const struct places *p, int way, int64_t delay, int64_t slack)
{
	int64_t off = delay - p->delay[way];

	return (off < 0 ? -off : off) <= slack;
}

/*
 * learn - how much later the copies of a way are, if three quarters of them
 * are about as late; how many
 */
static uint32_t
learn(struct places *p, const struct pair *hosts, int way)
{
	int64_t *delay = malloc((p->n + (size_t)1) * sizeof(*delay));
	uint32_t i, n = 0, near = 0;
	int from;

	for (i = 0; delay != NULL && i < p->n; i++)
		if (is_pair(p, i) && is_of(hosts, &p->s[i], &from) &&
		    from == way)
			delay[n++] = delay_of(p, i, p->seen[i].next);
	if (n >= FEW) {
		qsort(delay, n, sizeof(*delay), by_length);
		p->delay[way] = delay[n / 2];
		for (i = 0; i < n; i++)
			near += is_near(p, way, delay[i], slack_of(p, way));
	}
	free(delay);
	return 4 * near < 3 * n || p->delay[way] < LEAST_NS ? 0 : near;
}

/* ---- do the clocks differ? */

/* key_of - of what ends with that number, from src's side */
static uint32_t
key_of(const struct endpoint *src, const struct endpoint *dst, uint32_t end)
{
	uint32_t h = tcpseg_mix(UINT32_C(2166136261), end);

	return tcpseg_mix(h, (uint32_t)src->port << 16 | dst->port);
}

static uint32_t
end_of(const struct tcpseg *s)
{
	return s->seq + s->len + !!(s->flags & TH_SYN) + !!(s->flags & TH_FIN);
}

/* asked - the packet that s acknowledges, if nothing did before; or NOBODY */
static uint32_t
asked(struct places *p, const struct tcpseg *s)
{
	uint32_t *slot = &p->slot[key_of(&s->dst, &s->src, s->ack) & p->mask];
	const struct tcpseg *q = *slot == NOBODY ? NULL : &p->s[*slot];
	uint32_t found = *slot;

	if (q == NULL || !(s->flags & TH_ACK) || end_of(q) != s->ack ||
	    !endpoint_equal(&q->src, &s->dst) ||
	    !endpoint_equal(&q->dst, &s->src))
		return NOBODY;
	*slot = NOBODY;
	return found;
}

/* is_impossible - most that is acknowledged is so before its second copy */
static bool
is_impossible(struct places *p, const struct pair *hosts)
{
	uint32_t i, q, early = 0, right = 0;
	const struct tcpseg *s;
	int way;

	empty(p);
	for (i = 0; i < p->n; i++) {
		s = &p->s[i];
		if (p->seen[i].later || !is_of(hosts, s, &way))
			continue;
		q = asked(p, s);
		if (q != NOBODY && s->time < p->s[p->seen[q].next].time)
			early++;
		else if (q != NOBODY)
			right++;
		if (end_of(s) != s->seq && is_pair(p, i) &&
		    is_near(p, way, delay_of(p, i, p->seen[i].next),
			slack_of(p, way)))
			p->slot[key_of(&s->src, &s->dst, end_of(s)) & p->mask] =
			    i;
	}
	return early >= FEW && early > 3 * right;
}

/* ahead - how much the clock of the one that has all later is; of the packets
   that were as long on their way as most */
static int64_t
ahead(struct places *p, const struct pair *hosts)
{
	int64_t delay, off;
	uint32_t i;
	int way;

	memset(p->pair, 0, sizeof(p->pair));
	for (i = 0; i < p->n; i++) {
		if (!is_pair(p, i) || !is_of(hosts, &p->s[i], &way))
			continue;
		delay = delay_of(p, i, p->seen[i].next);
		off = delay - p->delay[way];
		if (off <= LEAST_NS && off >= -LEAST_NS)
			pair_add(p->pair, &p->s[i], &p->s[p->seen[i].next]);
	}
	return pair_ahead(pair_most(p->pair));
}

/*
 * is_mixed - some were longer on their way than the clocks differ: the place
 * that is behind had them first, and what came later is not that of one place
 */
static bool
is_mixed(const struct places *p, const struct pair *hosts, int64_t ns)
{
	int way, shorter = p->delay[1] < p->delay[0];
	int64_t most = p->delay[shorter] + p->delay[shorter] / 8 + LEAST_NS;
	int64_t delay;
	uint32_t i;

	for (i = 0; i < p->n; i++) {
		if (!is_pair(p, i) || !is_of(hosts, &p->s[i], &way) ||
		    way != shorter)
			continue;
		delay = delay_of(p, i, p->seen[i].next);
		if (delay > most && ns + delay < WAY_NS)
			return true;
	}
	return false;
}

/* ---- which place has it? */

/* is_late - as copies of one way are */
static bool
is_late(const struct places *p, int64_t delay, bool exact)
{
	int64_t slack;
	int way;

	for (way = 0; way < 2; way++) {
		slack = slack_of(p, way);
		if (is_near(p, way, delay, exact ? slack / 16 : slack))
			return true;
	}
	return false;
}

/* match - the first copy that is as late as all; exact: as most */
static void
match(struct places *p, uint32_t i, bool exact)
{
	uint32_t j = p->seen[i].next, tries;
	int64_t most = p->delay[0] + p->delay[1], delay;

	if (p->seen[i].other != NOBODY)
		return;
	for (tries = 0; j != NOBODY && tries < TRIES; tries++) {
		delay = delay_of(p, i, j);
		if (p->seen[j].other == NOBODY &&
		    (is_late(p, delay, exact) ||
			(is_pair(p, i) && delay > 0 && delay < most)))
			break;
		j = p->seen[j].next;
	}
	if (j == NOBODY || tries == TRIES)
		return;
	p->seen[i].other = j;
	p->seen[j].other = i;
	p->seen[j].behind = true;
	if (is_pair(p, i))
		pair_add(p->pair, &p->s[i], &p->s[j]);
	if (p->begin == NOBODY || j < p->begin)
		p->begin = j;
	if (p->end == NOBODY || i > p->end)
		p->end = i;
}

/*
 * is_behind - of what one place has only: that place has all later. A capture
 * that has not begun yet, or has ended, has nothing.
 */
static bool
is_behind(struct places *p, const struct tcpseg *s)
{
	uint64_t room = (uint64_t)(p->delay[0] + p->delay[1]) / 4;
	const struct pair *hosts;
	int way;

	hosts = pair_of(p->pair, s, &way);
	if (hosts == NULL || hosts->n[0] == 0 || hosts->n[1] == 0)
		return false;
	if (s->time + room < p->s[p->begin].time)
		return false;
	if (s->time > p->s[p->end].time + room)
		return true;
	/* its way is the shorter one, and the copy of that way less late */
	return hosts->min[way] < hosts->min[!way];
}

/* apart - two times, whichever is first */
static uint64_t
apart(const struct tcpseg *a, const struct tcpseg *b)
{
	return a->time > b->time ? a->time - b->time : b->time - a->time;
}

/* rest - what is left of packet i, of whose copies two match: the network has
   made more of it, which come soon behind these */
static void
rest(struct places *p, uint32_t i)
{
	uint64_t soon = (uint64_t)(p->delay[0] + p->delay[1]) / 16, a, b;
	uint32_t j, tries, one = i, other;

	for (tries = 0;
	     one != NOBODY && p->seen[one].other == NOBODY && tries < TRIES;
	     tries++)
		one = p->seen[one].next;
	if (one == NOBODY || tries == TRIES)
		return;
	other = p->seen[one].other;
	for (j = i; j != NOBODY && tries < TRIES; j = p->seen[j].next) {
		tries++;
		if (p->seen[j].other != NOBODY)
			continue;
		a = apart(&p->s[j], &p->s[one]);
		b = apart(&p->s[j], &p->s[other]);
		if ((a < b ? a : b) > soon)
			continue;
		p->seen[j].behind = b < a;
		p->seen[j].other = other;
	}
}

static void
find_places(struct places *p)
{
	uint32_t i;

	memset(p->pair, 0, sizeof(p->pair));
	for (i = 0; i < p->n; i++)
		match(p, i, true);
	/* one before may be a retransmission, about as late by chance */
	for (i = 0; i < p->n; i++)
		match(p, i, false);
	for (i = 0; i < p->n; i++)
		if (!p->seen[i].later && p->seen[i].next != NOBODY)
			rest(p, i);
	for (i = 0; i < p->n && p->begin != NOBODY; i++)
		if (p->seen[i].other == NOBODY)
			p->seen[i].behind = is_behind(p, &p->s[i]);
}

/* exact - the same, as the fastest of all packets show; but not where one is no
   copy, but a retransmission */
static int64_t
exact(const struct places *p, int64_t ns)
{
	int64_t all = pair_ahead(pair_most(p->pair)), off = all - ns;
	int64_t most = LEAST_NS + ns / 8;

	return off < most && off > -most ? all : ns;
}

/* ---- all of it */

/* are_two - two places are in the file, and their clocks differ: these hosts
   show it */
static bool
are_two(struct places *p, struct pair *hosts)
{
	uint32_t i, all = 0, pairs[2];
	int way;

	find_copies(p);
	for (i = 0; i < p->n; i++)
		if (is_pair(p, i))
			pair_add(p->pair, &p->s[i], &p->s[p->seen[i].next]);
	*hosts = *pair_most(p->pair);
	for (i = 0; i < p->n; i++)
		all += is_of(hosts, &p->s[i], &way);
	for (way = 0; way < 2; way++)
		pairs[way] = learn(p, hosts, way);
	return pairs[0] > 0 && pairs[1] > 0 && pairs[0] + pairs[1] >= MANY &&
	       4 * (pairs[0] + pairs[1]) >= all && is_impossible(p, hosts);
}

static bool
begin(struct places *p, const struct tcpseg_list *l, uint32_t from)
{
	uint32_t slots = 64, i;

	*p = (struct places){
	    .s = l->s + from, .n = l->n - from, .begin = NOBODY, .end = NOBODY};
	if (p->n < 4 * FEW)
		return false;
	while (slots < 2 * p->n)
		slots *= 2;
	p->mask = slots - 1;
	p->seen = malloc(p->n * sizeof(*p->seen));
	p->slot = malloc(slots * sizeof(*p->slot));
	for (i = 0; p->seen != NULL && i < p->n; i++)
		p->seen[i] = (struct seen){.next = NOBODY, .other = NOBODY};
	return p->seen != NULL && p->slot != NULL;
}

int64_t
clocks_split(struct tcpseg_list *l, uint32_t from, bool *moved)
{
	struct places p;
	struct pair hosts;
	int64_t ns = 0;
	uint32_t i;

	*moved = false;
	if (begin(&p, l, from) && are_two(&p, &hosts))
		ns = ahead(&p, &hosts);
	if (ns > 0 && !is_mixed(&p, &hosts, ns)) {
		*moved = true;
		find_places(&p);
		ns = exact(&p, ns);
	}
	for (i = 0; i < p.n && *moved; i++)
		if (p.seen[i].behind)
			clocks_back(&l->s[from + i], ns);
	free(p.seen);
	free(p.slot);
	return ns > 0 ? ns : 0;
}
