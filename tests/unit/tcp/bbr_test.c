/*
 * bbr_test.c - what BBR makes of losses that are nobody's fault, see
 * bbr.c: one sample, and few segments, are chance.
 */
#include "tap.h"
#include "base/allocator.h"
#include "tcp/cong/bbr.h"
#include "tcp/cong.h"
#include "tcp/tcp_var.h"

enum { MSS = 1448 };

static struct tcp t;
static struct tcb tcb;
static struct work work;
static struct bbr *b;

static void
begin(void)
{
	if (b != NULL)
		tcp_bbr.done(&tcb);
	t.from = &allocator_libc;
	tcb = (struct tcb){.tcp = &t, .w = &work, .mss = MSS, .sack_ok = true};
	tcb.min_rtt = UINT32_MAX;
	tcp_bbr.init(&tcb, 0);
	b = bbr_of(&tcb);
}

/* samples - of one round: the first, and the best; true while in Startup */
static bool
samples(uint64_t first, uint64_t best)
{
	struct ack_info info = {.rate = {.any = true}};

	b->round_start = true;
	info.rate.bw = first;
	bbr_check_startup(&tcb, &info);
	b->round_start = false;
	info.rate.bw = best;
	bbr_check_startup(&tcb, &info);
	return b->state == BBR_STARTUP;
}

static void
startup(void)
{
	bool on = true;
	int i;

	begin();
	for (i = 1; i <= 6; i++)
		on &= samples(900, 1000 << i);
	check(on, "5.3.1.2: the rate grows, whatever a round begins with");
	begin();
	for (i = 1; i <= 6; i++)
		on = samples(1000, 1000);
	check(!on, "5.3.1.2: it has stopped growing");
	begin();
	for (i = 1, on = true; i <= 6; i++) {
		tcb.max_sndwnd += 65536;
		on &= samples(1000, 1000);
	}
	check(on, "not while the peer's window grows");
}

/* limit - segments that may be lost of n, when so much of 1000 always is */
static unsigned
limit(unsigned n, unsigned base)
{
	b->base_sent = 1000 * MSS;
	b->base_lost = base * MSS;
	return (unsigned)(bbr_loss_limit(&tcb, n * MSS) / MSS);
}

static void
chance_losses(void)
{
	begin();
	check(limit(1000, 0) == 20, "5.5.10.2: 2 %% where nothing is lost");
	check(limit(20, 0) == 1, "one segment is no rate");
	check(
	    limit(40, 100) >= 12, "of 40 with 4 to be expected 12 are chance");
	check(limit(10000, 100) <= 2300, "of 10000 with 1000 2300 are not");
	b->queue = true;
	check(limit(1000, 100) == 20, "with a queue 2 %% are too much");
}

/* paced - the rate at which a state sends; 1 MB/s is what arrives */
static uint64_t
paced(enum bbr_state state, unsigned base)
{
	struct ack_info info = {0};

	begin();
	b->state = state;
	b->full_bw_reached = true;
	b->max_bw[1] = 1000000;
	b->base_sent = 1000 * MSS;
	b->base_lost = base * MSS;
	tcp_bbr.ack(&tcb, &info);
	return tcb.pace->pacing_rate;
}

static void
probing(void)
{
	check(paced(BBR_UP, 0) == 1237500, "5.6.1: a probe is 25 %% more");
	check(paced(BBR_UP, 100) == 1375000, "and what is always lost besides");
	check(paced(BBR_UP, 500) == paced(BBR_UP, 200), "up to 20 %%");
	check(paced(BBR_REFILL, 100) == 990000, "nothing else sends more");
}

int
main(void)
{
	startup();
	chance_losses();
	probing();
	tcp_bbr.done(&tcb);
	return done();
}
