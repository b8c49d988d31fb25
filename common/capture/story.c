/*
 * story.c - see story.h. Columns and keys are those of tcpfsm-events(5);
 * everything else is skipped.
 */
#include "capture/story.h"

#include <string.h>

#include "base/die.h"

enum { NEAR_NS = 50 * 1000 * 1000 };

static uint64_t
apart(const struct row *r, const struct event_line *e)
{
	return r->seg->time > e->time ? r->seg->time - e->time
				      : e->time - r->seg->time;
}

/*
 * One line may be about several segments that are retransmitted at once. A
 * capture has timestamps of its own, and may have missed the first
 * transmission.
 */
static bool
tell_again(struct conn *c, const struct event_line *e, enum conn_side from)
{
	uint32_t seq = (uint32_t)event_line_num(e, "seq");
	uint32_t len = (uint32_t)event_line_num(e, "len"), i;
	const char *why = event_line_value(e, "why");
	struct row *r, *nearest = NULL;
	bool found = false;

	if (why == NULL)
		return true;
	i = conn_row_at(c, e->time > NEAR_NS ? e->time - NEAR_NS : 0);
	for (; i < c->rows && c->row[i]->seg->time <= e->time + NEAR_NS; i++) {
		r = c->row[i];
		if (r->from != from || r->seg->seq - seq > (len ? len - 1 : 0))
			continue;
		if (nearest == NULL || apart(r, e) < apart(nearest, e))
			nearest = r;
		if (!(r->marks & MARK_AGAIN) || r->why[0] != '\0')
			continue;
		snprintf(r->why, sizeof(r->why), "%s", why);
		found = true;
	}
	if (found || nearest == NULL)
		return found;
	snprintf(nearest->why, sizeof(nearest->why), "%s", why);
	if (!(nearest->marks & MARK_AGAIN))
		c->end[nearest->from].again++;
	nearest->marks |= MARK_AGAIN;
	return true;
}

/* the packet's own time is the line's, as its capture has it */
static void
tell_drop(struct conn *c, const struct event_line *e, enum conn_side from)
{
	const char *why = event_line_value(e, "why");
	uint32_t i = conn_row_at(c, e->time - e->time % 1000);

	for (; why != NULL && i < c->rows && c->row[i]->seg->time <= e->time;
	     i++)
		if (c->row[i]->from == from &&
		    tcpseg_at(c->row[i]->seg, e->time))
			snprintf(
			    c->row[i]->why, sizeof(c->row[i]->why), "%s", why);
}

/* again: retransmissions that found no packet, and those that did */
static void
tell(struct conn *c, const struct event_line *e, enum conn_side mine,
    uint64_t again[2])
{
	const char *how = event_line_value(e, "how");

	if (strcmp(e->event, "retransmit") == 0)
		again[tell_again(c, e, mine)]++;
	else if (strcmp(e->event, "drop") == 0)
		tell_drop(c, e, !mine);
	else if (strcmp(e->event, "close") == 0 && how != NULL)
		snprintf(c->how, sizeof(c->how), "%s", how);
}

void
story_read(struct conns *all, FILE *f, story_line *line, void *context)
{
	char text[EVENT_LINE_MAX];
	uint64_t again[2] = {0, 0};
	struct event_line e;
	enum conn_side mine;
	struct conn *c;

	while (event_line_read(f, text)) {
		if (event_line_split(text, &e) != 0)
			continue;
		c = conn_find(all, &e.local, &e.remote, e.time, &mine);
		if (c == NULL)
			continue;
		tell(c, &e, mine, again);
		if (line != NULL)
			line(context, c, mine, &e);
	}
	if (again[false] > again[true])
		say("%llu of %llu retransmissions that the log tells have no "
		    "packet: it is not captured, or the clock of the first "
		    "capture is not the log's (name first the one whose clock "
		    "is)",
		    (unsigned long long)again[false],
		    (unsigned long long)(again[false] + again[true]));
}
