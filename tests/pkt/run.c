/*
 * run.c - the engine under a script: a virtual clock, the peer's frames, the
 * frames and callbacks that come back.
 *
 * The start of the virtual time is chosen so that the engine's initial
 * sequence number lies just below 2^32, as the peer's does: every script
 * crosses the wrap.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { TOLERANCE = 5000, DATA_BYTES = 1 << 22, STUCK = 100000 };

#define EPOCH UINT64_C(1763640000000000000)
#define ISN   UINT32_C(0xfffffe00)
#define EVER  UINT64_C(10000000000000000) /* "*": as long as it takes */

static uint8_t data_bytes[DATA_BYTES];

bool
fail(struct run *r, const char *fmt, ...)
{
	va_list ap;

	if (r->error[0] != '\0')
		return false; /* the first reason counts */
	va_start(ap, fmt);
	vsnprintf(r->error, sizeof(r->error), fmt, ap);
	va_end(ap);
	return false;
}

const char *
run_error(const struct run *r)
{
	return r->error;
}

/* time_text - as a script would write it, relative to the last event */
static const char *
time_text(const struct run *r, uint64_t at)
{
	static char buf[40];
	int64_t d = (int64_t)(at - r->prev);

	snprintf(buf, sizeof(buf), "%c%lld.%06lld", d < 0 ? '-' : '+',
	    llabs(d) / 1000000000LL, llabs(d) / 1000LL % 1000000LL);
	return buf;
}

void
run_show(const struct run *r, char dir, uint64_t at, const struct seg_text *s)
{
	char text[MAX_TEXT];

	if (!r->verbose)
		return;
	seg_format(s, text, sizeof(text));
	printf("# %.6f %c %s\n", (double)(at - r->start) / 1e9, dir, text);
}

/* ---- what the engine calls ---- */

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	struct run *r = ctx;
	struct captured *c;
	uint8_t frame[MAX_FRAME];
	const char *why;

	if (hlen + dlen > sizeof(frame) || r->queued == MAX_QUEUE) {
		fail(r, "the engine emits too much");
		return;
	}
	memcpy(frame, head, hlen);
	if (dlen > 0)
		memcpy(frame + hlen, data, dlen);
	memcpy(r->last_ip, head + 14, sizeof(r->last_ip));
	c = &r->queue[r->queued++];
	c->time = now;
	why = seg_read(frame, hlen + dlen, &r->ends, r->flows, &c->s, NULL);
	run_show(r, '>', now, &c->s);
	if (why != NULL)
		fail(r, "an emitted frame is wrong: %s", why);
}

/* run the application's answer to a callback, if the script gave one */
static void
react(struct run *r, const char *event, struct tcb *tcb)
{
	int i;

	for (i = 0; i < r->nreactions; i++) {
		if (strcmp(r->reaction[i].event, event) == 0)
			app_command(r, tcb, r->reaction[i].command);
	}
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct run *r = ctx;

	r->opened++;
	react(r, "open", tcb);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	struct run *r = ctx;
	size_t i;

	if (n == 0)
		fail(r, "received() with no bytes");
	if ((p != NULL) != r->app.want_data)
		fail(r, "received() with the wrong kind of pointer");
	for (i = 0; p != NULL && i < n; i++) {
		if (p[i] != pattern((uint32_t)(r->received + i)))
			fail(r, "received byte %llu is wrong",
			    (unsigned long long)(r->received + i));
	}
	r->received += n;
	if (r->eof)
		fail(r, "received() after peer_closed()");
	if (r->hold) {
		r->held += (uint32_t)n;
		tcp_hold(tcb, r->held);
	}
	react(r, "data", tcb);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct run *r = ctx;

	r->eof = true;
	react(r, "fin", tcb);
}

static void
on_timer(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct run *r = ctx;

	r->timers++;
	react(r, "timer", tcb);
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	static const char *const word[] = {"fin", "reset", "timeout", "abort"};
	struct run *r = ctx;

	r->closed = word[why->how];
	r->closes++;
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	struct run *r = ctx;

	if (off + len > r->offered)
		fail(r, "data() beyond what was offered: %llu + %u",
		    (unsigned long long)off, len);
	if (off < r->acked)
		fail(r, "data() of what acked() has released");
	if (off + len > DATA_BYTES)
		return data_bytes;
	return data_bytes + off;
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	struct run *r = ctx;

	if (off < r->acked || off > r->offered)
		fail(r, "acked() at %llu: had %llu, offered %llu",
		    (unsigned long long)off, (unsigned long long)r->acked,
		    (unsigned long long)r->offered);
	r->acked = off;
	react(r, "acked", tcb);
}

static void
on_event(void *ctx, const struct tcp_event *e)
{
	static const char *const name[] = {"state", "retransmit", "timeout",
	    "drop", "close", "segment", "icmp", "pmtu", "quirk", "ecn",
	    "probe"};
	struct run *r = ctx;
	char *p;

	if (r->nevents == MAX_EVENTS) {
		memmove(r->events, r->events + 1,
		    sizeof(r->events) - sizeof(r->events[0]));
		r->nevents--;
		r->seen -= r->seen > 0;
	}
	p = r->events[r->nevents++];
	snprintf(p, EVENT_TEXT,
	    "%s old=%s new=%s why=%s seq=%u len=%u sent=%llu received=%llu "
	    "retransmits=%u rto_ms=%llu type=%u code=%u mtu=%u ce_in=%u "
	    "ce_out=%u ",
	    name[e->type], tcp_state_name((enum tcp_state)e->state_old),
	    tcp_state_name((enum tcp_state)e->state_new), e->why ? e->why : "-",
	    e->seq, e->len, (unsigned long long)e->sent,
	    (unsigned long long)e->received, e->retransmits,
	    (unsigned long long)e->rto / 1000000, e->icmp_type, e->icmp_code,
	    e->mtu, e->ce_in, e->ce_out);
	if (r->verbose)
		printf("# event %s\n", p);
	if (e->type == TCP_EV_STATE && e->state_new == TCPS_SYN_RECEIVED) {
		r->received = r->acked = 0;
		r->eof = false;
	}
}

/* ---- begin and end ---- */

static const struct tcp_host host = {.emit = on_emit, .event = on_event};

struct run *
run_new(bool verbose)
{
	struct run *r = calloc(1, sizeof(*r));
	uint32_t i;

	if (r == NULL)
		abort();
	for (i = 0; i < DATA_BYTES; i++)
		data_bytes[i] = pattern(i);
	r->verbose = verbose;
	tcp_defaults(&r->cfg);
	r->cfg.cong = &tcp_reno; /* whose numbers can be told in the head */
	r->app = (struct tcp_app){.opened = on_opened,
	    .received = on_received,
	    .peer_closed = on_peer_closed,
	    .timer = on_timer,
	    .closed = on_closed,
	    .data = on_data,
	    .acked = on_acked,
	    .want_data = true};
	r->room = SIZE_MAX / 2;
	r->iss = ISN;
	r->flows[MAX_FLOWS].irs = ISN;
	r->flows[MAX_FLOWS].checks = CHECK_PHANTOM;
	r->flows[MAX_FLOWS].peer_mss = 536;
	r->flows[MAX_FLOWS].last_win = 65535;
	r->closed = "none";
	return r;
}

void
run_free(struct run *r)
{
	if (r->t != NULL)
		tcp_free(r->t);
	free(r);
}

/* begin - the engine, at a time when its ISN is the wanted one */
static bool
begin(struct run *r)
{
	struct conn c = {.lport = OUR_PORT, .rport = PEER_PORT};
	struct tcp *t;
	uint32_t isn;

	if (r->t != NULL)
		return true;
	ends_phantom(&r->ends, r->v6);
	parse_addr(r->v6 ? "2001:db8::5" : "10.0.0.5", &r->us);
	parse_addr(r->v6 ? "2001:db8::9" : "10.0.0.9", &r->peer);
	c.laddr = r->us;
	c.raddr = r->peer;
	t = tcp_new(&r->cfg, &host, r, &r->app, r, EPOCH);
	if (t == NULL)
		return fail(r, "no memory");
	isn = tcp_isn(t, &c, EPOCH);
	tcp_free(t);
	r->start = r->now = r->prev = EPOCH + (r->iss - isn) * UINT64_C(4000);
	r->flows[MAX_FLOWS].iss = r->iss;
	r->t = tcp_new(&r->cfg, &host, r, &r->app, r, r->start);
	return r->t != NULL || fail(r, "no memory");
}

/* no_timer_forgotten - what waits for an answer has a deadline */
static void
no_timer_forgotten(struct run *r)
{
	struct tcb *tcb = find_tcb(r);

	if (tcb != NULL && tcb->snd_una != tcb->snd_nxt &&
	    tcp_deadline(r->t) == UINT64_MAX)
		fail(r, "data in flight and no timer runs");
}

bool
run_flush(struct run *r)
{
	if (!begin(r))
		return false;
	r->waiting = tcp_flush(r->t, r->now, r->room);
	if (!r->waiting)
		no_timer_forgotten(r);
	return r->error[0] == '\0';
}

/* advance - let timers fire until to; with stop, until something comes */
static bool
advance(struct run *r, uint64_t to, bool inclusive, bool stop)
{
	uint64_t d, stuck = 0;

	while (!(stop && r->queued > 0)) {
		d = tcp_deadline(r->t);
		if (d > to || (d == to && !inclusive) || d == UINT64_MAX)
			break;
		if (d > r->now)
			stuck = 0;
		else if (++stuck > STUCK)
			return fail(r, "a deadline is never met");
		r->now = d > r->now ? d : r->now;
		tcp_timers(r->t, r->now);
		if (!run_flush(r))
			return false;
	}
	if (!stop || r->queued == 0)
		r->now = to > r->now && to - r->now < EVER ? to : r->now;
	return r->error[0] == '\0';
}

static bool
nothing_else(struct run *r)
{
	char text[MAX_TEXT];

	if (r->error[0] != '\0')
		return false;
	if (r->queued == 0)
		return true;
	seg_format(&r->queue[0].s, text, sizeof(text));
	return fail(r, "expected: nothing\n#   got:      %s > %s",
	    time_text(r, r->queue[0].time), text);
}

/* move_to - the script's next event that is not an expectation */
bool
move_to(struct run *r, const struct when *w)
{
	uint64_t at;

	if (!begin(r) || !nothing_else(r))
		return false;
	at = (w->relative ? r->prev : r->start) + w->lo;
	if (w->any)
		at = r->now;
	if (!advance(r, at, false, false) || !nothing_else(r))
		return false;
	r->prev = r->now;
	return true;
}

bool
run_finish(struct run *r)
{
	return begin(r) && nothing_else(r) && advance(r, r->now, true, false) &&
	       nothing_else(r);
}

/* ---- expectations ---- */

static bool
in_time(const struct run *r, const struct when *w, uint64_t at, uint64_t *hi)
{
	uint64_t base = w->relative ? r->prev : r->start;

	*hi = base + w->hi + TOLERANCE;
	if (w->any) {
		*hi = EVER + EPOCH;
		return true;
	}
	return at + TOLERANCE >= base + w->lo && at <= *hi;
}

bool
run_expect(struct run *r, const struct when *w, const struct seg_text *want,
    const char *text)
{
	struct captured got;
	char gtext[MAX_TEXT];
	uint64_t hi;

	if (!begin(r))
		return false;
	in_time(r, w, 0, &hi);
	if (r->queued == 0 && !advance(r, hi, true, true))
		return false;
	if (r->queued == 0)
		return fail(r, "expected: %s\n#   got:      nothing", text);
	got = r->queue[0];
	if (!in_time(r, w, got.time, &hi) ||
	    !seg_same(want, &got.s, SAME_ALL)) {
		seg_format(&got.s, gtext, sizeof(gtext));
		return fail(r, "expected: %s\n#   got:      %s > %s", text,
		    time_text(r, got.time), gtext);
	}
	r->queued--;
	memmove(r->queue, r->queue + 1, r->queued * sizeof(r->queue[0]));
	r->prev = got.time;
	return true;
}
