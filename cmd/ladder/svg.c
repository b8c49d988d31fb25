/*
 * svg.c - the ladder as a picture (SVG 1.1): for light and dark pages, with
 * the fonts that the viewer has. Rows are evenly spaced, not to the scale of
 * time: the times stand beside them.
 */
#include <string.h>

#include "base/die.h"
#include "draw/svg.h"
#include "ladder.h"

enum {
	WIDTH = 860,
	LIFE_LEFT = 230, /* x of the lifelines */
	LIFE_RIGHT = 730,
	STEP = 32,  /* y from row to row */
	SLANT = 14, /* y that an arrow falls */
	HEAD = 76,  /* y above the first row of a connection */
	LINE = 16,  /* of a title, from one to the next */
	FOOT = 24,
	NAME_WIDTH = 8,	 /* of a letter of an end's name */
	LABEL = 67,	 /* room for characters on an arrow, and NUL */
	LABEL_LOST = 50, /* on one that was lost: three quarters of it */
	TITLE = 90,	 /* room for those of a line of a title, and NUL, */
	TITLE_LINES = 4, /* which has so many at most */
	TIME_RIGHT = 80, /* x where ten letters of a time end, */
	DAY_RIGHT = 116, /* and as many as the time of day has */
	TIME_OF_DAY = 15,
	PAGE = 30000, /* height; renderers end at 32767 */
	NOTE = 40,    /* of the line that names the other pages */
};

/* of an arrow, in degrees: atan(SLANT / (LIFE_RIGHT - LIFE_LEFT)) */
#define TILT "1.604"

static const char light[] =
    "  .end { font-weight: bold; font-size: 13px }\n"
    "  .time, .quiet, .title, .note { opacity: .62 }\n"
    "  .state { fill: #1a7f37 }\n"
    "  line, path { stroke: currentColor; stroke-width: 1.4; fill: none }\n"
    "  .life { stroke-width: 2; opacity: .5 }\n"
    "  .again line, .again path { stroke: #b35900 }\n"
    "  .again text { fill: #b35900 }\n"
    "  .twice { opacity: .5 }\n"
    "  .lost line, .lost path { stroke: #cf222e }\n"
    "  .lost line { stroke-dasharray: 6 4 }\n"
    "  .lost text { fill: #cf222e }\n";

static const char dark[] = "    .state { fill: #56d364 }\n"
			   "    .again line, .again path { stroke: #f0a050 }\n"
			   "    .again text { fill: #f0a050 }\n"
			   "    .lost line, .lost path { stroke: #ff7b72 }\n"
			   "    .lost text { fill: #ff7b72 }\n";

static void
text(int x, int y, const char *class, const char *anchor, const char *s)
{
	printf("<text x=\"%d\" y=\"%d\" class=\"%s\" text-anchor=\"%s\">", x, y,
	    class, anchor);
	svg_words(s);
}

/* in the middle of an arrow, and along it: a long one would run into it */
static void
label(int x, int y, bool right, const char *s)
{
	y -= 5;
	printf("<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" "
	       "transform=\"rotate(%s" TILT " %d %d)\">",
	    x, y, right ? "" : "-", x, y);
	svg_words(s);
}

/* the name of an end above its lifeline, or as near as it finds room */
static void
name(const struct conn_end *e, int x, int y)
{
	char word[ENDPOINT_TEXT];
	size_t n = strlen(endpoint_text(&e->at, word));

	if (x + (int)n * NAME_WIDTH / 2 > WIDTH)
		text(WIDTH - 4, y, "end", "end", word);
	else
		text(x, y, "end", "middle", word);
}

static const char *
class_of(const struct row *r)
{
	if (r->marks & (MARK_LOST | MARK_NO_ANSWER))
		return "lost";
	if ((r->marks & (MARK_AGAIN | MARK_LATE | MARK_PARTLY)) ||
	    r->why[0] != '\0')
		return "again";
	return r->marks & MARK_TWICE ? "twice" : "plain";
}

static void
draw_arrow(const struct row *r, int y)
{
	bool right = r->from == LEFT;
	int x1 = right ? LIFE_LEFT : LIFE_RIGHT, dir = right ? 1 : -1;
	int full = (LIFE_RIGHT - LIFE_LEFT) * dir;
	bool lost = r->marks & MARK_LOST;
	int len = lost ? full * 3 / 4 : full;
	int fall = lost ? SLANT * 3 / 4 : SLANT;
	int x2 = x1 + len, y2 = y + fall;
	char words[LABEL];

	printf("<g class=\"%s\">\n", class_of(r));
	printf(
	    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x1, y, x2, y2);
	if (lost)
		printf("<path d=\"M%d %d l10 10 m0 -10 l-10 10\"/>\n", x2 - 5,
		    y2 - 5);
	else
		printf("<path d=\"M%d %d L%d %d L%d %d\"/>\n", x2 - 9 * dir,
		    y2 - 5, x2, y2, x2 - 9 * dir, y2 + 4);
	label((x1 + x2) / 2, (y + y2) / 2, right,
	    label_row(r, words, lost ? LABEL_LOST : LABEL));
	printf("</g>\n");
}

/* where the picture is: y on a page */
struct place {
	const struct ladder *l;
	uint64_t page;
	int y;
	int top;    /* of the lifelines */
	int time;   /* x where the times end */
	bool draws; /* else it is only measured */
};

/* time_right - x where times of at most so many letters end */
static int
time_right(int chars)
{
	if (chars <= TIME_CHARS)
		return TIME_RIGHT;
	return chars <= TIME_OF_DAY ? DAY_RIGHT : 2 + chars * 36 / 5;
}

static void
draw_row(const struct place *p, const struct conn *c, uint32_t i)
{
	const struct row *r = c->row[i], *prev = i > 0 ? c->row[i - 1] : NULL;
	bool right = r->from == LEFT;
	char time[TIME_TEXT], state[STATE_TEXT];
	int side, at, y = p->y;

	text(p->time, y + 4, "time", "end", time_text(p->l, c, r, time));
	for (side = LEFT; side <= RIGHT; side++) {
		label_state(prev, r, (enum conn_side)side, state);
		if (state[0] == '\0')
			continue;
		/* where the arrow begins, or where it arrives */
		at = y + 4 + ((side == LEFT) == right ? 0 : SLANT);
		text(side == LEFT ? LIFE_LEFT - 10 : LIFE_RIGHT + 10, at,
		    "state", side == LEFT ? "end" : "start", state);
	}
	draw_arrow(r, y);
}

/* ---- pages */

static bool
shows(const struct place *p)
{
	return p->draws && p->page == p->l->page;
}

static void
lifelines(const struct place *p)
{
	int x;

	for (x = LIFE_LEFT; shows(p) && x <= LIFE_RIGHT;
	     x += LIFE_RIGHT - LIFE_LEFT)
		printf("<line class=\"life\" x1=\"%d\" y1=\"%d\" x2=\"%d\" "
		       "y2=\"%d\"/>\n",
		    x, p->top, x, p->y);
}

/* the title of a connection, in lines */
struct title {
	char line[TITLE_LINES][TITLE];
	int lines;
};

static void
title_make(
    struct title *t, const struct ladder *l, const struct conn *c, bool goes_on)
{
	char words[TITLE - DATE_TEXT - 2], counts[COUNTS_TEXT + 16],
	    date[DATE_TEXT];
	const char *more = counts;
	size_t n;

	label_title(c, words, sizeof(words));
	snprintf(t->line[0], TITLE, "%s%s%s",
	    l->absolute ? date_text(c->first_at, date) : "",
	    l->absolute ? ": " : "", words);
	label_counts(c, counts);
	n = strlen(counts);
	if (goes_on)
		snprintf(counts + n, sizeof(counts) - n, "%s(continued)",
		    n > 0 ? " " : "");
	t->lines = 1;
	n = strlen(t->line[0]);
	if (counts[0] != '\0' && n + strlen(counts) < TITLE - 1) {
		t->line[0][n] = ' ';
		memcpy(t->line[0] + n + 1, counts, strlen(counts) + 1);
		return;
	}
	for (; *more != '\0' && t->lines < TITLE_LINES;
	     more += n + (more[n] == ' ')) {
		n = label_break(more, TITLE - 1);
		snprintf(t->line[t->lines++], TITLE, "%.*s", (int)n, more);
	}
}

/* more_head - y that a title of so many lines takes more than one of two does
   */
static int
more_head(const struct title *t)
{
	return t->lines > 2 ? (t->lines - 2) * LINE : 0;
}

static void
draw_head(struct place *p, const struct conn *c, bool goes_on)
{
	int x = (LIFE_LEFT + LIFE_RIGHT) / 2, i;
	struct title t;

	title_make(&t, p->l, c, goes_on);
	for (i = 0; shows(p) && i < t.lines; i++)
		text(x, p->y + (t.lines == 1 ? 22 : 12 + i * LINE), "title",
		    "middle", t.line[i]);
	p->y += more_head(&t);
	if (shows(p)) {
		name(&c->end[LEFT], LIFE_LEFT, p->y + 46);
		name(&c->end[RIGHT], LIFE_RIGHT, p->y + 46);
	}
	p->top = p->y + 54;
	p->y += HEAD;
}

static void
draw_item(struct place *p, const struct conn *c, const struct item *item)
{
	char words[QUIET_TEXT];

	if (shows(p) && item->count > 0) {
		label_quiet(
		    c, item->at, item->count, BOTH_ENDS, words, sizeof(words));
		text((LIFE_LEFT + LIFE_RIGHT) / 2, p->y + SLANT / 2, "quiet",
		    "middle", words);
	} else if (shows(p))
		draw_row(p, c, item->at);
	p->y += STEP;
}

static void
draw_conn(struct place *p, const struct conn *c)
{
	struct item item;
	uint32_t at;

	p->time = time_right(time_chars(p->l, c));
	if (p->y + HEAD + TITLE_LINES * LINE + STEP + FOOT > PAGE) {
		p->page++;
		p->y = 0;
	}
	draw_head(p, c, false);
	for (at = 0; next_item(p->l, c, at, &item);
	     at = item.at + (item.count ? item.count : 1)) {
		if (p->y + STEP + FOOT > PAGE) {
			lifelines(p);
			p->page++;
			p->y = 0;
			draw_head(p, c, true);
		}
		draw_item(p, c, &item);
	}
	lifelines(p);
	p->y += FOOT;
}

/* walk - all that is wanted; *height of the page, when it is that */
static void
walk(struct place *p, int *height)
{
	const struct conn *c;
	struct item item;
	uint64_t n = 0, before;
	uint32_t i;

	for (i = 0; i < p->l->conns.n; i++) {
		c = &p->l->conns.conn[i];
		if (!choice_has(&p->l->choice, c) ||
		    !next_item(p->l, c, 0, &item))
			continue;
		if (p->l->choice.limit > 0 && n++ == p->l->choice.limit)
			return;
		before = p->page;
		draw_conn(p, c);
		if (p->page == p->l->page)
			*height = p->y;
		else if (before <= p->l->page && p->page > p->l->page)
			*height = PAGE;
	}
}

void
svg_draw(const struct ladder *l)
{
	struct place p = {.l = l, .page = 1};
	uint64_t pages;
	char words[LABEL];
	int height = 0, note;

	walk(&p, &height);
	pages = p.page;
	if (l->page > pages)
		die(EXIT_NO, "--page %llu: there %s %llu",
		    (unsigned long long)l->page, pages == 1 ? "is" : "are",
		    (unsigned long long)pages);
	note = pages > 1 ? NOTE : 0;
	svg_begin(WIDTH, (unsigned)(height + note), light, dark);
	p = (struct place){.l = l, .page = 1, .draws = true};
	walk(&p, &height);
	if (pages > 1) {
		snprintf(words, sizeof(words),
		    "page %llu of %llu; --page draws another",
		    (unsigned long long)l->page, (unsigned long long)pages);
		text((LIFE_LEFT + LIFE_RIGHT) / 2, height + NOTE / 2, "note",
		    "middle", words);
		say("%s", words);
	}
	svg_end();
}
