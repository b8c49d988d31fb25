/*
 * coalesce.c - consecutive segments of one flow go into the plan as one
 * super-frame, their payloads where they lie; see wire/gso_run.h.
 */
#include <string.h>

#include "rawinject.h"

bool
run_add(struct run *r, struct draft *d, const struct segment *s)
{
	if (!gso_run_may(s))
		return false;
	if (gso_run_fits(&r->of, s)) {
		if (r->head == NULL)
			r->head = draft_super(d, &r->of.first);
		if (r->head != NULL &&
		    draft_extend(d, s->frame + s->hlen, s->payload)) {
			gso_run_more(&r->of, s);
			return true;
		}
	}
	run_close(r);
	draft_frame(d, s->frame, s->len);
	gso_run_begin(&r->of, s);
	return true;
}

void
run_close(struct run *r)
{
	const struct gso_run *of = &r->of;

	if (of->count > 0 && r->head != NULL)
		pktsock_super(r->head, &of->first, of->payload, of->flags,
		    (uint16_t)of->first.payload);
	r->of.count = 0;
	r->head = NULL;
}
