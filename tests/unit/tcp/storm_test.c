/*
 * storm_test.c - segments that nobody has sent, between two of our own
 * stacks and from many strangers: no two ends answer each other for ever,
 * what one connection is asked tells nothing of another, and holes in the
 * data of thousands take no more room than was given.
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
#define S     UINT64_C(1000000000)

enum {
	QUEUE = 1024,
	FRAME = 2048,
	PEERS = 3000,
	HOLES = 80,
	REASS = 1 << 20,
};

struct end {
	struct tcp *t;
	struct tcb *tcb;
	uint64_t received;
};

static struct {
	struct end end[2];
	uint64_t now;
	bool alone; /* the other end is not there: nothing is delivered */
	uint64_t no, told; /* of the record; as an event tells it */
	unsigned frames, head;
	uint8_t frame[QUEUE][FRAME];
	size_t len[QUEUE];
	struct end *to[QUEUE];
	uint32_t peer_iss[PEERS], honest_iss; /* of those that are answered */
} x;

static const uint8_t addr[2][4] = {{10, 0, 0, 5}, {10, 0, 0, 6}};
static const uint8_t honest[4] = {10, 0, 0, 9};

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	unsigned at = x.frames++ % QUEUE;
	uint32_t i = get_be32(head + 30) & 0xffffff;

	if ((head[47] & TH_SYN) && head[30] == 11 && i < PEERS)
		x.peer_iss[i] = get_be32(head + 38);
	if ((head[47] & TH_SYN) && memcmp(head + 30, honest, 4) == 0)
		x.honest_iss = get_be32(head + 38);
	memcpy(x.frame[at], head, hlen);
	if (dlen > 0)
		memcpy(x.frame[at] + hlen, data, dlen);
	x.len[at] = hlen + dlen;
	x.to[at] = ctx == &x.end[0] ? &x.end[1] : &x.end[0];
}

static void
on_event(void *ctx, const struct tcp_event *ev)
{
	x.told = ev->frame;
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	((struct end *)ctx)->tcb = tcb;
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	((struct end *)ctx)->received += n;
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	struct end *e = ctx;

	if (tcb == e->tcb)
		e->tcb = NULL;
}

static const struct tcp_host host = {.emit = on_emit, .event = on_event};

static const struct tcp_app app = {.opened = on_opened,
    .received = on_received,
    .closed = on_closed,
    .data = quiet_data};

/* deliver - until nobody says anything any more, or much has been said */
static void
deliver(void)
{
	unsigned at;

	quiet_step(x.end[0].t, x.now);
	if (x.end[1].t != NULL)
		quiet_step(x.end[1].t, x.now);
	while (x.head < x.frames && x.head < 100000) {
		at = x.head++ % QUEUE;
		if (x.alone)
			continue;
		tcp_input(x.to[at]->t, x.now, x.frame[at], x.len[at], x.now, 1);
		quiet_step(x.to[at]->t, x.now);
	}
}

static uint64_t
next(void)
{
	uint64_t a = tcp_deadline(x.end[0].t);
	uint64_t b = x.alone ? UINT64_MAX : tcp_deadline(x.end[1].t);

	return a < b ? a : b;
}

static void
pass(uint64_t ns)
{
	uint64_t end = x.now + ns;

	while (next() <= end) {
		if (next() > x.now)
			x.now = next();
		deliver();
	}
	x.now = end;
	deliver();
}

struct say {
	const uint8_t *from;
	uint16_t sport, dport;
	uint8_t flags;
	uint32_t seq, ack, n;  /* bytes of data */
	const struct tcb *tcb; /* whose timestamps it has, or NULL */
};

/* say - a segment comes to the first end or the second */
static void
say(int to, const struct say *s)
{
	struct tcp_hdr h = {.sport = s->sport,
	    .dport = s->dport,
	    .seq = s->seq,
	    .ack = s->ack,
	    .flags = s->flags,
	    .wnd = 60000};
	uint8_t f[FRAME] = {0};
	size_t len;

	if (s->tcb != NULL) {
		h.opt.have_ts = true;
		h.opt.tsval = s->tcb->ts_recent;
		h.opt.tsecr = 0;
	}
	len = frame_tcp4(f, s->from, addr[to], &h, s->n);
	tcp_input(x.end[to].t, x.now, f, len, x.now, x.no);
	deliver();
}

static void
begin(bool alone)
{
	struct tcp_config cfg;
	int i;

	memset(&x, 0, sizeof(x));
	x.now = START;
	x.alone = alone;
	tcp_defaults(&cfg);
	cfg.reass_bytes = REASS;
	for (i = 0; i < (alone ? 1 : 2); i++)
		x.end[i].t = tcp_new(
		    &cfg, &host, &x.end[i], &app, &x.end[i], x.now);
}

static void
end(void)
{
	tcp_free(x.end[0].t);
	if (x.end[1].t != NULL)
		tcp_free(x.end[1].t);
}

/* ---- two of our own ---- */

/* meet - the second connects to the first */
static bool
meet(void)
{
	struct ip_addr from, to;
	struct mac mac;

	begin(false);
	ip_from_v4(&from, addr[1]);
	ip_from_v4(&to, addr[0]);
	mac_of_phantom(&to, &mac);
	x.end[1].tcb = tcp_connect(
	    x.end[1].t, x.now, &from, 4000, &to, 80, &mac);
	deliver();
	pass(S);
	return x.end[0].tcb != NULL && x.end[1].tcb != NULL;
}

/* forge - to one end, as from the other: seq and ack as far off as told */
static void
forge(int to, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t n)
{
	const struct tcb *tcb = x.end[to].tcb;
	struct say s = {addr[!to], to ? 80 : 4000, to ? 4000 : 80, flags,
	    tcb->rcv_nxt + seq, tcb->snd_nxt + ack, n, tcb};

	say(to, &s);
}

/* quiet - what both have said since, and say within a minute, is little */
static void
quiet(const char *what)
{
	unsigned before;

	pass(10 * S);
	check(
	    x.frames < 100, "%s: they end it after %u frames", what, x.frames);
	before = x.frames;
	pass(60 * S);
	check(x.frames == before, "%s: and are silent", what);
	end();
}

static void
test_two(void)
{
	check(meet(), "two of our stacks are connected");
	forge(0, TH_ACK, 0, 0, 100);
	quiet("data that the other has not sent");
	meet();
	forge(0, TH_ACK, 0, 0, 100);
	forge(1, TH_ACK, 0, 0, 100);
	quiet("the same to both");
	meet();
	forge(0, TH_ACK, 0, 1000, 0);
	quiet("an ACK of what was not sent");
	meet();
	forge(0, TH_ACK, (uint32_t)-1000, 0, 10);
	forge(1, TH_ACK, (uint32_t)-1000, 0, 10);
	quiet("old data");
	meet();
	forge(0, TH_FIN | TH_ACK, 0, 0, 0);
	forge(1, TH_SYN, 0, 0, 0);
	quiet("a FIN to one, a SYN to the other");
}

/* ---- what is told of others ---- */

/* joins - a stranger connects from this port; where its bytes begin */
static uint32_t
joins(uint16_t port)
{
	struct say s = {honest, port, 80, TH_SYN, 7, 0, 0, NULL};

	say(0, &s);
	s.flags = TH_ACK;
	s.seq = 8;
	s.ack = x.honest_iss + 1;
	say(0, &s);
	return x.honest_iss + 1;
}

/* challenged - how many of n resets beside their place are answered */
static unsigned
challenged(uint16_t port, uint32_t ack, unsigned n)
{
	struct say s = {honest, port, 80, TH_RST, 8 + 100, ack, 0, NULL};
	unsigned before = x.frames;

	while (n-- > 0)
		say(0, &s);
	return x.frames - before;
}

/*
 * Whoever can make a host spend a limit that all share, and count what is
 * left, learns whether a guess at another's connection was right (Cao and
 * others, 2016).
 */
static void
test_challenges(void)
{
	unsigned own, other;
	uint32_t a, b;

	begin(true);
	a = joins(5001);
	b = joins(5002);
	own = challenged(5001, a, 200);
	other = challenged(5002, b, 200);
	check(own > 0 && own < 20, "resets beside: %u of 200 are challenged",
	    own);
	check(other == own, "of another connection as many: %u", other);
	end();
}

/* ---- holes ---- */

static void
holes(uint32_t peer)
{
	uint8_t from[4];
	struct say s = {from, 1024, 80, TH_SYN, 5, 0, 0, NULL};
	uint32_t i;

	put_be32(from, 11u << 24 | peer);
	say(0, &s);
	s.flags = TH_ACK;
	s.ack = x.peer_iss[peer] + 1;
	s.n = 0;
	s.seq = 6;
	say(0, &s);
	s.n = 500;
	for (i = 0; i < HOLES; i++) {
		s.seq = 1006 + 501 * i;
		say(0, &s);
	}
}

static void
test_holes(void)
{
	struct say s = {honest, 5003, 80, TH_ACK, 8, 0, 1000, NULL};
	uint64_t before;
	size_t most = 0;
	uint32_t i;

	begin(true);
	s.ack = joins(5003);
	for (i = 0; i < PEERS; i++) {
		holes(i);
		if (x.end[0].t->reass_used > most)
			most = x.end[0].t->reass_used;
		x.now += MS;
	}
	check(most <= REASS && most > REASS / 2,
	    "holes of %u connections: %zu bytes kept at most", PEERS, most);
	before = x.end[0].received;
	for (i = 0; i < 100; i++) {
		say(0, &s);
		s.seq += 1000;
	}
	check(x.end[0].received - before == 100000,
	    "who sends in order is heard meanwhile");
	end();
}

/* ---- counters ---- */

static void
test_counters(void)
{
	struct tcp_stats *st;
	uint32_t a;

	begin(true);
	st = &x.end[0].t->stats;
	a = joins(5001);
	st->frames = st->segments = st->dropped = UINT32_MAX;
	x.no = UINT64_C(0x100000000);
	challenged(5001, a, 1);
	check(st->frames == x.no && st->segments == x.no &&
		  st->dropped == x.no && x.told == x.no,
	    "after 2^32 packets the next is that of number 2^32");
	end();
}

int
main(void)
{
	test_counters();
	test_two();
	test_challenges();
	test_holes();
	return done();
}
