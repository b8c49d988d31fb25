/*
 * recall.c - see recall.h. What is hashed is multiplied by a secret odd
 * number, whose top bits are taken (Dietzfelbinger et al. 1997). In two of
 * every 500 seconds, when the times wrap, an old entry counts as new.
 */
#include "base/recall.h"

bool
recall(struct recall *r, uint64_t now, uint64_t what)
{
	uint8_t at = (uint8_t)(now / RECALL_NS % 250 + 2), *p;
	bool seen = true;
	unsigned i;

	for (i = 0; i < 2; i++) {
		p = &r->seen[(r->key[i] | 1) * what >> (64 - RECALL_BITS)];
		seen = seen && (uint8_t)(at - *p) <= 1;
		*p = at;
	}
	return seen;
}
