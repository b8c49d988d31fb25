/*
 * pass.h - frames on their way from the buffer that they were read into,
 * straight to a pipe: one copy in, one out, by the kernel; or none out, where
 * the pipe's reader copies (pipe/slots.h). What the pipe does not take is
 * copied to what waits for it.
 */
#ifndef PIPE_PASS_H
#define PIPE_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "pipe/slots.h"
#include "pipe/stream.h"

enum { PASS_FRAMES = 160 };

struct pass {
	struct slots *slots; /* that the frames lie in; NULL: in none */
	struct pass_to to;   /* out NULL: nothing is on its way */
	bool lend;	     /* the slot may be lent to the pipe */
	unsigned frames, pieces;
	size_t bytes;
	struct iovec piece[2 * PASS_FRAMES];
	/* a record's header and what is before the rest of the frame, where
	   that is not as it was read */
	uint8_t head[PASS_FRAMES][STREAM_REC_HLEN + 16];
};

/*
 * pass_put - a frame in two pieces, of which the second remains where it is
 * until pass_end(), and so does the first where it lies before that, with a
 * record's header before it that may be written over. only: nobody else needs
 * them, so they may be moved. False: it has to be copied.
 */
bool pass_put(struct pass *, const struct pass_to *, uint64_t now,
    const uint8_t *p, size_t n, const uint8_t *q, size_t m, bool only);

/* pass_end - all are written, or copied */
void pass_end(struct pass *);

#endif
