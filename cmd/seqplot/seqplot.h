/*
 * seqplot.h - one direction of one connection as a time-sequence graph.
 *
 * trace.c picks the connection and makes marks of its segments and of the
 * log's lines; plot.c draws the marks.
 */
#ifndef SEQPLOT_SEQPLOT_H
#define SEQPLOT_SEQPLOT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "capture/seglist.h"

enum kind {
	MARK_DATA,	/* from .. to was sent */
	MARK_AGAIN,	/* the same, not for the first time */
	MARK_ACK,	/* all before from has arrived */
	MARK_WINDOW,	/* up to from may be sent */
	MARK_SACK,	/* from .. to has arrived */
	MARK_FLAG,	/* SYN, FIN, RST at from: word */
	MARK_IN_FLIGHT, /* from bytes */
	MARK_CWND,	/* from bytes: the log */
	MARK_EVENT,	/* word: the log */
};

struct mark {
	uint64_t time;
	int64_t from, to; /* relative sequence numbers, or bytes */
	enum kind kind;
	char word[24];
};

struct trace {
	const struct tcpseg_list *segs;
	bool reverse; /* the direction with less data */
	struct endpoint sender, receiver;
	struct mark *mark;
	uint32_t marks, room;
	uint64_t start; /* time of the first segment */
};

/* trace.c */
/* trace_pick - sender and receiver; false when there is no segment */
bool trace_pick(struct trace *);
/* trace_marks - of all its segments */
void trace_marks(struct trace *);
/* trace_story - of the event log's lines about it */
void trace_story(struct trace *, FILE *);
void trace_free(struct trace *);

/* plot.c: the picture on stdout */
void plot(const struct trace *);

#endif
