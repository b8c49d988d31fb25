/*
 * part.h - what one source may have of what is there for all: three times
 * what is free. Alone it gets three quarters, beside another that has them
 * three quarters of the rest, and so on. So one host with a second source, as
 * most have an address of IPv4 and a network of IPv6, cannot take all either.
 *
 * Several sources can. Then one that finds no room takes a place from the
 * source that has most, while that still has more afterwards: of n sources
 * each comes to an equal part, and none is shut out by one that has more.
 */
#ifndef BASE_PART_H
#define BASE_PART_H

#include <stdbool.h>
#include <stdint.h>

/* part_has_room - n more for one that has own, of all of which used are gone */
static inline bool
part_has_room(uint64_t own, uint64_t used, uint64_t all, uint64_t n)
{
	return used + n <= all && own + n - 1 < 3 * (all - used - n + 1);
}

/* part_takes - may one that has own take a place from one that has most? */
static inline bool
part_takes(uint64_t own, uint64_t most)
{
	return most >= own + 2;
}

#endif
