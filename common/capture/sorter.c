/*
 * sorter.c - see sorter.h. What reuse.c and whose.c look at are the first and
 * the last LAST_MAX segments of a connection.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/analyse.h"
#include "capture/analysis.h"
#include "capture/reuse.h"
#include "capture/sorter.h"

enum {
	KEEP = LAST_MAX,  /* at either end of the connection */
	MOST = 3 * KEEP,  /* then what lies between is dropped */
	FLOW_BYTES = 128, /* of the table, about */
};

/* a row with its segment, whose numbers become relative */
struct held {
	struct row row; /* first: a row's address is that of its held */
	struct tcpseg seg;
};

struct sorter {
	struct conns conns;
	size_t bytes;
};

struct sorter *
sorter_new(void)
{
	struct sorter *s = calloc(1, sizeof(*s));

	if (s == NULL || conns_start(&s->conns) == 0)
		return s;
	free(s);
	return NULL;
}

static void
drop(struct sorter *s, struct row *r)
{
	s->bytes -= sizeof(struct held);
	free((struct held *)r);
}

void
sorter_free(struct sorter *s)
{
	struct conn *c;
	uint32_t i, j;

	if (s == NULL)
		return;
	for (i = 0; i < s->conns.n; i++) {
		c = &s->conns.conn[i];
		for (j = 0; j < c->rows; j++)
			drop(s, c->row[j]);
	}
	conns_free(&s->conns);
	free(s);
}

/* thin - drop what lies between the first rows and the last ones */
static void
thin(struct sorter *s, struct conn *c)
{
	uint32_t n = c->rows - 2 * KEEP, i;
	uint32_t *at;
	int who;

	if (c->rows < MOST)
		return;
	for (i = 0; i < n; i++)
		drop(s, c->row[KEEP + i]);
	memmove(c->row + KEEP, c->row + KEEP + n, KEEP * sizeof(struct row *));
	c->rows -= n;
	for (who = 0; who < 2; who++) {
		at = &c->end[who].renumbered;
		if (*at > KEEP)
			*at = *at < KEEP + n ? KEEP : *at - n;
	}
}

int
sorter_take(struct sorter *s, const struct tcpseg *seg, struct sorted *out)
{
	struct held *h = calloc(1, sizeof(*h));
	uint32_t n = s->conns.n;
	struct conn *c;

	if (h == NULL)
		return -1;
	h->seg = *seg;
	h->row.seg = &h->seg;
	c = conns_enter(&s->conns, &h->row);
	if (c == NULL) {
		free(h);
		return -1;
	}
	s->bytes += sizeof(*h);
	if (s->conns.n > n)
		s->bytes += 2 * sizeof(*c) + FLOW_BYTES;
	out->no = c->no;
	out->given = s->conns.given != NULL ? s->conns.given->no : SORTER_NONE;
	thin(s, c);
	return 0;
}

size_t
sorter_bytes(const struct sorter *s)
{
	return s->bytes;
}
