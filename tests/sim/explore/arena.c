/*
 * arena.c - the memory of one engine at a place of its own. The same calls
 * give the same addresses, so that a copy of the bytes is a copy of the
 * engine, and equal bytes are an equal state.
 *
 * The engine's pools take chunks of 256 KiB, of which a small conversation
 * uses the beginning: that alone is copied; and of the engine itself, which has
 * large tables, the parts that arena_part() has named. arena_spilled() tells
 * when something else has changed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/allocator.h"
#include "explore.h"

/* what is copied may lie in the pools, given back */
#ifndef __has_feature
#define __has_feature(x) 0 /* is clang's */
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_UNPOISON_MEMORY_REGION(p, n)
#endif

enum {
	SMALL = 1 << 16, /* bytes for all that is no chunk, nor large */
	LARGE = 1 << 18, /* the engine, and behind it what fragments take */
	LARGES = 2,
	CHUNK = 1 << 18,
	CHUNKS = 8,
	HEAD = 3072, /* of a chunk, that is copied */
	PARTS = 5,
	ALIGN = 64,
	KINDS = 32, /* sizes that were given back */
};

/* before each small block */
struct block {
	size_t size;
	struct block *next; /* given back */
};

struct table {
	size_t used;
	int larges;
	int chunks;
	struct block *idle[KINDS];
};

struct arena {
	struct allocator from;
	struct table t;
	int parts;
	struct {
		size_t at, size;
	} part[PARTS];
	_Alignas(ALIGN) uint8_t small[SMALL];
	_Alignas(ALIGN) uint8_t large[LARGES * LARGE];
	_Alignas(ALIGN) uint8_t chunk[CHUNKS][CHUNK];
	uint8_t before[LARGES * LARGE]; /* when its parts were named */
};

struct image {
	struct table t;
	uint8_t small[SMALL];
	uint8_t large[LARGE];
	uint8_t chunk[CHUNKS][HEAD];
};

/* kind - where blocks of a size wait; -1: such ones are not used again */
static int
kind(const struct table *t, size_t size)
{
	int i;

	for (i = 0; i < KINDS && t->idle[i] != NULL; i++) {
		if (t->idle[i]->size == size)
			return i;
	}
	return -1;
}

static void *
get(void *ctx, size_t n)
{
	struct arena *a = ctx;
	size_t size = (n + sizeof(struct block) + ALIGN - 1) / ALIGN * ALIGN;
	struct block *b;
	int i;

	if (n == CHUNK)
		return a->t.chunks < CHUNKS ? a->chunk[a->t.chunks++] : NULL;
	if (n > SMALL && n <= LARGE && a->t.larges < LARGES)
		return a->large + a->t.larges++ * LARGE;
	i = kind(&a->t, size);
	if (i >= 0 && a->t.idle[i]->next != NULL) {
		b = a->t.idle[i]->next;
		a->t.idle[i]->next = b->next;
		return b + 1;
	}
	if (size > SMALL - a->t.used)
		return NULL;
	b = (struct block *)(void *)(a->small + a->t.used);
	a->t.used += size;
	b->size = size;
	return b + 1;
}

/* put - the first block of a size stays as the head of those of its kind */
static void
put(void *ctx, void *p)
{
	struct arena *a = ctx;
	struct block *b = (struct block *)p - 1;
	int i;

	if ((uint8_t *)p >= a->large)
		return; /* an engine keeps its chunks */
	i = kind(&a->t, b->size);
	if (i >= 0) {
		b->next = a->t.idle[i]->next;
		a->t.idle[i]->next = b;
		return;
	}
	b->next = NULL;
	for (i = 0; i < KINDS; i++) {
		if (a->t.idle[i] == NULL) {
			a->t.idle[i] = b;
			return;
		}
	}
}

struct arena *
arena_new(void)
{
	struct arena *a = aligned_alloc(ALIGN, sizeof(*a));

	if (a == NULL)
		abort();
	memset(a, 0, sizeof(*a));
	a->from.get = get;
	a->from.put = put;
	a->from.ctx = a;
	return a;
}

/* open_all - all that is copied may be read */
static void
open_all(const struct arena *a)
{
	int i;

	for (i = 0; i < a->t.chunks; i++)
		ASAN_UNPOISON_MEMORY_REGION(a->chunk[i], HEAD);
}

void
arena_empty(struct arena *a)
{
	int i;

	open_all(a);
	memset(a->small, 0, a->t.used);
	memset(a->large, 0, sizeof(a->large));
	a->parts = 0;
	for (i = 0; i < a->t.chunks; i++)
		memset(a->chunk[i], 0, HEAD);
	memset(&a->t, 0, sizeof(a->t));
}

void
arena_part(struct arena *a, size_t at, size_t size)
{
	if (a->parts == PARTS || at + size > LARGE)
		abort();
	memcpy(a->before, a->large, sizeof(a->large));
	a->part[a->parts].at = at;
	a->part[a->parts++].size = size;
}

const struct allocator *
arena_allocator(struct arena *a)
{
	return &a->from;
}

struct image *
image_new(void)
{
	struct image *m = malloc(sizeof(*m));

	if (m == NULL)
		abort();
	m->t.used = 0;
	m->t.chunks = 0;
	return m;
}

void
image_save(struct image *m, const struct arena *a)
{
	int i;

	open_all(a);
	m->t = a->t;
	memcpy(m->small, a->small, a->t.used);
	for (i = 0; i < a->parts; i++)
		memcpy(m->large + a->part[i].at, a->large + a->part[i].at,
		    a->part[i].size);
	for (i = 0; i < a->t.chunks; i++)
		memcpy(m->chunk[i], a->chunk[i], HEAD);
}

/* image_restore - what has come since then is empty again */
void
image_restore(const struct image *m, struct arena *a)
{
	int i;

	open_all(a);
	memcpy(a->small, m->small, m->t.used);
	if (a->t.used > m->t.used)
		memset(a->small + m->t.used, 0, a->t.used - m->t.used);
	for (i = 0; i < a->parts; i++)
		memcpy(a->large + a->part[i].at, m->large + a->part[i].at,
		    a->part[i].size);
	for (i = 0; i < m->t.chunks; i++)
		memcpy(a->chunk[i], m->chunk[i], HEAD);
	for (; i < a->t.chunks; i++)
		memset(a->chunk[i], 0, HEAD);
	a->t = m->t;
}

/* hash_bytes - n is a multiple of 8; not against an attacker */
uint64_t
hash_bytes(const void *p, size_t n, uint64_t hash)
{
	const uint8_t *b = p;
	uint64_t w, lane[4] = {hash, hash ^ 1, hash ^ 2, hash ^ 3};
	size_t i;

	for (i = 0; i + 8 <= n; i += 8) {
		memcpy(&w, b + i, 8);
		lane[i / 8 % 4] = (lane[i / 8 % 4] ^ w) *
				  UINT64_C(0x9e3779b97f4a7c15);
		lane[i / 8 % 4] ^= lane[i / 8 % 4] >> 29;
	}
	for (i = 0; i < 4; i++) {
		hash = (hash ^ lane[i]) * UINT64_C(0xbf58476d1ce4e5b9);
		hash ^= hash >> 31;
	}
	return hash;
}

uint64_t
arena_hash(const struct arena *a, uint64_t hash)
{
	int i;

	open_all(a);
	hash = hash_bytes(a->small, a->t.used, hash);
	for (i = 0; i < a->parts; i++)
		hash = hash_bytes(
		    a->large + a->part[i].at, a->part[i].size, hash);
	for (i = 0; i < a->t.chunks; i++)
		hash = hash_bytes(a->chunk[i], HEAD, hash);
	return hash;
}

/* is_named - this byte of the large blocks is of a part that is copied */
static bool
is_named(const struct arena *a, size_t n)
{
	int i;

	for (i = 0; i < a->parts; i++) {
		if (n >= a->part[i].at && n < a->part[i].at + a->part[i].size)
			return true;
	}
	return false;
}

bool
arena_spilled(const struct arena *a)
{
	size_t n;
	int i;

	for (n = 0; n < sizeof(a->large); n++) {
		if (a->large[n] != a->before[n] && !is_named(a, n))
			return true;
	}
	for (i = 0; i < a->t.chunks; i++) {
		for (n = HEAD; n < CHUNK; n++) {
			if (a->chunk[i][n] != 0)
				return true;
		}
	}
	return false;
}
