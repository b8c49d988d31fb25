/*
 * play.c - the steps of a case, see play.h.
 *
 * A step is read when its turn comes, with the variables as they are then. One
 * that waits leaves with a deadline and is looked at again when something has
 * come. Times are those of the frames, so that a busy machine here is no late
 * answer there; beyond a bound there is slack, and more on a long way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "go.h"
#include "play.h"

/* what an answer may take that has no time in its script */
#define ANSWER (1500 * NS_PER_MS)

static const char *
source(const struct play *p)
{
	return p->cases->lines.line[p->pc].text;
}

uint64_t
go_slack(const struct play *p, uint64_t span)
{
	return p->host->slack + 4 * p->host->srtt + span / 10;
}

/* ago - a time as a script would write it, relative to the last event */
static const char *
ago(const struct play *p, uint64_t at, char buf[32])
{
	double d = ((double)at - (double)p->prev) / 1e9;

	snprintf(buf, 32, "%+.3f", d);
	return buf;
}

static enum go
go_fail(struct play *p, const struct captured *got)
{
	const struct line *l = &p->cases->lines.line[p->pc];
	char text[MAX_TEXT], when[32];

	if (got == NULL)
		play_fail(p, "%s:%d\n  expected: %s\n  got:      nothing",
		    l->file, l->number, l->text);
	else
		play_fail(p, "%s:%d\n  expected: %s\n  got:      %s > %s",
		    l->file, l->number, l->text, ago(p, got->at, when),
		    play_line(p, got, text, sizeof(text)));
	return OVER;
}

enum go
go_late(struct play *p, const struct captured *got)
{
	go_fail(p, got);
	if (!play_replay(p))
		return OVER;
	p->verdict = PLAY_RUNNING;
	return go_until(p, p->now);
}

enum go
go_next(struct play *p)
{
	p->pc++;
	p->have_step = false;
	return ON;
}

enum go
go_until(struct play *p, uint64_t at)
{
	if (at < p->deadline)
		p->deadline = at;
	return WAIT;
}

/* ---- segments ---- */

/* matched - the ith of the queue is what was expected */
enum go
go_matched(struct play *p, unsigned i)
{
	if (play_found(p))
		return OVER;
	play_learn(p, &p->queue[i]);
	p->prev = p->queue[i].at;
	play_take(p, i);
	play_answered(p);
	return go_next(p);
}

/* in_time - is the first of the queue neither early nor late? */
static bool
in_time(const struct play *p, uint64_t lo, uint64_t hi)
{
	uint64_t at = p->queue[0].at;

	return (lo == 0 || at + go_slack(p, lo) / 2 >= p->prev + lo) &&
	       at <= hi + go_slack(p, hi - p->prev);
}

static enum go
expect(struct play *p, uint64_t now)
{
	const struct when *w = &p->step.when;
	uint64_t base = w->relative || !p->step.timed ? p->prev : p->start;
	uint64_t lo = base + w->lo, hi = base + w->hi;

	if (!p->step.timed || w->any) {
		lo = 0;
		hi = p->prev + (w->any ? 60 * NS_PER_SEC : ANSWER);
	}
	while (p->queued > 0) {
		if (play_fits(p, &p->step, &p->queue[0]) &&
		    in_time(p, lo > p->prev ? lo - p->prev : 0, hi))
			return go_matched(p, 0);
		if (p->queue[0].nicmp == 0 &&
		    (p->c->strict ||
			!(p->queue[0].known || p->queue[0].passed)))
			return go_fail(p, &p->queue[0]);
		play_take(p, 0);
	}
	hi += go_slack(p, hi > p->prev ? hi - p->prev : 0);
	return now < hi ? go_until(p, hi) : go_late(p, NULL);
}

/*
 * pass - the ith of the queue is not what was expected: what is left of it.
 * Data are kept for a later step, as they may have overtaken one another.
 */
static unsigned
pass(struct play *p, unsigned i)
{
	if (p->queue[i].s.len > 0 && !(p->queue[i].s.flags & F_SYN)) {
		p->queue[i].passed = true;
		return i + 1;
	}
	play_take(p, i);
	return i;
}

static enum go
within(struct play *p, uint64_t now)
{
	uint64_t end = p->step_at + p->step.time + go_slack(p, p->step.time);
	unsigned i = 0;

	while (i < p->queued) {
		if (!play_fits(p, &p->step, &p->queue[i])) {
			if (!p->queue[i].passed)
				p->last = p->queue[i];
			i = pass(p, i);
		} else if (p->step.kind == STEP_WITHIN ||
			   ++p->seen >= p->step.number) {
			return go_matched(p, i);
		} else {
			play_take(p, i);
		}
	}
	if (now < end)
		return go_until(p, end);
	return go_late(p, p->last.at != 0 ? &p->last : NULL);
}

static enum go
never(struct play *p, uint64_t now)
{
	uint64_t end = p->step_at + p->step.time + p->host->rtt;
	/* what came sooner was sent before the device saw our last segment */
	uint64_t from = p->sent_at + p->host->rtt / 2;
	unsigned i = 0;

	/* what came later is the next step's, however late this looks */
	while (i < p->queued && p->queue[i].at <= end) {
		if (!p->queue[i].passed && p->queue[i].at >= from &&
		    play_fits(p, &p->step, &p->queue[i]))
			return go_fail(p, &p->queue[i]);
		i = pass(p, i);
	}
	if (now < end)
		return go_until(p, end);
	p->prev = end;
	return go_next(p);
}

/* acknowledge - all that has come in order */
static void
acknowledge(struct play *p, uint64_t now)
{
	struct seg_text s;

	seg_init(&s);
	s.flags = F_ACK;
	s.seq = p->snd;
	s.ack = p->rcv;
	if (p->ts) {
		s.nopts = 1;
		s.opt[0] = (struct opt_text){.kind = K_TS};
		s.opt[0].v[0] = p->tsval;
	}
	play_send(p, &s, now);
}

static enum go
receive(struct play *p, uint64_t now)
{
	uint64_t end = p->step_at + p->step.time + go_slack(p, p->step.time);
	bool some = p->queued > 0;

	for (; p->queued > 0; play_take(p, 0)) {
		if (p->queue[0].nicmp > 0)
			continue;
		if (p->queue[0].s.flags & F_RST)
			return go_fail(p, &p->queue[0]);
		play_learn(p, &p->queue[0]);
		p->prev = p->queue[0].at;
	}
	if (some) {
		play_answered(p);
		acknowledge(p, now);
	}
	if (p->step.number < 0 ? p->fin : (int64_t)p->rcv - 1 >= p->step.number)
		return play_found(p) ? OVER : go_next(p);
	return now < end ? go_until(p, end) : go_late(p, NULL);
}

/* ---- what is sent ---- */

static enum go
send_step(struct play *p, uint64_t now)
{
	static uint8_t frame[MAX_FRAME + 100];
	struct step *s = &p->step;
	size_t n;

	if (s->kind == STEP_SEND) {
		if (s->request) {
			s->seg.payload = p->host->request;
			if (s->seg.len > p->host->nrequest)
				s->seg.len = (uint32_t)p->host->nrequest;
		} else if (s->npayload > 0) {
			s->seg.payload = s->payload;
		}
		play_send(p, &s->seg, now);
	} else {
		n = s->kind == STEP_ICMP
			? icmp_build(s->text, &p->ends, p->flows, frame)
		    : s->kind == STEP_RAW
			? raw_build(s->text, &p->ends, frame)
			: piece_build(s->text, &p->ends, p->flows, frame);
		play_note(p, '<', now, s->text);
		p->sent_at = now;
		p->measures |= s->kind == STEP_ICMP;
		play_out(p, frame, n);
	}
	p->prev = now;
	return go_next(p);
}

static enum go
timed_send(struct play *p, uint64_t now)
{
	const struct when *w = &p->step.when;
	uint64_t at = (w->relative ? p->prev : p->start) + w->lo;

	if (!p->step.timed || w->any || now >= at)
		return send_step(p, now);
	return go_until(p, at);
}

/* ---- the others ---- */

static enum go
check(struct play *p)
{
	const struct line *l = &p->cases->lines.line[p->pc];
	char values[200] = "";
	size_t n = 0;
	unsigned i;

	if (p->step.number != 0)
		return go_next(p);
	for (i = 0; i < p->vars.n && n < sizeof(values) - 40; i++) {
		if (strstr(l->text, p->vars.v[i].name) != NULL)
			n += (size_t)snprintf(values + n, sizeof(values) - n,
			    " %s=%lld", p->vars.v[i].name,
			    (long long)p->vars.v[i].value);
	}
	play_fail(p, "%s:%d: %s\n  expected: %s\n  got:     %s", l->file,
	    l->number, p->step.text, l->text, values);
	return OVER;
}

static enum go
skip(struct play *p, const char *why)
{
	p->verdict = PLAY_SKIP;
	snprintf(p->why, sizeof(p->why), "%s", why);
	return OVER;
}

static enum go
wait_step(struct play *p, uint64_t now)
{
	if (now < p->step_at + p->step.time)
		return go_until(p, p->step_at + p->step.time);
	p->prev = now;
	return go_next(p);
}

static enum go
one_step(struct play *p, uint64_t now)
{
	switch (p->step.kind) {
	case STEP_SEND:
	case STEP_ICMP:
	case STEP_RAW:
	case STEP_PIECE:
		return timed_send(p, now);
	case STEP_EXPECT:
		return expect(p, now);
	case STEP_WITHIN:
	case STEP_LEAST:
		return within(p, now);
	case STEP_NEVER:
		return never(p, now);
	case STEP_RECEIVE:
		return receive(p, now);
	case STEP_WAIT:
		return wait_step(p, now);
	case STEP_EITHER:
		return go_either(p, now);
	case STEP_FOR:
	case STEP_REPEAT:
	case STEP_UNTIL:
		return go_loop(p);
	case STEP_IF:
		return go_branch(p);
	case STEP_BATCH:
		go_push(p, p->pc, STEP_BATCH);
		return go_next(p);
	case STEP_NEXT:
	case STEP_END:
		return go_close_block(p);
	case STEP_LET:
		vars_set(&p->vars, p->step.name, p->step.number);
		return go_next(p);
	case STEP_CHECK:
		return check(p);
	case STEP_SKIP:
		return p->step.number != 0 ? skip(p, p->step.text) : go_next(p);
	case STEP_ISN:
		play_isn(p, (uint32_t)p->step.number);
		return go_next(p);
	case STEP_NEW:
		play_end(p, now);
		play_reset_flow(p, true);
		p->prev = now;
		return go_next(p);
	case STEP_NOTHING:
		return go_next(p);
	case STEP_ENGINE:
		return skip(p, "asks the engine's application, not a device");
	}
	return OVER;
}

/* ready - the step at pc is read */
static bool
ready(struct play *p, uint64_t now)
{
	const struct line *l = &p->cases->lines.line[p->pc];

	if (p->have_step)
		return true;
	if (!step_read(source(p), &p->vars, &p->step))
		return play_fail(p, "%s:%d: %s: %s", l->file, l->number,
		    p->step.why, l->text);
	p->have_step = true;
	p->step_at = now;
	p->seen = 0;
	p->last.at = 0;
	return true;
}

/* surplus - a strict script is over, and more has come */
static void
surplus(struct play *p)
{
	char text[MAX_TEXT], when[32];

	while (p->queued > 0 && p->queue[0].nicmp > 0)
		play_take(p, 0);
	if (p->queued == 0)
		return;
	p->verdict = PLAY_RUNNING;
	play_fail(p, "  expected: nothing more\n  got:      %s > %s",
	    ago(p, p->queue[0].at, when),
	    play_line(p, &p->queue[0], text, sizeof(text)));
}

/* await_connection - no step is taken before it */
static void
await_connection(struct play *p, uint64_t now)
{
	uint64_t end = p->prev + p->host->patience;

	if (now >= end)
		play_fail(p, "the device has not connected after the trigger");
	p->deadline = end;
}

void
play_connected(struct play *p, uint16_t port, uint64_t at)
{
	p->ends.lport = port;
	p->awaited = false;
	vars_set(&p->vars, "port", port);
	/* a new connection does not shorten what the case may take */
	if (p->pc == p->c->first)
		p->start = at;
	p->prev = at;
	p->step_at = at;
}

void
play_on(struct play *p, uint64_t now)
{
	unsigned steps = 0;
	enum go go = ON;

	p->now = now;
	p->deadline = p->start + p->c->limit;
	while (go == ON && p->verdict == PLAY_RUNNING && !p->awaited) {
		if (p->pc >= p->c->end)
			p->verdict = PLAY_PASS;
		else if (++steps > PLAY_STEPS)
			play_fail(p,
			    "%u steps without a wait: a loop that "
			    "does not end",
			    PLAY_STEPS);
		else if (ready(p, now))
			go = one_step(p, now);
	}
	if (p->awaited && p->verdict == PLAY_RUNNING) {
		await_connection(p, now);
		return;
	}
	if (p->verdict == PLAY_PASS && p->c->strict && p->queued > 0)
		surplus(p);
	if (p->verdict == PLAY_RUNNING && now >= p->start + p->c->limit)
		play_fail(p, "not at its end after %llu s",
		    (unsigned long long)(p->c->limit / NS_PER_SEC));
}

void
play_start(struct play *p, const struct cases *k, const struct drill_case *c,
    const struct play_host *host, uint64_t now)
{
	p->cases = k;
	p->c = c;
	p->host = host;
	p->verdict = PLAY_RUNNING;
	p->why[0] = '\0';
	p->pc = c->first;
	p->depth = p->notes = p->lost_notes = 0;
	p->have_step = false;
	p->start = p->prev = now;
	p->deadline = now;
	p->vars.n = 0;
	p->lost = p->replayed = p->stale = false;
	p->syns_lost = 0;
	p->syn_at = p->sent_at = p->rtt = 0;
	vars_set(&p->vars, "v6", p->ends.v6);
	vars_set(&p->vars, "rtt", (int64_t)(host->rtt / NS_PER_MS));
	vars_set(&p->vars, "reqlen", (int64_t)host->nrequest);
	play_reset_flow(p, false);
}

void
play_end(struct play *p, uint64_t now)
{
	struct seg_text s;

	if (!p->synced || p->gone)
		return;
	seg_init(&s);
	s.flags = F_RST | F_ACK;
	s.seq = p->ack != 0 ? p->ack : 1;
	s.ack = p->rcv;
	play_send(p, &s, now);
}
