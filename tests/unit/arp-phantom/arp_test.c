/*
 * arp_test.c - arp-phantom's codecs and engine: frames and times in, frames
 * and events out, on a clock of its own. Prints TAP.
 */
#include "engine.h"

static void
test_arp(void)
{
	struct arp a;
	struct neigh m;
	size_t n = request(ASKER, "10.0.0.9", "10.0.0.5"), i;
	static const uint8_t at[] = {15, 17, 18, 19, 20};
	bool bad = false;

	ok(arp_decode(frame + 14, 28, &a) == 0 && a.op == ARP_REQUEST,
	    "arp: a request is read");
	for (i = 0; i < ARP_LEN; i++)
		bad |= arp_decode(frame + 14, i, &a) == 0;
	ok(!bad, "arp: every truncation is refused");
	for (i = 0; i < sizeof at; i++) {
		request(ASKER, "10.0.0.9", "10.0.0.5");
		frame[at[i]] ^= 0x55;
		bad |= neigh_decode(frame, n, &m) != NEIGH_FORMAT;
	}
	ok(!bad, "arp: other hardware, protocol, lengths, operation");
	n = request("01:00:5e:00:00:01", "10.0.0.9", "10.0.0.5");
	bad = neigh_decode(frame, n, &m) != NEIGH_SENDER;
	n = request("00:00:00:00:00:00", "10.0.0.9", "10.0.0.5");
	bad |= neigh_decode(frame, n, &m) != NEIGH_SENDER;
	n = request(ASKER, "224.0.0.1", "10.0.0.5");
	bad |= neigh_decode(frame, n, &m) != NEIGH_SENDER;
	ok(!bad, "arp: no answer to a group, to nobody, nor for one");
	n = request(ASKER, "0.0.0.0", "10.0.0.5");
	ok(neigh_decode(frame, n, &m) == NEIGH_OK && m.probe && !m.states,
	    "RFC 5227 1.1: sender 0.0.0.0 is a probe");
}

/* one byte of a good solicitation changed, its checksum right */
static enum neigh_error
changed(size_t at, uint8_t value)
{
	struct neigh m;
	size_t n = solicit("2001:db8::9", "2001:db8::5");

	frame[at] = value;
	resum(n);
	return neigh_decode(frame, n, &m);
}

static void
test_nd(void)
{
	struct neigh m;
	size_t n = solicit("2001:db8::9", "2001:db8::5"), i;
	struct nd nd = {.target = ip("2001:db8::5")};
	bool bad = false;

	ok(neigh_decode(frame, n, &m) == NEIGH_OK && m.asks && !m.probe,
	    "nd: a solicitation is read");
	for (i = 14; i < n; i++)
		bad |= neigh_decode(frame, i, &m) == NEIGH_OK;
	ok(!bad, "nd: every truncation is refused");
	ok(changed(21, 254) == NEIGH_HOPLIMIT, "RFC 4861 7.1.1: hop limit");
	ok(changed(55, 1) == NEIGH_CODE, "RFC 4861 7.1.1: code");
	ok(changed(62, 0xff) == NEIGH_TARGET,
	    "RFC 4861 7.1.1: multicast target");
	ok(changed(79, 0) == NEIGH_OPTION, "RFC 4861 7.1.1: empty option");
	ok(changed(79, 2) == NEIGH_OPTION, "nd: option beyond the packet");
	ok(changed(58, 0xff) == NEIGH_OK, "RFC 4861 7.1.1: reserved ignored");
	ok(changed(78, 77) == NEIGH_OK, "RFC 4861 7.1.1: unknown option");
	solicit("2001:db8::9", "2001:db8::5");
	frame[57] ^= 1;
	ok(neigh_decode(frame, n, &m) == NEIGH_CKSUM, "nd: checksum");
	nd.dst = ip("ff02::1");
	n = nd_frame(ASKER, &nd);
	ok(neigh_decode(frame, n, &m) == NEIGH_DAD,
	    "RFC 4861 7.1.1: from :: only to the solicited-node group");
	nd_group(&nd.target, &nd.dst);
	nd.has_lla = true;
	nd.lla = mac(ASKER);
	n = nd_frame(ASKER, &nd);
	ok(neigh_decode(frame, n, &m) == NEIGH_DAD,
	    "RFC 4861 7.1.1: from :: without link-layer address");
	nd = (struct nd){.advert = true,
	    .solicited = true,
	    .src = ip("2001:db8::5"),
	    .target = ip("2001:db8::5"),
	    .dst = ip("ff02::1")};
	n = nd_frame(OWNER, &nd);
	ok(neigh_decode(frame, n, &m) == NEIGH_FLAG,
	    "RFC 4861 7.1.2: multicast, so not solicited");
}

static void
test_answers(void)
{
	static const uint8_t all[6] = {0x33, 0x33, 0, 0, 0, 1};
	struct nd nd;
	struct arp a;
	struct mac phantom = mac("02:50:0a:00:00:05"), asker = mac(ASKER);
	size_t n;

	engine("10.0.0.5", NULL, 'n');
	n = request(ASKER, "10.0.0.9", "10.0.0.5");
	memmove(frame + 16, frame + 12, 48);
	put_be16(frame + 12, ETHER_VLAN);
	put_be16(frame + 14, 0x6007);
	ok(give(T0, n) == 1 && e.len == 46 &&
		memcmp(e.last + 12, "\x81\0\x60\x07\x08\x06", 6) == 0 &&
		arp_decode(e.last + 18, 28, &a) == 0 && a.op == ARP_REPLY &&
		mac_equal(&a.sha, &phantom) && mac_equal(&a.tha, &asker) &&
		memcmp(e.last, asker.b, 6) == 0 &&
		memcmp(e.last + 6, phantom.b, 6) == 0,
	    "RFC 826: swapped fields, unicast, VLAN tag kept");
	n = arp_frame(OWNER, ARP_REQUEST, ASKER, "10.0.0.9", "10.0.0.5");
	ok(give(T0, n) == 0, "a request sent to a real host is not answered");
	n = arp_frame(
	    "02:50:0a:00:00:05", ARP_REQUEST, ASKER, "10.0.0.9", "10.0.0.5");
	ok(give(T0, n) == 1, "a unicast request to the phantom is");
	ok(give(T0, request(ASKER, "0.0.0.0", "10.0.0.5")) == 1,
	    "RFC 5227 2.5: a probe is answered");
	engine("2001:db8::/64", NULL, 'n');
	give(T0, solicit("2001:db8:1::9", "2001:db8::a00:5"));
	ok(nd_decode(e.last + 14, e.len - 14, &nd) == ND_OK && nd.advert &&
		nd.solicited && nd.override && !nd.router && nd.has_lla &&
		mac_equal(&nd.lla, &phantom) && memcmp(e.last, asker.b, 6) == 0,
	    "RFC 4861 7.2.4: flags, target option, unicast");
	give(T0, solicit("::", "2001:db8::a00:5"));
	ok(nd_decode(e.last + 14, e.len - 14, &nd) == ND_OK && !nd.solicited &&
		memcmp(e.last, all, 6) == 0,
	    "RFC 4861 7.2.4: duplicate detection is answered to all nodes");
	ok(give(T0, solicit("2001:db8:1::9", "2001:db8::")) == 0,
	    "RFC 4291 2.6.1: not the subnet-router anycast address");
}

static void
test_ranges(void)
{
	struct prefix p = {ip("10.0.0.0"), 96 + 24};
	struct ip_addr net = ip("10.0.0.0"), bc = ip("10.0.0.255");
	struct ip_addr host = ip("10.0.0.77"), other = ip("10.0.1.1");

	ok(!prefix_has_host(&p, &net) && !prefix_has_host(&p, &bc) &&
		prefix_has_host(&p, &host) && !prefix_has_host(&p, &other),
	    "a /24 without network and broadcast address");
	p.len = 127;
	net = ip("10.0.0.1");
	ok(prefix_has_host(&p, &p.addr) && prefix_has_host(&p, &net),
	    "RFC 3021: both addresses of a /31");
	p = (struct prefix){ip("::"), 0};
	ok(!prefix_has_host(&p, &host), "::/0 holds no IPv4 address");
	engine("10.0.0.0/16", "10.0.3.0/24", 'n');
	ok(give(T0, request(ASKER, "10.1.0.9", "10.0.3.4")) == 0 &&
		give(T0, request(ASKER, "10.1.0.9", "10.0.4.4")) == 1,
	    "an excluded range is left alone");
}

static void
test_asking(void)
{
	uint64_t a, b;

	engine("10.0.0.5", NULL, 0);
	ok(give(T0, request(ASKER, "10.0.0.9", "10.0.0.5")) == 0,
	    "no answer while asking");
	run_until(T0 + 60 * NS_PER_SEC);
	a = e.at[1] - e.at[0];
	b = e.at[2] - e.at[1];
	ok(e.sent == 5 && e.at[0] - T0 <= NS_PER_SEC && a >= NS_PER_SEC &&
		a <= 2 * NS_PER_SEC && b >= NS_PER_SEC && b <= 2 * NS_PER_SEC,
	    "RFC 5227 2.1.1: 3 probes, 0 to 1 s, then 1 to 2 s apart");
	ok(e.at[3] - e.at[2] == 2 * NS_PER_SEC &&
		e.at[4] - e.at[3] == 2 * NS_PER_SEC,
	    "RFC 5227 2.3: 2 announcements, 2 s later and 2 s apart");
	engine("10.0.0.5", NULL, 0);
	give(T0, arp_frame("02:50:0a:00:00:05", ARP_REPLY, OWNER, "10.0.0.5",
		     "0.0.0.0"));
	ok(over(CLAIM_IN_USE), "RFC 5227 2.1.1: a reply: in use");
	engine("10.0.0.5", NULL, 0);
	give(T0, request("02:50:0a:00:00:05", "0.0.0.0", "10.0.0.5"));
	ok(!over(CLAIM_IN_USE), "our own probe, echoed, is no conflict");
	give(T0, request(OWNER, "0.0.0.0", "10.0.0.5"));
	ok(over(CLAIM_IN_USE), "RFC 5227 2.1.1: another's probe: in use");
	engine("2001:db8::5", NULL, 0);
	give(T0, advertise(OWNER, "2001:db8::5", false));
	ok(over(CLAIM_IN_USE), "RFC 4862 5.4.4: an advertisement: in use");
	engine("2001:db8::5", NULL, 0);
	run_until(T0 + 60 * NS_PER_SEC);
	ok(e.sent == 3 && e.at[1] - e.at[0] == NS_PER_SEC,
	    "RFC 4862 5.1: one solicitation, 1 s of waiting");
}

static void
test_conflict(void)
{
	uint64_t t = T0 + 100 * NS_PER_SEC;
	size_t n;

	engine("10.0.0.5", NULL, 'n');
	n = request("02:50:0a:00:00:05", "10.0.0.5", "10.0.0.5");
	ok(give(t, n) == 0 && strcmp(e.name, "conflict") != 0,
	    "our own announcement, echoed, is no conflict");
	n = request(OWNER, "10.0.0.5", "10.0.0.5");
	ok(give(t, n) == 1, "RFC 5227 2.4 (b): one announcement in defence");
	t += 10 * NS_PER_SEC;
	ok(give(t, n) == 1, "again after DEFEND_INTERVAL");
	t += 9 * NS_PER_SEC;
	ok(give(t, n) == 0 && strcmp(e.name, "yield") == 0,
	    "within it: given up");
	ok(give(t, request(ASKER, "10.0.0.9", "10.0.0.5")) == 0,
	    "and not answered for any more");
	engine("2001:db8::5", NULL, 'n');
	ok(give(t, advertise(OWNER, "2001:db8::5", false)) == 0,
	    "an advertisement that would not override is no conflict");
	n = advertise(OWNER, "2001:db8::5", true);
	ok(give(t, n) == 1 && give(t, n) == 0 && strcmp(e.name, "yield") == 0,
	    "the same for IPv6");
	engine("10.0.0.0/16", NULL, 'n');
	n = request(OWNER, "10.0.0.9", "10.0.0.5");
	ok(give(t, n) == 1 && strcmp(e.name, "answer") == 0,
	    "a host out of the prefix is answered");
	ok(give(t, request(ASKER, "10.1.0.1", "10.0.0.9")) == 0,
	    "and its own address is left to it");
}

static void
test_unclaimed(void)
{
	uint64_t t = T0;
	size_t n;
	unsigned i;
	char text[32];

	engine("10.0.0.0/16", NULL, 0);
	n = request(ASKER, "10.1.0.9", "10.0.0.5");
	ok(give(t, n) == 1 && e.last[21] == ARP_REQUEST,
	    "a prefix without -n: asks itself at first");
	ok(give(t + 2 * NS_PER_SEC, n) == 1 && e.last[21] == ARP_REPLY,
	    "and answers the next request");
	engine("10.0.0.0/16", NULL, 'u');
	n = request(ASKER, "10.1.0.9", "10.0.0.5");
	ok(give(t, n) == 1 && e.last[21] == ARP_REQUEST &&
		get_be32(e.last + 28) == 0,
	    "-u: asks itself at first");
	ok(give(t + 1, n) == 0, "-u: once");
	ok(give(t + NS_PER_SEC, n) == 1 && e.last[21] == ARP_REPLY,
	    "-u: answers a second later");
	give(t, arp_frame(ASKER, ARP_REPLY, OWNER, "10.0.0.5", "10.1.0.9"));
	ok(give(t + 2 * NS_PER_SEC, n) == 0, "-u: silent for a late owner");
	n = request(ASKER, "10.1.0.9", "10.0.0.6");
	give(t, n);
	give(t, arp_frame(ASKER, ARP_REPLY, OWNER, "10.0.0.6", "10.1.0.9"));
	n = request(ASKER, "10.1.0.9", "10.0.0.6");
	ok(give(t + 2 * NS_PER_SEC, n) == 0, "-u: silent for an owner");
	ok(give(t + 700 * NS_PER_SEC, n) == 1 && e.last[21] == ARP_REQUEST,
	    "-u: asks again when that is long ago");
	n = request(ASKER, "0.0.0.0", "10.0.0.7");
	ok(give(t, n) == 0, "-u: one that probes for an address may have it");
	for (i = 0; i < 20000; i++) {
		snprintf(
		    text, sizeof text, "10.0.%u.%u", 16 + i / 200, 1 + i % 200);
		give(t + i * NS_PER_SEC, request(ASKER, "10.1.0.9", text));
	}
	give(t + i * NS_PER_SEC, request(ASKER, "10.1.0.9", text));
	ok(give(t + i * NS_PER_SEC, request(ASKER, "10.1.0.9", text)) == 1,
	    "-u: 20000 addresses in a table of 4096");
}

static void
test_storm(void)
{
	struct claim_totals totals;
	size_t n;

	engine("10.0.0.0/8", NULL, 'n');
	n = request(ASKER, "192.0.2.1", "10.0.0.5");
	for (unsigned i = 0; i < 20000; i++)
		give(T0 + i * 50 * NS_PER_US, n);
	claim_totals(e.c, &totals);
	ok(totals.answered <= 8010 && totals.answered >= 7990 &&
		totals.answered + totals.dropped == 20000,
	    "a storm of 20000 in a second: about 8000 answers");
	ok(give(T0 + 3 * NS_PER_SEC, n) == 1, "and life goes on");
	for (unsigned i = 0; i < 200000; i++) {
		n = i % 2 == 0 ? request(ASKER, "10.0.0.9", "10.0.0.5")
			       : solicit("2001:db8::9", "2001:db8::5");
		for (unsigned k = 0; k < 1 + i % 7; k++)
			frame[chance_below(&e.chance, n)] = (uint8_t)chance_u64(
			    &e.chance);
		claim_input(e.c, T0 + i * NS_PER_MS, frame,
		    chance_below(&e.chance, n + 1));
	}
	ok(e.events < 30000, "200000 damaged frames: no crash, a short log");
}

int
main(void)
{
	test_arp();
	test_nd();
	test_answers();
	test_ranges();
	test_asking();
	test_conflict();
	test_unclaimed();
	test_storm();
	claim_free(e.c);
	return done();
}
