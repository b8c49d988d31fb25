/*
 * error.c - ICMP errors of a router (RFC 1812 4.3, RFC 4443 2.4 and 3): from
 * which address, and how many; what is in them is transit.c's.
 */
#include "route/route_var.h"

/* source - of the interface by which the packet came, else of the way back */
static const struct ip_addr *
source(struct router *r, const struct transit *t)
{
	int i = t->in;

	if (i < 0)
		i = fib_near(&r->cf, &t->src);
	return i < 0 ? NULL : if_address(&r->cf.iface[i], &t->src);
}

/* limited - too many for this one */
static bool
limited(struct router *r, const struct transit *t)
{
	if (limit_take(&r->errors, t->now, &t->src, r->key))
		return false;
	r->stats.limited++;
	return true;
}

void
error_send(struct router *r, const struct transit *t, uint8_t type,
    uint8_t code, uint32_t word)
{
	const struct transit_error what = {type, code, word};
	const struct ip_addr *src = source(r, t);
	struct transit_from from;
	uint8_t *p = r->reply + ETHER_MAXHLEN;
	struct transit e = {.now = t->now, .in = NO_IF, .v6 = t->v6};
	size_t n;

	/* its address may be one of ours, where NAT gave it that */
	if (src == NULL || is_broadcast(r, &t->src) || !transit_may_report(t) ||
	    limited(r, t))
		return;
	from = (struct transit_from){.addr = *src,
	    .ttl = r->cf.ttl,
	    .tos = ip_error_tos(t->ip[1]),
	    .id = r->id++};
	n = transit_error(t, &what, &from, p);
	r->stats.errors++;
	if (transit_read(&e, p, n) == READ_OK)
		route_packet(r, &e);
}
