/*
 * option_test.c - IPv6 options that icmp-phantom does not know (RFC 8200 4.2).
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/parse.h"
#include "words.h"

#include "cmd/icmp-phantom/icmp.h"
#include "cmd/icmp-phantom/responder.h"

#include "icmp_ears.h"

/* with_option - an echo request behind destination options with one */
static size_t
with_option(uint8_t type, uint8_t icmp)
{
	reset(true);
	how.proto = 60;
	memset(payload, 0, 24);
	payload[0] = PROTO_ICMP6;
	payload[2] = type;
	payload[3] = 4;
	payload[8] = icmp;
	struct ip_addr src = ip(how.src), dst = ip(how.dst);
	put_be16(
	    payload + 10, ip_cksum(&src, &dst, PROTO_ICMP6, payload + 8, 16));
	return wrap(24, 0);
}

/* RFC 8200 4.2, RFC 4443 3.4 */
static void
test_unknown_options(void)
{
	struct responder_config cf = plain;
	const uint8_t *p = NULL;
	struct ip_hdr h;
	unsigned i, n = 0;
	size_t len;

	engine(&plain);
	check(give(T0, with_option(30, ICMP6_ECHO)) == 1 &&
		  strcmp(e.kind, "echo") == 0,
	    "an option to be skipped is");
	check(silent(with_option(0x40, ICMP6_ECHO), "ip-option"),
	    "RFC 8200 4.2: 01: discarded in silence");
	engine(&plain);
	len = with_option(0x80, ICMP6_ECHO);
	check(give(T0, len) == 1 && strcmp(e.kind, "parameter-problem") == 0,
	    "RFC 8200 4.2: 10: discarded, with an answer");
	h = answer_ip(0, 14, &p);
	check(h.len == 48 + len - 14 && p[0] == 4 && p[1] == 2 &&
		  get_be32(p + 4) == 42 &&
		  memcmp(p + 8, frame + 14, len - 14) == 0,
	    "RFC 4443 3.4: it points to the option, and quotes the packet");
	check(give(T0, with_option(0xc0, ICMP6_ECHO)) == 1,
	    "RFC 8200 4.2: 11: as this was no multicast");
	check(give(T0, with_option(0x80, 1)) == 0 &&
		  give(T0, with_option(0x80, ICMP6_REDIRECT)) == 0,
	    "RFC 4443 2.4 (e): no error about an error, nor a redirect");
	how.src = "::";
	len = with_option(0x80, ICMP6_ECHO);
	memset(frame + 14 + 8, 0, 16);
	check(give(T0, len) == 0, "nor to the unspecified address");
	len = with_option(0x80, ICMP6_ECHO);
	frame[14 + 40 + 3] = 5;
	check(silent(len, "ip-extension"), "an option that overruns");
	cf.error_rate = 20;
	engine(&cf);
	len = with_option(0x80, ICMP6_ECHO);
	for (i = 0; i < 1000; i++)
		n += give(T0 + i, len);
	check(n == 20, "RFC 4443 2.4 (f): their number is limited");
}

int
main(void)
{
	test_unknown_options();
	responder_free(e.r);
	return done();
}
