/*
 * error.c - ICMP errors of a router (RFC 1812 4.3, RFC 4443 2.4 and 3): about
 * what, from which address, how much they quote, and how many.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "route/route_var.h"

enum {
	QUOTE4 = 576, /* RFC 1812 4.3.2.3: bytes of the whole error */
	QUOTE6 = 1280,
	ICMP_HLEN = 8,
	ERRORS6 = 128, /* types below are errors (RFC 4443 2.1) */
	REDIRECT6 = 137,
};

/* is_query - ICMP of IPv4 that is no error, and known to be none */
static bool
is_query(uint8_t type)
{
	return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

/*
 * may_report - RFC 1122 3.2.2, RFC 4443 2.4 (e): never about an error, a later
 * fragment, what went to a group, nor to a sender that is not one host
 */
static bool
may_report(struct router *r, const struct transit *t)
{
	const uint8_t *p;
	struct ip_hdr h;

	/* its address may be one of ours, where NAT gave it that */
	if (!ip_is_host(&t->src) || is_broadcast(r, &t->src) ||
	    ip_is_multicast(&t->dst))
		return false;
	if (ip_decode(t->ip, t->len, &h) != IP_OK || h.frag_off != 0)
		return false;
	p = t->ip + h.hlen;
	if (t->v6 && h.proto == PROTO_ICMP6)
		return h.hlen < t->len && p[0] >= ERRORS6 && p[0] != REDIRECT6;
	if (!t->v6 && h.proto == PROTO_ICMP)
		return h.hlen < t->len && is_query(p[0]);
	return true;
}

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
	const struct ip_addr *src = source(r, t);
	uint8_t *p = r->reply + ETHER_MAXHLEN;
	struct ip_hdr h = {.ttl = r->cf.ttl,
	    .tos = 0xc0, /* RFC 1812 4.3.2.5: internetwork control */
	    .v6 = t->v6};
	size_t at, n = t->len, most;
	struct transit e = {.now = t->now, .in = NO_IF, .v6 = t->v6};

	if (src == NULL || !may_report(r, t) || limited(r, t))
		return;
	at = t->v6 ? IP6_HLEN : IP4_HLEN;
	most = (t->v6 ? QUOTE6 : QUOTE4) - at - ICMP_HLEN;
	if (n > most)
		n = most;
	h.src = *src;
	h.dst = t->src;
	h.proto = t->v6 ? PROTO_ICMP6 : PROTO_ICMP;
	h.id = r->id++;
	h.len = (uint32_t)(at + ICMP_HLEN + n);
	ip_encode(p, &h);
	p[at] = type;
	p[at + 1] = code;
	put_be16(p + at + 2, 0);
	put_be32(p + at + 4, word);
	memcpy(p + at + ICMP_HLEN, t->ip, n);
	put_be16(p + at + 2,
	    cksum_fold(cksum_add(t->v6 ? ip_pseudo_sum(&h.src, &h.dst, h.proto,
					     (uint32_t)(ICMP_HLEN + n))
				       : 0,
		p + at, ICMP_HLEN + n)));
	r->stats.errors++;
	if (transit_read(&e, p, h.len) == READ_OK)
		route_packet(r, &e);
}
