/*
 * reorder_test.c - a path on which every 16th segment is overtaken by some of
 * those behind it: nothing is lost, so a transfer must not take longer.
 */
#include "path.h"
#include "tap.h"

enum { SEGMENTS = 1000 };

static struct path p;
static unsigned overtaken; /* by so many; 0: none */
static unsigned again;	   /* the most that a transfer retransmitted */

/* carry - half a millisecond a segment, and 20 ms each way */
static uint64_t
carry(struct path *w, int to, uint64_t no, size_t len)
{
	uint64_t at = w->now;

	if (to == PATH_CLIENT || no == 0)
		return at + 20 * NS_MS;
	if (w->busy > at)
		at = w->busy;
	w->busy = at + NS_MS / 2;
	at = w->busy + 20 * NS_MS;
	if (overtaken > 0 && no % 16 == 0)
		at += overtaken * NS_MS / 2 + NS_MS / 4;
	return at;
}

static uint64_t
transfer(const char *cong, unsigned by, bool batch)
{
	struct tcp_config cfg;
	uint64_t ns;

	tcp_defaults(&cfg);
	cfg.cong = tcp_cong_find(cong);
	overtaken = by;
	path_open(&p, &cfg, carry);
	p.gap = batch ? 2 * NS_MS : 0;
	ns = path_send(&p, SEGMENTS * PATH_MSS, 1000 * NS_S);
	printf("# %s, by %u: %u ms, %u retransmitted, %u taken back\n", cong,
	    by, (unsigned)(ns / NS_MS), p.again, p.spurious);
	again = p.again > again ? p.again : again;
	path_close(&p);
	return ns;
}

static void
compare(const char *cong, bool batch)
{
	uint64_t ns, plain = transfer(cong, 0, batch), most = 0;
	unsigned by;

	again = 0;
	for (by = 3; by <= 10; by++) {
		ns = transfer(cong, by, batch);
		most = ns > most ? ns : most;
	}
	check(most * 10 <= plain * 11,
	    "%s%s: overtaken by 3 to 10 a transfer takes at most 10 %% longer",
	    cong, batch ? ", in batches" : "");
	check(
	    again <= 4, "the path's order is learned: %u retransmitted", again);
}

int
main(void)
{
	compare("cubic", false);
	compare("cubic", true);
	compare("reno", false);
	compare("reno", true);
	return done();
}
