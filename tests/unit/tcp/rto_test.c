/*
 * rto_test.c - RFC 6298: no time-out on a steady path for an acknowledgment
 * that is late by less than the floor, however long the round trip.
 */
#include "path.h"
#include "tap.h"

static struct path p;

/* on_time - half a round trip each way, and what is late once */
static uint64_t
on_time(struct path *w, int to, uint64_t no, size_t len)
{
	return w->now + w->delay / 2 + (to == PATH_CLIENT ? w->late : 0);
}

/* late - 30 answers in time, then one that is not: time-outs, or retransmits */
static unsigned
late(uint64_t rtt, uint64_t by, uint32_t bytes)
{
	unsigned n;
	int i;

	p.delay = rtt;
	path_open(&p, NULL, on_time);
	for (i = 0; i < 30; i++)
		path_send(&p, bytes, 100 * NS_S);
	p.late = by;
	path_send(&p, bytes, 100 * NS_S);
	n = p.timeouts + (bytes < PATH_MSS ? p.again : 0);
	path_close(&p);
	return n;
}

static unsigned
sweep(uint32_t bytes)
{
	static const uint64_t rtt[] = {1, 2, 3, 5, 8, 13, 20, 30, 40, 50, 75,
	    100, 150, 199, 200, 201, 250, 300, 400, 600, 1000, 1500, 2000};
	unsigned n = 0, one;
	uint64_t by;
	size_t i;

	for (i = 0; i < sizeof(rtt) / sizeof(rtt[0]); i++) {
		for (by = 0; by <= 100; by += 5) {
			one = late(rtt[i] * NS_MS, by * NS_MS, bytes);
			if (one > 0)
				printf("# %u ms, %u ms late: %u\n",
				    (unsigned)rtt[i], (unsigned)by, one);
			n += one;
		}
	}
	return n;
}

int
main(void)
{
	check(sweep(100) == 0, "one segment, up to 100 ms late, 1 ms to 2 s: "
			       "nothing is sent twice");
	check(sweep(10 * PATH_MSS) == 0,
	    "ten segments: no time-out, RTO = SRTT + max(floor, 4 RTTVAR)");
	check(late(300 * NS_MS, 250 * NS_MS, 100) > 0, "beyond the floor: one");
	return done();
}
