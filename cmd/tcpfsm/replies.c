/*
 * replies.c - see replies.h. They are counted in two lots: what stands in front
 * is gone when the reader has passed its end.
 */
#include "replies.h"

void
replies_read(struct replies *r, uint64_t position)
{
	r->position = position;
	if (position >= r->last_end)
		r->last = 0;
	if (position < r->first_end)
		return;
	r->first = r->last;
	r->first_end = r->last_end;
	r->last = 0;
}

/* standing - bytes of them: no more than of all that was put in */
static size_t
standing(const struct replies *r, uint64_t end)
{
	size_t n = r->first + r->last;

	return n < end - r->position ? n : (size_t)(end - r->position);
}

bool
replies_go(struct replies *r, uint64_t now, size_t n, uint64_t end)
{
	size_t before = standing(r, end - n), most = REPLIES_BURST;

	if (before == 0)
		r->since = now;
	else if (now - r->since > REPLIES_PAUSE)
		most = REPLIES_FLOOD;
	if (before + n > most)
		return false;
	if (r->last == 0 && r->first + n <= most / 2) {
		r->first += n;
		r->first_end = r->last_end = end;
	} else {
		r->last += n;
		r->last_end = end;
	}
	return true;
}
