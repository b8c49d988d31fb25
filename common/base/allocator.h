/*
 * allocator.h - where memory comes from: the C library's, or what a user of
 * the engine gives.
 */
#ifndef BASE_ALLOCATOR_H
#define BASE_ALLOCATOR_H

#include <stddef.h>

struct allocator {
	/* n bytes, aligned for any type; NULL: there are none */
	void *(*get)(void *ctx, size_t n);
	/* what get() has given; not NULL */
	void (*put)(void *ctx, void *p);
	void *ctx;
};

#ifdef __cplusplus
extern "C" {
#endif

/* malloc() and free() */
extern const struct allocator allocator_libc;

void *allocator_get(const struct allocator *, size_t n);
/* allocator_zero - the same, all bytes 0 */
void *allocator_zero(const struct allocator *, size_t n);
/* allocator_put - p may be NULL */
void allocator_put(const struct allocator *, void *p);

#ifdef __cplusplus
}
#endif

#endif
