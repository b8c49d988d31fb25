/*
 * resolve_test.c - a request a second, and then silence (RFC 1122 2.3.2.1, RFC
 * 4861 7.2.2).
 */
#include "base/clock.h"
#include "tap.h"
#include "wire/resolve.h"

int
main(void)
{
	struct resolve s = {0};
	uint64_t now = 7 * NS_PER_SEC;

	check(resolve_step(&s, 2, now) == RESOLVE_ASK,
	    "the first is sent at once");
	check(resolve_step(&s, 2, now) == RESOLVE_WAIT &&
		  resolve_step(&s, 2, now + NS_PER_SEC - 1) == RESOLVE_WAIT,
	    "no second one within a second");
	now += NS_PER_SEC;
	check(s.at == now, "at is when to look again");
	check(resolve_step(&s, 2, now) == RESOLVE_ASK,
	    "the second, a second later");
	check(resolve_step(&s, 2, now + NS_PER_SEC - 1) == RESOLVE_WAIT,
	    "the last one has a second, too");
	check(resolve_step(&s, 2, now + 3 * NS_PER_SEC) == RESOLVE_SILENT &&
		  resolve_step(&s, 2, now + 9 * NS_PER_SEC) == RESOLVE_SILENT,
	    "then no host has answered");
	return done();
}
