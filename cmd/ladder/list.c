/*
 * list.c - a line for each connection: its number, when it began, what went
 * each way, the round trip, how it ended and by whom, its ends.
 */
#include <stdlib.h>
#include <string.h>

#include "ladder.h"

enum { START = 15, START_DATE = 26 }; /* columns */

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

static void
line(const struct ladder *l, const struct conn *c)
{
	char date[DATE_TEXT], time[TIME_TEXT];
	char start[DATE_TEXT + TIME_TEXT], rtt[24] = "-", end[24],
					   a[ENDPOINT_TEXT], b[ENDPOINT_TEXT],
					   there[24], back[24];
	uint64_t trip = conn_rtt(c);

	if (l->absolute)
		snprintf(start, sizeof(start), "%sT%s",
		    date_text(c->first_at, date),
		    time_text(l, c, c->row[0], time));
	else
		snprintf(start, sizeof(start), "%.6f",
		    (double)(int64_t)(c->first_at - l->choice.first_at) / 1e9);
	if (trip > 0)
		snprintf(rtt, sizeof(rtt), "%.3f", (double)trip / 1e6);
	printf("%6u %*s %12.6f %11llu %11llu %6s %6s %9s  %-14s %21s  %s\n",
	    c->no, l->absolute ? START_DATE : START, start,
	    (double)(c->last_at - c->first_at) / 1e9,
	    (unsigned long long)c->end[LEFT].bytes,
	    (unsigned long long)c->end[RIGHT].bytes,
	    again_text(&c->end[LEFT], there, sizeof(there)),
	    again_text(&c->end[RIGHT], back, sizeof(back)), rtt,
	    end_text(c, end, sizeof(end)), endpoint_text(&c->end[LEFT].at, a),
	    endpoint_text(&c->end[RIGHT].at, b));
}

int
list_print(const struct ladder *l)
{
	struct conn **order;
	uint32_t i, n = 0;

	order = malloc((l->conns.n + (size_t)1) * sizeof(struct conn *));
	if (order == NULL)
		return -1;
	for (i = 0; i < l->conns.n; i++)
		if (choice_has(&l->choice, &l->conns.conn[i]))
			order[n++] = &l->conns.conn[i];
	sort_key = (enum key)l->key;
	qsort(order, n, sizeof(struct conn *), by_key);
	printf("%6s %*s %12s %11s %11s %6s %6s %9s  %-14s %21s  %s\n", "no",
	    l->absolute ? START_DATE : START, "start", "seconds", "bytes->",
	    "<-bytes", "retr->", "<-retr", "rtt ms", "ended by", "client",
	    "server");
	for (i = 0; i < n && (l->choice.limit == 0 || i < l->choice.limit); i++)
		line(l, order[i]);
	free(order);
	return 0;
}
