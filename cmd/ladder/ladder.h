/*
 * ladder.h - connections as ladder draws them: choose.c chooses them, text.c
 * and svg.c draw, list.c has the table.
 */
#ifndef LADDER_LADDER_H
#define LADDER_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "capture/analysis.h"
#include "capture/choose.h"
#include "capture/counts.h"

/* what the list is sorted by; the words of --sort */
enum key { KEY_NO, KEY_BYTES, KEY_AGAIN, KEY_RTT, KEY_TIME };

struct ladder {
	struct conns conns;
	/* how it is drawn */
	bool svg, every, colour, absolute, list;
	uint64_t page;	      /* of the picture, from 1; 0: not given */
	unsigned key;	      /* enum key: the list's order, */
	bool sorted;	      /* which was given */
	unsigned when;	      /* --colour */
	struct choice choice; /* which are wanted */
};

/* what a picture draws as one item: a row, or a quiet stretch */
struct item {
	uint32_t at, count; /* count 0: row at; else this many rows, quiet */
};

struct capfiles;

/* options.c: returns where the files begin */
int options_read(struct ladder *, struct capfiles *, int argc, char **argv);

/* choose.c */
/*
 * next_item - what is to be drawn from row at on; false: there is no more.
 * The next one is behind item->at, or behind the stretch.
 */
bool next_item(
    const struct ladder *, const struct conn *, uint32_t at, struct item *);
/* time_text - of a row, as it is wanted; TIME_TEXT bytes; returns buf */
enum { TIME_TEXT = 24 };
char *time_text(
    const struct ladder *, const struct conn *, const struct row *, char *buf);

/* time_chars - of the longest time_text() that is drawn of the connection;
   TIME_CHARS at least */
enum { TIME_CHARS = 10 };
int time_chars(const struct ladder *, const struct conn *);

/* date_text - of a time, UTC: 2026-11-30; returns buf */
enum { DATE_TEXT = 16 };
char *date_text(uint64_t time, char buf[DATE_TEXT]);

/* label.c: at most n - 1 characters into buf; return buf */
char *label_row(const struct row *, char *buf, size_t n);
/*
 * label_quiet - what these ends (bits 1 << LEFT, 1 << RIGHT) have sent in so
 * many rows; the number of rows with both or none. false: it found no room
 */
enum { BOTH_ENDS = 1 << LEFT | 1 << RIGHT, QUIET_TEXT = 100 };
bool label_quiet(const struct conn *, uint32_t first, uint32_t count,
    uint32_t ends, char *buf, size_t n);
/* label_state - the state that an end has changed to with r, "?" where that is
   not sure; empty when it has not. STATE_TEXT bytes */
enum { STATE_TEXT = 16 };
char *label_state(const struct row *prev, const struct row *r, enum conn_side,
    char buf[STATE_TEXT]);
/* label_title - how many segments, how long, which end closed it */
char *label_title(const struct conn *, char *buf, size_t n);
/* label_counts - "(1 lost, 2 retransmitted)"; empty when all went well */
enum { COUNTS_TEXT = CONN_COUNTS + 2 };
char *label_counts(const struct conn *, char buf[COUNTS_TEXT]);
/* label_break - so many characters of it go into a line of room, up to a comma
   where not all of them do */
size_t label_break(const char *, size_t room);

/* text.c, svg.c, list.c: what is wanted on stdout */
void text_draw(const struct ladder *);
void svg_draw(const struct ladder *);
/* list_print - 0, or -1 without memory */
int list_print(const struct ladder *);

#endif
