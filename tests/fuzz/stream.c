/*
 * stream.c - the packet stream's reader over arbitrary bytes, that come in
 * pieces of any size: the same records whatever the pieces are, all of them
 * inside the buffer, and an error that is told. One that reads exactly takes
 * the same records, and never a byte of the next.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "pipe/stream.h"

/* digest - of what a reader makes of the input */
struct digest {
	uint64_t sum, count;
	int end;
};

static void
mix(struct digest *d, uint64_t v)
{
	d->sum = (d->sum ^ v) * UINT64_C(0x100000001b3);
}

static void
take_record(
    struct digest *d, const struct stream_in *s, const struct stream_rec *r)
{
	uint32_t i;

	must(r->caplen <= STREAM_SNAPLEN);
	must(r->data >= s->buf + STREAM_REC_HLEN &&
	     r->data + r->caplen <= s->buf + STREAM_IN_CAP);
	mix(d, r->ts);
	mix(d, r->len);
	for (i = 0; i < r->caplen; i++)
		mix(d, r->data[i]);
	/* the user may write over the header */
	memset(r->data - STREAM_REC_HLEN, 0xa5, STREAM_REC_HLEN);
	must(++d->count == s->count);
}

/* put - as stream_in_read(), from memory */
static size_t
put(struct stream_in *s, const uint8_t *p, size_t n)
{
	memmove(s->buf, s->buf + s->start, s->end - s->start);
	s->end -= s->start;
	s->start = 0;
	must(s->end < STREAM_IN_CAP); /* else nothing would ever be read */
	if (n > STREAM_IN_CAP - s->end)
		n = STREAM_IN_CAP - s->end;
	memcpy(s->buf + s->end, p, n);
	s->end += n;
	return n;
}

/* told - the end is an error with its text, or none */
static void
told(const struct digest *d, const struct stream_in *s)
{
	must(d->end == 0 || (s->error[0] != '\0' &&
				memchr(s->error, 0, sizeof(s->error)) != NULL));
	must(d->end == 0 || s->status == 1 || s->status == 2);
}

static struct digest
read_exact(const uint8_t *p, size_t n)
{
	static int fd = -1;
	struct digest d = {0};
	struct stream_in s;
	struct stream_rec r;

	if (fd < 0)
		fd = memfd_create("stream", 0);
	if (fd < 0 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, p, n, 0) != (ssize_t)n || stream_in_init(&s) != 0)
		exit(1);
	lseek(fd, 0, SEEK_SET);
	while (d.end == 0 && stream_in_read_exact(&s, fd) > 0) {
		d.end = stream_in_next(&s, &r);
		if (d.end <= 0)
			continue;
		take_record(&d, &s, &r);
		must(s.start == s.end);
		d.end = 0;
	}
	if (d.end == 0)
		d.end = stream_in_end(&s);
	told(&d, &s);
	stream_in_free(&s);
	return d;
}

static struct digest
read_all(const uint8_t *p, size_t n, uint32_t pieces)
{
	struct digest d = {0};
	struct stream_in s;
	struct stream_rec r;
	size_t got;

	if (stream_in_init(&s) != 0)
		exit(1);
	while (d.end == 0 && n > 0) {
		got = pieces == 0 ? n : pieces % 61 + 1;
		got = put(&s, p, got < n ? got : n);
		pieces = pieces * 1103515245 + (pieces != 0) * 12345;
		p += got;
		n -= got;
		while ((d.end = stream_in_next(&s, &r)) > 0)
			take_record(&d, &s, &r);
	}
	if (d.end == 0)
		d.end = stream_in_end(&s);
	told(&d, &s);
	stream_in_free(&s);
	return d;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct digest a = read_all(data, size, 0);
	struct digest b = read_all(data, size, 1 + (uint32_t)size);
	struct digest c = read_exact(data, size);

	must(a.sum == b.sum && a.count == b.count && a.end == b.end);
	must(a.sum == c.sum && a.count == c.count && a.end == c.end);
	return 0;
}
