/*
 * step.c - the steps of a run: calls begin, a frame arrives, timers fire and
 * the ends speak; after each, what must always hold is looked at.
 */
#include "alloc.h"
#include "invariant.h"
#include "sim.h"
#include "truth.h"

static uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void
step_begin(struct sim *s, struct end *e)
{
	alloc_refuse(0, 0);
	e->t = tcp_new(&e->cfg, &app_host, e, &app_calls, e, s->now);
	invariant_records(e->t, e->records);
	alloc_refuse(s->refuse, s->seed);
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

void
step_calls(struct sim *s)
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

void
step_deliver(struct sim *s, const struct packet *q)
{
	struct end *e = &s->end[q->to];
	struct view v;

	truth_arrived(s, q->to, q->tx);
	if (e->t == NULL)
		return;
	tcp_input(e->t, s->now, q->bytes, q->len, s->now, ++e->frame);
	e->touched = true;
	if (q->whole != NULL && look(q->whole->bytes, q->whole->len, &v))
		wire_arrived(s, e, &v, PIECE);
	else if (!q->damaged && look(q->bytes, q->len, &v) && v.tcp)
		wire_arrived(s, e, &v, q->forged ? FORGED : WHOLE);
	else
		wire_stirred(s, e);
}

void
step_flush(struct end *e)
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

/* step_end - its timers, and what it has to say */
static void
step_end(struct sim *s, int who)
{
	struct end *e = &s->end[who];
	const char *why;

	if (e->t == NULL)
		return;
	if (tcp_deadline(e->t) <= s->now && e->late_until <= s->now) {
		tcp_timers(e->t, s->now);
		e->touched = true;
	}
	if (!e->touched && !(e->waits && e->drained_at <= s->now))
		return;
	step_flush(e);
	why = invariant_broken(e->t, s->now, !e->waits);
	if (why != NULL)
		wrong(s, "%s: %s", side_name(who), why);
}

void
step_ends(struct sim *s)
{
	int i;

	step_end(s, CLIENT);
	step_end(s, SERVER);
	for (i = 0; i < s->calls; i++) {
		check_pair(s, &s->call[i]);
		wire_check(s, &s->call[i].side[CLIENT]);
		wire_check(s, &s->call[i].side[SERVER]);
	}
}

uint64_t
step_next(const struct sim *s)
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
		at = earlier(at, later(tcp_deadline(e->t), e->late_until));
		if (e->waits)
			at = earlier(at, e->drained_at);
	}
	return at;
}
