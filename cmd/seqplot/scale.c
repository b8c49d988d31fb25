/*
 * scale.c - the axis of time: a stretch in which nothing happens, and which
 * would take most of the picture, is broken.
 */
#include <stdlib.h>

#include "seqplot.h"

/* of the time that is left, a stretch of this much is worth a break */
#define WORTH 0.35
/* and this much of it is kept, to be seen as one */
#define KEPT 0.04

static int
by_time(const void *a, const void *b)
{
	uint64_t s = *(const uint64_t *)a, t = *(const uint64_t *)b;

	return s < t ? -1 : s > t;
}

/* times - of the marks that count, in order; NULL without memory */
static uint64_t *
times(const struct trace *t, uint32_t *n)
{
	uint64_t *at = malloc((t->marks + (size_t)1) * sizeof(*at));
	uint32_t i;

	*n = 0;
	for (i = 0; at != NULL && i < t->marks; i++)
		if (t->mark[i].kind < SEQ_CWND)
			at[(*n)++] = t->mark[i].time;
	if (at != NULL)
		qsort(at, *n, sizeof(*at), by_time);
	return at;
}

/* longest - the longest stretch that is not left out yet; its length */
static double
longest(
    const struct timeline *l, const uint64_t *at, uint32_t n, uint32_t *where)
{
	double best = 0, from, to;
	uint32_t i, j;

	for (i = 1; i < n; i++) {
		from = (double)(at[i - 1] - l->start) / 1e9;
		to = (double)(at[i] - l->start) / 1e9;
		for (j = 0; j < l->n && l->gap[j].from != from; j++)
			;
		if (j == l->n && to - from > best) {
			best = to - from;
			*where = i;
		}
	}
	return best;
}

/* in_order - the gaps, by time */
static int
gap_order(const void *a, const void *b)
{
	const double *s = a, *t = b;

	return s[0] < t[0] ? -1 : s[0] > t[0];
}

void
timeline_make(struct timeline *l, const struct trace *t)
{
	uint32_t n, where = 0;
	uint64_t *at = times(t, &n);
	double stretch, kept, total;

	*l = (struct timeline){.start = t->start, .seconds = 1e-6};
	if (at == NULL || n == 0) {
		free(at);
		return;
	}
	l->start = at[0];
	total = (double)(at[n - 1] - at[0]) / 1e9;
	while (l->n < BREAKS) {
		stretch = longest(l, at, n, &where);
		if (stretch <= total * WORTH || stretch <= 0)
			break;
		kept = (total - stretch) * KEPT;
		l->gap[l->n].from = (double)(at[where - 1] - at[0]) / 1e9;
		l->gap[l->n].to = l->gap[l->n].from + stretch - kept;
		total -= stretch - kept;
		l->n++;
	}
	qsort(l->gap, l->n, sizeof(l->gap[0]), gap_order);
	if (total > l->seconds)
		l->seconds = total;
	free(at);
}

double
timeline_end(const struct timeline *l)
{
	double end = l->seconds;
	uint32_t i;

	for (i = 0; i < l->n; i++)
		end += l->gap[i].to - l->gap[i].from;
	return end;
}

double
timeline_at(const struct timeline *l, uint64_t time)
{
	double s = time < l->start ? 0 : (double)(time - l->start) / 1e9;
	double out = s;
	uint32_t i;

	for (i = 0; i < l->n; i++) {
		if (s >= l->gap[i].to)
			out -= l->gap[i].to - l->gap[i].from;
		else if (s > l->gap[i].from)
			out -= s - l->gap[i].from;
	}
	return out > l->seconds ? l->seconds : out;
}
