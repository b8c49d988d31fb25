/*
 * stream_turn.c - the packet stream, written to a pipe that others write to as
 * well: whole records in each turn. What a full pipe has taken of a record is
 * followed by its rest before the turn ends.
 */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "pipe/stream.h"
#include "pipe/turns.h"

/* what waits, before a write */
struct before {
	size_t start;
	size_t gap_at, gap; /* of a ring */
};

static struct before
look(const struct stream_out *o)
{
	struct before b = {.start = o->start, .gap = o->gap};

	if (o->gap > 0)
		b.gap_at = o->start + o->ring - o->start % o->ring - o->gap;
	return b;
}

/* rest_of - the bytes that are missing of the last record that is begun; the
   write began with a whole one, or with the file's header */
static size_t
rest_of(const struct stream_out *o, const struct before *b)
{
	size_t at = b->start;
	uint32_t word[3];

	while (at < o->start) {
		if (b->gap > 0 && at == b->gap_at) {
			at += b->gap;
			continue;
		}
		memcpy(word, o->buf + (o->ring > 0 ? at % o->ring : at),
		    sizeof(word));
		at += LE32(word[0]) == STREAM_MAGIC
			  ? STREAM_FILE_HLEN
			  : STREAM_REC_HLEN + (size_t)LE32(word[2]);
	}
	return at - o->start;
}

/* finish - the record that is partly written */
static ssize_t
finish(struct stream_out *o, int fd)
{
	ssize_t n = stream_out_some(o, fd, o->left);

	if (n > 0)
		o->left -= (size_t)n;
	if (o->left == 0)
		turn_end(fd);
	return n;
}

ssize_t
stream_out_turn(struct stream_out *o, int fd)
{
	struct before b;
	ssize_t n = 0;

	if (o->left > 0)
		n = finish(o, fd);
	if (n < 0 || o->left > 0 || stream_out_waiting(o) == 0)
		return n;
	o->refused = !turn_take(fd, &o->asked);
	if (o->refused) {
		errno = EAGAIN;
		return -1;
	}
	b = look(o);
	n = stream_out_some(o, fd, SIZE_MAX);
	if (n > 0 && stream_out_waiting(o) > 0)
		o->left = rest_of(o, &b);
	if (o->left > 0)
		turn_wanted(fd);
	else
		turn_end(fd);
	return n;
}
