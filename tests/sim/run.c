/*
 * run.c - one run: what is due next happens next, until all is over; then,
 * has everything gone by the rules?
 */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "invariant.h"
#include "sim.h"
#include "truth.h"

#define LIMIT (40000 * NS_PER_SEC)

enum { STANDSTILL = 20000 }; /* steps at one time */

static uint64_t arrived[CALLS][2][MAX_TOTAL / 64 + 1];

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* ---- begin ---- */

static void
begin_end(struct sim *s, struct end *e)
{
	alloc_refuse(0, 0);
	e->t = tcp_new(&e->cfg, &app_host, e, &app_calls, e, s->now);
	invariant_records(e->t, e->records);
	alloc_refuse(s->refuse, s->seed);
}

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
	begin_end(s, &s->end[CLIENT]);
	begin_end(s, &s->end[SERVER]);
}

/* is_waiting - c is to follow a call that is not over */
static bool
is_waiting(const struct sim *s, const struct call *c)
{
	const struct call *before = &s->call[c->after < 0 ? 0 : c->after];

	return c->after >= 0 &&
	       (!before->started || (before->side[CLIENT].connected &&
					!before->side[CLIENT].closed));
}

/*
 * may_start - the same ports again: at once after an orderly end, which
 * leaves TIME-WAIT behind; else when no old segment is left, RFC 9293 3.4.3
 */
static bool
may_start(struct sim *s, struct call *c)
{
	const struct side *before;

	if (c->started || c->at > s->now || is_waiting(s, c))
		return false;
	if (c->after < 0)
		return true;
	before = &s->call[c->after].side[CLIENT];
	if (before->how == TCP_CLOSE_FIN ||
	    s->now - before->closed_at >= s->end[CLIENT].cfg.msl)
		return true;
	c->at = before->closed_at + s->end[CLIENT].cfg.msl;
	return false;
}

static void
start_calls(struct sim *s)
{
	struct call *c;
	int i;

	for (i = 0; i < s->calls; i++) {
		c = &s->call[i];
		if (may_start(s, c)) {
			c->started = true;
			app_connect(s, c, CLIENT);
			if (!c->side[CLIENT].connected && ++c->tries < 1000 &&
			    s->end[CLIENT].t != NULL) {
				c->started = false; /* no room, TIME-WAIT */
				c->at = s->now + NS_PER_SEC;
			}
		}
		if (c->started && c->other_at <= s->now) {
			c->other_at = NEVER;
			app_connect(s, c, SERVER);
		}
	}
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
		begin_end(s, e);
	}
	if (s->attack_at <= s->now) {
		attack(s);
		s->attack_at = s->now + between(s, 0, 2000) * NS_PER_MS;
		if (s->attack_at >= s->bad_until)
			s->attack_at = NEVER;
	}
}

static void
deliver(struct sim *s)
{
	struct packet *q;
	struct end *e;
	struct view v;

	while ((q = net_due(s)) != NULL) {
		e = &s->end[q->to];
		truth_arrived(s, q->to, q->tx);
		if (e->t != NULL) {
			tcp_input(
			    e->t, s->now, q->bytes, q->len, s->now, ++e->frame);
			e->touched = true;
			if (q->whole != NULL &&
			    look(q->whole->bytes, q->whole->len, &v))
				wire_arrived(s, e, &v, PIECE);
			else if (!q->damaged && look(q->bytes, q->len, &v) &&
				 v.tcp)
				wire_arrived(
				    s, e, &v, q->forged ? FORGED : WHOLE);
			else
				wire_stirred(s, e);
		}
		net_release(q);
	}
}

static void
flush(struct end *e)
{
	struct sim *s = e->sim;

	e->touched = false;
	e->waits = tcp_flush(e->t, s->now, e->room);
	e->drained_at = s->now + NS_PER_MS;
}

/* is_up - that end has the connection, and has always been there */
static bool
is_up(const struct side *d)
{
	return d->opened && !d->closed && !d->died && d->tcb != NULL;
}

/* check_pair - of two ends between which nobody changes anything */
static void
check_pair(struct sim *s, struct call *c)
{
	const struct side *client = &c->side[CLIENT], *server;
	const char *why;

	server = &c->side[SERVER];
	if (c->bend != 0 || c->haunted || c->crossed || s->attacked ||
	    s->death_at != NEVER || !is_up(client) || !is_up(server))
		return;
	why = invariant_pair(client->tcb, server->tcb);
	if (why != NULL)
		wrong(s, "call %d: %s", c->no, why);
}

static void
step(struct sim *s)
{
	const char *why;
	struct end *e;
	int i;

	fate(s);
	start_calls(s);
	deliver(s);
	for (i = 0; i < 2; i++) {
		e = &s->end[i];
		if (e->t == NULL)
			continue;
		if (tcp_deadline(e->t) <= s->now) {
			tcp_timers(e->t, s->now);
			e->touched = true;
		}
		if (!e->touched && !(e->waits && e->drained_at <= s->now))
			continue;
		flush(e);
		why = invariant_broken(e->t, s->now, !e->waits);
		if (why != NULL)
			wrong(s, "%s: %s", side_name(i), why);
	}
	for (i = 0; i < s->calls; i++) {
		check_pair(s, &s->call[i]);
		wire_check(s, &s->call[i].side[CLIENT]);
		wire_check(s, &s->call[i].side[SERVER]);
	}
}

/* next_time - when something happens; NEVER */
static uint64_t
next_time(const struct sim *s)
{
	uint64_t at = s->first != NULL ? s->first->at : NEVER;
	const struct end *e;
	int i;

	at = earlier(at, s->death_at);
	at = earlier(at, s->rebirth_at);
	at = earlier(at, s->attack_at);
	for (i = 0; i < s->calls; i++) {
		if (is_waiting(s, &s->call[i]))
			continue;
		if (!s->call[i].started)
			at = earlier(at, s->call[i].at);
		else
			at = earlier(at, s->call[i].other_at);
	}
	for (i = 0; i < 2; i++) {
		e = &s->end[i];
		if (e->t == NULL)
			continue;
		at = earlier(at, tcp_deadline(e->t));
		if (e->waits)
			at = earlier(at, e->drained_at);
	}
	return at;
}

/* ---- the end ---- */

static bool
is_over(const struct sim *s)
{
	const struct side *d;
	int i;

	for (i = 0; i < s->calls * 2; i++) {
		d = &s->call[i / 2].side[i % 2];
		if (!d->call->started || (d->tcb != NULL && !d->closed))
			return false;
	}
	for (i = 0; i < 2; i++) {
		if (s->end[i].t != NULL &&
		    (tcp_stats(s->end[i].t)->conns > 0 ||
			tcp_stats(s->end[i].t)->time_waits > 0))
			return false;
	}
	return true;
}

/* is_alone - there is nobody who could ever answer d */
static bool
is_alone(const struct side *d)
{
	const struct sim *s = d->end->sim;
	const struct end *peer = &s->end[!d->end->who];
	const struct side *o = &d->call->side[!d->end->who];

	if (o->closed)
		return o->how != TCP_CLOSE_FIN;
	return !o->opened && (o->refused || peer->t == NULL || s->refuse > 0 ||
				 tcp_stats(peer->t)->cookies > 0);
}

/*
 * abandon - nothing will happen any more. That is right only for one that
 * has said all and waits for a peer that is gone: its user ends it.
 */
static bool
abandon(struct sim *s)
{
	struct side *d;
	bool any = false;
	int i;

	for (i = 0; i < s->calls * 2; i++) {
		d = &s->call[i / 2].side[i % 2];
		if (d->tcb == NULL || !is_alone(d))
			continue;
		d->aborted = true;
		tcp_abort(d->tcb, s->now);
		flush(d->end);
		any = true;
	}
	return any;
}

static void
verdict_fin(struct sim *s, const struct side *d, const struct side *o)
{
	if (!d->opened || !d->eof || d->got != o->total)
		wrong(s, "the %s has closed with %u bytes of %u",
		    side_name(d->end->who), d->got, o->total);
	if (!d->shut || d->acked != d->total || o->got != d->total)
		wrong(s, "the %s has closed, and the other has %u bytes of %u",
		    side_name(d->end->who), o->got, d->total);
}

static void
verdict_reset(struct sim *s, const struct side *d, const struct side *o)
{
	const struct end *peer = &s->end[!d->end->who];

	if (!d->w.reset)
		wrong(s, "the %s was reset by nobody", side_name(d->end->who));
	if (s->harsh || o->refused || d->call->crossed)
		return;
	if (!o->closed && tcp_stats(peer->t)->cookies == 0)
		wrong(s, "the %s was reset for no reason",
		    side_name(d->end->who));
	if (o->closed && o->how == TCP_CLOSE_FIN && d->got != o->total)
		wrong(s, "the %s was reset before it had all",
		    side_name(d->end->who));
}

static void
verdict_timeout(struct sim *s, const struct side *d)
{
	const struct tcp_config *c = &d->end->cfg;
	uint64_t limit, since = d->w.progress_at;

	if (d->why != NULL && strcmp(d->why, "keepalive") == 0) {
		limit = 10 * c->keepalive;
		since = d->w.heard_at;
		if (limit > c->keepalive + 9 * 75 * NS_PER_SEC)
			limit = c->keepalive + 9 * 75 * NS_PER_SEC;
	} else if (d->why != NULL && strcmp(d->why, "fin-wait-2") == 0) {
		limit = c->fin_wait_2;
	} else {
		limit = c->user_timeout;
		if (!d->opened && limit > 300 * NS_PER_SEC)
			limit = 300 * NS_PER_SEC;
	}
	if (d->closed_at - since < limit)
		wrong(s, "the %s gave up after %.3f s of %.3f s: %s",
		    side_name(d->end->who),
		    (double)(d->closed_at - since) / 1e9, (double)limit / 1e9,
		    d->why != NULL ? d->why : "-");
}

static void
verdict_side(struct sim *s, const struct side *d)
{
	const struct side *o = &d->call->side[!d->end->who];

	if (!d->closed || d->died || d->call->haunted)
		return;
	switch (d->how) {
	case TCP_CLOSE_FIN:
		verdict_fin(s, d, o);
		break;
	case TCP_CLOSE_RESET:
		verdict_reset(s, d, o);
		break;
	case TCP_CLOSE_TIMEOUT:
		verdict_timeout(s, d);
		break;
	case TCP_CLOSE_ABORT:
		if (!d->aborted && !(s->hard_error && !d->opened) &&
		    !(d->end->cfg.max_conns <= 2 && d->why != NULL &&
			strcmp(d->why, "table-full") == 0))
			wrong(s, "the %s has aborted by itself: %s",
			    side_name(d->end->who),
			    d->why != NULL ? d->why : "-");
		break;
	}
}

/*
 * come_to_rest - a timer may wake once more for what is gone already; then
 * there is none
 */
static void
come_to_rest(struct sim *s, struct tcp *t)
{
	uint64_t at;
	int i;

	/* a deadline may be told too early, and comes nearer each time */
	for (i = 0; i < 20 && (at = tcp_deadline(t)) != NEVER; i++)
		tcp_timers(t, at > s->now ? at : s->now);
	if (tcp_deadline(t) != NEVER)
		wrong(s, "a timer runs for no connection");
}

static void
finish(struct sim *s, long blocks)
{
	int i;

	for (i = 0; s->wrong[0] == '\0' && i < s->calls * 2; i++)
		verdict_side(s, &s->call[i / 2].side[i % 2]);
	alloc_refuse(0, 0);
	for (i = 0; i < 2; i++) {
		if (s->end[i].t == NULL)
			continue;
		if (s->wrong[0] == '\0')
			come_to_rest(s, s->end[i].t);
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
	while (s->wrong[0] == '\0' && !is_over(s)) {
		at = next_time(s);
		if (at == NEVER && !abandon(s))
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
