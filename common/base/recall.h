/*
 * recall.h - has this been seen lately? A keyed hash table of times, so that
 * no sender can choose what is taken for seen. It may answer yes for something
 * new: for one in fifteen, when 200,000 new things come in a second.
 */
#ifndef BASE_RECALL_H
#define BASE_RECALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum { RECALL_BITS = 22 };
#define RECALL_NS (2 * NS_PER_SEC) /* this long at least, and less than twice */

/* all 0 at first but the key, which is random */
struct recall {
	uint64_t key[2];
	uint8_t seen[1 << RECALL_BITS]; /* at what time: 2 to 251, in turn */
};

/* recall - was this number seen lately? From now on it was. */
bool recall(struct recall *, uint64_t now, uint64_t what);

#endif
