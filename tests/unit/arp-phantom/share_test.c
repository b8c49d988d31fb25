/*
 * share_test.c - one host that asks for all addresses of a prefix, or claims
 * them: what arp-phantom knows of others, asks for others and tells of them.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "tap.h"
#include "wire/parse.h"

#include "cmd/arp-phantom/limit.h"
#include "cmd/arp-phantom/seen.h"

enum { OWNERS = 1000, CLAIMED = 100000 };

static const struct mac greedy = {{2, 0, 0, 0, 0, 8}};

static struct ip_addr
address(uint32_t i)
{
	uint8_t v4[4];
	struct ip_addr a;

	put_be32(v4, 10u << 24 | i);
	ip_from_v4(&a, v4);
	return a;
}

static void
test_seen(void)
{
	static struct seen_table t = {.key = {3, 4}};
	struct ip_addr a;
	struct seen *e;
	uint32_t i, left = 0, own = 0;

	for (i = 0; i < OWNERS; i++) {
		a = address(i);
		e = seen_put(&t, &a, SEEN_TAKEN, TIME_NEVER, i);
		put_be32(e->mac.b, i + 1);
	}
	for (i = 0; i < CLAIMED; i++) {
		a = address(1 << 20 | i);
		e = seen_put(&t, &a, SEEN_TAKEN, TIME_NEVER, OWNERS + i);
		e->mac = greedy;
	}
	for (i = 0; i < OWNERS; i++) {
		a = address(i);
		left += seen_find(&t, &a, CLAIMED + OWNERS) != NULL;
	}
	for (i = 0; i < CLAIMED; i++) {
		a = address(1 << 20 | i);
		own += seen_find(&t, &a, CLAIMED + OWNERS) != NULL;
	}
	check(left > OWNERS * 99 / 100,
	    "of %u owners that are known %u are when one MAC has claimed %u",
	    OWNERS, left, CLAIMED);
	check(own + left == SEEN_SETS * SEEN_WAYS, "it has the rest");
}

static void
test_limits(void)
{
	static const uint8_t other[6] = {2, 0, 0, 0, 0, 9};
	static struct limits l = {.key = {5, 6}};
	uint64_t t = 1000 * NS_PER_SEC;
	uint32_t i, n = 0, m = 0;

	for (i = 0; i < 10000; i++)
		n += limits_probe(&l, t, greedy.b);
	for (i = 0; i < 100; i++)
		m += limits_probe(&l, t, other);
	check(n == LIMIT_PROBE_BURST / 2 && m == 100,
	    "one MAC makes us ask %u times, another is asked for as well", n);
	for (i = n = m = 0; i < 10000; i++)
		n += limits_event(&l, t, greedy.b);
	for (i = 0; i < 10; i++)
		m += limits_event(&l, t, other);
	check(n == LIMIT_EVENT_BURST / 2 && m == 10,
	    "it causes %u lines, and another's are told", n);
	for (i = n = m = 0; i < 100000; i++)
		n += limits_answer(&l, t, greedy.b);
	for (i = 0; i < 100; i++)
		m += limits_answer(&l, t, other);
	check(n == LIMIT_SOURCE_BURST && m == 100,
	    "it gets %u answers, another gets its own", n);
}

int
main(void)
{
	test_seen();
	test_limits();
	return done();
}
