/*
 * local.c - packets to the router itself: it answers ping (RFC 792, RFC 4443
 * 4.2), and anything else by an error.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "route/cksum.h"
#include "route/route_var.h"
#include "wire/ipfrag.h"

enum { ECHO4 = 8, ECHO6 = 128, REPLY6 = 129, ICMP_HLEN = 8 };

bool
whole_packet(struct router *r, struct transit *t)
{
	uint8_t *to = r->whole + ETHER_MAXHLEN;
	const uint8_t *whole;
	struct ip_hdr h;
	size_t n;

	if (!t->frag)
		return true;
	if (ip_decode(t->ip, t->len, &h) != IP_OK || !h.frag) {
		route_drop(r, ROUTE_DROP_FRAGMENT);
		return false;
	}
	switch (ipfrag_put(r->frag, t->now, &h, t->ip, &whole, &n)) {
	case IPFRAG_WHOLE:
		break;
	case IPFRAG_WAIT:
		return false;
	case IPFRAG_OVERLAP:
	case IPFRAG_LENGTH:
	case IPFRAG_CHAIN:
	case IPFRAG_ECN:
	case IPFRAG_FULL:
		route_drop(r, ROUTE_DROP_FRAGMENT);
		return false;
	}
	memcpy(to, whole, n);
	return transit_read(t, to, n) == READ_OK;
}

/* answer - the packet goes back to its sender, its addresses swapped */
static void
answer(struct router *r, struct transit *t)
{
	uint8_t *p = t->ip, was = t->ttl;
	struct ip_addr src = t->src;

	t->src = t->dst;
	t->dst = src;
	t->in = NO_IF;
	t->ttl = r->cf.ttl;
	if (t->v6) {
		p[7] = t->ttl;
		memcpy(p + 8, t->src.b, 16);
		memcpy(p + 24, t->dst.b, 16);
	} else {
		p[8] = t->ttl;
		cksum_change16(p + 10, (uint16_t)(was << 8 | p[9]),
		    (uint16_t)(t->ttl << 8 | p[9]));
		memcpy(p + 12, t->src.b + 12, 4);
		memcpy(p + 16, t->dst.b + 12, 4);
		t->df = false;
		cksum_change16(p + 10, get_be16(p + 6), 0);
		put_be16(p + 6, 0);
		cksum_change16(p + 10, get_be16(p + 4), r->id);
		put_be16(p + 4, r->id++);
	}
	r->stats.answered++;
	route_packet(r, t);
}

/* echo - true: it was a request, and is answered */
static bool
echo(struct router *r, struct transit *t, const struct ip_hdr *h)
{
	uint8_t *m = t->ip + h->hlen;
	size_t n = h->len - h->hlen;

	if (n < ICMP_HLEN || m[0] != (t->v6 ? ECHO6 : ECHO4) || m[1] != 0)
		return false;
	if (ip_cksum(&t->src, &t->dst, h->proto, m, n) != 0) {
		route_drop(r, ROUTE_DROP_CKSUM);
		return true;
	}
	m[0] = t->v6 ? REPLY6 : 0;
	cksum_change16(m + 2, (uint16_t)((t->v6 ? ECHO6 : ECHO4) << 8),
	    (uint16_t)(m[0] << 8));
	answer(r, t);
	return true;
}

void
local_input(struct router *r, struct transit *t)
{
	bool icmp;
	struct ip_hdr h;

	if (!whole_packet(r, t))
		return;
	if (ip_decode(t->ip, t->len, &h) != IP_OK || h.problem != IP_OK) {
		route_drop(r, ROUTE_DROP_HEADER);
		return;
	}
	icmp = h.proto == (t->v6 ? PROTO_ICMP6 : PROTO_ICMP);
	if (icmp && echo(r, t, &h))
		return;
	route_drop(r, ROUTE_DROP_LOCAL);
	if (icmp)
		return;
	if (t->v6)
		error_send(r, t, UNREACHABLE6, PORT6, 0);
	else
		error_send(r, t, UNREACHABLE4,
		    h.proto == PROTO_UDP ? PORT4 : PROTO4, 0);
}
