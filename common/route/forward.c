/*
 * forward.c - the way of a packet through the router (RFC 1812 5.2, RFC 8200
 * 3): what is checked, in which order, and which ICMP error its sender gets
 * when it goes no further. The header is changed last, so that an error quotes
 * the packet as it came.
 */
#include "route/route_var.h"

/* addresses_good - RFC 1812 5.3.7, RFC 4291 2.5; else it is dropped */
static bool
addresses_good(struct router *r, const struct transit *t)
{
	if (!ip_is_host(&t->src) || is_broadcast(r, &t->src) ||
	    ip_is_loopback(&t->dst) || ip_is_unspecified(&t->dst) ||
	    ip_is_local6(&t->src)) {
		route_drop(r, ROUTE_DROP_MARTIAN);
		return false;
	}
	if (ip_is_multicast(&t->dst) || ip_is_local6(&t->dst) ||
	    is_broadcast(r, &t->dst)) {
		route_drop(r, ROUTE_DROP_GROUP);
		return false;
	}
	/* class E, and 0.0.0.0/8 */
	if (!t->v6 && (t->src.b[12] == 0 || t->src.b[12] >= 240 ||
			  t->dst.b[12] == 0 || t->dst.b[12] >= 240)) {
		route_drop(r, ROUTE_DROP_MARTIAN);
		return false;
	}
	return true;
}

/* refuse - it goes no further, and the sender gets an ICMP error */
static bool
refuse(struct router *r, const struct transit *t, enum route_drop why)
{
	uint8_t type = t->v6 ? UNREACHABLE6 : UNREACHABLE4;

	route_drop(r, why);
	if (why == ROUTE_DROP_TTL)
		type = t->v6 ? EXCEEDED6 : EXCEEDED4;
	error_send(r, t, type, 0, 0); /* code 0: the network; in transit */
	return false;
}

/* fits - the MTU of the way out; else the sender learns it */
static bool
fits(struct router *r, const struct transit *t, uint32_t mtu)
{
	if (t->len <= mtu || !t->df)
		return true;
	route_drop(r, ROUTE_DROP_TOO_BIG);
	if (t->v6)
		error_send(r, t, TOO_BIG6, 0, mtu);
	else
		error_send(r, t, UNREACHABLE4, NEEDED4, mtu);
	return false;
}

/* ---- fragments */

struct pieces {
	struct router *r;
	const struct way *way;
};

static void
send_piece(void *ctx, const struct transit *piece)
{
	const struct pieces *p = ctx;

	hop_send(p->r, piece, p->way);
}

static void
send_fragments(struct router *r, const struct transit *t, const struct way *way,
    uint32_t mtu)
{
	struct pieces p = {r, way};

	transit_fragment(t, mtu, r->piece + ETHER_MAXHLEN, send_piece, &p);
	r->stats.fragmented++;
}

/* ---- */

/* may_pass - from now on only the next hop can fail */
static bool
may_pass(struct router *r, const struct transit *t, const struct nat_plan *plan,
    struct way *way)
{
	if (t->in != NO_IF && t->ttl <= 1)
		return refuse(r, t, ROUTE_DROP_TTL);
	if (!fib_find(r, t, &plan->dst, way))
		return refuse(r, t, ROUTE_DROP_NO_ROUTE);
	if (ip_is_local6(&way->hop))
		return refuse(r, t, ROUTE_DROP_NO_ROUTE);
	return fits(r, t, r->cf.iface[way->out].mtu);
}

void
route_packet(struct router *r, struct transit *t)
{
	struct nat_plan plan = {.dst = t->dst};
	struct way way;

	if (t->in != NO_IF && !addresses_good(r, t))
		return;
	if (nat_wants_whole(r, t) && !whole_packet(r, t))
		return;
	if (!nat_inward(r, t, &plan))
		return;
	if (plan.binding == NULL && is_own(r, &t->dst)) {
		if (t->in != NO_IF)
			local_input(r, t);
		return;
	}
	if (!may_pass(r, t, &plan, &way))
		return;
	if (plan.binding == NULL && !nat_outward(r, t, way.out, &plan))
		return;
	if (t->in != NO_IF) {
		transit_count_down(t);
		r->stats.forwarded++;
	}
	nat_apply(r, t, &plan);
	if (t->len > r->cf.iface[way.out].mtu)
		send_fragments(r, t, &way, r->cf.iface[way.out].mtu);
	else
		hop_send(r, t, &way);
}
