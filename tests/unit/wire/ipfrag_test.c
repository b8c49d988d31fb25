/* ipfrag_test.c - RFC 791, 815, 8200 4.5, 5722, 6946, 7112: fragments */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/parse.h"

enum { SEC = 1000000000 };

static struct ipfrag *f;
static uint8_t body[66000];
static const uint8_t *out;
static size_t out_len;
static uint64_t now;
static const uint64_t key[2] = {1, 2};

/* what a fragment says, beside its place */
static bool v6;
static uint32_t src = 9, id = 7;
static uint8_t tos, next = PROTO_TCP;

static void
fresh(size_t bytes, uint32_t count)
{
	size_t i;

	ipfrag_free(f);
	f = ipfrag_new(bytes, count, key);
	for (i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 7 + i / 256);
	body[12] = 0x50; /* a TCP header without options */
	v6 = false;
	src = 9;
	id = 7;
	tos = 0;
	next = PROTO_TCP;
}

/* raw - a fragment of data; its result, or -1 when the header is refused */
static int
raw(uint32_t off, const uint8_t *data, uint32_t n, bool more)
{
	struct ip_hdr h = {.ttl = 64, .tos = tos};
	uint32_t hlen = v6 ? 48 : 20;
	uint8_t *p = calloc(1, hlen + n + 1);
	int r = -1;

	parse_addr(v6 ? "2001:db8::" : "10.0.0.0", &h.src);
	parse_addr(v6 ? "2001:db8::5" : "10.0.0.5", &h.dst);
	if (v6)
		put_be32(h.src.b + 4, src); /* another /64 */
	else
		put_be32(h.src.b + 12, 10u << 24 | src);
	h.proto = v6 ? 44 : next;
	h.id = id;
	h.len = hlen + n;
	ip_encode(p, &h);
	if (v6) {
		p[40] = next;
		put_be16(p + 42, (uint16_t)(off | more));
		put_be32(p + 44, id);
	} else {
		put_be16(p + 6, (uint16_t)(off / 8 | (more ? 0x2000 : 0)));
		put_be16(p + 10, 0);
		put_be16(p + 10, cksum_fold(cksum_add(0, p, 20)));
	}
	memcpy(p + hlen, data, n);
	if (ip_decode(p, hlen + n, &h) == IP_OK && h.frag)
		r = (int)ipfrag_put(f, now, &h, p, &out, &out_len);
	free(p);
	return r;
}

static int
put(uint32_t off, uint32_t n, bool more)
{
	return raw(off, body + off, n, more);
}

/* is_whole - what came out is the packet with n bytes of body */
static bool
is_whole(uint32_t n)
{
	struct ip_hdr h;

	return ip_decode(out, out_len, &h) == IP_OK && !h.frag && h.v6 == v6 &&
	       h.len == out_len && h.len - h.hlen == n &&
	       h.proto == PROTO_TCP && memcmp(out + h.hlen, body, n) == 0;
}

/* orders - all 24 orders of four pieces */
static bool
orders(void)
{
	static const uint32_t at[] = {0, 800, 1600, 2400, 3001};
	uint32_t i, a, b, c, d, order[4];

	for (i = 0; i < 256; i++) {
		order[0] = a = i & 3;
		order[1] = b = i >> 2 & 3;
		order[2] = c = i >> 4 & 3;
		order[3] = d = i >> 6;
		if ((1u << a | 1u << b | 1u << c | 1u << d) != 15)
			continue;
		id++;
		for (a = 0; a < 4; a++) {
			b = order[a];
			if (put(at[b], at[b + 1] - at[b], b < 3) !=
			    (a < 3 ? IPFRAG_WAIT : IPFRAG_WHOLE))
				return false;
		}
		if (!is_whole(3001) || ipfrag_used(f) != 0)
			return false;
	}
	return true;
}

static void
in_any_order(void)
{
	fresh(1 << 20, 100);
	check(orders(), "v4: four pieces in every order");
	v6 = true;
	check(orders(), "v6: four pieces in every order");
	fresh(1 << 20, 100);
	put(0, 800, true);
	check(put(1600, 800, false) == IPFRAG_WAIT, "one is missing");
	id++;
	put(800, 800, false);
	check(put(0, 800, true) == IPFRAG_WHOLE && is_whole(1600),
	    "another identification is another packet");
	src++;
	check(put(800, 800, true) == IPFRAG_WAIT, "so is another source");
	src--;
	id--;
	next = PROTO_UDP;
	check(put(800, 800, true) == IPFRAG_WAIT, "v4: and another protocol");
	next = PROTO_TCP;
	check(put(800, 800, true) == IPFRAG_WHOLE && is_whole(2400),
	    "what was missing arrives");
}

static void
tiny(void)
{
	uint32_t i;
	bool ok = true;

	fresh(1 << 20, 100);
	for (i = 0; i < 1480; i += 8)
		ok = put(i, 8, i < 1472) ==
			 (i < 1472 ? IPFRAG_WAIT : IPFRAG_WHOLE) &&
		     ok;
	check(ok && is_whole(1480), "185 pieces of 8 bytes");
	fresh(1 << 20, 100);
	for (i = 0; i < 2048; i++)
		put(i * 8, 8, true);
	check(put(i * 8, 8, true) == IPFRAG_FULL, "more than 2048 pieces");
}

static void
overlaps(bool six)
{
	static const struct {
		uint32_t off, n;
		bool more;
		const char *what;
	} bad[] = {{792, 16, true, "over the end of one"},
	    {0, 8, true, "the head of one"}, {0, 1600, true, "over one and on"},
	    {80, 80, true, "within one"}, {792, 8, true, "its last 8 bytes"},
	    {2392, 100, true, "over the start of one"}};
	const char *ip = six ? "v6" : "v4";
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fresh(1 << 20, 100);
		v6 = six;
		put(0, 800, true);
		put(2400, 800, true);
		check(put(bad[i].off, bad[i].n / 8 * 8, bad[i].more) ==
			  IPFRAG_OVERLAP,
		    "%s overlap: %s", ip, bad[i].what);
		put(800, 1600, true);
		check(put(3200, 100, false) == IPFRAG_OVERLAP,
		    "%s: nothing comes of the rest (RFC 5722)", ip);
	}
	fresh(1 << 20, 100);
	v6 = six;
	put(0, 800, true);
	check(put(0, 800, true) == IPFRAG_WAIT, "%s: a duplicate", ip);
	check(put(800, 100, false) == IPFRAG_WHOLE && is_whole(900),
	    "%s: and the packet is whole", ip);
	id++;
	put(0, 800, true);
	body[20] ^= 1;
	check(put(0, 800, true) == IPFRAG_OVERLAP,
	    "%s: the same place with other bytes", ip);
	id++;
	put(800, 104, false);
	check(put(800, 104, true) == IPFRAG_OVERLAP,
	    "%s: the same bytes, but not the last", ip);
}

static void
lengths(void)
{
	fresh(1 << 20, 100);
	check(put(0, 801, true) == IPFRAG_LENGTH, "801 bytes, and more");
	check(put(0, 800, true) == IPFRAG_WAIT, "which does no harm");
	check(put(800, 0, false) == IPFRAG_LENGTH, "no bytes at all");
	check(put(65528, 8, false) == IPFRAG_LENGTH, "v4: ping of death");
	check(put(65512, 4, false) == IPFRAG_LENGTH, "v4: 65536 with header");
	check(put(65512, 3, false) == IPFRAG_WAIT, "v4: 65535 with header");
	put(800, 32000, true);
	check(put(32800, 32712, true) == IPFRAG_WHOLE && is_whole(65515),
	    "v4: the longest packet");
	v6 = true;
	check(put(65528, 8, false) == IPFRAG_LENGTH, "v6: ping of death");
	put(0, 32000, true);
	put(32000, 33528, true);
	check(put(65528, 7, false) == IPFRAG_WHOLE && is_whole(65535),
	    "v6: the longest packet");
	id++;
	put(1600, 100, false);
	check(put(800, 904, true) == IPFRAG_OVERLAP ||
		  put(1704, 8, true) == IPFRAG_LENGTH,
	    "more behind the last");
	id++;
	put(1600, 800, true);
	check(put(800, 100, false) == IPFRAG_LENGTH, "the last before others");
	id++;
	put(1600, 800, false);
	check(put(2400, 8, false) == IPFRAG_LENGTH, "two that are the last");
	check(put(0, 1600, true) == IPFRAG_LENGTH, "and the packet is dropped");
}

static void
chains(void)
{
	fresh(1 << 20, 100);
	v6 = true;
	check(put(0, 16, true) == IPFRAG_CHAIN,
	    "v6: TCP's header is not in the first (RFC 7112)");
	check(put(16, 100, false) == IPFRAG_CHAIN,
	    "v6: nothing comes of the rest");
	body[12] = 0xf0;
	id++;
	check(put(0, 56, true) == IPFRAG_CHAIN, "v6: nor all of its options");
	id++;
	check(put(0, 64, true) == IPFRAG_WAIT, "v6: with them it is kept");
	v6 = false;
	check(put(0, 8, true) == IPFRAG_WAIT, "v4: 8 bytes are enough");
}

static void
ecn(void)
{
	struct ip_hdr h;

	fresh(1 << 20, 100);
	tos = 0xb8 | 2;
	put(0, 800, true);
	tos = 0xb8 | 3;
	put(800, 100, false);
	check(ip_decode(out, out_len, &h) == IP_OK && h.tos == (0xb8 | 3),
	    "RFC 3168 5.3: CE on one is CE on the packet");
	id++;
	put(0, 800, true);
	tos = 0xb8;
	check(put(800, 100, false) == IPFRAG_ECN,
	    "RFC 3168 5.3: but not with Not-ECT");
	id++;
	tos = 1;
	put(0, 800, true);
	tos = 2;
	check(put(800, 100, false) == IPFRAG_WHOLE &&
		  ip_decode(out, out_len, &h) == IP_OK && h.tos == 1,
	    "ECT(0) and ECT(1) do not make CE");
}

static void
expiry(void)
{
	fresh(1 << 20, 100);
	now = 1000;
	put(0, 800, true);
	now += (uint64_t)60 * SEC - 1;
	check(put(800, 8, true) == IPFRAG_WAIT && ipfrag_used(f) > 800,
	    "kept for 60 s");
	now++;
	check(put(808, 8, false) == IPFRAG_WAIT && ipfrag_used(f) < 1400,
	    "and no longer");
	now += (uint64_t)60 * SEC;
	id++;
	put(0, 808, true);
	check(put(808, 8, false) == IPFRAG_WHOLE && ipfrag_used(f) == 0,
	    "nothing is left");
	now = 0;
}

static void
floods(void)
{
	uint32_t i;
	size_t most = 0;

	fresh(1 << 20, 300);
	src = 9;
	put(0, 800, true); /* an honest one */
	src = 666;
	for (i = 0; i < 100000; i++) {
		id = i;
		put(8 * (i % 100), 1480, true);
		if (ipfrag_used(f) > most)
			most = ipfrag_used(f);
	}
	check(most <= 1 << 20 && most > 1 << 16, "one source: %zu bytes", most);
	id = 7;
	src = 9;
	check(put(800, 100, false) == IPFRAG_WHOLE && is_whole(900),
	    "an honest packet survives it");
	put(0, 800, true);
	for (i = 0; i < 100000; i++) {
		src = 600 + i % 30;
		id = i;
		put(8 * (i % 100), 1480, true);
	}
	id = 7;
	src = 9;
	check(put(800, 100, false) == IPFRAG_WHOLE && is_whole(900),
	    "and thirty others that send more");
	most = 0;
	for (i = 0; i < 100000; i++) {
		src = i;
		put(800, 1480, true);
		if (ipfrag_used(f) > most)
			most = ipfrag_used(f);
	}
	check(most <= 1 << 20, "many sources: %zu bytes", most);
	src = 5;
	id = 1;
	put(800, 100, false);
	check(put(0, 800, true) == IPFRAG_WHOLE, "then one comes through");
	fresh(0, 0);
	check(put(0, 800, true) == IPFRAG_FULL, "no room at all");
}

/* any_bytes - whatever comes, and nothing is lost or kept for ever */
static void
any_bytes(void)
{
	struct chance c;
	uint32_t i, off, n, whole = 0;

	chance_seed(&c, 4);
	fresh(300000, 50);
	for (i = 0; i < 300000; i++) {
		v6 = chance_below(&c, 2);
		src = (uint32_t)chance_below(&c, 5);
		id = (uint32_t)chance_below(&c, 5);
		off = (uint32_t)chance_below(&c, 6) * 24;
		n = (uint32_t)chance_below(&c, 4) * 24;
		now += chance_below(&c, SEC);
		whole += put(off, n + (uint32_t)chance_below(&c, 50) / 48,
			     chance_below(&c, 3)) == IPFRAG_WHOLE;
		if (ipfrag_used(f) > 300000)
			break;
	}
	check(i == 300000 && whole > 100, "by chance: %u packets", whole);
}

int
main(void)
{
	in_any_order();
	tiny();
	overlaps(false);
	overlaps(true);
	lengths();
	chains();
	ecn();
	expiry();
	floods();
	any_bytes();
	ipfrag_free(f);
	return done();
}
