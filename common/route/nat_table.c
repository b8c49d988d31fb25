/*
 * nat_table.c - the mappings of NAT, see nat_table.h. A table of a fixed size:
 * by the outer port they are found directly, by the inner end with a keyed
 * hash.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "route/nat_table.h"
#include "route/route_var.h"
#include "wire/gso.h"

enum {
	PORTS = 65536,
	LOWEST = 1024,
	TRIES = 64, /* for a free port */
	BUCKETS = 4096,
	SAMPLE = 64,	/* places looked at for one that can be dropped */
	SOURCES = 1024, /* sources with the same of these counters share it */
	ENDS_WITHIN = 65535, /* of what is expected: a FIN may be in flight */
};

/* RFC 5382 REQ-5, RFC 4787 REQ-5, RFC 5508 REQ-2 */
#define TCP_OPEN    (7440 * NS_PER_SEC)
#define TCP_OPENING (240 * NS_PER_SEC)
#define UDP_IDLE    (300 * NS_PER_SEC)
#define ICMP_IDLE   (60 * NS_PER_SEC)

struct nat {
	uint32_t max;
	uint32_t fresh; /* places that were in use already */
	uint32_t free;	/* index + 1 of one that is not any more, by next */
	uint32_t hand;	/* where the search for one to drop goes on */
	uint32_t bucket[BUCKETS];
	uint32_t has[SOURCES];		     /* mappings of a source */
	uint32_t by_port[NAT_PROTOS][PORTS]; /* index + 1 */
	struct binding b[];
};

struct nat *
nat_new(uint32_t max)
{
	struct nat *n = calloc(1, sizeof(*n) + max * sizeof(n->b[0]));

	if (n != NULL)
		n->max = max;
	return n;
}

void
nat_free(struct nat *n)
{
	free(n);
}

/* ---- the table */

static uint32_t *
bucket_of(const struct router *r, int proto, const uint8_t *addr, uint16_t port)
{
	uint8_t b[7];

	memcpy(b, addr, 4);
	put_be16(b + 4, port);
	b[6] = (uint8_t)proto;
	return &r->nat->bucket[hash_keyed(r->key, b, sizeof(b)) % BUCKETS];
}

/* has - the number of mappings that this host has */
static uint32_t *
has(const struct router *r, const uint8_t *addr)
{
	return &r->nat->has[hash_keyed(r->key, addr, 4) % SOURCES];
}

void
nat_forget(struct router *r, struct binding *b)
{
	struct nat *n = r->nat;
	uint32_t me = (uint32_t)(b - n->b) + 1;
	uint32_t *at = bucket_of(r, b->proto, b->addr, b->inner);

	while (*at != me)
		at = &n->b[*at - 1].chain;
	*at = b->chain;
	n->by_port[b->proto][b->outer] = 0;
	(*has(r, b->addr))--;
	b->chain = n->free;
	n->free = me;
}

static bool
is_open(const struct binding *b)
{
	return b->known[0] && b->known[1] && !b->closing;
}

/* weight - what the mapping's host has, with a new one that is to be its own */
static uint32_t
weight(const struct router *r, const uint32_t *own, const struct binding *b)
{
	const uint32_t *its = has(r, b->addr);

	return *its + (its == own);
}

/*
 * may_go - can this mapping be dropped for a new one? It can be when its host
 * then has no less than the other; an established TCP connection, when it has
 * more before, see base/part.h.
 */
static bool
may_go(const struct router *r, const uint32_t *own, const struct binding *b)
{
	return weight(r, own, b) > *own + is_open(b);
}

/* worse - is a to be dropped rather than b? */
static bool
worse(const struct router *r, const uint32_t *own, const struct binding *a,
    const struct binding *b)
{
	uint32_t more = weight(r, own, a), less = weight(r, own, b);

	return more != less ? more > less : a->until < b->until;
}

/*
 * make_room - in a table that is full: of some that are looked at, from one end
 * of the table to the other, what has ended goes, else of the host that has
 * most the one that would end first
 */
static void
make_room(struct router *r, uint64_t now, const uint32_t *own)
{
	struct nat *n = r->nat;
	const uint32_t step = n->max > SAMPLE ? n->max / SAMPLE : 1;
	struct binding *b, *best = NULL;
	uint32_t i;

	n->hand = (n->hand + 1) % n->max;
	for (i = 0; i < SAMPLE && i < n->max; i++) {
		b = &n->b[(n->hand + i * step) % n->max];
		if (now >= b->until) {
			best = b;
			break;
		}
		if (may_go(r, own, b) &&
		    (best == NULL || worse(r, own, b, best)))
			best = b;
	}
	if (best != NULL)
		nat_forget(r, best);
}

/* place - for a new mapping of a host that has so many; NULL: there is none */
static struct binding *
place(struct router *r, uint64_t now, const uint32_t *own)
{
	struct nat *n = r->nat;
	struct binding *b;

	if (n->free == 0 && n->fresh < n->max)
		return &n->b[n->fresh++];
	if (n->free == 0)
		make_room(r, now, own);
	if (n->free == 0)
		return NULL;
	b = &n->b[n->free - 1];
	n->free = b->chain;
	return b;
}

/* free_port - the same as inside if that is free; 0: none is */
static uint16_t
free_port(struct router *r, int proto, uint16_t wanted)
{
	const uint32_t *taken = r->nat->by_port[proto];
	uint16_t port = wanted;
	int i;

	for (i = 0; i < TRIES; i++) {
		if ((port >= LOWEST || proto == NAT_ICMP) && taken[port] == 0)
			return port;
		port = (uint16_t)(LOWEST +
				  chance_below(&r->chance, PORTS - LOWEST));
	}
	return 0;
}

struct binding *
nat_by_inner(struct router *r, int proto, const uint8_t *addr, uint16_t port)
{
	uint32_t i = *bucket_of(r, proto, addr, port);
	struct binding *b;

	for (; i != 0; i = b->chain) {
		b = &r->nat->b[i - 1];
		if (b->proto == proto && b->inner == port &&
		    memcmp(b->addr, addr, 4) == 0)
			return b;
	}
	return NULL;
}

struct binding *
nat_by_outer(struct router *r, int proto, uint16_t port)
{
	uint32_t i = r->nat->by_port[proto][port];

	return i != 0 ? &r->nat->b[i - 1] : NULL;
}

struct binding *
nat_map(struct router *r, uint64_t now, int proto, const uint8_t *addr,
    uint16_t port)
{
	uint16_t outer = free_port(r, proto, port);
	struct binding *b = outer != 0 ? place(r, now, has(r, addr)) : NULL;
	uint32_t *at;

	if (b == NULL)
		return NULL;
	*b = (struct binding){
	    .proto = (uint8_t)proto, .inner = port, .outer = outer};
	memcpy(b->addr, addr, 4);
	at = bucket_of(r, proto, addr, port);
	b->chain = *at;
	*at = r->nat->by_port[proto][outer] = (uint32_t)(b - r->nat->b) + 1;
	(*has(r, addr))++;
	return b;
}

/* is_peer - the one whose numbers are followed */
static bool
is_peer(const struct binding *b, const struct nat_pass *p)
{
	return b->port == p->port && memcmp(b->peer, p->peer, 4) == 0;
}

/* begin - a connection to this peer; open ones to others may be there */
static void
begin(struct binding *b, const struct nat_pass *p)
{
	if (is_open(b)) {
		b->many = true;
		return;
	}
	memcpy(b->peer, p->peer, 4);
	b->port = p->port;
	b->closing = b->many = b->known[0] = b->known[1] = false;
}

/* ends - this FIN or reset may be of the connection */
static bool
ends(const struct binding *b, const struct nat_pass *p)
{
	return b->known[p->inward] &&
	       p->seq - b->next[p->inward] <= ENDS_WITHIN;
}

/* touch_tcp - false: a stranger's packet has no say in it */
static bool
touch_tcp(struct binding *b, const struct nat_pass *p)
{
	bool end = p->flags & (TCP_FIN | TCP_RST);

	if (!is_peer(b, p)) {
		if (p->inward)
			return false;
		if (!end)
			begin(b, p);
	} else if (!end && !p->inward && b->closing && p->flags & TCP_SYN) {
		begin(b, p);
	}
	if (!is_peer(b, p))
		return true;
	if (end && !b->many && ends(b, p))
		b->closing = true;
	else if (!end && p->data)
		b->closing = false;
	if (p->flags & TCP_ACK && !(p->flags & TCP_RST)) {
		b->next[!p->inward] = p->ack;
		b->known[!p->inward] = true;
	}
	return true;
}

void
nat_touch(struct binding *b, const struct nat_pass *p)
{
	switch (b->proto) {
	case NAT_TCP:
		if (touch_tcp(b, p))
			b->until = p->now +
				   (is_open(b) ? TCP_OPEN : TCP_OPENING);
		break;
	case NAT_UDP:
		b->until = p->now + UDP_IDLE;
		break;
	case NAT_ICMP:
		b->until = p->now + ICMP_IDLE;
		break;
	}
}
