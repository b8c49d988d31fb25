/*
 * limit.h - how much of one kind in a second: of what one source may have,
 * and all together. Sources that were not seen in the last two seconds have
 * a fifth of that: a flood from addresses that are ever new leaves the rest,
 * and the way out, to those that come again. When these want more than there
 * is, each has an equal part.
 */
#ifndef WIRE_LIMIT_H
#define WIRE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/recall.h"

struct ip_addr;

/* buckets; sources that share one share its tokens */
enum { LIMIT_SOURCES = 1024 };

struct limit {
	uint64_t rate; /* of one source; 0: nothing for anybody */
	uint64_t source[LIMIT_SOURCES], fresh, all;
	bool again; /* the last source was seen lately */
	struct recall seen;
};

/* limit_init - all 0 at first; this many a second for one source */
void limit_init(struct limit *, uint64_t rate);

/* limit_take - true: there is one more for this source */
bool limit_take(struct limit *, uint64_t now, const struct ip_addr *source,
    const uint64_t key[2]);

#endif
