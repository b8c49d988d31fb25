/*
 * look.c - addresses that are answered for at once: a real host may have one,
 * and be slower than we are. A switch hides its answer to others, so it is
 * asked for soon after our first answer. If there is an owner, the one that we
 * have misled has to learn of it from the owner itself: we say nothing about
 * addresses that are not ours.
 *
 * Two phantoms that answered the same request would find each other, and both
 * would leave the address. So the delay is a random one, and the one that is
 * asked first waits until the other has made up its mind.
 */
#include <string.h>

#include "base/chance.h"
#include "base/clock.h"
#include "claim_var.h"
#include "wire/ether.h"
#include "wire/ip.h"

#define LOOK_AFTER  (20 * NS_PER_MS) /* what is in flight has arrived */
#define LOOK_SPREAD (100 * NS_PER_MS)
/* a host may make us look a hundred times a second */
#define LOOK_NOT  (10 * NS_PER_MS)
#define LOOK_LEFT NS_PER_SEC /* the other has decided by then */
/* for a second Linux keeps to the first of several answers */
#define LOOK_LOCKED (1100 * NS_PER_MS)

static uint64_t
spread(struct claim *c)
{
	return LOOK_AFTER + chance_below(c->chance, LOOK_SPREAD);
}

/* add - there is room */
static void
add(struct claim *c, const struct ip_addr *addr, const struct mac *asker,
    uint64_t when)
{
	int i = 0;

	while (c->look[i].when != 0)
		i++;
	c->look[i].addr = *addr;
	c->look[i].asker = *asker;
	c->look[i].when = when;
	c->looks++;
	if (when < c->looks_at)
		c->looks_at = when;
}

void
look_later(struct claim *c, uint64_t now, const struct neigh *m)
{
	struct seen *e;

	/* one that is defended would not be left to its owner */
	if (c->looks >= LOOKS / 2 || c->plan.defend >= DEFEND_ONCE ||
	    (now < c->look_not && mac_equal(&c->look_mac, &m->mac)))
		return;
	if (!limits_probe(&c->limits, now, m->mac.b)) {
		c->look_mac = m->mac;
		c->look_not = now + LOOK_NOT;
		return;
	}
	add(c, &m->target, &m->mac, now + spread(c));
	e = seen_put(&c->seen, &m->target, SEEN_OURS, now, now);
	e->mac = m->mac;
	e->checked = now;
	range_keep(c, now, e, m);
}

void
look_yielded(
    struct claim *c, uint64_t now, const struct seen *e, const struct neigh *m)
{
	uint64_t when = e->left + LOOK_LOCKED;

	/* an IPv6 owner has answered all nodes (RFC 4861 7.2.4) */
	if (!ip_is_v4(&e->addr) || range_unclaimed(c, &e->addr) ||
	    e->left == 0 || mac_is_group(&m->dst) || c->looks == LOOKS)
		return;
	add(c, &e->addr, &e->other, when > now ? when : now + 1);
}

void
look_heard(struct claim *c, uint64_t now, const struct ip_addr *addr)
{
	if (c->looks == 0)
		return;
	for (int i = 0; i < LOOKS; i++)
		if (c->look[i].when != 0 && ip_equal(&c->look[i].addr, addr))
			c->look[i].when = now + LOOK_LEFT + spread(c);
}

/*
 * pass - the owner is asked again, in the name of the one that has our answer:
 * the owner's goes there
 */
static void
pass(struct claim *c, uint64_t now, const struct seen *e,
    const struct mac *asker)
{
	uint8_t buf[NEIGH_FRAME];
	struct mac ours = claim_mac(c, &e->addr);
	size_t n = neigh_probe(&e->addr, asker, &e->tags, buf);

	memcpy(buf, e->mac.b, sizeof e->mac.b);
	memcpy(buf + sizeof e->mac.b, ours.b, sizeof ours.b);
	c->call.send(c->call.ctx, now, buf, n);
}

static void
due(struct claim *c, uint64_t now, int i)
{
	struct seen *e = seen_find(&c->seen, &c->look[i].addr, now);

	c->look[i].when = 0;
	c->looks--;
	if (e == NULL)
		return;
	if (e->state == SEEN_OURS)
		range_probe(c, now, e);
	else if (e->state == SEEN_TAKEN && ip_is_v4(&e->addr))
		pass(c, now, e, &c->look[i].asker);
}

void
look_timer(struct claim *c, uint64_t now)
{
	if (c->looks_at > now)
		return;
	c->looks_at = TIME_NEVER;
	for (int i = 0; i < LOOKS; i++) {
		if (c->look[i].when != 0 && c->look[i].when <= now)
			due(c, now, i);
		if (c->look[i].when != 0 && c->look[i].when < c->looks_at)
			c->looks_at = c->look[i].when;
	}
}
