/*
 * slots.h - buffers to read a stream into, whose pages may be lent to a pipe:
 * frames then leave from where they were read without a copy, see
 * pipe/pass.h. A buffer that was lent is read into again when the pipe's
 * reader has taken all of it.
 */
#ifndef PIPE_SLOTS_H
#define PIPE_SLOTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "pipe/stream.h"

enum {
	SLOTS = 9,	  /* more than fit into a pipe of 1 MiB */
	SLOT_HEAD = 1024, /* bytes before what is read: frames may get longer */
	SLOT_LEFT = 16 * 1024, /* of a record that is not whole yet, at most */
	SLOT_HOP = 3 * STREAM_HOP, /* to read at once */
	SLOT_BYTES = 212 * 1024,
};

/* a pipe that frames go to; no turns are taken there */
struct pass_to {
	struct stream_out *out;
	int fd;		       /* non-blocking; -1: closed */
	bool *full;	       /* it takes no more at present */
	const unsigned *pipes; /* that out has had before this one */
};

struct slot {
	const struct stream_out *out; /* lent to its pipe; NULL: to none */
	int fd;
	const unsigned *pipes;
	unsigned before;
	uint64_t mark; /* of out->written, when all of it is in the pipe */
};

struct slots {
	uint8_t *buf;	/* NULL: none yet */
	uint8_t *plain; /* the stream's own buffer, which is never lent */
	uint8_t *tail;	/* behind what is lent, or may be, of the buffer that is
			   being read into; NULL: it is the stream's own */
	unsigned at;
	struct slot slot[SLOTS];
};

/*
 * slots_turn - before stream_in_read_some() of STREAM_HOP bytes: let it read
 * into a buffer that nothing shows. much: it may pay to lend that.
 */
void slots_turn(struct slots *, struct stream_in *, bool much);

/* slots_may_lend - the buffer that was read into last, to this pipe */
bool slots_may_lend(const struct slots *, const struct pass_to *);

/* slots_lend - as writev(), of pieces of that buffer */
ssize_t slots_lend(
    struct slots *, const struct pass_to *, const struct iovec *, int n);

#endif
