/*
 * sign_test.c - what shows arp-phantom that an address is a host's, or is
 * about to be: DHCP, a probe, plain packets, through a router as well.
 */
#include <string.h>

#include "engine.h"

#include "tests/unit/dhcp_frame.h"

#define S	NS_PER_SEC
#define ROUTER	"52:54:00:00:00:fe"
#define PHANTOM "02:50:0a:00:00:05"

/* ask - a request for 10.0.0.5; is it answered, rather than probed? */
static bool
ask(uint64_t now)
{
	struct arp a;

	return give(now, request(ASKER, "10.0.0.9", "10.0.0.5")) == 1 &&
	       arp_decode(e.last + 14, 28, &a) == 0 && a.op == ARP_REPLY;
}

/* ours - the address is answered for from here on */
static void
ours(const char *want, int option)
{
	engine(want, NULL, option);
	run_until(T0 + 20 * S);
	ask(T0 + 20 * S);
	ok(ask(T0 + 21 * S), "it is answered for");
}

static unsigned
message(uint64_t now, enum dhcp_type type, const char *addr)
{
	return give(now, dhcp_frame(type, addr, frame));
}

/* packet - from this host, or what a router has forwarded */
static unsigned
packet(uint64_t now, const char *src, const char *from)
{
	struct ip_hdr h = {.src = ip(src),
	    .dst = ip("10.0.0.9"),
	    .proto = 17,
	    .ttl = 63,
	    .len = 28};

	memcpy(frame, mac(ASKER).b, 6);
	memcpy(frame + 6, mac(from).b, 6);
	put_be16(frame + 12, ip_is_v4(&h.src) ? ETHER_IP4 : ETHER_IP6);
	ip_encode(frame + 14, &h);
	return give(now, 62);
}

static bool
last_is_probe(void)
{
	struct arp a;
	struct ip_addr none = ip("0.0.0.0");

	return arp_decode(e.last + 14, 28, &a) == 0 && a.op == ARP_REQUEST &&
	       ip_equal(&a.spa, &none);
}

static void
test_dhcp(void)
{
	static const struct {
		enum dhcp_type type;
		const char *what;
		bool yields;
	} list[] = {
	    {DHCP_OFFER, "an offer", true},
	    {DHCP_ACK, "an ACK", true},
	    {DHCP_REQUEST, "a client's request", true},
	    {DHCP_DISCOVER, "a client's wish", true},
	    {DHCP_DECLINE, "a client that declines", false},
	    {DHCP_RELEASE, "a release", false},
	};
	struct ip_addr addr;
	struct mac owner;
	size_t i;

	for (i = 0; i < sizeof list / sizeof list[0]; i++) {
		ours("10.0.0.0/24", 0);
		ok(message(T0 + 22 * S, list[i].type, "10.0.0.5") == 0 &&
			ask(T0 + 22 * S + 1) == !list[i].yields,
		    list[i].what);
		ok(ask(T0 + 22 * S + 2) == !list[i].yields, "twice");
		ours("10.0.0.0/24", 'n');
		message(T0 + 22 * S, list[i].type, "10.0.0.5");
		ok(ask(T0 + 22 * S + 1) ==
			(!list[i].yields || list[i].type == DHCP_DISCOVER),
		    "-n as well");
		ours("10.0.0.5", 0);
		message(T0 + 22 * S, list[i].type, "10.0.0.5");
		ok(ask(T0 + 22 * S + 1) ==
			(!list[i].yields || list[i].type == DHCP_DISCOVER),
		    "and a single address");
	}
	ours("10.0.0.0/24", 0);
	message(T0 + 22 * S, DHCP_ACK, "10.0.0.6");
	ok(ask(T0 + 23 * S), "another address's is no reason");
	engine("10.0.0.5", NULL, 0);
	message(T0, DHCP_OFFER, "10.0.0.5");
	ok(claim_verdict(e.c, &addr, &owner) == CLAIM_IN_USE,
	    "what is offered during the probing is in use");
}

/*
 * test_forged - a DHCP message may be a lie: what nobody uses in the minute
 * behind it is ours again
 */
static void
test_forged(void)
{
	uint64_t t;

	ours("10.0.0.0/24", 0);
	message(T0 + 22 * S, DHCP_ACK, "10.0.0.5");
	ok(!ask(T0 + 81 * S), "a minute long it is left");
	ok(!ask(T0 + 83 * S) && last_is_probe(), "then it is asked for");
	ok(ask(T0 + 84 * S), "and answered for again");
	for (t = T0 + 100 * S; t < T0 + 400 * S; t += S)
		message(t, DHCP_ACK, "10.0.0.5");
	ok(!ask(t + 30 * S), "left as long as it is given away");
	ok(!ask(t + 61 * S) && ask(t + 62 * S), "and no longer");

	ours("10.0.0.5", 0);
	message(T0 + 22 * S, DHCP_ACK, "10.0.0.5");
	ok(!ask(T0 + 23 * S), "a single address is left as well");
	run_until(T0 + 92 * S);
	ok(strcmp(e.name, "announce") == 0 && ask(T0 + 92 * S),
	    "and probed and claimed again");
}

static void
test_check(void)
{
	size_t n;

	ours("10.0.0.0/24", 0);
	message(T0 + 22 * S, DHCP_DISCOVER, NULL);
	n = request(SERVER_MAC, SERVER, "10.0.0.5");
	ok(give(T0 + 22 * S, n) == 0,
	    "RFC 2131 4.3.1: behind a DISCOVER one request is not answered");
	ok(give(T0 + 23 * S, n) == 1, "its second is: a router's");
	message(T0 + 60 * S, DHCP_REQUEST, "10.0.0.77");
	message(T0 + 70 * S, DHCP_DISCOVER, NULL);
	ok(ask(T0 + 70 * S), "nor another's, when the server is known");
	n = request(SERVER_MAC, SERVER, "10.0.0.5");
	ok(give(T0 + 76 * S, n) == 1, "nor any later");
	message(T0 + 90 * S, DHCP_DISCOVER, NULL);
	n = arp_frame(PHANTOM, ARP_REQUEST, SERVER_MAC, SERVER, "10.0.0.5");
	ok(give(T0 + 90 * S, n) == 1,
	    "nor a unicast one: it has the MAC already");
}

static void
test_probe(void)
{
	struct nd nd;
	unsigned n;

	ours("10.0.0.0/24", 0);
	ok(give(T0 + 22 * S, request(OWNER, "0.0.0.0", "10.0.0.5")) == 0 &&
		!ask(T0 + 23 * S),
	    "RFC 5227 2.1.1: an address of a prefix is a prober's");
	ok(strcmp(e.name, "yield") == 0, "as the log says");
	ok(!ask(T0 + 33 * S) && last_is_probe() && ask(T0 + 34 * S),
	    "until it has not taken it");
	engine("2001:db8::/64", NULL, 0);
	give(T0, solicit("2001:db8::9", "2001:db8::5"));
	ok(give(T0 + S, solicit("2001:db8::9", "2001:db8::5")) == 1, "v6");
	ok(give(T0 + 2 * S, solicit("::", "2001:db8::5")) == 0 &&
		give(T0 + 3 * S, solicit("2001:db8::9", "2001:db8::5")) == 0,
	    "RFC 4862: duplicate detection finds it free");
	n = e.sent;
	give(T0 + 3 * S, solicit("::", "2001:db8::5"));
	run_until(T0 + 5 * S);
	ok(e.sent == n, "a second probe of it: it is still asking");
	run_until(T0 + 20 * S);
	ok(e.sent == n + 1 &&
		nd_decode(e.last + 14, e.len - 14, &nd) == ND_OK &&
		!nd.advert && ip_is_unspecified(&nd.src),
	    "later a probe of ours has the owner tell all nodes");
	give(T0 + 30 * S, solicit("::", "2001:db8::66"));
	run_until(T0 + 50 * S);
	ok(e.sent == n + 1, "not for an address that was not answered for");
	defend = DEFEND_ONCE;
	ours("10.0.0.0/24", 0);
	ok(give(T0 + 22 * S, request(OWNER, "0.0.0.0", "10.0.0.5")) == 1,
	    "--defend: the prober is told");
	defend = DEFEND_DEFAULT;
}

static void
test_packets(void)
{
	ours("10.0.0.0/24", 0);
	ok(packet(T0 + 31 * S, "10.0.0.5", OWNER) == 1 && last_is_probe(),
	    "a packet from an address that is ours: who has it?");
	ok(packet(T0 + 32 * S - 1, "10.0.0.5", OWNER) == 0,
	    "asked once a second");
	ok(ask(T0 + 33 * S), "a router's frame proves nothing");
	ok(packet(T0 + 45 * S, "10.0.0.5", OWNER) == 1, "again, later");
	give(T0 + 45 * S,
	    arp_frame(PHANTOM, ARP_REPLY, OWNER, "10.0.0.5", "0.0.0.0"));
	ok(!ask(T0 + 46 * S) && strcmp(e.name, "yield") == 0,
	    "the owner answers, and has it");
	ok(packet(T0 + 100 * S, "10.0.0.5", OWNER) == 0 &&
		give(T0 + 130 * S, request(ASKER, "10.0.0.9", "10.0.0.5")) == 0,
	    "as long as its packets come");
	ok(packet(T0 + 131 * S, "10.0.0.5", PHANTOM) == 0, "our own are none");
	ok(packet(T0 + 131 * S, "10.9.0.5", ROUTER) == 0,
	    "nor those from elsewhere");
	ok(packet(T0 + 131 * S, "10.0.0.66", OWNER) == 1 && last_is_probe(),
	    "a packet from an unknown address");
	ours("10.0.0.5", 0);
	ok(packet(T0 + 30 * S, "10.0.0.5", OWNER) == 1 && last_is_probe() &&
		ask(T0 + 30 * S),
	    "a single address");
	engine("2001:db8::/64", NULL, 'n');
	ok(packet(T0, "2001:db8::5", OWNER) == 1, "v6, -n");
	give(T0, advertise(OWNER, "2001:db8::5", true));
	ok(give(T0 + S, solicit("2001:db8::9", "2001:db8::5")) == 0,
	    "and the owner has it");
}

/* test_silent - a host that takes an address of a prefix without a word */
static void
test_silent(void)
{
	unsigned before;

	ours("10.0.0.0/24", 0);
	before = e.sent;
	run_until(T0 + 79 * S);
	ok(e.sent == before, "nothing is sent for a minute");
	run_until(T0 + 80 * S);
	ok(e.sent == before + 1 && last_is_probe(), "then it is asked for");
	run_until(T0 + 145 * S);
	ok(e.sent == before + 2, "and so each minute");
	give(T0 + 145 * S,
	    arp_frame(PHANTOM, ARP_REPLY, OWNER, "10.0.0.5", "0.0.0.0"));
	ok(strcmp(e.name, "yield") == 0 && !ask(T0 + 146 * S),
	    "the host that answers has it");
	before = e.sent;
	run_until(T0 + 3600 * S);
	ok(e.sent == before, "and it is not asked again");

	ours("10.0.0.0/24", 0);
	run_until(T0 + 86400 * S);
	ok(e.sent < 20 && claim_deadline(e.c) == TIME_NEVER,
	    "what nobody asks for is forgotten in ten minutes");

	engine("2001:db8::/64", NULL, 0);
	give(T0, solicit("2001:db8::9", "2001:db8::5"));
	give(T0 + S, solicit("2001:db8::9", "2001:db8::5"));
	before = e.sent;
	run_until(T0 + 61 * S);
	ok(e.sent == before + 1, "IPv6: asked for");
	give(T0 + 61 * S, advertise(OWNER, "2001:db8::5", true));
	ok(strcmp(e.name, "yield") == 0, "IPv6: left to its owner");
}

/* test_many - how often all are asked for, where there are many */
static void
test_many(void)
{
	unsigned before;
	char text[24];
	int i, k;

	engine("10.0.0.0/16", NULL, 0);
	for (i = 1; i <= 200; i++)
		for (k = 0; k < 2; k++) {
			snprintf(text, sizeof(text), "10.0.1.%d", i);
			give(T0 + (uint64_t)k * S,
			    request(ASKER, "10.0.0.9", text));
		}
	before = e.sent;
	run_until(T0 + 61 * S);
	ok(e.sent - before <= 40, "at most 20 a second");
	run_until(T0 + 75 * S);
	ok(e.sent - before == 200, "each of them once");
}

int
main(void)
{
	test_dhcp();
	test_forged();
	test_check();
	test_probe();
	test_packets();
	test_silent();
	test_many();
	claim_free(e.c);
	return done();
}
