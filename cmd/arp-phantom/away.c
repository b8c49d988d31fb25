/*
 * away.c - see away.h.
 */
#include "base/clock.h"

#include "away.h"
#include "claim.h"

/* a host has an address 6 to 9 s after it began to probe for it, one of IPv6
   after 1 s */
#define LATE (3 * NS_PER_SEC)

void
away_start(struct away *w, const char *ifname)
{
	carrier_open(&w->carrier, ifname);
	w->late = false;
}

void
away_news(struct away *w, struct claim *c, uint64_t now)
{
	if (carrier_back(&w->carrier))
		claim_back(c, now);
}

void
away_slept(struct away *w, struct claim *c, uint64_t now)
{
	if (carrier_slept(&w->carrier))
		claim_back(c, now);
}

void
away_frame(struct away *w, struct claim *c, uint64_t now, bool sent,
    const uint8_t *frame, size_t n, uint64_t came)
{
	bool before = w->late;

	w->late = clock_wall() > came + LATE;
	if (w->late && !before)
		claim_back(c, now);
	if (sent)
		claim_overhear(c, now, frame, n);
	else if (w->late)
		claim_late(c, now, frame, n);
	else
		claim_input(c, now, frame, n);
}
