/*
 * pieces.h - the packets of a connection, as its analysis (capture/analysis.h)
 * reports them: what is not part of it, and what does nothing to it, is left
 * out.
 */
#ifndef TCPFSM_REPLAY_PIECES_H
#define TCPFSM_REPLAY_PIECES_H

#include <stdint.h>

struct conv_piece;
struct endpoint;
struct tcpseg_list;

/*
 * pieces_make - a piece of each segment, in place: p[i], of which no and at
 * are set, belongs to the i-th; *n: this many are left, with numbers of the
 * analysis. The last one may be the reset that ended the connection. The
 * list's numbers change. 0, or -1 without memory.
 */
int pieces_make(struct tcpseg_list *, const struct endpoint *client,
    struct conv_piece *p, uint32_t *n);

#endif
