/*
 * alloc.h - what the engine allocates is counted, and may be refused: the
 * linker puts these in the place of malloc() and its kin (--wrap).
 */
#ifndef ALLOC_H
#define ALLOC_H

#include <stddef.h>
#include <stdint.h>

/* alloc_blocks - not yet freed */
long alloc_blocks(void);
/* alloc_refuse - from now on, so many of 1000 are refused */
void alloc_refuse(unsigned of_1000, uint64_t seed);

/* alloc_own, alloc_own_free - the simulation's: neither counted nor refused */
void *alloc_own(size_t n);
void alloc_own_free(void *p);

void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t each);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_aligned_alloc(size_t align, size_t n);
void __wrap_free(void *p);
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t each);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t align, size_t n);
void __real_free(void *p);

#endif
