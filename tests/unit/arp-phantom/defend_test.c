/*
 * defend_test.c - another host uses an address: RFC 5227 2.4 (a), (b) and (c),
 * for IPv6 and prefixes as well; who gives way takes the address up again.
 */
#include "engine.h"

/* is - what the last event was */
static bool
is(const char *name)
{
	return strcmp(e.name, name) == 0;
}

static void
test_again(bool v6, int option)
{
	const char *a = v6 ? "2001:db8::5" : "10.0.0.5";
	uint64_t t = T0 + 100 * NS_PER_SEC, s = NS_PER_SEC;
	size_t n;
	unsigned before;

	defend = DEFEND_NEVER;
	engine(a, NULL, option);
	run_until(t);
	n = v6 ? advertise(OWNER, a, true) : request(OWNER, a, "10.0.0.9");
	ok(give(t, n) == 0 && is("yield"), "2.4 (a): given up at once");
	run_until(t + 59 * s);
	n = v6 ? advertise(OWNER, a, false) : request(OWNER, a, "10.0.0.9");
	give(t + 59 * s, n);
	before = e.sent;
	run_until(t + 118 * s);
	ok(e.sent == before, "while the other uses it, it is left");
	n = v6 ? solicit("2001:db8::1", a) : request(ASKER, "10.0.0.9", a);
	ok(give(t + 118 * s, n) == 0, "and not answered for");
	run_until(t + 140 * s);
	ok(e.sent > before && (e.events > 0), "a minute of quiet: taken up");
	n = v6 ? solicit("2001:db8::1", a) : request(ASKER, "10.0.0.9", a);
	ok(give(t + 140 * s, n) == 1, "and answered for");
	n = v6 ? advertise(OWNER, a, true) : request(OWNER, a, "10.0.0.9");
	give(t + 141 * s, n);
	run_until(t + 202 * s);
	give(t + 202 * s, n); /* while it is asked for, or ours at once */
	run_until(t + 220 * s);
	n = v6 ? solicit("2001:db8::1", a) : request(ASKER, "10.0.0.9", a);
	ok(give(t + 220 * s, n) == 0, "in use again: left again");
	ok(!over(CLAIM_IN_USE), "which is no reason to end");
}

static void
test_defend(void)
{
	uint64_t t = T0 + 100 * NS_PER_SEC, s = NS_PER_SEC;
	size_t n;

	test_again(false, 'n');
	test_again(true, 'n');
	test_again(false, 0);
	test_again(true, 0);
	defend = DEFEND_ALWAYS;
	engine("10.0.0.5", NULL, 'n');
	n = request(OWNER, "10.0.0.5", "10.0.0.5");
	ok(give(t, n) == 1, "2.4 (c): defended");
	ok(give(t + s, n) == 0 && is("conflict"), "once in ten seconds,");
	ok(give(t + 12 * s, n) == 1, "and again, for ever");
	ok(give(t, request(ASKER, "10.0.0.9", "10.0.0.5")) == 1,
	    "and never given up");
	n = arp_frame("ff:ff:ff:ff:ff:ff", ARP_REPLY, "02:50:0a:00:00:05",
	    "10.0.0.5", "10.0.0.9");
	e.name[0] = '\0';
	ok(give(t + 20 * s, n) == 0 && is(""),
	    "a reply with our own MAC is no conflict");
	engine("10.0.0.0/24", NULL, 'n');
	n = arp_frame(ASKER, ARP_REPLY, OWNER, "10.0.0.7", "10.0.0.9");
	ok(give(t, n) == 1 && is("announce"), "a prefix: defended as well");
	ok(give(t + s, n) == 0 && is("conflict"), "once in ten seconds");
	ok(give(t + 2 * s, request(ASKER, "10.1.0.9", "10.0.0.7")) == 1,
	    "and answered for");
	defend = DEFEND_ONCE;
	engine("10.0.0.0/24", NULL, 'n');
	n = arp_frame(ASKER, ARP_REPLY, OWNER, "10.0.0.7", "10.0.0.9");
	ok(give(t, n) == 1 && give(t + s, n) == 0 && is("yield"),
	    "a prefix: once, then given up");
	defend = DEFEND_DEFAULT;
	engine("10.0.0.0/24", NULL, 'n');
	n = arp_frame(ASKER, ARP_REPLY, OWNER, "10.0.0.7", "10.0.0.9");
	ok(give(t, n) == 0 && is("yield"), "a prefix by itself: never");
	n = request(ASKER, "10.0.0.9", "10.0.0.7");
	ok(give(t + 59 * s, n) == 0, "left for a minute");
	ok(give(t + 61 * s, n) == 1 && e.last[21] == ARP_REQUEST,
	    "then asked for");
	ok(give(t + 62 * s, n) == 1 && e.last[21] == ARP_REPLY,
	    "and answered for, when nobody answers");
}

int
main(void)
{
	test_defend();
	claim_free(e.c);
	return done();
}
