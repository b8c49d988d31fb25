/*
 * dialog.h - a conversation as a capture shows it: what each side sent, and
 * what it had received by then.
 *
 * Pure: pieces of the two streams in, streams and cues out. A cue is what a
 * side waits for before it sends its next bytes. It is taken from the
 * acknowledgment in the segment of these bytes: a side may have answered what
 * it had acknowledged by then. So the order does not depend on where the
 * capture was made.
 */
#ifndef TCPFSM_REPLAY_DIALOG_H
#define TCPFSM_REPLAY_DIALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conv_who { CONV_CLIENT, CONV_SERVER };

/* a packet of one side; numbers as they are in the packet */
struct conv_piece {
	uint64_t time; /* ns */
	uint64_t no;   /* of the packet in the capture, from 1 */
	size_t at;     /* of its bytes in what holds all */
	uint32_t seq, ack;
	uint32_t len;	  /* bytes that are there, */
	uint32_t missing; /* and behind them, as it was captured short */
	uint16_t flags;
	uint8_t who; /* enum conv_who */
};

/* wait until so much is received, then send the bytes before end */
struct conv_cue {
	uint64_t end, need; /* the end of the other stream counts one */
	uint64_t time;	    /* ns, of the packet */
	uint64_t pause;	    /* ns, between the last of what it waited for and
			       the packet */
};

/* bytes of the stream that the capture lacks: their values are not known */
struct conv_hole {
	uint64_t from, until;
};

struct conv_side {
	uint8_t *bytes;
	uint64_t len;
	struct conv_cue *cue;	/* by ascending end and need */
	struct conv_hole *hole; /* ascending */
	uint32_t cues, holes;
	uint64_t unknown; /* bytes in holes */
	bool fin, reset;  /* how it ended; both may be */
	struct conv_cue fin_cue, reset_cue;
	uint64_t reset_acked; /* bytes of it that were acknowledged by then */
	bool reset_told; /* it had acknowledged all of the other's before */
};

struct conv {
	struct conv_side side[2];
	uint64_t opened;    /* ns */
	uint64_t longest;   /* pause, ns */
	uint64_t conflicts; /* bytes that came again with another value */
	bool torso;	    /* neither SYN was captured: it began before */
	char why[200];	    /* it cannot be played: the reason; or "" */
};

enum { CONV_HOLES = 64 << 20 }; /* bytes in them at most */

/*
 * conv_build - the streams of n pieces in the order of the capture, whose
 * bytes are in store. me: the side that is to be played: all its bytes must be
 * there; those that the other side lacks are holes. 0, or -1 without memory.
 * What cannot be played has a reason in why. conv_free() ends it in any case.
 */
int conv_build(struct conv *, const struct conv_piece *, uint32_t n,
    const uint8_t *store, enum conv_who me);
void conv_free(struct conv *);

/* conv_pauses - of one side: how long it waited before it sent; conv_build()
   calls it */
void conv_pauses(struct conv *, enum conv_who);

/* conv_ended - both sides closed, or one reset */
bool conv_ended(const struct conv *);

/* conv_name - "client" or "server" */
const char *conv_name(enum conv_who);

/* conv_end_name - of a side: "fin", "reset", or "none" */
const char *conv_end_name(const struct conv_side *);

#endif
