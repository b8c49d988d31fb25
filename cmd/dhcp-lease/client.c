/*
 * client.c - a DHCP client on an exchange, see client.h.
 *
 * Until there is a lease all is broadcast, and the server is asked to do so,
 * too: what has no address yet cannot be resolved. To renew, messages go to
 * the station that the ACK came from, which is the server or the relay that
 * leads to it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ask/query.h"
#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/neigh.h"
#include "wire/udp.h"

#include "client.h"
#include "wire/dhcp.h"
#include "lease.h"

enum {
	TTL = 64,
	REQUESTS = 4, /* RFC 2131 3.1.5: then from the beginning */
	PROBES = 3,   /* RFC 5227 1.1 */
	VERIFIES = 2, /* in some 12 s, in which the address is not used */
	AFTER_NAK = 1,
	AFTER_DECLINE = 10, /* RFC 2131 3.1.5 */
};
#define PROBE_GAP (500 * NS_PER_MS)
#define WATCH	  (2 * NS_PER_SEC)

static const struct ip_addr nobody = {
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}};
static const struct ip_addr everybody = {
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
static const struct mac all_stations = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static const char *
name_of(uint8_t type)
{
	static const char *const names[] = {"a message", "DISCOVER", "OFFER",
	    "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM"};

	return names[type < sizeof names / sizeof names[0] ? type : 0];
}

static void
tell(const struct client *c, const char *what, const struct dhcp *d,
    const struct ip_addr *addr)
{
	char server[IP_TEXT], text[IP_TEXT];

	if (c->verbose)
		say("%s %s: address %s, server %s", what, name_of(d->type),
		    ip_text(addr, text), ip_text(&d->server, server));
}

/* begin_message - of this type, with the fields that are always there */
static void
begin_message(struct client *c, enum dhcp_type type, struct dhcp *d)
{
	dhcp_zero(d);
	d->type = (uint8_t)type;
	d->xid = c->xid;
	d->secs = c->secs;
	d->chaddr = *query_mac(c->x);
	if (c->host != NULL)
		snprintf(d->host, sizeof d->host, "%s", c->host);
}

static void
send_message(struct client *c, const struct dhcp *d, const struct ip_addr *src,
    const struct ip_addr *dst, const struct mac *to)
{
	uint8_t message[DHCP_ENCODED], datagram[UDP_HLEN + DHCP_ENCODED];
	struct ip_hdr ip = {.src = *src,
	    .dst = *dst,
	    .proto = PROTO_UDP,
	    .ttl = TTL,
	    .id = (uint32_t)chance_below(query_chance(c->x), 65536)};
	size_t n = dhcp_encode(d, message);

	n = udp_encode(
	    src, dst, DHCP_CLIENT_PORT, DHCP_SERVER_PORT, message, n, datagram);
	tell(c, "sent", d,
	    ip_is_unspecified(&d->ciaddr) ? &d->requested : &d->ciaddr);
	query_send_ip(c->x, to, &ip, datagram, n);
}

static void
send_to_all(struct client *c, struct dhcp *d)
{
	d->broadcast = true;
	send_message(c, d, &nobody, &everybody, &all_stations);
}

static void
send_to_server(struct client *c, struct dhcp *d)
{
	const struct lease *l = &c->lease;

	send_message(c, d, &l->ack.yiaddr, &l->ack.server, &l->from);
}

/* note - the reason counts if there will be no lease */
static void
note(struct client *c, const char *what, const char *why)
{
	snprintf(c->wrong, sizeof c->wrong, "%s cannot be used: %s", what, why);
	if (c->verbose)
		say("%s", c->wrong);
}

static void
note_message(struct client *c, const struct dhcp *d, const char *why)
{
	char what[64], text[IP_TEXT];

	snprintf(what, sizeof what, "%s of %s", name_of(d->type),
	    ip_text(&d->yiaddr, text));
	note(c, what, why);
}

/* hear - the next message of a server to us */
static enum query_result
hear(struct client *c, uint64_t deadline, struct dhcp *d, struct mac *from)
{
	struct query_packet p;
	enum query_result r;
	enum dhcp_error e;
	struct udp u;

	while ((r = query_recv(c->x, deadline, &p)) == QUERY_PACKET) {
		if (p.ip.proto != PROTO_UDP ||
		    udp_decode(&p.ip, p.data, p.n, &u) == -1 ||
		    u.sport != DHCP_SERVER_PORT || u.dport != DHCP_CLIENT_PORT)
			continue;
		e = dhcp_decode(u.data, u.n, d);
		if (e != DHCP_OK) {
			note(c, "an answer", dhcp_error_text(e));
			continue;
		}
		if (!lease_is_answer(d, c->xid, query_mac(c->x)))
			continue;
		tell(c, "heard", d, &d->yiaddr);
		*from = p.from;
		return r;
	}
	return r;
}

static uint64_t
sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* idle - only ARP is answered; false when the exchange has ended */
static bool
idle(struct client *c, uint64_t until)
{
	struct query_packet p;
	enum query_result r;

	while ((r = query_recv(c->x, until, &p)) == QUERY_PACKET)
		;
	return r == QUERY_TIMEOUT;
}

static uint16_t
seconds_since(const struct client *c)
{
	uint64_t s = (query_now(c->x) - c->begun) / NS_PER_SEC;

	return s > UINT16_MAX ? UINT16_MAX : (uint16_t)s;
}

/* discover - the first offer that can be accepted is */
static enum client_result
discover(struct client *c, struct dhcp *offer)
{
	enum query_result r;
	struct mac from;
	struct dhcp d;
	const char *fault;
	uint64_t until;
	unsigned n;

	for (n = 0;; n++) {
		c->secs = seconds_since(c);
		begin_message(c, DHCP_DISCOVER, &d);
		d.requested = c->wish;
		send_to_all(c, &d);
		until = query_after(c->x, lease_backoff(query_chance(c->x), n));
		until = sooner(until, c->end);
		while ((r = hear(c, until, offer, &from)) == QUERY_PACKET) {
			fault = lease_offer_fault(offer);
			if (fault == NULL)
				return CLIENT_LEASE;
			note_message(c, offer, fault);
		}
		if (r == QUERY_OVER)
			return CLIENT_OVER;
		if (until == c->end)
			return CLIENT_SILENCE;
	}
}

/* hear_verdict - the ACK or NAK of a request; SILENCE at the deadline */
static enum client_result
hear_verdict(struct client *c, uint64_t until, const struct ip_addr *addr,
    const struct ip_addr *server, uint64_t sent)
{
	enum query_result r;
	const char *fault;
	struct mac from;
	struct dhcp d;

	while ((r = hear(c, until, &d, &from)) == QUERY_PACKET) {
		if (lease_is_nak(&d, server)) {
			memcpy(c->message, d.message, sizeof c->message);
			return CLIENT_REFUSED;
		}
		fault = lease_ack_fault(&d, addr, server);
		if (fault != NULL) {
			note_message(c, &d, fault);
			continue;
		}
		if (ip_is_unspecified(&d.server))
			d.server = *server;
		lease_set(&c->lease, &d, &from, sent);
		return CLIENT_LEASE;
	}
	return r == QUERY_OVER ? CLIENT_OVER : CLIENT_SILENCE;
}

/* request - RFC 2131 4.3.2: SELECTING; xid and secs are the DISCOVER's */
static enum client_result
request(struct client *c, const struct dhcp *offer)
{
	enum client_result r = CLIENT_SILENCE;
	struct dhcp d;
	uint64_t now;
	unsigned n;

	for (n = 0; n < REQUESTS && r == CLIENT_SILENCE; n++) {
		now = query_now(c->x);
		if (now >= c->end)
			break;
		begin_message(c, DHCP_REQUEST, &d);
		d.requested = offer->yiaddr;
		d.server = offer->server;
		send_to_all(c, &d);
		r = hear_verdict(c,
		    sooner(c->end, query_after(c->x,
				       lease_backoff(query_chance(c->x), n))),
		    &offer->yiaddr, &offer->server, now);
	}
	return r;
}

static void
decline(struct client *c)
{
	struct dhcp d;

	c->xid = (uint32_t)chance_u64(query_chance(c->x));
	c->secs = 0;
	begin_message(c, DHCP_DECLINE, &d);
	d.requested = c->lease.ack.yiaddr;
	d.server = c->lease.ack.server;
	snprintf(d.message, sizeof d.message, "the address is in use");
	send_message(c, &d, &nobody, &everybody, &all_stations);
}

/* claim - RFC 2131 4.4.1, RFC 5227 2.1: does another host have the address? */
static enum client_result
claim(struct client *c)
{
	const struct ip_addr *addr = &c->lease.ack.yiaddr;
	enum query_result r = QUERY_TIMEOUT;
	int i;

	for (i = 0; i < PROBES && r == QUERY_TIMEOUT && !c->unasked; i++) {
		query_ask(c->x, addr);
		r = query_heard(
		    c->x, addr, query_after(c->x, PROBE_GAP), &c->taken_by);
	}
	if (r == QUERY_OVER)
		return CLIENT_OVER;
	if (r == QUERY_TIMEOUT)
		return CLIENT_LEASE;
	decline(c);
	return CLIENT_TAKEN;
}

enum client_result
client_obtain(struct client *c)
{
	enum client_result r, why = CLIENT_SILENCE;
	struct dhcp offer;
	uint64_t pause;

	if (c->declined &&
	    !idle(c, query_after(c->x, AFTER_DECLINE * NS_PER_SEC)))
		return CLIENT_OVER;
	c->declined = false;
	c->end = query_after(c->x, c->wait);
	for (;;) {
		c->begun = query_now(c->x);
		c->xid = (uint32_t)chance_u64(query_chance(c->x));
		r = discover(c, &offer);
		if (r == CLIENT_LEASE)
			r = request(c, &offer);
		if (r == CLIENT_LEASE)
			r = claim(c);
		if (r == CLIENT_LEASE || r == CLIENT_OVER)
			return r;
		/* a server that is silent now has said it before */
		if (r != CLIENT_SILENCE)
			why = r;
		pause = r == CLIENT_TAKEN     ? AFTER_DECLINE * NS_PER_SEC
			: r == CLIENT_REFUSED ? AFTER_NAK * NS_PER_SEC
					      : 0;
		pause = query_after(c->x, pause);
		if (pause >= c->end)
			return why;
		if (!idle(c, pause))
			return CLIENT_OVER;
	}
}

/* renew - RENEWING until t2, then REBINDING until the end */
static enum client_result
renew(struct client *c)
{
	const struct lease *l = &c->lease;
	const struct ip_addr addr = l->ack.yiaddr;
	enum client_result r = CLIENT_SILENCE;
	struct dhcp d;
	uint64_t now, limit;
	bool rebind;

	c->xid = (uint32_t)chance_u64(query_chance(c->x));
	c->begun = query_now(c->x);
	while (r == CLIENT_SILENCE && (now = query_now(c->x)) < l->end &&
	       !query_taken(c->x, &c->taken_by)) {
		rebind = now >= l->t2;
		limit = rebind ? l->end : l->t2;
		c->secs = seconds_since(c);
		begin_message(c, DHCP_REQUEST, &d);
		d.ciaddr = addr;
		if (rebind)
			send_message(c, &d, &addr, &everybody, &all_stations);
		else
			send_to_server(c, &d);
		r = hear_verdict(c,
		    sooner(limit, query_after(c->x, lease_retry(now, limit))),
		    &addr, rebind ? &nobody : &l->ack.server, now);
	}
	return r;
}

/* yield - another station goes on using it: RFC 2131 3.1.5, RFC 5227 2.4.1 */
static enum client_result
yield(struct client *c)
{
	decline(c);
	query_set_source(c->x, NULL, 0);
	c->declined = true;
	return CLIENT_TAKEN;
}

/* verify - on what may be another network: RFC 2131 3.2 and 4.3.2,
   INIT-REBOOT. A server that is silent is no reason to give up the lease. */
static enum client_result
verify(struct client *c)
{
	const struct lease *l = &c->lease;
	const struct ip_addr addr = l->ack.yiaddr;
	enum client_result r = CLIENT_SILENCE, free;
	struct dhcp d;
	uint64_t now;
	unsigned n;

	query_set_source(c->x, NULL, 0);
	c->xid = (uint32_t)chance_u64(query_chance(c->x));
	c->begun = query_now(c->x);
	for (n = 0; n < VERIFIES && r == CLIENT_SILENCE; n++) {
		now = query_now(c->x);
		c->secs = seconds_since(c);
		begin_message(c, DHCP_REQUEST, &d);
		d.requested = addr;
		send_to_all(c, &d);
		r = hear_verdict(c,
		    query_after(c->x, lease_backoff(query_chance(c->x), n)),
		    &addr, &nobody, now);
	}
	if (r != CLIENT_SILENCE && r != CLIENT_LEASE)
		return r;
	free = claim(c);
	c->declined = free == CLIENT_TAKEN;
	return free == CLIENT_LEASE ? r : free;
}

/* until_renewal - OVER: the exchange is; LEASE: it is time, or another station
   has the address, or (*moved) this may be another network */
static enum client_result
until_renewal(struct client *c, uint64_t t1, bool *moved)
{
	uint64_t next;

	while (query_now(c->x) < t1 && !query_taken(c->x, &c->taken_by)) {
		next = c->watch ? query_after(c->x, WATCH) : TIME_NEVER;
		if (!idle(c, sooner(t1, next)))
			return CLIENT_OVER;
		*moved = query_moved(c->x);
		if (*moved)
			break;
	}
	return CLIENT_LEASE;
}

enum client_result
client_stay(struct client *c)
{
	const struct lease *l = &c->lease;
	const struct ip_addr *addr = &l->ack.yiaddr;
	uint8_t buf[NEIGH_FRAME];
	enum client_result r;
	bool moved = false;

	do {
		moved = false;
		query_set_source(c->x, addr, l->end);
		query_defend(c->x);
		/* RFC 2131 4.4.1: what others remember of the address is out
		   of date */
		query_send(c->x, buf,
		    neigh_announce(addr, query_mac(c->x), NULL, buf));
		/* a server may say "at once", and mean it each time */
		r = until_renewal(
		    c, later(l->t1, query_after(c->x, NS_PER_SEC)), &moved);
		if (moved && query_now(c->x) < l->end)
			r = verify(c);
		if (r == CLIENT_OVER) {
			query_set_source(c->x, addr, l->end);
			return r;
		}
	} while (moved && r == CLIENT_SILENCE && query_now(c->x) < l->t1);
	if (!moved || query_now(c->x) >= l->end || r == CLIENT_SILENCE)
		r = renew(c);
	if (r != CLIENT_TAKEN && query_taken(c->x, &c->taken_by))
		return yield(c);
	if (r == CLIENT_SILENCE || r == CLIENT_REFUSED)
		query_set_source(c->x, NULL, 0);
	return r;
}

void
client_release(struct client *c)
{
	struct dhcp d;

	c->xid = (uint32_t)chance_u64(query_chance(c->x));
	c->secs = 0;
	begin_message(c, DHCP_RELEASE, &d);
	d.ciaddr = c->lease.ack.yiaddr;
	d.server = c->lease.ack.server;
	send_to_server(c, &d);
}
