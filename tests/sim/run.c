/*
 * run.c - one run: what is due next happens next, until all is over.
 */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "sim.h"

#define LIMIT (40000 * NS_PER_SEC)

enum { STANDSTILL = 20000 }; /* steps at one time */

static uint64_t arrived[CALLS][2][MAX_TOTAL / 64 + 1];

/* ---- begin ---- */

static void
begin(struct sim *s)
{
	int i, who;

	for (i = 0; i < s->calls; i++) {
		for (who = 0; who < 2; who++) {
			s->call[i].side[who].arrived = arrived[i][who];
			memset(arrived[i][who], 0, sizeof(arrived[i][who]));
		}
	}
	step_begin(s, &s->end[CLIENT]);
	step_begin(s, &s->end[SERVER]);
}

/* ---- what happens ---- */

static void
die(struct sim *s)
{
	struct end *e = &s->end[s->victim];
	struct side *d;
	int i;

	s->death_at = NEVER;
	tcp_free(e->t);
	e->t = NULL;
	e->waits = e->touched = false;
	for (i = 0; i < s->calls; i++) {
		d = &s->call[i].side[s->victim];
		d->refused |= !d->opened; /* it may have been half open */
		if (d->closed || d->tcb == NULL)
			continue;
		d->closed = d->died = true;
		d->how = TCP_CLOSE_ABORT;
		d->closed_at = s->now;
		d->tcb = NULL;
	}
	if (s->log)
		printf("# the %s dies\n", side_name(s->victim));
}

static void
fate(struct sim *s)
{
	struct end *e = &s->end[s->victim];

	if (s->death_at <= s->now)
		die(s);
	if (s->rebirth_at <= s->now) {
		s->rebirth_at = NEVER;
		e->cfg.seed = chance_u64(&s->c);
		step_begin(s, e);
	}
	if (s->attack_at <= s->now) {
		attack(s);
		s->attack_at = s->now + between(s, 0, 2000) * NS_PER_MS;
		if (s->attack_at >= s->bad_until)
			s->attack_at = NEVER;
	}
}

static void
step(struct sim *s)
{
	struct packet *q;

	fate(s);
	step_calls(s);
	while ((q = net_due(s)) != NULL) {
		step_deliver(s, q);
		net_release(q);
	}
	step_ends(s);
}

/* ---- the end ---- */

static void
finish(struct sim *s, long blocks)
{
	int i;

	verdict(s);
	alloc_refuse(0, 0);
	for (i = 0; i < 2; i++) {
		if (s->end[i].t == NULL)
			continue;
		if (s->wrong[0] == '\0')
			verdict_rest(s, s->end[i].t);
		tcp_free(s->end[i].t);
	}
	net_clear(s);
	if (alloc_blocks() != blocks)
		wrong(s, "%ld blocks of memory are left",
		    alloc_blocks() - blocks);
}

bool
run(struct sim *s, uint64_t seed, bool log, int pcap, bool plain)
{
	long blocks = alloc_blocks();
	uint64_t at, same = 0;

	plan(s, seed);
	if (plain)
		plan_plain(s);
	s->log = log;
	s->pcap = pcap;
	begin(s);
	while (s->wrong[0] == '\0' && !verdict_over(s)) {
		at = step_next(s);
		if (at == NEVER && !verdict_abandon(s))
			wrong(s, "a connection waits for ever");
		if (at == NEVER)
			continue;
		same = at <= s->now ? same + 1 : 0;
		s->now = at > s->now ? at : s->now;
		if (same > STANDSTILL)
			wrong(s, "time stands still");
		else if (s->now > START + LIMIT)
			wrong(s, "not over after %.0f s", (double)LIMIT / 1e9);
		else
			step(s);
	}
	finish(s, blocks);
	return s->wrong[0] == '\0';
}
