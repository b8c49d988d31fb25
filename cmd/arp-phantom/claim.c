/*
 * claim.c - the engine of arp-phantom: what each frame means to the claim.
 *
 * Single addresses live by single.c: asked for, announced, defended, given up
 * and taken up again. Those of a prefix are too many for that: they are answered for until
 * their owner shows, which is kept in a table of fixed size (seen.c), and with
 * unclaimed also whether anybody else answers.
 *
 * Every statement ("I have this address") is heard before a request in the
 * same frame is answered: an owner's own request must not be overlooked.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/chance.h"
#include "base/clock.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "claim.h"
#include "limit.h"
#include "prefix.h"
#include "seen.h"
#include "single.h"
#include "wire/neigh.h"

/* a kernel asks again after 1 s: an address is ours shortly before that */
#define UNCLAIMED_WAIT (900 * NS_PER_MS)
#define PROBED_HOLD    (10 * NS_PER_SEC) /* RFC 5227: a claim takes 6 to 9 */
#define KNOWN_FOR      (600 * NS_PER_SEC)

enum { DROP_RATE = NEIGH_ERRORS, DROP_REASONS };

struct claim {
	struct claim_calls call;
	struct chance *chance;
	struct single_plan plan;
	bool unclaimed;
	bool has_mac, ready;
	struct mac mac, host;
	struct single *single;
	struct prefix *want, *except; /* want: without the single ones */
	size_t nsingle, nwant, nexcept;
	size_t asking; /* of the single ones */
	uint64_t next; /* the earliest of their timers */
	struct limits limits;
	uint64_t not_told;
	struct {
		uint64_t full, count;
	} drop[DROP_REASONS];
	struct claim_totals totals;
	enum claim_verdict verdict;
	struct ip_addr lost;
	struct mac owner;
	struct seen_table seen;
};

static struct mac
mac_of(const struct claim *c, const struct ip_addr *addr)
{
	struct mac m = c->mac;

	if (!c->has_mac)
		mac_of_phantom(addr, &m);
	return m;
}

static void
tell(struct claim *c, uint64_t now, const struct claim_event *ev)
{
	struct claim_event e = *ev;

	e.not_told = c->not_told;
	c->not_told = 0;
	c->call.event(c->call.ctx, now, &e);
}

/* an event that strangers can cause: a flood of them must not fill a disk */
static void
tell_limited(struct claim *c, uint64_t now, const struct claim_event *ev)
{
	if (limits_event(&c->limits, now))
		tell(c, now, ev);
	else
		c->not_told++;
}

/* one line a second and reason, however many there are */
static void
drop(struct claim *c, uint64_t now, unsigned reason, const struct neigh *m)
{
	struct claim_event ev = {.name = "drop"};

	c->totals.dropped++;
	c->drop[reason].count++;
	if (!bucket_take(&c->drop[reason].full, now, NS_PER_SEC, 1))
		return;
	ev.why = reason == DROP_RATE
		     ? "rate"
		     : neigh_error_name((enum neigh_error)reason);
	ev.count = c->drop[reason].count;
	if (m != NULL) {
		ev.local = &m->target;
		ev.mac = &m->mac;
	}
	c->drop[reason].count = 0;
	tell(c, now, &ev);
}

/* send_own - a probe for an address, or the announcement that it is ours */
static void
send_own(struct claim *c, uint64_t now, const struct ip_addr *addr,
    const struct vlan_tags *tags, bool probe)
{
	uint8_t buf[NEIGH_FRAME];
	struct mac mac = mac_of(c, addr);
	struct claim_event ev = {
	    .name = probe ? "probe" : "announce", .local = addr};

	c->call.send(c->call.ctx, now, buf,
	    probe ? neigh_probe(addr, &mac, tags, buf)
		  : neigh_announce(addr, &mac, tags, buf));
	if (probe)
		tell_limited(c, now, &ev);
	else
		tell(c, now, &ev);
}

/* all asking is over, and nobody has spoken up */
static void
become_ready(struct claim *c, uint64_t now)
{
	struct claim_event ev = {.name = "claim"};

	c->ready = true;
	for (size_t i = 0; i < c->nsingle; i++) {
		ev.local = &c->single[i].addr;
		single_claim(&c->single[i], now);
		tell(c, now, &ev);
	}
	for (size_t i = 0; i < c->nwant; i++) {
		ev.local = &c->want[i].addr;
		ev.bits = prefix_bits(&c->want[i]);
		tell(c, now, &ev);
	}
}

static void
fire(struct claim *c, struct single *s, uint64_t now)
{
	struct claim_event ev = {.name = "claim", .local = &s->addr};

	switch (single_timer(s, &c->plan, c->chance, now)) {
	case SINGLE_PROBE:
		send_own(c, now, &s->addr, NULL, true);
		break;
	case SINGLE_ANNOUNCE:
		send_own(c, now, &s->addr, NULL, false);
		break;
	case SINGLE_NOTHING:
		if (s->state == SINGLE_SILENT)
			c->asking--;
		break;
	case SINGLE_CLAIM:
		tell(c, now, &ev);
		break;
	case SINGLE_REFUSE:
	case SINGLE_DEFEND:
	case SINGLE_STAY:
	case SINGLE_YIELD:
		break;
	}
}

static void
fire_all(struct claim *c, uint64_t now)
{
	for (size_t i = 0; i < c->nsingle; i++)
		if (c->single[i].when <= now)
			fire(c, &c->single[i], now);
}

void
claim_timer(struct claim *c, uint64_t now)
{
	fire_all(c, now);
	if (!c->ready && c->asking == 0) {
		become_ready(c, now);
		fire_all(c, now);
	}
	c->next = single_next(c->single, c->nsingle);
}

void
claim_start(struct claim *c, uint64_t now)
{
	for (size_t i = 0; i < c->nsingle; i++) {
		single_start(&c->single[i], &c->plan, c->chance, now);
		c->asking += c->single[i].state == SINGLE_ASKING;
	}
	claim_timer(c, now);
}

uint64_t
claim_deadline(const struct claim *c)
{
	return c->next;
}

/* another host uses an address that was named on the command line */
static void
contest(struct claim *c, uint64_t now, struct single *s, const struct neigh *m)
{
	enum single_advice advice = single_conflict(s, &c->plan, now);
	struct claim_event ev = {
	    .name = "conflict",
	    .local = &s->addr,
	    .mac = &m->mac,
	};

	c->next = single_next(c->single, c->nsingle);
	if (advice == SINGLE_NOTHING)
		return;
	c->totals.conflicts++;
	tell_limited(c, now, &ev);
	if (advice == SINGLE_DEFEND) {
		send_own(c, now, &s->addr, &m->tags, false);
	} else if (advice == SINGLE_YIELD) {
		ev.name = "yield";
		tell_limited(c, now, &ev);
		c->totals.yielded++;
	} else if (advice == SINGLE_REFUSE) {
		c->verdict = CLAIM_IN_USE;
		c->lost = s->addr;
		c->owner = m->mac;
	}
}

/* the address is in a prefix that is claimed, and may be answered for */
static bool
in_range(const struct claim *c, const struct ip_addr *addr)
{
	return prefix_any_has_host(
	    c->want, c->nwant, c->except, c->nexcept, addr);
}

/*
 * defended - is another host's use of an address of a prefix met by an
 * announcement, or borne? Only where that was asked for: in a prefix that was
 * not asked for in advance the other is right (RFC 5227 2.4 (a)).
 */
static bool
defended(struct claim *c, uint64_t now, const struct ip_addr *addr,
    const struct neigh *m)
{
	struct seen *e = seen_find(&c->seen, addr, now);
	bool again, ours = e != NULL && e->state == SEEN_OURS;
	struct claim_event ev = {
	    .name = "conflict", .local = addr, .mac = &m->mac};

	if (c->plan.defend < DEFEND_ONCE || (c->unclaimed && !ours) ||
	    (e != NULL && !ours))
		return false;
	again = ours && e->contested && now - e->conflict < DEFEND_INTERVAL;
	if (again && c->plan.defend != DEFEND_ALWAYS)
		return false;
	e = seen_put(&c->seen, addr, SEEN_OURS, now + KNOWN_FOR, now);
	e->contested = true;
	e->conflict = now;
	c->totals.conflicts++;
	tell_limited(c, now, &ev);
	if (!again)
		send_own(c, now, addr, &m->tags, false);
	return true;
}

/*
 * Another host has an address of a prefix: leave it, until nobody has used it
 * for a while; then it is asked for, first.
 */
static void
leave(struct claim *c, uint64_t now, const struct ip_addr *addr,
    const struct neigh *m, uint64_t hold)
{
	struct seen *e = seen_find(&c->seen, addr, now);
	enum seen_state old = e == NULL ? SEEN_FREE : e->state;
	struct claim_event ev = {
	    .name = "yield",
	    .local = addr,
	    .mac = &m->mac,
	};
	uint64_t until = c->unclaimed ? now + hold : TIME_NEVER;

	if (old == SEEN_TAKEN) {
		e->mac = m->mac;
		e->asked = now + hold;
		if (until > e->until)
			e->until = until;
		return;
	}
	if (old == SEEN_OURS || (old == SEEN_ASKING && now >= e->asked))
		c->totals.conflicts++;
	e = seen_put(&c->seen, addr, SEEN_TAKEN, until, now);
	e->mac = m->mac;
	e->asked = now + hold;
	c->totals.yielded++;
	tell_limited(c, now, &ev);
}

/* sender says that it has an address */
static void
hear(struct claim *c, uint64_t now, const struct neigh *m)
{
	const struct ip_addr *addr = &m->sender;
	struct mac ours = mac_of(c, addr);
	bool echo = mac_equal(&m->mac, &ours);
	struct single *s = single_find(c->single, c->nsingle, addr);

	if (s != NULL) {
		/*
		 * Before the claim none of our frames has it as sender, so
		 * that even our MAC is another's: a phantom elsewhere.
		 */
		if (!c->ready ? m->firm || !m->asks
			      : !echo && (m->firm || s->state != SINGLE_OURS))
			contest(c, now, s, m);
		return;
	}
	if (!echo && in_range(c, addr) && !defended(c, now, addr, m))
		leave(c, now, addr, m, SINGLE_QUIET);
}

/* RFC 5227 2.1.1, RFC 4862 5.4.3: two that ask at the same time */
static void
hear_probe(struct claim *c, uint64_t now, const struct neigh *m)
{
	struct single *s = single_find(c->single, c->nsingle, &m->target);
	struct mac ours = mac_of(c, &m->target);

	if (s != NULL && s->state != SINGLE_OURS && !mac_equal(&m->mac, &ours))
		contest(c, now, s, m);
}

/* unclaimed: is this request one to answer? Asks itself where that is open. */
static bool
nobody_else(struct claim *c, uint64_t now, const struct neigh *m)
{
	struct seen *e = seen_find(&c->seen, &m->target, now);
	struct mac ours = mac_of(c, &m->target);

	if (e != NULL && e->state == SEEN_ASKING && now >= e->asked)
		e->state = SEEN_OURS;
	if (e != NULL && e->state == SEEN_OURS) {
		e->until = now + KNOWN_FOR;
		return true;
	}
	if (e != NULL && e->state == SEEN_TAKEN)
		return false;
	/* RFC 5227 2.1.1: while it is not ours, a prober comes first */
	if (m->probe && !mac_equal(&m->mac, &ours)) {
		leave(c, now, &m->target, m, PROBED_HOLD);
		return false;
	}
	if (e != NULL)
		return false;
	if (!limits_probe(&c->limits, now)) {
		drop(c, now, DROP_RATE, m);
		return false;
	}
	e = seen_put(&c->seen, &m->target, SEEN_ASKING, now + KNOWN_FOR, now);
	e->asked = now + (c->plan.quick ? c->plan.wait : UNCLAIMED_WAIT);
	send_own(c, now, &m->target, &m->tags, true);
	return false;
}

/* is the target one to answer for, at this moment? */
static bool
is_ours(struct claim *c, uint64_t now, const struct neigh *m)
{
	struct single *s = single_find(c->single, c->nsingle, &m->target);
	struct seen *e;

	if (s != NULL)
		return s->state == SINGLE_OURS;
	if (c->unclaimed)
		return nobody_else(c, now, m);
	e = seen_find(&c->seen, &m->target, now);
	if (e == NULL)
		return true;
	if (e->state == SEEN_TAKEN && now < e->asked)
		return false;
	if (e->state == SEEN_TAKEN) /* quiet for a while: asked for first */
		e->state = SEEN_FREE;
	return nobody_else(c, now, m);
}

static void
asked(struct claim *c, uint64_t now, const struct neigh *m)
{
	uint8_t buf[NEIGH_FRAME];
	struct mac mac = mac_of(c, &m->target);
	struct claim_event ev = {
	    .name = "answer",
	    .local = &m->target,
	    .mac = &m->mac,
	    .remote = m->probe ? NULL : &m->sender,
	};

	/* an announcement is a request, but nobody waits for the answer */
	if (ip_equal(&m->sender, &m->target) || !neigh_reaches(m, &mac))
		return;
	if (single_find(c->single, c->nsingle, &m->target) == NULL &&
	    !in_range(c, &m->target))
		return;
	if (!is_ours(c, now, m))
		return;
	if (!limits_answer(&c->limits, now, m->mac.b)) {
		drop(c, now, DROP_RATE, m);
		return;
	}
	c->call.send(c->call.ctx, now, buf, neigh_answer(m, &mac, buf));
	c->totals.answered++;
	tell(c, now, &ev);
}

static void
take(struct claim *c, uint64_t now, const uint8_t *frame, size_t len, bool sent)
{
	struct neigh m;
	enum neigh_error e = neigh_decode(frame, len, &m);

	if (e == NEIGH_OTHER || c->verdict != CLAIM_GOES_ON)
		return;
	if (e != NEIGH_OK) {
		drop(c, now, e, NULL);
		return;
	}
	if (sent && m.probe && mac_equal(&m.mac, &c->host)) {
		/* this host will not ask twice, nor hear an answer */
		m.states = m.firm = true;
		m.sender = m.target;
		m.probe = false;
	}
	if (m.states)
		hear(c, now, &m);
	if (m.probe)
		hear_probe(c, now, &m);
	if (m.asks && c->ready && c->verdict == CLAIM_GOES_ON &&
	    (!sent || m.probe))
		asked(c, now, &m);
}

void
claim_input(struct claim *c, uint64_t now, const uint8_t *frame, size_t len)
{
	take(c, now, frame, len, false);
}

void
claim_overhear(struct claim *c, uint64_t now, const uint8_t *frame, size_t len)
{
	take(c, now, frame, len, true);
}

enum claim_verdict
claim_verdict(const struct claim *c, struct ip_addr *addr, struct mac *owner)
{
	*addr = c->lost;
	*owner = c->owner;
	return c->verdict;
}

void
claim_totals(const struct claim *c, struct claim_totals *out)
{
	*out = c->totals;
}

/* the wanted, in two heaps; every address once */
static void
sort_wanted(struct claim *c, const struct claim_config *cf)
{
	for (size_t i = 0; i < cf->nwant; i++) {
		if (cf->want[i].len < 128 || cf->unclaimed)
			c->want[c->nwant++] = cf->want[i];
		else
			c->single[c->nsingle++].addr = cf->want[i].addr;
	}
	c->nsingle = single_sort(c->single, c->nsingle);
}

struct claim *
claim_new(const struct claim_config *cf, const struct claim_calls *call,
    struct chance *chance)
{
	struct claim *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->single = calloc(cf->nwant + 1, sizeof *c->single);
	c->want = calloc(cf->nwant + 1, sizeof *c->want);
	c->except = calloc(cf->nexcept + 1, sizeof *c->except);
	if (c->single == NULL || c->want == NULL || c->except == NULL) {
		claim_free(c);
		return NULL;
	}
	c->call = *call;
	c->chance = chance;
	c->plan = (struct single_plan){
	    cf->ask, cf->quick, cf->wait, cf->defend};
	c->unclaimed = cf->unclaimed;
	c->next = TIME_NEVER;
	c->has_mac = cf->mac != NULL;
	if (c->has_mac)
		c->mac = *cf->mac;
	if (cf->host != NULL)
		c->host = *cf->host;
	sort_wanted(c, cf);
	c->nexcept = cf->nexcept;
	if (cf->nexcept > 0)
		memcpy(c->except, cf->except, cf->nexcept * sizeof *c->except);
	for (int i = 0; i < 2; i++) {
		c->seen.key[i] = chance_u64(chance);
		c->limits.key[i] = chance_u64(chance);
	}
	return c;
}

void
claim_free(struct claim *c)
{
	if (c == NULL)
		return;
	free(c->single);
	free(c->want);
	free(c->except);
	free(c);
}
