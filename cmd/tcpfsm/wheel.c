/*
 * wheel.c - the timing wheel, see wheel.h.
 *
 * Level n has 64 slots of 64^n ticks. A node lies at the level of the
 * highest six bits in which its tick differs from now, so all nodes of a
 * level share now's higher bits and their slots lie ahead; when time reaches
 * a slot of an upper level, its nodes move down.
 */
#include <stddef.h>
#include <string.h>

#include "wheel.h"

enum { TICK_NS = 1000, BITS = 6 };

void
wheel_init(struct wheel *w, uint64_t now)
{
	memset(w, 0, sizeof(*w));
	w->now = now / TICK_NS;
}

static unsigned
level_of(const struct wheel *w, uint64_t tick)
{
	uint64_t diff = (tick ^ w->now) | (WHEEL_SLOTS - 1);

	return (63 - (unsigned)__builtin_clzll(diff)) / BITS;
}

static unsigned
slot_of(uint64_t tick, unsigned level)
{
	return (unsigned)(tick >> (BITS * level)) & (WHEEL_SLOTS - 1);
}

static void
put(struct wheel *w, struct wheel_node *n)
{
	unsigned level = level_of(w, n->tick), slot = slot_of(n->tick, level);
	struct wheel_node **head = &w->slot[level][slot];

	n->next = *head;
	n->link = head;
	if (n->next != NULL)
		n->next->link = &n->next;
	*head = n;
	w->used[level] |= UINT64_C(1) << slot;
}

void
wheel_clear(struct wheel *w, struct wheel_node *n)
{
	unsigned level, slot;

	if (n->link == NULL)
		return;
	*n->link = n->next;
	if (n->next != NULL)
		n->next->link = n->link;
	n->link = NULL;
	level = level_of(w, n->tick);
	slot = slot_of(n->tick, level);
	if (w->slot[level][slot] == NULL)
		w->used[level] &= ~(UINT64_C(1) << slot);
}

void
wheel_set(struct wheel *w, struct wheel_node *n, uint64_t at)
{
	wheel_clear(w, n);
	n->tick = at / TICK_NS + (at % TICK_NS != 0);
	if (n->tick < w->now)
		n->tick = w->now;
	put(w, n);
}

/* first - level and tick of the first slot in use; 0 when all are empty */
static int
first(const struct wheel *w, unsigned *level, uint64_t *tick)
{
	unsigned n, slot;

	for (n = 0; n < WHEEL_LEVELS; n++) {
		if (w->used[n] == 0)
			continue;
		slot = (unsigned)__builtin_ctzll(w->used[n]);
		*level = n;
		*tick = (w->now >> (BITS * n) & ~(uint64_t)(WHEEL_SLOTS - 1)) |
			slot;
		*tick <<= BITS * n;
		return 1;
	}
	return 0;
}

uint64_t
wheel_next(const struct wheel *w)
{
	unsigned level;
	uint64_t tick;

	return first(w, &level, &tick) ? tick * TICK_NS : UINT64_MAX;
}

struct wheel_node *
wheel_pop(struct wheel *w, uint64_t now)
{
	uint64_t tick, end = now / TICK_NS;
	struct wheel_node *n, *next;
	unsigned level, slot;

	while (first(w, &level, &tick) && tick <= end) {
		w->now = tick;
		slot = slot_of(tick, level);
		n = w->slot[level][slot];
		if (level == 0) {
			wheel_clear(w, n);
			return n;
		}
		w->slot[level][slot] = NULL;
		w->used[level] &= ~(UINT64_C(1) << slot);
		for (; n != NULL; n = next) {
			next = n->next;
			put(w, n);
		}
	}
	/* time goes on only where no slot in between is skipped */
	if (end > w->now)
		w->now = end;
	return NULL;
}
