/*
 * draw.h - where things are in the picture; between plot.c and axis.c.
 */
#ifndef SEQPLOT_DRAW_H
#define SEQPLOT_DRAW_H

#include "seqplot.h"

enum {
	WIDTH = 960,
	EDGE_LEFT = 86,
	EDGE_RIGHT = 936,
	TOP = 64,
	MIDDLE = 470, /* where the upper graph ends */
	LOWER = 520,  /* where the lower one begins */
	BOTTOM = 650,
	HEIGHT = 700,
	TICKS = 8,
};

/* width of a letter in small words, a little more than most fonts have */
#define CHAR 6.3

/* what the axes span */
struct scale {
	struct timeline time;
	double offset;	   /* where it begins, seconds of the connection */
	int64_t low, high; /* sequence numbers */
	int64_t most;	   /* bytes, of the lower graph */
};

double at_x(const struct scale *, uint64_t time);
double at_y(const struct scale *, int64_t seq);
double at_low(const struct scale *, int64_t bytes);

/* put_text - class is small, letter or title; anchor as SVG has it */
void put_text(
    double x, double y, const char *class, const char *anchor, const char *);
void put_line(const char *class, double x1, double y1, double x2, double y2);

/* axes - axis.c: of both graphs, with their frames */
void axes(const struct scale *);

#endif
