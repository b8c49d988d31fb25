/*
 * scarce_test.c - connections that make the engine keep a record for every
 * segment, on the virtual clock: 500 of them, an MSS of 48, 700 segments in
 * flight each, then no acknowledgment but SACKs of every other segment. An
 * honest client is served as if they were not there.
 */
#include "base/bytes.h"
#include "quiet.h"
#include "tap.h"
#include "tcp/tcp_var.h"
#include "tests/frame.h"
#include "wire/parse.h"
#include "wire/tcp_seq.h"

#define START UINT64_C(1763640000000000000)
#define MS    UINT64_C(1000000)

enum {
	PEERS = 500,
	SMALL = 48,
	FLIGHT = 700 * SMALL,
	A_MS = 110, /* segments of the attackers */
	RTT = 20,   /* ms, of the honest client */
	RING = 1 << 16,
	LARGE = 200000000,
};

static struct {
	struct tcp *t;
	uint64_t now;
	struct peer {
		uint32_t iss, una, nxt, hole; /* hole: where it SACKs next */
		bool open;
	} peer[PEERS];
	uint32_t turn;
	/* the honest client: what it will acknowledge, and when */
	uint32_t iss, got;
	struct {
		uint64_t at;
		uint32_t ack;
	} ring[RING];
	uint32_t in, out;
	bool closed;
} x;

static const uint8_t us[4] = {10, 0, 0, 5}, honest[4] = {10, 0, 0, 9};

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	uint32_t i = get_be32(head + 30) & 0xffff, seq = get_be32(head + 38);
	uint32_t end = seq + (uint32_t)dlen + ((head[47] & TH_SYN) != 0);

	if (head[30] == 11) {
		if (head[47] & TH_SYN)
			x.peer[i].iss = seq;
		if ((head[47] & TH_SYN) || seq_gt(end, x.peer[i].nxt))
			x.peer[i].nxt = end;
		return;
	}
	if (head[47] & TH_SYN)
		x.iss = seq;
	else if (seq == x.iss + 1 + x.got)
		x.got += (uint32_t)dlen;
	x.ring[x.in % RING].at = now + RTT * MS;
	x.ring[x.in++ % RING].ack = x.iss + 1 + x.got;
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	tcp_offer(tcb, LARGE);
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	x.closed |= tcb->c.raddr.b[12] == 10;
}

static const struct tcp_host host = {.emit = on_emit};

static const struct tcp_app app = {
    .opened = on_opened, .closed = on_closed, .data = quiet_data};

/* say - a segment from the address; h has the rest */
static void
say(const uint8_t *from, struct tcp_hdr *h)
{
	uint8_t f[128] = {0};

	h->sport = 5000;
	h->dport = 80;
	tcp_input(x.t, x.now, f, frame_tcp4(f, from, us, h, 0), x.now, 1);
	quiet_step(x.t, x.now);
}

static void
begin(void)
{
	struct tcp_config cfg;

	memset(&x, 0, sizeof(x));
	x.now = START;
	tcp_defaults(&cfg);

	x.t = tcp_new(&cfg, &host, NULL, &app, NULL, x.now);
}

/* ---- the attackers ---- */

static void
connect_peer(const uint8_t *from, uint16_t mss, uint8_t wscale, uint32_t *iss)
{
	struct tcp_hdr h = {.flags = TH_SYN, .seq = 5, .wnd = 65535};

	h.opt.have_mss = h.opt.sack_ok = h.opt.have_wscale = true;
	h.opt.mss = mss;
	h.opt.wscale = wscale;
	say(from, &h);
	h = (struct tcp_hdr){
	    .flags = TH_ACK, .seq = 6, .ack = *iss + 1, .wnd = 65535};
	say(from, &h);
}

/* go_on - one segment of peer i: it grows, then it tells of holes */
static void
go_on(uint32_t i)
{
	uint8_t from[4] = {11, 0, (uint8_t)(i >> 8), (uint8_t)i};
	struct tcp_hdr h = {.flags = TH_ACK, .seq = 6, .wnd = 65535};
	struct peer *p = &x.peer[i];

	if (!p->open) {
		connect_peer(from, SMALL, 0, &p->iss);
		p->open = true;
		p->una = p->iss + 1;
		return;
	}
	if (p->nxt - p->una < FLIGHT) {
		p->una += SMALL; /* one at a time: a record for each */
		h.ack = p->una;
		say(from, &h);
		p->hole = p->una;
		return;
	}
	h.ack = p->una;
	while (h.opt.nsack < 3) {
		if (seq_gt(p->hole + 2 * SMALL, p->nxt))
			p->hole = p->una;
		h.opt.sack[h.opt.nsack].start = p->hole + SMALL;
		h.opt.sack[h.opt.nsack++].end = p->hole + 2 * SMALL;
		p->hole += 2 * SMALL;
	}
	say(from, &h);
}

/* attack - all of them in turn, one after the other to its end */
static void
attack(void)
{
	int n;

	for (n = 0; n < A_MS; n++) {
		struct peer *p = &x.peer[x.turn % PEERS];
		bool last = p->open && p->nxt - p->una >= FLIGHT &&
			    p->hole + 8 * SMALL > p->nxt;

		go_on(x.turn % PEERS);
		x.turn += last;
	}
}

/* ---- the honest client ---- */

static void
acknowledge(void)
{
	struct tcp_hdr h = {.flags = TH_ACK, .seq = 6, .wnd = 8192};

	/* every second segment */
	while (x.out + 1 < x.in && x.ring[(x.out + 1) % RING].at <= x.now) {
		x.out += 2;
		h.ack = x.ring[(x.out - 1) % RING].ack;
		say(honest, &h);
	}
	if (x.out < x.in && x.ring[x.out % RING].at + 40 * MS <= x.now) {
		h.ack = x.ring[x.out++ % RING].ack;
		say(honest, &h);
	}
}

/* download - ms that it takes, at most so many; first: the first window */
static uint64_t
download(void (*step)(void), uint64_t most, uint32_t *first)
{
	uint64_t start = x.now;

	x.got = x.in = x.out = 0;
	connect_peer(honest, 1460, 7, &x.iss);
	*first = x.got;
	while (x.got < LARGE && x.now < start + most * MS && !x.closed) {
		x.now += MS;
		quiet_step(x.t, x.now);
		if (step != NULL)
			step();
		acknowledge();
	}
	return (x.now - start) / MS;
}

static void
test_download(void)
{
	uint64_t usual, now;
	uint32_t used, first;

	begin();
	usual = download(NULL, 100000, &first);
	check(x.got == LARGE, "200 MB, alone: %u ms", (unsigned)usual);
	tcp_free(x.t);
	begin();
	now = download(attack, 2 * usual, &first);
	used = x.t->sents.used;
	check(x.got == LARGE && now <= 2 * usual, "while %u attack: %u ms",
	    x.turn < PEERS ? x.turn : PEERS, (unsigned)now);
	check(used <= x.t->sents.max && x.t->sents.max <= 1 << 18,
	    "%u records of %u are in use", used, x.t->sents.max);
	tcp_free(x.t);

	usual = 2 * usual;
	begin();
	while (x.turn < 2 * PEERS) {
		x.now += MS;
		quiet_step(x.t, x.now);
		attack();
	}
	used = x.t->sents.used;
	check(used > x.t->sents.max / 3, "%u records are taken", used);
	now = download(attack, usual, &first);
	check(first == 10 * 1460, "a client gets its first window: %u", first);
	check(x.got == LARGE, "and all of 200 MB: %u ms", (unsigned)now);
	tcp_free(x.t);
}

int
main(void)
{
	test_download();
	return done();
}
