/*
 * input.c - see route.h: a router begins and ends, and takes frames apart.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "route/route_var.h"
#include "wire/gso.h"
#include "wire/ipfrag.h"

enum { DATAGRAMS = 1024 }; /* that wait for fragments */

/* ---- begin and end */

const char *
route_check(const struct route_config *cf, struct ip_addr *at)
{
	unsigned i, k;

	for (i = 0; i < cf->ifaces; i++)
		for (k = 0; k < cf->iface[i].naddr; k++) {
			*at = cf->iface[i].addr[k];
			if (!ip_is_host(at))
				return "no host can have this address";
			if (!ip_is_v4(at) &&
			    cf->iface[i].mtu < ROUTE_LEAST_MTU6)
				return "IPv6 needs an MTU of 1280 at least";
		}
	for (i = 0; i < cf->routes; i++)
		for (k = 0; k < cf->route[i].nvia; k++) {
			*at = cf->route[i].via[k];
			if (ip_is_v4(at) != ip_is_v4(&cf->route[i].net))
				return "the next hop of a route is of its "
				       "family";
			if (fib_near(cf, at) < 0)
				return "the next hop is on no network of an "
				       "interface";
		}
	return NULL;
}

struct router *
router_new(const struct route_config *cf)
{
	struct router *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->cf = *cf;
	chance_seed(&r->chance, cf->seed);
	r->key[0] = chance_u64(&r->chance);
	r->key[1] = chance_u64(&r->chance);
	r->id = (uint16_t)chance_u64(&r->chance);
	limit_init(&r->errors, cf->error_rate);
	r->near = neighbours_new(cf->neighbours);
	r->frag = ipfrag_new(cf->frag_bytes, DATAGRAMS, r->key);
	if (cf->nat >= 0)
		r->nat = nat_new(cf->nat_max);
	if (r->near == NULL || r->frag == NULL ||
	    (cf->nat >= 0 && r->nat == NULL)) {
		router_free(r);
		return NULL;
	}
	fib_build(r);
	return r;
}

void
router_free(struct router *r)
{
	if (r->near != NULL)
		neighbours_free(r->near);
	if (r->frag != NULL)
		ipfrag_free(r->frag);
	if (r->nat != NULL)
		nat_free(r->nat);
	free(r);
}

uint64_t
router_deadline(const struct router *r)
{
	return hop_deadline(r);
}

void
router_timer(struct router *r, uint64_t now)
{
	hop_timer(r, now);
}

const struct route_stats *
router_stats(const struct router *r)
{
	return &r->stats;
}

void
route_drop(struct router *r, enum route_drop why)
{
	r->stats.dropped[why]++;
}

const char *
route_drop_name(enum route_drop d)
{
	static const char *const name[ROUTE_DROPS] = {
	    [ROUTE_DROP_VLAN] = "vlan",
	    [ROUTE_DROP_MAC] = "mac",
	    [ROUTE_DROP_HEADER] = "header",
	    [ROUTE_DROP_CKSUM] = "checksum",
	    [ROUTE_DROP_MARTIAN] = "martian",
	    [ROUTE_DROP_GROUP] = "group",
	    [ROUTE_DROP_TTL] = "ttl",
	    [ROUTE_DROP_NO_ROUTE] = "no-route",
	    [ROUTE_DROP_TOO_BIG] = "too-big",
	    [ROUTE_DROP_NO_HOST] = "no-host",
	    [ROUTE_DROP_WAITING] = "waiting",
	    [ROUTE_DROP_NAT] = "nat",
	    [ROUTE_DROP_FRAGMENT] = "fragment",
	    [ROUTE_DROP_LOCAL] = "local",
	};

	return name[d];
}

/* ---- frames */

/* if_of - by the VLAN: the first tag, 0 without one; -1: none */
static int
if_of(const struct router *r, const uint8_t *frame, const struct ether_hdr *e)
{
	unsigned vid = 0, i;

	if (e->hlen > ETHER_HLEN + 4)
		return -1;
	if (e->hlen > ETHER_HLEN)
		vid = get_be16(frame + ETHER_HLEN) & 0xfff;
	for (i = 0; i < r->cf.ifaces; i++)
		if (r->cf.iface[i].vid == vid)
			return (int)i;
	return -1;
}

static void
take_packet(struct router *r, uint64_t now, unsigned in, bool v6, uint8_t *p,
    size_t len)
{
	struct transit t = {.now = now, .in = (int)in, .v6 = v6};

	switch (transit_read(&t, p, len)) {
	case READ_OK:
		route_packet(r, &t);
		break;
	case READ_HEADER:
		route_drop(r, ROUTE_DROP_HEADER);
		break;
	case READ_CKSUM:
		route_drop(r, ROUTE_DROP_CKSUM);
		break;
	}
}

/*
 * take_super_frame - what segmentation offload has put together is cut as it
 * would have been on the wire. False: it is none.
 */
static bool
take_super_frame(
    struct router *r, uint64_t now, unsigned in, uint8_t *frame, size_t len)
{
	uint32_t mtu = r->cf.iface[in].mtu, off, n;
	uint8_t *buf = r->cut + ETHER_MAXHLEN;
	struct segment s;
	uint16_t i = 0;
	size_t got;

	if (segment_decode(frame, len, &s) != 0 || len - s.l3 <= mtu ||
	    s.hlen - (uint32_t)s.l3 >= mtu)
		return false;
	if (!segment_verify(&s)) {
		route_drop(r, ROUTE_DROP_CKSUM);
		return true;
	}
	for (off = 0; off < s.payload; off += n, i++) {
		n = mtu - (s.hlen - (uint32_t)s.l3);
		if (n > s.payload - off)
			n = s.payload - off;
		got = segment_cut(&s, off, n, i, buf);
		take_packet(r, now, in, s.v6, buf + s.l3, got - s.l3);
	}
	return true;
}

void
router_input(struct router *r, uint64_t now, uint8_t *frame, size_t len)
{
	const struct route_if *f;
	struct ether_hdr e;
	int in;

	r->stats.frames++;
	if (ether_decode(frame, len, &e) != 0 || len > LONGEST) {
		route_drop(r, ROUTE_DROP_HEADER);
		return;
	}
	in = if_of(r, frame, &e);
	if (in < 0) {
		route_drop(r, ROUTE_DROP_VLAN);
		return;
	}
	f = &r->cf.iface[in];
	if (hop_input(r, now, (unsigned)in, frame, len))
		return;
	if (mac_is_group(&e.dst)) {
		route_drop(r, ROUTE_DROP_GROUP);
	} else if (!mac_equal(&e.dst, &f->mac) ||
		   (e.type != ETHER_IP4 && e.type != ETHER_IP6)) {
		route_drop(r, ROUTE_DROP_MAC);
	} else if (len - e.hlen <= f->mtu ||
		   !take_super_frame(r, now, (unsigned)in, frame, len)) {
		take_packet(r, now, (unsigned)in, e.type == ETHER_IP6,
		    frame + e.hlen, len - e.hlen);
	}
}
