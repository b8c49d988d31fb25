/*
 * netem.c - what netem does to a packet, in its order: duplicate, lose,
 * corrupt, limit, reorder or delay, rate; see tc-netem(8). A copy goes that
 * way once more by itself, but is not duplicated again.
 *
 * In two things this is not netem. A correlation of 25 % means that one
 * draw in four is the one before: so rates and distributions are what they
 * are said to be, where netem's mean of the two makes rare events rarer. And
 * a packet that nothing delays never waits, whatever the queue's limit.
 */
#include "impair/impair.h"

#define NS_PER_SEC UINT64_C(1000000000)

/* ---- chance */

static uint32_t
fresh(struct netem *ne)
{
	return (uint32_t)(chance_u64(&ne->chance) >> 32);
}

bool
netem_chance(struct netem *ne, uint64_t p)
{
	return p >= ALWAYS || (p > 0 && fresh(ne) < p);
}

static uint32_t
draw(struct netem *ne, struct draw *d, uint64_t corr)
{
	if (corr > 0 && d->any && fresh(ne) < corr)
		return d->last;
	d->last = fresh(ne);
	d->any = true;
	return d->last;
}

static bool
happens(struct netem *ne, struct draw *d, const struct odds *o)
{
	return o->p > 0 && draw(ne, d, o->corr) < o->p;
}

enum { GOOD, BAD };

/* a transition, then a loss by the state that was left, as netem has it */
static bool
lost_gemodel(struct netem *ne)
{
	const uint64_t *p = ne->c->ge;
	unsigned was = ne->state;

	if (fresh(ne) < p[was == GOOD ? 0 : 1])
		ne->state = was == GOOD ? BAD : GOOD;
	return fresh(ne) < p[was == GOOD ? 3 : 2];
}

/* the names are those of tc-netem(8): 3 and 4 are losses */
enum { GAP_RECEIVED, BURST_RECEIVED, BURST_LOST, GAP_LOST };
enum { P13, P31, P32, P23, P14 };

static bool
lost_state(struct netem *ne)
{
	const uint64_t *p = ne->c->state;
	uint32_t r = fresh(ne);

	switch (ne->state) {
	case GAP_RECEIVED:
		if (r < p[P14])
			ne->state = GAP_LOST;
		else if (r < p[P14] + p[P13])
			ne->state = BURST_LOST;
		break;
	case BURST_RECEIVED:
		if (r < p[P23])
			ne->state = BURST_LOST;
		break;
	case BURST_LOST:
		if (r < p[P32])
			ne->state = BURST_RECEIVED;
		else if (r < p[P32] + p[P31])
			ne->state = GAP_RECEIVED;
		break;
	default:
		ne->state = GAP_RECEIVED;
		break;
	}
	return ne->state == BURST_LOST || ne->state == GAP_LOST;
}

static bool
lost(struct netem *ne)
{
	switch (ne->c->model) {
	case LOSS_NONE:
		return false;
	case LOSS_RANDOM:
		return happens(ne, &ne->loss, &ne->c->loss);
	case LOSS_GEMODEL:
		return lost_gemodel(ne);
	case LOSS_STATE:
		return lost_state(ne);
	}
	return false;
}

/* ---- time */

uint64_t
time_later(uint64_t t, uint64_t d)
{
	return d < LAST_STAMP && t < LAST_STAMP - d ? t + d : LAST_STAMP;
}

/* deviation - of the distribution, in units of 1/DIST_SCALE of the jitter */
static int64_t
deviation(struct netem *ne)
{
	uint32_t r = draw(ne, &ne->delay, ne->c->delay_corr);
	const struct dist_tables *t = &ne->dist;

	switch (ne->c->dist) {
	case DIST_UNIFORM:
		break;
	case DIST_NORMAL:
		return t->normal[r % DIST_SIZE];
	case DIST_PARETO:
		return t->pareto[r % DIST_SIZE];
	case DIST_PARETONORMAL: /* a quarter and three quarters */
		return (t->normal[fresh(ne) % DIST_SIZE] +
			   3 * t->pareto[r % DIST_SIZE]) /
		       4;
	}
	return (int64_t)(r >> 18) - DIST_SCALE; /* 14 bits: twice that */
}

/* random_delay - delay and jitter; never less than none */
static uint64_t
random_delay(struct netem *ne)
{
	const struct impair_config *c = ne->c;
	int64_t d, jitter = (int64_t)c->jitter;

	if (jitter == 0)
		return c->delay;
	d = deviation(ne);
	/* in two parts: a jitter of years does not overflow */
	d = jitter / DIST_SCALE * d + jitter % DIST_SCALE * d / DIST_SCALE;
	return d < 0 && (uint64_t)-d > c->delay ? 0 : c->delay + (uint64_t)d;
}

/* sending_time - at the rate, with netem's overheads */
static uint64_t
sending_time(const struct impair_config *c, size_t frame)
{
	int64_t len = (int64_t)frame + c->overhead, cells;

	if (len < 0)
		len = 0;
	if (c->cell > 0) {
		cells = (len + c->cell - 1) / c->cell;
		len = cells * (c->cell + c->cell_overhead);
	}
	return len > 0 ? (uint64_t)len * 8 * NS_PER_SEC / c->rate : 0;
}

/*
 * delay_of - how long a copy waits. With a rate it leaves behind all others,
 * and its sending takes time.
 */
static uint64_t
delay_of(struct netem *ne, struct arrival *a, struct fate *f, uint64_t extra)
{
	const struct impair_config *c = ne->c;
	uint64_t at;

	if (c->gap > 0 && ne->counter >= c->gap - 1 &&
	    draw(ne, &ne->reorder, c->reorder.corr) < c->reorder.p) {
		ne->counter = 0;
		f->reordered = true;
		return extra;
	}
	ne->counter++;
	at = time_later(a->now, random_delay(ne));
	at = time_later(at, extra);
	if (c->rate > 0) {
		if (at < ne->last)
			at = ne->last;
		at = time_later(at, sending_time(c, a->len));
		ne->last = at;
	}
	return at > a->now ? at - a->now : 0;
}

/* ---- the whole */

void
copy_flip(struct copy *c, uint32_t bit)
{
	if (c->nflips < MAX_FLIPS)
		c->flip[c->nflips++] = bit;
}

uint32_t
netem_any_bit(struct netem *ne, size_t len)
{
	return (uint32_t)chance_below(&ne->chance, (uint64_t)len * 8);
}

static bool
may_wait(const struct netem *ne, const struct copy *c)
{
	return ne->c->delay > 0 || ne->c->jitter > 0 || ne->c->rate > 0 ||
	       c->delay > 0;
}

void
netem_pass(struct netem *ne, struct arrival *a, struct copy c, bool again,
    struct fate *f)
{
	bool twice = again && happens(ne, &ne->dup, &ne->c->dup);

	if (lost(ne)) {
		/* of two copies one is lost: the packet passes */
		if (!twice) {
			f->why = WHY_LOSS;
			f->dropped++;
			return;
		}
		twice = false;
	}
	if (f->n + 1 + twice > MAX_COPIES)
		twice = false;
	f->made += twice;
	if (a->len > 0 && happens(ne, &ne->corrupt, &ne->c->corrupt))
		copy_flip(&c, netem_any_bit(ne, a->len));
	if (may_wait(ne, &c) && a->room == 0) {
		f->why = WHY_LIMIT;
		f->no_room += 1 + twice;
		return;
	}
	if (twice)
		netem_pass(ne, a, (struct copy){.delay = 0}, false, f);
	c.delay = delay_of(ne, a, f, c.delay);
	a->room -= c.delay > 0 && a->room > 0;
	f->copy[f->n++] = c;
}

void
netem_init(struct netem *ne, const struct impair_config *c)
{
	*ne = (struct netem){.c = c};
	chance_seed(&ne->chance, c->seed);
	if (c->dist != DIST_UNIFORM)
		dist_init(&ne->dist);
}
