/*
 * merge.c - see merge.h.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/steps.h"
#include "replay/merge.h"

static bool
before(const struct merge_item *a, const struct merge_item *b)
{
	if (a->seg.due != b->seg.due)
		return a->seg.due < b->seg.due;
	return a->order < b->order;
}

static void
swap(struct merge *m, size_t i, size_t j)
{
	struct merge_item *it = m->heap[i];

	m->heap[i] = m->heap[j];
	m->heap[j] = it;
}

static int
more_room(struct merge *m)
{
	size_t room = m->room ? 2 * m->room : 256;
	struct merge_item **grown = realloc(m->heap, room * sizeof(*grown));

	if (grown == NULL)
		return -1;
	m->heap = grown;
	m->room = room;
	return 0;
}

size_t
merge_size(const struct tcpseg *seg)
{
	return sizeof(struct merge_item) + seg->there +
	       2 * sizeof(struct merge_item *);
}

int
merge_put(struct merge *m, const struct tcpseg *seg, uint64_t no,
    const uint8_t *bytes)
{
	struct merge_item *it;
	size_t i;

	if (m->n == m->room && more_room(m) != 0)
		return -1;
	it = malloc(sizeof(*it) + seg->there);
	if (it == NULL)
		return -1;
	it->seg = *seg;
	it->no = no;
	it->order = m->taken++;
	if (seg->there > 0)
		memcpy(it->bytes, bytes, seg->there);
	if (seg->due > m->last)
		m->last = seg->due;
	i = m->n++;
	m->heap[i] = it;
	for (; i > 0 && before(m->heap[i], m->heap[(i - 1) / 2]);
	     i = (i - 1) / 2)
		swap(m, i, (i - 1) / 2);
	return 0;
}

/* sink - the first one of the heap, to its place */
static void
sink(struct merge *m)
{
	size_t i = 0, k;

	while ((k = 2 * i + 1) < m->n) {
		if (k + 1 < m->n && before(m->heap[k + 1], m->heap[k]))
			k++;
		if (!before(m->heap[k], m->heap[i]))
			return;
		swap(m, i, k);
		i = k;
	}
}

struct merge_item *
merge_next(struct merge *m, bool all)
{
	struct merge_item *it;

	if (m->n == 0)
		return NULL;
	it = m->heap[0];
	if (!all && m->last - it->seg.due < STEPS_LATE_NS)
		return NULL;
	m->heap[0] = m->heap[--m->n];
	sink(m);
	return it;
}

void
merge_free(struct merge *m)
{
	while (m->n > 0)
		free(m->heap[--m->n]);
	free(m->heap);
	m->heap = NULL;
	m->room = 0;
}
