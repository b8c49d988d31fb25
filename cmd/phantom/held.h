/*
 * held.h - connections that stay open: one line for each, while it is still
 * there. The table has a fixed size; what finds no place in it has no line.
 */
#ifndef PHANTOM_HELD_H
#define PHANTOM_HELD_H

#include <stdint.h>

enum { HELD_MAX = 1024, HELD_ENDS = 128, HELD_SECONDS = 10 };

struct held {
	uint32_t n; /* how many are in it */
	struct {
		char ends[HELD_ENDS]; /* "remote to local"; "": free */
		uint32_t seconds;     /* since it was opened */
	} conn[HELD_MAX];
};

void held_opened(struct held *, const char *ends);
void held_closed(struct held *, const char *ends);

/*
 * held_second - a second has gone by: the next one that is open for
 * HELD_SECONDS from *i on, or NULL
 */
void held_second(struct held *);
const char *held_next(struct held *, uint32_t *i);

#endif
