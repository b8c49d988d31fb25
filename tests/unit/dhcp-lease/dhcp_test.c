/*
 * dhcp_test.c - DHCP messages as RFC 2131 and RFC 2132 have them, options in
 * all three fields, liars; and when a client sends what again.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "wire/dhcp.h"
#include "cmd/dhcp-lease/lease.h"
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum { FIXED = 240, XID = 0x12345678 };

static const struct mac us = {{2, 0x50, 1, 2, 3, 4}};

/* reply - a server's message with these options; the length */
static size_t
reply(uint8_t *m, const void *options, size_t n)
{
	memset(m, 0, FIXED);
	memcpy(m, "\2\1\6", 3);
	put_be32(m + 4, XID);
	memcpy(m + 16, "\xa\0\0\x32", 4);
	memcpy(m + 28, us.b, 6);
	memcpy(m + 236, "\x63\x82\x53\x63", 4);
	memcpy(m + FIXED, options, n);
	return FIXED + n;
}

#define REPLY(m, options) reply(m, options, sizeof(options) - 1)

/* decode - out of a copy that ends where it ends */
static enum dhcp_error
decode(const uint8_t *m, size_t n, struct dhcp *d)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);
	enum dhcp_error r;

	memcpy(copy, m, n);
	r = dhcp_decode(copy, n, d);
	free(copy);
	return r;
}

static bool
addr_is(const struct ip_addr *a, const char *text)
{
	char buf[IP_TEXT];

	return strcmp(ip_text(a, buf), text) == 0;
}

#define OFFER "\x35\1\2\x36\4\xa\0\0\1\x33\4\0\0\xe\x10"

static void
good(void)
{
	uint8_t m[1024];
	struct dhcp d;
	size_t n, i;
	int wrong = 0;

	n = REPLY(m,
	    OFFER "\1\4\xff\xff\xff\0\3\x08\xa\0\0\1\xa\0\0\2"
		  "\6\4\xa\0\0\3\x0f\3lab\x0c\5ghost\x1a\2\5\x78\x3a\4\0\0"
		  "\7\x08\x3b\4\0\0\xc\x4e\0\0\xe0\1x\xff");
	check(decode(m, n, &d) == 0 && d.type == DHCP_OFFER && d.xid == XID &&
		  mac_equal(&d.chaddr, &us),
	    "an offer");
	check(addr_is(&d.yiaddr, "10.0.0.50") &&
		  addr_is(&d.server, "10.0.0.1") &&
		  dhcp_prefix(&d.mask) == 24 && d.router.n == 2 &&
		  addr_is(&d.router.a[1], "10.0.0.2") && d.dns.n == 1,
	    "its addresses");
	check(d.lease == 3600 && d.t1 == 1800 && d.t2 == 3150 && d.mtu == 1400,
	    "its numbers");
	check(strcmp(d.domain, "lab") == 0 && strcmp(d.host, "ghost") == 0,
	    "its texts");
	for (i = 0; i < n - 1; i++)
		wrong += decode(m, i, &d) == 0 && i < FIXED + 3;
	check(wrong == 0, "cut before its type it is none");
}

static void
fields(void)
{
	uint8_t m[1024];
	struct dhcp d;
	size_t n;

	n = REPLY(m, OFFER "\x0f\2ab\x34\1\3\xff");
	memcpy(m + 108, "\x0f\2cd\xff\x0f\2XX", 9);
	memcpy(m + 44, "\x0f\2ef\x06\4\xa\0\0\3", 10);
	check(decode(m, n, &d) == 0 && strcmp(d.domain, "abcdef") == 0 &&
		  d.dns.n == 1,
	    "RFC 2131 4.1, RFC 3396: options, file, sname, joined");
	m[n - 2] = 1;
	check(decode(m, n, &d) == 0 && strcmp(d.domain, "abcd") == 0, "file");
	m[n - 2] = 2;
	check(decode(m, n, &d) == 0 && strcmp(d.domain, "abef") == 0, "sname");
	m[n - 2] = 4;
	check(decode(m, n, &d) == 0 && strcmp(d.domain, "ab") == 0,
	    "an overload of 4 is none");
	m[n - 2] = 3;
	memcpy(m + 44 + 60, "\x0f\xff\0\0", 4);
	memset(m + 44 + 10, 0, 50);
	check(decode(m, n, &d) == DHCP_OPTION,
	    "an option that runs out of sname");
	memcpy(m + 44 + 62, "\0\x0f", 2);
	m[44 + 60] = m[44 + 61] = 0;
	check(decode(m, n, &d) == DHCP_OPTION, "one that has no length there");
	memset(m + 44, 0, 64);
	memcpy(m + 44, "\x34\1\3", 3);
	check(decode(m, n, &d) == 0, "an overload within sname is no news");
}

/* what servers do wrong, and other clients take */
static void
odd(void)
{
	uint8_t m[1024];
	struct dhcp d;
	size_t n;

	n = REPLY(m, OFFER "\x35\1\5\xff");
	check(decode(m, n, &d) == DHCP_OK && d.type == DHCP_OFFER,
	    "of two types the first");
	n = REPLY(
	    m, "\x35\2\2\2\x36\x08\xa\0\0\1\xa\0\0\2\x33\5\0\0\xe\x10\1\xff");
	check(decode(m, n, &d) == DHCP_OK && d.type == DHCP_OFFER &&
		  addr_is(&d.server, "10.0.0.1") && d.has_lease &&
		  d.lease == 3600,
	    "a type, a server and a lease that are too long");
	n = REPLY(m, OFFER "\1\3\xff\xff\xff\x1a\1\5\x3a\2\1\1\xff");
	check(decode(m, n, &d) == DHCP_OK && ip_is_unspecified(&d.mask) &&
		  d.mtu == 0 && d.t1 == 0,
	    "a mask, an MTU and a T1 that are too short are absent");
	n = REPLY(m, OFFER "\3\0\6\0\x0f\0\x0c\0\x1a\0\xff");
	check(decode(m, n, &d) == DHCP_OK && d.router.n == 0 && d.dns.n == 0,
	    "and so are those without a value");
	n = REPLY(m, OFFER "\3\5\xa\0\0\1\1\xff");
	check(decode(m, n, &d) == DHCP_OK && d.router.n == 1,
	    "a router of 5 bytes is one");
	n = REPLY(m, OFFER "\6\4\xa\0\0\3\6\4\xa\0\0\4\xff");
	check(decode(m, n, &d) == DHCP_OK && d.dns.n == 2,
	    "RFC 3396: of a list that comes twice both");
	n = REPLY(m, "\x35\1\5\x36\4\xa\0\0\1\xff");
	check(decode(m, n, &d) == DHCP_OK && !d.has_lease, "no lease time");
}

static void
bad(void)
{
	static const struct {
		enum dhcp_error error;
		const char *what, *options;
		size_t n;
	} list[] = {
#define ROW(error, what, options) {error, what, options, sizeof(options) - 1}
	    ROW(DHCP_NO_TYPE, "no option at all", ""),
	    ROW(DHCP_NO_TYPE, "no type", "\x36\4\xa\0\0\1\xff"),
	    ROW(DHCP_OPTION, "an option without length", OFFER "\1"),
	    ROW(DHCP_OPTION, "an option beyond the end", OFFER "\1\4\xff\xff"),
	    ROW(DHCP_OPTION, "the longest length",
		OFFER "\x0f\xff"
		      "a\xff"),
#undef ROW
	};
	uint8_t m[1024], options[600];
	struct dhcp d;
	size_t i, n;

	for (i = 0; i < sizeof list / sizeof list[0]; i++) {
		n = reply(m, list[i].options, list[i].n);
		check(decode(m, n, &d) == list[i].error, "refused: %s: %s",
		    list[i].what, dhcp_error_text(list[i].error));
	}
	n = REPLY(m, OFFER "\xff\1\1");
	check(decode(m, n, &d) == 0, "behind the end nothing counts");
	n = REPLY(m, OFFER);
	check(decode(m, n, &d) == 0, "without an end the field's is it");
	m[1] = 6;
	check(decode(m, n, &d) == DHCP_FOREIGN, "not for Ethernet");
	n = REPLY(m, OFFER);
	m[2] = 16;
	check(decode(m, n, &d) == DHCP_FOREIGN, "an address of 16 bytes");
	n = REPLY(m, OFFER);
	m[236] = 0;
	check(decode(m, n, &d) == DHCP_FOREIGN, "BOOTP without the magic");
	memcpy(options, OFFER "\x0f\xff", 17);
	memset(options + 17, '\33', 255);
	memcpy(options + 272,
	    "\x0f\x05"
	    "abcde",
	    7);
	n = reply(m, options, 279);
	check(decode(m, n, &d) == 0 && strlen(d.domain) == DHCP_TEXT - 1 &&
		  strspn(d.domain, "?") == DHCP_TEXT - 1,
	    "a text too long is cut, and of bytes that are printed");
}

static void
spoken(void)
{
	static const uint8_t end[] = {
	    55, 10, 1, 3, 6, 12, 15, 26, 28, 42, 58, 59, 12, 1, 'h', 255};
	uint8_t m[DHCP_ENCODED];
	struct dhcp d, got;
	size_t n;

	dhcp_zero(&d);
	d.type = DHCP_REQUEST;
	d.xid = XID;
	d.secs = 7;
	d.broadcast = true;
	d.chaddr = us;
	parse_addr("10.0.0.50", &d.requested);
	parse_addr("10.0.0.1", &d.server);
	snprintf(d.host, sizeof d.host, "h");
	n = dhcp_encode(&d, m);
	check(n == 300 && decode(m, n, &got) == 0 && got.op == 1 &&
		  got.xid == XID && got.secs == 7 && got.broadcast &&
		  got.type == DHCP_REQUEST &&
		  addr_is(&got.requested, "10.0.0.50") &&
		  addr_is(&got.server, "10.0.0.1"),
	    "a request of at least 300 bytes (RFC 1542 2.1)");
	check(memcmp(m + FIXED + 3, "\x3d\7\1\2\x50\1\2\3\4", 9) == 0,
	    "RFC 2132 9.14: the client is its MAC");
	check(memcmp(m + FIXED + 3 + 9 + 6 + 6 + 4, end, sizeof end) == 0,
	    "what it wants to know, its name, the end");
	d.type = DHCP_RELEASE;
	memset(d.host, 'h', sizeof d.host - 1);
	memset(d.message, 'm', sizeof d.message - 1);
	n = dhcp_encode(&d, m);
	check(decode(m, n, &got) == 0 && got.host[0] == '\0' &&
		  strlen(got.message) == 63,
	    "RFC 2131 table 5: a release wants nothing");
	d.type = DHCP_DISCOVER;
	check(dhcp_encode(&d, m) <= DHCP_ENCODED, "the longest one fits");
}

static void
prefixes(void)
{
	static const struct {
		const char *mask;
		int bits;
	} list[] = {{"0.0.0.0", 0}, {"128.0.0.0", 1}, {"255.255.240.0", 20},
	    {"255.255.255.255", 32}, {"255.0.255.0", -1}, {"0.0.0.1", -1}};
	struct ip_addr a;
	size_t i;

	for (i = 0; i < sizeof list / sizeof list[0]; i++) {
		parse_addr(list[i].mask, &a);
		check(dhcp_prefix(&a) == list[i].bits, "mask %s", list[i].mask);
	}
}

static void
times(void)
{
	static const unsigned wait[] = {4, 8, 16, 32, 64, 64};
	struct chance chance;
	struct lease l = {0};
	struct dhcp d;
	uint64_t v;
	unsigned i, n;
	int wrong = 0, early = 0;

	chance_seed(&chance, 1);
	for (i = 0; i < 6; i++) {
		for (n = 0; n < 100; n++) {
			v = lease_backoff(&chance, i);
			wrong += v < (wait[i] - 1) * NS_PER_SEC ||
				 v > (wait[i] + 1) * NS_PER_SEC;
			early += v < wait[i] * NS_PER_SEC;
		}
	}
	check(wrong == 0 && early > 200 && early < 400,
	    "RFC 2131 4.1: 4, 8, 16, 32, 64 s, give or take one");
	check(lease_retry(0, 1000 * NS_PER_SEC) == 500 * NS_PER_SEC &&
		  lease_retry(0, 100 * NS_PER_SEC) == 60 * NS_PER_SEC &&
		  lease_retry(9, 3) == 60 * NS_PER_SEC,
	    "RFC 2131 4.4.5: half the time left, at least 60 s");
	dhcp_zero(&d);
	d.lease = 800;
	d.has_lease = true;
	lease_set(&l, &d, &us, NS_PER_SEC);
	check(l.t1 == 401 * NS_PER_SEC && l.t2 == 701 * NS_PER_SEC &&
		  l.end == 801 * NS_PER_SEC,
	    "T1, T2 and end from the moment of the request");
	d.t1 = 790;
	d.t2 = 900;
	lease_set(&l, &d, &us, 0);
	check(l.t1 < l.t2 && l.t2 < l.end, "T1 < T2 < end, whatever is said");
	for (d.lease = 1; d.lease < 20; d.lease++)
		for (d.t2 = 0; d.t2 < 20; d.t2++)
			for (d.t1 = 0; d.t1 < 20; d.t1++) {
				lease_set(&l, &d, &us, 0);
				wrong += l.t1 > l.t2 || l.t2 >= l.end;
			}
	check(wrong == 0, "the shortest ones, too");
	d.has_lease = false;
	lease_set(&l, &d, &us, 0);
	check(l.end == 3600 * NS_PER_SEC, "a server that says none: an hour");
	d.has_lease = true;
	d.lease = UINT32_MAX;
	d.t1 = d.t2 = 0;
	lease_set(&l, &d, &us, 0);
	check(l.t1 == TIME_NEVER && l.end == TIME_NEVER,
	    "RFC 2131 3.3: for ever");
}

static void
verdicts(void)
{
	const struct mac other = {{2, 0x50, 9, 9, 9, 9}};
	struct ip_addr addr, server, any;
	struct dhcp d;

	dhcp_zero(&d);
	any = d.server;
	parse_addr("10.0.0.50", &addr);
	parse_addr("10.0.0.1", &server);
	d.op = DHCP_BOOTREPLY;
	d.xid = XID;
	d.chaddr = us;
	d.yiaddr = addr;
	d.server = server;
	d.lease = 1;
	d.type = DHCP_OFFER;
	check(lease_is_answer(&d, XID, &us) &&
		  !lease_is_answer(&d, XID + 1, &us) &&
		  !lease_is_answer(&d, XID, &other),
	    "an answer has our xid and MAC");
	check(lease_offer_fault(&d) == NULL, "an offer");
	d.server = any;
	check(lease_offer_fault(&d) != NULL, "one without a server");
	d.server = addr;
	check(lease_offer_fault(&d) != NULL, "one of the server's own address");
	d.server = server;
	d.type = DHCP_ACK;
	check(lease_ack_fault(&d, &addr, &server) == NULL &&
		  lease_offer_fault(&d) != NULL,
	    "an ACK");
	check(lease_ack_fault(&d, &server, &server) != NULL,
	    "for another address");
	check(lease_ack_fault(&d, &addr, &addr) != NULL, "of another server");
	check(lease_ack_fault(&d, &addr, &any) == NULL, "of any");
	d.lease = 0;
	check(lease_ack_fault(&d, &addr, &server) == NULL, "without a time");
	d.has_lease = true;
	check(lease_ack_fault(&d, &addr, &server) != NULL, "of no time");
	d.type = DHCP_NAK;
	check(lease_is_nak(&d, &server) && !lease_is_nak(&d, &addr), "a NAK");
}

int
main(void)
{
	good();
	fields();
	odd();
	bad();
	spoken();
	prefixes();
	times();
	verdicts();
	return done();
}
