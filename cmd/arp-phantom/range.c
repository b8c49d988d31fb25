/*
 * range.c - the addresses of a prefix. They are answered for until their owner
 * shows, which is kept in a table of fixed size (seen.c), and with unclaimed
 * also whether anybody else answers.
 */
#include <string.h>

#include "base/clock.h"
#include "claim_var.h"
#include "hosts/hosts.h"
#include "wire/ether.h"
#include "wire/ip.h"

/* a kernel asks again after 1 s: an address is ours shortly before that */
#define UNCLAIMED_WAIT (900 * NS_PER_MS)
#define PROBED_HOLD    (10 * NS_PER_SEC) /* RFC 5227: a claim takes 6 to 9 */
#define KNOWN_FOR      (600 * NS_PER_SEC)
#define TAKEOVER       (3 * NS_PER_SEC)	 /* RFC 4862: detection takes 1 or 2 */
#define WITHHOLD       (10 * NS_PER_SEC) /* not again within that */
#define TIE	       (200 * NS_PER_MS) /* two ask because of one request */
#define REPEAT_LEAST   (500 * NS_PER_MS)
#define REPEAT	       (3 * NS_PER_SEC)	 /* a kernel asks again after 1 s */
#define RECHECK	       (60 * NS_PER_SEC) /* is it still unused by others? */
#define RECHECK_GAP    (500 * NS_PER_MS)
enum { RECHECK_MOST = 10 }; /* in a gap: 20 requests a second in all */

bool
range_holds(const struct claim *c, const struct ip_addr *addr)
{
	size_t i;

	if (c->hosts == NULL)
		return prefix_any_has_host(
		    c->want, c->nwant, c->except, c->nexcept, addr);
	for (i = 0; i < c->nexcept; i++)
		if (prefix_holds(&c->except[i], addr))
			return false;
	/* what is behind a router is not on the link */
	return hosts_find(c->hosts, addr) != NULL &&
	       hosts_net(c->hosts, addr) == NULL;
}

bool
range_unclaimed(const struct claim *c, const struct ip_addr *addr)
{
	const struct hosts_entry *e = NULL;
	enum hosts_ask ask = HOSTS_ASK_AS_TOLD;

	if (c->hosts != NULL)
		e = hosts_find(c->hosts, addr);
	if (e != NULL)
		ask = hosts_manner(c->hosts, e)->ask;
	return ask == HOSTS_ASK_AS_TOLD ? c->unclaimed : ask == HOSTS_ASK_FIRST;
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

	if (c->plan.defend < DEFEND_ONCE ||
	    (range_unclaimed(c, addr) && !ours) || (e != NULL && !ours))
		return false;
	again = ours && e->contested && now - e->conflict < DEFEND_INTERVAL;
	if (again && c->plan.defend != DEFEND_ALWAYS)
		return false;
	e = seen_put(&c->seen, addr, SEEN_OURS, now + KNOWN_FOR, now);
	e->contested = true;
	e->conflict = now;
	c->totals.conflicts++;
	claim_tell_limited(c, now, &ev);
	if (!again)
		claim_send_own(c, now, addr, &m->tags, false);
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
	uint64_t until = range_unclaimed(c, addr) ? now + hold : TIME_NEVER;

	if (old == SEEN_TAKEN) {
		e->mac = m->mac;
		if (now + hold > e->asked)
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
	if (old == SEEN_OURS && c->plan.defend < DEFEND_ONCE)
		look_yielded(c, now, e, m);
	e->left = 0;
	e->shared = false;
	c->totals.yielded++;
	claim_tell_limited(c, now, &ev);
}

void
range_contest(struct claim *c, uint64_t now, const struct ip_addr *addr,
    const struct neigh *m)
{
	if (!defended(c, now, addr, m))
		leave(c, now, addr, m, SINGLE_QUIET);
}

/*
 * take_over - a host that has resolved an IPv6 address of ours keeps our MAC
 * as long as there is traffic, and the new owner need not announce the
 * address. But the owner answers a probe to all nodes (RFC 4861 7.2.4), and
 * that answer corrects them. So send a probe once the owner has the address;
 * before that, the probe would make it give up.
 */
static void
take_over(struct claim *c, uint64_t now, const struct neigh *m, bool was_ours)
{
	int i, k = TAKEOVERS;

	for (i = 0; i < TAKEOVERS; i++) {
		if (c->takeover[i].when == 0)
			k = i;
		else if (ip_equal(&c->takeover[i].addr, &m->target))
			break;
	}
	if (i == TAKEOVERS && was_ours)
		i = k;
	if (i == TAKEOVERS)
		return;
	c->takeover[i].addr = m->target;
	c->takeover[i].tags = m->tags;
	c->takeover[i].when = now + TAKEOVER;
	if (c->takeover[i].when < c->takeover_at)
		c->takeover_at = c->takeover[i].when;
}

uint64_t
range_next(const struct claim *c)
{
	uint64_t next = c->recheck < c->looks_at ? c->recheck : c->looks_at;

	if (c->takeover_at < next)
		next = c->takeover_at;
	return next;
}

static void
take_over_now(struct claim *c, uint64_t now)
{
	if (c->takeover_at > now)
		return;
	c->takeover_at = TIME_NEVER;
	for (int i = 0; i < TAKEOVERS; i++) {
		uint64_t when = c->takeover[i].when;

		if (when > now && when < c->takeover_at)
			c->takeover_at = when;
		if (when == 0 || when > now)
			continue;
		c->takeover[i].when = 0;
		claim_send_own(
		    c, now, &c->takeover[i].addr, &c->takeover[i].tags, true);
	}
}

/*
 * range_probe - a host whose address was set by hand may send nothing, and a
 * switch does not pass on to us what it sends to others: only its answer shows
 * it
 */
void
range_probe(struct claim *c, uint64_t now, struct seen *e)
{
	uint8_t buf[NEIGH_FRAME];
	struct mac mac = claim_mac(c, &e->addr);

	e->checked = now;
	c->call.send(
	    c->call.ctx, now, buf, neigh_probe(&e->addr, &mac, &e->tags, buf));
}

/* recheck - those that are due, some at a time */
static void
recheck(struct claim *c, uint64_t now)
{
	const uint16_t *tag = &c->seen.tag[0][0]; /* 0: never used */
	struct seen *e = &c->seen.e[0][0];
	int sent = 0;

	c->recheck = TIME_NEVER;
	for (size_t i = 0; i < (size_t)SEEN_SETS * SEEN_WAYS; i++, e++) {
		uint64_t at;

		if (tag[i] == 0 || e->state != SEEN_OURS || now >= e->until)
			continue;
		at = e->checked + RECHECK;
		if (at <= now && sent < RECHECK_MOST) {
			sent++;
			range_probe(c, now, e);
			at = now + RECHECK;
		} else if (at < now + RECHECK_GAP) {
			at = now + RECHECK_GAP;
		}
		if (at < c->recheck && at < e->until)
			c->recheck = at;
	}
}

void
range_timer(struct claim *c, uint64_t now)
{
	take_over_now(c, now);
	look_timer(c, now);
	if (c->recheck <= now)
		recheck(c, now);
}

/*
 * tied - another phantom asks as we do, because of the same request. If both
 * left the address, they would do so for ever: the lower MAC goes on. A second
 * probe is not of a phantom, but of a host that takes the address
 * (RFC 5227 2.1.1); our own probe was there before its first one.
 */
static bool
tied(struct claim *c, uint64_t now, struct seen *e, const struct neigh *m)
{
	struct mac ours = claim_mac(c, &m->target);

	if (!m->probe || e == NULL || e->state != SEEN_ASKING ||
	    now >= e->asked || now - e->checked >= TIE ||
	    memcmp(ours.b, m->mac.b, sizeof ours.b) > 0 ||
	    (e->left != now && mac_equal(&e->other, &m->mac)))
		return false;
	e->other = m->mac;
	e->left = now;
	return true;
}

/*
 * share - the other probed because of a request that we have seen, too: it
 * may be another phantom, which answers from now on. We ask again only when it
 * does not, or we would take the address from it, and it from us.
 */
static void
share(struct seen *e, uint64_t now)
{
	e->shared = true;
	if (e->until < now + KNOWN_FOR)
		e->until = now + KNOWN_FOR;
}

/* unanswered - does the same host ask again for one that is shared? */
static bool
unanswered(struct seen *e, uint64_t now, const struct neigh *m)
{
	if (m->probe)
		return false;
	if (now < e->asked) {
		if (e->wished != 0 && now - e->wished < TIE)
			share(e, now);
		return false;
	}
	if (e->left != 0 && mac_equal(&e->other, &m->mac) &&
	    now - e->left <= REPEAT)
		return now - e->left >= REPEAT_LEAST;
	e->other = m->mac;
	e->left = now;
	return false;
}

void
range_wished(struct claim *c, uint64_t now, const struct ip_addr *addr,
    const struct neigh *m)
{
	struct seen *e = seen_find(&c->seen, addr, now);
	bool ours = e != NULL && e->state == SEEN_OURS, asking;

	if (tied(c, now, e, m))
		return;
	asking = e != NULL && e->state == SEEN_ASKING && now < e->asked &&
		 now - e->checked < TIE;
	leave(c, now, addr, m, PROBED_HOLD);
	if (m->probe && (e = seen_find(&c->seen, addr, now)) != NULL) {
		e->wished = now;
		if (asking || e->shared)
			share(e, now);
	}
	if (m->probe && !ip_is_v4(addr))
		take_over(c, now, m, ours);
}

/*
 * ask - whether another host has it; the host that gave the reason pays for it
 * from its rate; false: not now
 */
static bool
ask(struct claim *c, uint64_t now, const struct ip_addr *addr,
    const struct neigh *m)
{
	if (!limits_probe(&c->limits, now, m->mac.b)) {
		claim_drop(c, now, DROP_RATE, m);
		return false;
	}
	claim_send_own(c, now, addr, &m->tags, true);
	return true;
}

/* open_question - nothing is known of it: ask, and be silent meanwhile */
static void
open_question(struct claim *c, uint64_t now, const struct ip_addr *addr,
    const struct neigh *m)
{
	struct seen *e;

	if (!ask(c, now, addr, m))
		return;
	e = seen_put(&c->seen, addr, SEEN_ASKING, now + KNOWN_FOR, now);
	e->mac = m->mac;
	e->tags = m->tags;
	e->asked = now + (c->plan.quick ? c->plan.wait : UNCLAIMED_WAIT);
	e->checked = now;
}

/*
 * A router's frames have addresses of hosts behind it. So a packet proves
 * nothing, it is a reason to ask: the owner answers if it is on this link.
 */
void
range_sign(struct claim *c, uint64_t now, const struct ip_addr *addr,
    const struct neigh *m)
{
	struct seen *e = seen_find(&c->seen, addr, now);

	if (e == NULL) {
		open_question(c, now, addr, m);
	} else if (e->state == SEEN_TAKEN && mac_equal(&e->mac, &m->mac)) {
		leave(c, now, addr, m, SINGLE_QUIET);
	} else if (e->state != SEEN_TAKEN && now - e->checked >= SINGLE_CHECK &&
		   ask(c, now, addr, m)) {
		e->checked = now;
	}
}

/*
 * may_be_check - is a DHCP server asking whether it may offer the address?
 * One that does so by ARP asks once; a router's kernel asks again.
 */
static bool
may_be_check(
    struct claim *c, uint64_t now, struct seen *e, const struct neigh *m)
{
	if (!mac_is_group(&m->dst) ||
	    !dhcp_watch_checks(&c->dhcp, now, &m->sender) ||
	    (e->withheld != 0 && now - e->withheld < WITHHOLD))
		return false;
	e->withheld = now;
	return true;
}

void
range_keep(struct claim *c, uint64_t now, struct seen *e, const struct neigh *m)
{
	e->until = now + KNOWN_FOR;
	e->tags = m->tags;
	e->other = m->mac;
	e->left = now;
	if (c->recheck > e->checked + RECHECK)
		c->recheck = e->checked + RECHECK;
}

/* unclaimed: is this request one to answer? Asks itself where that is open. */
static bool
nobody_else(struct claim *c, uint64_t now, const struct neigh *m)
{
	struct seen *e = seen_find(&c->seen, &m->target, now);
	struct mac ours = claim_mac(c, &m->target);

	if (e != NULL && e->state == SEEN_ASKING && now >= e->asked)
		e->state = SEEN_OURS;
	if (e != NULL && e->state == SEEN_OURS) {
		range_keep(c, now, e, m);
		return !may_be_check(c, now, e, m);
	}
	if (e != NULL && e->state == SEEN_TAKEN) {
		if (!unanswered(e, now, m))
			return false;
		e->state = SEEN_FREE;
		e = NULL;
	}
	/* RFC 5227 2.1.1: while it is not ours, a prober comes first */
	if (m->probe && !mac_equal(&m->mac, &ours))
		range_wished(c, now, &m->target, m);
	else if (e == NULL)
		open_question(c, now, &m->target, m);
	return false;
}

bool
range_answers(struct claim *c, uint64_t now, const struct neigh *m)
{
	struct seen *e;

	if (range_unclaimed(c, &m->target))
		return nobody_else(c, now, m);
	e = seen_find(&c->seen, &m->target, now);
	if (e == NULL) {
		look_later(c, now, m);
		return true;
	}
	if (e->state == SEEN_OURS && e->asked == 0) {
		range_keep(c, now, e, m);
		return true;
	}
	if (e->state == SEEN_TAKEN && now < e->asked)
		return false;
	if (e->state == SEEN_TAKEN) /* quiet for a while: asked for first */
		e->state = SEEN_FREE;
	return nobody_else(c, now, m);
}
