/*
 * limit_test.c - a flood from sources that are ever new, and one source that
 * sends again and again.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/limit.h"

enum { RATE = 1000, A_MS = 100, PROBES = 20, GAP_MS = 50 };

static const uint64_t key[2] = {3, 4};

static struct ip_addr
address(uint32_t i)
{
	uint8_t v4[4];
	struct ip_addr a;

	put_be32(v4, i);
	ip_from_v4(&a, v4);
	return a;
}

/* flood - so many milliseconds of it; how many are answered */
static unsigned
flood(struct limit *l, struct chance *c, uint64_t *now, unsigned ms)
{
	struct ip_addr a;
	unsigned i, n = 0;

	for (i = 0; i < ms * A_MS; i++) {
		*now += NS_PER_MS / A_MS;
		a = address((uint32_t)chance_u64(c));
		n += limit_take(l, *now, &a, key);
	}
	return n;
}

/* many - sources that come again want twice what there is for all; of 40 a
   second of one source, how many it gets */
static void
many(unsigned sources)
{
	static struct limit l;
	struct ip_addr honest = address(0x0a000009), a;
	uint64_t now = 9 * NS_PER_SEC;
	unsigned i, k, n = 0, all = 0;

	limit_init(&l, 100);
	for (i = 0; i < 20000; i++) {
		now += NS_PER_SEC / 2000;
		a = address(0x0a010000 + i % sources);
		all += limit_take(&l, now, &a, key);
		if (i % 50 == 0 && i >= 10000)
			n += limit_take(&l, now, &honest, key);
	}
	check(n >= 195, "%u known sources: another has %u of 200", sources, n);
	check(all >= 9000, "and they have the rest: %u of 10,000", all);
	for (i = n = 0; i < 200; i++)
		for (k = 0, now += NS_PER_SEC / 100; k < 10; k++)
			n += limit_take(&l, now, &honest, key);
	check(n >= 195, "when they have gone it has its rate: %u", n);
}

int
main(void)
{
	static struct limit l, none;
	struct ip_addr honest = address(0x0a000009), a;
	uint64_t now = 9 * NS_PER_SEC;
	unsigned i, n = 0, all;
	struct chance c;

	chance_seed(&c, 1);
	limit_init(&l, RATE);
	flood(&l, &c, &now, 2000);
	for (i = 0; i < PROBES; i++) {
		n += limit_take(&l, now, &honest, key);
		flood(&l, &c, &now, GAP_MS);
	}
	check(n >= PROBES - 1, "%u of %u of one that comes again", n, PROBES);
	all = flood(&l, &c, &now, 1000);
	check(all >= 2 * RATE && all < 5 * RATE,
	    "of 100,000 new sources %u are answered", all);
	for (i = n = 0; i < 2 * RATE; i++)
		n += limit_take(&l, now, &honest, key);
	check(n <= RATE, "one source has a tenth: %u", n);
	limit_init(&none, 0);
	a = address(1);
	check(!limit_take(&none, now, &a, key), "a rate of 0: nothing");
	many(20);
	return done();
}
