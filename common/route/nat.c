/*
 * nat.c - NAT44: hosts inside share the address of the interface outside (RFC
 * 2663, RFC 4787, RFC 5382, RFC 5508).
 *
 * A mapping is of a protocol, an address and a port (or an echo's identifier)
 * inside, whoever the peer is, and so is what comes back: endpoint-independent.
 * Mappings are in a table of a fixed size; by the outer port they are found
 * directly, by the inner end with a keyed hash.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/cksum.h"
#include "route/cksum.h"
#include "route/route_var.h"
#include "wire/gso.h"
#include "wire/icmp_quote.h"

enum {
	NAT_TCP,
	NAT_UDP,
	NAT_ICMP,
	NAT_PROTOS,
	PORTS = 65536,
	LOWEST = 1024,
	TRIES = 64, /* for a free port */
	BUCKETS = 4096,
	ECHO = 8,
	ECHO_REPLY = 0,
	ADDR_AT = 12, /* of the source in the header; the destination: + 4 */
};

/* RFC 5382 REQ-5, RFC 4787 REQ-5, RFC 5508 REQ-2 */
#define TCP_OPEN    (7440 * NS_PER_SEC)
#define TCP_OPENING (240 * NS_PER_SEC)
#define UDP_IDLE    (300 * NS_PER_SEC)
#define ICMP_IDLE   (60 * NS_PER_SEC)

struct binding {
	uint8_t proto; /* NAT_TCP and so on */
	bool used, closing;
	bool ways[2];	       /* TCP: something came out, and in */
	uint16_t inner, outer; /* ports */
	uint8_t addr[4];       /* inside */
	uint64_t until;	       /* it lasts without a packet */
	uint32_t next;	       /* of its bucket; index + 1 */
};

struct nat {
	uint64_t max;
	uint32_t hand; /* where the search for a place goes on */
	uint32_t bucket[BUCKETS];
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

static void
forget(struct router *r, struct binding *b)
{
	struct nat *n = r->nat;
	uint32_t me = (uint32_t)(b - n->b) + 1;
	uint32_t *at = bucket_of(r, b->proto, b->addr, b->inner);

	while (*at != me)
		at = &n->b[*at - 1].next;
	*at = b->next;
	n->by_port[b->proto][b->outer] = 0;
	b->used = false;
}

/* place - for a new mapping; one that is no open connection may have to go */
static struct binding *
place(struct router *r, uint64_t now)
{
	struct nat *n = r->nat;
	struct binding *b, *best = NULL;
	uint32_t i;

	for (i = 0; i < n->max; i++) {
		b = &n->b[n->hand];
		n->hand = (uint32_t)((n->hand + 1) % n->max);
		if (!b->used)
			return b;
		if (now >= b->until) {
			best = b;
			break;
		}
		if (b->until <= now + UDP_IDLE &&
		    (best == NULL || b->until < best->until))
			best = b;
	}
	if (best != NULL)
		forget(r, best);
	return best;
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

static struct binding *
by_inner(struct router *r, int proto, const uint8_t *addr, uint16_t port)
{
	uint32_t i = *bucket_of(r, proto, addr, port);
	struct binding *b;

	for (; i != 0; i = b->next) {
		b = &r->nat->b[i - 1];
		if (b->proto == proto && b->inner == port &&
		    memcmp(b->addr, addr, 4) == 0)
			return b;
	}
	return NULL;
}

static struct binding *
by_outer(struct router *r, int proto, uint16_t port)
{
	uint32_t i = r->nat->by_port[proto][port];

	return i != 0 ? &r->nat->b[i - 1] : NULL;
}

static struct binding *
map(struct router *r, uint64_t now, int proto, const uint8_t *addr,
    uint16_t port)
{
	uint16_t outer = free_port(r, proto, port);
	struct binding *b = outer != 0 ? place(r, now) : NULL;
	uint32_t *at;

	if (b == NULL)
		return NULL;
	*b = (struct binding){.proto = (uint8_t)proto,
	    .used = true,
	    .inner = port,
	    .outer = outer};
	memcpy(b->addr, addr, 4);
	at = bucket_of(r, proto, addr, port);
	b->next = *at;
	*at = r->nat->by_port[proto][outer] = (uint32_t)(b - r->nat->b) + 1;
	return b;
}

/* touch - a packet has passed: how long the mapping lasts now */
static void
touch(struct binding *b, uint64_t now, bool inward, uint8_t tcp_flags)
{
	switch (b->proto) {
	case NAT_TCP:
		b->ways[inward] = true;
		if (tcp_flags & (TCP_FIN | TCP_RST))
			b->closing = true;
		else if (tcp_flags & TCP_SYN)
			b->closing = false;
		b->until = now + (b->ways[0] && b->ways[1] && !b->closing
					 ? TCP_OPEN
					 : TCP_OPENING);
		break;
	case NAT_UDP:
		b->until = now + UDP_IDLE;
		break;
	case NAT_ICMP:
		b->until = now + ICMP_IDLE;
		break;
	}
}

/* ---- packets */

/* what NAT has to know of a packet, or of one that is quoted */
struct flow_end {
	int proto;	 /* NAT_TCP and so on; -1: none of these */
	size_t port_at;	 /* where the port is that is changed */
	size_t cksum_at; /* 0: there is none, or it is not there */
	uint16_t port;
	bool sums_address; /* its checksum is over the addresses, too */
	uint8_t flags;	   /* of TCP */
};

/*
 * read_end - of n bytes behind an IPv4 header; src: the port of the source is
 * the one
 */
static void
read_end(
    const uint8_t *p, size_t n, uint8_t proto, bool src, struct flow_end *e)
{
	memset(e, 0, sizeof(*e));
	e->proto = -1;
	if (n < 8)
		return;
	if (proto == PROTO_TCP || proto == PROTO_UDP) {
		e->proto = proto == PROTO_TCP ? NAT_TCP : NAT_UDP;
		e->port_at = src ? 0 : 2;
		e->sums_address = true;
		if (proto == PROTO_UDP && get_be16(p + 6) != 0)
			e->cksum_at = 6;
		if (proto == PROTO_TCP && n >= 18)
			e->cksum_at = 16;
		if (proto == PROTO_TCP && n >= 14)
			e->flags = p[13];
	} else if (proto == PROTO_ICMP &&
		   (p[0] == ECHO || p[0] == ECHO_REPLY)) {
		e->proto = NAT_ICMP;
		e->port_at = 4;
		e->cksum_at = 2;
	} else {
		return;
	}
	e->port = get_be16(p + e->port_at);
}

/* is_error - an ICMP error that quotes something */
static bool
is_error(const uint8_t *p, size_t n, uint8_t proto)
{
	return proto == PROTO_ICMP && n >= ICMP_HLEN &&
	       (p[0] == UNREACHABLE4 || p[0] == EXCEEDED4 || p[0] == 12);
}

static size_t
hlen_of(const struct transit *t)
{
	return (t->ip[0] & 15u) * 4;
}

/* quoted_end - the host's end of the packet that an error is about */
static bool
quoted_end(const struct transit *t, bool inward, struct flow_end *e,
    struct icmp_quote *q)
{
	size_t hlen = hlen_of(t);

	if (icmp_quote_decode(false, t->ip + hlen + ICMP_HLEN,
		t->len - hlen - ICMP_HLEN, q) != 0)
		return false;
	/* an error that comes in is about what went out, and quotes that */
	read_end(q->data, q->n, q->proto, inward, e);
	return e->proto >= 0;
}

bool
nat_wants_whole(const struct router *r, const struct transit *t)
{
	struct way way;

	if (r->nat == NULL || t->v6 || !t->frag)
		return false;
	if (t->in == r->cf.nat)
		return is_own(r, &t->dst);
	return fib_find(r, t, &t->dst, &way) && (int)way.out == r->cf.nat;
}

static const struct ip_addr *
outside(const struct router *r)
{
	static const struct ip_addr any = {{[10] = 0xff, [11] = 0xff}};

	return if_address(&r->cf.iface[r->cf.nat], &any);
}

bool
nat_inward(struct router *r, const struct transit *t, struct nat_plan *plan)
{
	const uint8_t *p = t->ip + (t->v6 ? 0 : hlen_of(t));
	size_t n = t->v6 ? 0 : t->len - hlen_of(t);
	const struct ip_addr *own;
	struct icmp_quote q;
	struct flow_end e;

	if (r->nat == NULL || t->v6)
		return true;
	own = outside(r);
	if (own == NULL || !ip_equal(&t->dst, own)) {
		if (t->in != r->cf.nat || is_own(r, &t->dst))
			return true;
		route_drop(r, ROUTE_DROP_NAT);
		return false;
	}
	plan->inward = true;
	plan->error = is_error(p, n, t->proto);
	if (plan->error) {
		if (!quoted_end(t, true, &e, &q))
			return true;
	} else {
		read_end(p, n, t->proto, false, &e);
	}
	if (e.proto < 0 ||
	    (e.proto == NAT_ICMP && !plan->error && p[0] == ECHO))
		return true; /* for the router itself */
	plan->binding = by_outer(r, e.proto, e.port);
	if (plan->binding == NULL || t->now >= plan->binding->until) {
		plan->binding = NULL;
		return true;
	}
	if (!plan->error)
		touch(plan->binding, t->now, true, e.flags);
	ip_from_v4(&plan->dst, plan->binding->addr);
	return true;
}

/* mapping - that of a packet from inside, made if need be; NULL: there can be
   none */
static struct binding *
mapping(struct router *r, const struct transit *t, const uint8_t *p, size_t n)
{
	const uint8_t *host = t->src.b + 12;
	struct binding *b;
	struct flow_end e;

	read_end(p, n, t->proto, true, &e);
	if (e.proto < 0 || (e.proto == NAT_ICMP && p[0] != ECHO))
		return NULL;
	b = by_inner(r, e.proto, host, e.port);
	if (b != NULL && t->now >= b->until) {
		forget(r, b);
		b = NULL;
	}
	if (b == NULL)
		b = map(r, t->now, e.proto, host, e.port);
	if (b != NULL)
		touch(b, t->now, false, e.flags);
	return b;
}

bool
nat_outward(struct router *r, const struct transit *t, unsigned out,
    struct nat_plan *plan)
{
	const uint8_t *p = t->ip + (t->v6 ? 0 : hlen_of(t));
	size_t n = t->v6 ? 0 : t->len - hlen_of(t);
	struct icmp_quote q;
	struct flow_end e;

	plan->inward = false;
	if (r->nat == NULL || t->v6 || (int)out != r->cf.nat ||
	    t->in == r->cf.nat)
		return true;
	plan->error = is_error(p, n, t->proto);
	if (plan->error) {
		if (quoted_end(t, false, &e, &q))
			plan->binding = by_inner(
			    r, e.proto, q.dst.b + 12, e.port);
	} else if (t->in != NO_IF) {
		plan->binding = mapping(r, t, p, n);
	}
	if (plan->binding != NULL || t->in == NO_IF)
		return true;
	route_drop(r, ROUTE_DROP_NAT);
	return false;
}

/* ---- changes */

/* set_address - in an IPv4 header at ip, and in the sums over it */
static void
set_address(uint8_t *ip, size_t at, const uint8_t *to, uint8_t *sum)
{
	uint32_t old = get_be32(ip + at), new = get_be32(to);

	cksum_change32(ip + 10, old, new);
	if (sum != NULL)
		cksum_change32(sum, old, new);
	memcpy(ip + at, to, 4);
}

static void
set_port(uint8_t *p, const struct flow_end *e, uint16_t to)
{
	if (e->cksum_at != 0)
		cksum_change16(p + e->cksum_at, e->port, to);
	put_be16(p + e->port_at, to);
}

/* change_end - address and port of one end of an IPv4 packet */
static void
change_end(uint8_t *ip, size_t at, const uint8_t *addr, uint8_t *p,
    const struct flow_end *e, uint16_t port)
{
	set_address(ip, at, addr,
	    e->cksum_at != 0 && e->sums_address ? p + e->cksum_at : NULL);
	set_port(p, e, port);
	/* RFC 768: no checksum is 0, so one that is 0 is sent as ones */
	if (e->proto == NAT_UDP && e->cksum_at != 0 &&
	    get_be16(p + e->cksum_at) == 0)
		put_be16(p + e->cksum_at, 0xffff);
}

/* change_quote - RFC 5508 4.2: an error quotes the packet as its reader knows
 * it; its own checksum follows each change */
static void
change_quote(struct transit *t, const struct nat_plan *plan,
    const uint8_t *addr, uint16_t port)
{
	uint8_t *icmp = t->ip + hlen_of(t), *quoted = icmp + ICMP_HLEN, *p;
	size_t n = t->len - hlen_of(t);
	struct icmp_quote q;
	struct flow_end e;

	if (!quoted_end(t, plan->inward, &e, &q))
		return;
	p = quoted + (q.data - quoted);
	change_end(
	    quoted, plan->inward ? ADDR_AT : ADDR_AT + 4, addr, p, &e, port);
	put_be16(icmp + 2, 0);
	put_be16(icmp + 2, cksum_fold(cksum_add(0, icmp, n)));
}

void
nat_apply(struct router *r, struct transit *t, const struct nat_plan *plan)
{
	const struct binding *b = plan->binding;
	uint16_t port;
	const uint8_t *addr;
	struct flow_end e;
	uint8_t *p;

	if (b == NULL)
		return;
	r->stats.translated++;
	port = plan->inward ? b->inner : b->outer;
	addr = plan->inward ? b->addr : outside(r)->b + 12;
	p = t->ip + hlen_of(t);
	if (plan->error) {
		change_quote(t, plan, addr, port);
		set_address(
		    t->ip, plan->inward ? ADDR_AT + 4 : ADDR_AT, addr, NULL);
	} else {
		read_end(p, t->len - hlen_of(t), t->proto, !plan->inward, &e);
		change_end(t->ip, plan->inward ? ADDR_AT + 4 : ADDR_AT, addr, p,
		    &e, port);
	}
	ip_from_v4(&t->src, t->ip + ADDR_AT);
	ip_from_v4(&t->dst, t->ip + ADDR_AT + 4);
}
