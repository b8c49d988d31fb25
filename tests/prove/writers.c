/*
 * writers.c - each writer, over all that it may be given: every set of what a
 * header may hold, every value of its numbers one at a time, the others drawn.
 * What is read is what was written.
 */
#include <string.h>

#include "prove.h"
#include "wire/arp.h"
#include "wire/dhcp.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/ipsplit.h"
#include "wire/nd.h"
#include "wire/tcp_hdr.h"
#include "wire/udp.h"

static void
draw_v4(struct ip_addr *a)
{
	uint8_t v4[4];

	draw(v4, sizeof(v4));
	ip_from_v4(a, v4);
}

static void
draw_v6(struct ip_addr *a)
{
	draw(a, sizeof(*a));
	a->b[0] = 0x20;
}

/* ---- ARP */

static bool
same_arp(const struct arp *a, const struct arp *b)
{
	return a->op == b->op && mac_equal(&a->sha, &b->sha) &&
	       mac_equal(&a->tha, &b->tha) && ip_equal(&a->spa, &b->spa) &&
	       ip_equal(&a->tpa, &b->tpa);
}

static uint64_t
prove_arp(void)
{
	struct arp a, b;
	uint64_t n, most = all ? 10000000 : 100000;
	size_t cap;

	for (n = 0; n < most; n++) {
		a.op = n % 2 ? ARP_REQUEST : ARP_REPLY;
		draw(&a.sha, sizeof(a.sha));
		draw(&a.tha, sizeof(a.tha));
		draw_v4(&a.spa);
		draw_v4(&a.tpa);
		cap = n % 40;
		if (cap < ARP_LEN) {
			MUST(arp_encode(&a, fence_end(cap), cap) == -1);
			continue;
		}
		MUST(arp_encode(&a, fence_end(ARP_LEN), ARP_LEN) == ARP_LEN);
		MUST(arp_decode(fence_end(ARP_LEN), ARP_LEN, &b) == 0);
		MUST(same_arp(&a, &b));
	}
	return n;
}

/* ---- IP */

static void
same_ip(const struct ip_hdr *h, uint32_t hlen)
{
	uint8_t *p = fence_end(h->len);
	struct ip_hdr r;

	MUST(ip_encode(p, h) == hlen);
	MUST(ip_decode(p, h->len, &r) == IP_OK);
	MUST(ip_equal(&r.src, &h->src) && ip_equal(&r.dst, &h->dst));
	MUST(r.proto == h->proto && r.ttl == h->ttl && r.tos == h->tos);
	MUST(r.v6 == h->v6 && r.len == h->len && r.hlen == hlen);
	MUST(h->v6 || (r.df == h->df && r.id == h->id));
	MUST(!r.frag && !r.more && r.problem == IP_OK);
}

/* a header of drawn values; no extension may follow */
static void
draw_ip(struct ip_hdr *h, bool v6)
{
	memset(h, 0, sizeof(*h));
	h->v6 = v6;
	(v6 ? draw_v6 : draw_v4)(&h->src);
	(v6 ? draw_v6 : draw_v4)(&h->dst);
	draw(&h->ttl, 1);
	draw(&h->tos, 1);
	h->id = v6 ? 0 : chance_u64(&drawn) & 0xffff;
	h->df = v6 || chance_u64(&drawn) % 2;
	h->len = 100;
	h->proto = PROTO_TCP;
}

static uint64_t
prove_ip(bool v6)
{
	uint32_t hlen = v6 ? IP6_HLEN : IP4_HLEN, v, step = all ? 1 : 7;
	uint64_t n = 0;
	struct ip_hdr h;

	for (v = hlen; v <= 65535; v += step, n++) {
		draw_ip(&h, v6);
		h.len = v;
		same_ip(&h, hlen);
	}
	for (v = 0; v <= 65535; v++, n++) {
		draw_ip(&h, v6);
		if (!v6)
			h.id = v;
		h.ttl = (uint8_t)v;
		h.tos = (uint8_t)(v >> 8);
		same_ip(&h, hlen);
	}
	for (v = 0; v < 256; v++, n++) {
		draw_ip(&h, v6);
		h.proto = (uint8_t)v;
		if (!v6 || !ip_is_extension(h.proto))
			same_ip(&h, hlen);
	}
	return n;
}

static uint64_t
prove_ip4(void)
{
	return prove_ip(false);
}

static uint64_t
prove_ip6(void)
{
	return prove_ip(true);
}

/* ---- TCP: each set of options, with each number of SACK blocks, counters and
   bytes of a cookie */

/* same_tcp - what found no room, SACK blocks first, is missing */
void
same_tcp(const struct tcp_hdr *a, const struct tcp_hdr *b)
{
	const struct tcp_opts *x = &a->opt, *y = &b->opt;
	int i;

	MUST(a->sport == b->sport && a->dport == b->dport);
	MUST(a->seq == b->seq && a->ack == b->ack && a->wnd == b->wnd);
	MUST(a->urp == b->urp && a->flags == b->flags);
	MUST(x->have_mss == y->have_mss && x->have_ts == y->have_ts);
	MUST(x->have_wscale == y->have_wscale && x->sack_ok == y->sack_ok);
	MUST(!x->have_mss || x->mss == y->mss);
	MUST(!x->have_wscale || x->wscale == y->wscale);
	MUST(!x->have_ts || (x->tsval == y->tsval && x->tsecr == y->tsecr));
	MUST(y->nsack <= x->nsack);
	for (i = 0; i < y->nsack; i++)
		MUST(x->sack[i].start == y->sack[i].start &&
		     x->sack[i].end == y->sack[i].end);
	MUST(!y->acc.have || (x->acc.have && x->acc.n == y->acc.n &&
				 x->acc.order == y->acc.order));
	for (i = 0; y->acc.have && i < y->acc.n; i++)
		MUST(x->acc.field[i] == y->acc.field[i]);
	MUST(!y->have_cookie ||
	     (x->have_cookie && x->cookie_len == y->cookie_len &&
		 memcmp(x->cookie, y->cookie, y->cookie_len) == 0));
}

/* option_bytes - of all of them, padded as they are written */
static size_t
option_bytes(const struct tcp_opts *o)
{
	size_t n = o->have_mss ? 4 : 0;

	n += o->have_ts ? 12 : o->sack_ok ? 4 : 0;
	n += o->have_wscale ? 4 : 0;
	n += o->acc.have ? (2 + 3 * o->acc.n + 3) / 4 * 4 : 0;
	n += o->have_cookie ? (2 + o->cookie_len + 3) / 4 * 4 : 0;
	return n + (o->nsack > 0 ? 4 + 8 * (size_t)o->nsack : 0);
}

static void
written(struct tcp_hdr *h)
{
	uint8_t p[TCP_MAXHLEN];
	struct tcp_hdr r;
	size_t n, want = TCP_HLEN + option_bytes(&h->opt);

	n = tcp_hdr_encode(p, h);
	MUST(n <= TCP_MAXHLEN && n % 4 == 0);
	/* no byte behind a header of this length */
	MUST(tcp_hdr_encode(fence_end(n), h) == n);
	MUST(tcp_hdr_decode(fence_end(n), n, &r) == 0);
	MUST(r.hlen == n && !r.opt.bad);
	same_tcp(h, &r);
	if (want > TCP_MAXHLEN)
		return;
	MUST(n == want);
	MUST(r.opt.nsack == h->opt.nsack);
	MUST(r.opt.acc.have == h->opt.acc.have);
	MUST(r.opt.have_cookie == h->opt.have_cookie);
}

static void
draw_tcp(struct tcp_hdr *h, unsigned set, unsigned nsack, unsigned acc,
    unsigned cookie)
{
	struct tcp_opts *o = &h->opt;
	int i;

	memset(h, 0, sizeof(*h));
	draw(&h->sport, 12 + 4);
	h->flags = chance_u64(&drawn) & 0x1ff;
	o->have_mss = set & 1;
	o->have_wscale = set & 2;
	o->sack_ok = set & 4;
	o->have_ts = set & 8;
	draw(&o->mss, sizeof(o->mss));
	draw(&o->wscale, 1);
	draw(&o->tsval, 8);
	o->nsack = (uint8_t)nsack;
	draw(o->sack, sizeof(o->sack));
	o->acc.have = acc > 0;
	o->acc.n = (uint8_t)(acc > 0 ? acc - 1 : 0);
	o->acc.order = set & 16 ? 1 : 0;
	for (i = 0; i < 3; i++)
		o->acc.field[i] = chance_u64(&drawn) & 0xffffff;
	o->have_cookie = cookie > 0;
	/* 0 asks for one; 4 to 16 bytes, an even number */
	o->cookie_len = (uint8_t)(cookie > 1 ? 2 * cookie : 0);
	draw(o->cookie, sizeof(o->cookie));
}

static uint64_t
prove_tcp(void)
{
	unsigned set, nsack, acc, cookie, i, times = all ? 1000 : 10;
	struct tcp_hdr h;
	uint64_t n = 0;

	for (set = 0; set < 32; set++)
		for (nsack = 0; nsack <= TCP_MAXSACK; nsack++)
			for (acc = 0; acc <= 4; acc++)
				for (cookie = 0; cookie <= 8; cookie++)
					for (i = 0; i < times; i++, n++) {
						draw_tcp(&h, set, nsack, acc,
						    cookie);
						written(&h);
					}
	return n;
}

/* ---- UDP */

static uint64_t
prove_udp(void)
{
	static uint8_t data[UDP_MAX];
	size_t len, n, step = all ? 1 : 311;
	struct ip_hdr ip = {.proto = PROTO_UDP};
	struct udp u;
	uint64_t count = 0;
	uint16_t port[2];

	draw(data, sizeof(data));
	for (n = 0; n <= UDP_MAX; n += step, count++) {
		ip.v6 = n % 2;
		(ip.v6 ? draw_v6 : draw_v4)(&ip.src);
		(ip.v6 ? draw_v6 : draw_v4)(&ip.dst);
		draw(port, sizeof(port));
		len = UDP_HLEN + n;
		MUST(udp_encode(&ip.src, &ip.dst, port[0], port[1], data, n,
			 fence_end(len)) == len);
		MUST(udp_decode(&ip, fence_end(len), len, &u) == 0);
		MUST(u.sport == port[0] && u.dport == port[1] && u.n == n);
		MUST(memcmp(u.data, data, n) == 0);
		/* a bit that is wrong is found */
		fence_end(
		    len)[chance_below(&drawn, len)] ^= (uint8_t)(1u << n % 8);
		MUST(udp_decode(&ip, fence_end(len), len, &u) != 0 || u.n != n);
	}
	return count;
}

/* ---- neighbour discovery */

static bool
same_nd(const struct nd *a, const struct nd *b)
{
	return ip_equal(&a->src, &b->src) && ip_equal(&a->dst, &b->dst) &&
	       ip_equal(&a->target, &b->target) && a->advert == b->advert &&
	       a->router == b->router && a->solicited == b->solicited &&
	       a->override == b->override && a->has_lla == b->has_lla &&
	       (!a->has_lla || mac_equal(&a->lla, &b->lla));
}

static uint64_t
prove_nd(void)
{
	uint64_t n, most = all ? 3000000 : 30000;
	struct nd a, b;
	int len;

	for (n = 0; n < most; n++) {
		memset(&a, 0, sizeof(a));
		draw_v6(&a.src);
		draw_v6(&a.dst);
		draw_v6(&a.target);
		a.advert = n & 1;
		a.has_lla = n & 2;
		a.router = a.advert && (n & 4);
		a.solicited = a.advert && (n & 8);
		a.override = a.advert && (n & 16);
		if (a.has_lla)
			draw(&a.lla, sizeof(a.lla));
		len = ND_LEN - (a.has_lla ? 0 : 8);
		MUST(nd_encode(&a, fence_end((size_t)len - 1),
			 (size_t)len - 1) == -1);
		MUST(nd_encode(&a, fence_end((size_t)len), (size_t)len) == len);
		MUST(nd_decode(fence_end((size_t)len), (size_t)len, &b) ==
		     ND_OK);
		MUST(same_nd(&a, &b));
	}
	return n;
}

/* ---- DHCP: what a client sends */

static void
draw_name(char *name)
{
	size_t i, n = chance_below(&drawn, 64);

	for (i = 0; i < n; i++)
		name[i] = (char)('a' + chance_below(&drawn, 26));
	name[n] = '\0';
}

static void
same_dhcp(const struct dhcp *a, const struct dhcp *b)
{
	bool asks = a->type == DHCP_DISCOVER || a->type == DHCP_REQUEST;

	MUST(b->op == DHCP_BOOTREQUEST && a->type == b->type);
	MUST(a->xid == b->xid && a->secs == b->secs);
	MUST(a->broadcast == b->broadcast);
	MUST(ip_equal(&a->ciaddr, &b->ciaddr));
	MUST(mac_equal(&a->chaddr, &b->chaddr));
	MUST(ip_equal(&a->requested, &b->requested));
	MUST(ip_equal(&a->server, &b->server));
	MUST(strcmp(b->host, asks ? a->host : "") == 0);
}

static uint64_t
prove_dhcp(void)
{
	uint64_t n, most = all ? 1000000 : 20000;
	struct dhcp a, b;
	size_t len;

	for (n = 0; n < most; n++) {
		dhcp_zero(&a);
		a.type = (uint8_t)(DHCP_DISCOVER + n % DHCP_INFORM);
		draw(&a.xid, sizeof(a.xid));
		draw(&a.secs, sizeof(a.secs));
		a.broadcast = n & 8;
		draw_v4(&a.ciaddr);
		draw(&a.chaddr, sizeof(a.chaddr));
		draw_v4(&a.requested);
		draw_v4(&a.server);
		draw_name(a.host);
		len = dhcp_encode(&a, fence_end(DHCP_ENCODED));
		MUST(len >= 300 && len <= DHCP_ENCODED);
		MUST(dhcp_decode(fence_end(DHCP_ENCODED), len, &b) == DHCP_OK);
		same_dhcp(&a, &b);
	}
	return n;
}

/* ---- fragments: taken apart and joined */

struct whole {
	struct ipfrag *f;
	const uint8_t *data;
	size_t n;
	uint32_t mtu;
	uint64_t pieces;
	bool done;
};

static void
arrives(void *ctx, const uint8_t *packet, size_t len)
{
	struct whole *w = ctx;
	enum ipfrag_result r;
	struct ip_hdr h;
	const uint8_t *out;
	size_t got;

	w->pieces++;
	MUST(len <= w->mtu && !w->done);
	MUST(ip_decode(packet, len, &h) == IP_OK);
	if (!h.frag) {
		MUST(len == h.hlen + w->n);
		MUST(memcmp(packet + h.hlen, w->data, w->n) == 0);
		w->done = true;
		return;
	}
	r = ipfrag_put(w->f, 1, &h, packet, &out, &got);
	MUST(r == IPFRAG_WAIT || r == IPFRAG_WHOLE);
	if (r == IPFRAG_WAIT)
		return;
	MUST(ip_decode(out, got, &h) == IP_OK && got == h.len);
	MUST(got - h.hlen == w->n);
	MUST(memcmp(out + h.hlen, w->data, w->n) == 0);
	w->done = true;
}

static uint64_t
prove_fragments(void)
{
	static uint8_t data[20000];
	static const uint64_t key[2] = {1, 2};
	static const uint32_t mtus[] = {68, 76, 576, 1280, 1499, 1500, 9000};
	struct whole w = {.f = ipfrag_new(1 << 20, 16, key), .data = data};
	uint64_t count = 0;
	struct ip_hdr h;
	size_t i, step = all ? 1 : 97;
	int v6;

	MUST(w.f != NULL);
	draw(data, sizeof(data));
	for (i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++)
		for (w.n = 1; w.n <= 4000; w.n += step)
			for (v6 = 0; v6 < 2; v6++, count++) {
				draw_ip(&h, v6);
				h.df = false;
				h.proto = PROTO_UDP;
				h.tos = 0;
				h.id = (uint32_t)(count & 0xffff);
				w.mtu = mtus[i];
				w.done = false;
				MUST(ip_split(&h, data, w.n, w.mtu,
					 fence_end(w.mtu), &w, arrives) == 0);
				MUST(w.done);
			}
	ipfrag_free(w.f);
	return count;
}

const struct proof writers[] = {
    {"write-arp", .run = prove_arp},
    {"write-ip4", .run = prove_ip4},
    {"write-ip6", .run = prove_ip6},
    {"write-tcp", .run = prove_tcp},
    {"write-udp", .run = prove_udp},
    {"write-nd", .run = prove_nd},
    {"write-dhcp", .run = prove_dhcp},
    {"write-fragments", .run = prove_fragments},
    {.name = NULL},
};
