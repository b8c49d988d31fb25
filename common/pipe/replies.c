/*
 * replies.c - see replies.h. They are counted in two lots: what stands in front
 * is gone when the reader has passed its end.
 */
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "pipe/replies.h"

void
replies_read(struct replies *r, uint64_t position)
{
	r->position = position;
	if (position >= r->last_end)
		r->last = 0;
	if (position < r->first_end)
		return;
	r->first = r->last;
	r->first_end = r->last_end;
	r->last = 0;
}

/* standing - bytes of them: no more than of all that was put in */
static size_t
standing(const struct replies *r, uint64_t end)
{
	size_t n = r->first + r->last;

	return n < end - r->position ? n : (size_t)(end - r->position);
}

bool
replies_go(struct replies *r, uint64_t now, size_t n, uint64_t end)
{
	size_t before = standing(r, end - n), most = r->burst;

	if (before == 0)
		r->since = now;
	else if (now - r->since >
		 (r->aside.cap > 0 ? REPLIES_SOON : REPLIES_PAUSE))
		most = r->flood;
	if (before + n > most)
		return false;
	if (r->last == 0 && r->first + n <= r->flood / 2) {
		r->first += n;
		r->first_end = r->last_end = end;
	} else {
		r->last += n;
		r->last_end = end;
	}
	return true;
}

void
replies_start(struct replies *r, int fd, size_t burst, size_t flood)
{
	struct stat sb;

	*r = (struct replies){
	    .burst = burst, .flood = flood, .put = STREAM_FILE_HLEN};
	r->pipe = fstat(fd, &sb) == 0 && S_ISFIFO(sb.st_mode) ? fd : -1;
}

/*
 * read_by_now - the position that the reader of the output has come to, if it
 * is a pipe; of anything else, what has been written
 */
static uint64_t
read_by_now(const struct replies *r, const struct stream_out *o)
{
	int held = 0;

	if (r->pipe >= 0)
		(void)ioctl(r->pipe, FIONREAD, &held);
	return r->put - stream_out_waiting(o) - (uint64_t)held;
}

bool
replies_may(
    struct replies *r, const struct stream_out *o, uint64_t now, size_t n)
{
	uint64_t was = r->position;

	if (r->looked != now)
		replies_read(r, read_by_now(r, o));
	if (r->position != was)
		r->moved = now;
	r->looked = now;
	n += STREAM_REC_HLEN;
	return replies_go(r, now, n, r->put + n);
}

void
replies_put(struct replies *r, size_t n)
{
	r->put += STREAM_REC_HLEN + n;
}

/* ---- those that wait ---- */

int
replies_aside(struct replies *r, size_t cap)
{
	if (stream_out_init(&r->aside, cap) != 0)
		return -1;
	stream_out_forget(&r->aside);
	return 0;
}

/* send - when it may go; false: it did not */
static bool
send(struct replies *r, struct stream_out *o, uint64_t now, const uint8_t *p,
    size_t n, const uint8_t *q, size_t m)
{
	if (!replies_may(r, o, now, n + m) || stream_out_room(o) < n + m ||
	    !stream_out_put(o, now, p, n, q, m))
		return false;
	replies_put(r, n + m);
	return true;
}

bool
replies_send(struct replies *r, struct stream_out *o, uint64_t now,
    const uint8_t *p, size_t n, const uint8_t *q, size_t m)
{
	if (stream_out_waiting(&r->aside) == 0 && send(r, o, now, p, n, q, m))
		return true;
	return stream_out_put(&r->aside, now, p, n, q, m);
}

void
replies_go_on(struct replies *r, struct stream_out *o, uint64_t now, bool all)
{
	struct stream_out *w = &r->aside;
	const uint8_t *p;
	uint32_t n;

	while (stream_out_waiting(w) > 0) {
		p = w->buf + w->start;
		n = get_le32(p + 8);
		p += STREAM_REC_HLEN;
		if (all ? !stream_out_put(o, now, p, n, NULL, 0)
			: !send(r, o, now, p, n, NULL, 0))
			return;
		w->start += STREAM_REC_HLEN + n;
	}
	stream_out_forget(w);
}

bool
replies_many(const struct replies *r, uint64_t now)
{
	return stream_out_waiting(&r->aside) > REPLIES_MANY &&
	       now - r->moved < REPLIES_STUCK;
}

uint64_t
replies_deadline(const struct replies *r)
{
	return stream_out_waiting(&r->aside) == 0 ? TIME_NEVER
						  : r->looked + REPLIES_AGAIN;
}
