/*
 * ranges.c - see ranges.h. An array in the order of sequence numbers: what is
 * new is put at its end, what is old is dropped at its beginning.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/ranges.h"
#include "wire/tcp_seq.h"

uint32_t
ranges_at(const struct ranges *s, uint32_t seq)
{
	uint32_t low = s->head, high = s->n, middle;

	if (low < high && seq_leq(s->r[high - 1].end, seq))
		return high; /* new data: the usual case */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (seq_gt(s->r[middle].end, seq))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* forget - the lowest one */
static void
forget(struct ranges *s)
{
	s->below = s->r[s->head++].end;
	s->forgets = true;
}

bool
ranges_is_old(const struct ranges *s, uint32_t seq)
{
	return s->forgets && seq_lt(seq, s->below);
}

/* room_for_one - at the end of the array; *at moves with what it names */
static int
room_for_one(struct ranges *s, uint32_t *at)
{
	uint32_t room = s->room ? 2 * s->room : 4;
	struct range *r;

	if (s->n < s->room)
		return 0;
	if (s->head >= s->room / 2 && s->head > 0) {
		memmove(s->r, s->r + s->head, (s->n - s->head) * sizeof(*s->r));
		*at -= s->head;
		s->n -= s->head;
		s->head = 0;
		return 0;
	}
	r = realloc(s->r, room * sizeof(*r));
	if (r == NULL)
		return -1;
	s->r = r;
	s->room = room;
	return 0;
}

int
ranges_insert(
    struct ranges *s, uint32_t at, uint32_t seq, uint32_t end, uint32_t row)
{
	if (s->n - s->head == RANGES_MAX) {
		forget(s);
		if (at < s->head)
			return 0; /* below all that is known */
	}
	if (room_for_one(s, &at) != 0)
		return -1;
	memmove(s->r + at + 1, s->r + at, (s->n - at) * sizeof(*s->r));
	s->r[at] = (struct range){.seq = seq,
	    .end = end,
	    .first = row,
	    .last = row,
	    .came = row,
	    .times = 1};
	s->n++;
	return 0;
}

int
ranges_split(struct ranges *s, uint32_t at, uint32_t seq)
{
	struct range whole = s->r[at];

	s->r[at].end = seq;
	if (ranges_insert(s, at + 1, seq, whole.end, whole.first) != 0) {
		s->r[at].end = whole.end;
		return -1;
	}
	at = ranges_at(s, seq);
	if (at < s->n && s->r[at].seq == seq) {
		s->r[at] = whole;
		s->r[at].seq = seq;
	}
	return 0;
}

void
ranges_trim(struct ranges *s, uint32_t una)
{
	/* a gap between ranges above una is still to be filled */
	while (s->n - s->head > RANGES_KEPT && s->r[s->head].covered &&
	       seq_leq(s->r[s->head].end, una) &&
	       s->r[s->head + RANGES_KEPT].covered)
		forget(s);
}
