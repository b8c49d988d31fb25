/*
 * axis.c - the axes: lines at round numbers, and words that never lie on each
 * other.
 */
#include <string.h>

#include "draw.h"

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

/* a unit for numbers up to most, and what it is worth */
static const char *
unit_of(double most, double *worth)
{
	static const struct {
		double worth;
		const char *name;
	} unit[] = {{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}};
	size_t i;

	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++)
		if (most >= 4 * unit[i].worth) {
			*worth = unit[i].worth;
			return unit[i].name;
		}
	*worth = 1;
	return "bytes";
}

/* ---- time ---- */

/* words in a line, by their middles, from left to right */
struct words {
	int n;
	double x[BREAKS], wide[BREAKS];
};

/* apart - move words to the right, then to the left, until none lies on
   another; they all have room between low and high */
static void
apart(struct words *w, double low, double high)
{
	double edge = low;
	int i;

	for (i = 0; i < w->n; i++) {
		if (w->x[i] < edge + w->wide[i] / 2)
			w->x[i] = edge + w->wide[i] / 2;
		edge = w->x[i] + w->wide[i] / 2;
	}
	edge = high;
	for (i = w->n - 1; i >= 0; i--) {
		if (w->x[i] > edge - w->wide[i] / 2)
			w->x[i] = edge - w->wide[i] / 2;
		edge = w->x[i] - w->wide[i] / 2;
	}
}

/* touch - two words that are neighbours lie on each other */
static bool
touch(const struct words *w)
{
	int i;

	for (i = 1; i < w->n; i++)
		if (w->x[i] - w->x[i - 1] < (w->wide[i] + w->wide[i - 1]) / 2)
			return true;
	return false;
}

/* halve - every second word goes to the second line */
static void
halve(struct words *w, struct words *second)
{
	int i;

	for (i = 1; i < w->n; i += 2) {
		second->x[second->n] = w->x[i];
		second->wide[second->n++] = w->wide[i];
	}
	for (i = 2; i < w->n; i += 2) {
		w->x[i / 2] = w->x[i];
		w->wide[i / 2] = w->wide[i];
	}
	w->n -= second->n;
}

static double
break_at(const struct scale *s, uint32_t gap)
{
	return at_x(s, s->time.start + (uint64_t)(s->time.gap[gap].from * 1e9));
}

/* draw_breaks - two strokes, and how long it is; in one line or in two */
static void
draw_breaks(const struct scale *s)
{
	struct words line[2] = {{.n = 0}};
	char word[BREAKS][32];
	uint32_t i, lines;
	double x, idle;

	for (i = 0; i < s->time.n; i++) {
		x = break_at(s, i);
		printf("<path class=\"break\" "
		       "d=\"M%.1f %dl4 -12m3 0l-4 12\"/>\n",
		    x + 2, BOTTOM + 6);
		idle = s->time.gap[i].to - s->time.gap[i].from;
		snprintf(word[i], sizeof(word[i]),
		    idle < 999.5 ? "%.3g s idle" : "%.0f s idle", idle);
		line[0].x[i] = x + 5;
		line[0].wide[i] = CHAR * (double)(strlen(word[i]) + 1);
	}
	line[0].n = (int)s->time.n;
	lines = touch(&line[0]) ? 2 : 1;
	if (lines == 2)
		halve(&line[0], &line[1]);
	for (i = 0; i < lines; i++)
		apart(&line[i], EDGE_LEFT - 10, WIDTH);
	for (i = 0; i < s->time.n; i++)
		put_text(line[i % lines].x[i / lines],
		    BOTTOM + 32 + 12 * (i % lines), "small", "middle", word[i]);
}

/* draw_time - a tick, and its number where it does not lie on the last one,
   which ends at *last */
static void
draw_time(double x, const char *word, double *last)
{
	double half = CHAR * (double)strlen(word) / 2, left = x - half;
	bool end = x + half > WIDTH;

	put_line("axis", x, TOP, x, MIDDLE);
	put_line("axis", x, LOWER, x, BOTTOM);
	if (end)
		left = x - 2 * half;
	if (left <= *last + CHAR)
		return;
	put_text(x, BOTTOM + 18, "small", end ? "end" : "middle", word);
	*last = left + 2 * half;
}

static void
draw_times(const struct scale *s)
{
	double step = step_of(s->time.seconds), v, p, x, last = -100;
	double end = s->offset + timeline_end(&s->time) + step / 1000;
	int64_t k = (int64_t)(s->offset / step);
	uint32_t gap = 0;
	char word[64];
	int digits = 0;

	for (v = step; v < 0.999 && digits < 9; v *= 10)
		digits++;
	k += (double)k * step < s->offset;
	/* far from the zero a step may be less than a number can differ */
	if ((double)(k + 1) * step == (double)k * step)
		end = s->offset - step;
	for (; (v = (double)k * step) <= end; k++) {
		/* over a stretch that is left out */
		while (
		    gap < s->time.n && v - s->offset > s->time.gap[gap].from) {
			p = s->offset + s->time.gap[gap++].to;
			if (v < p) {
				k = (int64_t)(p / step) + 1;
				v = (double)k * step;
			}
		}
		if (v > end)
			break;
		x = at_x(s, s->time.start + (uint64_t)((v - s->offset) * 1e9));
		snprintf(word, sizeof(word), "%.*f", digits, v);
		draw_time(x, word, &last);
	}
	draw_breaks(s);
	/* below the first number, left of what breaks have to tell */
	put_text(EDGE_LEFT - 14, BOTTOM + 32, "small", "end", "seconds");
}

/* ---- numbers ---- */

/* lines at round numbers, from low to high */
static void
draw_numbers(const struct scale *s, double low, double high, double step,
    double (*at)(const struct scale *, int64_t))
{
	double v, p, worth;
	const char *unit = unit_of(high, &worth);
	char word[64];

	if (step < 1)
		step = 1;
	for (v = (double)(int64_t)(low / step) * step; v <= high; v += step) {
		if (v < low)
			continue;
		p = at(s, (int64_t)v);
		put_line("axis", EDGE_LEFT, p, EDGE_RIGHT, p);
		snprintf(word, sizeof(word), "%.10g", v / worth);
		put_text(EDGE_LEFT - 6, p + 4, "small", "end", word);
	}
	put_text(
	    EDGE_LEFT - 6, at(s, (int64_t)high) - 10, "small", "end", unit);
}

void
axes(const struct scale *s)
{
	draw_times(s);
	draw_numbers(s, (double)s->low, (double)s->high,
	    step_of((double)(s->high - s->low)), at_y);
	draw_numbers(
	    s, 0, (double)s->most, step_of((double)s->most * 3), at_low);
	printf("<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" "
	       "height=\"%d\"/>\n",
	    EDGE_LEFT, TOP, EDGE_RIGHT - EDGE_LEFT, MIDDLE - TOP);
	printf("<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" "
	       "height=\"%d\"/>\n",
	    EDGE_LEFT, LOWER, EDGE_RIGHT - EDGE_LEFT, BOTTOM - LOWER);
}
