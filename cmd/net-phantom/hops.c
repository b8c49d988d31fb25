/*
 * hops.c - the way of a packet.
 *
 * A net is a link behind a router. A host's packets pass as many links and
 * routers as there are nets around it. Each link loses and delays them as its
 * line in the file says. Each router decrements the TTL, and reports a packet
 * that it cannot forward. All of that is a step; between two steps a packet
 * may wait in a queue.
 */
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/part.h"
#include "hosts/hosts.h"
#include "wire/face.h"
#include "wire/ip.h"

#include "path_var.h"

/* ---- nets */

/* router - the number of the at-th on the way to a net */
static uint32_t
router(const struct path *p, uint32_t net, unsigned at)
{
	unsigned i;

	for (i = p->net[net].hops; i > at + 1; i--)
		net = (uint32_t)p->net[net].up;
	return net;
}

const struct hosts_net *
hops_net(const struct path *p, const struct step *s, unsigned at)
{
	return &p->net[router(p, s->net, at)];
}

/* ---- waiting */

enum {
	LOOKED_AT = 64, /* packets, for one of the source that has most */
	DISPLACED = 32, /* the most for one that is long */
};

static uint64_t
text_of(const struct step *s)
{
	return (uint64_t)s->net << 32 | (uint64_t)s->source << 24 |
	       (uint64_t)s->at << 8 | (uint64_t)s->to << 1 | (uint64_t)s->place;
}

struct step
hops_step(struct path *p, const struct waiting *w)
{
	uint64_t text = w->stamp;
	struct step s = {.net = (uint32_t)(text >> 32),
	    .source = (uint8_t)(text >> 24),
	    .at = text >> 8 & 0xffff,
	    .to = (enum path_side)(text >> 1 & 1),
	    .place = (enum place)(text & 1)};

	p->waits[s.source].packets--;
	p->waits[s.source].bytes -= w->len;
	return s;
}

static uint8_t
source_of(const struct waiting *w)
{
	return (uint8_t)(w->stamp >> 24);
}

/* most - a packet of the source that has most, of some that wait; NULL: none
   waits */
static const struct waiting *
most(struct path *p, bool by_bytes)
{
	const struct queue *q = &p->queue;
	const struct waiting *w, *best = NULL;
	uint32_t i, at = q->n > 0 ? (uint32_t)(p->looked++ % q->n) : 0;

	for (i = 0; i < LOOKED_AT && i < q->n; i++) {
		w = &q->heap[at];
		if (best == NULL ||
		    (by_bytes ? p->waits[source_of(w)].bytes >
				    p->waits[source_of(best)].bytes
			      : p->waits[source_of(w)].packets >
				    p->waits[source_of(best)].packets))
			best = w;
		at = (at + q->n / LOOKED_AT + 1) % q->n;
	}
	return best;
}

/* displace - a packet of the source that has most, for one more of a source
   that has less */
static bool
displace(struct path *p, const struct unit *u, bool by_bytes)
{
	uint64_t own = by_bytes ? p->waits[u->step.source].bytes
				: p->waits[u->step.source].packets;
	const struct waiting *w = most(p, by_bytes);
	struct waiting out;

	if (w == NULL ||
	    (by_bytes ? p->waits[source_of(w)].bytes < own + 2 * u->len
		      : !part_takes(own, p->waits[source_of(w)].packets)))
		return false;
	queue_take(&p->queue, (uint32_t)(w - p->queue.heap), &out);
	(void)hops_step(p, &out);
	free(out.frame);
	p->stats.no_room++;
	return true;
}

/*
 * room_for - packets of it that can wait. One host outside may have three times
 * what is free: what it sends faster leaves room for others, in both
 * directions. Else it displaces what the host has that has most, so that what
 * several send comes to equal parts.
 */
static uint32_t
room_for(struct path *p, const struct unit *u)
{
	const struct queue *q = &p->queue;
	unsigned i;

	if (!part_has_room(p->waits[u->step.source].packets, q->n, QUEUE, 1) &&
	    !displace(p, u, false))
		return 0;
	if (part_has_room(
		p->waits[u->step.source].bytes, q->bytes, QUEUE_BYTES, u->len))
		return queue_room(q, QUEUE, u->len);
	for (i = 0; i < DISPLACED && displace(p, u, true); i++)
		if (queue_room(q, QUEUE, u->len) > 0)
			return 1;
	return 0;
}

/* wait_until - a copy of the packet goes on at that time, from this step on */
static void
wait_until(struct path *p, uint64_t due, const struct unit *u,
    const struct step *s, const struct copy *c)
{
	if (!queue_push(&p->queue, due, text_of(s), u->frame, u->len, c)) {
		p->stats.no_room++;
		return;
	}
	p->waits[s->source].packets++;
	p->waits[s->source].bytes += (uint32_t)u->len;
}

/* ---- errors */

static bool
wanted(const struct path *p, const struct transit *t)
{
	return t->proto == PROTO_TCP ? p->cf.tcp : p->cf.other;
}

/* label - of the flow, as a Linux has it (RFC 6437): by both ends, and the type
   and the code */
static uint32_t
label(const struct path *p, const struct ip_addr *src,
    const struct ip_addr *dst, const struct transit_error *why)
{
	uint8_t b[34];

	memcpy(b, dst->b, 16);
	memcpy(b + 16, src->b, 16);
	b[32] = why->type;
	b[33] = why->code;
	return (uint32_t)hash_keyed(p->key, b, sizeof(b)) & 0xfffff;
}

/* dress - an error about a packet in what its router wears: as its pings have
   it, see icmp-phantom */
static void
dress(struct path *p, const struct transit *t, const struct transit_error *why,
    struct transit_from *from)
{
	const struct hosts_entry *e = hosts_find(p->cf.hosts, &from->addr);
	const struct hosts_manner *m = e != NULL ? hosts_manner(p->cf.hosts, e)
						 : NULL;
	const struct face *f = m != NULL ? hosts_face_of(p->cf.hosts, m) : NULL;
	struct hosts_habits is = hosts_habits_of(p->cf.hosts, &from->addr);

	from->ttl = p->cf.ttl;
	if (f != NULL)
		from->ttl = t->v6 ? f->hops : f->refuse_ttl;
	if (m != NULL && m->ttl != 0)
		from->ttl = m->ttl;
	if (is.control)
		from->tos = ip_error_tos(t->ip[1]);
	if (f != NULL && !t->v6)
		from->quote = face_quote(f);
	if (t->v6 && !is.icmp6_plain && (f == NULL || f->labels))
		from->label = label(p, &from->addr, &t->src, why);
	if (!t->v6 && (f == NULL || f->icmp_id != FACE_ID_ZERO))
		from->id = (uint16_t)ident_next(&p->ident, t->now,
		    f != NULL ? f->icmp_id : FACE_ID_OWN,
		    (uint16_t)(hosts_first_id(p->cf.hosts, &from->addr) +
			       2 * FACE_IDS_APART),
		    &from->addr, &t->src, PROTO_ICMP);
}

/* report - the at-th router to the packet's sender: why it goes no further */
static void
report(struct path *p, const struct unit *u, unsigned at,
    const struct transit_error *why)
{
	struct transit_from from = {.addr = hops_net(p, &u->step, at)->router};
	struct unit e = {.frame = p->reply, .l2 = u->l2};
	uint8_t head[ETHER_MAXHLEN];

	if (!wanted(p, &u->t) || !transit_may_report(&u->t))
		return;
	if (!limit_take(&p->errors, u->t.now, &u->t.src, p->key)) {
		p->stats.limited++;
		return;
	}
	p->stats.errors++;
	memcpy(head, u->frame, u->l2);
	memcpy(p->reply, head + 6, 6);
	memcpy(p->reply + 6, head, 6);
	memcpy(p->reply + 12, head + 12, u->l2 - 12);
	e.t = (struct transit){.now = u->t.now, .v6 = u->t.v6};
	dress(p, &u->t, why, &from);
	e.len = u->l2 + transit_error(&u->t, why, &from, p->reply + u->l2);
	e.step = (struct step){
	    .to = u->step.to == PATH_WIRE ? PATH_PROGRAM : PATH_WIRE,
	    .place = AT_LINK,
	    .net = u->step.net,
	    .source = u->step.source,
	    .at = at};
	if (transit_read(&e.t, p->reply + u->l2, e.len - u->l2) == READ_OK)
		hops_go(p, u->t.now, &e);
}

static void
report_plain(struct path *p, const struct unit *u, unsigned at, uint8_t type4,
    uint8_t code4, uint8_t type6, uint8_t code6)
{
	const struct transit_error why = {
	    .type = u->t.v6 ? type6 : type4, .code = u->t.v6 ? code6 : code4};

	report(p, u, at, &why);
}

/* ---- routers */

/* fits - through a link; false: its sender gets to know */
static bool
fits(struct path *p, const struct unit *u, uint32_t mtu, unsigned at)
{
	const struct transit_error why = {
	    .type = u->t.v6 ? TOO_BIG6 : UNREACHABLE4,
	    .code = u->t.v6 ? 0 : NEEDED4,
	    .word = mtu};

	if (mtu == 0 || u->t.len <= mtu || !u->t.df)
		return true;
	p->stats.too_big++;
	report(p, u, at, &why);
	return false;
}

struct cutting {
	struct path *p;
	const struct unit *u;
};

static void
take_fragment(void *ctx, const struct transit *part)
{
	const struct cutting *c = ctx;
	struct unit u = *c->u;

	u.frame = part->ip - u.l2;
	u.len = u.l2 + part->len;
	memcpy(u.frame, c->u->frame, u.l2);
	wait_until(c->p, u.t.now, &u, &u.step, NULL);
}

/* fragment - where it is too long; true: its pieces go on, later */
static bool
fragment(struct path *p, const struct unit *u, uint32_t mtu)
{
	struct cutting c = {p, u};

	if (mtu == 0 || u->t.len <= mtu)
		return false;
	p->stats.fragmented++;
	transit_fragment(
	    &u->t, mtu, p->piece + ETHER_MAXHLEN, take_fragment, &c);
	return true;
}

/* alive - may the at-th router count down? False: that was the last time */
static bool
alive(struct path *p, struct unit *u, unsigned at)
{
	if (u->t.ttl <= 1) {
		p->stats.expired++;
		report_plain(p, u, at, EXCEEDED4, 0, EXCEEDED6, 0);
		return false;
	}
	return true;
}

/* ---- links */

/* pass - a link; true: the packet goes on at once, at this step */
static bool
pass(struct path *p, struct unit *u, unsigned at, const struct step *next)
{
	uint32_t net = router(p, u->step.net, at);
	struct impair *im = p->wire[net][u->step.to].im;
	struct arrival a = {.now = u->t.now,
	    .frame = u->frame,
	    .len = u->len,
	    .room = room_for(p, u)};
	struct fate f;
	unsigned i;

	u->step = *next;
	if (im == NULL)
		return true;
	impair_decide(im, &a, &f);
	p->stats.lost += f.dropped;
	p->stats.no_room += f.no_room;
	if (f.n == 1 && f.copy[0].delay == 0 && f.copy[0].nflips == 0)
		return true;
	for (i = 0; i < f.n; i++)
		wait_until(p, time_later(u->t.now, f.copy[i].delay), u, next,
		    &f.copy[i]);
	return false;
}

/* ---- to a host */

/* arrive - false in the end: the packet's way is over */
static bool
arrive(struct path *p, struct unit *u)
{
	const struct hosts_entry *e = hosts_find(p->cf.hosts, &u->t.dst);
	struct mac mac;

	if (e == NULL) {
		p->stats.no_host++;
		report_plain(p, u, u->step.at - 1, UNREACHABLE4, HOST4,
		    UNREACHABLE6, HOST6);
		return false;
	}
	mac = hosts_mac(p->cf.hosts, e, &u->t.dst);
	memcpy(u->frame, mac.b, sizeof(mac.b));
	p->stats.forwarded++;
	p->cf.send(p->cf.ctx, PATH_PROGRAM, u->t.now, u->frame, u->len);
	return false;
}

/* hops_no_net - a host of the file on the link is all that the router knows
   besides its nets: it has no other way out */
void
hops_no_net(struct path *p, struct unit *u, uint32_t net)
{
	u->step = (struct step){.to = PATH_PROGRAM,
	    .place = AT_ROUTER,
	    .net = net,
	    .source = (uint8_t)ip_source(&u->t.src, p->key)};
	if (!alive(p, u, 0))
		return;
	if (hosts_find(p->cf.hosts, &u->t.dst) == NULL) {
		p->stats.no_host++;
		report_plain(p, u, 0, UNREACHABLE4, NET4, UNREACHABLE6, NET6);
		return;
	}
	transit_count_down(&u->t);
	arrive(p, u);
}

static bool
inward(struct path *p, struct unit *u)
{
	struct step next = u->step;
	uint32_t mtu;

	if (u->step.place == AT_LINK) {
		next.place = AT_ROUTER;
		next.at++;
		return pass(p, u, u->step.at, &next);
	}
	if (u->step.at == p->net[u->step.net].hops)
		return arrive(p, u);
	mtu = hops_net(p, &u->step, u->step.at)->mtu;
	if (!alive(p, u, u->step.at) || !fits(p, u, mtu, u->step.at))
		return false;
	transit_count_down(&u->t);
	u->step.place = AT_LINK;
	return !fragment(p, u, mtu);
}

/* ---- from a host: at is of the router behind this link, and one */

static bool
leave(struct path *p, struct unit *u)
{
	const struct ip_addr *a = &hops_net(p, &u->step, 0)->router;
	const struct hosts_entry *e = hosts_find(p->cf.hosts, a);
	struct mac mac;

	if (e == NULL)
		return false;
	mac = hosts_mac(p->cf.hosts, e, a);
	memcpy(u->frame + sizeof(mac.b), mac.b, sizeof(mac.b));
	p->stats.forwarded++;
	p->cf.send(p->cf.ctx, PATH_WIRE, u->t.now, u->frame, u->len);
	return false;
}

static bool
outward(struct path *p, struct unit *u)
{
	unsigned at = u->step.at, hops = p->net[u->step.net].hops;
	struct step next = u->step;
	uint32_t mtu;

	if (at == 0)
		return leave(p, u);
	if (u->step.place == AT_ROUTER) {
		if (!alive(p, u, at - 1))
			return false;
		transit_count_down(&u->t);
		u->step.at--;
		u->step.place = AT_LINK;
		return true;
	}
	mtu = hops_net(p, &u->step, at - 1)->mtu;
	if (!fits(p, u, mtu, at < hops ? at : hops - 1) || fragment(p, u, mtu))
		return false;
	next.place = AT_ROUTER;
	return pass(p, u, at - 1, &next);
}

void
hops_go(struct path *p, uint64_t now, struct unit *u)
{
	bool on = true;

	u->t.now = now;
	while (on)
		on = u->step.to == PATH_PROGRAM ? inward(p, u) : outward(p, u);
}
