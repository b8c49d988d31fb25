/*
 * stream_straight.c - records that are written from where they lie, see
 * stream.h. A file of its own, so that only programs that do that have the
 * system call.
 */
#include <errno.h>
#include <sys/uio.h>

#include "base/syscalls.h"
#include "pipe/stream.h"

SANDBOX_NEEDS(writev);

bool
stream_out_took(
    struct stream_out *o, const struct iovec *v, unsigned n, ssize_t done)
{
	size_t off = done > 0 ? (size_t)done : 0, skip, left = 0;
	bool again = done >= 0 || errno == EAGAIN || errno == EINTR;
	unsigned i;

	o->written += off;
	for (i = 0; i < n; i++) {
		skip = off < v[i].iov_len ? off : v[i].iov_len;
		off -= skip;
		left += v[i].iov_len - skip;
		(void)stream_out_raw(o, (const uint8_t *)v[i].iov_base + skip,
		    v[i].iov_len - skip);
	}
	/* another error comes again when the rest is written */
	return left == 0 || !again;
}

bool
stream_out_straight(
    struct stream_out *o, int fd, const struct iovec *v, unsigned n)
{
	return stream_out_took(o, v, n, writev(fd, v, (int)n));
}
