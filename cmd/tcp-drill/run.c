/*
 * run.c - the chosen cases against the device: many at once, each from ports
 * of its own, and from an address of its own where there are enough. What
 * failed is run again alone; a result that differs is no verdict.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"

#include "run.h"

enum {
	REPEATS = 2, /* of a case whose first SYN brings no answer */
	SIGNS = 2,   /* cases spoiled that show that the path loses packets */
	LOSSY_TRIES = 10,
};

static struct run run;

/* ---- cases ---- */

static const struct drill_case *
case_of(const struct drill *d, unsigned i)
{
	return &d->cases.c[d->chosen[i]];
}

static char *
copy(const char *text)
{
	char *p = strdup(text);

	if (p == NULL)
		die(EXIT_NO, "keep a result: out of memory");
	return p;
}

static void
set_result(struct result *res, enum outcome o, const char *why)
{
	res->outcome = o;
	free(res->why);
	res->why = why != NULL ? copy(why) : NULL;
}

/* refuse - can it not be asked of this device? Then that is its result */
static bool
refuse(struct drill *d, unsigned i)
{
	const struct drill_case *c = case_of(d, i);
	struct result *res = &d->result[i];
	unsigned family = ip_is_v4(query_source(d->x)) ? 4 : 6;
	char why[80], need[CASE_NEEDS];

	if (c->family != 0 && c->family != family)
		set_result(res, OUT_SKIP,
		    family == 4 ? "only for IPv6" : "only for IPv4");
	else if (c->client != d->listen || d->port[c->need] == 0) {
		snprintf(why, sizeof(why), "needs %s", cases_needs(c, need));
		set_result(res, OUT_SKIP, why);
	} else
		return false;
	return true;
}

/*
 * source_of - the address of case i: what a device remembers of one peer (path
 * MTU, round trip) must not affect another case. Those that are to be alone
 * have the last ones, as far as there are enough.
 */
static unsigned
source_of(const struct run *r, unsigned i)
{
	unsigned n = r->d->o.sources > 1 ? r->d->o.sources : 1, k, before = 0;
	unsigned alone = 0;

	for (k = 0; k < r->d->nchosen; k++) {
		before += k < i && case_of(r->d, k)->alone;
		alone += case_of(r->d, k)->alone;
	}
	if (alone >= n)
		return i % n;
	return case_of(r->d, i)->alone ? n - 1 - before
				       : (i - before) % (n - alone);
}

static void
start(struct run *r, struct slot *s, unsigned i)
{
	const struct drill_case *c = case_of(r->d, i);

	s->running = (int)i;
	s->address = source_of(r, i);
	link_ends(r, s, r->d->port[c->need]);
	play_start(&s->play, &r->d->cases, c, &r->host, query_now(r->d->x));
}

/* is_stale - has it met a connection of earlier? That one is gone now */
static bool
is_stale(struct run *r, const struct slot *s)
{
	struct result *res = &r->d->result[s->running];

	return s->play.verdict == PLAY_FAIL && s->play.stale &&
	       res->stale++ < REPEATS;
}

/* no_answer - to the SYN came nothing at all: it, or the answer, was lost? */
static bool
no_answer(const struct run *r, const struct slot *s)
{
	const struct result *res = &r->d->result[s->running];

	return s->play.verdict == PLAY_FAIL && !r->d->listen &&
	       !s->play.answered && s->play.syn_at != 0 && res->tries == 0 &&
	       res->repeats < REPEATS;
}

static unsigned
failures(const struct result *res)
{
	return res->tries - res->passed - res->skipped;
}

/* judge - of all runs so far; one that a lost packet spoiled is none */
static enum outcome
judge(const struct run *r, const struct result *res)
{
	unsigned failed = failures(res);

	if (res->passed == 0)
		return OUT_FAIL;
	if (res->reason != NULL)
		return failed == 0 || (failed < REPORT_ENOUGH &&
					  res->passed >= REPORT_SURE)
			   ? OUT_PASS
			   : OUT_FAIL;
	if (r->lost > 0)
		failed -= res->spoiled;
	if (failed == 0 || (r->lost > 0 && res->passed >= REPORT_ENOUGH))
		return OUT_PASS;
	return OUT_UNSTABLE;
}

static void
set_failed(struct run *r, struct slot *s, struct result *res)
{
	res->spoiled += s->play.lost;
	set_result(res, judge(r, res), s->play.why);
	free(res->ladder);
	res->ladder = ladder_of(&s->play);
	r->failed |= res->reason == NULL && res->tries >= r->d->tries;
}

/* measure - the round trip, and whether packets are lost */
static void
measure(struct run *r, const struct slot *s, const struct result *res)
{
	uint64_t rtt = s->play.rtt;

	if (s->play.answered && res->tries == 0)
		r->lost += res->repeats;
	r->lost += s->play.syns_lost;
	r->d->lossy = r->lost > 0;
	/* the first one may have waited for a device that was asleep */
	if (rtt != 0 && rtt < r->host.srtt)
		r->host.srtt -= (r->host.srtt - rtt) / 2;
	else if (rtt != 0)
		r->host.srtt += (rtt - r->host.srtt) / 8;
	if (rtt != 0 && rtt < r->host.rtt)
		r->host.rtt = rtt;
}

/* note_loss - a case passes that has failed with signs of a loss: is it the
   path? One might be the device, two are not */
static void
note_loss(struct run *r, const struct result *res)
{
	if (res->passed == 1 && res->spoiled > 0 && ++r->signs == SIGNS)
		r->lost++;
	r->d->lossy = r->lost > 0;
}

static void
finish(struct run *r, struct slot *s)
{
	struct result *res = &r->d->result[s->running];
	unsigned i = (unsigned)s->running;

	link_close(r, s);
	if (is_stale(r, s)) {
		start(r, s, i);
		return;
	}
	if (no_answer(r, s)) {
		res->repeats++;
		start(r, s, i);
		return;
	}
	measure(r, s, res);
	res->took = query_now(r->d->x) - s->play.start;
	res->tries++;
	if (s->play.verdict == PLAY_PASS) {
		res->passed++;
		note_loss(r, res);
		res->outcome = judge(r, res);
	} else if (s->play.verdict == PLAY_SKIP) {
		res->skipped++;
		set_result(res, OUT_SKIP, s->play.why);
	} else {
		set_failed(r, s, res);
	}
	s->running = RUN_NONE;
}

/* play_all - until the next deadline, or something that comes; false: over */
static bool
play_all(struct run *r)
{
	struct query_packet p;
	enum query_result got;
	uint64_t until = TIME_NEVER;
	unsigned i;

	for (i = 0; i < r->nslots; i++) {
		struct slot *s = &r->slot[i];

		if (s->running == RUN_NONE)
			continue;
		play_on(&s->play, query_now(r->d->x));
		if (s->play.verdict != PLAY_RUNNING)
			finish(r, s);
		else if (s->play.deadline < until)
			until = s->play.deadline;
	}
	if (until == TIME_NEVER)
		return true;
	got = query_recv(r->d->x, until, &p);
	if (got == QUERY_PACKET)
		link_dispatch(r, &p);
	return got != QUERY_OVER;
}

static unsigned
busy(const struct run *r)
{
	unsigned i, n = 0;

	for (i = 0; i < r->nslots; i++)
		n += r->slot[i].running != RUN_NONE;
	return n;
}

/* want - is case i to be run in this round? */
typedef bool want(const struct run *, unsigned i);

/* stopped - there is a failure, and one is enough */
static bool
stopped(const struct run *r)
{
	return r->d->first && r->failed;
}

/* play_those - at most jobs of them at once; false: over */
static bool
play_those(struct run *r, want *wanted, unsigned jobs)
{
	unsigned i = 0, k;

	for (;;) {
		for (k = 0; k < jobs && i < r->d->nchosen; k++) {
			while (i < r->d->nchosen && !wanted(r, i))
				i++;
			if (r->slot[k].running == RUN_NONE && i < r->d->nchosen)
				start(r, &r->slot[k], i++);
		}
		if (busy(r) == 0 && i == r->d->nchosen)
			return true;
		if (stopped(r))
			return true;
		if (!play_all(r))
			return false;
		report_next(r->d);
	}
}

/* own_address - those that are to be alone have an address each */
static bool
own_address(const struct run *r)
{
	unsigned i, alone = 0;

	for (i = 0; i < r->d->nchosen; i++)
		alone += case_of(r->d, i)->alone;
	return r->d->o.sources > alone;
}

static bool
want_first(const struct run *r, unsigned i)
{
	return r->d->result[i].outcome == OUT_NONE &&
	       (own_address(r) || !case_of(r->d, i)->alone);
}

static bool
want_alone(const struct run *r, unsigned i)
{
	return r->d->result[i].outcome == OUT_NONE;
}

/* tries - of a case that fails: more where the path loses packets, and of one
   that passes although a profile lists it */
static unsigned
tries(const struct run *r, const struct result *res)
{
	bool more = r->lost > 0 || res->reason != NULL;

	return more && r->d->tries > 1 ? LOSSY_TRIES : r->d->tries;
}

/*
 * is_open - a failure that no profile lists is tried once more; where
 * packets are lost, also what is not passed often enough
 */
static bool
is_open(const struct run *r, unsigned i)
{
	const struct result *res = &r->d->result[i];

	if (res->tries >= tries(r, res))
		return false;
	if (res->outcome == OUT_FAIL)
		return res->reason == NULL ||
		       (r->lost > 0 && failures(res) < REPORT_ENOUGH);
	return (r->lost > 0 && res->outcome == OUT_UNSTABLE) ||
	       report_in_doubt(r->d, res);
}

/* want_again - all of those; to know one failure, one after the other */
static bool
want_again(const struct run *r, unsigned i)
{
	unsigned k;

	for (k = 0; r->d->first && k < i; k++) {
		if (is_open(r, k))
			return false;
	}
	return is_open(r, i);
}

/* any_open - that the path loses packets may have been seen since */
static bool
any_open(struct run *r)
{
	unsigned i;

	for (i = 0; i < r->d->nchosen; i++) {
		if (r->d->result[i].outcome == OUT_UNSTABLE)
			r->d->result[i].outcome = judge(r, &r->d->result[i]);
	}
	for (i = 0; i < r->d->nchosen && !is_open(r, i); i++)
		;
	return i < r->d->nchosen;
}

/* again_jobs - alone, but where it is the path that loses packets */
static unsigned
again_jobs(const struct run *r)
{
	return r->lost > 0 && own_address(r) ? r->nslots : 1;
}

/* settle - what a failure is in the end */
static void
settle(struct run *r)
{
	struct result *res;
	unsigned i;

	for (i = 0; i < r->d->nchosen; i++) {
		res = &r->d->result[i];
		if (res->outcome == OUT_FAIL && res->reason != NULL)
			res->outcome = OUT_DEVIATION;
		else if (res->outcome == OUT_FAIL && res->tries < tries(r, res))
			res->outcome = OUT_NONE; /* stopped before */
	}
}

/* ---- all of it ---- */

static void
set_up(struct run *r, struct drill *d)
{
	unsigned i;

	r->d = d;
	r->nslots = d->jobs < JOBS_MAX ? d->jobs : JOBS_MAX;
	r->slot = calloc(r->nslots, sizeof(*r->slot));
	if (r->slot == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < r->nslots; i++)
		r->slot[i].running = RUN_NONE;
	link_start(r);
}

bool
drill_run(struct drill *d)
{
	struct run *r = &run;
	unsigned i;
	bool ok;

	set_up(r, d);
	for (i = 0; i < d->nchosen; i++)
		refuse(d, i);
	if (!link_ask(r))
		return false;
	report_plan(d);
	ok = play_those(r, want_first, r->nslots) &&
	     play_those(r, want_alone, 1);
	while (ok && !stopped(r) && any_open(r))
		ok = play_those(r, want_again, again_jobs(r));
	settle(r);
	report_next(d);
	return ok;
}
