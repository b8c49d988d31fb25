/*
 * resolve.c - when to ask for a MAC address, see resolve.h.
 */
#include "base/clock.h"
#include "wire/resolve.h"

enum resolve_step
resolve_step(struct resolve *s, unsigned most, uint64_t now)
{
	if (now < s->at)
		return RESOLVE_WAIT;
	if (s->asked == most)
		return RESOLVE_SILENT;
	s->asked++;
	s->at = now + NS_PER_SEC;
	return RESOLVE_ASK;
}
