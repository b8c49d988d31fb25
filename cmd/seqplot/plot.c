/*
 * plot.c - the marks as SVG 1.1: above, sequence numbers over time as tcptrace
 * draws them; below, bytes in flight and the congestion window. axis.c has the
 * axes.
 */
#include <string.h>

#include "draw.h"
#include "draw/svg.h"

enum {
	WORD = 84, /* width of the longest name of a state */
	ROWS = 6,  /* of names below each other */
};

/* width of a letter in the title, and of an R */
#define TITLE_CHAR 8.5
#define LETTER	   6.7

static const char light[] =
    "  .title { font-weight: bold; font-size: 14px }\n"
    "  .axis, .frame { stroke: currentColor; fill: none; opacity: .25 }\n"
    "  path { fill: none; stroke-width: 1.3 }\n"
    "  .data { stroke: #24292f; stroke-width: 1.8 }\n"
    "  .again { stroke: #cf222e; stroke-width: 2.6 }\n"
    "  .late { stroke: #bf8700; stroke-width: 2.6 }\n"
    "  .letter { font-size: 11px; font-weight: bold; fill: #cf222e }\n"
    "  .break { stroke: currentColor; stroke-width: 1.5 }\n"
    "  .ack { stroke: #1a7f37 }\n"
    "  .window { stroke: #b08800 }\n"
    "  .sack { stroke: #8250df; stroke-width: 1.6 }\n"
    "  .flight { stroke: #57606a }\n"
    "  .cwnd { stroke: #0969da; stroke-width: 1.8 }\n"
    "  .event { stroke: #57606a; stroke-dasharray: 2 3; opacity: .7 }\n"
    "  .small { font-size: 10px; opacity: .8; paint-order: stroke;"
    " stroke: #fff; stroke-width: 3px }\n";

static const char dark[] =
    "    .data { stroke: #e6edf3 } .again { stroke: #ff7b72 }\n"
    "    .letter { fill: #ff7b72 } .late { stroke: #d29922 }\n"
    "    .ack { stroke: #56d364 } .window { stroke: #e3b341 }\n"
    "    .sack { stroke: #bc8cff } .flight { stroke: #8b949e }\n"
    "    .cwnd { stroke: #58a6ff } .event { stroke: #8b949e }\n"
    "    .small { stroke: #0d1117 }\n";

double
at_x(const struct scale *s, uint64_t time)
{
	return EDGE_LEFT + (EDGE_RIGHT - EDGE_LEFT) *
			       timeline_at(&s->time, time) / s->time.seconds;
}

double
at_y(const struct scale *s, int64_t seq)
{
	if (seq > s->high)
		seq = s->high;
	if (seq < s->low)
		seq = s->low;
	return MIDDLE - (double)(MIDDLE - TOP) * (double)(seq - s->low) /
			    (double)(s->high - s->low);
}

double
at_low(const struct scale *s, int64_t bytes)
{
	if (bytes > s->most)
		bytes = s->most;
	return BOTTOM -
	       (double)(BOTTOM - LOWER) * (double)bytes / (double)s->most;
}

void
put_text(
    double x, double y, const char *class, const char *anchor, const char *s)
{
	printf("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\"", x,
	    y, class, anchor);
	/* two IPv6 addresses */
	if (strcmp(class, "title") == 0 &&
	    x + TITLE_CHAR * (double)strlen(s) > WIDTH)
		printf(" textLength=\"%.0f\" "
		       "lengthAdjust=\"spacingAndGlyphs\"",
		    WIDTH - x);
	putchar('>');
	svg_words(s);
}

void
put_line(const char *class, double x1, double y1, double x2, double y2)
{
	printf("<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", class, x1,
	    y1, x2, y2);
}

static bool
is_data(const struct mark *m)
{
	return m->kind == SEQ_DATA || m->kind == SEQ_AGAIN ||
	       m->kind == SEQ_LATE;
}

static void
measure(const struct trace *t, struct scale *s)
{
	const struct mark *m;
	bool any = false;
	uint32_t i;

	*s = (struct scale){.high = 1, .most = 1};
	timeline_make(&s->time, t);
	s->offset = (double)(int64_t)(s->time.start - t->start) / 1e9;
	for (i = 0; i < t->marks; i++) {
		m = &t->mark[i];
		if (is_data(m)) {
			if (!any || m->to > s->high)
				s->high = m->to;
			if (!any ? t->low > 0 || m->from < 0 : m->from < s->low)
				s->low = m->from;
			any = true;
		}
		if ((m->kind == SEQ_CWND || m->kind == SEQ_IN_FLIGHT) &&
		    m->from > s->most)
			s->most = m->from;
	}
	/* some room above, for the window */
	s->high += (s->high - s->low) / 12 + 1;
	s->most += s->most / 12 + 1;
}

/* where words of this panel are, a pixel each */
static uint8_t taken[HEIGHT][WIDTH];

/* has_room - for a word that wide, in letters of that size, behind left on the
   line y: if so, it is its own now */
static bool
has_room(double left, double y, double size, double wide)
{
	int x = left > 0 ? (int)left : 0, right = (int)(left + wide) + 1;
	int top = (int)(y - .8 * size), bottom = (int)(y + .2 * size) + 1, i;

	top = top > 0 ? top : 0;
	right = right < WIDTH ? right : WIDTH;
	bottom = bottom < HEIGHT ? bottom : HEIGHT;
	if (x >= right)
		return false;
	for (i = top; i < bottom; i++)
		if (memchr(&taken[i][x], 1, (size_t)(right - x)) != NULL)
			return false;
	for (i = top; i < bottom; i++)
		memset(&taken[i][x], 1, (size_t)(right - x));
	return true;
}

/* an R above each retransmission, where it lies on no word */
static void
draw_letters(const struct trace *t, const struct scale *s)
{
	const struct mark *m;
	double x, y;
	uint32_t i;

	for (i = 0; i < t->marks; i++) {
		m = &t->mark[i];
		if (m->kind != SEQ_AGAIN)
			continue;
		x = at_x(s, m->time);
		y = at_y(s, m->to) - 3;
		if (has_room(x - LETTER / 2, y, 11, LETTER))
			put_text(x, y, "letter", "middle", "R");
	}
}

/* bars from .. to, all of a kind in one path */
static void
draw_bars(const struct trace *t, const struct scale *s, enum kind kind,
    const char *class)
{
	const struct mark *m;
	uint32_t i;
	double x, top, bottom;

	printf("<path class=\"%s\" d=\"", class);
	for (i = 0; i < t->marks; i++) {
		m = &t->mark[i];
		if (m->kind != kind)
			continue;
		x = at_x(s, m->time);
		bottom = at_y(s, m->from);
		top = at_y(s, m->to);
		if (bottom - top < 1)
			top = bottom - 1;
		printf("M%.1f %.1fV%.1f", x, bottom, top);
	}
	printf("\"/>\n");
}

/* a value that holds until the next one */
static void
draw_steps(const struct trace *t, const struct scale *s, enum kind kind,
    const char *class, double (*at)(const struct scale *, int64_t))
{
	const struct mark *m;
	double x, y, last_x = -1, last_y = -1;
	bool any = false;
	uint32_t i;

	printf("<path class=\"%s\" d=\"", class);
	for (i = 0; i < t->marks; i++) {
		m = &t->mark[i];
		if (m->kind != kind)
			continue;
		x = at_x(s, m->time);
		y = at(s, m->from);
		if (!any)
			printf("M%.1f %.1f", x, y);
		else if (y != last_y || x - last_x > 1)
			printf("H%.1fV%.1f", x, y);
		else
			continue;
		any = true;
		last_x = x;
		last_y = y;
	}
	if (any)
		printf("H%d", EDGE_RIGHT);
	printf("\"/>\n");
}

/* draw_flag - SYN, FIN and RST beside their data where there is room, and never
   where the events' names are */
static void
draw_flag(const struct scale *s, const struct mark *m, bool events)
{
	double x = at_x(s, m->time), y = at_y(s, m->from);
	double wide = CHAR * (double)strlen(m->word);
	bool end = x > EDGE_RIGHT - 2 * WORD;

	y += end ? 22 : -3;
	if (events && y < TOP + 12 * (ROWS + 1))
		y = TOP + 12 * (ROWS + 1);
	if (has_room(end ? x - 4 - wide : x + 3, y, 10, wide))
		put_text(end ? x - 4 : x + 3, y, "small", end ? "end" : "start",
		    m->word);
}

/* draw_event - its name in the first line where it lies on no other one. Left
   out if there is none: the dotted line tells of it */
static void
draw_event(double x, const char *word)
{
	double wide = CHAR * (double)strlen(word);
	bool end = x > EDGE_RIGHT - 2 * WORD;
	double left = end ? x - 3 - wide : x + 3;
	int row;

	for (row = 0; row < ROWS; row++)
		if (has_room(left, TOP + 12 + 12 * row, 10, wide)) {
			put_text(end ? x - 3 : x + 3, TOP + 12 + 12 * row,
			    "small", end ? "end" : "start", word);
			return;
		}
}

static void
draw_words(const struct trace *t, const struct scale *s)
{
	const struct mark *m;
	double x;
	bool events = false;
	uint32_t i;

	/* the lines first: no word is crossed by a later one */
	for (i = 0; i < t->marks; i++) {
		x = at_x(s, t->mark[i].time);
		if (t->mark[i].kind == SEQ_EVENT) {
			put_line("event", x, TOP, x, BOTTOM);
			events = true;
		}
	}
	for (i = 0; i < t->marks; i++) {
		m = &t->mark[i];
		if (m->kind == SEQ_FLAG)
			draw_flag(s, m, events);
		if (m->kind == SEQ_EVENT)
			draw_event(at_x(s, m->time), m->word);
	}
}

static bool
has(const struct trace *t, enum kind kind)
{
	uint32_t i;

	for (i = 0; i < t->marks; i++)
		if (t->mark[i].kind == kind)
			return true;
	return false;
}

static void
draw_legend(const struct trace *t)
{
	static const struct {
		enum kind kind;
		const char *class, *name;
		int y;
	} item[] = {
	    {SEQ_DATA, "data", "data", TOP - 12},
	    {SEQ_AGAIN, "again", "R retransmitted", TOP - 12},
	    {SEQ_LATE, "late", "reordered", TOP - 12},
	    {SEQ_ACK, "ack", "acknowledged", TOP - 12},
	    {SEQ_SACK, "sack", "SACK", TOP - 12},
	    {SEQ_WINDOW, "window", "window", TOP - 12},
	    {SEQ_IN_FLIGHT, "flight", "in flight", LOWER - 12},
	    {SEQ_CWND, "cwnd", "cwnd", LOWER - 12},
	};
	double x = EDGE_LEFT;
	size_t i;
	int y = TOP - 12;

	for (i = 0; i < sizeof(item) / sizeof(item[0]); i++) {
		if (!has(t, item[i].kind))
			continue;
		if (item[i].y != y)
			x = EDGE_LEFT;
		y = item[i].y;
		put_line(item[i].class, x, y - 4, x + 22, y - 4);
		put_text(x + 28, y, "small", "start", item[i].name);
		x += 52 + 7 * (double)strlen(item[i].name);
	}
}

static void
draw_title(const struct trace *t)
{
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT], title[300];

	snprintf(title, sizeof(title), "%s%s%s to %s, connection %u of %u",
	    t->title != NULL ? t->title : "", t->title != NULL ? ": " : "",
	    endpoint_text(&t->sender, a), endpoint_text(&t->receiver, b),
	    t->c->no, t->of);
	put_text(EDGE_LEFT, 24, "title", "start", title);
}

static void
draw_panel(const struct trace *t)
{
	struct scale s;

	memset(taken, 0, sizeof(taken));
	measure(t, &s);
	draw_title(t);
	axes(&s);
	draw_steps(t, &s, SEQ_WINDOW, "window", at_y);
	draw_steps(t, &s, SEQ_ACK, "ack", at_y);
	draw_bars(t, &s, SEQ_SACK, "sack");
	draw_bars(t, &s, SEQ_DATA, "data");
	draw_bars(t, &s, SEQ_LATE, "late");
	draw_bars(t, &s, SEQ_AGAIN, "again");
	draw_steps(t, &s, SEQ_IN_FLIGHT, "flight", at_low);
	draw_steps(t, &s, SEQ_CWND, "cwnd", at_low);
	draw_words(t, &s);
	draw_letters(t, &s);
	draw_legend(t);
}

void
plot(const struct trace *t, uint32_t n)
{
	uint32_t i;

	svg_begin(WIDTH, n * HEIGHT, light, dark);
	for (i = 0; i < n; i++) {
		if (n > 1)
			printf(
			    "<g transform=\"translate(0 %u)\">\n", i * HEIGHT);
		draw_panel(&t[i]);
		if (n > 1)
			printf("</g>\n");
	}
	svg_end();
}
