/*
 * list.c - a line for each connection: its number, when it began, what went
 * each way, the round trip, how it ended and by whom, its ends.
 */
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

/* columns; those from ENDED on are words */
enum { ENDED = 8, CELLS = ENDED + 3, CELL_TEXT = ENDPOINT_TEXT };

static enum key sort_key; /* qsort() has no context */

static uint64_t
value(const struct conn *c)
{
	const struct conn_end *a = &c->end[LEFT], *b = &c->end[RIGHT];

	switch (sort_key) {
	case KEY_NO:
		break;
	case KEY_BYTES:
		return a->bytes + b->bytes;
	case KEY_AGAIN:
		return (uint64_t)a->again + b->again;
	case KEY_RTT:
		return conn_rtt(c);
	case KEY_TIME:
		return c->last_at - c->first_at;
	}
	return 0;
}

/* the largest first, then by number */
static int
by_key(const void *a, const void *b)
{
	const struct conn *c = *(const struct conn *const *)a;
	const struct conn *d = *(const struct conn *const *)b;

	if (value(c) != value(d))
		return value(c) > value(d) ? -1 : 1;
	return c->no < d->no ? -1 : 1;
}

static const char *
end_name(const struct conn *c)
{
	static const char *const name[][2] = {
	    [END_OPEN] = {"open", "open"},
	    [END_FIN] = {"fin client", "fin server"},
	    [END_HALF] = {"half client", "half server"},
	    [END_RESET] = {"reset client", "reset server"},
	    [END_REFUSED] = {"refused client", "refused server"},
	    [END_NO_ANSWER] = {"no answer", "no answer"},
	};

	return name[c->ending][c->closer];
}

/* end_text - how it ended, a question mark where that is not sure */
static char *
end_text(const struct conn *c, char *buf, size_t n)
{
	snprintf(buf, n, "%s%s", end_name(c), c->seems ? "?" : "");
	return buf;
}

/* again_text - retransmissions, then those that are not sure */
static char *
again_text(const struct conn_end *e, char *buf, size_t n)
{
	if (e->unsure > 0)
		snprintf(buf, n, "%u+%u?", e->again - e->unsure, e->unsure);
	else
		snprintf(buf, n, "%u", e->again);
	return buf;
}

/* cells - of the line of a connection, or of the heads when it is NULL */
static void
cells(const struct ladder *l, const struct conn *c, char cell[CELLS][CELL_TEXT])
{
	static const char *const head[CELLS] = {"no", "start", "seconds",
	    "bytes->", "<-bytes", "retr->", "<-retr", "rtt ms", "ended by",
	    "client", "server"};
	char date[DATE_TEXT], time[TIME_TEXT];
	uint64_t trip;
	int i;

	for (i = 0; i < CELLS && c == NULL; i++)
		snprintf(cell[i], CELL_TEXT, "%s", head[i]);
	if (c == NULL)
		return;
	trip = conn_rtt(c);
	if (l->absolute)
		snprintf(cell[1], CELL_TEXT, "%sT%s",
		    date_text(c->first_at, date),
		    time_text(l, c, c->row[0], time));
	else
		snprintf(cell[1], CELL_TEXT, "%.6f",
		    (double)(int64_t)(c->first_at - l->choice.first_at) / 1e9);
	snprintf(cell[0], CELL_TEXT, "%u", c->no);
	snprintf(cell[2], CELL_TEXT, "%.6f",
	    (double)(c->last_at - c->first_at) / 1e9);
	for (i = 0; i < 2; i++) {
		snprintf(cell[3 + i], CELL_TEXT, "%llu",
		    (unsigned long long)c->end[i].bytes);
		again_text(&c->end[i], cell[5 + i], CELL_TEXT);
		endpoint_text(&c->end[i].at, cell[ENDED + 1 + i]);
	}
	snprintf(
	    cell[7], CELL_TEXT, trip > 0 ? "%.3f" : "-", (double)trip / 1e6);
	end_text(c, cell[ENDED], CELL_TEXT);
}

/* widen - each column for this line's cell */
static void
widen(const struct ladder *l, const struct conn *c, int wide[CELLS])
{
	char cell[CELLS][CELL_TEXT];
	int i, n;

	cells(l, c, cell);
	for (i = 0; i < CELLS; i++) {
		n = (int)strlen(cell[i]);
		wide[i] = n > wide[i] ? n : wide[i];
	}
}

static void
line(const struct ladder *l, const struct conn *c, const int wide[CELLS])
{
	char cell[CELLS][CELL_TEXT];
	int i;

	cells(l, c, cell);
	for (i = 0; i < ENDED; i++)
		printf("%*s ", wide[i], cell[i]);
	printf(" %-*s %*s  %s\n", wide[ENDED], cell[ENDED], wide[ENDED + 1],
	    cell[ENDED + 1], cell[ENDED + 2]);
}

int
list_print(const struct ladder *l)
{
	struct conn **order;
	/* at least */
	int wide[CELLS] = {6, 15, 12, 11, 11, 6, 6, 9, 14, 21};
	uint32_t i, n = 0;

	order = malloc((l->conns.n + (size_t)1) * sizeof(struct conn *));
	if (order == NULL)
		return -1;
	for (i = 0; i < l->conns.n; i++)
		if (choice_has(&l->choice, &l->conns.conn[i]))
			order[n++] = &l->conns.conn[i];
	sort_key = (enum key)l->key;
	qsort(order, n, sizeof(struct conn *), by_key);
	if (l->choice.limit > 0 && n > l->choice.limit)
		n = (uint32_t)l->choice.limit;
	for (i = 0; i < n; i++)
		widen(l, order[i], wide);
	line(l, NULL, wide);
	for (i = 0; i < n; i++)
		line(l, order[i], wide);
	free(order);
	return 0;
}
