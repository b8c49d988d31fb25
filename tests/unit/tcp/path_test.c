/*
 * path_test.c - RFC 9040: what a connection has taught of its path, and the
 * next one to the same destination begins with.
 */
#include "base/bytes.h"
#include "path.h"
#include "tap.h"
#include "tcp/path.h"

enum { SEGMENTS = 1150, HOLDS = 80, BUFFER = 40 };

#define SEGMENT_TIME (NS_MS / 2)

static struct path p;

/* bottleneck - a segment in half a millisecond, behind a queue of so many */
static uint64_t
bottleneck(struct path *w, int to, uint64_t no, size_t len)
{
	uint64_t begin = w->busy > w->now ? w->busy : w->now;

	if (to == PATH_CLIENT || no == 0)
		return w->now + HOLDS / 2 * SEGMENT_TIME;
	if (begin - w->now > BUFFER * SEGMENT_TIME)
		return NEVER;
	w->busy = begin + SEGMENT_TIME;
	return w->busy + HOLDS / 2 * SEGMENT_TIME;
}

/* lossy - each tenth segment is lost, whatever is in flight */
static uint64_t
lossy(struct path *w, int to, uint64_t no, size_t len)
{
	if (to == PATH_SERVER && no % 10 == 5)
		return NEVER;
	return w->now + 10 * NS_MS;
}

static uint64_t
far(struct path *w, int to, uint64_t no, size_t len)
{
	return w->now + w->delay / 2;
}

/* open - two engines that remember, or not */
static void
open_path(bool remember, const char *cong,
    uint64_t (*carry)(struct path *, int, uint64_t, size_t))
{
	struct tcp_config cfg;

	tcp_defaults(&cfg);
	cfg.path_cache = remember;
	cfg.cong = tcp_cong_find(cong);
	cfg.rcvbuf = 4 << 20;
	path_open(&p, &cfg, carry);
}

/* end - the client's connection, by both FINs */
static void
end(void)
{
	struct conn c = p.tcb->c;
	struct conn *peer;

	tcp_shutdown(p.tcb);
	peer = tcp_lookup(
	    p.t[PATH_SERVER], &c.raddr, c.rport, &c.laddr, c.lport);
	tcp_shutdown((struct tcb *)peer);
	path_flush(&p);
	path_wait(&p, 5 * NS_S);
}

/* transfer - ns */
static uint64_t
transfer(void)
{
	p.lost = 0;
	return path_send(&p, SEGMENTS * PATH_MSS, 1000 * NS_S);
}

/* threshold - of a connection that begins now */
static uint32_t
threshold(uint16_t port, const char *server)
{
	uint32_t n;

	path_connect(&p, port, server);
	n = tcp_path_threshold(p.tcb, p.now);
	tcp_abort(p.tcb, p.now);
	path_wait(&p, NS_S);
	return n;
}

static void
slow_start(const char *cong)
{
	uint64_t lost, ns;
	uint32_t known;

	open_path(true, cong, bottleneck);
	check(tcp_path_threshold(p.tcb, p.now) == UINT32_MAX,
	    "%s: the first connection knows no threshold", cong);
	ns = transfer();
	lost = p.lost;
	end();
	path_connect(&p, 1001, "10.0.0.5");
	known = tcp_path_threshold(p.tcb, p.now);
	check(known >= HOLDS / 2 * PATH_MSS &&
		  known <= (HOLDS + BUFFER) * PATH_MSS &&
		  p.tcb->ssthresh == UINT32_MAX,
	    "%s: the next knows what the path holds", cong);
	check(transfer() <= ns + SEGMENT_TIME && p.lost < lost / 2,
	    "%s: and loses less than half, in the time of no more than one "
	    "segment more",
	    cong);
	printf("# %s: %u lost, then %u; threshold %u\n", cong, (unsigned)lost,
	    (unsigned)p.lost, known / PATH_MSS);
	end();
	check(threshold(1002, "10.0.0.6") == UINT32_MAX,
	    "%s: another destination is another path", cong);
	check(threshold(1003, "10.0.0.5") != UINT32_MAX,
	    "%s: it is still known", cong);
	path_wait(&p, 600 * NS_S);
	check(threshold(1004, "10.0.0.5") == UINT32_MAX,
	    "%s: ten minutes later it is forgotten", cong);
	path_close(&p);
}

/* taken - what a connection has only taken over is not measured anew */
static void
taken(void)
{
	int i;

	open_path(true, "cubic", bottleneck);
	transfer();
	end();
	for (i = 1; i <= 5; i++) {
		path_wait(&p, 110 * NS_S);
		path_connect(&p, (uint16_t)(1000 + i), "10.0.0.5");
		path_send(&p, 10 * PATH_MSS, 10 * NS_S);
		end();
	}
	path_wait(&p, 60 * NS_S);
	check(threshold(1010, "10.0.0.5") == UINT32_MAX,
	    "short connections do not keep a threshold alive");
	path_close(&p);
}

static void
off(void)
{
	open_path(false, "cubic", bottleneck);
	transfer();
	end();
	check(threshold(1001, "10.0.0.5") == UINT32_MAX,
	    "without path_cache nothing is remembered");
	path_close(&p);
}

static void
at_random(void)
{
	open_path(true, "cubic", lossy);
	transfer();
	end();
	check(threshold(1001, "10.0.0.5") == UINT32_MAX,
	    "a window of a few segments is no threshold to keep");
	path_close(&p);
}

/* round_trip - 300 ms: the first time-out is 3 R, then R + the floor */
static void
round_trip(void)
{
	uint64_t first;
	int i;

	p.delay = 300 * NS_MS;
	open_path(true, "cubic", far);
	first = tcp_rto(p.tcb);
	for (i = 0; i < 10; i++)
		path_send(&p, PATH_MSS, 10 * NS_S);
	end();
	path_connect(&p, 1001, "10.0.0.5");
	check(first == 900 * NS_MS && tcp_rto(p.tcb) <= 550 * NS_MS,
	    "the variance is known: the first time-out is shorter");
	tcp_abort(p.tcb, p.now);
	p.delay = 600 * NS_MS;
	path_wait(&p, NS_S);
	path_connect(&p, 1002, "10.0.0.5");
	check(tcp_rto(p.tcb) >= 1500 * NS_MS,
	    "where it has changed, it is as long as without");
	path_close(&p);
}

/* long_way - the SYN's own time-out: none before its answer can be there */
static void
long_way(void)
{
	uint32_t first;

	p.delay = 1500 * NS_MS;
	open_path(true, "cubic", far);
	first = p.tcb->retransmits;
	path_send(&p, PATH_MSS, 10 * NS_S);
	end();
	path_connect(&p, 1001, "10.0.0.5");
	check(first == 1 && p.tcb->retransmits == 0,
	    "a round trip above a second: the next SYN waits for it");
	path_close(&p);
}

/* by_others - 20,000 other peers end their connections, or have a narrow path;
   how many of those paths are known then */
static unsigned
by_others(bool narrow)
{
	const struct ip_addr peer = p.tcb->c.raddr;
	unsigned i, n = 0;

	for (i = 0; i < 40000; i++) {
		put_be32(p.tcb->c.raddr.b + 12, 0x0b000000 + i % 20000);
		if (i >= 20000)
			n += tcp_path_mtu(p.tcb, p.now) == 900;
		else if (narrow)
			tcp_path_narrow(p.tcb, 900, p.now);
		else
			tcp_path_ended(p.tcb, p.now);
	}
	p.tcb->c.raddr = peer;
	return n;
}

/* crowd - the table has a size, and an MTU is not forgotten for a round trip */
static void
crowd(void)
{
	unsigned n;

	p.delay = 20 * NS_MS;
	open_path(true, "cubic", far);
	path_send(&p, 10 * PATH_MSS, 10 * NS_S);
	tcp_path_narrow(p.tcb, 1000, p.now);
	by_others(false);
	check(tcp_path_mtu(p.tcb, p.now) == 1000,
	    "20,000 peers that end: a path MTU is still known");
	p.tcb->c.laddr.b[15]++;
	check(tcp_path_mtu(p.tcb, p.now) == p.tcb->tcp->cfg.mtu,
	    "but not to another phantom");
	p.tcb->c.laddr.b[15]--;
	n = by_others(true);
	check(n > 512 && n <= 1024, "of 20,000 narrow paths %u are known", n);
	path_close(&p);
}

int
main(void)
{
	crowd();
	slow_start("cubic");
	slow_start("reno");
	taken();
	off();
	at_random();
	round_trip();
	long_way();
	return done();
}
