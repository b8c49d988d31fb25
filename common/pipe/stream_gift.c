/*
 * stream_gift.c - a pipe is lent what is written to it, see stream.h. A file
 * of its own, so that only programs that lend have the system call for it.
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

bool
stream_reader_shows(int fd, enum stream_lock which)
{
	struct flock lock = {.l_type = F_WRLCK,
	    .l_whence = SEEK_SET,
	    .l_start = which,
	    .l_len = 1};

	return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_RDLCK;
}

/* lend - as writev(); a pipe that has grown would show us writing over it */
static ssize_t
lend(const struct stream_out *o, int fd, const struct iovec *v, int n)
{
	int size = fcntl(fd, F_GETPIPE_SZ);

	if (!o->trust && !stream_reader_shows(fd, STREAM_LOCK_COPIES))
		return writev(fd, v, n);
	if (size < 0 || (size_t)size + STREAM_LEND_MAX > o->lent)
		return writev(fd, v, n);
	return vmsplice(fd, v, (size_t)n, SPLICE_F_NONBLOCK);
}

/* make_ring - of what is none; 0, or -1 and errno */
static int
make_ring(struct stream_out *o, int fd)
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

int
stream_out_lend(struct stream_out *o, int fd)
{
	o->trust = true;
	return make_ring(o, fd);
}

static void
offer(struct stream_out *o, int fd)
{
	if (stream_reader_shows(fd, STREAM_LOCK_COPIES) &&
	    make_ring(o, fd) != 0)
		o->offer = NULL;
}

void
stream_out_offer(struct stream_out *o)
{
	o->offer = offer;
}

bool
stream_can_lend(int fd)
{
	return fcntl(fd, F_GETPIPE_SZ) >= 0;
}

#else

bool
stream_reader_shows(int fd, enum stream_lock which)
{
	(void)fd;
	(void)which;
	return false;
}

int
stream_out_lend(struct stream_out *o, int fd)
{
	(void)o;
	(void)fd;
	errno = ENOSYS;
	return -1;
}

void
stream_out_offer(struct stream_out *o)
{
	(void)o;
}

bool
stream_can_lend(int fd)
{
	(void)fd;
	return false;
}

#endif
