/*
 * choose.c - see choose.h.
 */
#include <stdio.h>

#include "capture/choose.h"

#include "base/clock.h"
#include "base/die.h"
#include "opt/rows.h"
#include "wire/parse.h"

/* times of --from and --to below this count from the first segment */
#define EPOCH (UINT64_C(1000000000) * NS_PER_SEC)

const char *
choice_take_when(void *base, const struct opt *o, const char *arg)
{
	uint64_t *at = (uint64_t *)(void *)((char *)base + o->at);

	return parse_stamp(arg, at) == 0
		   ? NULL
		   : "not a time: give seconds, after the first segment or "
		     "since 1970";
}

bool
choice_between(uint64_t from, uint64_t to, uint64_t first, uint64_t time)
{
	/* a timestamp may step back behind the first one */
	if (from != 0 && time < (from < EPOCH ? first + from : from))
		return false;
	return to == UINT64_MAX || time <= (to < EPOCH ? first + to : to);
}

const char *
choice_turned(uint64_t from, uint64_t to)
{
	return from > to && (from < EPOCH) == (to < EPOCH)
		   ? " (--from is later than --to)"
		   : "";
}

#define OPT_BASE struct choice

const struct opt choice_opt[] = {
    {.text = "which connections"},
    {LETTER('n', "number"), NUM(number), GIVEN(have_number),
	RANGE(0, UINT32_MAX),
	.text = "only the one with this number of the list"},
    {LETTER('c', "count"), NUM(limit), RANGE(1, UINT32_MAX),
	.text = "only the first count connections"},
    {NAME("host", "addr"), HOST(host), GIVEN(have_host),
	.text = "only those of this address; -a reads no others"},
    {NAME("port", "port"), NUM(port), RANGE(1, UINT16_MAX),
	.text = "only those of this port; -p reads no others"},
    {NAME("from", "seconds"), .take = choice_take_when, AT(from),
	.text = "only what came this long after the first segment, or later; "
		"from 1000000000 on: since 1970"},
    {NAME("to", "seconds"), .take = choice_take_when, AT(to),
	.text = "only what came until then"},
    {0},
};

void
choice_init(struct choice *c)
{
	*c = (struct choice){.to = UINT64_MAX};
}

bool
choice_when(const struct choice *c, uint64_t time)
{
	return choice_between(c->from, c->to, c->first_at, time);
}

/* is_one - but for the time */
static bool
is_one(const struct choice *c, const struct conn *conn)
{
	const struct endpoint *a = &conn->end[LEFT].at,
			      *b = &conn->end[RIGHT].at;

	if (c->have_number && conn->no != c->number)
		return false;
	if (c->have_host && !ip_equal(&a->addr, &c->host) &&
	    !ip_equal(&b->addr, &c->host))
		return false;
	return c->port == 0 || a->port == c->port || b->port == c->port;
}

bool
choice_has(const struct choice *c, const struct conn *conn)
{
	return is_one(c, conn) &&
	       choice_between(
		   c->from, UINT64_MAX, c->first_at, conn->last_at) &&
	       choice_between(0, c->to, c->first_at, conn->first_at);
}

bool
choice_shows(const struct choice *c, const struct conn *conn)
{
	uint32_t i;

	for (i = 0; i < conn->rows && is_one(c, conn); i++)
		if (choice_when(c, conn->row[i]->seg->time))
			return true;
	return false;
}

void
choice_range(struct choice_range *r, const struct conn *conn)
{
	uint64_t at;
	uint32_t i;

	for (i = 0; i < conn->rows; i++) {
		at = conn->row[i]->seg->time;
		if (r->n++ == 0)
			r->low = r->high = at;
		if (at < r->low)
			r->low = at;
		if (at > r->high)
			r->high = at;
	}
}

void
choice_range_text(const struct choice_range *r, uint64_t first, char *buf)
{
	snprintf(buf, CHOICE_RANGE_TEXT,
	    "from %.6f to %.6f s, or %llu.%09llu to %llu.%09llu since 1970",
	    (double)(int64_t)(r->low - first) / 1e9,
	    (double)(int64_t)(r->high - first) / 1e9,
	    (unsigned long long)(r->low / NS_PER_SEC),
	    (unsigned long long)(r->low % NS_PER_SEC),
	    (unsigned long long)(r->high / NS_PER_SEC),
	    (unsigned long long)(r->high % NS_PER_SEC));
}

bool
choice_any(const struct choice *c, const struct conns *all, choice_is *is)
{
	struct choice_range range = {.n = 0};
	char text[CHOICE_RANGE_TEXT];
	uint32_t i;

	for (i = 0; i < all->n; i++) {
		if (is(c, &all->conn[i]))
			return true;
		if (is_one(c, &all->conn[i]))
			choice_range(&range, &all->conn[i]);
	}
	if (range.n == 0) {
		say("none of the %u connections is chosen; ladder --list shows "
		    "them",
		    all->n);
		return false;
	}
	choice_range_text(&range, c->first_at, text);
	say("no segment is between --from and --to: they are %s%s", text,
	    choice_turned(c->from, c->to));
	return false;
}
