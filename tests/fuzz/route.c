/*
 * route.c - the router under any frames, at any time, with NAT and without:
 * what it sends is a whole frame of one of its interfaces, an IP packet in it
 * has right lengths and a right header checksum, is no longer than the MTU, and
 * has fewer hops left than the one that came.
 */
#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "fuzz.h"
#include "route/route.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum { FRAME = 4096, MTU10 = 1500, MTU20 = 1280 };

static unsigned sent;

static void
on_send(void *ctx, uint64_t now, const uint8_t *f, size_t n)
{
	const struct route_config *cf = ctx;
	struct ether_hdr e;
	uint16_t vid;
	size_t len;

	sent++;
	must(ether_decode(f, n, &e) == 0 && e.hlen == 18);
	vid = get_be16(f + 14);
	must(vid == 10 || vid == 20);
	must(mac_equal(&e.src, &cf->iface[vid / 10 - 1].mac));
	f += e.hlen;
	n -= e.hlen;
	if (e.type == ETHER_IP4) {
		must(n >= IP4_HLEN && f[0] >> 4 == 4);
		len = (f[0] & 15u) * 4;
		must(len >= IP4_HLEN && len <= n && get_be16(f + 2) == n);
		must(cksum_fold(cksum_add(0, f, len)) == 0);
		must(f[8] > 0);
	} else if (e.type == ETHER_IP6) {
		must(n >= IP6_HLEN && f[0] >> 4 == 6);
		must(IP6_HLEN + (size_t)get_be16(f + 4) == n && f[7] > 0);
	} else {
		must(e.type == ETHER_ARP);
		return;
	}
	must(n <= (vid == 10 ? MTU10 : MTU20));
}

static void
iface(struct route_if *f, uint16_t vid, const char *a4, const char *a6)
{
	f->vid = vid;
	f->mtu = vid == 10 ? MTU10 : MTU20;
	f->naddr = 2;
	parse_addr(a4, &f->addr[0]);
	parse_addr(a6, &f->addr[1]);
	f->len[0] = 96 + 24;
	f->len[1] = 64;
	mac_of_phantom(&f->addr[0], &f->mac);
}

static void
route(struct route_static *s, const char *net, unsigned len, const char *via)
{
	parse_addr(net, &s->net);
	s->len = len;
	parse_addr(via, &s->via[s->nvia++]);
}

static void
configure(struct route_config *cf, uint8_t how)
{
	struct ip_addr at;

	*cf = (struct route_config){.ifaces = 2,
	    .routes = 2,
	    .nat = how & 1 ? 1 : -1,
	    .nat_max = how & 2 ? 4 : 100,
	    .neighbours = how & 4 ? 8 : 64,
	    .error_rate = how & 8 ? 1 : 1000,
	    .frag_bytes = 100000,
	    .ttl = 64,
	    .seed = how,
	    .ctx = cf,
	    .send = on_send};
	iface(&cf->iface[0], 10, "10.0.1.1", "fd00:1::1");
	iface(&cf->iface[1], 20, "10.0.2.1", "fd00:2::1");
	route(&cf->route[0], "10.9.0.0", 96 + 16, "10.0.2.9");
	route(&cf->route[0], "10.9.0.0", 96 + 16, "10.0.2.8");
	route(&cf->route[1], "::", 0, "fd00:2::9");
	must(route_check(cf, &at) == NULL);
}

/* sums_right - of the header, and mostly of what it carries */
static void
sums_right(uint8_t *ip, size_t n, bool v6, bool all)
{
	size_t hlen = v6 ? IP6_HLEN : (ip[0] & 15u) * 4, at;
	uint8_t proto = v6 ? ip[6] : ip[9];
	struct ip_addr src, dst;

	if (hlen > n || hlen < IP4_HLEN)
		return;
	if (!v6) {
		put_be16(ip + 10, 0);
		put_be16(ip + 10, cksum_fold(cksum_add(0, ip, hlen)));
	}
	at = proto == PROTO_TCP ? 16 : proto == PROTO_UDP ? 6 : 2;
	if (!all || n < hlen + at + 2)
		return;
	if (v6) {
		memcpy(src.b, ip + 8, 16);
		memcpy(dst.b, ip + 24, 16);
	} else {
		ip_from_v4(&src, ip + 12);
		ip_from_v4(&dst, ip + 16);
	}
	put_be16(ip + hlen + at, 0);
	put_be16(
	    ip + hlen + at, ip_cksum(&src, &dst, proto, ip + hlen, n - hlen));
}

/* quote - an ICMP error about a packet that may have gone by */
static void
quote(uint8_t *m, uint8_t b)
{
	struct ip_hdr h = {
	    .proto = b & 1 ? PROTO_UDP : PROTO_TCP, .ttl = 1, .len = 28};

	m[0] = b & 2 ? 3 : 11;
	parse_addr(b & 4 ? "10.0.2.1" : "10.0.1.9", &h.src);
	parse_addr(b & 8 ? "10.0.1.9" : "10.0.2.9", &h.dst);
	ip_encode(m + 8, &h);
	m[28] = m[30] = 0;
	m[29] = b >> 4;
	m[31] = 7;
}

/* frame - kind, changes, and some bytes; returns the length */
static size_t
frame(struct bytes_in *in, uint8_t *f)
{
	static const char *const host4[] = {"10.0.1.9", "10.0.2.9", "10.0.1.1",
	    "10.0.2.1", "10.9.0.9", "10.0.2.77", "10.0.1.255", "224.0.0.1"};
	static const char *const host6[] = {"fd00:1::9", "fd00:2::9",
	    "fd00:1::1", "fd00:2::1", "fd09::9", "fd00:2::77", "ff02::1",
	    "fe80::1"};
	static const uint8_t protos[] = {1, 6, 17, 58, 44, 0, 4, 43};
	uint8_t b = take8(in), c = take8(in), i;
	bool v6 = b & 1, two = b & 2;
	size_t hlen = v6 ? IP6_HLEN : IP4_HLEN, n = take16(in) % 2000, k;
	struct ip_hdr h = {.proto = protos[c & 7],
	    .ttl = b & 4 ? 1 : 64,
	    .df = b & 8,
	    .len = (uint32_t)(hlen + n)};
	uint8_t *ip = f + 18;

	c = take8(in);
	parse_addr(v6 ? host6[c & 7] : host4[c & 7], &h.src);
	parse_addr(v6 ? host6[c >> 3 & 7] : host4[c >> 3 & 7], &h.dst);
	memcpy(f, two ? "\x02\x50\x0a\0\x02\x01" : "\x02\x50\x0a\0\x01\x01", 6);
	memcpy(f + 6, "\x52\x54\0\0\0\x09", 6);
	put_be16(f + 12, ETHER_VLAN);
	put_be16(f + 14, two ? 20 : 10);
	put_be16(f + 16, v6 ? ETHER_IP6 : ETHER_IP4);
	memset(ip + hlen, c, n);
	for (k = 0; k < 40 && k < n; k++)
		ip[hlen + k] = take8(in);
	if (c >> 6 == 1 && !v6 && n >= 36)
		quote(ip + hlen, take8(in));
	ip_encode(ip, &h);
	for (i = b >> 5; i > 0; i--)
		f[take16(in) % (18 + hlen + n)] = take8(in);
	if (c >> 6 != 2)
		sums_right(ip, hlen + n, v6, c >> 6 != 3);
	n += 18 + hlen;
	return b & 16 ? take16(in) % n : n;
}

/* arp - who is there? It is taken in as a neighbour */
static size_t
arp(struct bytes_in *in, uint8_t *f)
{
	uint8_t b = take8(in);

	memset(f, 0, 64);
	memset(f, 0xff, 6);
	memcpy(f + 6, "\x52\x54\0\0\0\x09\x81\0\0\x0a\x08\x06\0\1\x08\0\6\4\0",
	    19);
	f[15] = b & 1 ? 20 : 10;
	f[25] = b & 2 ? 1 : 2;
	memcpy(f + 26, f + 6, 6);
	memcpy(f + 32, "\x0a\0\x01\x09", 4);
	f[34] = b & 4 ? 2 : 1;
	f[35] = b & 8 ? 9 : b;
	memcpy(f + 42, "\x0a\0\x01\x01", 4);
	f[44] = b & 4 ? 2 : 1;
	return 46;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_in in = {data, size};
	uint64_t now = 1000 * NS_PER_SEC;
	static struct route_config cf;
	uint8_t f[FRAME], *copy, b;
	struct router *r;
	size_t n;

	configure(&cf, take8(&in));
	r = router_new(&cf);
	if (r == NULL)
		return 0;
	while (in.n > 0) {
		b = take8(&in);
		now += (b & 15) * NS_PER_SEC / 8;
		if (router_deadline(r) <= now)
			router_timer(r, now);
		n = b & 16 ? arp(&in, f) : frame(&in, f);
		copy = malloc(n + ROUTE_HEADROOM);
		memcpy(copy + ROUTE_HEADROOM, f, n);
		sent = 0;
		router_input(r, now, copy + ROUTE_HEADROOM, n);
		must(sent <= 200);
		free(copy);
	}
	router_free(r);
	return 0;
}
