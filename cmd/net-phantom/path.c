/*
 * path.c - see path.h: from frames to packets on their way, and back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "hosts/hosts.h"
#include "wire/gso.h"
#include "wire/ip.h"

#include "path_var.h"

enum { FLOWS = 4096 }; /* connections that the words of a line distinguish */

/* ---- frames */

/* read_unit - false: it is no packet that a router would take */
static bool
read_unit(struct unit *u, uint64_t now, uint8_t *frame, size_t len)
{
	struct ether_hdr e;

	if (ether_decode(frame, len, &e) != 0 ||
	    (e.type != ETHER_IP4 && e.type != ETHER_IP6) || len > LONGEST)
		return false;
	u->frame = frame;
	u->l2 = e.hlen;
	u->t = (struct transit){.now = now, .v6 = e.type == ETHER_IP6};
	if (transit_read(&u->t, frame + e.hlen, len - e.hlen) != READ_OK)
		return false;
	u->len = e.hlen + u->t.len; /* without padding */
	return true;
}

/* to_router - the frame is for the first router on the way */
static bool
to_router(const struct path *p, const struct unit *u)
{
	struct mac to;

	memcpy(to.b, u->frame, sizeof(to.b));
	return hosts_is_at(p->cf.hosts, &to, &hops_net(p, &u->step, 0)->router);
}

/* begin - where a packet begins its way; false: it has none through a net */
static bool
begin(const struct path *p, struct unit *u, enum path_side to)
{
	const struct hosts_net *n = hosts_net(
	    p->cf.hosts, to == PATH_PROGRAM ? &u->t.dst : &u->t.src);

	if (n == NULL)
		return false;
	u->step = (struct step){.to = to, .net = (uint32_t)(n - p->net)};
	u->step.place = to == PATH_PROGRAM ? AT_ROUTER : AT_LINK;
	u->step.at = to == PATH_PROGRAM ? 0 : n->hops;
	u->step.source = (uint8_t)ip_source(
	    to == PATH_PROGRAM ? &u->t.src : &u->t.dst, p->key);
	return true;
}

/* narrowest - the MTU of the whole way */
static uint32_t
narrowest(const struct path *p, const struct step *s)
{
	uint32_t mtu = p->cf.mtu, i;

	for (i = 0; i < p->net[s->net].hops; i++)
		if (hops_net(p, s, i)->mtu != 0 && hops_net(p, s, i)->mtu < mtu)
			mtu = hops_net(p, s, i)->mtu;
	return mtu;
}

/*
 * take_super_frame - what segmentation offload has put together goes on as
 * segments that pass: which ones there were is not known any more. False: it is
 * none.
 */
static bool
take_super_frame(struct path *p, struct unit *u)
{
	uint32_t mtu = narrowest(p, &u->step), off, n;
	struct step from = u->step;
	struct segment s;
	struct unit one;
	uint16_t i = 0;
	size_t got;

	if (u->t.len <= p->cf.mtu ||
	    segment_decode(u->frame, u->len, &s) != 0 ||
	    s.hlen - (uint32_t)s.l3 >= mtu)
		return false;
	if (!segment_verify(&s)) {
		p->stats.foreign++;
		return true;
	}
	for (off = 0; off < s.payload; off += n, i++) {
		n = mtu - (s.hlen - (uint32_t)s.l3);
		if (n > s.payload - off)
			n = s.payload - off;
		got = segment_cut(&s, off, n, i, p->cut);
		one.step = from;
		if (read_unit(&one, u->t.now, p->cut, got))
			hops_go(p, u->t.now, &one);
	}
	return true;
}

/*
 * is_lost - for an address in no net, at the MAC of a router that does not have
 * it: one that the sender takes for its way there. Link-local addresses are
 * for no router, whoever has them.
 */
static bool
is_lost(const struct path *p, const struct unit *u, uint32_t *net)
{
	struct mac to;
	size_t i;

	memcpy(to.b, u->frame, sizeof(to.b));
	if (hosts_is_at(p->cf.hosts, &to, &u->t.dst) ||
	    !ip_is_host(&u->t.src) || !ip_is_host(&u->t.dst) ||
	    ip_is_local6(&u->t.src) || ip_is_local6(&u->t.dst))
		return false;
	for (i = 0; i < p->nets; i++)
		if (p->net[i].up == -1 && mac_equal(&to, &p->mac[i]) &&
		    ip_is_v4(&p->net[i].router) == ip_is_v4(&u->t.dst)) {
			*net = (uint32_t)i;
			return true;
		}
	return false;
}

/* aside - a packet that is for no host behind a router */
static void
aside(
    struct path *p, uint64_t now, enum path_side to, struct unit *u, size_t len)
{
	uint32_t net;

	if (to == PATH_PROGRAM && u->len > 0 && is_lost(p, u, &net))
		hops_no_net(p, u, net);
	else
		p->cf.send(p->cf.ctx, to, now, u->frame, len);
}

void
path_input(
    struct path *p, uint64_t now, enum path_side to, uint8_t *frame, size_t len)
{
	struct unit u = {.frame = frame};

	p->stats.frames++;
	if (!read_unit(&u, now, frame, len) || !begin(p, &u, to)) {
		aside(p, now, to, &u, len);
		return;
	}
	if (to == PATH_PROGRAM &&
	    (!to_router(p, &u) || !ip_is_host(&u.t.src))) {
		p->stats.foreign++;
		return;
	}
	if (!take_super_frame(p, &u))
		hops_go(p, now, &u);
}

uint64_t
path_deadline(const struct path *p)
{
	return queue_next(&p->queue);
}

void
path_timer(struct path *p, uint64_t now)
{
	struct waiting w;
	struct unit u;

	while (queue_next(&p->queue) <= now && queue_pop(&p->queue, &w)) {
		u.step = hops_step(p, &w);
		/* what words have corrupted may be none any more */
		if (read_unit(&u, now, w.frame, w.len))
			hops_go(p, now, &u);
		else
			p->stats.foreign++;
		free(w.frame);
	}
}

const struct path_stats *
path_stats(const struct path *p)
{
	return &p->stats;
}

void
path_add(struct path_stats *sum, const struct path_stats *s)
{
	sum->frames += s->frames;
	sum->forwarded += s->forwarded;
	sum->fragmented += s->fragmented;
	sum->errors += s->errors;
	sum->limited += s->limited;
	sum->foreign += s->foreign;
	sum->expired += s->expired;
	sum->too_big += s->too_big;
	sum->no_host += s->no_host;
	sum->lost += s->lost;
	sum->no_room += s->no_room;
}

/* ---- begin and end */

/* macs - of the first routers, which are known as long as the file is */
static bool
macs(struct path *p)
{
	const struct hosts_entry *e;
	size_t i;

	p->mac = calloc(p->nets + 1, sizeof(*p->mac));
	for (i = 0; p->mac != NULL && i < p->nets; i++) {
		e = hosts_find(p->cf.hosts, &p->net[i].router);
		if (e != NULL)
			p->mac[i] = hosts_mac(
			    p->cf.hosts, e, &p->net[i].router);
	}
	return p->mac != NULL;
}

/* wires - of one net */
static bool
wires(struct path *p, size_t net, struct chance *chance)
{
	const struct impair_config *words = hosts_net_words(
	    p->cf.hosts, &p->net[net]);
	struct wire *w;
	int side;

	for (side = 0; words != NULL && side < 2; side++) {
		w = &p->wire[net][side];
		w->cf = *words;
		if (!w->cf.have_seed)
			w->cf.seed = chance_u64(chance);
		w->im = impair_new(&w->cf, NULL, FLOWS, false);
		if (w->im == NULL)
			return false;
	}
	return true;
}

struct path *
path_new(const struct path_config *cf)
{
	struct path *p = calloc(1, sizeof(*p));
	struct chance chance;
	bool ok;
	size_t i;

	if (p == NULL)
		return NULL;
	p->cf = *cf;
	chance_seed(&chance, cf->seed);
	p->key[0] = chance_u64(&chance);
	p->key[1] = chance_u64(&chance);
	ident_init(&p->ident, &chance);
	p->queue.max_bytes = QUEUE_BYTES;
	limit_init(&p->errors, cf->error_rate);
	p->net = hosts_nets(cf->hosts, &p->nets);
	p->wire = calloc(p->nets + 1, sizeof(*p->wire));
	ok = p->wire != NULL && macs(p);
	for (i = 0; ok && i < p->nets; i++)
		ok = wires(p, i, &chance);
	if (ok)
		return p;
	path_free(p);
	return NULL;
}

void
path_free(struct path *p)
{
	size_t i;
	int side;

	if (p == NULL)
		return;
	for (i = 0; p->wire != NULL && i < p->nets; i++)
		for (side = 0; side < 2; side++)
			if (p->wire[i][side].im != NULL)
				impair_free(p->wire[i][side].im);
	free(p->wire);
	free(p->mac);
	queue_free(&p->queue);
	free(p);
}
