/*
 * pool.h - memory for many things of one size: taken from the system in
 * chunks, given out and taken back without a word to it, and never more than
 * so many.
 */
#ifndef TCP_POOL_H
#define TCP_POOL_H

#include <stddef.h>
#include <stdint.h>

struct allocator;

struct pool {
	size_t size;   /* of one, bytes */
	uint32_t max;  /* that may be out at a time */
	uint32_t used; /* that are out */
	struct idle *idle;
	struct pool_chunk *chunks;
	const struct allocator *from;
};

/* pool_init - size is a multiple of 8 */
void pool_init(
    struct pool *, size_t size, uint32_t max, const struct allocator *);

/* pool_get - one, all zero; NULL when max are out, or without memory */
void *pool_get(struct pool *);
void pool_put(struct pool *, void *);

/* pool_free - give back all memory, also of what is still out */
void pool_free(struct pool *);

#endif
