/* ip_test.c - RFC 791, RFC 8200: headers read and written, addresses */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/parse.h"

static struct ip_hdr
header(const char *src, const char *dst, uint32_t len)
{
	struct ip_hdr h = {.proto = PROTO_TCP,
	    .ttl = 64,
	    .tos = 0xb8,
	    .df = true,
	    .id = 0x1234,
	    .len = len};

	parse_addr(src, &h.src);
	parse_addr(dst, &h.dst);
	return h;
}

static void
v4(void)
{
	struct ip_hdr h = header("10.0.0.5", "10.0.0.9", 40), g;
	uint8_t p[100] = {0};
	size_t i;
	bool flip = true;

	check(ip_encode(p, &h) == 20, "v4 header: 20 bytes");
	check(ip_decode(p, 40, &g) == IP_OK && g.len == 40 && g.hlen == 20 &&
		  g.proto == PROTO_TCP && g.ttl == 64 && g.tos == 0xb8 &&
		  g.df && !g.frag && g.id == 0x1234 && !g.v6 &&
		  ip_equal(&g.src, &h.src) && ip_equal(&g.dst, &h.dst),
	    "v4: what was written is read");
	check(ip_decode(p, 60, &g) == IP_OK && g.len == 40,
	    "v4: padding behind it");
	check(ip_decode(p, 39, &g) == IP_SHORT, "v4: a byte is missing");
	for (i = 0; i < 20; i++) {
		p[i] ^= 0x10;
		if (ip_decode(p, 100, &g) == IP_OK)
			flip = false;
		p[i] ^= 0x10;
	}
	check(flip, "v4: any damaged byte is found");
	p[0] = 0x44;
	check(ip_decode(p, 40, &g) == IP_HEADER, "v4: header of 16 bytes");
	p[0] = 0x55;
	check(ip_decode(p, 40, &g) == IP_VERSION, "version 5");
	check(ip_decode(p, 0, &g) == IP_SHORT, "no byte");
}

static void
fragments(void)
{
	struct ip_hdr h = header("10.0.0.5", "10.0.0.9", 40), g;
	uint8_t p[40] = {0};

	ip_encode(p, &h);
	put_be16(p + 6, 0x2000 | 100);
	put_be16(p + 10, 0);
	put_be16(p + 10, cksum_fold(cksum_add(0, p, 20)));
	check(ip_decode(p, 40, &g) == IP_OK && g.frag && g.more && !g.df &&
		  g.frag_off == 800,
	    "v4: a fragment");
}

static void
v6(void)
{
	struct ip_hdr h = header("2001:db8::5", "2001:db8::9", 100), g;
	uint8_t p[200] = {0};

	check(ip_encode(p, &h) == 40, "v6 header: 40 bytes");
	check(ip_decode(p, 100, &g) == IP_OK && g.v6 && g.len == 100 &&
		  g.hlen == 40 && g.proto == PROTO_TCP && g.tos == 0xb8 &&
		  ip_equal(&g.src, &h.src) && ip_equal(&g.dst, &h.dst),
	    "v6: what was written is read");
	check(ip_decode(p, 99, &g) == IP_SHORT, "v6: a byte is missing");
	p[6] = 60; /* destination options, 16 bytes */
	p[40] = PROTO_TCP;
	p[41] = 1;
	check(ip_decode(p, 100, &g) == IP_OK && g.hlen == 56 &&
		  g.proto == PROTO_TCP,
	    "v6: an extension header is skipped");
	p[41] = 255;
	check(ip_decode(p, 100, &g) == IP_EXTENSION,
	    "v6: one that is longer than the packet");
	memset(p + 40, 0, 60);
	memset(p + 40, 60, 60);
	p[6] = 60;
	put_be16(p + 4, 60);
	check(ip_decode(p, 100, &g) == IP_EXTENSION, "v6: a chain without end");
	p[6] = 44;
	memset(p + 40, 0, 60);
	p[40] = PROTO_TCP;
	put_be16(p + 42, 8 | 1);
	check(ip_decode(p, 100, &g) == IP_OK && g.frag && g.more &&
		  g.frag_off == 8,
	    "v6: a fragment");
	memset(p + 8, 0, 10);
	p[18] = p[19] = 0xff;
	check(ip_decode(p, 100, &g) != IP_OK,
	    "v6: a v4-mapped address from the wire");
}

/* put - an extension header of 8 bytes at p */
static void
put(uint8_t *p, uint8_t next, uint8_t a, uint8_t b, uint8_t c)
{
	memset(p, 0, 8);
	p[0] = next;
	p[2] = a;
	p[3] = b;
	p[4] = c;
}

/* RFC 8200 4.2: what is to become of a packet with an unknown option */
static void
options(void)
{
	struct ip_hdr h = header("2001:db8::5", "2001:db8::9", 100), g;
	uint8_t p[200] = {0};
	unsigned type;
	bool right = true;

	ip_encode(p, &h);
	p[6] = 60;
	for (type = 2; type < 256; type++) {
		put(p + 40, PROTO_TCP, (uint8_t)type, 4, 0);
		right = right && ip_decode_captured(p, 100, 100, &g) == IP_OK &&
			ip_decode(p, 100, &g) ==
			    (type < 64 ? IP_OK : IP_OPTION) &&
			g.problem_at == (type < 128 ? 0 : 42u) &&
			g.hlen == 48 && g.proto == PROTO_TCP;
	}
	check(right, "options of 00xxxxxx are skipped, no others; 1xxxxxxx are "
		     "answered");
	put(p + 40, PROTO_TCP, 1, 5, 0);
	check(ip_decode_captured(p, 100, 100, &g) == IP_EXTENSION,
	    "one that overruns");
	put(p + 40, PROTO_TCP, 1, 3, 0);
	p[47] = 30;
	check(ip_decode_captured(p, 100, 100, &g) == IP_EXTENSION,
	    "one without its length");
	put(p + 40, PROTO_TCP, 0, 0, 0);
	check(ip_decode(p, 100, &g) == IP_OK, "padding by single bytes");
	p[6] = 0;
	put(p + 40, PROTO_TCP, 0xc2, 4, 0);
	check(ip_decode(p, 100, &g) == IP_OPTION && g.problem_code == 2,
	    "hop-by-hop options as well: a jumbogram");
	put(p + 40, 60, 0x40, 4, 0);
	put(p + 48, PROTO_TCP, 0x80, 4, 0);
	check(ip_decode(p, 100, &g) == IP_OPTION && g.problem_at == 0,
	    "the first one decides: no answer");
	p[6] = 60;
	put(p + 40, 0, 1, 4, 0);
	put(p + 48, PROTO_TCP, 1, 4, 0);
	check(ip_decode(p, 100, &g) == IP_EXTENSION && g.problem_at == 40 &&
		  g.problem_code == 1,
	    "hop-by-hop options elsewhere are an unknown header");
	p[6] = 43;
	put(p + 40, PROTO_TCP, 99, 1, 0);
	check(ip_decode(p, 100, &g) == IP_EXTENSION && g.problem_at == 42 &&
		  g.problem_code == 0 &&
		  ip_decode_captured(p, 100, 100, &g) == IP_OK,
	    "RFC 8200 4.4: a routing header of an unknown type");
	p[6] = 44;
	put(p + 40, 60, 0, 1, 0); /* a first fragment, more follow */
	put(p + 48, PROTO_TCP, 0x80, 4, 0);
	check(ip_decode(p, 100, &g) == IP_OK && g.frag,
	    "in fragments they are judged when all are there");
}

static void
addresses(void)
{
	static const struct {
		const char *text;
		bool host;
	} t[] = {{"10.0.0.5", true}, {"0.0.0.0", false}, {"0.1.2.3", false},
	    {"127.0.0.1", false}, {"224.0.0.1", false}, {"239.9.9.9", false},
	    {"240.0.0.1", false}, {"255.255.255.255", false},
	    {"223.255.255.255", true}, {"2001:db8::1", true}, {"::", false},
	    {"::1", false}, {"ff02::1", false}, {"fe80::1", true}};
	struct ip_addr a, b;
	char buf[IP_TEXT];
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		check(parse_addr(t[i].text, &a) == 0 &&
			  ip_is_host(&a) == t[i].host &&
			  strcmp(ip_text(&a, buf), t[i].text) == 0,
		    "%s is %sa host's", t[i].text, t[i].host ? "" : "not ");
	}
	parse_addr("10.1.128.0", &a);
	parse_addr("10.1.255.255", &b);
	check(ip_match(&a, &b, 96 + 17) && !ip_match(&a, &b, 96 + 18) &&
		  ip_match(&a, &b, 0) && ip_match(&a, &a, 128),
	    "prefixes to the bit");
}

static void
chaos(void)
{
	struct chance c;
	struct ip_hdr g;
	uint8_t *p;
	size_t i, j, n;
	bool sane = true;

	chance_seed(&c, 7);
	for (i = 0; i < 200000; i++) {
		n = chance_below(&c, 120);
		p = malloc(n + 1); /* exact, for the address sanitizer */
		for (j = 0; j < n; j++)
			p[j] = (uint8_t)chance_u64(&c);
		if (n > 7 && i % 2 == 0) {
			p[0] = 0x60;
			put_be16(p + 4, (uint16_t)(n > 40 ? n - 40 : 0));
			p[6] = i % 4 == 0 ? 43 : 0;
		}
		if (ip_decode(p, n, &g) == IP_OK &&
		    (g.len > n || g.hlen > g.len))
			sane = false;
		free(p);
	}
	check(sane, "random bytes: lengths stay inside");
}

int
main(void)
{
	v4();
	fragments();
	v6();
	options();
	addresses();
	chaos();
	return done();
}
