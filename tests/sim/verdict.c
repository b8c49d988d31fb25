/*
 * verdict.c - is a run over, and has everything gone by the rules?
 */
#include <string.h>

#include "sim.h"

bool
verdict_over(const struct sim *s)
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

bool
verdict_abandon(struct sim *s)
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
		step_flush(d->end);
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

void
verdict(struct sim *s)
{
	int i;

	for (i = 0; s->wrong[0] == '\0' && i < s->calls * 2; i++)
		verdict_side(s, &s->call[i / 2].side[i % 2]);
}

void
verdict_rest(struct sim *s, struct tcp *t)
{
	uint64_t at;
	int i;

	/* a deadline may be told too early, and comes nearer each time */
	for (i = 0; i < 20 && (at = tcp_deadline(t)) != NEVER; i++)
		tcp_timers(t, at > s->now ? at : s->now);
	if (tcp_deadline(t) != NEVER)
		wrong(s, "a timer runs for no connection");
}
