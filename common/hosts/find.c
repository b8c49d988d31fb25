/*
 * find.c - from an address to its host, see hosts.h.
 *
 * One hash table holds all prefixes, a single host as one of 128 bits. What is
 * looked for is every length that occurs, the longest first: as many steps as
 * there are lengths, whatever the number of hosts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "hosts/hosts_var.h"
#include "wire/ether.h"
#include "wire/ip.h"

/* of a place: an entry's number, from 1. More than HOSTS_MAX and all routers */
#define NUMBER UINT32_C(0x1fffff)

enum {
	PLACES = 16, /* to begin with */
	BITS = 128,  /* of a prefix that is one host */
	/* in a frame without tags */
	ARP_TARGET = ETHER_HLEN + 24,
	ARP_END = ETHER_HLEN + 28,
	IP4_TO = ETHER_HLEN + 16,
	IP6_NEXT = ETHER_HLEN + 6,
	IP6_TO = ETHER_HLEN + 24,
	ND_TYPE = ETHER_HLEN + IP6_HLEN,
	ND_TARGET = ND_TYPE + 8,
	ND_END = ND_TARGET + 16,
	ND_SOLICIT = 135,
};

/* hash_of - the entries come from the user's file: no key is needed */
static uint32_t
hash_of(const struct ip_addr *a, unsigned len)
{
	uint64_t x = len;
	int i;

	for (i = 0; i < 16; i += 4)
		x = (x ^ get_be32(a->b + i)) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(x >> 32);
}

/*
 * probe - where this prefix is, or the free place for it. The upper bits of a
 * place are those of the hash, so that an entry of another prefix, which is in
 * no cache, need not be read to see that it is another.
 */
static uint32_t *
probe(const struct hosts *h, const struct prefix *want, uint32_t hash)
{
	const struct prefix *p;
	size_t i;

	for (i = hash & (h->places - 1); h->place[i] != 0;
	     i = (i + 1) & (h->places - 1)) {
		if (((h->place[i] ^ hash) & ~NUMBER) != 0)
			continue;
		p = &h->entry[(h->place[i] & NUMBER) - 1].at;
		if (p->len == want->len && ip_equal(&p->addr, &want->addr))
			break;
	}
	return &h->place[i];
}

/* settle - the entry of this number, where there is none of its prefix */
static bool
settle(struct hosts *h, size_t no, const struct prefix *at)
{
	const uint32_t hash = hash_of(&at->addr, at->len);
	uint32_t *place = probe(h, at, hash);

	if (*place != 0)
		return false;
	*place = (hash & ~NUMBER) | (uint32_t)no;
	return true;
}

static int
longer_first(const void *a, const void *b)
{
	return *(const uint8_t *)b - *(const uint8_t *)a;
}

/* know_length - of the lengths that occur */
static void
know_length(struct hosts *h, unsigned len)
{
	if (memchr(h->len, (int)len, h->nlen) != NULL)
		return;
	h->len[h->nlen++] = (uint8_t)len;
	qsort(h->len, h->nlen, 1, longer_first);
}

/* more_places - twice as many, when half are taken */
static bool
more_places(struct hosts *h)
{
	uint32_t *old = h->place;
	size_t i;

	if (h->n * 2 < h->places)
		return true;
	h->places = h->places > 0 ? h->places * 2 : PLACES;
	h->place = calloc(h->places, sizeof(*h->place));
	if (h->place == NULL) {
		h->place = old;
		return false;
	}
	for (i = 0; i < h->n; i++)
		settle(h, i + 1, &h->entry[i].at);
	free(old);
	return true;
}

enum hosts_added
hosts_add(struct hosts *h, const struct hosts_entry *new)
{
	struct hosts_entry e = *new;

	e.at.addr = prefix_start(&e.at);
	if (!more_places(h) ||
	    !hosts_grow((void **)&h->entry, &h->cap, h->n, sizeof(e)))
		return HOSTS_NO_MEMORY;
	if (!settle(h, h->n + 1, &e.at))
		return HOSTS_TWICE;
	h->entry[h->n++] = e;
	know_length(h, e.at.len);
	return HOSTS_ADDED;
}

const struct hosts_entry *
hosts_exact(const struct hosts *h, const struct prefix *p)
{
	const struct prefix net = {prefix_start(p), p->len};

	return &h->entry[(*probe(h, &net, hash_of(&net.addr, net.len)) &
			     NUMBER) -
			 1];
}

const struct hosts_entry *
hosts_find(const struct hosts *h, const struct ip_addr *a)
{
	const struct hosts_entry *e;
	struct prefix net = {.addr = *a};
	unsigned i;
	uint32_t no;

	for (i = 0; i < h->nlen; i++) {
		net.len = h->len[i];
		net.addr = prefix_start(&net);
		no = *probe(h, &net, hash_of(&net.addr, net.len)) & NUMBER;
		if (no == 0)
			continue;
		e = &h->entry[no - 1];
		if (prefix_has_host(&e->at, a))
			return e;
	}
	return NULL;
}

/* ---- fetched into the cache before they are wanted */

/* fetch_place - a host's; fetch_entry - what stands at its place, which is
   there by now */
static uint32_t
fetch_place(const struct hosts *h, const struct ip_addr *a)
{
	const uint32_t hash = hash_of(a, BITS);

	__builtin_prefetch(&h->place[hash & (h->places - 1)]);
	return hash;
}

static void
fetch_entry(const struct hosts *h, uint32_t hash)
{
	size_t i = hash & (h->places - 1);

	while (h->place[i] != 0 && ((h->place[i] ^ hash) & ~NUMBER) != 0)
		i = (i + 1) & (h->places - 1);
	if (h->place[i] != 0)
		__builtin_prefetch(&h->entry[(h->place[i] & NUMBER) - 1]);
}

void
hosts_soon(const struct hosts *h, struct hosts_soon *s, const struct ip_addr *a)
{
	uint32_t *hash = &s->hash[s->at++ % HOSTS_SOON];

	if (h->nlen == 0 || h->len[0] != BITS)
		return;
	fetch_entry(h, *hash);
	*hash = fetch_place(h, a);
}

/* about - the address that a frame without tags is for, or asks for */
static bool
about(const uint8_t *f, size_t len, struct ip_addr *a)
{
	const uint8_t *p = f + IP6_TO;

	if (len < ARP_END)
		return false;
	switch (get_be16(f + 12)) {
	case ETHER_ARP:
		ip_from_v4(a, f + ARP_TARGET);
		return true;
	case ETHER_IP4:
		ip_from_v4(a, f + IP4_TO);
		return true;
	case ETHER_IP6:
		if (len < ND_TYPE)
			return false;
		if (len >= ND_END && f[IP6_NEXT] == PROTO_ICMP6 &&
		    f[ND_TYPE] == ND_SOLICIT)
			p = f + ND_TARGET;
		memcpy(a->b, p, sizeof(a->b));
		return true;
	}
	return false;
}

void
hosts_soon_frame(const struct hosts *h, struct hosts_soon *s,
    const uint8_t *frame, size_t len)
{
	struct ip_addr a;

	if (about(frame, len, &a))
		hosts_soon(h, s, &a);
}
