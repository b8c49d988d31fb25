/*
 * icmp_test.c - icmp-phantom's engine: frames in, frames and events out, on a
 * clock of its own. Prints TAP.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/parse.h"
#include "words.h"

#include "cmd/icmp-phantom/icmp.h"
#include "cmd/icmp-phantom/responder.h"

#include "icmp_ears.h"
#include "tests/unit/dhcp_frame.h"

/* ---- tests ---- */

/* RFC 2131 4.3.1: a server pings the address that it wants to offer */
static void
test_dhcp(void)
{
	size_t n;

	reset(false);
	engine(&plain);
	n = echo(false, 56);
	check(give(T0, n) == 1, "a ping from whoever is answered");
	give(T0, dhcp_frame(DHCP_DISCOVER, NULL, frame));
	n = echo(false, 56);
	check(give(T0 + NS_PER_SEC, n) == 0 && strcmp(e.why, "dhcp") == 0,
	    "behind a DISCOVER it is not: it may be a server's");
	give(T0 + 3 * NS_PER_SEC, dhcp_frame(DHCP_REQUEST, "10.0.0.7", frame));
	n = echo(false, 56);
	check(give(T0 + 4 * NS_PER_SEC, n) == 1,
	    "but when another host is known to be the server");
	how.src = SERVER;
	n = echo(false, 56);
	check(give(T0 + 4 * NS_PER_SEC, n) == 0, "whose is not");
	check(give(T0 + 5 * NS_PER_SEC, n) == 1, "until it is no check");
}

/* test_dhcp_forged - a DISCOVER every 4 s does not silence a host */
static void
test_dhcp_forged(void)
{
	unsigned i, lost = 0;
	char dst[16];
	uint64_t t;

	reset(false);
	engine(&plain);
	for (t = T0; t < T0 + 60 * NS_PER_SEC; t += NS_PER_SEC / 2) {
		if ((t - T0) % (4 * NS_PER_SEC) == 0)
			give(t, dhcp_frame(DHCP_DISCOVER, NULL, frame));
		lost += give(t, echo(false, 56)) == 0;
	}
	check(lost == 4, "DISCOVERs: one check a minute, of 2 s: %u", lost);
	give(t, dhcp_frame(DHCP_DISCOVER, NULL, frame));
	check(give(t, echo(false, 56)) == 0, "then there may be another");
	for (lost = 0, i = 1; i < 200; i++) {
		snprintf(dst, sizeof dst, "10.0.1.%u", i);
		how.dst = dst;
		lost += give(t + 1, echo(false, 56)) == 0;
	}
	check(lost > 60 && lost < 64, "of at most 64 addresses: %u", lost);
	reset(true);
	engine(&plain);
	give(t, dhcp_frame(DHCP_DISCOVER, NULL, frame));
	check(give(t + 1, echo(true, 56)) == 1, "and none of IPv6");
}

static void
test_echo(bool v6)
{
	const char *v = v6 ? "v6" : "v4";
	size_t at = 18, n;
	const uint8_t *p = NULL;
	struct ip_addr me, asker;
	struct ip_hdr h;
	struct mac mine;

	reset(v6);
	engine(&plain);
	how.tagged = true;
	how.tos = 0xb9;
	n = echo(v6, 56);
	me = ip(how.dst);
	asker = ip(how.src);
	mac_of_phantom(&me, &mine);
	check(give(T0, n) == 1 && e.len[0] == n, "%s: echo: one reply", v);
	h = answer_ip(0, at, &p);
	check(h.len == n - at && p[0] == (v6 ? 129 : 0) && p[1] == 0,
	    "%s: an echo reply, its checksums right", v);
	check(memcmp(e.out[0], mac(ASKER).b, 6) == 0 &&
		  memcmp(e.out[0] + 6, mine.b, 6) == 0 &&
		  memcmp(e.out[0] + 12, frame + 12, 6) == 0,
	    "%s: MAC to MAC, VLAN tag kept", v);
	check(ip_equal(&h.src, &me) && ip_equal(&h.dst, &asker) &&
		  h.ttl == 64 && h.tos == 0xb9 && (v6 || !h.df),
	    "%s: from whom it was asked, TTL 64, its DSCP and ECN", v);
	check(memcmp(p + 4, frame + at + (v6 ? 44 : 24), 60) == 0,
	    "%s: RFC 1122 3.2.2.6: same identifier, sequence and data", v);
	check(strcmp(e.kind, "echo") == 0, "%s: told", v);
}

static void
test_long(bool v6)
{
	const char *v = v6 ? "v6" : "v4";
	struct responder_config cf = plain;
	size_t n, hlen = v6 ? 40 : 20;

	reset(v6);
	engine(&plain);
	n = echo(v6, 65507);
	check(give(T0, n) == (v6 ? 46u : 45u) && joined(65515, 1500),
	    "%s: 65507 bytes come back in fragments of the MTU", v);
	n = echo(v6, 1500 - hlen - 8);
	check(give(T0, n) == 1 && e.len[0] == 1514, "%s: a full frame", v);
	n = echo(v6, 1500 - hlen - 7);
	check(give(T0, n) == 2 && joined(1500 - hlen + 1, 1500),
	    "%s: one byte more makes two", v);
	cf.mtu = 576;
	engine(&cf);
	n = echo(v6, 1000);
	check(give(T0, n) == (v6 ? 1 : 2), "%s: MTU 576, in IPv6 1280", v);
}

static void
test_udp(bool v6)
{
	const char *v = v6 ? "v6" : "v4";
	size_t hlen = v6 ? 40 : 20, n, most = v6 ? 1280 : 576;
	const uint8_t *p = NULL;
	struct ip_hdr h;

	reset(v6);
	engine(&plain);
	how.tos = 0x10;
	n = udp(3);
	check(give(T0, n) == 1, "%s: UDP: one answer", v);
	h = answer_ip(0, 14, &p);
	check(h.len == hlen + 8 + (n - 14) && p[0] == (v6 ? 1 : 3) &&
		  p[1] == (v6 ? 4 : 3) && get_be32(p + 4) == 0,
	    "%s: port unreachable, checksums right", v);
	check(h.tos == (v6 ? 0 : 0xd0),
	    "%s: the TOS that a Linux has: RFC 1812 4.3.2.5", v);
	check(memcmp(p + 8, frame + 14, n - 14) == 0,
	    "%s: RFC 1122 3.2.2: quoted as it was received", v);
	check(strcmp(e.kind, "port-unreachable") == 0, "%s: told", v);
	n = udp(1400);
	check(give(T0, n) == 1 && e.len[0] == 14 + most &&
		  memcmp(e.out[0] + 14 + hlen + 8, frame + 14,
		      most - hlen - 8) == 0,
	    "%s: a long one is quoted up to %zu bytes", v, most);
	n = udp(9);
	frame[n - 1] ^= 1;
	check(silent(n, "checksum"), "%s: UDP checksum", v);
	put_be16(payload + 4, 7);
	check(silent(wrap(8, 6), "udp-header"), "%s: UDP length 7", v);
	put_be16(payload + 4, 10);
	check(silent(wrap(9, 6), "udp-header"), "%s: UDP length too long", v);
	n = udp(4);
	put_be16(frame + n - 12 + 6, 0);
	engine(&plain);
	check(give(T0, n) == (v6 ? 0 : 1), "%s: without a checksum", v);
}

static void
test_ports(void)
{
	struct responder_config cf = plain;
	struct responder_totals t;

	reset(false);
	cf.open[0] = 1 << 7 | UINT64_C(1) << 53;
	engine(&cf);
	check(give(T0, udp(3)) == 0 && e.events == 0, "an open port is left");
	responder_totals(e.r, &t);
	check(t.foreign == 1 && t.dropped == 0, "and counted as foreign");
	cf.open[0] = UINT64_C(1) << 53;
	cf.error_rate = 0;
	engine(&cf);
	check(give(T0, udp(3)) == 0 && strcmp(e.why, "rate") == 0,
	    "RFC 4443 3.1: errors can be switched off");
	reset(false);
	check(give(T0, echo(false, 3)) == 1, "and echo goes on");
}

/* who is never answered, whatever it asks */
static void
test_nobody(bool v6)
{
	static const char *const src4[] = {"0.0.0.0", "255.255.255.255",
	    "224.0.0.1", "127.0.0.1", "10.0.0.5", "240.0.0.1"};
	static const char *const src6[] = {"::", "::1", "ff02::1", "fd00::5"};
	const char *v = v6 ? "v6" : "v4";
	size_t n = v6 ? 4 : 6;
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		reset(v6);
		how.src = v6 ? src6[i] : src4[i];
		good = good && silent(echo(v6, 8), "source");
		good = good && silent(udp(8), "source");
	}
	check(good, "%s: sources that are no host's", v);
	reset(v6);
	how.from = "03:00:00:00:00:01";
	check(silent(udp(8), "source"), "%s: a group's MAC as source", v);
	reset(v6);
	how.to = "ff:ff:ff:ff:ff:ff";
	good = silent(echo(v6, 8), "") && silent(udp(8), "");
	check(good, "%s: RFC 1122 3.2.2: broadcast at the link layer", v);
	how.to = "02:50:0a:00:00:06";
	good = silent(udp(8), "");
	reset(v6);
	how.to = "02:50:0a:00:00:06";
	check(good && silent(echo(v6, 8), ""), "%s: another's MAC", v);
	reset(v6);
	how.dst = v6 ? "ff02::1" : "224.0.0.1";
	check(silent(echo(v6, 8), ""), "%s: a multicast address", v);
	reset(v6);
	if (!v6) {
		how.dst = "255.255.255.255";
		check(silent(echo(v6, 8), "") && silent(udp(8), ""),
		    "v4: the broadcast address, at its MAC by the rule");
	}
}

static void
test_types(bool v6)
{
	const char *v = v6 ? "v6" : "v4";
	bool good = true;
	unsigned type;
	size_t n, i;

	for (type = 0; type < 256; type++) {
		if (v6 ? type == 128 : type == 8 || type == 13)
			continue;
		reset(v6);
		payload[0] = (uint8_t)type;
		n = wrap(8 + 60, 2);
		engine(&plain);
		good = good && give(T0, n) == 0;
	}
	check(good, "%s: no other ICMP type is answered", v);
	reset(v6);
	n = echo(v6, 20);
	frame[n - 3] ^= 0x10;
	check(silent(n, "icmp-checksum"), "%s: ICMP checksum", v);
	n = echo(v6, 20);
	for (good = true, i = 0; i < n; i++) {
		engine(&plain);
		good = good && give(T0, i) == 0;
	}
	check(good, "%s: every truncation is dropped", v);
	check(silent(wrap(7, 2), "icmp-short"), "%s: 7 bytes of ICMP", v);
	if (v6)
		return;
	n = echo(v6, 20);
	frame[14 + 8] ^= 1;
	check(silent(n, "ip-checksum"), "v4: header checksum");
}

static void
test_timestamp(void)
{
	const uint8_t *p = NULL;
	struct ip_hdr h;

	reset(false);
	engine(&plain);
	payload[0] = ICMP_TIMESTAMP;
	put_be32(payload + 4, 0x00070001);
	put_be32(payload + 8, 12345);
	check(give(86400 * NS_PER_SEC + 5 * NS_PER_SEC, wrap(20, 2)) == 1,
	    "RFC 1122 3.2.2.8: timestamp");
	h = answer_ip(0, 14, &p);
	check(h.len == 40 && p[0] == 14 && get_be32(p + 4) == 0x00070001 &&
		  get_be32(p + 8) == 12345 && get_be32(p + 12) == 5000 &&
		  get_be32(p + 16) == 5000,
	    "RFC 792: milliseconds since midnight UT");
	check(give(T0, wrap(19, 2)) == 0, "a short one is not answered");
}

/* a piece of a UDP datagram */
static unsigned
give_piece(bool v6, unsigned off, size_t n, bool more)
{
	size_t len;

	if (!v6) {
		len = wrap(n, 0);
		put_be16(frame + 20, (uint16_t)(off / 8 | more << 13));
		put_be16(frame + 24, 0);
		put_be16(frame + 24, cksum_fold(cksum_add(0, frame + 14, 20)));
		return give(T0, len);
	}
	memmove(payload + 8, payload, n);
	payload[0] = PROTO_UDP;
	payload[1] = 0;
	put_be16(payload + 2, (uint16_t)(off | more));
	put_be32(payload + 4, 99);
	how.proto = 44;
	return give(T0, wrap(n + 8, 0));
}

static void
test_fragments(bool v6)
{
	const char *v = v6 ? "v6" : "v4";
	uint8_t whole[64];
	unsigned first;

	reset(v6);
	udp(40);
	memcpy(whole, frame + 14 + (v6 ? 40 : 20), 48);
	engine(&plain);
	memcpy(payload, whole + 24, 24);
	check(give_piece(v6, 24, 24, false) == 0,
	    "%s: RFC 1122 3.2.2: no answer to a fragment", v);
	memcpy(payload, whole, 24);
	first = give_piece(v6, 0, 24, true);
	check(first == 1 && strcmp(e.kind, "port-unreachable") == 0,
	    "%s: but to the datagram, when the first has come", v);
	engine(&plain);
	how.src = "0.0.0.0";
	if (!v6)
		check(give_piece(v6, 0, 24, true) == 0 &&
			  strcmp(e.why, "source") == 0,
		    "v4: nothing is kept for a source that is no host's");
}

static void
test_rate(void)
{
	struct responder_config cf = plain;
	struct responder_totals t;
	unsigned i, n = 0;
	size_t len;
	char src[16];

	cf.echo_rate = 20;
	engine(&cf);
	reset(false);
	len = echo(false, 8);
	for (i = 0; i < 100000; i++)
		n += give(T0 + i, len);
	check(n == 20, "a storm: as many answers as there are tokens");
	responder_totals(e.r, &t);
	check(t.dropped == 100000 - 20, "and all others counted");
	check(e.events == 20 + 1, "in one line a second");
	for (i = 0, n = 0; i < 10; i++)
		n += give(T0 + (1 + i) * NS_PER_SEC / 10, len);
	check(n == 10, "the rate is kept up afterwards");
	for (i = 0, n = 0; i < 2000; i++) {
		snprintf(
		    src, sizeof src, "10.0.%u.%u", i / 200 % 5, i % 200 + 7);
		how.src = src;
		n += give(T0 + 10 * NS_PER_SEC, echo(false, 8));
		if (i == 999)
			check(n == 40, "twice as many to new sources");
	}
	check(n == 200, "ten times as many to all");
	how.src = "10.0.0.9";
	check(give(T0 + 20 * NS_PER_SEC, udp(8)) == 1,
	    "errors have a limit of their own");
}

static void
test_options(void)
{
	struct ip_addr addr = ip("192.0.2.1");
	struct mac m = mac("02:11:22:33:44:55");
	struct responder_config cf = plain;
	size_t n;

	cf.addr = &addr;
	engine(&cf);
	reset(false);
	check(give(T0, echo(false, 8)) == 0, "-a: other phantoms are left");
	how.dst = "192.0.2.1";
	how.to = "52:54:00:77:77:77";
	check(give(T0, echo(false, 8)) == 1 &&
		  memcmp(e.out[0] + 6, frame, 6) == 0,
	    "-a: at any MAC, and from that MAC");
	cf = plain;
	cf.mac = &m;
	engine(&cf);
	reset(false);
	check(give(T0, echo(false, 8)) == 0, "-m: the rule is off");
	how.to = "02:11:22:33:44:55";
	check(give(T0, echo(false, 8)) == 1, "-m: that MAC is answered");
	/* IP options are stepped over: 4 bytes of them */
	engine(&plain);
	reset(false);
	n = echo(false, 8);
	memmove(frame + 38, frame + 34, n - 34);
	put_be32(frame + 34, 0x01010100);
	frame[14] = 0x46;
	put_be16(frame + 16, (uint16_t)(n + 4 - 14));
	put_be16(frame + 24, 0);
	put_be16(frame + 24, cksum_fold(cksum_add(0, frame + 14, 24)));
	check(give(T0, n + 4) == 1 && e.len[0] == n,
	    "IP options are stepped over, the reply has none");
}

int
main(void)
{
	test_dhcp();
	test_dhcp_forged();
	for (int v6 = 0; v6 < 2; v6++) {
		test_echo(v6);
		test_long(v6);
		test_udp(v6);
		test_nobody(v6);
		test_types(v6);
		test_fragments(v6);
	}
	test_ports();
	test_timestamp();
	test_rate();
	test_options();
	responder_free(e.r);
	return done();
}
