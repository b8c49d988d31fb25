/*
 * analyse.h - the passes over a connection, see analysis.h. Only conns.c
 * calls these, in this order; and the first half of conns_make(), for sorter.c
 * as well.
 */
#ifndef CAPTURE_ANALYSE_H
#define CAPTURE_ANALYSE_H

struct conn;
struct conns;
struct row;

/* conns_start - none so far; 0, or -1 without memory */
int conns_start(struct conns *);

/* conns_enter - the connection that the segment of a row belongs to, or begins;
   it has the row then. NULL without memory */
struct conn *conns_enter(struct conns *, struct row *);

/* analyse_marks - every segment's marks; 0, or -1 without memory */
int analyse_marks(struct conn *);

/* analyse_states - the states of both ends, and how the connection ended */
void analyse_states(struct conn *);

#endif
