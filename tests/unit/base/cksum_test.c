/* cksum_test.c - RFC 1071: the sum, in pieces, at any length and alignment */
#include <string.h>

#include "base/chance.h"
#include "base/cksum.h"
#include "tap.h"

/* slow - as RFC 1071 tells it first */
static uint16_t
slow(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

int
main(void)
{
	static const uint8_t rfc[8] = {0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7};
	static uint8_t buf[70000];
	struct chance c;
	bool lengths = true, pieces = true;
	size_t i, n, cut;

	chance_seed(&c, 1);
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)chance_u64(&c);
	check(cksum_fold(cksum_add(0, rfc, 8)) == (0xffff ^ 0xddf2),
	    "the example of RFC 1071 3");
	check(cksum_fold(cksum_add(0, rfc, 0)) == 0xffff, "no byte");
	check(cksum_fold(cksum_add(0, rfc + 1, 1)) == (0xffff ^ 0x0100),
	    "an odd byte is padded with zero on the right");
	for (n = 0; n < 300; n++) {
		if (cksum_fold(cksum_add(0, buf + n % 7, n)) !=
		    slow(buf + n % 7, n))
			lengths = false;
	}
	check(lengths, "0 to 299 bytes at every alignment");
	check(cksum_fold(cksum_add(0, buf, 65535)) == slow(buf, 65535),
	    "65535 bytes");
	memset(buf + 1, 0xff, 65535);
	check(cksum_fold(cksum_add(0, buf + 1, 65534)) == 0 &&
		  cksum_fold(cksum_add(0, buf + 1, 65535)) == 0xff,
	    "as many carries as there can be");
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)chance_u64(&c);
	for (i = 0; i < 300; i++) {
		n = chance_below(&c, 3000);
		cut = chance_below(&c, n / 2 + 1) * 2;
		if (cksum_fold(cksum_add(cksum_add(0, buf, cut), buf + cut,
			n - cut)) != slow(buf, n))
			pieces = false;
	}
	check(pieces, "two pieces, the first even");
	memset(buf, 0xff, sizeof(buf));
	check(cksum_fold(cksum_add(0, buf, 65534)) == 0, "all ones: carries");
	check(cksum_fold(cksum_add(0xffffffff, buf, 65534)) == 0,
	    "and behind the largest partial sum");
	return done();
}
