/*
 * svg.c - the ladder as a picture (SVG 1.1): for light and dark pages, with
 * the fonts that the viewer has. Rows are evenly spaced, not to the scale of
 * time: the times stand beside them.
 */
#include <string.h>

#include "ladder.h"

enum {
	WIDTH = 860,
	LIFE_LEFT = 230, /* x of the lifelines */
	LIFE_RIGHT = 730,
	STEP = 32,  /* y from row to row */
	SLANT = 14, /* y that an arrow falls */
	HEAD = 76,  /* y above the first row of a connection */
	FOOT = 24,
	NAME_WIDTH = 8, /* of a letter of an end's name */
	LABEL = 67,	/* room for characters on an arrow, and NUL */
	LABEL_LOST = 50 /* on one that was lost: three quarters of it */
};

/* of an arrow, in degrees: atan(SLANT / (LIFE_RIGHT - LIFE_LEFT)) */
#define TILT "1.604"

static const char style[] =
    "<style>\n"
    "  svg { background: #fff; color: #1b1f24 }\n"
    "  text { font: 12px ui-monospace, Menlo, Consolas, monospace;"
    " fill: currentColor }\n"
    "  .end { font-weight: bold; font-size: 13px }\n"
    "  .time, .quiet, .title { opacity: .62 }\n"
    "  .state { fill: #1a7f37 }\n"
    "  line, path { stroke: currentColor; stroke-width: 1.4; fill: none }\n"
    "  .life { stroke-width: 2; opacity: .5 }\n"
    "  .again line, .again path { stroke: #b35900 }\n"
    "  .again text { fill: #b35900 }\n"
    "  .lost line, .lost path { stroke: #cf222e }\n"
    "  .lost line { stroke-dasharray: 6 4 }\n"
    "  .lost text { fill: #cf222e }\n"
    "  @media (prefers-color-scheme: dark) {\n"
    "    svg { background: #0d1117; color: #e6edf3 }\n"
    "    .state { fill: #56d364 }\n"
    "    .again line, .again path { stroke: #f0a050 }\n"
    "    .again text { fill: #f0a050 }\n"
    "    .lost line, .lost path { stroke: #ff7b72 }\n"
    "    .lost text { fill: #ff7b72 }\n"
    "  }\n"
    "</style>\n";

static void
escaped(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '<')
			fputs("&lt;", stdout);
		else if (*s == '>')
			fputs("&gt;", stdout);
		else if (*s == '&')
			fputs("&amp;", stdout);
		else
			putchar(*s);
	printf("</text>\n");
}

static void
text(int x, int y, const char *class, const char *anchor, const char *s)
{
	printf("<text x=\"%d\" y=\"%d\" class=\"%s\" text-anchor=\"%s\">", x, y,
	    class, anchor);
	escaped(s);
}

/* in the middle of an arrow, and along it: a long one would run into it */
static void
label(int x, int y, bool right, const char *s)
{
	y -= 5;
	printf("<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" "
	       "transform=\"rotate(%s" TILT " %d %d)\">",
	    x, y, right ? "" : "-", x, y);
	escaped(s);
}

/* the name of an end above its lifeline, or as near as it finds room */
static void
name(const struct end *e, int x, int y)
{
	char word[ENDPOINT_TEXT];
	size_t n = strlen(endpoint_text(&e->at, word));

	if (x + (int)n * NAME_WIDTH / 2 > WIDTH)
		text(WIDTH - 4, y, "end", "end", word);
	else
		text(x, y, "end", "middle", word);
}

static void
draw_arrow(const struct row *r, int y)
{
	bool right = r->from == LEFT;
	int x1 = right ? LIFE_LEFT : LIFE_RIGHT, dir = right ? 1 : -1;
	int full = (LIFE_RIGHT - LIFE_LEFT) * dir;
	int len = r->lost ? full * 3 / 4 : full;
	int fall = r->lost ? SLANT * 3 / 4 : SLANT;
	int x2 = x1 + len, y2 = y + fall;
	char words[LABEL];

	printf("<g class=\"%s\">\n", r->lost			     ? "lost"
				     : r->again || r->why[0] != '\0' ? "again"
								     : "plain");
	printf(
	    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x1, y, x2, y2);
	if (r->lost)
		printf("<path d=\"M%d %d l10 10 m0 -10 l-10 10\"/>\n", x2 - 5,
		    y2 - 5);
	else
		printf("<path d=\"M%d %d L%d %d L%d %d\"/>\n", x2 - 9 * dir,
		    y2 - 5, x2, y2, x2 - 9 * dir, y2 + 4);
	label((x1 + x2) / 2, (y + y2) / 2, right,
	    label_row(r, words, r->lost ? LABEL_LOST : LABEL));
	printf("</g>\n");
}

static void
draw_row(const struct conn *c, uint32_t i, int y)
{
	const struct row *r = c->row[i], *prev = i > 0 ? c->row[i - 1] : NULL;
	bool right = r->from == LEFT;
	char time[32];
	int side, at;

	snprintf(time, sizeof(time), "%.6f",
	    (double)(r->seg->time - c->row[0]->seg->time) / 1e9);
	text(80, y + 4, "time", "end", time);
	for (side = LEFT; side <= RIGHT; side++) {
		if (prev != NULL && prev->state[side] == r->state[side])
			continue;
		/* where the arrow begins, or where it arrives */
		at = y + 4 + ((side == LEFT) == right ? 0 : SLANT);
		text(side == LEFT ? LIFE_LEFT - 10 : LIFE_RIGHT + 10, at,
		    "state", side == LEFT ? "end" : "start",
		    state_name(r->state[side]));
	}
	draw_arrow(r, y);
}

/* returns the height of the connection */
static int
draw_conn(const struct ladder *l, const struct conn *c, int top)
{
	char words[LABEL];
	uint32_t i, quiet;
	int y = top + HEAD;

	text((LIFE_LEFT + LIFE_RIGHT) / 2, top + 22, "title", "middle",
	    label_title(c, words, sizeof(words)));
	name(&c->end[LEFT], LIFE_LEFT, top + 46);
	name(&c->end[RIGHT], LIFE_RIGHT, top + 46);
	for (i = 0; i < c->rows; i += quiet ? quiet : 1, y += STEP) {
		quiet = l->every ? 0 : conn_quiet(c, i);
		if (quiet > 0)
			text((LIFE_LEFT + LIFE_RIGHT) / 2, y + SLANT / 2,
			    "quiet", "middle",
			    label_quiet(c, i, quiet, words, sizeof(words)));
		else
			draw_row(c, i, y);
	}
	for (i = 0; i < 2; i++)
		printf("<line class=\"life\" x1=\"%d\" y1=\"%d\" x2=\"%d\" "
		       "y2=\"%d\"/>\n",
		    i == LEFT ? LIFE_LEFT : LIFE_RIGHT, top + 54,
		    i == LEFT ? LIFE_LEFT : LIFE_RIGHT, y);
	return y + FOOT - top;
}

/* rows that will be drawn */
static uint32_t
drawn_rows(const struct ladder *l, const struct conn *c)
{
	uint32_t i, quiet, n = 0;

	for (i = 0; i < c->rows; i += quiet ? quiet : 1, n++)
		quiet = l->every ? 0 : conn_quiet(c, i);
	return n;
}

void
svg_draw(const struct ladder *l)
{
	const struct conn *c;
	uint64_t n = 0;
	int height = 0, y = 0;

	for (c = l->first; c != NULL && (l->limit == 0 || n < l->limit);
	     c = c->next, n++)
		height += HEAD + FOOT + (int)drawn_rows(l, c) * STEP;
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	       "height=\"%d\" viewBox=\"0 0 %d %d\">\n",
	    WIDTH, height, WIDTH, height);
	fputs(style, stdout);
	for (c = l->first; c != NULL && n > 0; c = c->next, n--)
		y += draw_conn(l, c, y);
	printf("</svg>\n");
}
