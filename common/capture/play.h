/*
 * play.h - a connection while the states of its ends are found; only for
 * states.c and resets.c.
 */
#ifndef CAPTURE_PLAY_H
#define CAPTURE_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/analysis.h"
#include "capture/proof.h"

enum { QUEUE = 16 };

struct play {
	struct conn *c;
	uint32_t i;	      /* the row at work */
	uint32_t next[2];     /* the next row of that end with an ACK */
	uint32_t last_syn[2]; /* rows */
	uint32_t last_fin[2];
	uint32_t last_ack[2];
	uint32_t last_fill[2];	  /* of a gap */
	uint32_t last_bare[2];	  /* a SYN without an ACK */
	uint32_t queue[2][QUEUE]; /* rows on their way to that end */
	uint32_t queued[2];
	uint32_t was[2]; /* its state after the row before */
	struct proof proof[2];
	bool closed; /* a reset or both FINs: the ending is known */
	bool far[2]; /* so much was sent that numbers come round */
};

/* play_is_old - its number is before the SYN's: it is of an earlier connection,
   and does nothing to this one */
bool play_is_old(struct play *, const struct row *);

/* play_reset - row r is a reset: what it does to both ends */
void play_reset(struct play *, const struct row *);

#endif
