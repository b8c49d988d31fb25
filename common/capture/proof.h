/*
 * proof.h - what a whole connection shows of the states of its ends; only for
 * states.c. A state that an end enters because of what arrives is sure where
 * something that it sends later shows that.
 */
#ifndef CAPTURE_PROOF_H
#define CAPTURE_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/analysis.h"

enum { PROOF_EDGES = 8 };

struct proof {
	bool have_ack, have_fin;
	bool synack;	/* it has sent one */
	bool fast;	/* TCP Fast Open */
	bool open;	/* it has sent what only an open end sends */
	bool fin_early; /* its FIN, in one row, does not acknowledge ours */
	bool
	    fin_later; /* it has acknowledged a FIN, and not yet sent its own */
	bool fin_again; /* it has sent its FIN after the other's ACK of it */
	bool gaps;	/* not all that it has sent was captured */
	bool again;	/* what it retransmitted is not acknowledged */
	uint64_t
	    clear_at; /* its latest ACK without data: no FIN was sent before */
	uint64_t fin_at;  /* when its FIN was first seen; 0: not yet */
	bool fin_acks;	  /* it acknowledged more than anything before */
	bool had_ack;	  /* up to the row at work, */
	uint32_t ack;	  /* the furthest one */
	uint64_t seen_at; /* its latest row */
	uint64_t owed_at; /* the first data that nothing came after; 0: none */
	bool steady; /* since what showed its SND.NXT it has never waited */
	uint32_t edge[PROOF_EDGES]; /* of the windows given to it, the latest */
	uint32_t edges;		    /* so many were there */
	uint32_t top;		    /* the furthest one */
	bool no_fin;		    /* up to the row at work */
	bool goes_on;		    /* it sends something after a reset */
	bool heard;	    /* it took a segment that acknowledges its FIN */
	uint32_t first_ack; /* of its segments, the least */
	uint32_t max_ack;
	uint32_t fin;	     /* its number */
	uint32_t end;	     /* of all that was seen */
	uint32_t resets;     /* that were sent to it */
	uint32_t renumbered; /* its FIN has the numbers from that row on */
	bool acks; /* it has acknowledged something, up to the row at work */
	uint32_t acks_fin; /* the row that acknowledges the other's; NO_ROW */
};

/* prove - of both ends */
void prove(const struct conn *, struct proof[2]);

/*
 * is_proven - that the end went from one state to another at this row; else it
 * only seems so
 */
bool is_proven(
    const struct proof[2], int who, enum end_state from, enum end_state to);

/* ending_of - a connection in which no reset and no two FINs were taken */
enum ending ending_of(const struct conn *);

#endif
