/*
 * nomem.c - for LD_PRELOAD: the allocation of number NOMEM is refused, and
 * with NOMEM_ON=1 all after it. At the end the process says on stderr how many
 * it has asked for.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdio.h>
#include <unistd.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static unsigned long count, at;
static bool on;

static bool
refuse(void)
{
	count++;
	if (at == 0 || count < at || (count > at && !on))
		return false;
	errno = ENOMEM;
	return true;
}

static void __attribute__((constructor)) begin(void)
{
	const char *n = getenv("NOMEM");

	at = n != NULL ? strtoul(n, NULL, 10) : 0;
	on = getenv("NOMEM_ON") != NULL;
	count = 0;
}

static void __attribute__((destructor)) end(void)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "allocations: %lu\n", count);

	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

void *
malloc(size_t n)
{
	return refuse() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return refuse() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return refuse() ? NULL : __libc_realloc(p, n);
}

void *
aligned_alloc(size_t align, size_t n)
{
	return refuse() ? NULL : __libc_memalign(align, n);
}
