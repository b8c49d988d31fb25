/*
 * back_test.c - this host was off its network, or did not listen: what is ours
 * is asked for again before it is answered for (RFC 5227 2.1), and frames that
 * waited are not answered.
 */
#include "engine.h"

static const uint64_t t = T0 + 100 * NS_PER_SEC, s = NS_PER_SEC;

static size_t
ask_for(const char *a)
{
	return strchr(a, ':') != NULL ? solicit("2001:db8::1", a)
				      : request(ASKER, "10.0.0.9", a);
}

static size_t
state_of(const char *a)
{
	return strchr(a, ':') != NULL ? advertise(OWNER, a, true)
				      : request(OWNER, a, a);
}

static void
single(const char *a)
{
	unsigned before;

	engine(a, NULL, 0);
	run_until(t);
	ok(give(t, ask_for(a)) == 1, "ours");
	before = e.sent;
	claim_back(e.c, t + s);
	ok(give(t + s, ask_for(a)) == 0, "back: not answered for");
	run_until(t + 10 * s);
	ok(e.sent > before + 1 && strcmp(e.name, "announce") == 0,
	    "but probed, and then announced");
	ok(give(t + 10 * s, ask_for(a)) == 1, "and ours again");

	claim_back(e.c, t + 11 * s);
	give(t + 11 * s, state_of(a));
	ok(strcmp(e.name, "yield") == 0 && !over(CLAIM_IN_USE),
	    "another has it by now: it is left, and that is no end");
	run_until(t + 60 * s);
	ok(give(t + 60 * s, ask_for(a)) == 0, "and not answered for");
	claim_back(e.c, t + 61 * s);
	run_until(t + 65 * s);
	ok(give(t + 65 * s, ask_for(a)) == 0, "nor when we come back");

	engine(a, NULL, 0);
	claim_back(e.c, T0 + s / 2);
	before = e.sent;
	give(T0 + s, state_of(a));
	ok(over(CLAIM_IN_USE), "in the first asking: asked anew, and refused");
}

static void
range(const char *net, const char *a, int option)
{
	engine(net, NULL, option);
	give(t, ask_for(a));
	run_until(t + s);
	ok(give(t + s, ask_for(a)) == 1, "of a prefix: ours");
	run_until(t + 5 * s);
	claim_back(e.c, t + 5 * s);
	give(t + 5 * s, ask_for(a));
	run_until(t + 6 * s);
	ok(e.sent > 0 && get_be16(e.last + 12) != 0, "back: asked for first");
	give(t + 6 * s, state_of(a));
	ok(strcmp(e.name, "yield") == 0, "its owner is noticed,");
	claim_back(e.c, t + 7 * s);
	ok(give(t + 8 * s, ask_for(a)) == 0, "and not forgotten");
}

static void
late(const char *a, int option)
{
	size_t n;

	engine(a, NULL, option);
	run_until(t);
	n = ask_for(a);
	claim_late(e.c, t, frame, n);
	ok(strcmp(e.name, "answer") != 0, "a request that waited: no answer");
	n = strchr(a, ':') != NULL ? solicit("::", a)
				   : request(ASKER, "0.0.0.0", a);
	defend = DEFEND_NEVER;
	engine(a, NULL, option);
	run_until(t);
	claim_late(e.c, t, frame, n);
	ok(strcmp(e.name, "yield") == 0,
	    "the host that probed then has it by now");
	defend = DEFEND_DEFAULT;
}

int
main(void)
{
	single("10.0.0.5");
	single("2001:db8::5");
	range("10.0.0.0/24", "10.0.0.7", 0);
	range("2001:db8::/64", "2001:db8::7", 0);
	late("10.0.0.5", 0);
	late("2001:db8::5", 0);
	late("10.0.0.5", 'n');
	claim_free(e.c);
	return done();
}
