/*
 * icmp_quote_test.c - the packet that an ICMP error quotes: lengths that lie,
 * fragments, the wrong version.
 */
#include <string.h>

#include "tap.h"
#include "wire/icmp_quote.h"

static uint8_t packet[64];

static void
v4(void)
{
	struct icmp_quote q;

	memset(packet, 0, sizeof(packet));
	packet[0] = 0x45;
	packet[2] = 0x05;
	packet[3] = 0xdc;
	packet[9] = PROTO_UDP;
	memcpy(packet + 12, "\x0a\x00\x00\x05\x0a\x00\x00\x09", 8);
	check(icmp_quote_decode(false, packet, 28, &q) == 0 &&
		  q.proto == PROTO_UDP && q.len == 1500 && q.n == 8 &&
		  q.data == packet + 20 && q.src.b[15] == 5 && q.dst.b[15] == 9,
	    "IPv4: header, and eight bytes");
	check(icmp_quote_decode(false, packet, 19, &q) == -1, "IPv4: short");
	check(icmp_quote_decode(true, packet, 60, &q) == -1,
	    "IPv4 in an ICMPv6 error");
	packet[0] = 0x4f;
	check(icmp_quote_decode(false, packet, 59, &q) == -1,
	    "IPv4: options beyond the end");
	check(icmp_quote_decode(false, packet, 60, &q) == 0 && q.n == 0,
	    "IPv4: options, and nothing more");
	packet[0] = 0x44;
	check(icmp_quote_decode(false, packet, 28, &q) == -1,
	    "IPv4: a header of 16 bytes");
	packet[0] = 0x45;
	packet[7] = 1;
	check(icmp_quote_decode(false, packet, 28, &q) == -1,
	    "IPv4: a fragment from the middle");
	packet[7] = 0;
	packet[6] = 0x20;
	check(icmp_quote_decode(false, packet, 28, &q) == 0,
	    "IPv4: a first fragment");
}

static void
v6(void)
{
	struct icmp_quote q;

	memset(packet, 0, sizeof(packet));
	packet[0] = 0x60;
	packet[5] = 20;
	packet[6] = PROTO_TCP;
	packet[23] = 5;
	packet[39] = 9;
	check(icmp_quote_decode(true, packet, 48, &q) == 0 &&
		  q.proto == PROTO_TCP && q.len == 60 && q.n == 8 &&
		  q.src.b[15] == 5 && q.dst.b[15] == 9,
	    "IPv6: header, and eight bytes");
	check(icmp_quote_decode(true, packet, 39, &q) == -1, "IPv6: short");
	check(icmp_quote_decode(false, packet, 48, &q) == -1,
	    "IPv6 in an ICMP error");
	packet[6] = 44;
	packet[40] = PROTO_ICMP6;
	check(icmp_quote_decode(true, packet, 47, &q) == -1,
	    "IPv6: cut within the fragment header");
	packet[43] = 1; /* more fragments */
	check(icmp_quote_decode(true, packet, 56, &q) == 0 &&
		  q.proto == PROTO_ICMP6 && q.data == packet + 48,
	    "IPv6: a first fragment");
	packet[43] = 8;
	check(icmp_quote_decode(true, packet, 56, &q) == -1,
	    "IPv6: a fragment from the middle");
}

int
main(void)
{
	v4();
	v6();
	return done();
}
