/*
 * choose.c - see choose.h.
 */
#include "capture/choose.h"

#include "base/clock.h"
#include "base/die.h"
#include "opt/rows.h"
#include "wire/parse.h"

/* times of --from and --to below this count from the first segment */
#define EPOCH (UINT64_C(1000000000) * NS_PER_SEC)

/* take_when - after the first segment, or since 1970 */
static const char *
take_when(void *base, const struct opt *o, const char *arg)
{
	uint64_t *at = (uint64_t *)(void *)((char *)base + o->at);

	return parse_stamp(arg, at) == 0
		   ? NULL
		   : "not a time: give seconds, after the first segment or "
		     "since 1970";
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
    {NAME("from", "seconds"), .take = take_when, AT(from),
	.text = "only what came this long after the first segment, or later; "
		"from 1000000000 on: since 1970"},
    {NAME("to", "seconds"), .take = take_when, AT(to),
	.text = "only what came until then"},
    {0},
};

void
choice_init(struct choice *c)
{
	*c = (struct choice){.to = UINT64_MAX};
}

static uint64_t
when(const struct choice *c, uint64_t limit)
{
	return limit < EPOCH ? c->first_at + limit : limit;
}

bool
choice_when(const struct choice *c, uint64_t time)
{
	/* a timestamp may step back behind the first one */
	return (c->from == 0 || time >= when(c, c->from)) &&
	       (c->to == UINT64_MAX || time <= when(c, c->to));
}

bool
choice_has(const struct choice *c, const struct conn *conn)
{
	const struct endpoint *a = &conn->end[LEFT].at,
			      *b = &conn->end[RIGHT].at;

	if (c->have_number && conn->no != c->number)
		return false;
	if (c->have_host && !ip_equal(&a->addr, &c->host) &&
	    !ip_equal(&b->addr, &c->host))
		return false;
	if (c->port != 0 && a->port != c->port && b->port != c->port)
		return false;
	return (c->from == 0 || conn->last_at >= when(c, c->from)) &&
	       (c->to == UINT64_MAX || conn->first_at <= when(c, c->to));
}

bool
choice_any(const struct choice *c, const struct conns *all)
{
	uint32_t i;

	for (i = 0; i < all->n; i++)
		if (choice_has(c, &all->conn[i]))
			return true;
	say("none of the %u connections is chosen; ladder --list shows them",
	    all->n);
	return false;
}
