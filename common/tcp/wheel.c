/*
 * wheel.c - the timing wheel, see wheel.h.
 *
 * Level n has 64 slots of 64^n ticks. A node lies at the level of the
 * highest six bits in which its tick differs from now, so all nodes of a
 * level share now's higher bits and their slots lie ahead; when time reaches
 * a slot of an upper level, its nodes move down.
 *
 * A node that is put off stays where it is, and moves to where it belongs
 * when time reaches that slot: a retransmission timer is put off by each
 * acknowledgment, and hardly ever fires.
 */
#include <stddef.h>
#include <string.h>

#include "tcp/wheel.h"

enum { TICK_NS = 1000, BITS = 6 };

#define TICK_MAX ((UINT64_C(1) << 54) - 1)

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

	n->level = level & 15;
	n->slot = slot & (WHEEL_SLOTS - 1);
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
	if (n->link == NULL)
		return;
	*n->link = n->next;
	if (n->next != NULL)
		n->next->link = n->link;
	n->link = NULL;
	if (w->slot[n->level][n->slot] == NULL)
		w->used[n->level] &= ~(UINT64_C(1) << n->slot);
}

/* start_of - the first tick of a slot that lies ahead */
static uint64_t
start_of(const struct wheel *w, unsigned level, unsigned slot)
{
	uint64_t tick = w->now >> (BITS * level);

	return ((tick & ~(uint64_t)(WHEEL_SLOTS - 1)) | slot) << (BITS * level);
}

void
wheel_set(struct wheel *w, struct wheel_node *n, uint64_t at)
{
	uint64_t tick = at / TICK_NS + (at % TICK_NS != 0);

	if (tick < w->now)
		tick = w->now;
	if (tick > TICK_MAX)
		tick = TICK_MAX;
	/* else it stays where it is */
	if (n->link == NULL || tick < start_of(w, n->level, n->slot)) {
		wheel_clear(w, n);
		n->tick = tick;
		put(w, n);
	}
	n->tick = tick;
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
		*tick = start_of(w, n, slot);
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
			if (n->tick == tick)
				return n;
			put(w, n);
			continue;
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
