/*
 * ipfrag.c - reassembly of IP fragments, see ipfrag.h.
 *
 * A datagram is a list of pieces as they came and a map of which of its
 * blocks of 8 bytes are there: an overlap is seen in the map, whatever the
 * number of pieces. Datagrams are found by a keyed hash; they are in one
 * list by age, for dropping the oldest, and in one per source, for giving
 * up the oldest of a source that takes too much.
 *
 * Overlap drops the datagram (RFC 5722 4), and IPv4's as well: RFC 791 lets
 * the later one win, but only attackers overlap fragments, so that a filter
 * and a host read different bytes. Exact duplicates are no overlap (RFC 8200
 * 4.5).
 */
#include <stdbool.h>
#include <string.h>

#include "base/allocator.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"

#define LIFE UINT64_C(60000000000) /* RFC 8200 4.5, RFC 1122 3.3.2; ns */

enum {
	MAX_PACKET = 65535,
	BLOCKS = 8192,	     /* of 8 bytes */
	MAX_PIECES = 2048,   /* a 64 KiB packet over a link of 68 bytes */
	SOURCES = 1024,	     /* lists; sources that share one share its room */
	SHARE = 8,	     /* one source: an eighth */
	LEAST_SHARE = 80000, /* but one whole packet */
	LOOKED_AT = 16,	     /* datagrams, when there is no room */
};

struct piece {
	struct piece *next;
	uint16_t off, len;
	uint8_t data[];
};

struct key {
	struct ip_addr src, dst;
	uint32_t id;
	uint8_t proto; /* v6: 0, RFC 8200 4.5 does not count it */
};

struct datagram {
	struct datagram *next; /* same bucket */
	struct datagram *older, *newer;
	struct datagram *src_older, *src_newer;
	struct key key;
	uint32_t source;
	uint64_t born;
	size_t bytes;		 /* charged */
	enum ipfrag_result dead; /* WAIT: alive; else why all the rest goes */
	uint32_t total;		 /* 0: the last piece is missing */
	uint32_t have, top;	 /* bytes; end of the last one so far */
	uint32_t npieces;
	uint8_t proto, tos; /* of the first piece; of any */
	bool ce, not_ect;
	uint64_t map[BLOCKS / 64];
	struct piece *pieces;
};

struct source {
	struct datagram *oldest, *newest;
	size_t bytes;
	uint32_t count;
};

struct ipfrag {
	const struct allocator *from;
	uint64_t key[2];
	size_t max_bytes, bytes;
	uint32_t max_count, count;
	uint32_t nbuckets;
	struct datagram **bucket, *oldest, *newest;
	struct source source[SOURCES];
	uint8_t packet[MAX_PACKET + 40];
};

const char *
ipfrag_name(enum ipfrag_result r)
{
	static const char *const name[] = {
	    [IPFRAG_WAIT] = "fragment",
	    [IPFRAG_WHOLE] = "fragment",
	    [IPFRAG_OVERLAP] = "fragment-overlap",
	    [IPFRAG_LENGTH] = "fragment-length",
	    [IPFRAG_CHAIN] = "fragment-chain",
	    [IPFRAG_ECN] = "fragment-ecn",
	    [IPFRAG_FULL] = "fragment-full",
	};

	return name[r];
}

struct ipfrag *
ipfrag_new(size_t bytes, uint32_t count, const uint64_t key[2])
{
	return ipfrag_new_in(&allocator_libc, bytes, count, key);
}

struct ipfrag *
ipfrag_new_in(const struct allocator *from, size_t bytes, uint32_t count,
    const uint64_t key[2])
{
	struct ipfrag *f = allocator_zero(from, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->from = from;
	f->nbuckets = 64;
	while (f->nbuckets < count && f->nbuckets < 1u << 20)
		f->nbuckets *= 2;
	f->bucket = allocator_zero(from, f->nbuckets * sizeof(*f->bucket));
	if (f->bucket == NULL) {
		allocator_put(from, f);
		return NULL;
	}
	f->max_bytes = bytes;
	f->max_count = count;
	memcpy(f->key, key, sizeof(f->key));
	return f;
}

size_t
ipfrag_used(const struct ipfrag *f)
{
	return f->bytes;
}

/* ---- the table ---- */

static struct datagram **
bucket_of(struct ipfrag *f, const struct key *k)
{
	uint8_t b[37];

	memcpy(b, k->src.b, 16);
	memcpy(b + 16, k->dst.b, 16);
	put_be32(b + 32, k->id);
	b[36] = k->proto;
	return &f->bucket[hash_keyed(f->key, b, sizeof(b)) & (f->nbuckets - 1)];
}

static bool
same_key(const struct key *a, const struct key *b)
{
	return a->id == b->id && a->proto == b->proto &&
	       ip_equal(&a->src, &b->src) && ip_equal(&a->dst, &b->dst);
}

static void
charge(struct ipfrag *f, struct datagram *d, size_t n)
{
	d->bytes += n;
	f->source[d->source].bytes += n;
	f->bytes += n;
}

/* empty - the pieces go, the datagram stays */
static void
empty(struct ipfrag *f, struct datagram *d)
{
	struct piece *p;

	while ((p = d->pieces) != NULL) {
		d->pieces = p->next;
		charge(f, d, -(sizeof(*p) + p->len));
		allocator_put(f->from, p);
	}
}

static void
give_up(struct ipfrag *f, struct datagram *d)
{
	struct source *s = &f->source[d->source];
	struct datagram **p = bucket_of(f, &d->key);

	while (*p != d)
		p = &(*p)->next;
	*p = d->next;
	*(d->older != NULL ? &d->older->newer : &f->oldest) = d->newer;
	*(d->newer != NULL ? &d->newer->older : &f->newest) = d->older;
	*(d->src_older != NULL ? &d->src_older->src_newer
			       : &s->oldest) = d->src_newer;
	*(d->src_newer != NULL ? &d->src_newer->src_older
			       : &s->newest) = d->src_older;
	empty(f, d);
	charge(f, d, -d->bytes);
	f->count--;
	s->count--;
	allocator_put(f->from, d);
}

void
ipfrag_free(struct ipfrag *f)
{
	if (f == NULL)
		return;
	while (f->oldest != NULL)
		give_up(f, f->oldest);
	allocator_put(f->from, f->bucket);
	allocator_put(f->from, f);
}

/* to_go - of the oldest, that whose source has most: one that has less keeps
   what it has, however many others send. NULL: there is none but keep */
static struct datagram *
to_go(const struct ipfrag *f, const struct datagram *keep)
{
	struct datagram *d, *best = NULL;
	unsigned i;

	for (d = f->oldest, i = 0; d != NULL && i < LOOKED_AT;
	     d = d->newer, i++)
		if (d != keep &&
		    (best == NULL || f->source[d->source].bytes >
					 f->source[best->source].bytes))
			best = d;
	return best;
}

/*
 * make_room - for n more bytes (and one more datagram, when keep is NULL) of
 * a source; keep is not dropped for it. False when there can be none.
 */
static bool
make_room(
    struct ipfrag *f, uint32_t source, size_t n, const struct datagram *keep)
{
	struct source *s = &f->source[source];
	size_t share = f->max_bytes / SHARE;
	uint32_t more = keep == NULL, count = f->max_count / SHARE;
	struct datagram *d;

	if (share < LEAST_SHARE)
		share = LEAST_SHARE;
	if (count == 0)
		count = 1;
	while (s->bytes + n > share || s->count + more > count) {
		if (s->oldest == NULL || s->oldest == keep)
			return false;
		give_up(f, s->oldest);
	}
	while (f->bytes + n > f->max_bytes || f->count + more > f->max_count) {
		d = to_go(f, keep);
		if (d == NULL)
			return false;
		give_up(f, d);
	}
	return true;
}

static struct datagram *
find(struct ipfrag *f, const struct key *k)
{
	struct datagram *d = *bucket_of(f, k);

	while (d != NULL && !same_key(&d->key, k))
		d = d->next;
	return d;
}

static struct datagram *
begin(struct ipfrag *f, const struct key *k, uint64_t now)
{
	uint32_t source = (uint32_t)ip_source(&k->src, f->key) % SOURCES;
	struct source *s = &f->source[source];
	struct datagram *d, **b;

	if (!make_room(f, source, sizeof(*d), NULL))
		return NULL;
	d = allocator_zero(f->from, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->key = *k;
	d->source = source;
	d->born = now;
	b = bucket_of(f, k);
	d->next = *b;
	*b = d;
	d->older = f->newest;
	*(f->newest != NULL ? &f->newest->newer : &f->oldest) = d;
	f->newest = d;
	d->src_older = s->newest;
	*(s->newest != NULL ? &s->newest->src_newer : &s->oldest) = d;
	s->newest = d;
	f->count++;
	s->count++;
	charge(f, d, sizeof(*d));
	return d;
}

/* ---- one fragment ---- */

/* any_there - is any block from first to end taken? 64 at a time */
static bool
any_there(const struct datagram *d, uint32_t first, uint32_t end)
{
	uint32_t i;
	uint64_t mask;

	for (i = first / 64; i <= (end - 1) / 64; i++) {
		mask = UINT64_MAX;
		if (i == first / 64)
			mask &= UINT64_MAX << first % 64;
		if (i == (end - 1) / 64)
			mask &= UINT64_MAX >> (63 - (end - 1) % 64);
		if (d->map[i] & mask)
			return true;
	}
	return false;
}

static void
take_blocks(struct datagram *d, uint32_t first, uint32_t end)
{
	for (; first < end; first++)
		d->map[first / 64] |= UINT64_C(1) << first % 64;
}

/* is_duplicate - the very same piece is there; looked for only then */
static bool
is_duplicate(const struct datagram *d, const struct ip_hdr *ip,
    const uint8_t *data, uint32_t n)
{
	const struct piece *p = d->pieces;

	while (p != NULL && p->off != ip->frag_off)
		p = p->next;
	return p != NULL && p->len == n && memcmp(p->data, data, n) == 0 &&
	       (ip->more ? p->off + n != d->total : p->off + n == d->total);
}

/* whole_chain - RFC 7112 5: the first one has all headers, TCP's included */
static bool
whole_chain(const struct ip_hdr *ip, const uint8_t *packet)
{
	const uint8_t *p = packet + ip->hlen;
	uint32_t n = ip->len - ip->hlen;

	if (!ip->v6 || ip->frag_off != 0)
		return true;
	if (ip->proto == PROTO_TCP)
		return n >= 20 && n >= (p[12] >> 4) * 4u;
	return n >= 8; /* UDP, ICMPv6 */
}

/* lengths_agree - with the other pieces */
static bool
lengths_agree(const struct datagram *d, uint32_t end, bool more)
{
	if (!more)
		return d->top <= end && (d->total == 0 || d->total == end);
	return d->total == 0 || end < d->total;
}

static enum ipfrag_result
check(const struct datagram *d, const struct ip_hdr *ip, const uint8_t *packet,
    uint32_t n, bool *dup)
{
	const uint8_t *data = packet + ip->frag_at;
	uint32_t end = ip->frag_off + n;

	*dup = false;
	if (any_there(d, ip->frag_off / 8u, (end + 7) / 8)) {
		*dup = is_duplicate(d, ip, data, n);
		return *dup ? IPFRAG_WAIT : IPFRAG_OVERLAP;
	}
	if (!whole_chain(ip, packet))
		return IPFRAG_CHAIN;
	if (!lengths_agree(d, end, ip->more))
		return IPFRAG_LENGTH;
	if (d->npieces == MAX_PIECES)
		return IPFRAG_FULL;
	return IPFRAG_WAIT;
}

/* note_ecn - RFC 3168 5.3 */
static void
note_ecn(struct datagram *d, uint8_t tos)
{
	if (d->npieces == 1)
		d->tos = tos;
	if ((tos & 3) == 3)
		d->ce = true;
	if ((tos & 3) == 0)
		d->not_ect = true;
}

static enum ipfrag_result
keep(struct ipfrag *f, struct datagram *d, const struct ip_hdr *ip,
    const uint8_t *data, uint32_t n)
{
	struct piece *p;

	if (!make_room(f, d->source, sizeof(*p) + n, d))
		return IPFRAG_FULL;
	p = allocator_get(f->from, sizeof(*p) + n);
	if (p == NULL)
		return IPFRAG_FULL;
	p->off = ip->frag_off;
	p->len = (uint16_t)n;
	memcpy(p->data, data, n);
	p->next = d->pieces;
	d->pieces = p;
	charge(f, d, sizeof(*p) + n);
	take_blocks(d, p->off / 8u, (p->off + n + 7) / 8);
	d->npieces++;
	d->have += n;
	if (p->off + n > d->top)
		d->top = p->off + n;
	if (!ip->more)
		d->total = p->off + n;
	if (p->off == 0)
		d->proto = ip->frag_proto;
	note_ecn(d, ip->tos);
	return d->ce && d->not_ect ? IPFRAG_ECN : IPFRAG_WAIT;
}

/* build - the packet in one piece */
static size_t
build(struct ipfrag *f, const struct datagram *d, uint8_t ttl)
{
	struct ip_hdr h = {.src = d->key.src,
	    .dst = d->key.dst,
	    .proto = d->proto,
	    .ttl = ttl,
	    .tos = d->tos,
	    .id = d->key.id};
	uint32_t hlen = ip_is_v4(&h.src) ? 20 : 40;
	struct piece *p;

	if (d->ce)
		h.tos |= 3;
	h.len = hlen + d->total;
	ip_encode(f->packet, &h);
	for (p = d->pieces; p != NULL; p = p->next)
		memcpy(f->packet + hlen + p->off, p->data, p->len);
	return h.len;
}

/* fits - is this a fragment at all that RFC 791 and RFC 8200 know? */
static bool
fits(const struct ip_hdr *ip, uint32_t n)
{
	uint32_t most = ip->v6 ? MAX_PACKET : MAX_PACKET - 20u;

	return n > 0 && (!ip->more || n % 8 == 0) && ip->frag_off + n <= most;
}

enum ipfrag_result
ipfrag_put(struct ipfrag *f, uint64_t now, const struct ip_hdr *ip,
    const uint8_t *packet, const uint8_t **out, size_t *len)
{
	struct key k = {.src = ip->src,
	    .dst = ip->dst,
	    .id = ip->id,
	    .proto = ip->v6 ? 0 : ip->proto};
	const uint8_t *data = packet + ip->frag_at;
	uint32_t n = ip->len - ip->frag_at;
	enum ipfrag_result why;
	struct datagram *d;
	bool dup;

	while (f->oldest != NULL && now - f->oldest->born >= LIFE)
		give_up(f, f->oldest);
	if (!fits(ip, n))
		return IPFRAG_LENGTH;
	d = find(f, &k);
	if (d == NULL)
		d = begin(f, &k, now);
	if (d == NULL)
		return IPFRAG_FULL;
	if (d->dead != IPFRAG_WAIT)
		return d->dead;
	why = check(d, ip, packet, n, &dup);
	if (why == IPFRAG_WAIT && !dup)
		why = keep(f, d, ip, data, n);
	if (why != IPFRAG_WAIT) {
		/* RFC 5722 4: and those not yet received */
		d->dead = why;
		empty(f, d);
		return why;
	}
	if (dup || d->total == 0 || d->have < d->total)
		return IPFRAG_WAIT;
	*len = build(f, d, ip->ttl);
	*out = f->packet;
	give_up(f, d);
	return IPFRAG_WHOLE;
}
