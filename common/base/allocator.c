/*
 * allocator.c - where memory comes from, see allocator.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/allocator.h"

static void *
libc_get(void *ctx, size_t n)
{
	return malloc(n);
}

static void
libc_put(void *ctx, void *p)
{
	free(p);
}

const struct allocator allocator_libc = {libc_get, libc_put, NULL};

void *
allocator_get(const struct allocator *a, size_t n)
{
	return a->get(a->ctx, n);
}

void *
allocator_zero(const struct allocator *a, size_t n)
{
	void *p = a->get(a->ctx, n);

	if (p != NULL)
		memset(p, 0, n);
	return p;
}

void
allocator_put(const struct allocator *a, void *p)
{
	if (p != NULL)
		a->put(a->ctx, p);
}
