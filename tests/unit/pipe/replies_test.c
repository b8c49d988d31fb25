/*
 * replies_test.c - answers without a connection in the output, of which a
 * reader reads more or less.
 */
#include "pipe/replies.h"
#include "tap.h"

enum {
	FRAME = 90,
	BATCH = 200,
	BURST = 1 << 19,
	FLOOD = 1 << 13,
	HALF = FLOOD / 2
};

/* put - one after another, so many; how many go */
static unsigned
put(struct replies *r, uint64_t now, uint64_t *end, unsigned n)
{
	unsigned gone = 0;

	for (; n > 0 && replies_go(r, now, FRAME, *end + FRAME); n--) {
		*end += FRAME;
		gone++;
	}
	return gone;
}

static void
test_burst(void)
{
	struct replies r = {.burst = BURST, .flood = FLOOD};
	uint64_t end = 0;
	unsigned n;

	n = put(&r, NS_PER_SEC, &end, 100000);
	check(n == BURST / FRAME, "a burst of %u goes", n);
	replies_read(&r, end / 2);
	n = put(&r, NS_PER_SEC, &end, 100000);
	check(n > BURST / FRAME / 3, "when half is read, %u more", n);
}

/* a reader that reads half of what comes, in steps of a millisecond */
static void
test_flood(void)
{
	struct replies r = {.burst = BURST, .flood = FLOOD};
	uint64_t end = 0, read = 0, now = NS_PER_SEC, most = 0;
	unsigned i, n = 0;

	for (i = 0; i < 1000; i++, now += NS_PER_MS) {
		replies_read(&r, read);
		n += put(&r, now, &end, BATCH);
		if (i > 250 && end - read > most)
			most = end - read;
		read = read + HALF < end ? read + HALF : end - FRAME;
	}
	check(most <= FLOOD,
	    "in a flood %llu bytes stand before what "
	    "connections send",
	    (unsigned long long)most);
	check(n >= 1000 * FLOOD / 3 / FRAME, "and %u of it go", n);
	replies_read(&r, end);
	n = put(&r, now, &end, 100000);
	check(n == BURST / FRAME, "all read: a burst goes again");
}

/* what connections send lies between them, and is not counted */
static void
test_data(void)
{
	struct replies r = {.burst = BURST, .flood = FLOOD};
	uint64_t end = 0, now = NS_PER_SEC;
	unsigned i, n = 0;

	for (i = 0; i < 100; i++, now += NS_PER_MS) {
		replies_read(&r, end > 1 << 20 ? end - (1 << 20) : 0);
		end += 1 << 19;
		n += put(&r, now, &end, 10);
	}
	check(n == 1000, "much data in the pipe keeps none back");
}

int
main(void)
{
	test_burst();
	test_flood();
	test_data();
	return done();
}
