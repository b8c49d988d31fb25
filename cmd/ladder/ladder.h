/*
 * ladder.h - connections as people draw TCP on a board.
 *
 * conn.c makes connections of segments and finds out states, losses and
 * retransmissions, story.c adds the reasons that the event log tells, label.c
 * puts a segment into words, text.c and svg.c draw.
 */
#ifndef LADDER_LADDER_H
#define LADDER_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "capture/seglist.h"

enum {
	WHY_MAX = 24,
};

enum { LADDER_BUCKETS = 1 << 14 };

enum side { LEFT, RIGHT }; /* LEFT: the client, who sent the SYN */

enum end_state {
	ST_NONE, /* not known */
	ST_LISTEN,
	ST_SYN_SENT,
	ST_SYN_RECEIVED,
	ST_ESTABLISHED,
	ST_FIN_WAIT_1,
	ST_FIN_WAIT_2,
	ST_CLOSE_WAIT,
	ST_CLOSING,
	ST_LAST_ACK,
	ST_TIME_WAIT,
	ST_CLOSED,
};

/* a segment, and what it means */
struct row {
	struct tcpseg *seg; /* numbers are relative after conn_split() */
	uint32_t wnd;	    /* bytes */
	uint8_t from;	    /* enum side */
	uint8_t state[2];   /* enum end_state of both ends, afterwards */
	bool lost;	    /* never arrived, as far as can be seen */
	bool again;	    /* was sent before */
	bool probe;	    /* a byte for which there was no window */
	char why[WHY_MAX];  /* the log's word */
};

/* one end of a connection while its rows are looked at */
struct end {
	struct endpoint at;
	bool have_isn, have_wscale;
	uint8_t wscale;
	uint32_t isn;
	enum end_state state;
	uint32_t nxt;	  /* relative: the next to be sent */
	uint32_t rcv_nxt; /* relative: the next it wants of the other */
	uint32_t fin;	  /* relative: number of its FIN */
	uint32_t edge;	  /* relative: where the window ends that it tells */
	bool have_fin, have_edge;
};

struct conn {
	struct conn *next, *same_hash;
	struct end end[2];
	struct row **row;
	uint32_t rows, room;
	char how[WHY_MAX]; /* the log's word for its end */
};

struct ladder {
	struct row *row; /* one for each segment */
	struct conn *first, **last, **bucket;
	/* what is wanted */
	bool svg, every, colour;
	uint64_t limit; /* connections; 0: all */
};

/* conn.c */
/* conn_split - segments by time into connections, and what they mean */
void conn_split(struct ladder *, const struct tcpseg_list *);
void conn_free(struct ladder *);
struct conn *conn_find(struct ladder *, const struct endpoint *,
    const struct endpoint *, uint64_t time, enum side *first_is);
/* conn_row_at - the first row that is not earlier (ns since 1970) */
uint32_t conn_row_at(const struct conn *, uint64_t time);
/*
 * conn_quiet - row i begins a long stretch of plain data and ACKs: how many
 * of its rows may be drawn as one; else 0
 */
uint32_t conn_quiet(const struct conn *, uint32_t i);
const char *state_name(enum end_state);

/* story.c */
/* story_read - the event log of tcpfsm; unknown lines are skipped */
void story_read(struct ladder *, FILE *);

/* label.c: at most n - 1 characters into buf; return buf */
char *label_row(const struct row *, char *buf, size_t n);
char *label_quiet(
    const struct conn *, uint32_t first, uint32_t count, char *buf, size_t n);
char *label_title(const struct conn *, char *buf, size_t n);

/* text.c, svg.c: draw what is wanted on stdout */
void text_draw(const struct ladder *);
void svg_draw(const struct ladder *);

#endif
