/*
 * cksum_test - a checksum after a change is the one that would be computed anew
 * (RFC 1624), also where it is 0 or all ones, and a wrong one stays wrong.
 */
#include "base/cksum.h"
#include "route/cksum.h"
#include "tap.h"

enum { WORDS = 10 };

static uint16_t
sum_of(const uint16_t *w)
{
	uint8_t p[2 * WORDS];
	unsigned i;

	for (i = 0; i < WORDS; i++)
		put_be16(p + 2 * i, w[i]);
	return cksum_fold(cksum_add(0, p, sizeof(p)));
}

/* follows - word i of w becomes v: is the sum that of all words? */
static bool
follows(uint16_t *w, unsigned i, uint16_t v)
{
	uint8_t sum[2];
	uint16_t was = w[i];

	put_be16(sum, sum_of(w));
	w[i] = v;
	cksum_change16(sum, was, v);
	return get_be16(sum) == sum_of(w);
}

/* all_words - each value of a word becomes each of some others */
static bool
all_words(void)
{
	static const uint16_t edge[] = {
	    0, 1, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x4001, 0x3f01};
	const unsigned n = sizeof(edge) / sizeof(edge[0]);
	uint16_t w[WORDS];
	uint32_t v;
	unsigned k;

	for (v = 0; v <= 0xffff; v++)
		for (k = 0; k < n; k++) {
			memset(w, 0, sizeof(w));
			w[0] = 0x4500;
			w[4] = (uint16_t)v;
			if (!follows(w, 4, edge[k]) || !follows(w, 4, 0x1234))
				return false;
		}
	return true;
}

/* the_rfc's - section 4: equation 2 gives FFFF here, which is wrong */
static bool
the_rfcs(void)
{
	uint8_t sum[2] = {0xdd, 0x2f};

	cksum_change16(sum, 0x5555, 0x3285);
	return get_be16(sum) == 0;
}

static bool
stays_wrong(void)
{
	uint16_t w[WORDS] = {0x4500, 0x0054, 0, 0, 0x4001};
	uint8_t sum[2];

	put_be16(sum, (uint16_t)(sum_of(w) ^ 0x0100));
	w[4] = 0x3f01;
	cksum_change16(sum, 0x4001, 0x3f01);
	return get_be16(sum) != sum_of(w);
}

static bool
two_words(void)
{
	uint16_t w[WORDS] = {0x4500, 0xffff, 0, 0x1234, 0x4001, 0, 0x0a00, 1};
	uint8_t sum[2];

	put_be16(sum, sum_of(w));
	w[6] = 0xc0a8;
	w[7] = 0xffff;
	cksum_change32(sum, 0x0a000001, 0xc0a8ffff);
	return get_be16(sum) == sum_of(w);
}

int
main(void)
{
	check(the_rfcs(), "the example of RFC 1624");
	check(all_words(), "any word to 0, to ones, and what is between");
	check(two_words(), "an address");
	check(stays_wrong(), "what was wrong does not become right");
	return done();
}
