/*
 * replies_test.c - answers without a connection in the output, of which a
 * reader reads more or less.
 */
#include <stdlib.h>

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

/* a reader of whom there is nothing for STALL ms in each 2 * STALL */
static void
test_aside(void)
{
	enum { CAP = 1 << 20, ASIDE = 1 << 18, STALL = 20, EACH = 100 };
	static const uint8_t frame[FRAME];
	struct replies r;
	struct stream_out o;
	uint64_t now = NS_PER_SEC;
	unsigned i, k, lost = 0;
	size_t most = 0;

	replies_start(&r, -1, BURST, FLOOD);
	if (stream_out_init(&o, CAP) != 0 || replies_aside(&r, ASIDE) != 0)
		exit(1);
	check(replies_deadline(&r) == TIME_NEVER && !replies_many(&r, now),
	    "none wait");
	for (i = 0; i < 1000; i++, now += NS_PER_MS) {
		replies_go_on(&r, &o, now, false);
		for (k = 0; k < EACH; k++)
			lost += !replies_send(
			    &r, &o, now, frame, FRAME, NULL, 0);
		if (i > 100 && i / STALL % 2 == 0 &&
		    stream_out_waiting(&o) > most)
			most = stream_out_waiting(&o);
		if (i / STALL % 2 == 1)
			stream_out_forget(&o);
	}
	check(lost == 0 && o.count == 1000 * EACH,
	    "of %llu answers to a reader that stalls %u are lost",
	    (unsigned long long)o.count, lost);
	check(most > 0, "while it stalls, %zu bytes stand in the output", most);
	for (k = 0; k < 2 * (BURST + ASIDE) / FRAME; k++)
		lost += !replies_send(&r, &o, now, frame, FRAME, NULL, 0);
	check(lost > 0 && r.aside.end - r.aside.start <= ASIDE,
	    "so many may wait, and no more");
	check(replies_deadline(&r) == now + REPLIES_AGAIN &&
		  replies_many(&r, now),
	    "they are looked at again, and are many");
	now += REPLIES_STUCK;
	replies_go_on(&r, &o, now, false);
	check(!replies_many(&r, now),
	    "for a reader that does not read at all nothing waits");
	replies_go_on(&r, &o, now, true);
	check(replies_deadline(&r) == TIME_NEVER, "at the end all go");
	stream_out_free(&o);
	stream_out_free(&r.aside);
}

int
main(void)
{
	test_burst();
	test_flood();
	test_data();
	test_aside();
	return done();
}
