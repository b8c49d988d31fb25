/*
 * nat.c - NAT44: hosts inside share the address of the interface outside (RFC
 * 2663, RFC 4787, RFC 5382, RFC 5508).
 *
 * Mapping and filtering are endpoint-independent: a mapping holds for every
 * peer. Packets between two hosts inside, to the address outside, are
 * translated at both ends (hairpinning).
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "route/cksum.h"
#include "route/nat_table.h"
#include "route/route_var.h"
#include "wire/gso.h"
#include "wire/icmp_quote.h"

enum {
	ECHO = 8,
	ECHO_REPLY = 0,
	ADDR_AT = 12, /* of the source in the header; the destination: + 4 */
};

/* what NAT has to know of a packet, or of one that is quoted */
struct flow_end {
	int proto;	 /* NAT_TCP and so on; -1: none of these */
	size_t port_at;	 /* where the port is that is changed */
	size_t cksum_at; /* 0: there is none, or it is not there */
	uint16_t port;
	bool sums_address; /* its checksum is over the addresses, too */
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

/* touch - the mapping, by a packet whose other end is this one */
static void
touch(struct binding *b, const struct transit *t, bool inward,
    const struct ip_addr *peer, uint16_t port)
{
	const uint8_t *p = t->ip + hlen_of(t);
	size_t n = t->len - hlen_of(t);
	struct nat_pass pass = {.now = t->now, .inward = inward, .port = port};

	memcpy(pass.peer, peer->b + 12, 4);
	if (b->proto == NAT_TCP && n >= 14) {
		pass.seq = get_be32(p + 4);
		pass.ack = get_be32(p + 8);
		pass.data = n > (p[12] >> 4) * 4u;
		pass.flags = p[13];
	}
	nat_touch(b, &pass);
}

/* is_inside - can a host behind the interface have this source? RFC 2827:
   behind the translation nobody can tell. Else the packet is dropped */
static bool
is_inside(struct router *r, const struct transit *t)
{
	if (!is_own(r, &t->src) && fib_behind(r, &t->src, (unsigned)t->in))
		return true;
	route_drop(r, ROUTE_DROP_MARTIAN);
	return false;
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
	b = nat_by_inner(r, e.proto, host, e.port);
	if (b != NULL && t->now >= b->until) {
		nat_forget(r, b);
		b = NULL;
	}
	if (b == NULL)
		b = nat_map(r, t->now, e.proto, host, e.port);
	if (b != NULL)
		touch(b, t, false, &t->dst, get_be16(p + 2));
	return b;
}

/* hairpin - from inside to inside: each sees the outer end of the other (RFC
   4787 REQ-9). The new mapping must not have been made in the other's place. */
static bool
hairpin(struct router *r, const struct transit *t, const struct flow_end *e,
    struct nat_plan *plan)
{
	const uint8_t *p = t->ip + hlen_of(t);

	if (!is_inside(r, t))
		return false;
	plan->from = mapping(r, t, p, t->len - hlen_of(t));
	if (plan->from != NULL &&
	    nat_by_outer(r, e->proto, e->port) == plan->binding) {
		touch(plan->binding, t, true, outside(r), plan->from->outer);
		return true;
	}
	route_drop(r, ROUTE_DROP_NAT);
	return false;
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
	plan->from = NULL;
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
	plan->binding = nat_by_outer(r, e.proto, e.port);
	if (plan->binding == NULL || t->now >= plan->binding->until) {
		plan->binding = NULL;
		return true;
	}
	ip_from_v4(&plan->dst, plan->binding->addr);
	if (plan->error)
		return true;
	if (t->in != r->cf.nat && t->in != NO_IF)
		return hairpin(r, t, &e, plan);
	touch(plan->binding, t, true, &t->src, get_be16(p));
	return true;
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
	if (t->in != NO_IF && !is_inside(r, t))
		return false;
	plan->error = is_error(p, n, t->proto);
	if (plan->error) {
		if (quoted_end(t, false, &e, &q))
			plan->binding = nat_by_inner(
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
		if (plan->inward && plan->from != NULL) {
			read_end(p, t->len - hlen_of(t), t->proto, true, &e);
			change_end(t->ip, ADDR_AT, outside(r)->b + 12, p, &e,
			    plan->from->outer);
		}
	}
	ip_from_v4(&t->src, t->ip + ADDR_AT);
	ip_from_v4(&t->dst, t->ip + ADDR_AT + 4);
}
