/*
 * path_test.c - what routers tell icmp-phantom of paths: how long packets may
 * be there. Prints TAP.
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

static const char *router = "fd00::1";

/* too_big_for - a router's word about a packet from src to dst, whose payload
   begins with this byte */
static unsigned
too_big_for(
    uint8_t proto, const char *dst, uint32_t mtu, const char *src, uint8_t type)
{
	struct ip_hdr h = {.src = ip(src),
	    .dst = ip(dst),
	    .proto = proto,
	    .len = 1500,
	    .ttl = 64};

	reset(true);
	how.src = router;
	payload[0] = ICMP6_TOO_BIG;
	put_be32(payload + 4, mtu);
	ip_encode(payload + ICMP_HLEN, &h);
	payload[ICMP_HLEN + 40] = type;
	return give(T0, wrap(200, 2));
}

static unsigned
too_big(const char *dst, uint32_t mtu, const char *src, uint8_t type)
{
	return too_big_for(PROTO_ICMP6, dst, mtu, src, type);
}

/* of what is no echo reply: an answer of UDP, whole or as a first fragment */
static void
test_udp(void)
{
	static const struct {
		uint8_t proto, first;
		const char *what;
	} about[] = {{PROTO_UDP, 0, "UDP's answer"},
	    {44, PROTO_UDP, "a fragment of UDP's answer"},
	    {44, PROTO_ICMP6, "a fragment of an echo reply"}};
	size_t i;

	for (i = 0; i < sizeof(about) / sizeof(about[0]); i++) {
		engine(&plain);
		too_big_for(
		    about[i].proto, "fd00::9", 1300, "fd00::5", about[i].first);
		check(strcmp(e.kind, "pmtu") == 0, "a quote of %s",
		    about[i].what);
	}
	engine(&plain);
	too_big_for(PROTO_TCP, "fd00::9", 1300, "fd00::5", 0);
	reset(true);
	check(give(T0, echo(true, 1400)) == 1, "a quote of TCP is not for us");
}

static void
test_too_big(void)
{
	size_t n;

	engine(&plain);
	too_big("fd00::9", 1300, "fd00::5", 129);
	check(strcmp(e.kind, "pmtu") == 0, "RFC 8201: a path MTU is taken");
	reset(true);
	n = echo(true, 1400);
	check(give(T0, n) == 2 && joined(1408, 1300), "and kept to");
	how.src = "fd00::8";
	check(give(T0, echo(true, 1400)) == 1, "but not to other hosts");
	reset(true);
	how.dst = "fd00::6";
	check(give(T0, echo(true, 1400)) == 1, "nor by other phantoms");
	reset(true);
	too_big("fd00::9", 1299, "fd00::5", 129);
	check(e.why[0] == '\0', "a smaller one is taken");
	too_big("fd00::9", 1400, "fd00::5", 129);
	check(strcmp(e.why, "icmp-mtu") == 0, "a larger one is not");
	reset(true);
	check(give(T0 + 601 * NS_PER_SEC, echo(true, 1400)) == 1,
	    "after ten minutes it is forgotten");
	engine(&plain);
	too_big("fd00::9", 1279, "fd00::5", 129);
	check(strcmp(e.why, "icmp-mtu") == 0, "RFC 8201 4: less than 1280");
	engine(&plain);
	too_big("fd00::9", 1300, "fd00::6", 129);
	check(strcmp(e.why, "icmp-mtu") == 0, "a quote of another's packet");
	too_big("fd00::9", 1300, "fd00::5", 1);
	reset(true);
	check(give(T0, echo(true, 1400)) == 1, "a quote of no echo reply");
}

/* anybody can tell of any host: a thousand of them, at once */
static void
test_too_many(void)
{
	struct responder_totals t;
	char dst[24];

	engine(&plain);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(dst, sizeof dst, "fd00::1:%x", i);
		too_big(dst, 1300, "fd00::5", 129);
	}
	responder_totals(e.r, &t);
	check(e.events == 10 && t.dropped < 10,
	    "a flood of them from one source makes 10 lines");
	router = "fd00:1::1";
	too_big("fd00::9", 1300, "fd00::5", 129);
	check(e.events == 11, "another has lines of its own");
	router = dst;
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(dst, sizeof dst, "fd00:%x::1", i % 1000 + 2);
		too_big(dst, i < 1000 ? 1300 : 1290, "fd00::5", 129);
		if (i == 999)
			check(e.events == 29, "sources that are new have 20");
	}
	check(e.events == 100, "all have a hundred");
	router = "fd00::1";
}

/* one tells of ten times as many paths as are kept */
static void
test_paths(void)
{
	char dst[24];

	engine(&plain);
	too_big("fd00::9", 1300, "fd00::5", 129);
	for (unsigned i = 0; i < 10240; i++) {
		snprintf(dst, sizeof dst, "fd00::1:%x", i);
		too_big(dst, 1300, "fd00::5", 129);
	}
	reset(true);
	check(give(T0, echo(true, 1400)) == 1, "the older of two paths goes");
	too_big("fd00::9", 1300, "fd00::5", 129);
	reset(true);
	check(give(T0, echo(true, 1400)) == 2, "and can be told again");
}

int
main(void)
{
	test_too_big();
	test_udp();
	test_too_many();
	test_paths();
	return done();
}
