/*
 * choose.c - which rows of a connection, and when.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ladder.h"

enum {
	QUIET_MIN = 8,	/* rows in a stretch that is worth to be folded */
	QUIET_EDGE = 2, /* rows of it that are drawn at either end */
};

/* ---- stretches in which nothing happens but data and ACKs */

static bool
is_plain(const struct conn *c, uint32_t i)
{
	const struct row *r = c->row[i], *prev = i > 0 ? c->row[i - 1] : NULL;

	return (r->marks & ~(uint32_t)(MARK_UPDATE | MARK_UNSCALED)) == 0 &&
	       r->why[0] == '\0' && prev != NULL &&
	       (r->seg->flags & ~(TH_ACK | TH_PSH)) == 0 &&
	       r->state[LEFT] == prev->state[LEFT] &&
	       r->state[RIGHT] == prev->state[RIGHT];
}

/* quiet - row i begins a stretch of this many rows that may be drawn as one */
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
	while (at < c->rows && !choice_when(&l->choice, c->row[at]->seg->time))
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

int
time_chars(const struct ladder *l, const struct conn *c)
{
	const struct row *r, *last = NULL;
	char buf[TIME_TEXT];
	uint32_t i;
	int n;

	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		if (choice_when(&l->choice, r->seg->time) &&
		    (last == NULL || r->seg->time > last->seg->time))
			last = r;
	}
	n = last == NULL ? 0 : (int)strlen(time_text(l, c, last, buf));
	return n > TIME_CHARS ? n : TIME_CHARS;
}

char *
date_text(uint64_t time, char buf[DATE_TEXT])
{
	/* from 1 March 0 on, so that a leap day is the last of its year */
	uint64_t days = time / NS_PER_SEC / 86400 + 719468;
	unsigned era = (unsigned)(days / 146097), day = days % 146097;
	unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned month;

	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	year += 400 * era + (month >= 10);
	snprintf(buf, DATE_TEXT, "%04u-%02u-%02u", year % 10000,
	    (month + 2) % 12 + 1, day % 31 + 1);
	return buf;
}
