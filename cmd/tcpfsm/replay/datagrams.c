/*
 * datagrams.c - see datagrams.h.
 *
 * An answer goes from the MAC that was asked to the MAC that asked, with its
 * VLAN tags. Where the recorded answers repeat the number that the request
 * begins with, ours repeat that of the live one. A request to a group, or to
 * all, is answered by the phantom of -a.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "log/event.h"
#include "replay/datagrams.h"
#include "replay/turns.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/limit.h"
#include "wire/phantom.h"
#include "wire/udp.h"

enum {
	PENDING = 256,	    /* answers that wait for their time */
	RATE = 1000,	    /* requests a second of one source */
	ANSWERS_MAX = 1000, /* to one request */
	TTL = 64,
};

/* to whom an answer goes, and from where */
struct way {
	uint8_t ether[ETHER_MAXHLEN];
	uint8_t hlen;
	struct ip_addr src, dst;
	uint16_t sport, dport;
	uint8_t id[TURN_ID];
	bool grouped; /* this group, or all, was asked */
	struct ip_addr group;
	uint8_t group_mac[6];
};

struct pending {
	uint64_t at; /* ns */
	const struct turn *turn;
	uint32_t answer; /* or TURN_LAST: free */
	struct way way;
};

struct datagrams {
	struct datagrams_config cfg;
	struct datagrams_totals totals;
	struct limit limit;
	uint64_t key[2];
	uint32_t id; /* of IPv4, counts up */
	uint32_t waiting;
	struct pending pending[PENDING];
};

/* a live request */
struct request {
	struct ether_hdr eth;
	struct ip_hdr ip;
	struct udp udp;
};

struct datagrams *
datagrams_new(const struct datagrams_config *cfg)
{
	struct datagrams *d = calloc(1, sizeof(*d));
	uint32_t i;

	if (d == NULL)
		return NULL;
	d->cfg = *cfg;
	limit_init(&d->limit, RATE);
	d->key[0] = cfg->seed;
	d->key[1] = ~cfg->seed;
	for (i = 0; i < PENDING; i++)
		d->pending[i].answer = TURN_LAST;
	return d;
}

const struct datagrams_totals *
datagrams_totals(const struct datagrams *d)
{
	return &d->totals;
}

const struct turns *
datagrams_turns(const struct datagrams *d)
{
	return d->cfg.turns;
}

/* ---- the answers */

static void
send_answer(struct datagrams *d, const struct turn *q, const struct way *w,
    const struct turn_answer *a, uint64_t now)
{
	uint8_t frame[ETHER_MAXHLEN + IP6_HLEN + UDP_HLEN + TURNS_LONGEST];
	bool group = w->grouped && a->to_group;
	uint16_t sport = w->grouped ? a->from : w->sport;
	uint16_t dport = group ? a->to : w->dport;
	struct ip_hdr h = {.src = w->src,
	    .dst = group ? w->group : w->dst,
	    .proto = PROTO_UDP,
	    .ttl = group ? a->ttl : TTL,
	    .id = d->id++ & UINT16_MAX};
	size_t n = w->hlen, ip = ip_is_v4(&w->src) ? IP4_HLEN : IP6_HLEN;
	uint8_t *data = frame + n + ip + UDP_HLEN;

	memcpy(frame, w->ether, n);
	if (group)
		memcpy(frame, w->group_mac, sizeof(w->group_mac));
	h.len = (uint32_t)(ip + UDP_HLEN + a->len);
	n += ip_encode(frame + n, &h);
	memcpy(data, turns_bytes(d->cfg.turns, a->at), a->len);
	if (q->has_id)
		memcpy(data, w->id, TURN_ID);
	n += udp_encode(&h.src, &h.dst, sport, dport, data, a->len, frame + n);
	d->cfg.emit(d->cfg.run, now, frame, n);
	d->totals.sent++;
}

/* wait_for - an answer's time; what finds no room is not sent */
static void
wait_for(struct datagrams *d, const struct turn *q, const struct way *w,
    uint32_t answer, uint64_t at)
{
	struct pending *p = d->pending;

	if (d->waiting == PENDING)
		return;
	while (p->answer != TURN_LAST)
		p++;
	*p = (struct pending){.at = at, .turn = q, .answer = answer, .way = *w};
	d->waiting++;
}

static void
answer_all(struct datagrams *d, const struct turn *q, const struct way *w,
    uint64_t now)
{
	const struct turn_answer *a;
	uint32_t i, n = 0;

	for (i = q->first; i != TURN_LAST && n < ANSWERS_MAX; i = a->next) {
		a = turns_answer(d->cfg.turns, i);
		if (d->cfg.pauses)
			wait_for(d, q, w, i, now + a->after);
		else
			send_answer(d, q, w, a, now);
		n++;
	}
}

/* earliest - of those that wait, as they are in the record; NULL: none */
static const struct pending *
earliest(const struct datagrams *d)
{
	const struct pending *p, *best = NULL;

	for (p = d->pending; d->waiting > 0 && p < d->pending + PENDING; p++)
		if (p->answer != TURN_LAST &&
		    (best == NULL || p->at < best->at ||
			(p->at == best->at && p->answer < best->answer)))
			best = p;
	return best;
}

void
datagrams_step(struct datagrams *d, uint64_t now)
{
	const struct pending *p;

	while ((p = earliest(d)) != NULL && p->at <= now) {
		send_answer(d, p->turn, &p->way,
		    turns_answer(d->cfg.turns, p->answer), now);
		d->pending[p - d->pending].answer = TURN_LAST;
		d->waiting--;
	}
}

uint64_t
datagrams_due(const struct datagrams *d)
{
	const struct pending *p = earliest(d);

	return p != NULL ? p->at : TIME_NEVER;
}

/* ---- the requests */

/* is_for_us - it is for a phantom, or for all of a group; from a source that
   can be answered */
static bool
is_for_us(const struct datagrams *d, const struct request *r)
{
	const struct ip_addr *to = &r->ip.dst;

	if (mac_is_group(&r->eth.dst)) {
		if (d->cfg.addr != NULL)
			to = d->cfg.addr;
		return ip_is_v4(to) == ip_is_v4(&r->ip.src) &&
		       phantom_hears(&r->ip.src, &r->eth.src, to);
	}
	return phantom_is_at(d->cfg.addr, d->cfg.mac, &r->eth.dst, to) &&
	       phantom_hears(&r->ip.src, &r->eth.src, to);
}

/* read_request - UDP for us, whole */
static bool
read_request(const struct datagrams *d, const uint8_t *frame, size_t len,
    struct request *r)
{
	if (ether_decode(frame, len, &r->eth) != 0 ||
	    (r->eth.type != ETHER_IP4 && r->eth.type != ETHER_IP6) ||
	    ip_decode(frame + r->eth.hlen, len - r->eth.hlen, &r->ip) !=
		IP_OK ||
	    r->ip.problem != IP_OK || r->ip.proto != PROTO_UDP || r->ip.frag)
		return false;
	return is_for_us(d, r) &&
	       udp_decode(&r->ip, frame + r->eth.hlen + r->ip.hlen,
		   r->ip.len - r->ip.hlen, &r->udp) == 0;
}

/* from_phantom - the answers to a group's request are those of -a */
static void
from_phantom(const struct datagrams *d, const struct request *r, struct way *w)
{
	struct mac mac;

	w->grouped = true;
	w->group = r->ip.dst;
	w->src = *d->cfg.addr;
	memcpy(w->group_mac, r->eth.dst.b, sizeof(w->group_mac));
	mac_of_phantom(d->cfg.addr, &mac);
	memcpy(w->ether + sizeof(mac.b),
	    d->cfg.mac != NULL ? d->cfg.mac->b : mac.b, sizeof(mac.b));
}

static void
way_back(const struct datagrams *d, const struct request *r,
    const uint8_t *frame, struct way *w)
{
	*w = (struct way){.hlen = r->eth.hlen,
	    .src = r->ip.dst,
	    .dst = r->ip.src,
	    .sport = r->udp.dport,
	    .dport = r->udp.sport};
	memcpy(w->ether, frame, r->eth.hlen);
	memcpy(w->ether, r->eth.src.b, sizeof(r->eth.src.b));
	memcpy(w->ether + sizeof(r->eth.src.b), r->eth.dst.b,
	    sizeof(r->eth.dst.b));
	if (r->udp.n >= TURN_ID)
		memcpy(w->id, r->udp.data, TURN_ID);
	if (mac_is_group(&r->eth.dst))
		from_phantom(d, r, w);
}

static void
tell(struct datagrams *d, const struct request *r, const struct turn *q,
    bool same, uint64_t now)
{
	struct event_log *l = d->cfg.log;

	if (l == NULL || !event_may(l, now, &r->ip.src, "turn"))
		return;
	event_begin(
	    l, now, &r->ip.dst, r->udp.dport, &r->ip.src, r->udp.sport, "turn");
	event_num(l, "received", r->udp.n);
	event_num(l, "packet", q != NULL ? q->no : 0);
	event_num(l, "answers", q != NULL ? q->answers : 0);
	event_text(l, "same", same ? "yes" : "no");
	event_end(l);
}

/* find_turn - what answers it; NULL: nothing does */
static const struct turn *
find_turn(struct datagrams *d, const struct request *r, bool *same)
{
	const struct turn *q = turns_find(
	    d->cfg.turns, r->udp.dport, r->udp.data, r->udp.n, same);

	/* without -a it is not known which phantom answers a group */
	if (mac_is_group(&r->eth.dst) && d->cfg.addr == NULL)
		return NULL;
	return q;
}

bool
datagrams_frame(
    struct datagrams *d, const uint8_t *frame, size_t len, uint64_t now)
{
	const struct turn *q;
	struct request r;
	struct way w;
	bool same;

	if (!read_request(d, frame, len, &r) ||
	    !turns_has_port(
		d->cfg.turns, r.udp.dport, mac_is_group(&r.eth.dst)))
		return false;
	d->totals.requests++;
	if (!limit_take(&d->limit, now, &r.ip.src, d->key)) {
		d->totals.refused++;
		return true;
	}
	q = find_turn(d, &r, &same);
	d->totals.same += same;
	tell(d, &r, q, same, now);
	if (q == NULL)
		return true;
	way_back(d, &r, frame, &w);
	answer_all(d, q, &w, now);
	return true;
}
