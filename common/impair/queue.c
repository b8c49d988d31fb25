/*
 * queue.c - delayed packets, a heap by the time they are due; see impair.h.
 * Packets of equal times leave in the order in which they came.
 */
#include <stdlib.h>
#include <string.h>

#include "impair/impair.h"

enum { FIRST_CAP = 256 };

/* what a packet costs beside its bytes: its place, malloc's words */
enum { EACH = 64 };

void
flip_bits(uint8_t *frame, size_t len, const struct copy *c)
{
	unsigned i;

	for (i = 0; i < c->nflips; i++) {
		if (c->flip[i] / 8 < len)
			frame[c->flip[i] / 8] ^= (uint8_t)(0x80 >>
							   c->flip[i] % 8);
	}
}

uint32_t
queue_room(const struct queue *q, uint32_t limit, size_t len)
{
	uint64_t bytes = 0;

	if (q->bytes < q->max_bytes)
		bytes = (q->max_bytes - q->bytes) / (len + EACH);
	if (q->n >= limit)
		return 0;
	return bytes < limit - q->n ? (uint32_t)bytes : limit - q->n;
}

static bool
before(const struct waiting *a, const struct waiting *b)
{
	return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static bool
grow(struct queue *q)
{
	uint32_t cap = q->cap > 0 ? 2 * q->cap : FIRST_CAP;
	struct waiting *heap = realloc(q->heap, cap * sizeof(*heap));

	if (heap == NULL)
		return false;
	q->heap = heap;
	q->cap = cap;
	return true;
}

/* place - w, at i or above where it comes before others, or below */
static void
place(struct queue *q, uint32_t i, const struct waiting *w)
{
	uint32_t to;

	for (; i > 0; i = to) {
		to = (i - 1) / 2;
		if (!before(w, &q->heap[to]))
			break;
		q->heap[i] = q->heap[to];
	}
	for (; (to = 2 * i + 1) < q->n; i = to) {
		if (to + 1 < q->n && before(&q->heap[to + 1], &q->heap[to]))
			to++;
		if (!before(&q->heap[to], w))
			break;
		q->heap[i] = q->heap[to];
	}
	q->heap[i] = *w;
}

bool
queue_push(struct queue *q, uint64_t due, uint64_t stamp, const uint8_t *frame,
    size_t len, const struct copy *c)
{
	struct waiting w = {.due = due,
	    .order = q->order,
	    .stamp = stamp,
	    .len = (uint32_t)len};

	if (q->n == q->cap && !grow(q))
		return false;
	w.frame = malloc(len > 0 ? len : 1);
	if (w.frame == NULL)
		return false;
	memcpy(w.frame, frame, len);
	if (c != NULL)
		flip_bits(w.frame, len, c);
	place(q, q->n, &w);
	q->n++;
	q->order++;
	q->bytes += len + EACH;
	return true;
}

uint64_t
queue_next(const struct queue *q)
{
	return q->n > 0 ? q->heap[0].due : UINT64_MAX;
}

void
queue_take(struct queue *q, uint32_t i, struct waiting *out)
{
	struct waiting last = q->heap[--q->n];

	*out = i < q->n ? q->heap[i] : last;
	if (i < q->n)
		place(q, i, &last);
	q->bytes -= out->len + EACH;
}

bool
queue_pop(struct queue *q, struct waiting *out)
{
	if (q->n == 0)
		return false;
	queue_take(q, 0, out);
	return true;
}

void
queue_free(struct queue *q)
{
	while (q->n > 0)
		free(q->heap[--q->n].frame);
	free(q->heap);
	q->heap = NULL;
	q->cap = 0;
}
