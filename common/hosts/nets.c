/*
 * nets.c - net lines of phantom-hosts(5): a prefix behind a router, which is a
 * host itself, on the link or in a net that stands before.
 */
#include <stdlib.h>
#include <string.h>

#include "hosts/reader.h"
#include "impair/impair.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum {
	NETS = 256,
	HOPS = 32,
	LEAST_MTU = 576,
	LEAST_MTU6 = 1280,
};

const struct hosts_net *
hosts_nets(const struct hosts *h, size_t *n)
{
	*n = h->nnet;
	return h->net;
}

const struct hosts_net *
hosts_net(const struct hosts *h, const struct ip_addr *a)
{
	const struct hosts_net *best = NULL;
	size_t i;

	for (i = 0; i < h->nnet; i++)
		if (prefix_holds(&h->net[i].at, a) &&
		    (best == NULL || h->net[i].at.len > best->at.len))
			best = &h->net[i];
	return best;
}

const struct impair_config *
hosts_net_words(const struct hosts *h, const struct hosts_net *n)
{
	return n->words > 0 ? &h->words[n->words - 1] : NULL;
}

/* ---- a line */

static bool
take_prefix(struct reader *r, struct hosts_net *n)
{
	const char *w = reader_next(r);
	size_t i;

	if (w == NULL || parse_prefix(w, &n->at.addr, &n->at.len) != 0 ||
	    n->at.len == 128)
		return reader_wrong(r, "net: not a prefix, as 10.2.0.0/16");
	if (!reader_whole(r, "net", &n->at))
		return false;
	for (i = 0; i < r->h->nnet; i++)
		if (r->h->net[i].at.len == n->at.len &&
		    ip_match(&r->h->net[i].at.addr, &n->at.addr, n->at.len))
			return reader_twice(r, "net", &r->faults->nets, i);
	/* the way to a router is that of the nets before its own */
	for (i = 0; i < r->h->nnet; i++)
		if (prefix_holds(&n->at, &r->h->net[i].router))
			return reader_wrong(r,
			    "net %s: a router of a net above is in it: give "
			    "this line before that",
			    w);
	r->at++;
	return true;
}

static bool
take_router(struct reader *r, struct hosts_net *n)
{
	const struct hosts_net *up;
	const char *w;

	if (!reader_is(r, "behind") || (w = reader_next(r)) == NULL)
		return reader_wrong(
		    r, "net: its router is missing, as behind 10.0.0.1");
	if (parse_addr(w, &n->router) != 0 || !ip_is_host(&n->router))
		return reader_wrong(
		    r, "behind %s: not the address of a router", w);
	if (ip_is_v4(&n->router) != ip_is_v4(&n->at.addr))
		return reader_wrong(
		    r, "behind %s: not of the same family as the net", w);
	if (prefix_holds(&n->at, &n->router))
		return reader_wrong(
		    r, "behind %s: a router is not in the net behind it", w);
	up = hosts_net(r->h, &n->router);
	n->up = up != NULL ? (int32_t)(up - r->h->net) : -1;
	n->hops = up != NULL ? up->hops + 1 : 1;
	if (n->hops > HOPS)
		return reader_wrong(
		    r, "behind %s: more than %d routers in a row", w, HOPS);
	r->at++;
	return true;
}

static bool
take_mtu(struct reader *r, struct hosts_net *n)
{
	const char *w = reader_next(r);
	unsigned least = ip_is_v4(&n->at.addr) ? LEAST_MTU : LEAST_MTU6;
	uint64_t mtu;

	if (w == NULL || parse_num(w, least, UINT16_MAX, &mtu) != 0)
		return reader_wrong(
		    r, "mtu: not a number from %u to 65535", least);
	n->mtu = (uint32_t)mtu;
	r->at++;
	return true;
}

/* take_words - the rest of the line: those of impair, and an MTU */
static bool
take_words(
    struct reader *r, struct hosts_net *n, struct impair_config *c, bool *any)
{
	const char *word[READER_WORDS];
	unsigned column[READER_WORDS];
	char error[WORDS_ERROR];
	size_t count = 0, at;

	while (reader_next(r) != NULL) {
		if (reader_is(r, "mtu")) {
			if (!take_mtu(r, n))
				return false;
			continue;
		}
		column[count] = r->at;
		word[count++] = reader_next(r);
		r->at++;
	}
	*any = count > 0;
	impair_defaults(c);
	if (words_parse_net(c, word, count, error, &at) != 0) {
		r->at = column[at];
		return reader_wrong(r, "%s", error);
	}
	return true;
}

static bool
add(struct reader *r, struct hosts_net *n, const struct impair_config *c)
{
	struct hosts *h = r->h;

	if (!hosts_grow(
		(void **)&h->net, &h->net_cap, h->nnet, sizeof(*h->net)))
		return reader_no_memory(r);
	if (c != NULL) {
		if (!hosts_grow((void **)&h->words, &h->words_cap, h->nwords,
			sizeof(*h->words)))
			return reader_no_memory(r);
		h->words[h->nwords++] = *c;
		n->words = (uint32_t)h->nwords;
	}
	h->net[h->nnet++] = *n;
	r->at = 1; /* its prefix */
	return reader_mark(r, &r->faults->nets);
}

bool
reader_net(struct reader *r)
{
	struct hosts_net n = {.up = -1};
	struct impair_config c;
	bool any;

	/* what carries their packets is started with the others */
	if (r->use->again && !r->use->before->nets)
		return reader_wrong(
		    r, "net: no line was one when this began: start it again");
	if (r->h->nnet == NETS)
		return reader_wrong(r, "more than %d nets", NETS);
	return take_prefix(r, &n) && take_router(r, &n) &&
	       take_words(r, &n, &c, &any) && add(r, &n, any ? &c : NULL);
}

bool
reader_routers(struct reader *r)
{
	struct hosts_entry e = {.at.len = 128, .manner = r->standard};
	struct hosts *h = r->h;
	size_t i;

	for (i = 0; i < h->nnet; i++) {
		e.at.addr = h->net[i].router;
		if (hosts_find(h, &e.at.addr) == NULL &&
		    hosts_add(h, &e) == HOSTS_NO_MEMORY)
			return reader_no_memory(r);
	}
	return true;
}
