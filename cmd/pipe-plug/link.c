/*
 * link.c - frames in and out of a link; see link.h. Lengths come from
 * strangers: each is checked before it is believed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/die.h"
#include "linux/pktsock.h"
#include "wire/gso.h"
#include "link.h"
#include "tap.h"

enum {
	READS = 64,
	LENGTH = 4,
	SHORTEST = 14,
	LARGE = 16 * 1024, /* to copy it costs more than a call */
	MTU = 1500,	   /* of links that take no super-frames */
};

/* ---- in */

/* one read() a frame, some at once */
static int
read_ones(struct link *l, uint64_t now, const struct taker *t)
{
	size_t head = l->tap != NULL ? PKTSOCK_VNET_HLEN : 0;
	uint8_t *frame = l->from.buf + head;
	ssize_t n;
	int i;

	for (i = 0; i < READS; i++) {
		n = read(l->in, l->from.buf, l->from.cap);
		/* refused: the other end of UDP is not open yet */
		if (n < 0 && (errno == EAGAIN || errno == EINTR ||
				 errno == ECONNREFUSED))
			return 1;
		if (n < 0) {
			say("read %s: %s", l->text,
			    errno == EBADFD ? "the device has been removed"
					    : strerror(errno));
			return -1;
		}
		n -= (ssize_t)head;
		if (n < SHORTEST || n > LINK_LONGEST) {
			l->bad++;
			continue;
		}
		if (l->tap != NULL)
			pktsock_fill(l->from.buf, frame, (size_t)n);
		t->take(t->ctx, now, frame, (size_t)n);
		t->done(t->ctx);
	}
	return 1;
}

/* take_lengths - whole frames, each behind its length; -1: it lies */
static int
take_lengths(struct link *l, uint64_t now, const struct taker *t)
{
	size_t at = 0;
	uint32_t n;

	while (l->got - at >= LENGTH) {
		n = get_be32(l->from.buf + at);
		if (n > LINK_LONGEST) {
			say("%s: a frame of %lu bytes: this connection is no "
			    "good",
			    l->text, (unsigned long)n);
			l->bad++;
			t->done(t->ctx);
			return -1;
		}
		if (l->got - at < LENGTH + n)
			break;
		if (n < SHORTEST)
			l->bad++;
		else
			t->take(t->ctx, now, l->from.buf + at + LENGTH, n);
		at += LENGTH + n;
	}
	t->done(t->ctx);
	memmove(l->from.buf, l->from.buf + at, l->got - at);
	l->got -= at;
	return 1;
}

static int
read_lengths(struct link *l, uint64_t now, const struct taker *t)
{
	ssize_t n = read(l->in, l->from.buf + l->got, l->from.cap - l->got);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : 0;
	l->got += (size_t)n;
	return n == 0 ? 0 : take_lengths(l, now, t);
}

static int
read_stream(struct link *l, uint64_t now, const struct taker *t)
{
	ssize_t n = stream_in_read(&l->from, l->in);
	struct stream_rec rec;
	int got;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	while ((got = stream_in_next(&l->from, &rec)) > 0)
		if (rec.caplen < rec.len || rec.caplen < SHORTEST ||
		    rec.caplen > LINK_LONGEST)
			l->bad += rec.len > 0;
		else
			t->take(t->ctx, now, rec.data, rec.caplen);
	t->done(t->ctx);
	if (got == 0 && n > 0)
		return 1;
	/* a command that only reads: it ends when it reads no more */
	if (n == 0 && l->child.pid != 0 && !l->from.header) {
		close(l->in);
		l->in = -1;
		return 1;
	}
	if (got < 0 || (!l->dials && stream_in_end(&l->from) != 0)) {
		say("read %s: %s", l->text, l->from.error);
		return -1;
	}
	return 0;
}

int
link_read(struct link *l, uint64_t now, const struct taker *t)
{
	switch (l->form) {
	case FORM_STREAM:
		return read_stream(l, now, t);
	case FORM_LENGTH:
		return read_lengths(l, now, t);
	case FORM_ONE:
		return read_ones(l, now, t);
	}
	return -1;
}

/* ---- out */

/* put_length - behind what waits, four bytes of length and the frame */
static void
put_length(struct link *l, const uint8_t *frame, size_t n)
{
	struct stream_out *o = &l->to;

	if (stream_out_room(o) < LENGTH + n) {
		o->dropped++;
		return;
	}
	if (o->cap - o->end < LENGTH + n) {
		memmove(o->buf, o->buf + o->start, o->end - o->start);
		o->end -= o->start;
		o->start = 0;
	}
	put_be32(o->buf + o->end, (uint32_t)n);
	memcpy(o->buf + o->end + LENGTH, frame, n);
	o->end += LENGTH + n;
	o->count++;
}

/* put_now - what a socket has no room for is lost, as on any wire */
static void
put_now(struct link *l, uint8_t *frame, size_t n)
{
	if (write(l->out, frame, n) == (ssize_t)n)
		l->to.count++;
	else
		l->dropped++;
}

/* put_large - from where it lies, when nothing is before it */
static void
put_large(struct link *l, uint64_t now, uint8_t *frame, size_t n)
{
	uint8_t head[STREAM_REC_HLEN];
	const struct iovec v[2] = {{head, sizeof(head)}, {frame, n}};

	stream_rec_head(head, now, (uint32_t)n, (uint32_t)n);
	l->full = !stream_out_straight(&l->to, l->out, v, 2);
	l->to.count++;
}

static void
put_one(struct link *l, uint64_t now, uint8_t *frame, size_t n)
{
	switch (l->form) {
	case FORM_STREAM:
		if (n >= LARGE && !l->full && !l->file &&
		    stream_out_waiting(&l->to) == 0) {
			put_large(l, now, frame, n);
			break;
		}
		if (stream_out_room(&l->to) < n)
			(void)link_write(l);
		stream_out_put(&l->to, now, frame, n, NULL, 0);
		break;
	case FORM_LENGTH:
		if (stream_out_room(&l->to) < n + LENGTH)
			(void)link_write(l);
		put_length(l, frame, n);
		break;
	case FORM_ONE:
		put_now(l, frame, n);
		break;
	}
}

/* put_cut - a super-frame, cut as it would have been on a wire; false: none */
static bool
put_cut(struct link *l, uint64_t now, uint8_t *frame, size_t n)
{
	uint8_t piece[MTU + 64];
	uint32_t off, most, part;
	struct segment s;
	uint16_t i = 0;

	if (segment_decode(frame, n, &s) != 0 || n - s.l3 <= MTU ||
	    s.hlen - (size_t)s.l3 >= MTU || s.l3 > 64)
		return false;
	if (!segment_verify(&s)) {
		l->bad++;
		return true;
	}
	most = MTU - (uint32_t)(s.hlen - s.l3);
	for (off = 0; off < s.payload; off += part, i++) {
		part = s.payload - off < most ? s.payload - off : most;
		put_one(l, now, piece, segment_cut(&s, off, part, i, piece));
	}
	return true;
}

void
link_put(struct link *l, uint64_t now, uint8_t *frame, size_t n)
{
	if (l->out < 0)
		l->dropped++;
	else if (l->tap != NULL)
		tap_put(l, frame, n);
	else if (l->form == FORM_STREAM || n <= MTU + SHORTEST ||
		 !put_cut(l, now, frame, n))
		put_one(l, now, frame, n);
}

void
link_done(struct link *l)
{
	if (l->tap != NULL)
		tap_done(l);
}

int
link_write(struct link *l)
{
	int r;

	if (l->out < 0)
		return 0;
	errno = l->failed;
	if (l->failed != 0)
		return -1;
	if (l->full || l->form == FORM_ONE || stream_out_waiting(&l->to) == 0)
		return 0;
	do /* a file that took a part says why, the next time */
		r = stream_out_write(&l->to, l->out);
	while (r == 0 && l->file);
	if (r < 0 && l->file) {
		l->failed = errno;
		stream_out_cut(&l->to, l->out);
	}
	if (r < 0)
		return -1;
	l->full = r == 0;
	return 0;
}

bool
link_busy(const struct link *l)
{
	return l->out >= 0 && l->form != FORM_ONE &&
	       stream_out_waiting(&l->to) > l->to.cap / 2;
}

/* ---- sockets that are made again */

void
link_connected(struct link *l, int fd)
{
	uint64_t count = l->to.count, dropped = l->to.dropped;

	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	l->in = l->out = fd;
	l->asked = l->full = false;
	l->got = 0;
	l->times++;
	l->before = l->frames;
	l->from.start = l->from.end = 0;
	l->from.header = false;
	stream_out_free(&l->to);
	if (stream_out_init(&l->to, LINK_QUEUE) != 0)
		die(EXIT_NO, "go on: out of memory");
	l->to.count = count;
	l->to.dropped = dropped;
	if (l->form == FORM_LENGTH) /* it has no header */
		stream_out_forget(&l->to);
}

void
link_lost(struct link *l)
{
	if (l->in >= 0)
		close(l->in);
	if (l->out >= 0 && l->out != l->in)
		close(l->out);
	l->in = l->out = -1;
	l->ended = !l->dials;
	stream_out_forget(&l->to);
}
