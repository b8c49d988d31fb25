/*
 * nat_test - the mappings of NAT44 (RFC 4787, RFC 5382): how long they last,
 * what a host with many of them can take from others, packets between two hosts
 * inside, and the sums of what is changed.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "route/route.h"
#include "tap.h"
#include "wire/arp.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum { IN = 10, OUT = 20, HEAD = 18, UDP = 8, MOST = 64 };

static struct route_config cf;
static struct router *r;
static uint64_t now = NS_PER_SEC;
static struct {
	uint8_t frame[128];
	size_t len;
	unsigned n;
} sent;

static void
on_send(void *ctx, uint64_t at, const uint8_t *frame, size_t len)
{
	sent.n++;
	sent.len = len;
	memcpy(sent.frame, frame,
	    len < sizeof(sent.frame) ? len : sizeof(sent.frame));
}

/* mac - of a host, that of a phantom */
static struct mac
mac(const char *text)
{
	struct ip_addr a;
	struct mac m;

	parse_addr(text, &a);
	mac_of_phantom(&a, &m);
	return m;
}

/* give - a frame to the router, of a VLAN; tagged here */
static void
give(unsigned vid, const uint8_t *dst, const uint8_t *src, uint16_t type,
    const uint8_t *p, size_t n)
{
	uint8_t buf[ROUTE_HEADROOM + 256], *f = buf + ROUTE_HEADROOM;

	memcpy(f, dst, 6);
	memcpy(f + 6, src, 6);
	put_be16(f + 12, ETHER_VLAN);
	put_be16(f + 14, (uint16_t)vid);
	put_be16(f + 16, type);
	memcpy(f + HEAD, p, n);
	sent.n = 0;
	router_input(r, now, f, HEAD + n);
}

/* known - the router learns a host, which asks for it */
static void
known(unsigned vid, const char *host, const char *router)
{
	uint8_t p[28] = {0, 1, 8, 0, 6, 4, 0, 1};
	uint8_t all[6] = {255, 255, 255, 255, 255, 255};
	struct mac m = mac(host);
	struct ip_addr a;

	memcpy(p + 8, m.b, 6);
	parse_addr(host, &a);
	memcpy(p + 14, a.b + 12, 4);
	parse_addr(router, &a);
	memcpy(p + 24, a.b + 12, 4);
	p[1] = 1;
	p[2] = 8;
	p[3] = 0;
	give(vid, all, m.b, ETHER_ARP, p, sizeof(p));
}

/* numbers of the next segments, and who sends it in the place of its source */
static uint32_t seq, ack;
static const char *by;

/* segment - UDP or TCP between two ends; true: one came out */
static bool
segment(uint8_t proto, const char *src, uint16_t sport, const char *dst,
    uint16_t dport, uint8_t flags)
{
	size_t n = proto == PROTO_UDP ? UDP : 20;
	const char *sender = by != NULL ? by : src;
	bool inside = strncmp(sender, "10.0.1.", 7) == 0;
	struct mac to = mac(inside ? "10.0.1.1" : "10.0.2.1");
	struct mac me = mac(sender);
	struct ip_hdr h = {
	    .proto = proto, .ttl = 9, .len = (uint32_t)(IP4_HLEN + n)};
	uint8_t p[64] = {0}, *s = p + IP4_HLEN;

	parse_addr(src, &h.src);
	parse_addr(dst, &h.dst);
	ip_encode(p, &h);
	put_be16(s, sport);
	put_be16(s + 2, dport);
	if (proto == PROTO_UDP) {
		put_be16(s + 4, UDP);
	} else {
		put_be32(s + 4, seq);
		put_be32(s + 8, ack);
		s[12] = 0x50;
		s[13] = flags;
	}
	put_be16(s + (proto == PROTO_UDP ? 6 : 16),
	    ip_cksum(&h.src, &h.dst, proto, s, n));
	give(inside ? IN : OUT, to.b, me.b, ETHER_IP4, p, h.len);
	return sent.n == 1;
}

static bool
udp(const char *src, uint16_t sport, const char *dst, uint16_t dport)
{
	return segment(PROTO_UDP, src, sport, dst, dport, 0);
}

/* is - what came out is between these ends, its sums are right */
static bool
is(const char *src, uint16_t sport, const char *dst, uint16_t dport)
{
	uint8_t *ip = sent.frame + HEAD, *s = ip + IP4_HLEN;
	struct ip_addr a, b;
	struct ip_hdr h;

	parse_addr(src, &a);
	parse_addr(dst, &b);
	return sent.n == 1 && ip_decode(ip, sent.len - HEAD, &h) == IP_OK &&
	       ip_equal(&h.src, &a) && ip_equal(&h.dst, &b) &&
	       (sport == 0 || get_be16(s) == sport) &&
	       get_be16(s + 2) == dport &&
	       ip_cksum(&h.src, &h.dst, h.proto, s, h.len - h.hlen) == 0;
}

static uint16_t
port_out(void)
{
	return get_be16(sent.frame + HEAD + IP4_HLEN);
}

static void
iface(struct route_if *f, uint16_t vid, const char *a)
{
	*f = (struct route_if){.vid = vid, .mtu = 1500, .naddr = 1};
	parse_addr(a, &f->addr[0]);
	f->len[0] = 96 + 24;
	f->mac = mac(a);
}

static void
begin(uint32_t max)
{
	cf = (struct route_config){.ifaces = 2,
	    .nat = 1,
	    .nat_max = max,
	    .neighbours = 64,
	    .error_rate = 0,
	    .frag_bytes = 100000,
	    .ttl = 64,
	    .seed = 1,
	    .send = on_send};
	iface(&cf.iface[0], IN, "10.0.1.1");
	iface(&cf.iface[1], OUT, "10.0.2.1");
	if (r != NULL)
		router_free(r);
	r = router_new(&cf);
	known(IN, "10.0.1.9", "10.0.1.1");
	known(IN, "10.0.1.8", "10.0.1.1");
	known(OUT, "10.0.2.9", "10.0.2.1");
}

/* ---- */

static void
hairpin(void)
{
	uint16_t a, b;

	begin(MOST);
	udp("10.0.1.8", 5000, "10.0.2.9", 7);
	b = port_out();
	udp("10.0.1.9", 5000, "10.0.2.9", 7);
	a = port_out();
	check(a != b, "two hosts, two ports outside");
	udp("10.0.1.9", 5000, "10.0.2.1", b);
	check(is("10.0.2.1", a, "10.0.1.8", 5000),
	    "between them, by the address outside: both ends are changed");
	udp("10.0.1.8", 5000, "10.0.2.1", a);
	check(is("10.0.2.1", b, "10.0.1.9", 5000), "and back");
	udp("10.0.1.9", 6000, "10.0.2.1", b);
	check(is("10.0.2.1", 6000, "10.0.1.8", 5000),
	    "one that had no mapping gets one");
	udp("10.0.1.9", 5000, "10.0.2.1", a);
	check(is("10.0.2.1", a, "10.0.1.9", 5000), "even to itself");
	check(!udp("10.0.1.9", 5000, "10.0.2.1", 9), "not to a free port");
}

static void
times(void)
{
	begin(MOST);
	udp("10.0.1.9", 5000, "10.0.2.9", 7);
	now += 299 * NS_PER_SEC;
	known(IN, "10.0.1.9", "10.0.1.1");
	check(udp("10.0.2.9", 7, "10.0.2.1", 5000), "UDP lasts 300 s");
	now += 301 * NS_PER_SEC;
	known(IN, "10.0.1.9", "10.0.1.1");
	check(!udp("10.0.2.9", 7, "10.0.2.1", 5000), "and no longer");
	segment(PROTO_TCP, "10.0.1.9", 5000, "10.0.2.9", 80, 2);
	now += 241 * NS_PER_SEC;
	known(IN, "10.0.1.9", "10.0.1.1");
	check(!segment(PROTO_TCP, "10.0.2.9", 80, "10.0.2.1", 5000, 0x12),
	    "a SYN without an answer 240 s");
	known(OUT, "10.0.2.9", "10.0.2.1");
	segment(PROTO_TCP, "10.0.1.9", 5000, "10.0.2.9", 80, 2);
	segment(PROTO_TCP, "10.0.2.9", 80, "10.0.2.1", 5000, 0x12);
	segment(PROTO_TCP, "10.0.1.9", 5000, "10.0.2.9", 80, 0x10);
	now += 7430 * NS_PER_SEC;
	known(IN, "10.0.1.9", "10.0.1.1");
	check(segment(PROTO_TCP, "10.0.2.9", 80, "10.0.2.1", 5000, 0x10),
	    "an established connection two hours");
	segment(PROTO_TCP, "10.0.2.9", 80, "10.0.2.1", 5000, 0x11);
	now += 241 * NS_PER_SEC;
	known(IN, "10.0.1.9", "10.0.1.1");
	check(!segment(PROTO_TCP, "10.0.2.9", 80, "10.0.2.1", 5000, 0x10),
	    "after a FIN 240 s");
}

/* establish - a TCP connection of a host, from a port */
static bool
establish(const char *host, uint16_t port)
{
	uint16_t outer;

	if (!segment(PROTO_TCP, host, port, "10.0.2.9", 80, 2))
		return false;
	outer = port_out();
	return segment(PROTO_TCP, "10.0.2.9", 80, "10.0.2.1", outer, 0x12) &&
	       segment(PROTO_TCP, host, port, "10.0.2.9", 80, 0x10);
}

/* numbered - a segment with such numbers, in a connection */
static bool
numbered(const char *src, uint16_t sport, const char *dst, uint16_t dport,
    uint8_t flags, uint32_t s, uint32_t a)
{
	bool passed;

	seq = s;
	ack = a;
	passed = segment(PROTO_TCP, src, sport, dst, dport, flags);
	seq = ack = 0;
	return passed;
}

/* opened - a connection of 10.0.1.9:5000, which sends 101 and receives 901 */
static void
opened(void)
{
	by = NULL;
	begin(MOST);
	known(OUT, "10.0.2.66", "10.0.2.1");
	numbered("10.0.1.9", 5000, "10.0.2.9", 80, 2, 100, 0);
	numbered("10.0.2.9", 80, "10.0.2.1", 5000, 0x12, 900, 101);
	numbered("10.0.1.9", 5000, "10.0.2.9", 80, 0x10, 101, 901);
}

/* lasts - does the mapping, without a packet for 300 s? */
static bool
lasts(void)
{
	by = NULL;
	now += 300 * NS_PER_SEC;
	known(IN, "10.0.1.9", "10.0.1.1");
	return numbered("10.0.2.9", 80, "10.0.2.1", 5000, 0x10, 901, 101);
}

/* RFC 7857 2.2: who can end a connection, and what takes that back */
static void
ends(void)
{
	static const struct {
		const char *what, *by, *src, *dst;
		uint16_t sport, dport;
		uint8_t flags;
		uint32_t s, a;
		bool lasts;
	} list[] = {
	    {"a stranger's RST", NULL, "10.0.2.66", "10.0.2.1", 7, 5000, 4, 901,
		101, true},
	    {"a stranger's FIN", NULL, "10.0.2.66", "10.0.2.1", 7, 5000, 0x11,
		901, 101, true},
	    {"a RST of the peer's other port", NULL, "10.0.2.9", "10.0.2.1", 7,
		5000, 4, 901, 101, true},
	    {"its RST, forged: a number far off", "10.0.2.66", "10.0.2.9",
		"10.0.2.1", 80, 5000, 4, 123456, 0, true},
	    {"its FIN, forged", "10.0.2.66", "10.0.2.9", "10.0.2.1", 80, 5000,
		0x11, 123456, 101, true},
	    {"the host's RST, forged inside", "10.0.1.8", "10.0.1.9",
		"10.0.2.9", 5000, 80, 4, 99999, 0, true},
	    {"the host's RST to another", NULL, "10.0.1.9", "10.0.2.66", 5000,
		80, 4, 101, 0, true},
	    {"the peer's RST", NULL, "10.0.2.9", "10.0.2.1", 80, 5000, 4, 901,
		0, false},
	    {"the peer's FIN, behind data", NULL, "10.0.2.9", "10.0.2.1", 80,
		5000, 0x11, 901 + 20000, 101, false},
	    {"the host's RST", NULL, "10.0.1.9", "10.0.2.9", 5000, 80, 4, 101,
		0, false},
	    {"the host's FIN", NULL, "10.0.1.9", "10.0.2.9", 5000, 80, 0x11,
		101, 901, false},
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		opened();
		by = list[i].by;
		numbered(list[i].src, list[i].sport, list[i].dst, list[i].dport,
		    list[i].flags, list[i].s, list[i].a);
		check(lasts() == list[i].lasts, "%s: %s", list[i].what,
		    list[i].lasts ? "lasts" : "240 s");
	}
}

/* several peers, or a new connection from the port */
static void
peers(void)
{
	opened();
	numbered("10.0.1.9", 5000, "10.0.2.66", 80, 2, 500, 0);
	numbered("10.0.2.66", 80, "10.0.2.1", 5000, 0x12, 700, 501);
	numbered("10.0.1.9", 5000, "10.0.2.66", 80, 0x11, 501, 701);
	numbered("10.0.1.9", 5000, "10.0.2.9", 80, 0x11, 101, 901);
	check(lasts(), "of several peers none ends the mapping");
	opened();
	numbered("10.0.1.9", 5000, "10.0.2.9", 80, 4, 101, 0);
	numbered("10.0.1.9", 5000, "10.0.2.66", 80, 2, 500, 0);
	numbered("10.0.2.66", 80, "10.0.2.1", 5000, 0x12, 700, 501);
	numbered("10.0.1.9", 5000, "10.0.2.66", 80, 0x10, 501, 701);
	check(lasts(), "after a RST another connection: it lasts");
	numbered("10.0.2.66", 80, "10.0.2.1", 5000, 4, 701, 0);
	check(!lasts(), "until its own RST");
	begin(MOST);
	known(OUT, "10.0.2.66", "10.0.2.1");
	numbered("10.0.1.9", 5000, "10.0.2.9", 80, 2, 100, 0);
	numbered("10.0.2.66", 80, "10.0.2.1", 5000, 0x10, 1, 1);
	check(!lasts(), "a stranger's segment opens nothing");
}

/* a source that no host inside has */
static void
sources(void)
{
	static const char *const no[] = {
	    "10.0.2.9", "10.0.2.1", "10.0.1.1", "10.9.9.9"};
	size_t i;

	begin(MOST);
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		by = "10.0.1.9";
		check(!udp(no[i], 9, "10.0.2.9", 9) &&
			  router_stats(r)->dropped[ROUTE_DROP_MARTIAN] == i + 1,
		    "%s is nobody inside", no[i]);
	}
	check(!udp(no[0], 9, "10.0.2.1", 5000), "nor towards a mapping");
	by = NULL;
	check(udp("10.0.1.9", 9, "10.0.2.9", 9), "10.0.1.9 is somebody");
}

static void
shares(void)
{
	unsigned i, got = 0;

	begin(MOST);
	for (i = 0; i < 8; i++)
		udp("10.0.1.8", (uint16_t)(3000 + i), "10.0.2.9", 7);
	for (i = 0; i < 2000; i++)
		udp("10.0.1.9", (uint16_t)(20000 + i), "10.0.2.9", 7);
	for (i = 0; i < 8; i++)
		got += udp("10.0.2.9", 7, "10.0.2.1", (uint16_t)(3000 + i));
	check(got == 8, "a host with many mappings pushes out only its own");

	begin(MOST);
	for (i = 0; i < MOST; i++)
		establish("10.0.1.9", (uint16_t)(2000 + i));
	check(!segment(PROTO_TCP, "10.0.2.9", 80, "10.0.2.1", 1999, 0x10) &&
		  establish("10.0.1.8", 3000),
	    "even of its connections, when another host needs one");

	begin(MOST);
	for (i = 0; i < 8; i++)
		establish("10.0.1.8", (uint16_t)(3000 + i));
	for (i = 0; i < 2000; i++)
		udp("10.0.1.9", (uint16_t)(20000 + i), "10.0.2.9", 7);
	for (i = got = 0; i < 8; i++)
		got += segment(PROTO_TCP, "10.0.2.9", 80, "10.0.2.1",
		    (uint16_t)(3000 + i), 0x10);
	check(got == 8, "and no connection of the other");
}

/* several - hosts inside fill the table with connections, each has as many */
static void
several(unsigned hosts)
{
	char host[32];
	unsigned i, k, kept, least = MOST, got = 0;

	begin(MOST);
	for (i = 0; i < hosts; i++) {
		snprintf(host, sizeof(host), "10.0.1.%u", 20 + i);
		known(IN, host, "10.0.1.1");
		for (k = 0; k < MOST / hosts; k++)
			establish(host, (uint16_t)(2000 + i * 100 + k));
	}
	check(establish("10.0.1.8", 3999), "%u hosts: another connects", hosts);
	check(udp("10.0.1.8", 4000, "10.0.2.9", 7), "and sends UDP");
	for (i = 0; i < MOST; i++)
		got += establish("10.0.1.8", (uint16_t)(5000 + i));
	for (i = 0; i < hosts; i++) {
		for (k = kept = 0; k < MOST / hosts; k++)
			kept += segment(PROTO_TCP, "10.0.2.9", 80, "10.0.2.1",
			    (uint16_t)(2000 + i * 100 + k), 0x10);
		least = kept < least ? kept : least;
	}
	check(got + 2 <= MOST / hosts && least + 1 >= MOST / (hosts + 1),
	    "but not more than others keep: %u, they %u", got, least);
}

/* two hosts have it all, and say nothing for long */
static void
idle(void)
{
	unsigned i;

	begin(MOST);
	for (i = 0; i < MOST / 2; i++) {
		establish("10.0.1.8", (uint16_t)(2000 + i));
		establish("10.0.1.9", (uint16_t)(3000 + i));
	}
	now += 7400 * NS_PER_SEC;
	known(IN, "10.0.1.8", "10.0.1.1");
	known(IN, "10.0.1.9", "10.0.1.1");
	known(OUT, "10.0.2.9", "10.0.2.1");
	check(!establish("10.0.1.8", 4000) && !establish("10.0.1.9", 4000),
	    "an open connection is not replaced before its time");
}

/* zero_sum - RFC 768: a sum that comes to 0 is sent as ones, one that is not
   there stays so */
static void
zero_sum(void)
{
	unsigned i, zero = 0, wrong = 0;

	begin(4096);
	for (i = 0; i < 65000; i += 13) {
		udp("10.0.1.9", (uint16_t)(1024 + i % 64000), "10.0.2.9",
		    (uint16_t)i);
		zero += get_be16(sent.frame + HEAD + IP4_HLEN + 6) == 0;
		wrong += !is("10.0.2.1", 0, "10.0.2.9", (uint16_t)i);
	}
	check(zero == 0 && wrong == 0,
	    "thousands of ports: each sum right, none 0");
}

int
main(void)
{
	hairpin();
	times();
	ends();
	peers();
	sources();
	shares();
	several(4);
	several(16);
	idle();
	zero_sum();
	router_free(r);
	return done();
}
