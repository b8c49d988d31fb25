/*
 * seqplot.h - one direction of one connection as a time-sequence graph.
 *
 * trace.c picks the connection and makes marks of its segments and of the
 * log's lines; scale.c has the axis of time; plot.c draws the marks.
 */
#ifndef SEQPLOT_SEQPLOT_H
#define SEQPLOT_SEQPLOT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "capture/analysis.h"

enum kind {
	SEQ_DATA,      /* from .. to was sent */
	SEQ_AGAIN,     /* the same, not for the first time */
	SEQ_LATE,      /* the same, overtaken on its way */
	SEQ_ACK,       /* all before from has arrived */
	SEQ_WINDOW,    /* up to from may be sent */
	SEQ_SACK,      /* from .. to has arrived */
	SEQ_FLAG,      /* SYN, FIN, RST at from: word */
	SEQ_IN_FLIGHT, /* from bytes */
	SEQ_CWND,      /* from bytes: the log */
	SEQ_EVENT,     /* word: the log */
};

struct mark {
	uint64_t time;
	int64_t from, to; /* relative sequence numbers, or bytes */
	enum kind kind;
	char word[24];
};

/* one direction of one connection */
struct trace {
	const struct conn *c;
	enum conn_side from;
	struct endpoint sender, receiver;
	struct mark *mark;
	uint32_t marks, room;
	uint64_t start;	    /* time of the first segment */
	uint64_t low, high; /* --from, --to: see capture/choose.h */
	uint32_t of;	    /* connections in all */
	const char *title;  /* --title; NULL */
};

enum { PANELS = 16 };

/* trace.c */
/* trace_most - the connection with the most data; NULL: there is none */
const struct conn *trace_most(const struct conns *);
/* trace_begin - its direction with more data, or the other one */
void trace_begin(struct trace *, const struct conn *, bool reverse);
/* trace_when - this time is within --from and --to */
bool trace_when(const struct trace *, uint64_t time);
/* trace_marks - of all its segments */
void trace_marks(struct trace *);
/* trace_story - of the event log's lines about any of n of them */
void trace_story(struct trace *, uint32_t n, FILE *);
void trace_free(struct trace *);

/* plot.c: n of them, below each other, on stdout */
void plot(const struct trace *, uint32_t n);

/* scale.c: time on the axis, without its idle stretches */
enum { BREAKS = 8 };

struct timeline {
	uint64_t start;
	double seconds; /* that the axis shows */
	uint32_t n;
	struct {
		double from, to; /* seconds: left out */
	} gap[BREAKS];
};

/* timeline_make - of all marks that take part in the axis */
void timeline_make(struct timeline *, const struct trace *);
/* timeline_end - of the axis, in seconds after its beginning, with all that is
   left out */
double timeline_end(const struct timeline *);
/* timeline_at - a time, in seconds of the axis */
double timeline_at(const struct timeline *, uint64_t time);

#endif
