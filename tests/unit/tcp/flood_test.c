/*
 * flood_test.c - many strangers, on the virtual clock: what they take is
 * bounded, and an honest client is served meanwhile. Guessed resets and ICMP
 * errors, clocks that wrap, an hour asleep.
 */
#include <malloc.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "quiet.h"
#include "tap.h"
#include "tcp/tcp_var.h"
#include "tests/frame.h"
#include "wire/parse.h"
#include "wire/tcp_seq.h"

enum {
	SYNS = 1000000,
	MANY = 100000,
	KINDS = 4,
	RESPONSE = 100000,
	ALL = 2 * MANY, /* attackers at most */
	GUESSES = 1 << 16,
};

#define START UINT64_C(1763640000000000000)
#define MS    UINT64_C(1000000)
#define S     UINT64_C(1000000000)

static struct {
	struct tcp *t;
	uint64_t now, frames, resets;
	struct chance chance;
	/* the honest client */
	struct tcb *tcb;
	uint32_t iss, seq, got;
	bool done;
} x;

static uint32_t attacker_iss[ALL];
static const uint8_t us[4] = {10, 0, 0, 5}, honest[4] = {10, 0, 0, 9};
enum { HONEST_PORT = 5555 };

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	uint32_t i, seq = get_be32(head + 38);

	x.frames++;
	x.resets += (head[47] & TH_RST) != 0;
	if (head[23] != PROTO_TCP)
		return;
	if (memcmp(head + 30, honest, 4) == 0 &&
	    get_be16(head + 36) == HONEST_PORT) {
		if (head[47] & TH_SYN)
			x.iss = seq;
		else if (seq == x.iss + 1 + x.got)
			x.got += (uint32_t)dlen;
		return;
	}
	i = get_be32(head + 30) & 0xffffff;
	if ((head[47] & TH_SYN) && i < ALL)
		attacker_iss[i] = seq;
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	uint16_t port;

	tcp_remote(tcb, &port);
	if (port == HONEST_PORT)
		x.tcb = tcb;
	tcp_offer(tcb, RESPONSE);
	if (port % KINDS == 3 && port != HONEST_PORT)
		tcp_shutdown(tcb);
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	if (tcb == x.tcb)
		x.tcb = NULL;
}

static const struct tcp_host host = {.emit = on_emit};

static const struct tcp_app app = {
    .opened = on_opened, .closed = on_closed, .data = quiet_data};

/* pass - so long passes, and every timer fires at its time */
static void
pass(uint64_t ns)
{
	uint64_t end = x.now + ns;

	while (tcp_deadline(x.t) <= end) {
		if (tcp_deadline(x.t) > x.now)
			x.now = tcp_deadline(x.t);
		quiet_step(x.t, x.now);
	}
	x.now = end;
	quiet_step(x.t, x.now);
}

struct say {
	const uint8_t *from;
	uint16_t port, wnd;
	uint8_t flags;
	uint32_t seq, ack, n; /* bytes of data */
};

/* say - a segment comes in; nothing is answered before quiet_step() */
static void
say(const struct say *s)
{
	struct tcp_hdr h = {.sport = s->port,
	    .dport = 80,
	    .seq = s->seq,
	    .ack = s->ack,
	    .flags = s->flags,
	    .wnd = s->wnd};
	uint8_t f[128] = {0};
	size_t len;

	h.opt.have_mss = h.opt.sack_ok = s->flags & TH_SYN;
	h.opt.mss = 1460;
	len = frame_tcp4(f, s->from, us, &h, s->n);
	tcp_input(x.t, x.now, f, len, x.now, 1);
}

static void
begin(uint64_t start, uint32_t conns)
{
	struct tcp_config cfg;

	memset(&x, 0, sizeof(x));
	chance_seed(&x.chance, 1);
	x.now = start;
	tcp_defaults(&cfg);
	cfg.max_conns = conns;
	x.t = tcp_new(&cfg, &host, NULL, &app, NULL, x.now);
}

/* ---- the honest client ---- */

static void
ask(uint8_t flags, uint32_t seq, uint32_t ack, uint32_t n)
{
	struct say s = {honest, HONEST_PORT, 60000, flags, seq, ack, n};

	say(&s);
	quiet_step(x.t, x.now);
}

/* connects - and asks; no time passes on its way */
static bool
connects(uint32_t seq)
{
	x.tcb = NULL;
	x.got = 0;
	x.seq = seq + 21;
	ask(TH_SYN, seq, 0, 0);
	ask(TH_ACK, seq + 1, x.iss + 1, 0);
	ask(TH_ACK, seq + 1, x.iss + 1, 20);
	return x.tcb != NULL;
}

/* downloads - the rest of the response; step is called between */
static bool
downloads(void (*step)(void))
{
	int i;

	for (i = 0; i < 1000 && x.got < RESPONSE && x.tcb != NULL; i++) {
		if (step != NULL)
			step();
		x.now += MS;
		ask(TH_ACK, x.seq, x.iss + 1 + x.got, 0);
	}
	ask(TH_ACK, x.seq, x.iss + 1 + x.got, 0);
	return x.got == RESPONSE;
}

/* leaves - by a reset at the right place */
static void
leaves(void)
{
	ask(TH_RST, x.seq, 0, 0);
}

/* ---- SYNs ---- */

static void
syn(void)
{
	uint8_t from[4] = {11};
	struct say s = {from, 0, 1000, TH_SYN, 0, 0, 0};
	uint64_t r = chance_u64(&x.chance);

	from[1] = (uint8_t)(r >> 8);
	from[2] = (uint8_t)(r >> 16);
	from[3] = (uint8_t)(1 + (r >> 24) % 254);
	s.port = (uint16_t)(1 + (r >> 32) % 65535);
	s.seq = (uint32_t)chance_u64(&x.chance);
	say(&s);
	x.now += 1000; /* a million a second */
	quiet_step(x.t, x.now);
}

static void
thousand_syns(void)
{
	int i;

	for (i = 0; i < 1000; i++)
		syn();
}

static void
test_syn_flood(void)
{
	size_t before, after;
	uint64_t cookies;
	uint32_t i;

	begin(START, MANY);
	for (i = 0; i < SYNS / 10; i++)
		syn();
	before = mallinfo2().uordblks;
	check(connects(1000), "a client connects during a flood");
	check(downloads(thousand_syns), "and downloads during it");
	leaves();
	for (i = 0; i < SYNS; i++)
		syn();
	after = mallinfo2().uordblks;
	check(after <= before + 65536, "%d SYNs take no memory: %zu, %zu", SYNS,
	    before, after);
	check(x.t->half_count == x.t->cfg.backlog &&
		  x.t->tcbs.used <= x.t->cfg.backlog + 1,
	    "half open: the backlog, no more");
	cookies = tcp_stats(x.t)->cookies;
	check(cookies > SYNS, "the others got cookies");
	pass(400 * S);
	check(x.t->half_count == 0, "the half-open ones are given up");
	ask(TH_SYN, 77, 0, 0);
	check(tcp_stats(x.t)->cookies == cookies && x.t->half_count == 1,
	    "and cookies are off again");
	tcp_free(x.t);
}

/* a clock may begin with 0: of a recording, or since the machine started */
static void
test_first_minute(void)
{
	uint32_t i;

	begin(S, MANY);
	for (i = 0; i < 2 * x.t->cfg.backlog; i++)
		syn();
	check(connects(1000), "a cookie is taken in the first minute as well");
	tcp_free(x.t);
}

/* ---- connections that do not what they should ---- */

/* attack - number i connects; by i % KINDS: its window is zero, it never
 * acknowledges, it sends a byte a second, it stays in FIN-WAIT-2 */
static void
attack(uint32_t i)
{
	uint8_t from[4];
	struct say s = {from, 0, 60000, TH_SYN, 5, 0, 0};

	put_be32(from, 11u << 24 | i);
	s.port = (uint16_t)(1024 + i % KINDS);
	s.wnd = i % KINDS == 0 ? 0 : i % KINDS == 1 ? 60000 : 1;
	say(&s);
	quiet_step(x.t, x.now);
	s.seq = 6;
	s.flags = TH_ACK;
	s.ack = attacker_iss[i] + 1;
	if (i % KINDS == 3)
		s.wnd = 60000;
	say(&s);
	quiet_step(x.t, x.now);
}

/* go_on - a second later: those that send a byte do */
static void
go_on(uint32_t n, uint32_t second)
{
	uint8_t from[4];
	struct say s = {from, 1024 + 2, 0, TH_ACK, 6 + second, 0, 1};
	uint32_t i;

	for (i = 2; i < n; i += KINDS) {
		put_be32(from, 11u << 24 | i);
		s.ack = attacker_iss[i] + 1;
		say(&s);
	}
	quiet_step(x.t, x.now);
}

static void
test_connections(void)
{
	uint32_t i, served = 0, asked = 0, most = 0, second = 0;
	struct tcb *first;
	size_t before, after;

	begin(START, MANY);
	check(connects(1), "a client is connected");
	first = x.tcb;
	for (i = 0; i < MANY + MANY / 2; i++) {
		attack(i);
		x.now += 50000;
		if (tcp_stats(x.t)->conns > most)
			most = tcp_stats(x.t)->conns;
		if (i % 10000 == 9999) {
			pass(S);
			go_on(i, second++);
			ask(TH_ACK, x.seq, x.iss + 1 + 1448 * second, 0);
		}
	}
	before = mallinfo2().uordblks;
	check(most == MANY, "%u connections at most", most);
	check(x.tcb == first && downloads(NULL),
	    "the client that was there is served");
	leaves();
	for (; i < ALL; i++) {
		attack(i);
		x.now += 50000;
		if (i % 5000 == 0) {
			asked++;
			served += connects(i) && downloads(NULL);
			leaves();
		}
	}
	after = mallinfo2().uordblks;
	check(served == asked, "%u of %u that come are served", served, asked);
	check(tcp_stats(x.t)->conns <= MANY, "still no more than that");
	check(after < before + (16u << 20), "memory is bounded: %zu, %zu",
	    before, after);
	tcp_free(x.t);
}

/* ---- guesses ---- */

static void
icmp_unreachable(uint32_t seq)
{
	struct ip_hdr ip = {.proto = PROTO_ICMP, .ttl = 64, .len = 56};
	struct ip_hdr quoted = {.proto = PROTO_TCP, .ttl = 64, .len = 40};
	uint8_t f[70] = {0};
	struct mac to;

	ip_from_v4(&ip.src, honest);
	ip_from_v4(&ip.dst, us);
	quoted.src = ip.dst;
	quoted.dst = ip.src;
	mac_of_phantom(&ip.dst, &to);
	memcpy(f, to.b, 6);
	memcpy(f + 6, "\2\0\0\0\0\x09\x08\0", 8);
	ip_encode(f + 14, &ip);
	f[34] = 3; /* destination unreachable: */
	f[35] = 2; /* protocol, a hard error */
	ip_encode(f + 42, &quoted);
	put_be16(f + 62, 80);
	put_be16(f + 64, HONEST_PORT);
	put_be32(f + 66, seq);
	put_be16(f + 36, cksum_fold(cksum_add(0, f + 34, 36)));
	tcp_input(x.t, x.now, f, sizeof(f), x.now, 1);
	quiet_step(x.t, x.now);
}

static void
test_guesses(void)
{
	uint64_t dropped, frames;
	uint32_t i;

	begin(START, MANY);
	connects(1000);
	dropped = tcp_stats(x.t)->dropped;
	frames = x.frames;
	for (i = 0; i < GUESSES; i++)
		ask(TH_RST, x.seq + 1 + (i << 16), 0, 0);
	check(x.tcb != NULL && tcp_stats(x.t)->dropped == dropped + GUESSES,
	    "2^16 guessed resets: the connection stands, all are counted");
	check(x.frames <= frames + 10, "and %d challenges sent",
	    (int)(x.frames - frames));
	frames = x.frames;
	for (i = 0; i < GUESSES; i++)
		ask(TH_SYN, x.seq + (i << 16), 0, 0);
	check(x.tcb != NULL && x.frames <= frames + 10, "2^16 SYNs: as well");
	frames = x.frames;
	for (i = 0; i < GUESSES; i++)
		ask(TH_ACK, x.seq, x.iss + 1 + RESPONSE + (i << 16), 0);
	check(x.tcb != NULL && x.got < RESPONSE && x.frames <= frames + 10,
	    "2^16 ACKs of what was not sent bring no burst");
	for (i = 0; i < GUESSES; i++)
		icmp_unreachable(x.iss - 1 - (i << 16));
	check(x.tcb != NULL, "2^16 guessed ICMP errors: the connection stands");
	check(downloads(NULL), "and goes on");
	tcp_free(x.t);
}

/* ---- clocks ---- */

/* download_over - what is said takes place while a counter wraps */
static void
download_over(uint64_t start, const char *what)
{
	bool idle, probed;

	begin(start, 10);
	connects(UINT32_MAX - 10);
	pass(10 * S); /* retransmits meanwhile */
	idle = x.tcb != NULL && downloads(NULL);
	pass(3600 * S);
	x.now += 3600 * S; /* asleep: no timer fires on its way */
	quiet_step(x.t, x.now);
	probed = x.tcb != NULL;
	ask(TH_FIN | TH_ACK, x.seq, x.iss + 1 + x.got, 0);
	check(idle && probed && x.tcb != NULL, "%s", what);
	tcp_free(x.t);
}

static void
test_clocks(void)
{
	const uint64_t wrap = MS << 32; /* of a count of ms in 32 bits */
	uint64_t k = START / wrap;

	download_over(START, "an hour idle, an hour asleep: still there");
	download_over(
	    (k + 1) * wrap - 5 * S, "milliseconds wrap in a transfer");
	download_over((k + 1) * wrap - 1800 * S, "they wrap at rest");
	download_over((k + 1) * wrap - 5400 * S, "they wrap asleep");
	download_over((UINT64_C(1) << 32) * S - 5 * S, "seconds wrap, in 2106");

	begin(START, 10);
	connects(1000);
	x.now += 3600 * S; /* with data in flight */
	quiet_step(x.t, x.now);
	check(x.tcb != NULL && downloads(NULL), "asleep with data in flight");
	tcp_free(x.t);
}

int
main(void)
{
	test_syn_flood();
	test_first_minute();
	test_connections();
	test_guesses();
	test_clocks();
	return done();
}
