/*
 * steps.c - see steps.h.
 */
#include <stddef.h>
#include <string.h>

#include "base/die.h"
#include "capture/steps.h"

/* follow - the shift from this packet of the file on */
static void
follow(struct steps *s, uint64_t ts)
{
	uint64_t back = s->last - ts, on = ts - s->last;

	if (s->begun && ts < s->last && back >= STEPS_LATE_NS) {
		s->set++;
		s->by += back;
		s->shift += back;
	} else if (ts > s->last && on >= STEPS_LATE_NS &&
		   on >= s->shift / 8 * 7) {
		s->shift = 0; /* and was set right again */
	}
	s->begun = true;
	s->last = ts;
}

/* due_at - when a packet of an interface is, whose latest time is this */
static uint64_t
due_at(struct steps *s, uint32_t ifaces, uint64_t latest)
{
	uint64_t early = s->due > STEPS_LATE_NS ? s->due - STEPS_LATE_NS : 0;

	if (s->ifaces == 1 && ifaces > 1)
		s->floor = s->due;
	s->ifaces = ifaces;
	if (early < s->floor)
		early = s->floor;
	if (latest < early)
		latest = early;
	if (latest > s->due)
		s->due = latest;
	return latest;
}

uint64_t
steps_time(struct steps *s, uint32_t iface, uint32_t ifaces, uint64_t ts,
    uint64_t *due)
{
	uint32_t i = iface < STEPS_IFS ? iface : STEPS_IFS - 1;

	follow(s, ts);
	ts += s->shift;
	if (ts < s->before[i]) {
		s->back++;
		s->near += s->before[i] - ts < STEPS_NEAR_NS;
	}
	s->before[i] = ts;
	if (ts > s->latest[i])
		s->latest[i] = ts;
	if (due != NULL)
		*due = due_at(s, ifaces, s->latest[i]);
	return ts;
}

void
steps_say(const struct steps *s, const char *name)
{
	uint64_t back = strcmp(name, "-") == 0 ? s->back - s->near : s->back;

	if (s->set > 0)
		say("read %s: the clock was set back %llu time%s, by about "
		    "%.3f s in "
		    "all: the time goes on as if it had not been",
		    name, (unsigned long long)s->set, s->set == 1 ? "" : "s",
		    (double)s->by / 1e9);
	if (back > 0)
		say("read %s: timestamps that step back: %llu; taken in the "
		    "file's order (reordercap sorts it)",
		    name, (unsigned long long)back);
}
