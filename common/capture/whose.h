/*
 * whose.h - which connection of its ends a segment belongs to; only for
 * conns.c.
 */
#ifndef CAPTURE_WHOSE_H
#define CAPTURE_WHOSE_H

#include "capture/analysis.h"

enum {
	OVERTAKEN = 1 << 20, /* bytes before a segment that comes late */
	BEYOND = 1 << 30,    /* more than any window, RFC 7323 2.3 */
};

/* whose - of the connections of these ends that are known; NULL: a new one */
struct conn *whose(const struct conns *, const struct tcpseg *);

/* note_life - what whose() has to know of the connection: s, of that end, is
   one of it. Its numbers are not relative yet */
void note_life(struct conn *, const struct tcpseg *, int from);

/* is_late_syn - what that end has sent behind it overtook this SYN */
bool is_late_syn(const struct conn_end *, const struct tcpseg *);

/*
 * is_answered_anew - row r, the last one of c, is a SYN that began the
 * connection which s answers: it only seemed to be one of c, once more
 */
bool is_answered_anew(const struct conn *c, const struct tcpseg *s);

#endif
