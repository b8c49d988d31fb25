/* chance_test.c - the same seed, the same chance; SipHash's own vectors */
#include "base/chance.h"
#include "tap.h"

static void
sip(void)
{
	/* the reference's key 00 01 .. 0f and input 00 01 02 .. */
	static const uint64_t key[2] = {
	    UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
	static const struct {
		size_t n;
		uint64_t hash;
	} v[] = {{0, UINT64_C(0x726fdb47dd0e0e31)},
	    {1, UINT64_C(0x74f839c593dc67fd)},
	    {8, UINT64_C(0x93f5f5799a932462)},
	    {15, UINT64_C(0xa129ca6149be45e5)}};
	uint8_t in[16];
	size_t i;

	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		check(hash_keyed(key, in, v[i].n) == v[i].hash,
		    "SipHash-2-4 of %zu bytes", v[i].n);
}

int
main(void)
{
	struct chance a, b;
	unsigned count[10] = {0}, i;
	bool same = true, below = true, even = true;
	uint64_t n;

	chance_seed(&a, 42);
	chance_seed(&b, 42);
	for (i = 0; i < 1000; i++)
		same = same && chance_u64(&a) == chance_u64(&b);
	check(same, "the same seed gives the same numbers");
	chance_seed(&b, 43);
	check(chance_u64(&a) != chance_u64(&b), "another seed, others");
	chance_seed(&a, 0);
	check(chance_u64(&a) != 0 || chance_u64(&a) != 0, "seed 0 works");
	for (i = 0; i < 100000; i++) {
		n = chance_below(&a, 10);
		if (n < 10)
			count[n]++;
		else
			below = false;
	}
	for (i = 0; i < 10; i++)
		even = even && count[i] > 9500 && count[i] < 10500;
	check(below, "chance_below stays below");
	check(even, "and is even");
	check(chance_below(&a, 1) == 0, "below 1 there is 0");
	check(chance_from_kernel(&n) == 0, "the kernel has a seed");
	sip();
	return done();
}
