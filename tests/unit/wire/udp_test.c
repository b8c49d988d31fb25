/* udp_test.c - UDP datagrams: lengths, checksums, with and without */
#include <stdlib.h>

#include "base/bytes.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/udp.h"

static struct ip_hdr ip;

static int
decode(const uint8_t *p, size_t n, struct udp *u)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);
	int r;

	memcpy(copy, p, n);
	r = udp_decode(&ip, copy, n, u);
	free(copy);
	return r;
}

static void
datagrams(const char *src, const char *dst, bool v6)
{
	uint8_t p[UDP_HLEN + 16];
	struct udp u;
	size_t n, i;
	int taken = 0;

	parse_addr(src, &ip.src);
	parse_addr(dst, &ip.dst);
	ip.v6 = v6;
	n = udp_encode(
	    &ip.src, &ip.dst, 4000, 53, (const uint8_t *)"hello", 5, p);
	check(n == 13 && get_be16(p + 4) == 13, "%s: encoded", src);
	check(decode(p, n, &u) == 0 && u.sport == 4000 && u.dport == 53 &&
		  u.n == 5,
	    "%s: and decoded", src);
	p[13] = 0xee;
	check(decode(p, 14, &u) == 0 && u.n == 5, "%s: padding", src);
	for (i = 0; i < n; i++)
		taken += decode(p, i, &u) == 0;
	check(taken == 0, "%s: cut anywhere it is refused", src);
	for (i = 0; i < 8 * n; i++) {
		p[i / 8] ^= (uint8_t)(1 << i % 8);
		taken += decode(p, n, &u) == 0;
		p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	check(taken == 0, "%s: a wrong bit anywhere, too", src);
	put_be16(p + 6, 0);
	check((decode(p, n, &u) == 0) == !v6, "%s: without checksum", src);
	put_be16(p + 4, 7);
	check(decode(p, n, &u) == -1, "%s: shorter than a header", src);
	n = udp_encode(&ip.src, &ip.dst, 1, 2, p, 0, p);
	check(n == 8 && decode(p, n, &u) == 0 && u.n == 0, "%s: empty", src);
}

/* the sum over this datagram is 0, which is sent as all ones: RFC 768 */
static void
zero_sum(void)
{
	uint8_t p[UDP_HLEN + 2], d[2];
	struct udp u;
	uint32_t i, zeros = 0;

	for (i = 0; i <= 0xffff; i++) {
		put_be16(d, (uint16_t)i);
		udp_encode(&ip.src, &ip.dst, 1, 2, d, 2, p);
		zeros += get_be16(p + 6) == 0 || decode(p, 10, &u) != 0;
	}
	check(zeros == 0, "a checksum is never 0, and always right");
}

int
main(void)
{
	datagrams("10.0.0.5", "10.0.0.9", false);
	datagrams("2001:db8::5", "2001:db8::9", true);
	zero_sum();
	return done();
}
