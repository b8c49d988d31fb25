/*
 * replies.h - how many answers without a connection (SYN cookies, resets) may
 * stand in the output, our queue and the pipe behind it, before its reader has
 * read them.
 *
 * What connections send comes behind them. So in a flood, to a reader that is
 * slower, few may stand there: each would add to every round trip.
 */
#ifndef TCPFSM_REPLIES_H
#define TCPFSM_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

enum {
	REPLIES_BURST = 1 << 19, /* bytes of them; and when there have been */
	REPLIES_FLOOD = 1 << 13, /* some for so long without a pause */
};
#define REPLIES_PAUSE (5 * NS_PER_MS)

/* positions count the bytes that were ever put into the output */
struct replies {
	size_t first, last;	      /* bytes, of which the reader has read */
	uint64_t first_end, last_end; /* all when it has come so far */
	uint64_t position;	      /* that the reader has come to */
	uint64_t since;		      /* when the first of them were put */
};

/* replies_read - the reader has come to this position */
void replies_read(struct replies *, uint64_t position);

/* replies_go - n more may go; they will end at this position */
bool replies_go(struct replies *, uint64_t now, size_t n, uint64_t end);

#endif
