/*
 * isn_test.c - initial sequence numbers (RFC 6528), timestamp offsets
 * (RFC 7323 7.1), and which addresses an active open takes.
 */
#include "tap.h"
#include "tcp/tcp_var.h"
#include "wire/parse.h"

#define START UINT64_C(1763640000000000000)
#define MS    UINT64_C(1000000)

static struct tcp_host host;
static struct tcp_app app;

static struct tcp *
engine(uint64_t seed)
{
	struct tcp_config cfg;

	tcp_defaults(&cfg);
	cfg.no_listen = true;
	cfg.seed = seed;
	return tcp_new(&cfg, &host, NULL, &app, NULL, START);
}

static struct ip_addr
addr(const char *text)
{
	struct ip_addr a;

	parse_addr(text, &a);
	return a;
}

static uint32_t
isn(struct tcp *t, const char *us, uint16_t lport, const char *peer,
    uint16_t rport, uint64_t now)
{
	struct conn c = {.lport = lport, .rport = rport};

	c.laddr = addr(us);
	c.raddr = addr(peer);
	return tcp_isn(t, &c, now);
}

static uint32_t
usual(struct tcp *t, uint64_t now)
{
	return isn(t, "10.0.0.5", 80, "10.0.0.9", 40000, now);
}

/* bits - how many differ */
static int
bits(uint32_t a, uint32_t b)
{
	return __builtin_popcount(a ^ b);
}

static void
test_clock(struct tcp *t)
{
	uint32_t a = usual(t, START);

	check(usual(t, START + 4 * MS) - a == 1000,
	    "MUST-8: the clock ticks every 4 microseconds");
	check(usual(t, START + 3600000 * MS) - a == 900000000,
	    "MUST-8: 900 million in an hour");
	check(usual(t, START) == a, "the same moment, the same number");
}

/* test_secret - a bit of a key or an endpoint changes half of the number */
static void
test_secret(struct tcp *t)
{
	struct tcp *other;
	int seeds = 0, ports = 0, addrs = 0, i;
	char text[24];

	for (i = 1; i <= 64; i++) {
		other = engine((uint64_t)i);
		seeds += bits(usual(t, START), usual(other, START));
		tcp_free(other);
		ports += bits(
		    usual(t, START), isn(t, "10.0.0.5", 80, "10.0.0.9",
					 (uint16_t)(40000 + i), START));
		snprintf(text, sizeof(text), "10.0.1.%d", i);
		addrs += bits(usual(t, START),
		    isn(t, "10.0.0.5", 80, text, 40000, START));
	}
	check(seeds > 64 * 13 && seeds < 64 * 19,
	    "MUST-9: another secret, other numbers (%d bits of 2048)", seeds);
	check(ports > 64 * 13 && ports < 64 * 19,
	    "SHLD-1: another port, unrelated (%d bits of 2048)", ports);
	check(addrs > 64 * 13 && addrs < 64 * 19,
	    "SHLD-1: another address, unrelated (%d bits of 2048)", addrs);
}

static struct tcb *
connect_to(struct tcp *t, const char *us, uint16_t lport, const char *peer)
{
	static const struct mac gw = {{2, 0, 0, 0, 0, 1}};
	struct ip_addr l = addr(us), r = addr(peer);

	return tcp_connect(t, START, &l, lport, &r, 80, &gw);
}

static void
test_connect(struct tcp *t)
{
	static const char *const bad[] = {"255.255.255.255", "224.0.0.1",
	    "239.1.2.3", "0.0.0.0", "127.0.0.1"};
	static const char *const bad6[] = {"ff02::1", "::", "::1"};
	struct tcb *a, *b;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		check(connect_to(t, "10.0.0.5", 1000, bad[i]) == NULL,
		    "MUST-46: no connection to %s", bad[i]);
		check(connect_to(t, bad[i], 1000, "10.0.0.9") == NULL,
		    "MUST-46: nor from it");
	}
	for (i = 0; i < sizeof(bad6) / sizeof(bad6[0]); i++)
		check(connect_to(t, "2001:db8::5", 1000, bad6[i]) == NULL,
		    "MUST-46: no connection to %s", bad6[i]);
	check(connect_to(t, "10.0.0.5", 1000, "2001:db8::9") == NULL,
	    "nor from one family to the other");
	a = connect_to(t, "10.0.0.5", 1001, "10.0.0.9");
	b = connect_to(t, "10.0.0.5", 1002, "10.0.0.9");
	check(a != NULL && b != NULL, "others are taken");
	check(connect_to(t, "10.0.0.5", 1001, "10.0.0.9") == NULL,
	    "a pair of endpoints in use is not");
	check(a->ts_off != b->ts_off && bits(a->ts_off, b->ts_off) > 4,
	    "RFC 7323 7.1: another connection, another timestamp offset");
}

int
main(void)
{
	struct tcp *t;

	t = engine(7);
	if (t == NULL)
		return 1;
	test_clock(t);
	test_secret(t);
	test_connect(t);
	tcp_free(t);
	return done();
}
