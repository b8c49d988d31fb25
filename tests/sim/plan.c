/*
 * plan.c - from a seed: the network, the two ends, and what is to be said.
 *
 * Three runs of four are kind: whatever the network does, it ends some day,
 * nobody gives up before, and all must arrive. The others are harsh: ends
 * die, applications abort, memory is refused, patience is short.
 */
#include <string.h>

#include "sim.h"
#include "wire/parse.h"

static uint64_t
ms(struct sim *s, uint64_t lo, uint64_t hi)
{
	return between(s, lo, hi) * NS_PER_MS + between(s, 0, 999999);
}

/* sometimes - a value up to most in of_1000, else 0 */
static unsigned
sometimes(struct sim *s, unsigned of_1000, unsigned most)
{
	return chance_of(s, of_1000) ? (unsigned)between(s, 1, most) : 0;
}

/* ---- the network ---- */

static void
plan_path(struct sim *s, struct path *w, uint64_t msl)
{
	static const unsigned loss[] = {0, 0, 10, 50, 100, 200, 400};

	w->loss = loss[between(s, 0, 6)];
	w->dup = sometimes(s, 300, 200);
	w->reorder = sometimes(s, 400, 500);
	w->late = sometimes(s, 150, 30);
	w->damage = sometimes(s, 300, 50);
	w->mark = sometimes(s, 300, 300);
	w->split = sometimes(s, 150, 300);
	w->delay = ms(s, 0, chance_of(s, 100) ? 1000 : 100);
	w->jitter = ms(s, 1, 200);
	w->lateness = msl / 2;
	w->mtu = w->mtu_later = 1500;
	if (chance_of(s, 250)) {
		w->rate = between(s, 5000, 5000000);
		w->queue = ms(s, 5, 500);
	}
	if (chance_of(s, 200)) {
		/* the path gets narrower, from the start or on the way */
		w->mtu_later = (uint32_t)between(s, s->v6 ? 1280 : 576, 1500);
		w->mtu_silent = chance_of(s, 300);
		if (!s->v6 && !w->mtu_silent && chance_of(s, 200))
			w->mtu_later = (uint32_t)between(s, 296, 600);
		if (chance_of(s, 500))
			w->mtu_at = s->now + ms(s, 0, 3000);
	}
}

static void
plan_holes(struct sim *s)
{
	int i;

	s->holes = chance_of(s, 300) ? (int)between(s, 1, HOLES) : 0;
	for (i = 0; i < s->holes; i++) {
		s->hole[i].from = s->now + ms(s, 0, 20000);
		s->hole[i].to = s->hole[i].from +
				ms(s, 10, chance_of(s, 200) ? 120000 : 5000);
		s->hole[i].ways = (unsigned)between(s, 1, 3);
	}
	if (s->harsh && chance_of(s, 150)) {
		s->holes = s->holes > 0 ? s->holes : 1;
		s->hole[0].to = NEVER;
	}
}

/* ---- the ends ---- */

static void
plan_limits(struct sim *s, struct end *e)
{
	static const size_t reass[] = {0, 2000, 20000, 64 << 20};
	static const size_t frag[] = {3000, 20000, 4 << 20};
	struct tcp_config *c = &e->cfg;

	c->backlog = chance_of(s, 150) ? (uint32_t)between(s, 0, 1) : 1024;
	c->reass_bytes = reass[chance_of(s, 200) ? between(s, 0, 2) : 3];
	/* not where routers cut all that is long */
	c->frag_bytes = frag[2];
	if (s->path[e->who].mtu_later >= 576 && chance_of(s, 200))
		c->frag_bytes = frag[between(s, 0, 1)];
	e->records = chance_of(s, 100) ? 256 : 1 << 18;
	if (s->harsh && chance_of(s, 200))
		c->max_conns = (uint32_t)between(s, 1, 2);
	e->room = chance_of(s, 200) ? between(s, 1700, 6000) : SIZE_MAX / 2;
}

static void
plan_end(struct sim *s, int who, uint64_t msl)
{
	static const struct tcp_cong *const control[] = {
	    &tcp_reno, &tcp_cubic, &tcp_bbr};
	static const uint32_t rcvbuf[] = {
	    200, 1000, 3000, 10000, 65535, 100000, 1 << 20};
	struct end *e = &s->end[who];
	struct tcp_config *c = &e->cfg;

	e->sim = s;
	e->who = who;
	tcp_defaults(c);
	c->seed = chance_u64(&s->c);
	c->segments = false;
	c->no_listen = who == CLIENT;
	c->cong = control[between(s, 0, 2)];
	c->mtu = chance_of(s, 700)
		     ? 1500
		     : (uint32_t)between(s, s->v6 ? 1280 : 300, 1500);
	c->rcvbuf = rcvbuf[between(s, chance_of(s, 150) ? 0 : 2, 6)];
	c->no_ecn = chance_of(s, 300);
	c->ask_ecn = chance_of(s, 500);
	c->ask_accecn = chance_of(s, 500);
	c->no_accecn = chance_of(s, 200);
	c->fastopen = chance_of(s, 400);
	c->fastopen_max = chance_of(s, 300) ? 1 : 256;
	c->msl = msl;
	c->keepalive = chance_of(s, 300) ? ms(s, 1000, 60000) : 0;
	/* long enough for any row of bad luck */
	c->user_timeout = c->fin_wait_2 = 20000 * NS_PER_SEC;
	if (s->harsh) {
		c->user_timeout = ms(s, 5000, 300000);
		c->fin_wait_2 = ms(s, 1000, 100000);
	}
	plan_limits(s, e);
	parse_addr(who == CLIENT ? (s->v6 ? "2001:db8::9" : "10.0.0.9")
				 : (s->v6 ? "2001:db8::5" : "10.0.0.5"),
	    &e->addr);
	mac_of_phantom(&e->addr, &e->mac);
}

/* ---- what is said ---- */

static void
plan_side(struct sim *s, struct side *d, struct side *other)
{
	uint32_t most = d->end->cfg.rcvbuf, peer = other->end->cfg.rcvbuf;

	/* small windows take their time: small amounts */
	most = peer < most ? peer : most;
	most = most < 1000 ? 5000 : most < 5000 ? 30000 : MAX_TOTAL;
	d->total = (uint32_t)chance_below(
	    &s->c, (uint64_t)1 << between(s, 1, 18));
	if (d->total > most)
		d->total = most;
	d->chunk = MAX_TOTAL;
	if (chance_of(s, 400)) {
		d->chunk = (uint32_t)between(s, 1 + d->total / 200, 20000);
		d->write_gap = chance_of(s, 500) ? ms(s, 0, 300) : 0;
	}
	if (chance_of(s, 300)) {
		d->read_size = (uint32_t)between(
		    s, 1 + other->total / 200, 20000);
		d->read_gap = ms(s, 0, 50);
	}
	d->stall_at = UINT32_MAX;
	if (chance_of(s, 100)) {
		d->stall_at = (uint32_t)between(s, 0, 100000);
		d->stall = ms(s, 100, 100000);
	}
	d->rule = (enum close_rule)between(s, 0, 2);
	d->close_after = ms(s, 0, chance_of(s, 200) ? 200000 : 1000);
	d->nodelay = chance_of(s, 300);
	d->early = chance_of(s, 300);
	d->abort_after = NEVER;
	if (s->harsh && chance_of(s, 200))
		d->abort_after = ms(s, 0, 30000);
}

static void
plan_call(struct sim *s, int i)
{
	struct call *c = &s->call[i];
	struct side *d;
	int who;

	c->no = i;
	c->port = (uint16_t)(CLIENT_PORT + i);
	c->after = -1;
	c->at = s->now + (i > 0 ? ms(s, 0, 10000) : 0);
	c->other_at = NEVER;
	if (i > 0 && s->death_at == NEVER && !s->call[i - 1].crossed &&
	    s->end[SERVER].cfg.backlog > 1 && chance_of(s, 400)) {
		c->after = i - 1;
		c->port = s->call[i - 1].port;
	} else if (chance_of(s, 120)) {
		c->crossed = true;
		c->other_at = c->at + between(s, 0, s->path[SERVER].delay);
	}
	if (chance_of(s, 400))
		c->strip = (unsigned)between(s, 0, 15);
	if (chance_of(s, 200))
		c->bend = 1u << between(s, 0, 5);
	if (chance_of(s, 200))
		c->mss = (uint16_t)between(s, 40, 1400);
	for (who = 0; who < 2; who++) {
		d = &c->side[who];
		d->call = c;
		d->end = &s->end[who];
		d->read_at = d->write_at = d->close_at = d->abort_at = NEVER;
		d->w.ack_due = NEVER;
		d->w.wscale = -1;
	}
	plan_side(s, &c->side[CLIENT], &c->side[SERVER]);
	plan_side(s, &c->side[SERVER], &c->side[CLIENT]);
	/* one must begin to close */
	if (c->side[CLIENT].rule == CLOSE_AFTER_EOF &&
	    c->side[SERVER].rule == CLOSE_AFTER_EOF)
		c->side[between(s, 0, 1)].rule = CLOSE_AT_ONCE;
}

void
plan(struct sim *s, uint64_t seed)
{
	uint64_t msl;
	int i;

	memset(s, 0, sizeof(*s));
	s->seed = seed;
	chance_seed(&s->c, seed);
	s->now = START;
	s->harsh = chance_of(s, 250);
	s->v6 = chance_of(s, 400);
	msl = chance_of(s, 500) ? 30 * NS_PER_SEC : 8 * NS_PER_SEC;
	plan_path(s, &s->path[0], msl);
	plan_path(s, &s->path[1], msl);
	plan_holes(s);
	s->bad_until = s->now + ms(s, 1000, 300000);
	s->death_at = s->rebirth_at = s->attack_at = NEVER;
	if (s->harsh && chance_of(s, 250)) {
		s->death_at = s->now + ms(s, 0, 20000);
		s->victim = (int)between(s, 0, 1);
		if (chance_of(s, 500))
			s->rebirth_at = s->death_at + ms(s, 0, 60000);
	}
	if (chance_of(s, 250))
		s->attack_at = s->now + ms(s, 0, 1000);
	s->attacked = s->attack_at != NEVER;
	if (s->harsh)
		s->refuse = sometimes(s, 200, 300);
	plan_end(s, CLIENT, msl);
	plan_end(s, SERVER, msl);
	s->calls = chance_of(s, 600) ? 1 : (int)between(s, 1, CALLS);
	for (i = 0; i < s->calls; i++)
		plan_call(s, i);
}

void
plan_plain(struct sim *s)
{
	struct path *w;
	struct tcp_config *c;
	int i;

	s->attack_at = s->death_at = s->rebirth_at = NEVER;
	s->refuse = 0;
	for (i = 0; i < 2; i++) {
		w = &s->path[i];
		w->damage = w->split = 0;
		c = &s->end[i].cfg;
		c->reass_bytes = 64 << 20;
		c->frag_bytes = 4 << 20;
		c->backlog = 1024;
		c->max_conns = 1000;
		s->end[i].records = 1 << 18;
	}
}
