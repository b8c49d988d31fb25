/*
 * claim_new.c - what is claimed, and what is not: the beginning of an engine,
 * see claim.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/clock.h"
#include "wire/prefix.h"

#include "claim.h"
#include "claim_var.h"
#include "single.h"

/* the wanted, in two heaps; every address once */
static void
sort_wanted(struct claim *c, const struct claim_config *cf)
{
	for (size_t i = 0; i < cf->nwant; i++) {
		if (cf->want[i].len < 128 || cf->unclaimed)
			c->want[c->nwant++] = cf->want[i];
		else
			c->single[c->nsingle++].addr = cf->want[i].addr;
	}
	c->nsingle = single_sort(c->single, c->nsingle);
}

bool
claim_except(struct claim *c, const struct prefix *p, size_t n)
{
	struct prefix *copy = calloc(n + 1, sizeof(*copy));

	if (copy == NULL)
		return false;
	if (n > 0)
		memcpy(copy, p, n * sizeof(*copy));
	free(c->except);
	c->except = copy;
	c->nexcept = n;
	return true;
}

struct claim *
claim_new(const struct claim_config *cf, const struct claim_calls *call,
    struct chance *chance)
{
	struct claim *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->single = calloc(cf->nwant + 1, sizeof *c->single);
	c->want = calloc(cf->nwant + 1, sizeof *c->want);
	if (c->single == NULL || c->want == NULL ||
	    !claim_except(c, cf->except, cf->nexcept)) {
		claim_free(c);
		return NULL;
	}
	c->call = *call;
	c->chance = chance;
	c->plan = (struct single_plan){
	    cf->ask, cf->quick, cf->wait, cf->defend};
	c->hosts = cf->hosts;
	c->unclaimed = cf->unclaimed || cf->ask;
	c->next = c->recheck = TIME_NEVER;
	c->looks_at = c->takeover_at = TIME_NEVER;
	c->has_mac = cf->mac != NULL;
	if (c->has_mac)
		c->mac = *cf->mac;
	if (cf->host != NULL)
		c->host = *cf->host;
	sort_wanted(c, cf);
	for (int i = 0; i < 2; i++) {
		c->seen.key[i] = chance_u64(chance);
		c->limits.key[i] = chance_u64(chance);
	}
	return c;
}

void
claim_free(struct claim *c)
{
	if (c == NULL)
		return;
	free(c->single);
	free(c->want);
	free(c->except);
	free(c);
}
