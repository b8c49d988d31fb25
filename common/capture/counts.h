/*
 * counts.h - what a connection's segments were, in numbers: the same ones for
 * all programs that tell them.
 */
#ifndef CAPTURE_COUNTS_H
#define CAPTURE_COUNTS_H

#include <stdint.h>

struct conn;

/* conn_segments - without those that were captured twice or duplicated */
uint32_t conn_segments(const struct conn *);

/* conn_counts - "1 lost, 2 retransmitted, 1 perhaps retransmitted"; empty when
   all went well. Returns buf */
enum { CONN_COUNTS = 240 };
char *conn_counts(const struct conn *, char buf[CONN_COUNTS]);

#endif
