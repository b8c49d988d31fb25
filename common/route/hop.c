/*
 * hop.c - the MAC of a next hop: ARP (RFC 826) and Neighbor Discovery (RFC
 * 4861 7.2, 7.3) as one. A packet to one that is not known waits for the
 * answer; after three questions its sender learns that there is no such host.
 *
 * The table is one of sets of eight, found by a keyed hash. Those that answered
 * are not driven out by those that are asked for, but where one MAC answers for
 * two of a set: who answers for all addresses shuts no other host out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/part.h"
#include "route/route_var.h"
#include "wire/neigh.h"
#include "wire/resolve.h"

enum {
	WAYS = 8,
	WAITING = 3,		 /* packets for one neighbour */
	WAITING_BYTES = 1 << 20, /* for all; a part for one source */
	SOURCES = 256,		 /* that are distinguished, by a keyed hash */
	TRIES = 3,
	TAG = 4,
};
#define REACHABLE (30 * NS_PER_SEC) /* RFC 4861 10: REACHABLE_TIME */
#define PRECIOUS  (60 * NS_PER_SEC) /* one used within is not driven out */

enum state { FREE, INCOMPLETE, KNOWN, PROBE };

struct waiting {
	uint8_t *p; /* room for an Ethernet header, then the packet */
	size_t len;
	int in;
	unsigned source;
};

struct neighbour {
	enum state state;
	unsigned out;
	struct ip_addr addr;
	struct mac mac;
	uint64_t used;
	uint64_t confirmed;
	struct resolve ask; /* INCOMPLETE, PROBE */
	struct waiting wait[WAITING];
	unsigned waits;
};

struct neighbours {
	uint32_t n, asked;	/* asked: neither free nor known */
	struct neighbour *last; /* that was found: often the next, too */
	size_t bytes, of_source[SOURCES]; /* that wait */
	struct neighbour one[];
};

struct neighbours *
neighbours_new(uint32_t max)
{
	uint32_t n = (max + WAYS - 1) / WAYS * WAYS;
	struct neighbours *s;

	s = calloc(1, sizeof(*s) + n * sizeof(s->one[0]));
	if (s == NULL)
		return NULL;
	s->n = n;
	s->last = s->one;
	return s;
}

static void
set_state(struct neighbours *s, struct neighbour *e, enum state state)
{
	s->asked -= e->state == INCOMPLETE || e->state == PROBE;
	s->asked += state == INCOMPLETE || state == PROBE;
	e->state = state;
}

/* end_wait - of a packet: it is freed */
static void
end_wait(struct neighbours *s, const struct waiting *w)
{
	s->bytes -= w->len;
	s->of_source[w->source] -= w->len;
	free(w->p);
}

/* forget_waiting - the packets that waited are dropped */
static void
forget_waiting(struct neighbours *s, struct neighbour *e)
{
	while (e->waits > 0)
		end_wait(s, &e->wait[--e->waits]);
}

void
neighbours_free(struct neighbours *s)
{
	uint32_t i;

	for (i = 0; i < s->n; i++)
		forget_waiting(s, &s->one[i]);
	free(s);
}

static struct neighbour *
set_of(const struct router *r, unsigned out, const struct ip_addr *a)
{
	uint8_t b[20];

	memcpy(b, a->b, 16);
	put_be32(b + 16, out);
	return &r->near->one[hash_keyed(r->key, b, sizeof(b)) %
			     (r->near->n / WAYS) * WAYS];
}

static bool
is_it(const struct neighbour *e, unsigned out, const struct ip_addr *a)
{
	return e->state != FREE && e->out == out && ip_equal(&e->addr, a);
}

static struct neighbour *
find(const struct router *r, unsigned out, const struct ip_addr *a)
{
	struct neighbour *e = r->near->last;
	unsigned i;

	if (is_it(e, out, a))
		return e;
	e = set_of(r, out, a);
	for (i = 0; i < WAYS; i++, e++)
		if (is_it(e, out, a))
			return r->near->last = e;
	return NULL;
}

/* worse - is a to be dropped rather than b? */
static bool
worse(const struct neighbour *a, const struct neighbour *b)
{
	if ((a->state == INCOMPLETE) != (b->state == INCOMPLETE))
		return a->state == INCOMPLETE;
	return a->used < b->used;
}

/* of_mac - how many of a set have answered with the MAC of this one */
static uint64_t
of_mac(const struct neighbour *set, const struct neighbour *e)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < WAYS; i++)
		n += set[i].state >= KNOWN &&
		     memcmp(&set[i].mac, &e->mac, sizeof(e->mac)) == 0;
	return n;
}

/* of_most - all of a set are in use: the one not used for longest of the MAC
   that has most, or NULL if that has no more than a new one's would have */
static struct neighbour *
of_most(struct neighbour *set)
{
	struct neighbour *best = set;
	uint64_t n, most = 0;
	unsigned i;

	for (i = 0; i < WAYS; i++) {
		n = of_mac(set, &set[i]);
		if (n > most || (n == most && worse(&set[i], best))) {
			most = n;
			best = &set[i];
		}
	}
	return part_takes(0, most) ? best : NULL;
}

/* add - a place for a new one, or NULL: all are in use */
static struct neighbour *
add(struct router *r, uint64_t now, unsigned out, const struct ip_addr *a)
{
	struct neighbour *e = set_of(r, out, a), *best = e;
	unsigned i;

	for (i = 0; i < WAYS; i++, e++) {
		if (e->state == FREE) {
			best = e;
			break;
		}
		if (worse(e, best))
			best = e;
	}
	if (best->state >= KNOWN && now < best->used + PRECIOUS)
		best = of_most(set_of(r, out, a));
	if (best == NULL)
		return NULL;
	forget_waiting(r->near, best);
	set_state(r->near, best, FREE);
	*best = (struct neighbour){.out = out, .addr = *a, .used = now};
	return best;
}

/* ---- frames */

static void
send_frame(struct router *r, uint64_t now, const uint8_t *frame, size_t n)
{
	r->cf.send(r->cf.ctx, now, frame, n);
}

/* ask - resolve the address */
static void
ask(struct router *r, uint64_t now, const struct neighbour *e)
{
	const struct route_if *f = &r->cf.iface[e->out];
	const struct ip_addr *from = if_address(f, &e->addr);
	struct vlan_tags tag = {.len = f->vid != 0 ? TAG : 0};
	uint8_t buf[NEIGH_FRAME];

	if (from == NULL)
		return;
	put_be16(tag.b, ETHER_VLAN);
	put_be16(tag.b + 2, f->vid);
	send_frame(
	    r, now, buf, neigh_request(&e->addr, from, &f->mac, &tag, buf));
}

/* begin - to resolve the address, in this state */
static void
begin(struct router *r, uint64_t now, struct neighbour *e, enum state state)
{
	set_state(r->near, e, state);
	e->ask = (struct resolve){0};
	if (resolve_step(&e->ask, TRIES, now) == RESOLVE_ASK)
		ask(r, now, e);
}

/* transmit - a packet, behind a header that is written before it */
static void
transmit(struct router *r, uint64_t now, const struct neighbour *e, uint8_t *ip,
    size_t len)
{
	const struct route_if *f = &r->cf.iface[e->out];
	size_t hlen = f->vid != 0 ? ETHER_HLEN + TAG : ETHER_HLEN;
	uint8_t *p = ip - hlen;

	memcpy(p, e->mac.b, 6);
	memcpy(p + 6, f->mac.b, 6);
	if (f->vid != 0) {
		put_be16(p + 12, ETHER_VLAN);
		put_be16(p + 14, f->vid);
	}
	put_be16(ip - 2, ip[0] >> 4 == 6 ? ETHER_IP6 : ETHER_IP4);
	send_frame(r, now, p, hlen + len);
}

/* may_wait - so many bytes more, for one source */
static bool
may_wait(const struct neighbours *s, size_t n, unsigned source)
{
	return part_has_room(s->of_source[source], s->bytes, WAITING_BYTES, n);
}

static void
keep_waiting(struct router *r, struct neighbour *e, const struct transit *t)
{
	struct waiting *w = &e->wait[e->waits];
	unsigned source = (unsigned)(ip_source(&t->src, r->key) % SOURCES);
	uint8_t *p = NULL;

	if (e->waits < WAITING && may_wait(r->near, t->len, source))
		p = malloc(ETHER_MAXHLEN + t->len);
	if (p == NULL) {
		route_drop(r, ROUTE_DROP_WAITING);
		return;
	}
	w->p = p;
	w->source = source;
	memcpy(w->p + ETHER_MAXHLEN, t->ip, t->len);
	w->len = t->len;
	w->in = t->in;
	r->near->bytes += t->len;
	r->near->of_source[source] += t->len;
	e->waits++;
}

void
hop_send(struct router *r, const struct transit *t, const struct way *way)
{
	struct neighbour *e = find(r, way->out, &way->hop);

	if (e == NULL) {
		e = add(r, t->now, way->out, &way->hop);
		if (e == NULL) {
			route_drop(r, ROUTE_DROP_WAITING);
			return;
		}
		begin(r, t->now, e, INCOMPLETE);
	}
	e->used = t->now;
	if (e->state == INCOMPLETE) {
		keep_waiting(r, e, t);
		return;
	}
	if (e->state == KNOWN && t->now >= e->confirmed + REACHABLE)
		begin(r, t->now, e, PROBE);
	transmit(r, t->now, e, t->ip, t->len);
}

/* ---- what is learned */

static void
known(
    struct router *r, uint64_t now, struct neighbour *e, const struct mac *mac)
{
	unsigned i;

	e->mac = *mac;
	e->confirmed = now;
	set_state(r->near, e, KNOWN);
	for (i = 0; i < e->waits; i++)
		transmit(
		    r, now, e, e->wait[i].p + ETHER_MAXHLEN, e->wait[i].len);
	forget_waiting(r->near, e);
}

/* is_near - is the address on a network of the interface? */
static bool
is_near(const struct route_if *f, const struct ip_addr *a)
{
	unsigned k;

	for (k = 0; k < f->naddr; k++)
		if (ip_is_v4(a) == ip_is_v4(&f->addr[k]) &&
		    ip_match(a, &f->addr[k], f->len[k]))
			return true;
	return false;
}

static bool
has_address(const struct route_if *f, const struct ip_addr *a)
{
	unsigned k;

	for (k = 0; k < f->naddr; k++)
		if (ip_equal(a, &f->addr[k]))
			return true;
	return false;
}

bool
hop_input(struct router *r, uint64_t now, unsigned in, const uint8_t *frame,
    size_t len)
{
	const struct route_if *f = &r->cf.iface[in];
	struct neighbour *e = NULL;
	uint8_t buf[NEIGH_FRAME];
	struct neigh m;
	bool for_us;

	if (neigh_decode(frame, len, &m) != NEIGH_OK)
		return false;
	for_us = m.asks && has_address(f, &m.target) &&
		 neigh_reaches(&m, &f->mac);
	if (m.states && is_near(f, &m.sender) && !has_address(f, &m.sender)) {
		e = find(r, in, &m.sender);
		/* RFC 826: new only when we are asked */
		if (e == NULL && for_us)
			e = add(r, now, in, &m.sender);
	}
	if (e != NULL)
		known(r, now, e, &m.mac);
	if (for_us)
		send_frame(
		    r, now, buf, neigh_answer(&m, &f->mac, ANSWER_ROUTER, buf));
	return true;
}

/* ---- time */

uint64_t
hop_deadline(const struct router *r)
{
	const struct neighbours *s = r->near;
	uint64_t at = TIME_NEVER;
	uint32_t i;

	for (i = 0; s->asked > 0 && i < s->n; i++)
		if ((s->one[i].state == INCOMPLETE ||
			s->one[i].state == PROBE) &&
		    s->one[i].ask.at < at)
			at = s->one[i].ask.at;
	return at;
}

/* failed - no host answers: report that to the senders of the packets that
   wait */
static void
failed(struct router *r, uint64_t now, struct neighbour *e)
{
	struct waiting wait[WAITING];
	unsigned n = e->waits, i;
	struct transit t;

	memcpy(wait, e->wait, sizeof(wait));
	e->waits = 0;
	set_state(r->near, e, FREE);
	for (i = 0; i < n; i++) {
		t = (struct transit){.now = now, .in = wait[i].in};
		t.v6 = wait[i].p[ETHER_MAXHLEN] >> 4 == 6;
		route_drop(r, ROUTE_DROP_NO_HOST);
		if (transit_read(&t, wait[i].p + ETHER_MAXHLEN, wait[i].len) ==
		    READ_OK)
			error_send(r, &t, t.v6 ? UNREACHABLE6 : UNREACHABLE4,
			    t.v6 ? HOST6 : HOST4, 0);
		end_wait(r->near, &wait[i]);
	}
}

void
hop_timer(struct router *r, uint64_t now)
{
	struct neighbours *s = r->near;
	enum resolve_step step;
	struct neighbour *e;
	uint32_t i;

	for (i = 0; i < s->n && s->asked > 0; i++) {
		e = &s->one[i];
		if (e->state != INCOMPLETE && e->state != PROBE)
			continue;
		step = resolve_step(&e->ask, TRIES, now);
		if (step == RESOLVE_SILENT)
			failed(r, now, e);
		else if (step == RESOLVE_ASK)
			ask(r, now, e);
	}
}
