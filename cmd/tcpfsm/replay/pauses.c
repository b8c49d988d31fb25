/*
 * pauses.c - how long each side of a conversation thought; see dialog.h.
 */
#include "replay/dialog.h"

/* how far one side's record is looked at, and what it has come to */
struct look {
	uint32_t next;	/* cue */
	uint64_t bytes; /* before it */
	uint64_t time;	/* ns, of the latest packet of them */
};

/* heard_at - when the other side had sent this much; l goes on */
static uint64_t
heard_at(const struct conv_side *you, uint64_t need, struct look *l)
{
	const struct conv_cue *q;

	while (l->bytes < need && l->next < you->cues) {
		q = &you->cue[l->next++];
		l->bytes = q->end;
		if (q->time > l->time)
			l->time = q->time;
	}
	if (need > you->len && you->fin && you->fin_cue.time > l->time)
		l->time = you->fin_cue.time;
	return l->time;
}

void
conv_pauses(struct conv *c, enum conv_who who)
{
	struct conv_side *me = &c->side[who];
	uint64_t last = c->opened, from;
	uint32_t i, ends = me->cues + 2;
	struct look l = {.next = 0};
	struct conv_cue *q;

	for (i = 0; i < ends; i++) {
		q = i < me->cues    ? &me->cue[i]
		    : i == me->cues ? &me->fin_cue
				    : &me->reset_cue;
		if ((q == &me->fin_cue && !me->fin) ||
		    (q == &me->reset_cue && !me->reset))
			continue;
		from = heard_at(&c->side[!who], q->need, &l);
		if (from < last)
			from = last;
		q->pause = q->time > from ? q->time - from : 0;
		if (q->pause > c->longest)
			c->longest = q->pause;
		if (q->time > last)
			last = q->time;
	}
}
