/*
 * choose.c - which connections, which of their rows, and when.
 */
#include <stdio.h>

#include "base/clock.h"
#include "ladder.h"

enum {
	QUIET_MIN = 8,	/* rows in a stretch that is worth to be folded */
	QUIET_EDGE = 2, /* rows of it that are drawn at either end */
};

/* times of --from and --to below this count from the first segment */
#define EPOCH (UINT64_C(1000000000) * NS_PER_SEC)

static uint64_t
when(const struct ladder *l, uint64_t limit)
{
	return limit < EPOCH ? l->first_at + limit : limit;
}

static bool
in_time(const struct ladder *l, uint64_t time)
{
	/* a stamp may step back behind the first one */
	return (l->from == 0 || time >= when(l, l->from)) &&
	       (l->to == UINT64_MAX || time <= when(l, l->to));
}

bool
is_chosen(const struct ladder *l, const struct conn *c)
{
	const struct endpoint *a = &c->end[LEFT].at, *b = &c->end[RIGHT].at;

	if (l->have_number && c->no != l->number)
		return false;
	if (l->have_host && !ip_equal(&a->addr, &l->host) &&
	    !ip_equal(&b->addr, &l->host))
		return false;
	if (l->port != 0 && a->port != l->port && b->port != l->port)
		return false;
	return (l->from == 0 || c->last_at >= when(l, l->from)) &&
	       (l->to == UINT64_MAX || c->first_at <= when(l, l->to));
}

/* ---- stretches in which nothing happens but data and ACKs */

static bool
is_plain(const struct conn *c, uint32_t i)
{
	const struct row *r = c->row[i], *prev = i > 0 ? c->row[i - 1] : NULL;

	return (r->marks & ~(uint32_t)MARK_UPDATE) == 0 && r->why[0] == '\0' &&
	       prev != NULL && (r->seg->flags & ~(TH_ACK | TH_PSH)) == 0 &&
	       r->state[LEFT] == prev->state[LEFT] &&
	       r->state[RIGHT] == prev->state[RIGHT];
}

/* quiet - row i begins a stretch of so many rows that may be drawn as one */
static uint32_t
quiet(const struct conn *c, uint32_t i)
{
	uint32_t end = i;

	/* not the first of the stretch, nor its last: they are drawn */
	if (i < QUIET_EDGE || !is_plain(c, i - 1) ||
	    !is_plain(c, i - QUIET_EDGE))
		return 0;
	while (end < c->rows && is_plain(c, end))
		end++;
	return end - i < QUIET_MIN - QUIET_EDGE ? 0 : end - i - QUIET_EDGE;
}

bool
next_item(
    const struct ladder *l, const struct conn *c, uint32_t at, struct item *out)
{
	while (at < c->rows && !in_time(l, c->row[at]->seg->time))
		at++;
	if (at >= c->rows)
		return false;
	out->at = at;
	out->count = l->every ? 0 : quiet(c, at);
	return true;
}

char *
time_text(const struct ladder *l, const struct conn *c, const struct row *r,
    char *buf)
{
	int64_t ns = (int64_t)(r->seg->time - c->first_at);
	unsigned second = (unsigned)(r->seg->time / NS_PER_SEC % 86400);

	if (l->absolute)
		snprintf(buf, TIME_TEXT, "%02u:%02u:%02u.%06u", second / 3600,
		    second / 60 % 60, second % 60,
		    (unsigned)(r->seg->time % NS_PER_SEC / 1000));
	else
		snprintf(buf, TIME_TEXT, "%.6f", (double)ns / 1e9);
	return buf;
}
