/*
 * claim.c - the engine of arp-phantom: what each frame means to the claim.
 *
 * single.c has the life of a single address: it is probed, announced,
 * defended, given up and taken up again. A prefix has too many addresses for
 * that: range.c.
 *
 * A statement ("I have this address") is processed before a request in the
 * same frame is answered, so that the owner's own request is not overlooked.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/chance.h"
#include "base/clock.h"
#include "hosts/hosts.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "claim.h"
#include "limit.h"
#include "wire/prefix.h"
#include "seen.h"
#include "claim_var.h"
#include "single.h"
#include "wire/neigh.h"

enum from { FROM_WIRE, FROM_HOST, FROM_LATE };
enum { ANNOUNCED = 64 }; /* of hosts that have another MAC, at once */

struct mac
claim_mac(const struct claim *c, const struct ip_addr *addr)
{
	const struct hosts_entry *e;
	struct mac m = c->mac;

	if (c->hosts != NULL && (e = hosts_find(c->hosts, addr)) != NULL)
		return hosts_mac(c->hosts, e, addr);
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

void
claim_tell_limited(struct claim *c, uint64_t now, const struct claim_event *ev)
{
	if (limits_event(&c->limits, now, ev->mac != NULL ? ev->mac->b : NULL))
		tell(c, now, ev);
	else
		c->not_told++;
}

void
claim_drop(
    struct claim *c, uint64_t now, unsigned reason, const struct neigh *m)
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

void
claim_send_own(struct claim *c, uint64_t now, const struct ip_addr *addr,
    const struct vlan_tags *tags, bool probe)
{
	uint8_t buf[NEIGH_FRAME];
	struct mac mac = claim_mac(c, addr);
	struct claim_event ev = {
	    .name = probe ? "probe" : "announce", .local = addr};

	c->call.send(c->call.ctx, now, buf,
	    probe ? neigh_probe(addr, &mac, tags, buf)
		  : neigh_announce(addr, &mac, tags, buf));
	if (probe)
		claim_tell_limited(c, now, &ev);
	else
		tell(c, now, &ev);
}

/* tell_hosts - how many there are: one line for all */
static void
tell_hosts(struct claim *c, uint64_t now)
{
	struct claim_event all = {.name = "claim"};
	size_t n;

	hosts_entries(c->hosts, &n);
	all.count = n;
	tell(c, now, &all);
}

/* all probes are sent, and no host has answered */
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
	if (c->hosts != NULL)
		tell_hosts(c, now);
}

/* moved - of a single host: its MAC is not what it was */
static bool
moved(const struct claim *c, const struct hosts *h, const struct hosts_entry *e)
{
	const struct hosts_entry *was = hosts_find(c->hosts, &e->at.addr);
	struct mac old, new;

	if (e->at.len != 128 || was == NULL)
		return false;
	old = hosts_mac(c->hosts, was, &e->at.addr);
	new = hosts_mac(h, e, &e->at.addr);
	return !mac_equal(&old, &new);
}

void
claim_hosts(struct claim *c, uint64_t now, const struct hosts *h)
{
	const struct ip_addr *at[ANNOUNCED];
	const struct hosts_entry *e;
	size_t i, n, k = 0;

	e = hosts_entries(h, &n);
	for (i = 0; i < n && k < ANNOUNCED; i++)
		if (moved(c, h, &e[i]))
			at[k++] = &e[i].at.addr;
	c->hosts = h;
	if (!c->ready)
		return;
	tell_hosts(c, now);
	for (i = 0; i < k; i++)
		claim_send_own(c, now, at[i], NULL, false);
}

static void
fire(struct claim *c, struct single *s, uint64_t now)
{
	struct claim_event ev = {.name = "claim", .local = &s->addr};

	switch (single_timer(s, &c->plan, c->chance, now)) {
	case SINGLE_PROBE:
		claim_send_own(c, now, &s->addr, NULL, true);
		break;
	case SINGLE_ANNOUNCE:
		claim_send_own(c, now, &s->addr, NULL, false);
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
	range_timer(c, now);
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
	uint64_t next = range_next(c);

	return next < c->next ? next : c->next;
}

void
claim_contest(
    struct claim *c, uint64_t now, struct single *s, const struct neigh *m)
{
	struct single_plan plan = c->plan;
	enum single_advice advice;
	struct claim_event ev = {
	    .name = "conflict",
	    .local = &s->addr,
	    .mac = &m->mac,
	};

	/* while we did not listen it found nobody, and has it by right */
	if (c->late && plan.defend != DEFEND_ALWAYS)
		plan.defend = DEFEND_NEVER;
	advice = single_conflict(s, &plan, now);
	c->next = single_next(c->single, c->nsingle);
	if (advice == SINGLE_NOTHING)
		return;
	c->totals.conflicts++;
	claim_tell_limited(c, now, &ev);
	if (advice == SINGLE_DEFEND) {
		claim_send_own(c, now, &s->addr, &m->tags, false);
	} else if (advice == SINGLE_YIELD) {
		ev.name = "yield";
		claim_tell_limited(c, now, &ev);
		c->totals.yielded++;
	} else if (advice == SINGLE_REFUSE) {
		c->verdict = CLAIM_IN_USE;
		c->lost = s->addr;
		c->owner = m->mac;
	}
}

/* the sender states that it has an address */
static void
hear(struct claim *c, uint64_t now, const struct neigh *m)
{
	const struct ip_addr *addr = &m->sender;
	struct single *s = single_find(c->single, c->nsingle, addr);
	struct mac ours;
	bool echo;

	/* most senders' addresses are not claimed */
	if (s == NULL && !range_holds(c, addr))
		return;
	ours = claim_mac(c, addr);
	echo = mac_equal(&m->mac, &ours);
	if (s != NULL) {
		/*
		 * Before the claim none of our frames has it as sender, so
		 * that even our MAC is another's: a phantom elsewhere.
		 */
		if (!c->ready ? m->firm || !m->asks
			      : !echo && (m->firm || s->state != SINGLE_OURS))
			claim_contest(c, now, s, m);
		return;
	}
	if (!echo)
		range_contest(c, now, addr, m);
}

/* RFC 5227 2.1.1, RFC 4862 5.4.3: two that ask at the same time */
static void
hear_probe(struct claim *c, uint64_t now, const struct neigh *m)
{
	struct single *s = single_find(c->single, c->nsingle, &m->target);
	struct mac ours = claim_mac(c, &m->target);

	if (mac_equal(&m->mac, &ours))
		return;
	look_heard(c, now, &m->target);
	if (s != NULL && s->state != SINGLE_OURS)
		claim_contest(c, now, s, m);
	else if (s == NULL && range_unclaimed(c, &m->target) &&
		 c->plan.defend < DEFEND_ONCE && range_holds(c, &m->target))
		range_wished(c, now, &m->target, m);
}

/* is the target one to answer for, at this moment? */
static bool
is_ours(struct claim *c, uint64_t now, const struct neigh *m)
{
	struct single *s = single_find(c->single, c->nsingle, &m->target);

	if (s != NULL)
		return s->state == SINGLE_OURS;
	return range_answers(c, now, m);
}

/* holds - it is one of the addresses that are claimed */
static bool
holds(const struct claim *c, const struct ip_addr *addr)
{
	return single_find(c->single, c->nsingle, addr) != NULL ||
	       range_holds(c, addr);
}

static void
asked(struct claim *c, uint64_t now, const struct neigh *m)
{
	uint8_t buf[NEIGH_FRAME];
	struct mac mac = claim_mac(c, &m->target);
	struct claim_event ev = {
	    .name = "answer",
	    .local = &m->target,
	    .mac = &m->mac,
	    .remote = m->probe ? NULL : &m->sender,
	};

	/* an announcement is a request, but nobody waits for the answer */
	if (ip_equal(&m->sender, &m->target) || !neigh_reaches(m, &mac))
		return;
	if (!holds(c, &m->target))
		return;
	if (!claim_answers_odd(c, m) || !is_ours(c, now, m))
		return;
	if (!limits_answer(&c->limits, now, m->mac.b)) {
		claim_drop(c, now, DROP_RATE, m);
		return;
	}
	c->call.send(c->call.ctx, now, buf, claim_answer(c, m, &mac, buf));
	c->totals.answered++;
	tell(c, now, &ev);
}

static void
take(struct claim *c, uint64_t now, const uint8_t *frame, size_t len,
    enum from from)
{
	bool sent = from == FROM_HOST;
	struct neigh m;
	enum neigh_error e = neigh_decode(frame, len, &m);

	c->late = from == FROM_LATE;
	if (c->verdict != CLAIM_GOES_ON)
		return;
	if (e == NEIGH_OTHER) {
		sign_take(c, now, frame, len);
		return;
	}
	if (e != NEIGH_OK &&
	    (m.odd == 0 || !holds(c, &m.target) || !claim_answers_odd(c, &m))) {
		claim_drop(c, now, e, NULL);
		return;
	}
	if (e != NEIGH_OK) /* what it states is not believed */
		m.states = m.probe = false;
	if (m.probe &&
	    (from == FROM_LATE || (sent && mac_equal(&m.mac, &c->host)))) {
		/* this host will not ask twice, nor receive an answer */
		m.states = m.firm = true;
		m.sender = m.target;
		m.probe = false;
	}
	if (m.states)
		hear(c, now, &m);
	if (m.probe)
		hear_probe(c, now, &m);
	if (m.asks && c->ready && c->verdict == CLAIM_GOES_ON &&
	    (from == FROM_WIRE || (sent && m.probe)))
		asked(c, now, &m);
}

void
claim_input(struct claim *c, uint64_t now, const uint8_t *frame, size_t len)
{
	take(c, now, frame, len, FROM_WIRE);
}

void
claim_overhear(struct claim *c, uint64_t now, const uint8_t *frame, size_t len)
{
	take(c, now, frame, len, FROM_HOST);
}

void
claim_late(struct claim *c, uint64_t now, const uint8_t *frame, size_t len)
{
	take(c, now, frame, len, FROM_LATE);
}

void
claim_back(struct claim *c, uint64_t now)
{
	size_t i;

	if (!c->ready) {
		c->asking = 0;
		claim_start(c, now);
		return;
	}
	seen_doubt(&c->seen);
	for (i = 0; i < c->nsingle && c->plan.ask; i++)
		single_doubt(&c->single[i], now);
	claim_timer(c, now);
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
