/*
 * counts.c - see counts.h.
 */
#include "capture/counts.h"

#include <stdio.h>

#include "capture/analysis.h"

uint32_t
conn_segments(const struct conn *c)
{
	return c->rows - c->end[LEFT].twice - c->end[RIGHT].twice -
	       c->end[LEFT].doubled - c->end[RIGHT].doubled;
}

char *
conn_counts(const struct conn *c, char buf[CONN_COUNTS])
{
	const struct conn_end *a = &c->end[LEFT], *b = &c->end[RIGHT];
	uint32_t lost = a->lost + b->lost, again = a->again + b->again;
	uint32_t perhaps = a->perhaps + b->perhaps;
	uint32_t unsure = a->unsure + b->unsure;
	uint32_t twice = a->twice + b->twice, copies = a->copies + b->copies;
	bool loss = lost + again + perhaps > 0;
	const struct {
		bool told;
		uint32_t n;
		const char *what;
	} all[] = {
	    {loss, lost, "lost"},
	    {perhaps > 0, perhaps, "perhaps lost"},
	    {loss, again - unsure, "retransmitted"},
	    {unsure > 0, unsure, "perhaps retransmitted"},
	    {twice > copies, twice - copies, "captured twice"},
	    {copies > 0, copies, "perhaps captured twice"},
	    {a->doubled + b->doubled > 0, a->doubled + b->doubled,
		"duplicated"},
	    {a->elsewhere + b->elsewhere > 0, a->elsewhere + b->elsewhere,
		"on another link"},
	};
	size_t i, len = 0;

	/* all of them with ten digits each have room */
	buf[0] = '\0';
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].told)
			len += (size_t)snprintf(buf + len, CONN_COUNTS - len,
			    "%s%u %s", len > 0 ? ", " : "", all[i].n,
			    all[i].what);
	return buf;
}
