/*
 * stream_gift.c - a pipe is lent what is written to it, see stream.h. A file
 * of its own, so that only who lends has the system call for it.
 *
 * The pages stay ours while the pipe shows them. A pipe holds no more than
 * its size, so what was lent so many bytes ago has been read; the ring is
 * larger than that and what may wait together.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "base/syscalls.h"
#include "pipe/stream.h"

#ifdef SPLICE_F_NONBLOCK

SANDBOX_NEEDS_FOR(GIFT, vmsplice);

/* lend - as writev(); a pipe that has grown would show us writing over it */
static ssize_t
lend(const struct stream_out *o, int fd, const struct iovec *v, int n)
{
	int size = fcntl(fd, F_GETPIPE_SZ);

	if (size < 0 || (size_t)size + STREAM_LEND_MAX > o->lent)
		return writev(fd, v, n);
	return vmsplice(fd, v, (size_t)n, SPLICE_F_NONBLOCK);
}

int
stream_out_lend(struct stream_out *o, int fd)
{
	int size = fcntl(fd, F_GETPIPE_SZ);
	size_t lent, ring;
	uint8_t *buf;

	if (size < 0)
		return -1;
	/* each may have a gap in it */
	lent = (size_t)size + STREAM_LEND_MAX;
	ring = o->cap + STREAM_LEND_MAX + lent;
	buf = malloc(ring);
	if (buf == NULL)
		return -1;
	memcpy(buf, o->buf + o->start, o->end - o->start);
	free(o->buf);
	o->buf = buf;
	o->end -= o->start;
	o->start = 0;
	o->lent = lent;
	o->ring = ring;
	o->lend = lend;
	return 0;
}

#else

int
stream_out_lend(struct stream_out *o, int fd)
{
	(void)o;
	(void)fd;
	errno = ENOSYS;
	return -1;
}

#endif
