/*
 * recall_test.c - a flood of things that are new, and a few that come again.
 */
#include "base/chance.h"
#include "base/recall.h"
#include "tap.h"

enum { A_MS = 200, PROBES = 100 };

/* flood - new things for so many milliseconds, 200 in each; false yeses */
static unsigned
flood(struct recall *r, struct chance *c, uint64_t *now, unsigned ms)
{
	unsigned i, n = 0;

	for (i = 0; i < ms * A_MS; i++) {
		*now += NS_PER_MS / A_MS;
		n += recall(r, *now, chance_u64(c) >> 16);
	}
	return n;
}

int
main(void)
{
	static struct recall r = {.key = {3, 4}};
	uint64_t now = 9 * NS_PER_SEC;
	unsigned i, n, again = 0;
	struct chance c;

	chance_seed(&c, 1);
	r.key[0] = chance_u64(&c);
	r.key[1] = chance_u64(&c);
	check(!recall(&r, now, 1) && recall(&r, now, 1), "once, and again");
	flood(&r, &c, &now, 3000);
	for (i = 0; i < PROBES; i++) {
		recall(&r, now, i);
		flood(&r, &c, &now, 20);
	}
	n = flood(&r, &c, &now, 1000 - 20 * PROBES % 1000);
	check(n < 1000 * A_MS / 8, "of 200,000 new ones %u count as old", n);
	for (i = PROBES / 2; i < PROBES; i++)
		again += recall(&r, now, i);
	check(again == PROBES / 2, "what was seen a second ago is old");
	now += 2 * RECALL_NS;
	recall(&r, now, 7);
	now += 2 * RECALL_NS;
	for (i = n = 0; i < PROBES; i++)
		n += recall(&r, now, 1000 + i);
	check(n == 0 && !recall(&r, now, 1), "after a pause all are new");
	return done();
}
