/*
 * replies.h - how many answers without a connection (SYN cookies, resets, echo
 * replies) may stand in the output, our queue and the pipe behind it, before
 * its reader has read them.
 *
 * What is sent later comes behind them. So in a flood, to a reader that is
 * slower, few may stand there: each would add to every round trip. More of
 * them can wait aside, where nothing waits behind them: a reader that has no
 * turn for some milliseconds loses none.
 */
#ifndef PIPE_REPLIES_H
#define PIPE_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "pipe/stream.h"

#define REPLIES_PAUSE (50 * NS_PER_MS)
#define REPLIES_SOON  (5 * NS_PER_MS)	/* the same, where more wait aside */
#define REPLIES_AGAIN (200 * NS_PER_US) /* then the pipe is looked at again */

#define REPLIES_STUCK (100 * NS_PER_MS) /* a reader that read nothing */

enum { REPLIES_MANY = 1 << 14 }; /* bytes aside */

/* positions count the bytes that were ever put into the output */
struct replies {
	size_t burst; /* bytes at most, */
	size_t flood; /* and when some have stood there for REPLIES_PAUSE */
	uint64_t put;
	int pipe;		      /* that shows how much it holds, or -1, */
	uint64_t looked;	      /* at this time */
	size_t first, last;	      /* bytes, of which the reader has read */
	uint64_t first_end, last_end; /* all when it has come so far */
	uint64_t position;	      /* that the reader has come to */
	uint64_t moved;		      /* when it was seen to read last */
	uint64_t since;		      /* when the first of them were put */
	struct stream_out aside;      /* those that wait */
};

/* replies_start - before the first record; the output goes to fd */
void replies_start(struct replies *, int fd, size_t burst, size_t flood);

/* replies_may - an answer of n bytes may go into the output */
bool replies_may(
    struct replies *, const struct stream_out *, uint64_t now, size_t n);

/* replies_aside - let this many bytes of them wait; 0, or -1 without memory */
int replies_aside(struct replies *, size_t cap);

/*
 * replies_send - an answer in two pieces goes into the output, or waits aside;
 * false: there is no room, it is dropped
 */
bool replies_send(struct replies *, struct stream_out *, uint64_t now,
    const uint8_t *p, size_t n, const uint8_t *q, size_t m);

/* replies_go_on - of those that wait as many as may go, or all of them */
void replies_go_on(
    struct replies *, struct stream_out *, uint64_t now, bool all);

/*
 * replies_many - so many wait aside that no more should be made: the reader is
 * what is slow, and each that is dropped takes CPU from it. For one that does
 * not read at all nothing is held up.
 */
bool replies_many(const struct replies *, uint64_t now);

/* replies_deadline - when to call it again; TIME_NEVER: none wait */
uint64_t replies_deadline(const struct replies *);

/* replies_put - a frame of n bytes was put there, an answer or not */
void replies_put(struct replies *, size_t n);

/* ---- what these do, without a pipe */

/* replies_read - the reader has come to this position */
void replies_read(struct replies *, uint64_t position);

/* replies_go - n more may go; they will end at this position */
bool replies_go(struct replies *, uint64_t now, size_t n, uint64_t end);

#endif
