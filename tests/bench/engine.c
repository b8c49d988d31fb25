/*
 * engine.c - the TCP engine alone: one connection sends, and every step
 * takes an acknowledgment of two segments; and what a connection takes in
 * memory. Prints, for the shell: acks= frames= (a second) mbytes= tcb=
 * time_wait= record= (bytes).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bytes.h"
#include "cksum.h"
#include "../../cmd/tcpfsm/tcp_var.h"

enum { MSS = 1448, ROUNDS = 1000000 };

static uint8_t block[1 << 16];

static struct {
	uint64_t now, frames;
	uint32_t iss;
	bool syn_ack;
} b;

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	b.frames++;
	if (b.syn_ack)
		return;
	b.syn_ack = true;
	b.iss = get_be32(head + 38);
}

static void
on_event(void *ctx, const struct tcp_event *ev)
{
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	tcp_offer(tcb, UINT64_MAX / 2);
}

static void
on_tcb(void *ctx, struct tcb *tcb, uint64_t now)
{
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
}

static void
on_closed(void *ctx, struct tcb *tcb, enum tcp_close how, uint64_t now)
{
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	return block;
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
}

static void
say(struct tcp *t, uint8_t flags, uint32_t seq, uint32_t ack)
{
	static const uint8_t us[4] = {10, 0, 0, 5}, peer[4] = {10, 0, 0, 9};
	struct tcp_hdr h = {.sport = 1000,
	    .dport = 80,
	    .seq = seq,
	    .ack = ack,
	    .flags = flags,
	    .wnd = 65535};
	struct ip_hdr ip = {.proto = PROTO_TCP, .ttl = 64};
	uint8_t f[128];
	struct mac to;
	size_t n;

	ip_from_v4(&ip.src, peer);
	ip_from_v4(&ip.dst, us);
	mac_of_phantom(&ip.dst, &to);
	memcpy(f, to.b, 6);
	memcpy(f + 6, "\2\0\0\0\0\x09\x08\0", 8);
	h.opt.have_mss = h.opt.have_wscale = h.opt.sack_ok = flags & TH_SYN;
	h.opt.mss = 1460;
	h.opt.wscale = 7;
	h.opt.have_ts = true;
	h.opt.tsval = tcp_ts_now(b.now);
	n = tcp_hdr_encode(f + 34, &h);
	ip.len = (uint32_t)n + 20;
	ip_encode(f + 14, &ip);
	put_be16(f + 34 + 16,
	    cksum_fold(cksum_add(
		ip_pseudo_sum(&ip.src, &ip.dst, PROTO_TCP, (uint32_t)n), f + 34,
		n)));
	tcp_input(t, b.now, f, n + 34, b.now, 1);
}

int
main(void)
{
	static const struct tcp_ops ops = {.emit = on_emit,
	    .event = on_event,
	    .opened = on_opened,
	    .received = on_received,
	    .peer_closed = on_tcb,
	    .timer = on_tcb,
	    .closed = on_closed,
	    .data = on_data,
	    .acked = on_acked};
	struct timespec a, z;
	struct tcp_config cfg;
	struct tcp *t;
	double s;
	long i;

	tcp_defaults(&cfg);
	b.now = UINT64_C(1000000000000);
	t = tcp_new(&cfg, &ops, NULL, b.now);
	if (t == NULL)
		return 1;
	say(t, TH_SYN, 0, 0);
	tcp_flush(t, b.now, SIZE_MAX);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (i = 0; i < ROUNDS; i++) {
		b.now += 20000;
		/* the first comes before any data, then a window behind it */
		say(t, TH_ACK, 1,
		    b.iss + 1 + (i > 4 ? (uint32_t)(i - 4) * 2 * MSS : 0));
		if (tcp_deadline(t) <= b.now)
			tcp_timers(t, b.now);
		tcp_flush(t, b.now, SIZE_MAX);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &z);
	s = (double)(z.tv_sec - a.tv_sec) +
	    (double)(z.tv_nsec - a.tv_nsec) / 1e9;
	printf("acks=%.0f frames=%.0f mbytes=%.0f tcb=%zu time_wait=%zu "
	       "record=%zu dropped=%llu retransmits=%llu\n",
	    ROUNDS / s, (double)b.frames / s,
	    (double)tcp_stats(t)->sent / 1e6 / s, sizeof(struct tcb),
	    sizeof(struct time_wait), sizeof(struct sent),
	    (unsigned long long)tcp_stats(t)->dropped,
	    (unsigned long long)tcp_stats(t)->retransmits);
	tcp_free(t);
	return 0;
}
