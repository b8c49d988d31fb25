/*
 * flow.c - see flow.h. Chained buckets that grow with the connections; a list
 * by age, for the one that is given up when all numbers are taken.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "capture/flow.h"

enum { FIRST_ROOM = 256, KEY_BYTES = 36 };

struct entry {
	struct endpoint end[2];
	uint32_t next;	       /* in its bucket */
	uint32_t newer, older; /* by last use */
	uint32_t before;       /* the same ends, earlier */
	uint32_t after;	       /* later: then this is in no bucket */
	uint32_t hash;
};

struct flow_table {
	struct entry *entry;
	uint32_t *bucket;
	uint32_t n, room, max, mask;
	uint32_t newest, oldest;
	uint64_t key[2];
};

/* ---- room */

static void
rehash(struct flow_table *t)
{
	uint32_t i, *slot;

	memset(t->bucket, 0xff, ((size_t)t->mask + 1) * sizeof(*t->bucket));
	for (i = 0; i < t->n; i++) {
		if (t->entry[i].after != FLOW_NONE)
			continue;
		slot = &t->bucket[t->entry[i].hash & t->mask];
		t->entry[i].next = *slot;
		*slot = i;
	}
}

/* grow - to room for n connections; 0, or -1 and all is as before */
static int
grow(struct flow_table *t, uint32_t n)
{
	struct entry *e = realloc(t->entry, n * sizeof(*e));
	uint32_t slots = 1, *bucket;

	if (e == NULL)
		return -1;
	t->entry = e;
	while (slots < n && slots <= UINT32_MAX / 4)
		slots *= 2;
	bucket = realloc(t->bucket, slots * sizeof(*bucket));
	if (bucket == NULL)
		return -1;
	t->bucket = bucket;
	t->mask = slots - 1;
	t->room = n;
	rehash(t);
	return 0;
}

struct flow_table *
flow_table_new(uint32_t max, const uint64_t key[2])
{
	struct flow_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->max = max > 0 ? max : 1;
	t->newest = t->oldest = FLOW_NONE;
	if (key != NULL)
		memcpy(t->key, key, sizeof(t->key));
	else if (chance_from_kernel(&t->key[0]) != 0 ||
		 chance_from_kernel(&t->key[1]) != 0)
		t->key[0] = (uintptr_t)t; /* better than none */
	if (grow(t, t->max < FIRST_ROOM ? t->max : FIRST_ROOM) != 0) {
		flow_table_free(t);
		return NULL;
	}
	return t;
}

void
flow_table_free(struct flow_table *t)
{
	if (t == NULL)
		return;
	free(t->entry);
	free(t->bucket);
	free(t);
}

/* ---- order of age */

static void
unlink_age(struct flow_table *t, const struct entry *e)
{
	if (e->newer != FLOW_NONE)
		t->entry[e->newer].older = e->older;
	else
		t->newest = e->older;
	if (e->older != FLOW_NONE)
		t->entry[e->older].newer = e->newer;
	else
		t->oldest = e->newer;
}

static void
link_newest(struct flow_table *t, uint32_t i)
{
	t->entry[i].newer = FLOW_NONE;
	t->entry[i].older = t->newest;
	if (t->newest != FLOW_NONE)
		t->entry[t->newest].newer = i;
	else
		t->oldest = i;
	t->newest = i;
}

static void
used(struct flow_table *t, uint32_t i)
{
	if (t->newest == i)
		return;
	unlink_age(t, &t->entry[i]);
	link_newest(t, i);
}

/* ---- connections */

/* hash - the same for both directions: the lower end comes first */
static uint32_t
hash(const struct flow_table *t, const struct endpoint *a,
    const struct endpoint *b)
{
	int c = memcmp(a->addr.b, b->addr.b, sizeof(a->addr.b));
	uint8_t p[KEY_BYTES];
	const struct endpoint *swap = a;

	if (c > 0 || (c == 0 && a->port > b->port)) {
		a = b;
		b = swap;
	}
	memcpy(p, a->addr.b, 16);
	memcpy(p + 16, b->addr.b, 16);
	put_be16(p + 32, a->port);
	put_be16(p + 34, b->port);
	return (uint32_t)hash_keyed(t->key, p, sizeof(p));
}

/* joins - these are its ends; *from: which of them a is */
static bool
joins(const struct entry *e, const struct endpoint *a, const struct endpoint *b,
    int *from)
{
	*from = !endpoint_equal(&e->end[0], a);
	return endpoint_equal(&e->end[*from], a) &&
	       endpoint_equal(&e->end[!*from], b);
}

uint32_t
flow_find(struct flow_table *t, const struct endpoint *src,
    const struct endpoint *dst, int *from)
{
	uint32_t i = t->newest;

	/* packets come in runs */
	if (i != FLOW_NONE && joins(&t->entry[i], src, dst, from))
		return i;
	i = t->bucket[hash(t, src, dst) & t->mask];
	while (i != FLOW_NONE && !joins(&t->entry[i], src, dst, from))
		i = t->entry[i].next;
	if (i != FLOW_NONE)
		used(t, i);
	return i;
}

static void
unlink_bucket(struct flow_table *t, uint32_t i)
{
	uint32_t *link = &t->bucket[t->entry[i].hash & t->mask];

	while (*link != i)
		link = &t->entry[*link].next;
	*link = t->entry[i].next;
}

/* forget - the one that was silent the longest; its number */
static uint32_t
forget(struct flow_table *t)
{
	uint32_t i = t->oldest;
	struct entry *e = &t->entry[i];

	if (e->after == FLOW_NONE)
		unlink_bucket(t, i);
	else
		t->entry[e->after].before = FLOW_NONE;
	unlink_age(t, e);
	return i;
}

/* number - for a new connection; FLOW_NONE: no memory */
static uint32_t
number(struct flow_table *t)
{
	uint32_t room = t->room < t->max / 2 ? 2 * t->room : t->max;

	if (t->n == t->max)
		return forget(t);
	if (t->n == t->room && grow(t, room) != 0)
		return FLOW_NONE;
	return t->n++;
}

uint32_t
flow_add(struct flow_table *t, const struct endpoint *src,
    const struct endpoint *dst)
{
	uint32_t i = number(t), *slot, before;
	struct entry *e;
	int from;

	if (i == FLOW_NONE)
		return FLOW_NONE;
	before = flow_find(t, src, dst, &from);
	if (before != FLOW_NONE) {
		unlink_bucket(t, before);
		t->entry[before].after = i;
	}
	e = &t->entry[i];
	e->end[0] = *src;
	e->end[1] = *dst;
	e->before = before;
	e->after = FLOW_NONE;
	e->hash = hash(t, src, dst);
	slot = &t->bucket[e->hash & t->mask];
	e->next = *slot;
	*slot = i;
	link_newest(t, i);
	return i;
}

uint32_t
flow_older(const struct flow_table *t, uint32_t id)
{
	return t->entry[id].before;
}

uint32_t
flow_count(const struct flow_table *t)
{
	return t->n;
}
