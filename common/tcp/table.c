/*
 * table.c - the table of connections, and what else a keyed hash of the
 * endpoints is good for.
 *
 * The table grows by one bucket with each connection that is too many, and
 * only one bucket's connections move (linear hashing: W. Litwin, 1980). So no
 * segment waits for a table of a million to be rebuilt.
 */
#include <string.h>

#include "base/allocator.h"
#include "tcp/face.h"
#include "tcp/tcp_var.h"
#include "wire/face.h"

enum { FIRST_BUCKETS = 1024 }; /* a power of two */
enum { LABEL = 0xfffff };      /* 20 bits */

static uint64_t
hash_conn(const uint64_t key[2], const struct ip_addr *l, uint16_t lport,
    const struct ip_addr *r, uint16_t rport)
{
	uint8_t b[36];

	memcpy(b, l->b, 16);
	memcpy(b + 16, r->b, 16);
	b[32] = (uint8_t)(lport >> 8);
	b[33] = (uint8_t)lport;
	b[34] = (uint8_t)(rport >> 8);
	b[35] = (uint8_t)rport;
	return hash_keyed(key, b, sizeof(b));
}

uint32_t
tcp_flow_label(const struct tcp *t, const struct conn *c, const struct face *f)
{
	if (ip_is_v4(&c->laddr) || !(f != NULL ? f->labels : t->cfg.like_linux))
		return 0;
	/* the other way round than the table, about which it shows nothing */
	return (uint32_t)hash_conn(
		   t->isn_key, &c->raddr, c->rport, &c->laddr, c->lport) &
	       LABEL;
}

bool
tcp_table_init(struct tcp *t)
{
	t->bucket = allocator_zero(
	    t->from, FIRST_BUCKETS * sizeof(struct conn *));
	t->bucket_room = t->nbuckets = FIRST_BUCKETS;
	return t->bucket != NULL;
}

/*
 * bucket_of - buckets from nbuckets up to the next power of two are not yet
 * there: what belongs into them is still in the one that will be split
 */
static struct conn **
bucket_of(struct tcp *t, const struct ip_addr *l, uint16_t lport,
    const struct ip_addr *r, uint16_t rport)
{
	uint64_t h = hash_conn(t->hash_key, l, lport, r, rport);
	uint32_t i = (uint32_t)h & (t->bucket_room - 1);

	if (i >= t->nbuckets)
		i -= t->bucket_room / 2;
	return &t->bucket[i];
}

static struct conn **
bucket_of_conn(struct tcp *t, const struct conn *c)
{
	return bucket_of(t, &c->laddr, c->lport, &c->raddr, c->rport);
}

struct conn *
tcp_lookup(struct tcp *t, const struct ip_addr *l, uint16_t lport,
    const struct ip_addr *r, uint16_t rport)
{
	struct conn *c = *bucket_of(t, l, lport, r, rport);
	size_t i;

	/* of many the first is not in the cache: fetch all its lines at once */
	for (i = 0; c != NULL && i < sizeof(struct tcb); i += 64)
		__builtin_prefetch((const char *)c + i);
	while (c != NULL &&
	       (c->rport != rport || c->lport != lport ||
		   !ip_equal(&c->raddr, r) || !ip_equal(&c->laddr, l)))
		c = c->next;
	return c;
}

static void
put(struct conn **bucket, struct conn *c)
{
	c->next = *bucket;
	*bucket = c;
}

/* grow - one more bucket; without memory the chains get longer instead */
static void
grow(struct tcp *t)
{
	struct conn **more, *c, *next;

	if (t->nbuckets == t->bucket_room) {
		if (t->bucket_room > UINT32_MAX / 4)
			return;
		more = allocator_get(
		    t->from, (size_t)t->bucket_room * 2 * sizeof(*more));
		if (more == NULL)
			return;
		memcpy(more, t->bucket, t->nbuckets * sizeof(*more));
		allocator_put(t->from, t->bucket);
		t->bucket = more;
		t->bucket_room *= 2;
	}
	/* its half of what was kept for it */
	c = t->bucket[t->nbuckets - t->bucket_room / 2];
	t->bucket[t->nbuckets - t->bucket_room / 2] = NULL;
	t->bucket[t->nbuckets++] = NULL;
	for (; c != NULL; c = next) {
		next = c->next;
		put(bucket_of_conn(t, c), c);
	}
}

void
tcp_conn_insert(struct tcp *t, struct conn *c)
{
	if (t->stats.conns + t->stats.time_waits >= t->nbuckets)
		grow(t);
	put(bucket_of_conn(t, c), c);
}

void
tcp_conn_remove(struct tcp *t, struct conn *c)
{
	struct conn **p = bucket_of_conn(t, c);

	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
}

/* tcp_ts_offset - of the timestamp clock, one for a pair: RFC 7323 7.1 */
uint32_t
tcp_ts_offset(const struct tcp *t, const struct conn *c)
{
	const struct face *f = tcp_face(t, &c->laddr);
	uint32_t off;

	if (tcp_face_offset(t, &c->laddr, &off))
		return off;
	if (f != NULL && f->one_clock)
		return (uint32_t)(hash_conn(
				      t->isn_key, &c->laddr, 0, &c->raddr, 0) >>
				  32);
	return (uint32_t)(hash_conn(t->isn_key, &c->laddr, c->lport, &c->raddr,
			      c->rport) >>
			  32);
}

/* tcp_isn - RFC 6528 3: a clock of 4 us, unless a face has another one, and a
   hash that no outsider knows */
uint32_t
tcp_isn(struct tcp *t, const struct conn *c, uint64_t now)
{
	uint32_t clock = (uint32_t)(now / 4000);
	uint64_t f;

	if (t->cfg.places != NULL && !tcp_face_isn(t, c, now, &clock))
		return clock;
	f = hash_conn(t->isn_key, &c->laddr, c->lport, &c->raddr, c->rport);
	return clock + (uint32_t)f;
}
