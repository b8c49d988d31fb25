/*
 * pool.c - a pool of things of one size, see pool.h. The one given
 * back last is given out first: it is still in the processor's cache. What a
 * peak has taken is kept for the next one.
 */
#include <string.h>

#include "base/allocator.h"
#include "tcp/pool.h"

/* to a sanitizer, what lies in a pool is as if given back by free() */
#ifndef __has_feature
#define __has_feature(x) 0 /* is clang's */
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)
#define ASAN_UNPOISON_MEMORY_REGION(p, n)
#endif

enum {
	CHUNK = 1 << 18, /* bytes; only the pages in use take memory */
	LINE = 64,	 /* of the cache */
};

struct pool_chunk {
	struct pool_chunk *next;
	size_t used; /* bytes from here */
};

struct idle {
	struct idle *next;
};

void
pool_init(
    struct pool *p, size_t size, uint32_t max, const struct allocator *from)
{
	memset(p, 0, sizeof(*p));
	p->size = size;
	p->max = max;
	p->from = from;
}

/* carve - one that has never been given out */
static void *
carve(struct pool *p)
{
	struct pool_chunk *c = p->chunks;
	void *item;

	if (c == NULL || CHUNK - c->used < p->size) {
		c = allocator_get(p->from, CHUNK);
		if (c == NULL)
			return NULL;
		c->next = p->chunks;
		/* the first line that is wholly behind the head of the chunk */
		c->used = LINE - ((uintptr_t)c & (LINE - 1));
		if (c->used < sizeof(*c))
			c->used += LINE;
		p->chunks = c;
	}
	item = (char *)c + c->used;
	c->used += p->size;
	return item;
}

void *
pool_get(struct pool *p)
{
	struct idle *item = p->idle;

	if (p->used >= p->max)
		return NULL;
	if (item != NULL) {
		ASAN_UNPOISON_MEMORY_REGION(item, p->size);
		p->idle = item->next;
	} else {
		item = carve(p);
		if (item == NULL)
			return NULL;
	}
	p->used++;
	memset(item, 0, p->size);
	return item;
}

void
pool_put(struct pool *p, void *item)
{
	struct idle *i = item;

	i->next = p->idle;
	p->idle = i;
	p->used--;
	ASAN_POISON_MEMORY_REGION(item, p->size);
}

void
pool_free(struct pool *p)
{
	struct pool_chunk *c;

	while ((c = p->chunks) != NULL) {
		p->chunks = c->next;
		ASAN_UNPOISON_MEMORY_REGION(c, CHUNK);
		allocator_put(p->from, c);
	}
	pool_init(p, p->size, p->max, p->from);
}
