/*
 * look_test.c - up to three phantoms that claim the same prefixes, each at a
 * MAC of its own, and a host that is slow to answer, on a switch with a clock
 * of its own. A client resolves as a kernel does: three requests, a second
 * apart; the first answer counts for a second, and what a host says of itself
 * to all counts at once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/clock.h"
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/neigh.h"
#include "wire/parse.h"
#include "words.h"

#include "cmd/arp-phantom/claim.h"
#include "wire/prefix.h"

#define S     NS_PER_SEC
#define T0    (1000 * S)
#define CABLE (200 * NS_PER_US)
enum { PHANTOMS = 3, FRAMES = 4096, CLIENT = PHANTOMS, REAL, STATIONS };

struct frame {
	uint64_t at;
	int from;
	size_t n;
	uint8_t b[NEIGH_FRAME];
};

static struct {
	struct claim *c[PHANTOMS];
	struct chance chance[PHANTOMS];
	int phantoms;
	bool real; /* there is a host at the target */
	uint64_t delay, now;
	struct frame q[FRAMES];
	int n;
	unsigned probes;
	struct ip_addr target;
	/* the client's cache */
	bool known;
	struct mac at;
	uint64_t updated;
	int answers; /* of phantoms, to the client */
} d;

static struct mac
mac_of(int station)
{
	return (struct mac){{2, 0, 0, 0, 0, (uint8_t)(10 + station)}};
}

static void
put(int from, uint64_t after, const uint8_t *p, size_t n)
{
	struct frame *f = &d.q[d.n++];

	if (d.n > FRAMES || n > sizeof(f->b))
		abort();
	f->at = d.now + after;
	f->from = from;
	f->n = n;
	memcpy(f->b, p, n);
}

static void
sent(void *ctx, uint64_t now, const uint8_t *p, size_t n)
{
	struct neigh m;

	if (neigh_decode(p, n, &m) == NEIGH_OK && m.probe)
		d.probes++;
	put((int)((struct claim **)ctx - d.c), CABLE, p, n);
}

static void
told(void *ctx, uint64_t now, const struct claim_event *ev)
{
}

static void
begin(int phantoms, bool at_once, bool real)
{
	struct claim_calls calls = {NULL, sent, told};
	struct prefix want[2];
	int i;

	for (i = 0; i < PHANTOMS; i++)
		claim_free(d.c[i]);
	memset(&d, 0, sizeof d);
	parse_prefix("10.7.0.0/16", &want[0].addr, &want[0].len);
	parse_prefix("2001:db8::/64", &want[1].addr, &want[1].len);
	d.now = T0;
	d.phantoms = phantoms;
	d.real = real;
	d.delay = 5 * NS_PER_MS;
	for (i = 0; i < phantoms; i++) {
		struct mac mac = mac_of(i);
		struct claim_config cf = {
		    .want = want, .nwant = 2, .mac = &mac, .ask = !at_once};

		chance_seed(&d.chance[i], (uint64_t)(5 + i));
		calls.ctx = &d.c[i];
		d.c[i] = claim_new(&cf, &calls, &d.chance[i]);
		claim_start(d.c[i], d.now);
	}
}

/* to_client - as Linux does */
static void
to_client(const struct frame *f, const struct neigh *m)
{
	bool to_all = mac_is_group(&m->dst) || m->asks;

	if (!m->states || !ip_equal(&m->sender, &d.target))
		return;
	d.answers += f->from < PHANTOMS && !to_all;
	if (d.known && ip_is_v4(&d.target) && !to_all && d.now < d.updated + S)
		return;
	if (!d.known && to_all)
		return;
	d.known = true;
	d.at = m->mac;
	d.updated = d.now;
}

static void
to_real(const struct neigh *m)
{
	uint8_t buf[NEIGH_FRAME];
	struct mac mac = mac_of(REAL);

	if (d.real && m->asks && ip_equal(&m->target, &d.target) &&
	    !ip_equal(&m->sender, &m->target))
		put(REAL, d.delay, buf, neigh_answer(m, &mac, 0, buf));
}

static void
deliver(const struct frame *f)
{
	struct neigh m;
	struct mac mac;

	if (neigh_decode(f->b, f->n, &m) != NEIGH_OK)
		abort();
	for (int i = 0; i < STATIONS; i++) {
		mac = mac_of(i);
		if (i == f->from ||
		    !(mac_is_group(&m.dst) || mac_equal(&m.dst, &mac)))
			continue;
		if (i < d.phantoms)
			claim_input(d.c[i], d.now, f->b, f->n);
		else if (i == CLIENT)
			to_client(f, &m);
		else if (i == REAL)
			to_real(&m);
	}
}

/* run - all that happens in this time, in its order */
static void
run(uint64_t time)
{
	uint64_t end = d.now + time, at;
	struct frame f;
	int i, k, timer;

	for (;;) {
		at = end;
		k = timer = -1;
		for (i = 0; i < d.phantoms; i++)
			if (claim_deadline(d.c[i]) < at) {
				at = claim_deadline(d.c[i]);
				timer = i;
			}
		for (i = 0; i < d.n; i++)
			if (d.q[i].at < at) {
				at = d.q[i].at;
				k = i;
			}
		if (at > d.now)
			d.now = at;
		if (k >= 0) {
			f = d.q[k];
			d.n--;
			memmove(&d.q[k], &d.q[k + 1],
			    (size_t)(d.n - k) * sizeof(f));
			deliver(&f);
		} else if (timer >= 0) {
			claim_timer(d.c[timer], d.now);
		} else {
			return;
		}
	}
}

/* resolve - with a cold cache: is there an answer? */
static bool
resolve(const char *target)
{
	uint8_t buf[NEIGH_FRAME];
	struct mac client = mac_of(CLIENT);
	struct ip_addr own;

	d.target = ip(target);
	own = ip(ip_is_v4(&d.target) ? "10.7.1.9" : "2001:db8::1:9");
	d.known = false;
	d.answers = 0;
	for (int i = 0; i < 3 && !d.known; i++) {
		put(CLIENT, CABLE, buf,
		    neigh_request(&d.target, &own, &client, NULL, buf));
		run(S);
	}
	return d.known;
}

static bool
is_at(int station)
{
	struct mac mac = mac_of(station);

	return d.known && mac_equal(&d.at, &mac);
}

static const char *const target[] = {"10.7.0.77", "2001:db8::77"};

/* by_one - how often out of 60, each 15 s, one phantom answers, at this MAC */
static int
by_one(const char *addr, int mac)
{
	int k;

	for (k = 0; k < 60; k++) {
		run(15 * S);
		if (!resolve(addr) || d.answers != 1 || d.at.b[5] != mac)
			break;
	}
	return k;
}

static void
at_once(int phantoms)
{
	int i, k, first;

	/* in IPv6 three that answer a question of one hear each other */
	for (i = 0; i < (phantoms < 3 ? 2 : 1); i++) {
		begin(phantoms, true, true);
		resolve(target[i]);
		run((phantoms > 1 ? 3 : 1) * S);
		check(is_at(REAL), "%d at once: %s is a slow host's within %s",
		    phantoms, target[i], phantoms > 1 ? "4 s" : "2 s");
		for (k = 0; k < 20; k++) {
			run(5 * S);
			resolve(target[i]);
			if (!is_at(REAL) || d.answers > 0)
				break;
		}
		check(k == 20, "and it stays the host's for minutes");
		begin(phantoms, true, false);
		check(resolve(target[i]) && d.answers == phantoms,
		    "what no host has: answered at the first request");
		run(3 * S);
		resolve(target[i]);
		first = d.at.b[5];
		k = by_one(target[i], first);
		check(k == 60,
		    "then by one, and always the same: %d of 60, %d answers", k,
		    d.answers);
	}
}

static void
unused_only(int phantoms)
{
	int i, k, first;

	for (i = 0; i < 2; i++) {
		begin(phantoms, false, false);
		check(resolve(target[i]),
		    "%d that ask first: %s is answered for in three tries",
		    phantoms, target[i]);
		first = d.at.b[5];
		k = by_one(target[i], first);
		check(k == 60, "by one, and always the same: %d of 60", k);
		begin(phantoms, false, true);
		for (k = 0; k < 60; k++) {
			if (!resolve(target[i]) || !is_at(REAL) ||
			    d.answers > 0)
				break;
			run(15 * S);
		}
		check(k == 60, "a slow host's is always the host's");
	}
}

/* a host that takes the address while it is being asked for: RFC 5227 2.1 */
static void
taken(void)
{
	uint8_t buf[NEIGH_FRAME];
	struct mac mac = mac_of(REAL);
	int i;

	begin(1, false, false);
	d.target = ip("10.7.0.78");
	for (i = 0; i < 3; i++) {
		if (i == 0) {
			struct mac client = mac_of(CLIENT);
			struct ip_addr own = ip("10.7.1.9");

			put(CLIENT, 0, buf,
			    neigh_request(&d.target, &own, &client, NULL, buf));
		}
		put(REAL, 60 * NS_PER_MS, buf,
		    neigh_probe(&d.target, &mac, NULL, buf));
		run(100 * NS_PER_MS);
	}
	run(2 * S);
	d.known = false;
	check(!resolve("10.7.0.78") && d.answers == 0,
	    "a host that probes in a hurry, once our probe is sent, has it");
}

static void
storm(void)
{
	uint8_t buf[NEIGH_FRAME];
	struct mac client = mac_of(CLIENT);
	struct ip_addr own = ip("10.7.1.9"), a = ip("10.7.0.0");
	unsigned i;

	begin(1, true, false);
	for (i = 1; i < 60000; i++) {
		a.b[14] = (uint8_t)(i >> 8);
		a.b[15] = (uint8_t)i;
		put(CLIENT, 0, buf,
		    neigh_request(&a, &own, &client, NULL, buf));
		run(S / 3000);
	}
	check(d.probes > 1000 && d.probes < 20 * 120 + 256,
	    "60000 addresses in 20 s: %u are looked at", d.probes);
}

int
main(void)
{
	at_once(1);
	at_once(2);
	at_once(3);
	unused_only(2);
	unused_only(3);
	taken();
	storm();
	for (int i = 0; i < PHANTOMS; i++)
		claim_free(d.c[i]);
	return done();
}
