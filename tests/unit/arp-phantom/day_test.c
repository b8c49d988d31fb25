/*
 * day_test.c - a day of a phantom on a /16 and a /64 beside twenty hosts on a
 * switch, by a clock of its own. Hosts answer after 1 to 500 ms, most say
 * nothing for hours, some come later. A client resolves addresses by a cold
 * cache, as a kernel does: three requests, a second apart, and the first
 * answer counts.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
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

#define S  NS_PER_SEC
#define T0 (1000 * S)
enum {
	DAY = 86400,
	HOSTS = 20, /* each with an IPv4 and an IPv6 address */
	LATE = 5,   /* of them come in the course of the day */
	EVENTS = 256,
	TRIES = 3,
};

struct station {
	struct ip_addr addr[2];
	struct mac mac;
	uint64_t delay, up;
};

enum kind { RESOLVE, ASK, REPLY, PROBE, ANNOUNCE };

struct event {
	uint64_t at;
	enum kind kind;
	int host;   /* REPLY, PROBE, ANNOUNCE: who; else -1 or the one asked */
	int family; /* of its addresses; RESOLVE: see resolve() */
	int tries;
	struct ip_addr target;
	bool to_phantom;
};

static struct {
	struct claim *c;
	struct chance chance;
	struct station h[HOSTS];
	struct event q[EVENTS];
	int n;
	uint64_t now;
	/* the resolution that goes on */
	struct ip_addr target;
	int wanted;
	bool open;
	unsigned real, right, wrong, unused, reached, refused;
} d;

static const struct mac client = {{0x52, 0x54, 0, 0, 0, 9}};
static struct ip_addr client_addr[2];

static uint64_t
below(uint64_t n)
{
	return chance_below(&d.chance, n);
}

static void
later(uint64_t after, struct event e)
{
	e.at = d.now + after;
	if (!(d.n < EVENTS))
		abort();
	d.q[d.n++] = e;
}

static struct event
next(void)
{
	struct event e;
	int i, k = 0;

	for (i = 1; i < d.n; i++)
		if (d.q[i].at < d.q[k].at)
			k = i;
	e = d.q[k];
	d.q[k] = d.q[--d.n];
	return e;
}

/* owner - the host that has an address now, or -1 */
static int
owner(const struct ip_addr *a)
{
	int i;

	for (i = 0; i < HOSTS; i++)
		if (d.h[i].up <= d.now &&
		    ip_equal(&d.h[i].addr[!ip_is_v4(a)], a))
			return i;
	return -1;
}

/* is_known - a host's, be it there yet or not */
static bool
is_known(const struct ip_addr *a)
{
	int i = 0;

	while (i < HOSTS && !ip_equal(&d.h[i].addr[!ip_is_v4(a)], a))
		i++;
	return i < HOSTS;
}

/* the client takes the first answer */
static void
answered(bool by_phantom)
{
	if (!d.open)
		return;
	d.open = false;
	if (d.wanted >= 0)
		by_phantom ? d.wrong++ : d.right++;
	else
		d.reached += by_phantom && !is_known(&d.target);
}

/* sent - by the phantom: a question of its own, or an answer */
static void
sent(void *ctx, uint64_t now, const uint8_t *p, size_t n)
{
	struct neigh m;
	int i;

	if (!(neigh_decode(p, n, &m) == NEIGH_OK))
		abort();
	if (m.asks) {
		i = owner(&m.target);
		if (i >= 0)
			later(d.h[i].delay, (struct event){.kind = REPLY,
						.host = i,
						.target = m.target,
						.to_phantom = true});
	} else if (mac_equal(&m.dst, &client)) {
		if (d.open && ip_equal(&m.sender, &d.target))
			answered(true);
	} else {
		d.refused++; /* a host that probes */
	}
}

static void
told(void *ctx, uint64_t now, const struct claim_event *ev)
{
}

static void
hear(const uint8_t *p, size_t n)
{
	claim_input(d.c, d.now, p, n);
}

/* one more question of the client */
static void
ask(struct event *e)
{
	uint8_t buf[NEIGH_FRAME];
	int v6 = !ip_is_v4(&d.target), i;

	if (!d.open || !ip_equal(&e->target, &d.target))
		return;
	if (e->tries == TRIES) {
		d.open = false;
		return;
	}
	hear(buf,
	    neigh_request(&d.target, &client_addr[v6], &client, NULL, buf));
	i = owner(&d.target);
	if (i >= 0)
		later(d.h[i].delay,
		    (struct event){
			.kind = REPLY, .host = i, .target = d.target});
	e->tries++;
	later(S, *e);
}

/* resolve - a host's address or any other; and the next one in a while */
static void
resolve(void)
{
	bool mine = below(2) == 0;
	int v6 = (int)below(2);

	d.target = d.h[below(HOSTS)].addr[v6];
	while (!mine && is_known(&d.target))
		put_be16(d.target.b + 14, (uint16_t)(1 + below(65000)));
	d.wanted = owner(&d.target);
	d.open = true;
	if (d.wanted >= 0)
		d.real++;
	else if (!mine)
		d.unused++;
	later(0, (struct event){.kind = ASK, .target = d.target});
	later((4 + below(8)) * S, (struct event){.kind = RESOLVE});
}

/* reply - a host's, to the client or to the phantom; others do not see it */
static void
reply(const struct event *e)
{
	uint8_t buf[NEIGH_FRAME];
	struct neigh m = {.target = e->target};
	struct mac phantom;

	if (!e->to_phantom) {
		if (ip_equal(&e->target, &d.target))
			answered(false);
		return;
	}
	mac_of_phantom(&e->target, &phantom);
	m.mac = phantom;
	m.probe = !ip_is_v4(&e->target);
	ip_from_v4(&m.sender, (const uint8_t[4]){0});
	hear(buf, neigh_answer(&m, &d.h[e->host].mac, 0, buf));
}

/* come - a host takes its addresses: RFC 5227 2.1, RFC 4862 5.4 */
static void
come(struct event *e)
{
	struct station *h = &d.h[e->host];
	uint8_t buf[NEIGH_FRAME];

	if (e->tries++ < TRIES) {
		hear(buf, neigh_probe(&h->addr[0], &h->mac, NULL, buf));
		if (e->tries == 1)
			hear(buf, neigh_probe(&h->addr[1], &h->mac, NULL, buf));
		later(S + below(S), *e);
		return;
	}
	h->up = d.now;
	hear(buf, neigh_announce(&h->addr[0], &h->mac, NULL, buf));
}

/* announce - some hosts say so from time to time */
static void
announce(const struct event *e)
{
	struct station *h = &d.h[e->host];
	uint8_t buf[NEIGH_FRAME];

	if (h->up <= d.now)
		hear(buf, neigh_request(&client_addr[0], &h->addr[0], &h->mac,
			      NULL, buf));
	later((600 + below(7200)) * S, *e);
}

static void
begin(void)
{
	static const struct claim_calls calls = {NULL, sent, told};
	static const uint64_t delays[] = {1, 1, 1, 20, 500};
	struct prefix want[2];
	struct claim_config cf = {.want = want, .nwant = 2, .ask = true};
	int i;

	chance_seed(&d.chance, 11);
	parse_prefix("10.7.0.0/16", &want[0].addr, &want[0].len);
	parse_prefix("2001:db8::/64", &want[1].addr, &want[1].len);
	client_addr[0] = ip("10.7.1.9");
	client_addr[1] = ip("2001:db8::1:9");
	d.now = T0;
	for (i = 0; i < HOSTS; i++) {
		struct station *h = &d.h[i];

		h->addr[0] = ip("10.7.0.0");
		h->addr[1] = ip("2001:db8::1");
		put_be16(h->addr[0].b + 14, (uint16_t)(256 + i * 3000));
		put_be16(h->addr[1].b + 14, (uint16_t)(256 + i * 3000));
		h->mac = (struct mac){{0x52, 0x54, 0, 0, 1, (uint8_t)i}};
		h->delay = delays[i % 5] * NS_PER_MS;
		if (i < LATE) {
			h->up = TIME_NEVER;
			later((uint64_t)(i + 1) * 3 * 3600 * S,
			    (struct event){.kind = PROBE, .host = i});
		} else if (i < 2 * LATE) {
			later(below(3600) * S,
			    (struct event){.kind = ANNOUNCE, .host = i});
		}
	}
	d.c = claim_new(&cf, &calls, &d.chance);
	claim_start(d.c, d.now);
	later(S, (struct event){.kind = RESOLVE});
}

static void
run(void)
{
	struct event e;

	while (d.now < T0 + (uint64_t)DAY * S) {
		e = next();
		while (claim_deadline(d.c) <= e.at)
			claim_timer(d.c, claim_deadline(d.c));
		d.now = e.at;
		switch (e.kind) {
		case RESOLVE:
			resolve();
			break;
		case ASK:
			ask(&e);
			break;
		case REPLY:
			reply(&e);
			break;
		case PROBE:
			come(&e);
			break;
		case ANNOUNCE:
			announce(&e);
			break;
		}
	}
}

int
main(void)
{
	size_t before, taken;

	begin();
	before = mallinfo2().uordblks;
	run();
	taken = mallinfo2().uordblks - before;
	d.real -= d.open && d.wanted >= 0; /* not over yet */
	d.unused -= d.open && d.wanted < 0;
	check(d.wrong == 0 && d.right == d.real && d.real > 1000,
	    "of %u resolutions of real hosts %u reach them, %u a phantom",
	    d.real, d.right, d.wrong);
	check(d.reached == d.unused && d.unused > 1000,
	    "of %u of other addresses %u reach a phantom", d.unused, d.reached);
	check(
	    d.refused == 0, "no host that probes is told that it is too late");
	check(taken == 0, "no memory has been taken");
	claim_free(d.c);
	return done();
}
