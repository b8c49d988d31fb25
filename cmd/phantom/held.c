/*
 * held.c - see held.h.
 */
#include <stdio.h>
#include <string.h>

#include "held.h"

enum { WAYS = 8 }; /* places that a connection may have */

/* find - what: ends, or "" for a free place; HELD_MAX: there is none */
static uint32_t
find(const struct held *h, const char *ends, const char *what)
{
	uint32_t sum = 2166136261, i, at;
	const char *p;

	for (p = ends; *p != '\0'; p++)
		sum = (sum ^ (uint8_t)*p) * 16777619;
	for (i = 0; i < WAYS; i++) {
		at = (sum + i) % HELD_MAX;
		if (strcmp(h->conn[at].ends, what) == 0)
			return at;
	}
	return HELD_MAX;
}

void
held_opened(struct held *h, const char *ends)
{
	uint32_t i = find(h, ends, "");

	if (i == HELD_MAX)
		return;
	snprintf(h->conn[i].ends, HELD_ENDS, "%s", ends);
	h->conn[i].seconds = 0;
	h->n++;
}

void
held_closed(struct held *h, const char *ends)
{
	uint32_t i = find(h, ends, ends);

	if (i == HELD_MAX)
		return;
	h->conn[i].ends[0] = '\0';
	h->n--;
}

void
held_second(struct held *h)
{
	uint32_t i;

	for (i = 0; i < HELD_MAX && h->n > 0; i++)
		h->conn[i].seconds++;
}

const char *
held_next(struct held *h, uint32_t *i)
{
	for (; *i < HELD_MAX && h->n > 0; (*i)++) {
		if (h->conn[*i].ends[0] == '\0' ||
		    h->conn[*i].seconds != HELD_SECONDS)
			continue;
		return h->conn[(*i)++].ends;
	}
	return NULL;
}
