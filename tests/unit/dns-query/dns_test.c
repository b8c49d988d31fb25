/*
 * dns_test.c - names, questions, records and their text: what the RFCs say,
 * and what a liar may send.
 */
#include <stdlib.h>

#include "cmd/dns-query/dname.h"
#include "cmd/dns-query/message.h"
#include "cmd/dns-query/record.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/parse.h"

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static char shown[RECORD_TEXT];

static void
names_of_text(void)
{
	static const struct {
		const char *in, *out;
	} good[] = {{".", "."}, {"a", "a."},
	    {"www.Example.COM.", "www.Example.COM."}, {"a\\.b.c", "a\\.b.c."},
	    {"\\000\\255\\032", "\\000\\255\\032."}, {"a;b", "a\\;b."},
	    {"\\a\\\\", "a\\\\."}, {A63 ".x", A63 ".x."},
	    {A63 "." A63 "." A63 "." A61, A63 "." A63 "." A63 "." A61 "."}};
	static const char *const bad[] = {"", "..", ".a", "a..b", "a..", "a\\",
	    "\\25", "\\256", "\\2x5", A63 "a", A63 "a.b",
	    A63 "." A63 "." A63 "." A61 "a", A63 "." A63 "." A63 "." A61 ".b"};
	char buf[NAME_TEXT];
	struct name n;
	size_t i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++)
		check(name_parse(good[i].in, &n) == 0 &&
			  strcmp(name_text(&n, buf), good[i].out) == 0,
		    "a name: %.20s", good[i].in);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check(name_parse(bad[i], &n) == -1, "no name: '%.20s'", bad[i]);
}

static void
reverse(void)
{
	char buf[NAME_TEXT];
	struct ip_addr a;
	struct name n;

	parse_addr("192.0.2.1", &a);
	name_reverse(&a, &n);
	check(strcmp(name_text(&n, buf), "1.2.0.192.in-addr.arpa.") == 0,
	    "RFC 1035 3.5: a reverse name");
	parse_addr("4321:0:1:2:3:4:567:89ab", &a);
	name_reverse(&a, &n);
	check(strcmp(name_text(&n, buf),
		  "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1."
		  "2.3.4.ip6.arpa.") == 0,
	    "RFC 3596 2.5: its own example");
}

/* RFC 1035 4.1.4: F.ISI.ARPA, FOO.F.ISI.ARPA, ARPA at 20, 40, 64 */
static void
compression(void)
{
	uint8_t m[93] = {0};
	char buf[NAME_TEXT];
	struct name n, o;
	size_t off = 20;

	memcpy(m + 20, "\1F\3ISI\4ARPA", 12);
	memcpy(m + 40, "\3FOO\xc0\x14", 6);
	memcpy(m + 64, "\xc0\x1a", 2);
	check(name_decode(m, sizeof m, &off, &n) == 0 && off == 32 &&
		  strcmp(name_text(&n, buf), "F.ISI.ARPA.") == 0,
	    "a name in a message");
	off = 40;
	check(name_decode(m, sizeof m, &off, &n) == 0 && off == 46 &&
		  strcmp(name_text(&n, buf), "FOO.F.ISI.ARPA.") == 0,
	    "a label and a pointer");
	off = 64;
	check(name_decode(m, sizeof m, &off, &n) == 0 && off == 66 &&
		  strcmp(name_text(&n, buf), "ARPA.") == 0,
	    "a pointer alone");
	off = 92;
	check(name_decode(m, sizeof m, &off, &n) == 0 && off == 93 &&
		  strcmp(name_text(&n, buf), ".") == 0,
	    "the root");
	name_parse("foo.f.isi.arpa", &n);
	off = 40;
	name_decode(m, sizeof m, &off, &o);
	check(name_equal(&n, &o), "RFC 4343: without regard to case");
	name_parse("foo.g.isi.arpa", &n);
	check(!name_equal(&n, &o), "another name is another");
}

static void
bad_names(void)
{
	static const struct {
		const char *what;
		const char *bytes;
		size_t n, at;
	} bad[] = {
	    {"nothing", "", 0, 0},
	    {"no end", "\1a", 2, 0},
	    {"a label beyond the end", "\5ab", 3, 0},
	    {"a label up to the end", "\2ab", 3, 0},
	    {"half a pointer", "\1a\xc0", 3, 0},
	    {"a pointer to itself", "\xc0\0", 2, 0},
	    {"a pointer to its own labels", "\1a\xc0\0", 4, 0},
	    {"two that point to each other", "\xc0\2\xc0\0", 4, 2},
	    {"a pointer forwards", "\xc0\2\0", 3, 0},
	    {"a pointer beyond the end", "\xc0\xff", 2, 0},
	    {"a label of kind 01", "\x41\0\0\0", 4, 0},
	    {"a label of kind 10", "\x81\0\0\0", 4, 0},
	};
	struct name n;
	size_t i, off;
	uint8_t *m;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		m = malloc(bad[i].n + 1);
		memcpy(m, bad[i].bytes, bad[i].n);
		off = bad[i].at;
		check(name_decode(m, bad[i].n, &off, &n) == -1, "no name: %s",
		    bad[i].what);
		free(m);
	}
}

/* labels that are each followed by a pointer to the ones before: the name
   doubles, but no further than 255 bytes */
static void
long_names(void)
{
	uint8_t m[1024];
	struct name n;
	size_t off = 0, last = 0, i;

	for (i = 0; i < 4; i++) { /* 4 * 62 + 1 = 249 bytes */
		m[off] = 61;
		memset(m + off + 1, 'a', 61);
		off += 62;
	}
	m[off++] = 0;
	last = off;
	memcpy(m + off, "\5abcde\xc0\0", 8);
	check(name_decode(m, off + 8, &off, &n) == 0 && n.len == 255,
	    "255 bytes by way of a pointer");
	off = last;
	memcpy(m + off, "\6abcdef\xc0\0", 9);
	check(name_decode(m, off + 9, &off, &n) == -1, "256 are too many");
}

static void
types(void)
{
	char buf[TYPE_TEXT];
	uint16_t t;

	check(type_parse("mx", &t) == 0 && t == 15, "a type");
	check(type_parse("TYPE65280", &t) == 0 && t == 65280, "by number");
	check(type_parse("type1", &t) == 0 &&
		  strcmp(text_of_type(t, buf), "A") == 0,
	    "a known one by number");
	check(strcmp(text_of_type(65535, buf), "TYPE65535") == 0,
	    "RFC 3597: one without a name");
	check(type_parse("OPT", &t) == -1 && type_parse("TYPE41", &t) == -1 &&
		  type_parse("AXFR", &t) == -1 &&
		  type_parse("TYPE252", &t) == -1 &&
		  type_parse("TYPE0", &t) == -1 &&
		  type_parse("TYPE65536", &t) == -1 &&
		  type_parse("TYPE", &t) == -1 && type_parse("", &t) == -1,
	    "what cannot be asked for");
}

/* data TYPE BYTES N - its text, or NULL when it is bad */
static const char *
data(uint16_t type, const char *bytes, size_t n)
{
	struct dns_record r = {.type = type,
	    .class = DNS_IN,
	    .rdata = DNS_HLEN,
	    .rdlen = (uint16_t)n};
	struct text t = {shown, sizeof shown, 0};
	uint8_t *m = calloc(1, DNS_HLEN + n);
	int judged, written;

	memcpy(m + DNS_HLEN, bytes, n);
	judged = record_text(m, DNS_HLEN + n, &r, NULL);
	written = record_text(m, DNS_HLEN + n, &r, &t);
	free(m);
	if (judged != written)
		return "judged and written are different";
	return written == 0 ? shown : NULL;
}

#define DATA(type, bytes) data(type, bytes, sizeof(bytes) - 1)

static void
data_is(const char *what, const char *got, const char *want)
{
	if (!check(got != NULL && strcmp(got, want) == 0, "%s", what))
		printf("# got: %s\n", got == NULL ? "nothing" : got);
}

static void
good_data(void)
{
	data_is("A", DATA(1, "\xc0\0\2\1"), "192.0.2.1");
	data_is("AAAA", DATA(28, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
	    "2001:db8::1");
	data_is("a v4-mapped AAAA",
	    DATA(28, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xa\0\0\1"),
	    "::ffff:10.0.0.1");
	data_is("MX", DATA(15, "\0\12\4mail\3a.b\0"), "10 mail.a\\.b.");
	data_is("SRV", DATA(33, "\0\1\0\2\x14\x66\1x\0"), "1 2 5222 x.");
	data_is("SOA",
	    DATA(6, "\1m\0\1h\0\xff\xff\xff\xff\0\0\0\1\0\0\0\2\0\0\0\3\0"
		    "\0\0\4"),
	    "m. h. 4294967295 1 2 3 4");
	data_is("TXT", DATA(16, "\2hi\0\3\"\\;"), "\"hi\" \"\" \"\\\"\\\\;\"");
	data_is("TXT of bytes that a terminal would obey",
	    DATA(16, "\6\33[31m\7"), "\"\\027[31m\\007\"");
	data_is("TXT beyond ASCII", DATA(16, "\2\xc3\xa9"), "\"\\195\\169\"");
	data_is(
	    "RFC 3597: an unknown type", DATA(65280, "\1\xab"), "\\# 2 01AB");
	data_is("and an empty one", DATA(65280, ""), "\\# 0");
}

static void
bad_data(void)
{
	check(DATA(1, "\1\2\3") == NULL, "an A of 3 bytes");
	check(DATA(1, "\1\2\3\4\5") == NULL, "an A of 5 bytes");
	check(DATA(28, "\1\2\3\4") == NULL, "an AAAA of 4 bytes");
	check(DATA(15, "\0") == NULL, "an MX of a byte");
	check(DATA(15, "\0\1\1a") == NULL, "an MX whose name does not end");
	check(DATA(15, "\0\1\0x") == NULL, "an MX with more behind it");
	check(DATA(6, "\0\0\0\0\0\0") == NULL, "an SOA without its numbers");
	check(DATA(16, "") == NULL, "a TXT of no string");
	check(DATA(16, "\3ab") == NULL, "a TXT that is longer than itself");
	check(DATA(5, "\xc0\x0c") == NULL, "a CNAME that is its own");
}

/* the longest data there is fits its buffer */
static void
long_data(void)
{
	static char b[65536];
	size_t i;

	memset(b, 0xff, sizeof b);
	check(data(65280, b, 65535) != NULL, "65535 bytes of an unknown type");
	check(data(16, b, 65280) != NULL &&
		  strlen(shown) == 255 * (255 * 4 + 3) - 1,
	    "255 strings of 255 bytes");
	memset(b, 0, sizeof b);
	check(data(16, b, 65535) != NULL, "65535 empty strings");
	for (i = 0; i < sizeof b; i += 2)
		b[i] = 1;
	check(data(16, b, 65534) != NULL, "32767 strings of one byte");
}

static struct dns_question asked;

static void
queries(void)
{
	static const uint8_t want[] = "\x12\x34\1\0\0\1\0\0\0\0\0\1\1a\0\0\xf"
				      "\0\1\0\0\x29\4\xd0\0\0\0\0\0\0";
	uint8_t m[DNS_QUERY_MAX];

	name_parse("a", &asked.name);
	asked.type = 15;
	asked.class = DNS_IN;
	check(dns_query(&asked, 0x1234, true, 1232, m) == sizeof want - 1 &&
		  memcmp(m, want, sizeof want - 1) == 0,
	    "a query with EDNS0");
	check(dns_query(&asked, 0x1234, false, 0, m) == 19 && m[2] == 0 &&
		  m[11] == 0,
	    "without EDNS, without recursion");
	name_parse(A63 "." A63 "." A63 "." A61, &asked.name);
	check(dns_query(&asked, 1, true, 1232, m) == DNS_QUERY_MAX,
	    "the longest name");
	name_parse("a", &asked.name);
}

static enum dns_match
judge(const uint8_t *m, size_t n, struct dns_header *h, struct dns_edns *e)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);
	enum dns_match r;

	memcpy(copy, m, n);
	r = dns_check(copy, n, &asked, 0x1234, h, e);
	free(copy);
	return r;
}

static void
answers(void)
{
	static const uint8_t good[] =
	    "\x12\x34\x85\x80\0\1\0\1\0\0\0\1\1A\0\0\xf\0\1"
	    "\xc0\x0c\0\xf\0\1\0\0\0\x3c\0\5\0\1\1b\0"
	    "\0\0\x29\4\xd0\1\0\x80\0\0\0";
	const size_t n = sizeof good - 1, question = 19;
	struct dns_header h;
	struct dns_edns e;
	uint8_t m[sizeof good];
	size_t i;
	int wrong = 0;

	check(judge(good, n, &h, &e) == DNS_ANSWERED && h.aa && h.rd && h.ra &&
		  !h.tc && h.count[DNS_ANSWER] == 1,
	    "an answer");
	check(e.there && e.size == 1232 && e.dnssec && h.rcode == 16,
	    "EDNS: size, DO, upper bits of the code");
	for (i = 0; i < n; i++)
		wrong += judge(good, i, &h, &e) !=
			 (i < question ? DNS_OTHER : DNS_MALFORMED);
	check(wrong == 0, "cut anywhere: no question, or malformed");

	static const struct {
		const char *what;
		uint8_t at, value;
		enum dns_match want;
	} other[] = {
	    {"RFC 5452: another id", 0, 0x13, DNS_OTHER},
	    {"a query, not an answer", 2, 0x05, DNS_OTHER},
	    {"another opcode", 2, 0xa5, DNS_OTHER},
	    {"another name", 13, 'b', DNS_OTHER},
	    {"another type", 16, 1, DNS_OTHER},
	    {"another class", 18, 3, DNS_OTHER},
	    {"two questions", 5, 2, DNS_OTHER},
	    {"no question", 5, 0, DNS_OTHER},
	    {"truncated", 2, 0x87, DNS_CUT},
	    {"more answers than there are", 7, 2, DNS_MALFORMED},
	    {"an owner that points to itself", 20, 19, DNS_MALFORMED},
	    {"data of another length", 30, 4, DNS_MALFORMED},
	    {"a name of a bad label", 33, 0x41, DNS_MALFORMED},
	};
	for (i = 0; i < sizeof other / sizeof other[0]; i++) {
		memcpy(m, good, n);
		m[other[i].at] = other[i].value;
		check(
		    judge(m, n, &h, &e) == other[i].want, "%s", other[i].what);
	}
	memcpy(m, "\x12\x34\x81\x81\0\0\0\0\0\0\0\0", 12);
	check(judge(m, 12, &h, &e) == DNS_ANSWERED && h.rcode == DNS_FORMERR,
	    "FORMERR without the question");
	m[3] = 0x83;
	check(judge(m, 12, &h, &e) == DNS_OTHER, "no NXDOMAIN without it");
}

int
main(void)
{
	names_of_text();
	reverse();
	compression();
	bad_names();
	long_names();
	types();
	good_data();
	bad_data();
	long_data();
	queries();
	answers();
	return done();
}
