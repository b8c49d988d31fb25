/*
 * habits_test.c - what the systems do with ICMPv6, as nmap's fingerprints of
 * them have it: code, traffic class, flow label and errors. Prints TAP.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "hosts/hosts.h"
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/parse.h"
#include "words.h"

#include "cmd/icmp-phantom/icmp.h"
#include "cmd/icmp-phantom/responder.h"

#include "cmd/icmp-phantom/sender.h"

#include "icmp_ears.h"

static const char net[] = "host 10.0.0.1\n"
			  "host 10.0.0.2 os windows-10 mac 02:50:0a:00:00:02\n"
			  "host 10.0.0.3 os windows-10 mac 02:50:0a:00:00:03\n"
			  " udp 7 echo\n"
			  "host 10.0.0.4 os macos mac 02:50:0a:00:00:04\n"
			  "host 10.0.0.7\n"
			  "host 10.0.0.8\n udp 7 echo\n udp 5000 echo\n"
			  "host fd00::8\n udp 7 echo\n udp 5000 echo\n"
			  "host fd00::1 os linux mac 02:50:00:00:00:01\n"
			  "host fd00::2 os windows-10 mac 02:50:00:00:00:02\n"
			  "host fd00::3 os freebsd mac 02:50:00:00:00:03\n"
			  "host fd00::6 os cisco-ios mac 02:50:00:00:00:06\n";

/* pinged - with this code: the reply's, -1: there is none; *h is its header */
static int
pinged(const char *dst, uint8_t code, struct ip_hdr *h)
{
	const uint8_t *p = NULL;

	memset(h, 0, sizeof(*h));
	reset(true);
	how.dst = dst;
	how.tos = 0xb9;
	payload[1] = code;
	if (give(T0, echo(true, 56)) == 0)
		return -1;
	*h = answer_ip(0, 14, &p);
	return p[1];
}

/* label_of - of the answer */
static uint32_t
label_of(void)
{
	return get_be32(e.out[0] + 14) & 0xfffff;
}

static void
test_echo(void)
{
	struct ip_hdr h;
	uint32_t label;

	check(pinged("fd00::1", 9, &h) == 9 && h.tos == 0xb9,
	    "linux: the code and the traffic class of the request");
	label = label_of();
	check(
	    pinged("fd00::1", 0, &h) == 0 && label_of() == label && label != 0,
	    "linux: all echo replies are one flow");
	reset(true);
	how.dst = "fd00::1";
	check(give(T0, udp(5)) == 1 && label_of() != label && label_of() != 0,
	    "linux: port unreachable is another");
	check(pinged("fd00::2", 9, &h) == 0, "windows-10: the code is 0");
	check(pinged("fd00::3", 9, &h) == -1 && pinged("fd00::3", 0, &h) == 0,
	    "freebsd: a request whose code is not 0 gets no reply");
	check(h.tos == 0 && label_of() == 0,
	    "freebsd: no traffic class, no flow label");
}

/* wrong - with an option that nobody knows, and that wants an error */
static unsigned
wrong(const char *dst)
{
	reset(true);
	how.dst = dst;
	how.proto = 60;
	payload[0] = PROTO_ICMP6;
	payload[2] = 0x80;
	payload[3] = 4;
	payload[8] = ICMP6_ECHO;
	return give(T0, wrap(24, 0));
}

static void
test_problem(void)
{
	check(wrong("fd00::1") == 1 && strcmp(e.kind, "parameter-problem") == 0,
	    "linux: an unknown option is reported");
	check(wrong("fd00::6") == 0, "cisco-ios: it is not");
}

/* test_unknown - of a protocol that no host has: nothing but that counts */
static void
test_unknown(void)
{
	const uint8_t *p = NULL;
	struct ip_hdr h;

	reset(true);
	how.dst = "fd00::1";
	how.proto = 253;
	check(give(T0, wrap(3, 0)) == 1 &&
		  strcmp(e.kind, "parameter-problem") == 0,
	    "an unknown next header is reported");
	h = answer_ip(0, 14, &p);
	check(h.proto == PROTO_ICMP6 && p[0] == ICMP6_PARAMETER &&
		  p[1] == ICMP6_UNKNOWN && get_be32(p + 4) == 6,
	    "where it is");
	reset(true);
	how.dst = "fd00::6";
	how.proto = 253;
	check(give(T0, wrap(3, 0)) == 0, "cisco-ios: it is not");
	reset(true);
	how.dst = "fd00::1";
	how.proto = 59;
	check(give(T0, wrap(0, 0)) == 0, "no next header is no mistake");
	reset(false);
	how.dst = "10.0.0.7";
	how.proto = 253;
	check(give(T0, wrap(3, 0)) == 1 &&
		  strcmp(e.kind, "protocol-unreachable") == 0,
	    "an unknown protocol of IPv4 is refused");
	how.proto = PROTO_TCP;
	check(give(T0, wrap(20, 0)) == 0, "TCP is left alone");
}

/* answered - the header of the answer to a datagram for a port of dst, or to
   one that is closed: with this TOS */
static struct ip_hdr
answered(const char *dst, uint16_t port, uint8_t tos)
{
	const uint8_t *p = NULL;

	reset(false);
	how.dst = dst;
	how.tos = tos;
	how.proto = PROTO_UDP;
	put_be32(payload, 50000U << 16 | port);
	put_be16(payload + 4, 8 + 4);
	return give(T0, wrap(12, 6)) == 1 ? answer_ip(0, 14, &p)
					  : (struct ip_hdr){0};
}

static void
test_datagrams(void)
{
	check(answered("10.0.0.1", 9, 0).tos == 0xc0 &&
		  answered("10.0.0.1", 9, 0x13).tos == 0xd2,
	    "an error: internetwork control, and the TOS of the packet");
	check(answered("10.0.0.2", 9, 0x10).tos == 0 &&
		  answered("10.0.0.4", 9, 0x10).tos == 0,
	    "windows-10 and macos: none");
	check(answered("10.0.0.8", 7, 0).df, "a datagram has DF");
	check(answered("10.0.0.3", 7, 0).len > 0 &&
		  !answered("10.0.0.3", 7, 0).df,
	    "windows-10: it has not");
}

/* stamped - of the answer to a timestamp request at dst; 0: none */
static uint32_t
stamped(const char *dst)
{
	const uint8_t *p = NULL;

	reset(false);
	how.dst = dst;
	payload[0] = ICMP_TIMESTAMP;
	if (give(T0, wrap(ICMP_TIMESTAMP_LEN, 2)) == 0)
		return 0;
	answer_ip(0, 14, &p);
	return get_be32(p + 16);
}

static void
test_timestamps(void)
{
	const uint32_t now = T0 / NS_PER_MS;
	uint32_t one = stamped("10.0.0.1"), two = stamped("10.0.0.7"),
		 low = __builtin_bswap32(stamped("10.0.0.2"));

	check(one >= now - 50 && one <= now + 50 && two >= now - 50 &&
		  two <= now + 50 && one != two,
	    "two clocks, each nearly right");
	check(low >= now - 50 && low <= now + 50, "windows-10: low byte first");
	check(stamped("10.0.0.4") == 0, "macos: no answer");
}

static uint16_t sent_id;

static void
on_frame(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	sent_id = get_be16(head + 14 + 4);
}

/* test_leaps - identifications that leap do so by numbers of their own */
static void
test_leaps(void)
{
	static struct sender s = {.send = on_frame, .mtu = 1500, .ttl = 64};
	static const uint8_t zero[14], head[ICMP_HLEN];
	struct ip_addr src[2] = {ip("10.0.0.1"), ip("10.0.0.2")},
		       dst = ip("10.0.0.9");
	struct letter l = {.frame = zero,
	    .l2len = 14,
	    .dst = &dst,
	    .id = FACE_ID_LEAPS,
	    .head = head,
	    .data = head};
	uint16_t id[2][9];
	unsigned i, k, same = 0, small = 0;

	sender_init(&s, &e.chance);
	for (k = 0; k < 2; k++)
		for (i = 0; i < 9; i++) {
			l.src = &src[k];
			sender_send(&s, T0, &l);
			id[k][i] = sent_id;
		}
	for (i = 0; i < 8; i++) {
		same += (uint16_t)(id[0][i + 1] - id[0][i]) ==
			(uint16_t)(id[1][i + 1] - id[1][i]);
		small += (uint16_t)(id[0][i + 1] - id[0][i]) < 1000;
	}
	check(same < 2 && small == 0, "two hosts have no row of leaps");
	l.id = FACE_ID_COUNT;
	l.src = &src[0];
	for (i = 0; i < 3000; i++) {
		put_be16(src[0].b + 14, (uint16_t)i);
		sender_send(&s, T0, &l);
		sender_send(&s, T0, &l);
	}
	for (i = same = 0; i < 3000; i++) {
		put_be16(src[0].b + 14, (uint16_t)i);
		sender_send(&s, T0, &l);
		same += sent_id == 3;
	}
	check(same > 2990, "3000 neighbours count alone: %u", same);
}

/* echoes - of 100 datagrams from this port, in no time */
static unsigned
echoes(bool v6, uint16_t port, uint64_t now)
{
	unsigned i, n = 0;

	for (i = 0; i < 100; i++) {
		reset(v6);
		how.dst = v6 ? "fd00::8" : "10.0.0.8";
		how.proto = PROTO_UDP;
		put_be32(payload, (uint32_t)port << 16 | 7);
		put_be16(payload + 4, 8 + 4);
		n += give(now, wrap(12, 6));
	}
	return n;
}

/* test_loop - two phantoms do not keep each other busy */
static void
test_loop(bool v6)
{
	const char *v = v6 ? "IPv6" : "IPv4";
	uint64_t later = T0 + (v6 ? 200 : 100) * NS_PER_SEC;
	unsigned n;

	check(echoes(v6, 5001, later) == 100, "%s: a client has its echoes", v);
	n = echoes(v6, 5000, later);
	check(
	    n == 10, "%s: from the port of an echo few are answered: %u", v, n);
	n = echoes(v6, 5000, later + NS_PER_SEC);
	check(n == 10, "%s: as many in each second: %u", v, n);
	check(echoes(v6, 80, later) == 0, "%s: to a low port none", v);
}

/* flood - answers in a second to 5000 datagrams from this port, or with 0 from
   5000 ports: of so many kinds, with 0 all different */
static unsigned
flood(bool v6, uint16_t port, unsigned kinds, uint64_t now)
{
	unsigned i, n = 0;
	uint32_t from;

	for (i = 0; i < 5000; i++) {
		reset(v6);
		how.dst = v6 ? "fd00::8" : "10.0.0.8";
		how.proto = PROTO_UDP;
		from = port != 0 ? port : 20000 + i;
		put_be32(payload, from << 16 | 7);
		put_be16(payload + 4, 8 + 4);
		put_be32(payload + 8,
		    kinds > 0 ? i % kinds : i + (uint32_t)(now >> 15));
		n += give(now + i * (NS_PER_SEC / 5000), wrap(12, 6));
	}
	return n;
}

/* test_answers - what comes from any port may be answers */
static void
test_answers(bool v6)
{
	const char *v = v6 ? "IPv6" : "IPv4";
	uint64_t later = T0 + (v6 ? 2000 : 1000) * NS_PER_SEC;
	unsigned n, i;

	n = flood(v6, 7001, 1, later);
	check(n > 100 && n <= 125, "%s: the same bytes: %u", v, n);
	n = flood(v6, 7001, 1, later + NS_PER_SEC);
	check(n >= 10 && n <= 12, "%s: and a second later: %u", v, n);
	n = flood(v6, 7002, 3, later + 100 * NS_PER_SEC);
	check(n > 100 && n <= 125, "%s: in turn with others: %u", v, n);
	n = flood(v6, 7003, 0, later + 200 * NS_PER_SEC);
	check(n > 1000 && n <= 1125, "%s: other bytes each time: %u", v, n);
	n = flood(v6, 0, 1, later + 300 * NS_PER_SEC);
	check(n == 5000, "%s: clients of many ports: %u", v, n);
	for (i = n = 0; i < 20; i++)
		n += flood(v6, 7004, 0, later + (400 + i) * NS_PER_SEC) > 50;
	check(n == 20, "%s: a client of one port goes on: %u", v, n);
}

int
main(void)
{
	struct responder_config cf = plain;
	char error[HOSTS_ERROR] = "";

	cf.echo_rate = 100000;
	cf.hosts = hosts_text("net", net, strlen(net), error);
	check(cf.hosts != NULL, "the file is read: %s", error);
	engine(&cf);
	test_echo();
	test_problem();
	test_unknown();
	test_datagrams();
	test_timestamps();
	test_leaps();
	test_loop(false);
	test_loop(true);
	test_answers(false);
	test_answers(true);
	return done();
}
