/*
 * stream_out.c - the packet stream, written; see stream.h and
 * packet-stream(5).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/syscalls.h"
#include "pipe/stream.h"

enum {
	PIPE_BYTES = 1 << 20,
	LEND_LEAST = 32 * 1024, /* bytes; fewer are copied: a page that is
				    lent fills a place of the pipe */
};

int
stream_out_init(struct stream_out *o, size_t cap)
{
	const uint32_t head[6] = {LE32(STREAM_MAGIC), 0, 0, 0,
	    LE32(STREAM_SNAPLEN), LE32(STREAM_ETHERNET)};
	const uint16_t version[2] = {LE16(2), LE16(4)};

	memset(o, 0, sizeof(*o));
	o->buf = malloc(cap);
	if (o->buf == NULL)
		return -1;
	o->cap = cap;
	memcpy(o->buf, head, sizeof(head));
	memcpy(o->buf + 4, version, sizeof(version));
	o->end = STREAM_FILE_HLEN;
	return 0;
}

void
stream_out_free(struct stream_out *o)
{
	free(o->buf);
	o->buf = NULL;
}

void
stream_out_headless(struct stream_out *o)
{
	if (!o->text && o->written == 0 && o->start == 0 &&
	    o->end >= STREAM_FILE_HLEN)
		o->start = STREAM_FILE_HLEN;
}

size_t
stream_out_waiting(const struct stream_out *o)
{
	return o->end - o->start - o->gap;
}

void
stream_out_forget(struct stream_out *o)
{
	if (o->ring > 0)
		o->start = o->end;
	else
		o->start = o->end = 0;
	o->gap = 0;
}

size_t
stream_out_room(const struct stream_out *o)
{
	size_t left = o->cap - stream_out_waiting(o);

	return left > STREAM_REC_HLEN ? left - STREAM_REC_HLEN : 0;
}

/* place - where the next n bytes go; there are so many */
static uint8_t *
place(struct stream_out *o, size_t n)
{
	size_t left;

	if (o->ring > 0) {
		left = o->ring - o->end % o->ring;
		if (left < n) {
			o->gap += left;
			o->end += left;
		}
		return o->buf + o->end % o->ring;
	}
	if (o->cap - o->end < n) {
		memmove(o->buf, o->buf + o->start, o->end - o->start);
		o->end -= o->start;
		o->start = 0;
	}
	return o->buf + o->end;
}

uint8_t *
stream_out_reserve(struct stream_out *o, size_t n)
{
	/* not by stream_out_room(): an empty record needs its header, too */
	if (o->cap - stream_out_waiting(o) < STREAM_REC_HLEN + n)
		return NULL;
	if (o->ring > 0 && STREAM_REC_HLEN + n > STREAM_LEND_MAX)
		return NULL;
	return place(o, STREAM_REC_HLEN + n) + STREAM_REC_HLEN;
}

void
stream_rec_head(uint8_t *p, uint64_t ts, uint32_t caplen, uint32_t len)
{
	const uint32_t head[4] = {LE32(ts / NS_PER_SEC), LE32(ts % NS_PER_SEC),
	    LE32(caplen), LE32(len)};

	memcpy(p, head, sizeof(head));
}

void
stream_out_commit(
    struct stream_out *o, uint64_t ts, uint32_t caplen, uint32_t len)
{
	size_t at = o->ring > 0 ? o->end % o->ring : o->end;

	stream_rec_head(o->buf + at, ts, caplen, len);
	o->end += STREAM_REC_HLEN + caplen;
	o->count++;
	o->beyond += ts / NS_PER_SEC > UINT32_MAX;
}

bool
stream_out_raw(struct stream_out *o, const uint8_t *p, size_t n)
{
	if (o->cap - stream_out_waiting(o) < n)
		return false;
	memcpy(place(o, n), p, n);
	o->end += n;
	return true;
}

bool
stream_out_put(struct stream_out *o, uint64_t ts, const uint8_t *p, size_t n,
    const uint8_t *q, size_t m)
{
	uint8_t *to = stream_out_reserve(o, n + m);

	if (to == NULL) {
		o->dropped++;
		return false;
	}
	if (n > 0)
		memcpy(to, p, n);
	if (m > 0)
		memcpy(to + n, q, m);
	stream_out_commit(o, ts, (uint32_t)(n + m), (uint32_t)(n + m));
	return true;
}

/* ---- the ring */

/* what waits in a ring, in one piece or two; how many */
static int
pieces(const struct stream_out *o, struct iovec v[2])
{
	size_t all = o->end - o->start, at = o->start % o->ring;
	size_t first = all < o->ring - at ? all : o->ring - at;
	int n = 0;

	if (first > o->gap)
		v[n++] = (struct iovec){o->buf + at, first - o->gap};
	if (all > first)
		v[n++] = (struct iovec){o->buf, all - first};
	return n;
}

/* advance - n bytes of the ring are out */
static void
advance(struct stream_out *o, size_t n)
{
	size_t before = o->ring - o->start % o->ring - o->gap;

	if (o->gap > 0 && n >= before) {
		o->start += o->gap;
		o->gap = 0;
	}
	o->start += n;
}

/* clip - to n bytes; how many pieces are left */
static int
clip(struct iovec *v, int count, size_t n)
{
	int i;

	for (i = 0; i < count && n > 0; i++) {
		if (v[i].iov_len > n)
			v[i].iov_len = n;
		n -= v[i].iov_len;
	}
	return i;
}

static ssize_t
write_ring(struct stream_out *o, int fd, size_t most)
{
	struct iovec v[2];
	int count = pieces(o, v);
	size_t all = stream_out_waiting(o);
	ssize_t n;

	count = clip(v, count, most);
	n = (all < most ? all : most) < LEND_LEAST ? writev(fd, v, count)
						   : o->lend(o, fd, v, count);
	if (n > 0) {
		advance(o, (size_t)n);
		o->written += (uint64_t)n;
	}
	return n;
}

ssize_t
stream_out_some(struct stream_out *o, int fd, size_t most)
{
	ssize_t n;

	if (o->ring > 0)
		return write_ring(o, fd, most);
	if (most > o->end - o->start)
		most = o->end - o->start;
	n = write(fd, o->buf + o->start, most);
	if (n > 0) {
		o->start += (size_t)n;
		o->written += (uint64_t)n;
	}
	return n;
}

int
stream_out_write(struct stream_out *o, int fd)
{
	ssize_t n;

	if (stream_out_waiting(o) == 0)
		return 1;
	if (o->offer != NULL && o->ring == 0 &&
	    stream_out_waiting(o) >= LEND_LEAST)
		o->offer(o, fd);
	n = o->turns ? stream_out_turn(o, fd)
		     : stream_out_some(o, fd, SIZE_MAX);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (stream_out_waiting(o) > 0)
		return 0;
	stream_out_forget(o);
	return 1;
}

SANDBOX_NEEDS_FOR(LIBC, ftruncate);

/* cut - the file after that byte of the buffer */
static void
cut(const struct stream_out *o, int fd, size_t at)
{
	off_t size = lseek(fd, 0, SEEK_CUR) - (off_t)(o->start - at);

	if (o->start > at && size >= 0 && ftruncate(fd, size) == 0)
		lseek(fd, size, SEEK_SET);
}

static void
cut_lines(struct stream_out *o, int fd)
{
	size_t at = o->start;

	while (at > 0 && o->buf[at - 1] != '\n')
		at--;
	cut(o, fd, at);
	stream_out_forget(o);
}

/* The buffer begins with a whole record, or with the file's header: what goes
   to a file is written at once, or this is called. */
static uint64_t
cut_records(struct stream_out *o, int fd)
{
	size_t at = 0, next;
	uint64_t lost = 0;
	uint32_t word[3];

	memcpy(word, o->buf, sizeof(word[0]));
	next = word[0] == STREAM_MAGIC ? STREAM_FILE_HLEN : 0;
	if (o->ring > 0 || o->end < next)
		next = o->end;
	while (next <= o->start) {
		at = next;
		if (at + STREAM_REC_HLEN > o->end)
			break;
		memcpy(word, o->buf + at, sizeof(word));
		next += STREAM_REC_HLEN + word[2];
	}
	cut(o, fd, at);
	while (o->ring == 0 && at + STREAM_REC_HLEN <= o->end) {
		memcpy(word, o->buf + at, sizeof(word));
		if (at == 0 && word[0] == STREAM_MAGIC) {
			at = STREAM_FILE_HLEN;
			continue;
		}
		at += STREAM_REC_HLEN + word[2];
		lost++;
	}
	stream_out_forget(o);
	return lost;
}

uint64_t
stream_out_cut(struct stream_out *o, int fd)
{
	int error = errno;
	uint64_t lost = 0;

	if (o->text)
		cut_lines(o, fd);
	else
		lost = cut_records(o, fd);
	errno = error;
	return lost;
}

bool
stream_to_file(int fd)
{
	struct stat sb;

	return fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode);
}

int
stream_out_drain(struct stream_out *o, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int r;

	while ((r = stream_out_write(o, fd)) == 0)
		(void)poll(&p, 1, -1);
	return r > 0 ? 0 : -1;
}

void
stream_pipe_size(int fd)
{
#ifdef F_SETPIPE_SZ
	(void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
#else
	(void)fd;
#endif
}

/* show - the writer of a pipe a read lock; true when fd is one */
static bool
show(int fd, enum stream_lock which)
{
#ifdef F_GETPIPE_SZ
	struct flock lock = {.l_type = F_RDLCK,
	    .l_whence = SEEK_SET,
	    .l_start = which,
	    .l_len = 1};

	return fcntl(fd, F_GETPIPE_SZ) >= 0 && fcntl(fd, F_SETLK, &lock) == 0;
#else
	(void)fd;
	(void)which;
	return false;
#endif
}

void
stream_copies(int fd)
{
	(void)show(fd, STREAM_LOCK_COPIES);
}

bool
stream_unsummed(int fd)
{
	return show(fd, STREAM_LOCK_UNSUMMED);
}
