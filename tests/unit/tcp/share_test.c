/*
 * share_test.c - one source that takes all it can get of what is there for
 * everybody, and another that comes then: half-open connections, TIME-WAIT,
 * data out of order, the table of connections, resets.
 */
#include "base/bytes.h"
#include "quiet.h"
#include "tap.h"
#include "tcp/tcp_var.h"
#include "tests/frame.h"
#include "wire/parse.h"

#define START UINT64_C(1763640000000000000)
#define MS    UINT64_C(1000000)

enum { PORTS = 1 << 16, DATA = 1000, MANY = 100 };

static struct {
	struct tcp *t;
	uint64_t now;
	uint32_t iss[PORTS], fin[PORTS]; /* of ours, by the peer's port */
	uint32_t resets, acks;
} x;

static const uint8_t us[4] = {10, 0, 0, 5}, greedy[4] = {10, 0, 0, 8},
		     second[4] = {10, 0, 0, 7}, modest[4] = {10, 0, 0, 9};

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	uint16_t port = get_be16(head + 36);

	if (head[47] & TH_SYN)
		x.iss[port] = get_be32(head + 38);
	x.resets += (head[47] & TH_RST) != 0;
}

static const struct tcp_host host = {.emit = on_emit};

static const struct tcp_app app = {.data = quiet_data, .want_data = true};

static void
say(const uint8_t *from, uint16_t port, uint8_t flags, uint32_t seq,
    uint32_t ack, uint32_t n)
{
	struct tcp_hdr h = {.sport = port,
	    .dport = 80,
	    .seq = seq,
	    .ack = ack,
	    .flags = flags,
	    .wnd = 60000};
	uint8_t f[2 * DATA + 128] = {0};
	size_t len = frame_tcp4(f, from, us, &h, n);

	tcp_input(x.t, x.now, f, len, x.now, 1);
	quiet_step(x.t, x.now);
}

static struct tcp_config
begin(uint32_t conns, uint32_t backlog, size_t reass)
{
	struct tcp_config cfg;

	memset(&x, 0, sizeof(x));
	x.now = START;
	tcp_defaults(&cfg);
	cfg.max_conns = conns;
	cfg.backlog = backlog;
	cfg.reass_bytes = reass;
	x.t = tcp_new(&cfg, &host, NULL, &app, NULL, x.now);
	return cfg;
}

static struct conn *
find(const uint8_t *from, uint16_t port)
{
	struct ip_addr l, r;

	ip_from_v4(&l, us);
	ip_from_v4(&r, from);
	return tcp_lookup(x.t, &l, 80, &r, port);
}

static bool
connects(const uint8_t *from, uint16_t port)
{
	struct conn *c;

	say(from, port, TH_SYN, 5, 0, 0);
	say(from, port, TH_ACK, 6, x.iss[port] + 1, 0);
	c = find(from, port);
	return c != NULL && c->state == TCPS_ESTABLISHED;
}

static void
test_half_open(void)
{
	uint16_t port;

	begin(1000, MANY, 1 << 20);
	for (port = 1; port <= 2 * MANY; port++)
		say(greedy, port, TH_SYN, 5, 0, 0);
	check(x.t->half_count == MANY * 3 / 4,
	    "one source has %u half-open connections of %u", x.t->half_count,
	    MANY);
	say(modest, 1, TH_SYN, 5, 0, 0);
	check(find(modest, 1) != NULL, "another finds a place, not a cookie");
	check(connects(greedy, 2 * MANY + 1), "a cookie lets the first in");
	tcp_free(x.t);
}

/* closes - we close first: it is in TIME-WAIT then */
static void
closes(const uint8_t *from, uint16_t port)
{
	connects(from, port);
	tcp_shutdown((struct tcb *)find(from, port));
	quiet_step(x.t, x.now);
	say(from, port, TH_FIN | TH_ACK, 6, x.iss[port] + 2, 0);
}

static void
test_time_wait(void)
{
	uint16_t port;

	begin(MANY, 10, 1 << 20);
	closes(modest, 1);
	for (port = 1; port <= 10 * MANY; port++)
		closes(greedy, port);
	check(x.t->stats.time_waits == MANY * 3 / 4 + 1,
	    "one source has 75 of 100 in TIME-WAIT");
	check(find(modest, 1) != NULL, "another's, which is older, is there");
	check(find(greedy, 10 * MANY) != NULL && find(greedy, 1) == NULL,
	    "of its own the oldest went");
	x.now += 61000 * MS;
	quiet_step(x.t, x.now);
	check(x.t->stats.time_waits == 0, "all end in their time");
	tcp_free(x.t);
}

/* has - bytes out of order of this source */
static size_t
has(const uint8_t *from)
{
	struct ip_addr a;

	ip_from_v4(&a, from);
	return x.t->share[tcp_source(x.t, &a)].reass;
}

/* of - a source among several */
static const uint8_t *
of(unsigned i)
{
	static uint8_t from[4] = {10, 0, 1};

	from[3] = (uint8_t)i;
	return from;
}

static void
test_reassembly(void)
{
	uint32_t i, kept;
	uint16_t port;

	begin(1000, MANY, 200 * DATA);
	for (port = 1; port <= 20; port++) {
		connects(greedy, port);
		for (i = 1; i <= 20; i++)
			say(greedy, port, TH_ACK, 6 + 2 * i * DATA,
			    x.iss[port] + 1, DATA);
	}
	kept = (uint32_t)x.t->reass_used;
	check(kept <= 150 * DATA && kept > 140 * DATA,
	    "one source has %u bytes of %u out of order", kept, 200 * DATA);
	connects(modest, 1);
	say(modest, 1, TH_ACK, 6 + 2 * DATA, x.iss[1] + 1, DATA);
	check(x.t->reass_used > kept, "another's are kept as well");
	for (port = 21; port <= 40; port++) {
		connects(second, port);
		for (i = 1; i <= 20; i++)
			say(second, port, TH_ACK, 6 + 2 * i * DATA,
			    x.iss[port] + 1, DATA);
	}
	kept = (uint32_t)x.t->reass_used;
	check(kept > 198 * DATA && has(second) > 98 * DATA &&
		  has(greedy) > 98 * DATA,
	    "a second one gets an equal part: %zu of %u", has(second), kept);
	say(modest, 1, TH_ACK, 6 + 4 * DATA, x.iss[1] + 1, DATA);
	check(has(modest) > 2 * DATA, "another's are kept all the same");
	for (port = 1; port <= 20; port++)
		say(greedy, port, TH_RST, 6, 0, 0);
	for (port = 21; port <= 40; port++)
		say(second, port, TH_RST, 6, 0, 0);
	say(modest, 1, TH_RST, 6, 0, 0);
	check(x.t->reass_used == 0 && has(greedy) == 0 && has(second) == 0 &&
		  has(modest) == 0,
	    "all of it is given back");
	tcp_free(x.t);
}

/* four sources that take all they can, and a fifth */
static void
test_reassemblies(void)
{
	uint32_t i;
	uint16_t port;
	size_t least = SIZE_MAX;

	begin(1000, MANY, 200 * DATA);
	for (port = 4; port < 4 * 20; port++) {
		connects(of(port % 4), port);
		for (i = 1; i <= 20; i++)
			say(of(port % 4), port, TH_ACK, 6 + 2 * i * DATA,
			    x.iss[port] + 1, DATA);
	}
	for (i = 0; i < 4; i++)
		least = has(of(i)) < least ? has(of(i)) : least;
	check(
	    least > 48 * DATA, "four sources have a quarter each: %zu", least);
	for (port = 1; port <= 3; port++) {
		connects(modest, port);
		for (i = 1; i <= 20; i++)
			say(modest, port, TH_ACK, 6 + 2 * i * DATA,
			    x.iss[port] + 1, DATA);
	}
	for (i = 0; i < 4; i++)
		least = has(of(i)) < least ? has(of(i)) : least;
	check(has(modest) > 38 * DATA && least > 38 * DATA,
	    "a fifth comes to an equal part: %zu, and the others %zu",
	    has(modest), least);
	say(modest, 1, TH_ACK, 6, x.iss[1] + 1, 2 * DATA);
	check(((struct tcb *)find(modest, 1))->received == 3 * DATA,
	    "what was kept is delivered");
	for (port = 4; port < 4 * 20; port++)
		say(of(port % 4), port, TH_ACK, 6, x.iss[port] + 1, 2 * DATA);
	for (port = 4; port < 4 * 20; port++)
		for (i = 1; i <= 20; i++)
			say(of(port % 4), port, TH_ACK, 6 + 2 * i * DATA,
			    x.iss[port] + 1, 2 * DATA);
	for (i = 0, port = 4; port < 4 * 20; port++)
		i += ((struct tcb *)find(of(port % 4), port))->received ==
		     42 * DATA;
	check(i == 76, "what was not is retransmitted: %u of 76 got all", i);
	tcp_free(x.t);
}

/* MANY connections of one source that all keep up */
static void
test_table(void)
{
	uint32_t i, seq = 6;
	uint16_t port;

	begin(MANY, MANY, 1 << 20);
	for (port = 1; port <= MANY; port++)
		connects(greedy, port);
	for (i = 0; i < 20; i++, seq += DATA) {
		x.now += 500 * MS;
		for (port = 1; port <= MANY; port++)
			say(greedy, port, TH_ACK, seq, x.iss[port] + 1, DATA);
	}
	check(x.t->stats.conns == MANY, "%u connections, and all keep up",
	    x.t->stats.conns);
	check(
	    !connects(greedy, MANY + 1), "one more of that source is refused");
	check(connects(modest, 1), "another source gets in");
	check(x.t->stats.conns == MANY, "for one of those");
	for (port = 2; port <= MANY; port++)
		connects(modest, port);
	for (i = 0, port = 1; port <= MANY; port++)
		i += find(greedy, port) != NULL;
	check(i >= MANY / 4, "but only while these are many: %u left", i);
	tcp_free(x.t);
}

/* test_parts - n sources fill the table, each has as many, and all keep up */
static void
test_parts(unsigned n)
{
	uint32_t i, seq = 6, has, least = MANY;
	uint16_t port;

	begin(MANY, MANY, 1 << 20);
	for (port = 1; port <= MANY; port++)
		connects(of(port % n), port);
	for (i = 0; i < 20; i++, seq += DATA) {
		x.now += 500 * MS;
		for (port = 1; port <= MANY; port++)
			say(of(port % n), port, TH_ACK, seq, x.iss[port] + 1,
			    DATA);
	}
	check(x.t->stats.conns == MANY, "%u sources fill the table", n);
	check(connects(modest, MANY + 1), "another gets in");
	for (port = MANY + 2; port < 4 * MANY; port++)
		connects(modest, port);
	for (i = 0, has = 0; i < n; i++) {
		has = 0;
		for (port = 1; port <= MANY; port++)
			has += port % n == i && find(of(i), port) != NULL;
		least = has < least ? has : least;
	}
	for (has = 0, port = MANY + 1; port < 4 * MANY; port++)
		has += find(modest, port) != NULL;
	check(has + 1 >= MANY / (n + 1) && has <= MANY / (n + 1) + 1 &&
		  least + 1 >= MANY / (n + 1),
	    "in the end it has an equal part: %u, and the others %u at least",
	    has, least);
	tcp_free(x.t);
}

/* as many sources as there are connections */
static void
test_single(void)
{
	uint16_t port;

	begin(MANY, MANY, 1 << 20);
	for (port = 1; port <= MANY; port++)
		connects(of(port), port);
	check(!connects(modest, MANY + 1) && x.t->stats.conns == MANY,
	    "no source with one connection makes room for another");
	tcp_free(x.t);
}

static void
test_time_waits(void)
{
	uint16_t port;

	begin(MANY, 10, 1 << 20);
	closes(modest, 1);
	for (port = 2; port <= 10 * MANY; port++)
		closes(of(port % 4), port);
	check(x.t->stats.time_waits == MANY,
	    "four sources have all of TIME-WAIT");
	check(find(modest, 1) != NULL, "but for another's");
	closes(modest, 2);
	check(find(modest, 1) != NULL && find(modest, 2) != NULL,
	    "which gets one more");
	tcp_free(x.t);
}

static void
test_source(void)
{
	struct ip_addr a, b, c;

	begin(10, 10, 1);
	parse_addr("2001:db8:1:2::5", &a);
	parse_addr("2001:db8:1:2:ffff:1:2:3", &b);
	parse_addr("2001:db8:1:3::5", &c);
	check(tcp_source(x.t, &a) == tcp_source(x.t, &b) &&
		  tcp_source(x.t, &a) != tcp_source(x.t, &c),
	    "IPv6: a /64 is one source");
	parse_addr("10.0.0.8", &a);
	parse_addr("10.0.0.9", &b);
	check(
	    tcp_source(x.t, &a) != tcp_source(x.t, &b), "IPv4: an address is");
	tcp_free(x.t);
}

/* ---- resets for what has no connection ---- */

/* resets - of n segments with these flags, in no time */
static uint32_t
resets(const uint8_t *from, uint8_t flags, unsigned n)
{
	uint32_t before = x.resets;

	for (; n > 0; n--)
		say(from, (uint16_t)(1 + n % 60000), flags, n, 1, 0);
	return x.resets - before;
}

static void
test_resets(void)
{
	const uint32_t half = TCP_RESETS / 2,
		       all = TCP_RESETS + TCP_RESETS_AT_ONCE;
	uint8_t from[4] = {11, 1, 1, 1};
	uint32_t n;

	begin(100, 100, 1 << 16);
	tcp_unlisten(x.t, 80);
	n = resets(greedy, TH_ACK, TCP_RESETS);
	check(n == half, "one source gets half of the resets: %u", n);
	n = resets(modest, TH_ACK, 100);
	check(n == 100, "another gets its own: %u", n);
	for (n = 0; n < 2 * TCP_RESETS; n++) {
		put_be16(from + 2, (uint16_t)n);
		resets(from, TH_ACK, 1);
	}
	check(x.resets == all, "all together so many: %u", x.resets);
	check(tcp_stats(x.t)->resets_limited ==
		  half + 2 * TCP_RESETS - (all - half - 100),
	    "the others are counted");
	n = resets(modest, TH_SYN, 100);
	check(n == 100, "a SYN is refused all the same: %u", n);
	x.now += 3000 * MS;
	n = resets(greedy, TH_ACK, TCP_RESETS);
	check(n == half, "later as many again: %u", n);
	x.now += 1000 * MS;
	n = resets(greedy, TH_SYN, TCP_REFUSALS);
	check(n == TCP_REFUSALS / 2,
	    "one that scans is refused ten times as often: %u", n);
	tcp_free(x.t);
}

/* from_all - resets for n segments a millisecond, of random sources, in so many
   of these */
static uint32_t
from_all(unsigned n, unsigned ms)
{
	uint32_t before = x.resets, at = 0;
	uint8_t from[4] = {11, 1};
	unsigned i;

	for (; ms > 0; ms--, x.now += MS)
		for (i = 0; i < n; i++) {
			put_be16(from + 2, (uint16_t)at++);
			resets(from, TH_ACK, 1);
		}
	return x.resets - before;
}

static void
test_flood(void)
{
	uint32_t n;

	begin(100, 100, 1 << 16);
	tcp_unlisten(x.t, 80);
	n = from_all(19, 3000);
	check(n == 57000, "19 a millisecond get one each: %u", n);
	from_all(120, 1000);
	n = from_all(120, 3000);
	check(n == 3 * TCP_RESETS_FLOOD, "in a flood few do: %u", n);
	from_all(0, 2000);
	n = from_all(19, 1000);
	check(n == 19000, "and all again, when it is over: %u", n);
	tcp_free(x.t);
}

int
main(void)
{
	test_half_open();
	test_time_wait();
	test_reassembly();
	test_reassemblies();
	test_table();
	test_parts(4);
	test_parts(20);
	test_single();
	test_time_waits();
	test_source();
	test_resets();
	test_flood();
	return done();
}
