/*
 * draw.c - random numbers of a run.
 */
#include "sim.h"

bool
chance_of(struct sim *s, unsigned of_1000)
{
	return chance_below(&s->c, 1000) < of_1000;
}

uint64_t
between(struct sim *s, uint64_t lo, uint64_t hi)
{
	return lo + chance_below(&s->c, hi - lo + 1);
}
