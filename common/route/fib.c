/*
 * fib.c - the way of a packet: the networks of the interfaces and the static
 * routes, the longest prefix first (RFC 1812 5.2.4.3). Of several next hops a
 * flow keeps one (RFC 2992).
 */
#include <string.h>

#include "base/bytes.h"
#include "route/route_var.h"

static void
add(struct fib *f, const struct ip_addr *net, unsigned len,
    const struct hop *hop)
{
	struct fib_entry *e = f->entry;
	unsigned i;

	for (i = 0; i < f->n && e[i].len >= len; i++)
		if (e[i].len == len && ip_match(&e[i].net, net, len) &&
		    ip_is_v4(&e[i].net) == ip_is_v4(net))
			break;
	if (i == f->n || e[i].len != len || !ip_match(&e[i].net, net, len)) {
		memmove(&e[i + 1], &e[i], (f->n - i) * sizeof(*e));
		e[i] = (struct fib_entry){.net = *net, .len = len};
		f->n++;
	}
	if (e[i].nhops < ROUTE_HOPS)
		e[i].hop[e[i].nhops++] = *hop;
}

int
fib_near(const struct route_config *cf, const struct ip_addr *a)
{
	int best = -1;
	unsigned i, k, len = 0;

	for (i = 0; i < cf->ifaces; i++)
		for (k = 0; k < cf->iface[i].naddr; k++)
			if (ip_is_v4(a) == ip_is_v4(&cf->iface[i].addr[k]) &&
			    cf->iface[i].len[k] >= len &&
			    ip_match(a, &cf->iface[i].addr[k],
				cf->iface[i].len[k])) {
				best = (int)i;
				len = cf->iface[i].len[k];
			}
	return best;
}

void
fib_build(struct router *r)
{
	const struct route_config *cf = &r->cf;
	const struct route_static *s;
	struct hop hop = {0};
	unsigned i, k;

	for (i = 0; i < cf->ifaces; i++)
		for (k = 0; k < cf->iface[i].naddr; k++) {
			hop.out = i;
			add(&r->fib, &cf->iface[i].addr[k], cf->iface[i].len[k],
			    &hop);
		}
	for (i = 0; i < cf->routes; i++) {
		s = &cf->route[i];
		for (k = 0; k < s->nvia; k++) {
			hop.out = (unsigned)fib_near(cf, &s->via[k]);
			hop.via = s->via[k];
			add(&r->fib, &s->net, s->len, &hop);
		}
	}
}

/* flow_hash - the same for all packets of a flow; ports where they are sure */
static uint64_t
flow_hash(const struct router *r, const struct transit *t)
{
	uint8_t b[37];
	size_t at = t->v6 ? IP6_HLEN : (t->ip[0] & 15u) * 4;

	memcpy(b, t->src.b, 16);
	memcpy(b + 16, t->dst.b, 16);
	b[32] = t->proto;
	memset(b + 33, 0, 4);
	if (!t->frag && t->len >= at + 4 &&
	    (t->proto == PROTO_TCP || t->proto == PROTO_UDP))
		memcpy(b + 33, t->ip + at, 4);
	return hash_keyed(r->key, b, sizeof(b));
}

/* lookup - the entry for this address; NULL: there is no route */
static const struct fib_entry *
lookup(const struct router *r, const struct ip_addr *a)
{
	const struct fib_entry *e = r->fib.entry, *end = e + r->fib.n;

	for (; e < end; e++)
		if (ip_is_v4(&e->net) == ip_is_v4(a) &&
		    ip_match(&e->net, a, e->len))
			return e;
	return NULL;
}

bool
fib_behind(const struct router *r, const struct ip_addr *a, unsigned in)
{
	const struct fib_entry *e = lookup(r, a);
	unsigned i;

	for (i = 0; e != NULL && i < e->nhops; i++)
		if (e->hop[i].out == in)
			return true;
	return false;
}

bool
fib_find(const struct router *r, const struct transit *t,
    const struct ip_addr *dst, struct way *out)
{
	const struct fib_entry *e = lookup(r, dst);
	const struct hop *h;

	if (e == NULL)
		return false;
	h = &e->hop[e->nhops > 1 ? flow_hash(r, t) % e->nhops : 0];
	out->out = h->out;
	out->hop = ip_is_unspecified(&h->via) ? *dst : h->via;
	return true;
}

const struct ip_addr *
if_address(const struct route_if *f, const struct ip_addr *near)
{
	const struct ip_addr *any = NULL;
	unsigned i;

	for (i = 0; i < f->naddr; i++) {
		if (ip_is_v4(&f->addr[i]) != ip_is_v4(near))
			continue;
		if (ip_match(&f->addr[i], near, f->len[i]))
			return &f->addr[i];
		if (any == NULL)
			any = &f->addr[i];
	}
	return any;
}

bool
is_own(const struct router *r, const struct ip_addr *a)
{
	unsigned i, k;

	for (i = 0; i < r->cf.ifaces; i++)
		for (k = 0; k < r->cf.iface[i].naddr; k++)
			if (ip_equal(a, &r->cf.iface[i].addr[k]))
				return true;
	return false;
}

/* is_last - all bits behind the network's are ones, or all are zeros */
static bool
is_end_of(const struct ip_addr *a, unsigned len)
{
	uint32_t host = UINT32_MAX >> (len - 96), v = get_be32(a->b + 12);

	return (v & host) == host || (v & host) == 0;
}

bool
is_broadcast(const struct router *r, const struct ip_addr *a)
{
	const struct route_if *f;
	unsigned i, k;

	if (!ip_is_v4(a))
		return false;
	if (get_be32(a->b + 12) == UINT32_MAX)
		return true;
	for (i = 0; i < r->cf.ifaces; i++)
		for (f = &r->cf.iface[i], k = 0; k < f->naddr; k++)
			/* the cheap question first: few are the end of any */
			if (f->len[k] >= 96 && f->len[k] <= 96 + 30 &&
			    is_end_of(a, f->len[k]) && ip_is_v4(&f->addr[k]) &&
			    ip_match(a, &f->addr[k], f->len[k]))
				return true;
	return false;
}
