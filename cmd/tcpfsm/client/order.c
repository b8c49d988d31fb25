/*
 * order.c - see order.h.
 */
#include "client/order.h"
#include "client/session.h"
#include "replay/replay.h"

uint64_t
order_at(const struct replay *r, uint32_t no)
{
	uint64_t begin, end;

	replay_span(r, no, &begin, &end);
	return begin;
}

bool
order_free(
    const struct replay *r, uint32_t no, const struct talk *t, uint32_t n)
{
	uint64_t at = order_at(r, no), begin, end;
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (!t[i].used)
			continue;
		replay_span(r, t[i].no, &begin, &end);
		if (!t[i].opened || end <= at)
			return false;
	}
	return true;
}
