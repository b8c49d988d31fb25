/*
 * wheel.h - a hierarchical timing wheel: O(1) to set, clear and find the
 * next of any number of deadlines, to the microsecond.
 */
#ifndef TCP_WHEEL_H
#define TCP_WHEEL_H

#include <stdint.h>

enum { WHEEL_LEVELS = 9, WHEEL_SLOTS = 64 };

struct wheel_node {
	struct wheel_node *next, **link; /* link NULL: not set */
	uint64_t tick : 54;		 /* 570 years of them */
	uint64_t level : 4, slot : 6;	 /* where it lies */
};

struct wheel {
	uint64_t now;		     /* tick; no node lies before it */
	uint64_t used[WHEEL_LEVELS]; /* a bit for each slot with nodes */
	struct wheel_node *slot[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_init(struct wheel *, uint64_t now);

/*
 * wheel_set - wake node at time at (ns), rounded up to the microsecond; a
 * time that is past means at once. To put off what is set costs nothing.
 */
void wheel_set(struct wheel *, struct wheel_node *, uint64_t at);
void wheel_clear(struct wheel *, struct wheel_node *);

/*
 * wheel_next - a time (ns) before which no node is due, UINT64_MAX when
 * there is none
 */
uint64_t wheel_next(const struct wheel *);

/* wheel_pop - a node that is due at now, cleared; NULL when there is none */
struct wheel_node *wheel_pop(struct wheel *, uint64_t now);

#endif
