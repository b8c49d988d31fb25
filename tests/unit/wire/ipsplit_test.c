/* ipsplit_test.c - RFC 791 3.2, RFC 8200 4.5: what was split is whole again */
#include <stdlib.h>

#include "base/bytes.h"
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/ipsplit.h"
#include "words.h"

static struct ipfrag *frag;
static uint8_t body[65536], buf[65536];
static const uint8_t *whole;
static size_t whole_len;
static unsigned pieces, longest, bad;

static void
start(const char *src, const char *dst, struct ip_hdr *h)
{
	static const uint64_t key[2] = {1, 2};
	size_t i;

	ipfrag_free(frag);
	frag = ipfrag_new(1 << 20, 8, key);
	*h = (struct ip_hdr){.src = ip(src),
	    .dst = ip(dst),
	    .proto = PROTO_UDP,
	    .ttl = 9,
	    .tos = 4,
	    .id = 77};
	for (i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 31 + i / 256);
	pieces = longest = bad = 0;
	whole = NULL;
}

static void
on_packet(void *ctx, const uint8_t *p, size_t len)
{
	const struct ip_hdr *want = ctx;
	struct ip_hdr h;

	pieces++;
	longest = len > longest ? (unsigned)len : longest;
	if (ip_decode(p, len, &h) != IP_OK || h.len != len || h.ttl != 9 ||
	    h.tos != 4 || !ip_equal(&h.src, &want->src)) {
		bad++;
	} else if (!h.frag) {
		whole = p;
		whole_len = len;
	} else if (h.id != 77 || (ipfrag_put(frag, 1, &h, p, &whole,
				      &whole_len) != IPFRAG_WHOLE &&
				     !h.more)) {
		bad++;
	}
}

/* there_and_back - n bytes over this MTU, in so many pieces */
static void
there_and_back(
    const char *src, const char *dst, size_t n, uint32_t mtu, unsigned want)
{
	struct ip_hdr h;
	size_t hlen;
	int r;

	start(src, dst, &h);
	hlen = ip_is_v4(&h.src) ? 20 : 40;
	r = ip_split(&h, body, n, mtu, buf, &h, on_packet);
	check(r == 0 && bad == 0 && pieces == want && longest <= mtu,
	    "%s: %zu bytes over %u: %u pieces", src, n, mtu, want);
	check(whole != NULL && whole_len == hlen + n &&
		  memcmp(whole + hlen, body, n) == 0,
	    "and whole again");
}

int
main(void)
{
	struct ip_hdr h;

	there_and_back("10.0.0.3", "10.0.0.9", 0, 1500, 1);
	there_and_back("10.0.0.3", "10.0.0.9", 1480, 1500, 1);
	there_and_back("10.0.0.3", "10.0.0.9", 1481, 1500, 2);
	there_and_back("10.0.0.3", "10.0.0.9", 65515, 1500, 45);
	there_and_back("10.0.0.3", "10.0.0.9", 1000, 68, 21);
	there_and_back("10.0.0.3", "10.0.0.9", 2000, 1501, 2);
	there_and_back("fd00::3", "fd00::9", 1460, 1500, 1);
	there_and_back("fd00::3", "fd00::9", 1461, 1500, 2);
	there_and_back("fd00::3", "fd00::9", 65535, 1500, 46);
	there_and_back("fd00::3", "fd00::9", 3000, 1280, 3);

	start("10.0.0.3", "10.0.0.9", &h);
	check(ip_split(&h, body, 65516, 1500, buf, &h, on_packet) == -1,
	    "longer than IPv4 can be");
	check(ip_split(&h, body, 100, 67, buf, &h, on_packet) == -1,
	    "an MTU that IPv4 does not allow");
	h.df = true;
	check(ip_split(&h, body, 1481, 1500, buf, &h, on_packet) == -1,
	    "too long, and not to be fragmented");
	check(pieces == 0, "nothing has gone");
	start("fd00::3", "fd00::9", &h);
	check(ip_split(&h, body, 65536, 1500, buf, &h, on_packet) == -1,
	    "longer than IPv6 can be");
	ipfrag_free(frag);
	return done();
}
