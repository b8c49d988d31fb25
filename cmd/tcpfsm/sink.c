/*
 * sink.c - bytes on their way to a descriptor, see sink.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sink.h"

enum { FIRST_CAP = 16384 };

void
sink_init(struct sink *s, int fd)
{
	memset(s, 0, sizeof(*s));
	s->fd = fd;
}

size_t
sink_waits(const struct sink *s)
{
	return s->end - s->start;
}

/* write_some - bytes that were taken, or -1 and errno */
static ssize_t
write_some(struct sink *s, const uint8_t *p, size_t n)
{
	size_t done = 0;
	ssize_t w;

	while (done < n) {
		w = write(s->fd, p + done, n - done);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && errno == EAGAIN)
			break;
		if (w < 0)
			return -1;
		done += (size_t)w;
	}
	s->taken += done;
	return (ssize_t)done;
}

/* make_room - for n more bytes at the end */
static int
make_room(struct sink *s, size_t n)
{
	size_t waits = sink_waits(s), cap = s->cap;
	uint8_t *buf;

	if (s->start > 0) {
		memmove(s->buf, s->buf + s->start, waits);
		s->start = 0;
		s->end = waits;
	}
	while (cap < waits + n)
		cap = cap == 0 ? FIRST_CAP : cap * 2;
	if (cap == s->cap)
		return 0;
	buf = realloc(s->buf, cap);
	if (buf == NULL)
		return -1;
	s->buf = buf;
	s->cap = cap;
	return 0;
}

int
sink_put(struct sink *s, const uint8_t *p, size_t n)
{
	ssize_t w;

	if (s->fd == SINK_NONE)
		return 0;
	if (s->fd >= 0 && sink_waits(s) == 0) {
		w = write_some(s, p, n);
		if (w < 0)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	if (n == 0)
		return 0;
	if (s->cap - s->end < n && make_room(s, n) != 0)
		return -1;
	memcpy(s->buf + s->end, p, n);
	s->end += n;
	return 0;
}

int
sink_flush(struct sink *s)
{
	ssize_t w;

	if (s->fd < 0 || sink_waits(s) == 0)
		return 0;
	w = write_some(s, s->buf + s->start, sink_waits(s));
	if (w < 0)
		return -1;
	s->start += (size_t)w;
	if (s->start == s->end)
		s->start = s->end = 0;
	return 0;
}

int
sink_close(struct sink *s)
{
	int r = s->fd >= 0 ? close(s->fd) : 0;
	uint64_t taken = s->taken;

	free(s->buf);
	sink_init(s, SINK_NONE);
	s->taken = taken;
	return r;
}
