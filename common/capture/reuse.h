/*
 * reuse.h - ports that are used again: what a connection's SYNs, FINs and
 * resets show of its life; only for whose.c, conns.c and taken.c.
 */
#ifndef CAPTURE_REUSE_H
#define CAPTURE_REUSE_H

#include "capture/analysis.h"

enum { LAST_MAX = 16 }; /* rows to look back for what an end sent last */

#define COPY_NS	    UINT64_C(5000000000)   /* that a copy is late, at most */
#define QUIET_NS    UINT64_C(30000000000)  /* a connection sends nothing */
#define SYN_LAST_NS UINT64_C(300000000000) /* SYNs apart at most, the last */

/* note_life - s, of that end, is one of the connection. Its numbers are not
   relative yet */
void note_life(struct conn *, const struct tcpseg *s, int from);

/* is_over - by a reset, or by what the capture shows of both ends' FINs */
bool is_over(const struct conn *);

/* is_reused - the SYN has the number of this connection's, and begins another
   one all the same */
bool is_reused(const struct conn *, const struct tcpseg *, int from);

/* syn_answered - row i of c is a SYN, and has arrived: its sender refuses what
   answers it, by a reset. So have copies of it. amiss: an earlier connection
   has answered */
void syn_answered(struct conn *c, uint32_t i, bool amiss);

/* note_killed - s is a reset of the earlier connection, which may have answered
   the SYN of this one */
void note_killed(
    struct conn *, const struct conn *earlier, const struct tcpseg *s);

/*
 * is_answered_anew - the last row of c is a SYN that began the
 * connection which s answers: it only seemed to be one of c, once more
 */
bool is_answered_anew(const struct conn *c, const struct tcpseg *s);

/* may_repeat - that end had time to send its SYN again before it sent something
   else, and its latest SYN comes behind another, not too late for that */
bool may_repeat(const struct conn *, int from);

/* answers_syn - s acknowledges the SYN of that end, which may have data, and
   no more */
bool answers_syn(const struct conn_end *, const struct tcpseg *s);

/* later - ns from then to now; 0 if that is before */
uint64_t later(uint64_t now, uint64_t then);

#endif
