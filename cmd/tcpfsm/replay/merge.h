/*
 * merge.h - segments that several interfaces captured, written in turns, in the
 * order of their time: the one that tcpseg_list_sort() makes. They are held
 * only as long as an earlier one may come (steps.h). Pure.
 */
#ifndef TCPFSM_REPLAY_MERGE_H
#define TCPFSM_REPLAY_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/seglist.h"

/* a segment, with those of its bytes that are there */
struct merge_item {
	struct tcpseg seg;
	uint64_t no;	/* of its packet */
	uint64_t order; /* merge.c's own */
	uint8_t bytes[];
};

/* all 0 at first: a heap, the earliest at the top */
struct merge {
	struct merge_item **heap;
	size_t n, room;
	uint64_t taken; /* for their order */
	uint64_t last;	/* the latest time that is due */
};

/* merge_size - of memory for a segment, about */
size_t merge_size(const struct tcpseg *);

/* merge_put - the no-th packet of the capture, whose time is due at seg->due;
   its bytes are copied. 0, or -1 without memory */
int merge_put(
    struct merge *, const struct tcpseg *, uint64_t no, const uint8_t *bytes);

/* merge_next - one that no other can come before any more, or with all the
   next one; NULL: there is none. The caller frees it */
struct merge_item *merge_next(struct merge *, bool all);

/* merge_free - what is still held */
void merge_free(struct merge *);

#endif
