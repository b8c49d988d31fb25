/*
 * plot.c - the marks as SVG 1.1: above, sequence numbers over time as tcptrace
 * draws them; below, bytes in flight and the congestion window.
 */
#include <string.h>

#include "seqplot.h"

enum {
	WIDTH = 960,
	LEFT = 86,
	RIGHT = 936,
	TOP = 64,
	MIDDLE = 470, /* where the upper graph ends */
	LOWER = 520,  /* where the lower one begins */
	BOTTOM = 650,
	HEIGHT = 700,
	TICKS = 8,
	WORD = 84, /* width of the longest name of a state */
	ROWS = 6,  /* of names below each other */
};

static const char style[] =
    "<style>\n"
    "  svg { background: #fff; color: #1b1f24 }\n"
    "  text { font: 12px ui-monospace, Menlo, Consolas, monospace;"
    " fill: currentColor }\n"
    "  .title { font-weight: bold; font-size: 14px }\n"
    "  .axis, .frame { stroke: currentColor; fill: none; opacity: .25 }\n"
    "  path { fill: none; stroke-width: 1.3 }\n"
    "  .data { stroke: #24292f; stroke-width: 1.8 }\n"
    "  .again { stroke: #cf222e; stroke-width: 2.6 }\n"
    "  .ack { stroke: #1a7f37 }\n"
    "  .window { stroke: #b08800 }\n"
    "  .sack { stroke: #8250df; stroke-width: 1.6 }\n"
    "  .flight { stroke: #57606a }\n"
    "  .cwnd { stroke: #0969da; stroke-width: 1.8 }\n"
    "  .event { stroke: #57606a; stroke-dasharray: 2 3; opacity: .7 }\n"
    "  .small { font-size: 10px; opacity: .8; paint-order: stroke;"
    " stroke: #fff; stroke-width: 3px }\n"
    "  @media (prefers-color-scheme: dark) {\n"
    "    svg { background: #0d1117; color: #e6edf3 }\n"
    "    .data { stroke: #e6edf3 } .again { stroke: #ff7b72 }\n"
    "    .ack { stroke: #56d364 } .window { stroke: #e3b341 }\n"
    "    .sack { stroke: #bc8cff } .flight { stroke: #8b949e }\n"
    "    .cwnd { stroke: #58a6ff } .event { stroke: #8b949e }\n"
    "    .small { stroke: #0d1117 }\n"
    "  }\n"
    "</style>\n";

/* what the axes span */
struct scale {
	uint64_t start;
	double seconds;
	int64_t low, high; /* sequence numbers */
	int64_t most;	   /* bytes, of the lower graph */
};

static double
at_x(const struct scale *s, uint64_t time)
{
	double t = time < s->start ? 0 : (double)(time - s->start) / 1e9;

	if (t > s->seconds)
		t = s->seconds;
	return LEFT + (RIGHT - LEFT) * t / s->seconds;
}

static double
at_y(const struct scale *s, int64_t seq)
{
	if (seq > s->high)
		seq = s->high;
	if (seq < s->low)
		seq = s->low;
	return MIDDLE - (double)(MIDDLE - TOP) * (double)(seq - s->low) /
			    (double)(s->high - s->low);
}

static double
at_low(const struct scale *s, int64_t bytes)
{
	if (bytes > s->most)
		bytes = s->most;
	return BOTTOM -
	       (double)(BOTTOM - LOWER) * (double)bytes / (double)s->most;
}

static void
text(double x, double y, const char *class, const char *anchor, const char *s)
{
	printf("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">",
	    x, y, class, anchor);
	for (; *s != '\0'; s++)
		if (*s == '<' || *s == '>' || *s == '&')
			printf("&#%d;", *s);
		else
			putchar(*s);
	printf("</text>\n");
}

static void
line(const char *class, double x1, double y1, double x2, double y2)
{
	printf("<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", class, x1,
	    y1, x2, y2);
}

static void
measure(const struct trace *t, struct scale *s)
{
	const struct mark *m;
	uint64_t end = t->start + 1000;
	uint32_t i;

	*s = (struct scale){.start = t->start, .high = 1, .most = 1};
	for (i = 0; i < t->marks; i++) {
		m = &t->mark[i];
		if (m->kind < MARK_CWND && m->time > end)
			end = m->time;
		if (m->kind == MARK_DATA || m->kind == MARK_AGAIN) {
			if (m->to > s->high)
				s->high = m->to;
			if (m->from < s->low)
				s->low = m->from;
		}
		if ((m->kind == MARK_CWND || m->kind == MARK_IN_FLIGHT) &&
		    m->from > s->most)
			s->most = m->from;
	}
	s->seconds = (double)(end - t->start) / 1e9;
	/* some room above, for the window */
	s->high += (s->high - s->low) / 12 + 1;
	s->most += s->most / 12 + 1;
}

/* 1, 2 or 5 times a power of ten, for about TICKS of them */
static double
step_of(double span)
{
	double step = 1e-9;
	int i;

	for (i = 0; step * TICKS < span; i++)
		step *= i % 3 == 1 ? 2.5 : 2;
	return step;
}

static void
draw_axes(const struct scale *s)
{
	double step = step_of(s->seconds), v, p;
	char word[64];
	int digits = 0;

	for (v = step; v < 0.999 && digits < 9; v *= 10)
		digits++;
	for (v = 0; v <= s->seconds; v += step) {
		p = LEFT + (RIGHT - LEFT) * v / s->seconds;
		line("axis", p, TOP, p, MIDDLE);
		line("axis", p, LOWER, p, BOTTOM);
		snprintf(word, sizeof(word), "%.*f", digits, v);
		text(p, BOTTOM + 18, "small", p > RIGHT - 8 ? "end" : "middle",
		    word);
	}
	text((LEFT + RIGHT) / 2, HEIGHT - 12, "small", "middle", "seconds");
	step = step_of((double)(s->high - s->low));
	if (step < 1)
		step = 1;
	for (v = 0; v <= (double)s->high; v += step) {
		p = at_y(s, (int64_t)v);
		line("axis", LEFT, p, RIGHT, p);
		snprintf(word, sizeof(word), "%.0f", v);
		text(LEFT - 6, p + 4, "small", "end", word);
	}
	step = step_of((double)s->most * 3);
	if (step < 1)
		step = 1;
	for (v = 0; v <= (double)s->most; v += step) {
		p = at_low(s, (int64_t)v);
		line("axis", LEFT, p, RIGHT, p);
		snprintf(word, sizeof(word), "%.0f", v);
		text(LEFT - 6, p + 4, "small", "end", word);
	}
	printf("<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" "
	       "height=\"%d\"/>\n",
	    LEFT, TOP, RIGHT - LEFT, MIDDLE - TOP);
	printf("<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" "
	       "height=\"%d\"/>\n",
	    LEFT, LOWER, RIGHT - LEFT, BOTTOM - LOWER);
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
		printf("H%d", RIGHT);
	printf("\"/>\n");
}

/* SYN, FIN and RST beside their data, but never where the events' names are */
static void
draw_flag(const struct scale *s, const struct mark *m, bool events)
{
	double x = at_x(s, m->time), y = at_y(s, m->from);
	bool end = x > RIGHT - 2 * WORD;

	y += end ? 22 : -3;
	if (events && y < TOP + 12 * (ROWS + 1))
		y = TOP + 12 * (ROWS + 1);
	text(end ? x - 4 : x + 3, y, "small", end ? "end" : "start", m->word);
}

static void
draw_words(const struct trace *t, const struct scale *s)
{
	const struct mark *m;
	double x, last = -100;
	bool end, events = false;
	uint32_t i;
	int row = 0;

	/* the lines first: no word is crossed by a later one */
	for (i = 0; i < t->marks; i++) {
		x = at_x(s, t->mark[i].time);
		if (t->mark[i].kind == MARK_EVENT) {
			line("event", x, TOP, x, BOTTOM);
			events = true;
		}
	}
	for (i = 0; i < t->marks; i++) {
		m = &t->mark[i];
		x = at_x(s, m->time);
		end = x > RIGHT - 2 * WORD;
		if (m->kind == MARK_FLAG)
			draw_flag(s, m, events);
		if (m->kind != MARK_EVENT)
			continue;
		/* names that would lie on each other go down a line */
		row = x - last < (end ? 2 * WORD : WORD) ? (row + 1) % ROWS : 0;
		last = x;
		text(end ? x - 3 : x + 3, TOP + 12 + 12 * row, "small",
		    end ? "end" : "start", m->word);
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
	    {MARK_DATA, "data", "data", TOP - 12},
	    {MARK_AGAIN, "again", "sent again", TOP - 12},
	    {MARK_ACK, "ack", "acknowledged", TOP - 12},
	    {MARK_SACK, "sack", "SACK", TOP - 12},
	    {MARK_WINDOW, "window", "window", TOP - 12},
	    {MARK_IN_FLIGHT, "flight", "in flight", LOWER - 12},
	    {MARK_CWND, "cwnd", "cwnd", LOWER - 12},
	};
	double x = LEFT;
	size_t i;
	int y = TOP - 12;

	for (i = 0; i < sizeof(item) / sizeof(item[0]); i++) {
		if (!has(t, item[i].kind))
			continue;
		if (item[i].y != y)
			x = LEFT;
		y = item[i].y;
		line(item[i].class, x, y - 4, x + 22, y - 4);
		text(x + 28, y, "small", "start", item[i].name);
		x += 52 + 7 * (double)strlen(item[i].name);
	}
}

void
plot(const struct trace *t)
{
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT], title[2 * ENDPOINT_TEXT + 8];
	struct scale s;

	measure(t, &s);
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	       "height=\"%d\" viewBox=\"0 0 %d %d\">\n",
	    WIDTH, HEIGHT, WIDTH, HEIGHT);
	fputs(style, stdout);
	snprintf(title, sizeof(title), "%s to %s", endpoint_text(&t->sender, a),
	    endpoint_text(&t->receiver, b));
	text(LEFT, 24, "title", "start", title);
	draw_axes(&s);
	draw_steps(t, &s, MARK_WINDOW, "window", at_y);
	draw_steps(t, &s, MARK_ACK, "ack", at_y);
	draw_bars(t, &s, MARK_SACK, "sack");
	draw_bars(t, &s, MARK_DATA, "data");
	draw_bars(t, &s, MARK_AGAIN, "again");
	draw_steps(t, &s, MARK_IN_FLIGHT, "flight", at_low);
	draw_steps(t, &s, MARK_CWND, "cwnd", at_low);
	draw_words(t, &s);
	draw_legend(t);
	printf("</svg>\n");
}
