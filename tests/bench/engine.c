/*
 * engine.c - the TCP engine alone, with so many connections: what one takes
 * in memory and what a segment costs.
 *
 *	engine CONNECTIONS ACKS
 *
 * All are established; at rest first, then each has data in flight, and ACKS
 * acknowledgments of two segments come, which let two more go; as every
 * connection has its turn before one has it again, what it needs is as cold
 * as can be. At last, in another run, all are closed into TIME-WAIT.
 *
 * Prints, for the shell: segments= (handled, both ways) seconds= (of CPU);
 * rest= flight= time_wait= (bytes a connection, by what the process has come
 * to take); wakes= (1: a timer runs at rest). Under callgrind only the
 * acknowledgments are counted, and the last run is left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "client.h"
#include "tcp/tcp.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define RUNNING_ON_VALGRIND 0
#endif

enum { MSS = 1448, OPENING = 500 };

#define RTT   UINT64_C(40000000)
#define BEGIN UINT64_C(1000000000000)

struct frame {
	uint8_t f[CLIENT_FRAME];
	size_t len;
};

static uint8_t block[1 << 16];

static struct {
	struct tcp *t;
	uint64_t now, frames;
	uint32_t n;
	/* of each connection */
	uint32_t *iss;
	uint32_t *acked; /* segments */
	struct tcb **tcb;
} b;

/* ---- what the engine calls ---- */

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	b.frames++;
	if (head[47] & TH_SYN)
		b.iss[client_of(head)] = get_be32(head + 38);
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	const struct ip_addr *a;
	uint16_t port;

	a = tcp_remote(tcb, &port);
	b.tcb[client_at(a->b + 12, port)] = tcb;
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	return block;
}

/* ---- the clients ---- */

/* step - what a frame costs: it, the timers that are due, the answer */
static void
step(const struct frame *f)
{
	tcp_input(b.t, b.now, f->f, f->len, b.now, 1);
	if (tcp_deadline(b.t) <= b.now)
		tcp_timers(b.t, b.now);
	tcp_flush(b.t, b.now, SIZE_MAX);
}

static void
say(uint32_t i, uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct frame f;

	f.len = client_frame(f.f, i, flags, seq, ack);
	step(&f);
}

/* open_all - not all at once: so many SYNs are on their way at a time */
static void
open_all(void)
{
	uint32_t k, i = 0, j = 0, wave = b.n < OPENING ? b.n : OPENING;

	for (k = 0; k < b.n + wave; k++) {
		b.now += RTT / wave;
		if (k < b.n) {
			say(i, TH_SYN, 0, 0);
			i = client_turn(i, b.n);
		}
		if (k >= wave) {
			say(j, TH_ACK, 1, b.iss[j] + 1);
			j = client_turn(j, b.n);
		}
	}
}

/* fill_all - each sends what its window takes; a round takes a round trip */
static void
fill_all(void)
{
	uint32_t k, i;

	for (k = i = 0; k < b.n; k++, i = client_turn(i, b.n)) {
		b.now += RTT / b.n;
		b.acked[i] = 0;
		tcp_offer(b.tcb[i], UINT64_MAX / 2);
		tcp_flush(b.t, b.now, SIZE_MAX);
	}
}

/* close_all - we first, so that they are in TIME-WAIT */
static void
close_all(void)
{
	uint32_t i;

	for (i = 0; i < b.n; i++) {
		tcp_shutdown(b.tcb[i]);
		tcp_flush(b.t, b.now, SIZE_MAX);
		say(i, TH_FIN | TH_ACK, 1, b.iss[i] + 2);
	}
}

/* ---- what is measured ---- */

/* rss - bytes that this process has in memory */
static double
rss(void)
{
	long all, resident = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f != NULL) {
		if (fscanf(f, "%ld %ld", &all, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double
cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* acks - the CPU that so many take, s; to make the frames is not counted */
static double
acks(long count)
{
	enum { SOME = 4096 };
	static struct frame ready[SOME];
	double spent = 0, before;
	uint32_t i = 0;
	long k, n;

	for (; count > 0; count -= n) {
		n = count < SOME ? count : SOME;
		for (k = 0; k < n; k++, i = client_turn(i, b.n)) {
			b.acked[i] += 2;
			ready[k].len = client_frame(ready[k].f, i, TH_ACK, 1,
			    b.iss[i] + 1 + b.acked[i] * MSS);
		}
		CALLGRIND_START_INSTRUMENTATION;
		before = cpu();
		for (k = 0; k < n; k++) {
			b.now += RTT / b.n;
			step(&ready[k]);
		}
		spent += cpu() - before;
		CALLGRIND_STOP_INSTRUMENTATION;
	}
	return spent;
}

/* ---- runs ---- */

static void
begin(void)
{
	static const struct tcp_host host = {.emit = on_emit};
	static const struct tcp_app app = {
	    .opened = on_opened, .data = on_data};
	struct tcp_config cfg;

	tcp_defaults(&cfg);
	cfg.max_conns = b.n;
	b.now = BEGIN;
	b.t = tcp_new(&cfg, &host, NULL, &app, NULL, b.now);
	if (b.t == NULL)
		exit(1);
}

/* there - memory that is in use from the beginning: rss() counts our own */
static void *
there(size_t n)
{
	void *p = malloc(n);

	if (p == NULL)
		exit(1);
	return memset(p, 1, n);
}

int
main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[1]) : 0;
	long count = argc == 3 ? atol(argv[2]) : 0;
	double none, seconds;
	uint64_t sent;

	if (n <= 0 || n > CLIENT_MAX || count <= 0) {
		fprintf(stderr, "usage: engine CONNECTIONS ACKS\n");
		return 2;
	}
	b.n = (uint32_t)n;
	b.iss = there(b.n * sizeof(*b.iss));
	b.acked = there(b.n * sizeof(*b.acked));
	b.tcb = there(b.n * sizeof(*b.tcb));
	begin();
	none = rss();
	open_all();
	printf("rest=%.0f wakes=%d ", (rss() - none) / b.n,
	    tcp_deadline(b.t) != UINT64_MAX);
	fill_all();
	printf("flight=%.0f ", (rss() - none) / b.n);
	sent = b.frames;
	seconds = acks(count);
	printf("seconds=%.6f segments=%.0f lost=%.0f ", seconds,
	    (double)count + (double)(b.frames - sent),
	    (double)tcp_stats(b.t)->retransmits);
	tcp_free(b.t);
	if (!RUNNING_ON_VALGRIND) {
		begin();
		open_all();
		none = rss();
		close_all();
		printf("time_wait=%.0f", (rss() - none) / b.n);
		tcp_free(b.t);
	}
	printf("\n");
	return 0;
}
