/*
 * query_neigh.c - MAC addresses: it answers questions for the source, and
 * resolves the next hop (RFC 826, RFC 4861 7.2).
 *
 * A reply counts if it is addressed to us, comes from a station with one MAC,
 * and agrees with the frame that it came in. The rest counts as forged: a
 * resolver that believes everything sends its packets to any host that claims
 * the address.
 */
#include <string.h>

#include "ask/query.h"
#include "ask/query_var.h"
#include "base/bucket.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/die.h"
#include "linux/gate.h"
#include "linux/pktsock.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/neigh.h"
#include "wire/resolve.h"

enum {
	TRIES = 3,	    /* RFC 4861 10: MAX_MULTICAST_SOLICIT */
	ANSWER_RATE = 1000, /* a second, to all */
	ANSWER_BURST = 1000,
	CHECKS = 2, /* questions whether the source is in use */
};
#define CHECK_GAP (100 * NS_PER_MS)
#define DEFEND	  (10 * NS_PER_SEC) /* RFC 5227 1.1: DEFEND_INTERVAL */

static const struct mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

bool
query_is_source(const struct query *x, const struct ip_addr *a)
{
	unsigned n = x->o->sources > 1 ? x->o->sources : 1;

	/* they differ in the last four bytes at most */
	return x->has_src && memcmp(a->b, x->src.b, 12) == 0 &&
	       get_be32(a->b + 12) - get_be32(x->src.b + 12) < n;
}

bool
query_own(const struct query *x)
{
	return x->own;
}

/* has_source - one that may be answered for */
static bool
has_source(const struct query *x)
{
	return x->has_src && !x->own &&
	       (x->src_end == 0 || query_now(x) < x->src_end);
}

/* is_conflict - another station states that it has the source, or wants it */
static bool
is_conflict(const struct query *x, const struct neigh *m)
{
	if (!has_source(x) || mac_equal(&m->mac, &x->mac))
		return false;
	if (x->asking && m->probe && query_is_source(x, &m->target))
		return true; /* RFC 5227 2.1.1, RFC 4862 5.4.3 */
	return query_is_source(x, &m->sender) &&
	       (m->firm || (x->asking && m->states));
}

static void
answer(struct query *x, const struct neigh *m)
{
	uint8_t buf[NEIGH_FRAME];

	if (!m->asks || !has_source(x) || x->asking || m->tags.len != 0 ||
	    !query_is_source(x, &m->target) || mac_equal(&m->mac, &x->mac) ||
	    !neigh_reaches(m, &x->mac))
		return;
	if (!bucket_take(&x->answer_at, query_now(x), NS_PER_SEC / ANSWER_RATE,
		ANSWER_BURST)) {
		x->counts.dropped++;
		return;
	}
	x->counts.answered++;
	query_send(x, buf, neigh_answer(m, &x->mac, 0, buf));
}

/* defend - one announcement, or the source is lost */
static void
defend(struct query *x, const struct neigh *m)
{
	uint64_t now = query_now(x);
	uint8_t buf[NEIGH_FRAME];

	x->other = m->mac;
	x->lost = query_is_source(x, &m->sender) ? m->sender : m->target;
	if (!x->defends) {
		query_fail(x, END_LOST, EXIT_NO, "%s", "");
	} else if (x->defended != 0 && now - x->defended < DEFEND) {
		x->taken = true;
		x->has_src = false;
	} else {
		x->defended = now;
		query_send(x, buf, neigh_announce(&x->src, &x->mac, NULL, buf));
	}
}

/* is_for_us - a card without promiscuous mode would hand it up */
static bool
is_for_us(const struct query *x, const struct neigh *m)
{
	return mac_equal(&m->dst, &x->mac) || mac_is_group(&m->dst);
}

/* count - what is not taken: it contradicts itself, or is not well-formed */
static void
count(struct query *x, enum neigh_error e)
{
	if (e == NEIGH_OK || e == NEIGH_SENDER)
		x->counts.lies++;
	else
		x->counts.damaged++;
}

bool
query_neigh(struct query *x, const uint8_t *frame, size_t len, struct neigh *m)
{
	enum neigh_error e = neigh_decode(frame, len, m);

	if (e == NEIGH_OTHER)
		return false;
	if (e != NEIGH_OK || !mac_equal(&m->mac, &m->src)) {
		if (is_for_us(x, m))
			count(x, e);
		memset(&m->mac, 0, sizeof(m->mac));
		return true;
	}
	if (is_conflict(x, m)) {
		defend(x, m);
		return true;
	}
	answer(x, m);
	return true;
}

void
query_ask(struct query *x, const struct ip_addr *addr)
{
	uint8_t buf[NEIGH_FRAME];
	size_t n;

	n = x->has_src ? neigh_request(addr, &x->src, &x->mac, NULL, buf)
		       : neigh_probe(addr, &x->mac, NULL, buf);
	query_send(x, buf, n);
}

/* is_sign - another station has the address, or wants it: RFC 5227 2.1.1 */
static bool
is_sign(const struct neigh *m, const struct ip_addr *addr)
{
	return m->probe ? ip_equal(&m->target, addr)
			: m->states && ip_equal(&m->sender, addr);
}

/* is_reply - to our question for addr, and to us */
static bool
is_reply(
    const struct query *x, const struct neigh *m, const struct ip_addr *addr)
{
	static const struct mac none;
	const struct ip_addr *to = ip_is_v4(addr) ? &m->target : &m->to;

	if (m->tags.len != 0 || mac_equal(&m->mac, &none) ||
	    mac_equal(&m->mac, &x->mac))
		return false;
	if (!x->has_src) /* what was asked without an address */
		return is_sign(m, addr);
	return is_for_us(x, m) && ip_equal(&m->sender, addr) && m->reply &&
	       ip_equal(to, &x->src);
}

enum query_result
query_heard(struct query *x, const struct ip_addr *addr, uint64_t deadline,
    struct mac *mac)
{
	enum query_result r;
	const uint8_t *frame;
	struct neigh m;
	uint64_t ts;
	size_t len;

	while (
	    (r = query_frame(x, deadline, &frame, &len, &ts)) == QUERY_PACKET) {
		if (!query_neigh(x, frame, len, &m))
			continue;
		if (x->end != END_NONE)
			return QUERY_OVER;
		if (!is_reply(x, &m, addr))
			continue;
		*mac = m.mac;
		return QUERY_PACKET;
	}
	return r;
}

/*
 * query_resolve - the MAC of an address on the link, by ARP or NS.
 * Without a source it is a probe (RFC 5227, RFC 4862): is the address in use?
 * Then a request from it, an announcement and another's probe count as well.
 */
static enum query_result
query_resolve(struct query *x, const struct ip_addr *addr, uint64_t deadline,
    struct mac *mac)
{
	enum query_result r;
	struct resolve ask = {0};
	uint64_t now = query_now(x);

	while (resolve_step(&ask, TRIES, now) == RESOLVE_ASK) {
		query_ask(x, addr);
		now = ask.at < deadline ? ask.at : deadline;
		r = query_heard(x, addr, now, mac);
		if (r != QUERY_TIMEOUT)
			return r;
		if (now == deadline)
			break;
		if (now < query_now(x))
			now = query_now(x);
	}
	return QUERY_TIMEOUT;
}

enum query_result
query_next_hop(struct query *x, const struct ip_addr *dst, uint64_t deadline,
    struct mac *mac)
{
	const struct query_options *o = x->o;

	if (o->has_hop_mac) {
		*mac = o->hop_mac;
		return QUERY_PACKET;
	}
	if (ip_is_multicast(dst)) {
		/* RFC 1112 6.4, RFC 2464 7 */
		*mac = (struct mac){
		    {1, 0, 0x5e, dst->b[13] & 0x7f, dst->b[14], dst->b[15]}};
		if (!ip_is_v4(dst))
			*mac = (struct mac){{0x33, 0x33, dst->b[12], dst->b[13],
			    dst->b[14], dst->b[15]}};
		return QUERY_PACKET;
	}
	if (ip_is_v4(dst) && memcmp(dst->b + 12, broadcast.b, 4) == 0) {
		*mac = broadcast;
		return QUERY_PACKET;
	}
	if (o->has_hop)
		return query_resolve(x, &o->hop, deadline, mac);
	return query_resolve(x, x->has_hop ? &x->hop : dst, deadline, mac);
}

/* probe_all - one question for each source */
static void
probe_all(struct query *x)
{
	struct ip_addr a = x->src;
	uint8_t buf[NEIGH_FRAME];

	for (; query_is_source(x, &a);
	     put_be32(a.b + 12, get_be32(a.b + 12) + 1))
		query_send(x, buf, neigh_probe(&a, &x->mac, NULL, buf));
}

enum query_result
query_check(struct query *x)
{
	enum query_result r = QUERY_TIMEOUT;
	struct mac mac;
	int i;

	x->asking = true;
	for (i = 0; i < CHECKS && r == QUERY_TIMEOUT; i++) {
		probe_all(x);
		/* a reply would be a conflict, hence none is taken here */
		r = query_heard(x, &x->src, query_after(x, CHECK_GAP), &mac);
	}
	x->asking = false;
	return r;
}

void
query_set_source(struct query *x, const struct ip_addr *addr, uint64_t until)
{
	x->src_end = until;
	x->has_src = addr != NULL;
	x->defends = x->taken = false;
	if (addr != NULL)
		x->src = *addr;
}

void
query_watch(struct query *x)
{
	x->watches = x->o->live;
	if (x->watches)
		carrier_open(&x->carrier, x->o->ifname);
}

bool
query_moved(struct query *x)
{
	bool back;

	if (!x->watches)
		return false;
	back = carrier_back(&x->carrier);
	return carrier_slept(&x->carrier) || back;
}

void
query_defend(struct query *x)
{
	x->defends = true;
	x->defended = 0;
}

bool
query_taken(const struct query *x, struct mac *other)
{
	*other = x->other;
	return x->taken;
}
