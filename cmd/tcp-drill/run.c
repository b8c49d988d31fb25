/*
 * run.c - the chosen cases against the device: many at once, each from ports
 * of its own, and from an address of its own where there are enough. What
 * failed is run again alone; a result that differs is no verdict.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "pipe/stream.h"

#include "drill.h"

enum {
	JOBS_MAX = 64,
	FIRST_PORT = 20000,
	BLOCKS = 2600, /* of PLAY_PORTS, up to 61600 */
	TRIES = 3,     /* runs of a case that fails */
	ASKS = 3,      /* SYNs to see that the device is there */
	NONE = -1,
};

struct slot {
	struct play play;
	int running; /* which of the chosen, or NONE */
	unsigned address;
	uint16_t block[8]; /* its ports, the last few */
	unsigned nblocks;
	struct drill *d;
};

struct run {
	struct drill *d;
	struct play_host host;
	struct mac hop;
	struct slot *slot;
	unsigned nslots;
	unsigned next_block;
};

static struct run run;

/* ---- what the cases are played with ---- */

static void
record(struct drill *d, uint64_t at, const uint8_t *frame, size_t n)
{
	if (d->record == NULL)
		return;
	if (!stream_out_put(d->record, at, frame, n, NULL, 0))
		return;
	while (stream_out_write(d->record, d->record_fd) == 0)
		;
}

static void
send_frame(void *ctx, const uint8_t *frame, size_t n)
{
	struct run *r = ctx;

	query_send(r->d->x, frame, n);
	record(r->d, query_now(r->d->x), frame, n);
}

static uint16_t
next_port(void *ctx, void *slot)
{
	struct run *r = ctx;
	struct slot *s = slot;
	uint16_t port = (uint16_t)(FIRST_PORT + r->next_block * PLAY_PORTS);

	r->next_block = (r->next_block + 1) % BLOCKS;
	s->block[s->nblocks++ % 8] = port;
	return port;
}

static uint64_t
random_number(void *ctx)
{
	struct run *r = ctx;

	return chance_u64(query_chance(r->d->x));
}

/* address_of - the nth source */
static struct ip_addr
address_of(const struct drill *d, unsigned n)
{
	struct ip_addr a = *query_source(d->x);

	put_be32(a.b + 12, get_be32(a.b + 12) + n);
	return a;
}

static void
set_ends(struct run *r, struct slot *s, unsigned port)
{
	struct ip_addr a = address_of(r->d, s->address);
	struct ends *e = &s->play.ends;
	unsigned skip = ip_is_v4(&a) ? 12 : 0;

	memset(e, 0, sizeof(*e));
	e->v6 = !ip_is_v4(&a);
	memcpy(e->us, r->d->dst.b + skip, 16 - skip);
	memcpy(e->peer, a.b + skip, 16 - skip);
	memcpy(e->router, e->peer, sizeof(e->router));
	memcpy(e->us_mac, r->hop.b, 6);
	memcpy(e->peer_mac, query_mac(r->d->x)->b, 6);
	memcpy(e->router_mac, e->peer_mac, 6);
	e->lport = (uint16_t)port;
}

/* ---- frames ---- */

static bool
is_of(const struct slot *s, const struct ip_addr *to, uint16_t port)
{
	if (s->running == NONE)
		return false;
	return memcmp(to->b + (s->play.ends.v6 ? 0 : 12), s->play.ends.peer,
		   s->play.ends.v6 ? 16 : 4) == 0 &&
	       (uint16_t)(port - s->play.ends.rport) < PLAY_PORTS;
}

static void
dispatch(struct run *r, const struct query_packet *p)
{
	unsigned i;

	if (p->ip.proto != PROTO_TCP || p->n < 20 ||
	    !ip_equal(&p->ip.src, &r->d->dst))
		return;
	record(r->d, p->ts, p->frame, p->len);
	for (i = 0; i < r->nslots; i++) {
		if (is_of(&r->slot[i], &p->ip.dst, get_be16(p->data + 2))) {
			play_frame(
			    &r->slot[i].play, p->frame, p->len, p->gso, p->ts);
			return;
		}
	}
}

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
	unsigned family = ip_is_v4(&d->dst) ? 4 : 6;
	char why[80];

	if (c->family != 0 && c->family != family)
		set_result(res, OUT_SKIP,
		    family == 4 ? "only for IPv6" : "only for IPv4");
	else if (d->port[c->need] == 0) {
		snprintf(why, sizeof(why), "needs %s", need_names[c->need]);
		set_result(res, OUT_SKIP, why);
	} else
		return false;
	return true;
}

/*
 * source_of - the address of case i: what a device remembers of one peer (path
 * MTU, round trip) shall not meet another case. Those that are to be alone
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
	s->play.slot = s;
	set_ends(r, s, r->d->port[c->need]);
	play_start(&s->play, &r->d->cases, c, &r->host, query_now(r->d->x));
}

static void
finish(struct run *r, struct slot *s)
{
	struct result *res = &r->d->result[s->running];
	uint64_t now = query_now(r->d->x);

	play_end(&s->play, now);
	res->took = now - s->play.start;
	res->tries++;
	if (s->play.rtt != 0)
		r->host.srtt += s->play.rtt / 8 - r->host.srtt / 8;
	if (s->play.rtt != 0 && s->play.rtt < r->host.rtt)
		r->host.rtt = s->play.rtt;
	if (s->play.verdict == PLAY_PASS) {
		res->outcome = res->tries > 1 ? OUT_UNSTABLE : OUT_PASS;
	} else if (s->play.verdict == PLAY_SKIP) {
		set_result(res, OUT_SKIP, s->play.why);
	} else {
		set_result(res, OUT_FAIL, s->play.why);
		free(res->ladder);
		res->ladder = ladder_of(&s->play);
	}
	s->running = NONE;
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

		if (s->running == NONE)
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
		dispatch(r, &p);
	return got != QUERY_OVER;
}

static unsigned
busy(const struct run *r)
{
	unsigned i, n = 0;

	for (i = 0; i < r->nslots; i++)
		n += r->slot[i].running != NONE;
	return n;
}

/* want - is case i to be run in this round? */
typedef bool want(const struct run *, unsigned i);

/* play_those - at most jobs of them at once; false: over */
static bool
play_those(struct run *r, want *wanted, unsigned jobs)
{
	unsigned i = 0, k;

	for (;;) {
		for (k = 0; k < jobs && i < r->d->nchosen; k++) {
			while (i < r->d->nchosen && !wanted(r, i))
				i++;
			if (r->slot[k].running == NONE && i < r->d->nchosen)
				start(r, &r->slot[k], i++);
		}
		if (busy(r) == 0 && i == r->d->nchosen)
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

/* want_again - a failure that no profile lists is tried once more */
static bool
want_again(const struct run *r, unsigned i)
{
	return r->d->result[i].outcome == OUT_FAIL &&
	       r->d->result[i].reason == NULL;
}

/* ---- is it there? ---- */

/* answered - a segment of the device to our SYN */
static bool
answered(struct run *r, struct play *p, uint64_t until)
{
	struct query_packet pkt;
	enum query_result got;

	while (p->notes < 2) {
		got = query_recv(r->d->x, until, &pkt);
		if (got != QUERY_PACKET)
			return false;
		dispatch(r, &pkt);
	}
	return true;
}

static bool
ask_port(struct run *r)
{
	struct slot *s = &r->slot[0];
	struct drill_case none = {.name = "is it there"};
	struct seg_text syn;
	const char *why;
	unsigned i;

	seg_parse("S 0:0(0) win 65535 <mss 1460>", &syn, &why, NULL);
	for (i = 0; i < ASKS; i++) {
		set_ends(r, s, r->d->port[NEED_ANY]);
		s->running = 0;
		s->play.slot = s;
		play_start(&s->play, &r->d->cases, &none, &r->host,
		    query_now(r->d->x));
		play_send(&s->play, &syn, query_now(r->d->x));
		if (answered(r, &s->play, query_after(r->d->x, NS_PER_SEC)))
			break;
	}
	s->running = NONE;
	r->host.rtt = r->host.srtt = s->play.rtt;
	play_end(&s->play, query_now(r->d->x));
	if (i == ASKS || s->play.gone) {
		if (!query_failed(r->d->x))
			say("connect to port %u: %s", r->d->port[NEED_ANY],
			    i == ASKS ? "no answer" : "the device refuses");
		return false;
	}
	return true;
}

static bool
ask_device(struct run *r)
{
	char text[IP_TEXT];

	if (query_next_hop(r->d->x, &r->d->dst,
		query_after(r->d->x, r->d->o.wait), &r->hop) != QUERY_PACKET) {
		if (!query_failed(r->d->x))
			say("resolve %s: no answer", ip_text(&r->d->dst, text));
		return false;
	}
	return r->d->port[NEED_ANY] == 0 || ask_port(r);
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
	for (i = 0; i < r->nslots; i++) {
		r->slot[i].running = NONE;
		r->slot[i].d = d;
	}
	r->next_block = (unsigned)chance_below(query_chance(d->x), BLOCKS);
	r->host = (struct play_host){.send = send_frame,
	    .port = next_port,
	    .random = random_number,
	    .ctx = r,
	    .request = d->request,
	    .nrequest = d->nrequest,
	    .slack = d->slack,
	    .mtu = query_mtu(d->x)};
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
	if (!ask_device(r))
		return false;
	report_plan(d);
	ok = play_those(r, want_first, r->nslots) &&
	     play_those(r, want_alone, 1);
	for (i = 1; ok && i < TRIES; i++)
		ok = play_those(r, want_again, 1);
	for (i = 0; i < d->nchosen; i++) {
		if (d->result[i].outcome == OUT_FAIL &&
		    d->result[i].reason != NULL)
			d->result[i].outcome = OUT_DEVIATION;
	}
	report_next(d);
	return ok;
}
