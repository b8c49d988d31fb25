/*
 * alloc.c - memory counted and refused, see alloc.h.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "alloc.h"
#include "base/chance.h"

static long blocks;
static unsigned refuse;
static struct chance chance;

long
alloc_blocks(void)
{
	return blocks;
}

void
alloc_refuse(unsigned of_1000, uint64_t seed)
{
	refuse = of_1000;
	chance_seed(&chance, seed);
}

static bool
refused(void)
{
	return refuse > 0 && chance_below(&chance, 1000) < refuse;
}

void *
alloc_own(size_t n)
{
	void *p = __real_malloc(n);

	if (p == NULL)
		abort();
	return p;
}

void
alloc_own_free(void *p)
{
	__real_free(p);
}

void *
__wrap_malloc(size_t n)
{
	void *p = refused() ? NULL : __real_malloc(n);

	blocks += p != NULL;
	return p;
}

void *
__wrap_calloc(size_t n, size_t each)
{
	void *p = refused() ? NULL : __real_calloc(n, each);

	blocks += p != NULL;
	return p;
}

void *
__wrap_aligned_alloc(size_t align, size_t n)
{
	void *p = refused() ? NULL : __real_aligned_alloc(align, n);

	blocks += p != NULL;
	return p;
}

void *
__wrap_realloc(void *p, size_t n)
{
	void *q = refused() ? NULL : __real_realloc(p, n);

	blocks += p == NULL && q != NULL;
	return q;
}

void
__wrap_free(void *p)
{
	blocks -= p != NULL;
	__real_free(p);
}
