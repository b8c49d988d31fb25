/*
 * analyse.h - the passes over a connection, see analysis.h. Only conns.c
 * calls these, in this order.
 */
#ifndef CAPTURE_ANALYSE_H
#define CAPTURE_ANALYSE_H

struct conn;

/* analyse_marks - every segment's marks; 0, or -1 without memory */
int analyse_marks(struct conn *);

/* analyse_states - the states of both ends, and how the connection ended */
void analyse_states(struct conn *);

#endif
