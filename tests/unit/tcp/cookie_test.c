/*
 * cookie_test.c - SYN cookies (RFC 4987 3.6): how many of all acknowledgment
 * numbers are right, and what an MSS becomes.
 */
#include "base/chance.h"
#include "tap.h"
#include "tcp/cookie.h"
#include "tcp/tcp_var.h"
#include "wire/parse.h"

enum { STEP = 251, TRIES = 20 };

static struct tcp t;

static void
secret(struct chance *c, struct cookie_secret *k)
{
	struct seg seg = {.h = {.sport = 5000, .dport = 80}};

	parse_addr("10.0.0.9", &seg.src);
	parse_addr("10.0.0.5", &seg.dst);
	t.cookie_key[0] = chance_u64(c);
	t.cookie_key[1] = chance_u64(c);
	tcp_cookie_secret(&t, &seg, (uint32_t)chance_u64(c),
	    27556875 + chance_below(c, 300), k);
}

/*
 * right - how many of the 2^32 are. What tells the time is the top byte when
 * the first hash is taken off: where it is right all are tried, else some.
 */
static uint32_t
right(const struct cookie_secret *k)
{
	uint32_t top, low, n = 0;

	for (top = 0; top < 256; top++) {
		uint32_t age = (uint32_t)(k->slot - top) & 255;
		uint32_t step = age <= COOKIE_SLOTS ? 1 : STEP;

		for (low = 0; low < 1u << 24; low += step)
			n += tcp_cookie_read(k, k->all + (top << 24) + low) >=
			     0;
	}
	return n;
}

static void
test_count(void)
{
	struct cookie_secret k;
	struct chance c;
	uint32_t most = 0, n, i;

	chance_seed(&c, 1);
	for (i = 0; i < TRIES / 10; i++) {
		secret(&c, &k);
		n = right(&k);
		most = n > most ? n : most;
	}
	check(most == COOKIE_SLOTS * COOKIE_MSS && most <= 32,
	    "of 2^32 acknowledgment numbers %u are right", most);
}

/* what looks like the slot must not be known: guesses in any order find it
   as seldom as its share of 2^32 is */
static void
test_guesses(void)
{
	uint32_t i, j, found = 0, tops[256] = {0}, same = 0;
	struct cookie_secret k;
	struct chance c;

	chance_seed(&c, 2);
	for (i = 0; i < 4096; i++) {
		secret(&c, &k);
		tops[tcp_cookie_make(&k, 0) >> 24]++;
		for (j = 0; j < 4096; j++)
			found += tcp_cookie_read(
				     &k, (uint32_t)chance_u64(&c)) >= 0;
	}
	for (i = 0; i < 256; i++)
		same += tops[i] > 48;
	check(found <= 3, "of 2^24 guesses %u were right", found);
	check(same == 0, "no byte of a cookie tells the time");
}

static void
test_time(void)
{
	struct cookie_secret k, later;
	struct chance c;
	bool good = true;
	uint32_t i, age;

	for (age = 0; age < 300; age++) {
		chance_seed(&c, 3);
		secret(&c, &k);
		later = k;
		later.slot += age;
		/* as tcp_cookie_secret() would make it then */
		later.low[0] = age == 0 ? k.low[0] : 12345 * age;
		later.low[1] = age == 1 ? k.low[0] : 54321 * age;
		for (i = 0; i < COOKIE_MSS; i++) {
			int mss = tcp_cookie_read(
			    &later, tcp_cookie_make(&k, i));

			good = good &&
			       mss == (age < COOKIE_SLOTS ? (int)i : -1);
		}
	}
	check(good, "a cookie is good for two slots of time, and never again");
}

static void
test_mss(void)
{
	bool below = true, half = true;
	uint32_t m, s;

	for (m = MSS_MIN; m < 65536; m++) {
		s = tcp_cookie_mss_of(tcp_cookie_mss(m));
		below = below && s <= m;
		half = half && 2 * (s - 12) >= m - 12; /* timestamps are on */
	}
	check(below, "no segment is longer than the peer's MSS");
	check(half, "nor shorter than half of it, whatever it is");
	check(tcp_cookie_mss(0) == 0 && tcp_cookie_mss_of(0) == MSS_MIN,
	    "an MSS below the least");
	check(tcp_cookie_mss_of(tcp_cookie_mss(1460)) == 1460 &&
		  tcp_cookie_mss_of(tcp_cookie_mss(1440)) == 1440 &&
		  tcp_cookie_mss_of(tcp_cookie_mss(536)) == 536,
	    "the common ones are kept");
}

int
main(void)
{
	test_count();
	test_guesses();
	test_time();
	test_mss();
	return done();
}
