/*
 * reass_test.c - segments in any order, twice and overlapping, give the
 * stream, within the limits of memory
 */
#include "base/chance.h"
#include "tap.h"
#include "base/allocator.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum { STREAM = 5000 };

static struct {
	struct tcp tcp;
	struct tcb tcb;
	struct work work;
	uint64_t got;
	bool wrong;
} x;

static uint8_t
byte_at(uint64_t off)
{
	return (uint8_t)(off * 31 + (off >> 8));
}

static void
received(void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	size_t i;

	for (i = 0; p != NULL && i < n; i++)
		x.wrong = x.wrong || p[i] != byte_at(x.got + i);
	x.wrong = x.wrong || n == 0 || (p != NULL) != x.tcp.app.want_data;
	x.got += n;
}

static void
begin(bool want_data, size_t bytes)
{
	memset(&x, 0, sizeof(x));
	x.tcp.from = &allocator_libc;
	x.tcp.app.received = received;
	x.tcp.app.want_data = want_data;
	x.tcp.cfg.reass_bytes = bytes;
	x.tcb.tcp = &x.tcp;
	x.tcb.w = &x.work;
	x.tcb.irs = 0xfffff000; /* the wrap lies in the stream */
	x.tcb.rcv_nxt = x.tcb.irs;
}

/* put - bytes off to off + n arrive; in order, they are delivered */
static bool
put(uint32_t off, uint32_t n)
{
	uint8_t buf[STREAM];
	uint32_t i, have = x.tcb.rcv_nxt - x.tcb.irs;

	if (off < have) {
		if (off + n <= have)
			return true;
		n -= have - off;
		off = have;
	}
	for (i = 0; i < n; i++)
		buf[i] = byte_at(off + i);
	if (off > have)
		return tcp_reass_put(&x.tcb, x.tcb.irs + off, buf, n);
	x.tcb.rcv_nxt += n;
	received(NULL, &x.tcb, x.tcp.app.want_data ? buf : NULL, n, 0);
	tcp_reass_pull(&x.tcb, 0);
	return true;
}

/* ordered - ranges ascend, hold something, and do not touch */
static bool
ordered(void)
{
	const struct range *r;

	for (r = x.work.ooo; r != NULL; r = r->next) {
		if (!seq_lt(r->seq, r->end) ||
		    (r->next != NULL && !seq_lt(r->end, r->next->seq)))
			return false;
	}
	return true;
}

static void
shuffle(bool want_data)
{
	struct chance c;
	bool order = true;
	uint32_t off, n;
	int i, seed, whole = 0;

	for (seed = 0; seed < 200; seed++) {
		chance_seed(&c, (uint64_t)seed);
		begin(want_data, 1 << 20);
		for (i = 0; i < 5000 && x.got < STREAM; i++) {
			off = (uint32_t)chance_below(&c, STREAM);
			n = 1 + (uint32_t)chance_below(&c, 300);
			if (off + n > STREAM)
				n = STREAM - off;
			put(off, n);
			order = order && ordered();
		}
		if (x.got < STREAM)
			put((uint32_t)x.got, STREAM - (uint32_t)x.got);
		whole += x.got == STREAM && !x.wrong && x.work.ooo == NULL &&
			 x.tcp.reass_used == 0;
		tcp_reass_free(&x.tcb);
	}
	check(whole == 200, "%d of 200 shuffled streams are whole (%s)", whole,
	    want_data ? "bytes kept" : "counted only");
	check(order, "the ranges never touch");
}

static void
limits(void)
{
	struct sack_block b[4];
	uint32_t i, kept = 0;

	begin(true, 1 << 20);
	for (i = 0; i < 200; i++)
		kept += put(10 + 10 * i, 1);
	check(kept == OOO_RANGES, "a connection has at most %d holes", kept);
	tcp_reass_free(&x.tcb);
	check(x.tcp.reass_used == 0 && x.work.ooo_count == 0,
	    "and they are given back");

	begin(true, 1000);
	check(put(2000, 500) && !put(3000, 900) && x.tcp.reass_used <= 1000,
	    "bytes are limited");
	check(put(2500, 100) && !put(2600, 900), "also where a range grows");
	tcp_reass_free(&x.tcb);

	begin(true, 1 << 20);
	put(100, 10);
	put(300, 10);
	put(200, 10);
	check(tcp_reass_sack(&x.tcb, b, 4) == 3 &&
		  b[0].start == x.tcb.irs + 200 &&
		  b[1].start == x.tcb.irs + 300 &&
		  b[2].start == x.tcb.irs + 100,
	    "RFC 2018 4: the most recent block first");
	check(tcp_reass_sack(&x.tcb, b, 2) == 2, "as many as fit");
	put(200, 5);
	check(tcp_reass_sack(&x.tcb, b, 4) == 4 &&
		  b[0].start == x.tcb.irs + 200 &&
		  b[0].end == x.tcb.irs + 205 &&
		  b[1].start == x.tcb.irs + 200 && b[1].end == x.tcb.irs + 210,
	    "RFC 2883 4: a duplicate, then the block it is part of");
	tcp_reass_free(&x.tcb);
}

int
main(void)
{
	shuffle(true);
	shuffle(false);
	limits();
	return done();
}
