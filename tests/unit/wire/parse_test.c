/* parse_test.c - the words of a command line: exactly these, no others */
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

static void
numbers(void)
{
	static const char *const bad[] = {"", " 1", "1 ", "-1", "+1", "1x",
	    "0x10", "256", "99999999999999999999999", "1.0"};
	uint64_t v;
	size_t i;

	check(parse_num("0", 0, 255, &v) == 0 && v == 0, "0");
	check(parse_num("255", 0, 255, &v) == 0 && v == 255, "the largest");
	check(parse_num("18446744073709551615", 0, UINT64_MAX, &v) == 0 &&
		  v == UINT64_MAX,
	    "2^64 - 1");
	check(
	    parse_num("18446744073709551616", 0, UINT64_MAX, &v) == -1, "2^64");
	check(parse_num("4", 5, 255, &v) == -1, "less than the least");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(parse_num(bad[i], 0, 255, &v) == -1, "no number: '%s'",
		    bad[i]);
}

static void
times(void)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {{"0", 0}, {"3", 3000000000}, {"0.2", 200000000},
	    {"200ms", 200000000}, {"50us", 50000}, {"7ns", 7},
	    {"2s", 2000000000}, {"1.5ms", 1500000}, {"0.000000001", 1},
	    {"315360000", UINT64_C(315360000000000000)}};
	static const char *const bad[] = {"", "s", "-1", "1m", "1 s", "1s ",
	    ".", "1..2", "315360001", "1e3", "ms"};
	uint64_t v;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check(parse_time(good[i].text, &v) == 0 && v == good[i].ns,
		    "a time: %s", good[i].text);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(parse_time(bad[i], &v) == -1, "no time: '%s'", bad[i]);
	check(parse_stamp("1700000005.5", &v) == 0 &&
		  v == UINT64_C(1700000005500000000) &&
		  parse_stamp("18000000001", &v) == -1,
	    "since 1970, until 2540");
}

static void
macs(void)
{
	static const char *const bad[] = {"", "02:50:0a:00:00",
	    "02:50:0a:00:00:05:", "02:50:0a:00:00:5", "0250.0a00.0005",
	    "02:50:0a:00:00:0g", "02-50-0a-00-00-05", " 02:50:0a:00:00:05"};
	struct mac m;
	size_t i;

	check(parse_mac("02:50:0a:00:FF:05", &m) == 0 && m.b[0] == 2 &&
		  m.b[4] == 0xff && m.b[5] == 5,
	    "a MAC");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(parse_mac(bad[i], &m) == -1, "no MAC: '%s'", bad[i]);
}

static void
addresses(void)
{
	static const char *const bad[] = {"", "10.0.0", "10.0.0.256",
	    "10.0.0.5 ", "2001:db8:::5", "::ffff:10.0.0.5", "host"};
	struct ip_addr a;
	unsigned len;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(parse_addr(bad[i], &a) == -1, "no address: '%s'", bad[i]);
	check(parse_prefix("10.0.0.0/24", &a, &len) == 0 && len == 120, "/24");
	check(parse_prefix("10.0.0.1", &a, &len) == 0 && len == 128, "none");
	check(parse_prefix("2001:db8::/32", &a, &len) == 0 && len == 32,
	    "v6 /32");
	check(parse_prefix("10.0.0.0/33", &a, &len) == -1, "/33");
	check(parse_prefix("10.0.0.0/", &a, &len) == -1, "/ and nothing");
	check(parse_prefix("/24", &a, &len) == -1, "nothing and /");
}

static void
endpoints(void)
{
	static const char *const bad[] = {"", ":80", "10.0.0.5:", "10.0.0.5:0",
	    "10.0.0.5:65536", "10.0.0.5:80x", "[2001:db8::5", "[]:80",
	    "[2001:db8::5]80", "2001:db8::5:"};
	struct ip_addr a, b;
	uint16_t port;
	size_t i;

	parse_addr("10.0.0.5", &b);
	check(parse_endpoint("10.0.0.5:80", &a, &port, 0) == 0 && port == 80 &&
		  ip_equal(&a, &b),
	    "v4 and a port");
	check(parse_endpoint("10.0.0.5", &a, &port, 0) == -1, "v4 alone");
	check(parse_endpoint("10.0.0.5", &a, &port, 1) == 0 && port == 0,
	    "v4 alone where that is enough");
	parse_addr("2001:db8::5", &b);
	check(parse_endpoint("[2001:db8::5]:65535", &a, &port, 0) == 0 &&
		  port == 65535 && ip_equal(&a, &b),
	    "v6 and a port");
	check(parse_endpoint("2001:db8::5", &a, &port, 1) == 0 && port == 0 &&
		  ip_equal(&a, &b),
	    "v6 alone");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(parse_endpoint(bad[i], &a, &port, 1) == -1,
		    "no endpoint: '%s'", bad[i]);
}

int
main(void)
{
	numbers();
	times();
	macs();
	addresses();
	endpoints();
	return done();
}
