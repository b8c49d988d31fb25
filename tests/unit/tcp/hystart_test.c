/*
 * hystart_test.c - slow start on a path that holds 80 segments, with a buffer:
 * how many segments are in flight at most, and how many are lost.
 */
#include "path.h"
#include "tap.h"

enum { SEGMENTS = 1150, HOLDS = 80 };

#define SEGMENT_TIME (NS_MS / 2) /* 80 of them are the round trip */

static struct path p;

/* bottleneck - a segment in half a millisecond, behind a queue of so many */
static uint64_t
bottleneck(struct path *w, int to, uint64_t no, size_t len)
{
	uint64_t begin = w->busy > w->now ? w->busy : w->now;

	if (to == PATH_CLIENT || no == 0)
		return w->now + HOLDS / 2 * SEGMENT_TIME;
	if (begin - w->now > w->queue_max * SEGMENT_TIME)
		return NEVER;
	w->busy = begin + SEGMENT_TIME;
	return w->busy + HOLDS / 2 * SEGMENT_TIME;
}

/* transfer - 1,150 segments; false: that took too long */
static bool
transfer(const char *cong, unsigned buffer)
{
	struct tcp_config cfg;
	uint64_t ns;

	tcp_defaults(&cfg);
	cfg.cong = tcp_cong_find(cong);
	cfg.rcvbuf = 4 << 20;
	p.queue_max = buffer;
	path_open(&p, &cfg, bottleneck);
	ns = path_send(&p, SEGMENTS * PATH_MSS, 1000 * NS_S);
	printf("# %s, buffer of %u: %u ms, at most %u in flight, %u lost, "
	       "%u retransmitted, %u time-outs\n",
	    cong, buffer, (unsigned)(ns / NS_MS), p.most / PATH_MSS,
	    (unsigned)p.lost, p.again, p.timeouts);
	return ns < 2 * SEGMENTS * SEGMENT_TIME && p.timeouts == 0;
}

/* deep - a buffer that holds all: the round trip is what tells of it */
static void
deep(const char *cong)
{
	bool ok = transfer(cong, 100000);

	check(ok && p.most <= 230 * PATH_MSS && p.lost == 0,
	    "%s: a deep buffer is not filled by slow start", cong);
	path_close(&p);
}

/* half - less than the path holds: the acknowledgments tell before it is
   full */
static void
half(const char *cong)
{
	bool ok = transfer(cong, HOLDS / 2);

	check(ok && p.lost <= 23,
	    "%s: half a window of buffer: no more is lost than by a kernel",
	    cong);
	path_close(&p);
}

/* shallow - the losses come first: one overshoot, repaired at once */
static void
shallow(const char *cong)
{
	bool ok = transfer(cong, 20);

	check(ok && p.lost <= 23 && p.again <= p.lost + 2,
	    "%s: a shallow buffer costs no more than it holds", cong);
	path_close(&p);
}

static uint64_t
wide(struct path *w, int to, uint64_t no, size_t len)
{
	return w->now + HOLDS / 2 * SEGMENT_TIME;
}

/* steady - the round trip does not grow: slow start goes on as before */
static void
steady(void)
{
	struct tcp_config cfg;
	uint64_t ns;

	tcp_defaults(&cfg);
	cfg.rcvbuf = 4 << 20;
	path_open(&p, &cfg, wide);
	ns = path_send(&p, SEGMENTS * PATH_MSS, 1000 * NS_S);
	check(ns <= 8 * HOLDS * SEGMENT_TIME && p.tcb->ssthresh == UINT32_MAX,
	    "a path without a queue: slow start does not end");
	path_close(&p);
}

/* spaced - wide, but for the first: they come apart by a millisecond each, and
   so do, for ever, the acknowledgments that they lead to */
static uint64_t
spaced(struct path *w, int to, uint64_t no, size_t len)
{
	if (to == PATH_SERVER && no > 0 && no <= 60)
		w->busy = (w->busy > w->now ? w->busy : w->now) + NS_MS;
	return (to == PATH_SERVER && w->busy > w->now ? w->busy : w->now) +
	       HOLDS / 2 * SEGMENT_TIME;
}

static void
not_fooled(void)
{
	struct tcp_config cfg;
	struct hystart *h;
	bool slow = false;

	tcp_defaults(&cfg);
	cfg.rcvbuf = 16 << 20;
	path_open(&p, &cfg, spaced);
	tcp_offer(p.tcb, 8 * SEGMENTS * PATH_MSS);
	path_flush(&p);
	while (p.acked < 7 * SEGMENTS * PATH_MSS && path_step(&p, NEVER - 1)) {
		h = &p.tcb->w->hystart;
		slow |= h->phase == HYSTART_TRAIN;
	}
	check(slow && p.tcb->w->hystart.no_train &&
		  p.most > 10 * HOLDS * PATH_MSS &&
		  p.tcb->ssthresh == UINT32_MAX,
	    "a train that no queue follows: slow start goes on");
	path_close(&p);
}

int
main(void)
{
	deep("cubic");
	deep("reno");
	half("cubic");
	half("reno");
	shallow("cubic");
	shallow("reno");
	steady();
	not_fooled();
	return done();
}
