/*
 * stream.c - the packet stream, read; see stream.h and packet-stream(5).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "pipe/stream.h"

#define MAGIC_US  UINT32_C(0xa1b2c3d4)
#define MAGIC_MOD UINT32_C(0xa1b2cd34) /* a patched format of old */
#define MAGIC_NG  UINT32_C(0x0a0d0d0a)

/* what the modified format adds is an interface and a protocol */
enum { MODIFIED_REC_HLEN = 24 };

/* where a read() is to put its bytes. A pipe's lie at the beginning of pages,
   and processors take five times as long to copy them to an address that is a
   few bytes behind the beginning of one (malloc() likes those). */
enum { ALIGN = 64 };

enum { SOON = 8 }; /* records ahead that soon() is called for */

int
stream_in_init(struct stream_in *s)
{
	memset(s, 0, sizeof(*s));
	s->cap = STREAM_IN_CAP;
	s->buf = aligned_alloc(ALIGN, s->cap);
	s->rec_hlen = STREAM_REC_HLEN;
	s->link = STREAM_ETHERNET;
	return s->buf != NULL ? 0 : -1;
}

void
stream_in_free(struct stream_in *s)
{
	free(s->buf);
	s->buf = NULL;
}

static uint32_t
get32(const struct stream_in *s, size_t at)
{
	uint32_t v;

	memcpy(&v, s->buf + s->start + at, sizeof(v));
	return s->swapped ? __builtin_bswap32(v) : v;
}

static int
refuse(struct stream_in *s, int status, const char *why)
{
	s->status = status;
	snprintf(s->error, sizeof(s->error), "%s", why);
	return -1;
}

/* is_modified - the magic number of an old format is this, or turned round */
static bool
is_modified(const struct stream_in *s, uint32_t v)
{
	return s->any && v == MAGIC_MOD;
}

/* is_magic - a file header begins here; and its kind */
static bool
is_magic(const struct stream_in *s, bool *swapped, bool *nano)
{
	uint32_t v, w;

	memcpy(&v, s->buf + s->start, sizeof(v));
	w = __builtin_bswap32(v);
	*swapped = w == MAGIC_US || w == STREAM_MAGIC || is_modified(s, w);
	*nano = v == STREAM_MAGIC || w == STREAM_MAGIC;
	return *swapped || *nano || v == MAGIC_US || is_modified(s, v);
}

ssize_t
stream_in_read_some(struct stream_in *s, int fd, size_t n)
{
	size_t left = s->end - s->start, at = -left % ALIGN;
	ssize_t got;

	s->nsoon = 0;
	if (s->start > at || s->end % ALIGN != 0) {
		memmove(s->buf + at, s->buf + s->start, left);
		s->start = at;
		s->end = at + left;
	}
	if (n > s->cap - s->end)
		n = s->cap - s->end;
	got = read(fd, s->buf + s->end, n);
	if (got > 0)
		s->end += (size_t)got;
	return got;
}

ssize_t
stream_in_read(struct stream_in *s, int fd)
{
	return stream_in_read_some(s, fd, s->cap);
}

ssize_t
stream_in_read_exact(struct stream_in *s, int fd)
{
	size_t have = s->end - s->start, want = STREAM_REC_HLEN;
	bool swapped, nano;

	if (!s->header || (have >= 4 && is_magic(s, &swapped, &nano)))
		want = STREAM_FILE_HLEN;
	else if (have >= STREAM_REC_HLEN)
		want = s->rec_hlen + (size_t)get32(s, 8);
	return stream_in_read_some(s, fd, want - have);
}

/*
 * file_header - take the 24 bytes at the start of what is unread. A record
 * cannot be taken for one: its first word, seconds, would lie in 2055.
 */
static int
file_header(struct stream_in *s)
{
	s->header = true;
	s->link = get32(s, 20) & 0xffff; /* the upper half is about the FCS */
	s->rec_hlen = get32(s, 0) == MAGIC_MOD ? MODIFIED_REC_HLEN
					       : STREAM_REC_HLEN;
	if (s->link != STREAM_ETHERNET && !s->any) {
		s->status = 2;
		snprintf(s->error, sizeof(s->error),
		    "read header: link type %u, not Ethernet (1): convert it "
		    "with rawcap -r FILE",
		    s->link);
		return -1;
	}
	s->start += STREAM_FILE_HLEN;
	return 0;
}

/* no_stream - the first bytes are no file header: report what they are */
static int
no_stream(struct stream_in *s)
{
	uint32_t v;

	memcpy(&v, s->buf + s->start, sizeof(v));
	if (v == MAGIC_NG)
		return refuse(s, 2,
		    "read header: this is pcapng: convert it with rawcap -r "
		    "FILE");
	if (v == MAGIC_MOD || __builtin_bswap32(v) == MAGIC_MOD)
		return refuse(s, 2,
		    "read header: a modified pcap format: convert it with "
		    "rawcap -r FILE");
	return refuse(s, 1,
	    "read header: not a packet stream (a pcap file header is missing)");
}

static int
damaged(struct stream_in *s, const char *what, uint32_t n, const char *unit)
{
	s->status = 1;
	snprintf(s->error, sizeof(s->error),
	    "read packet %llu: %s %lu %s: the stream is damaged",
	    (unsigned long long)s->count + 1, what, (unsigned long)n, unit);
	return -1;
}

/* record - the record whose header is there, if it is whole */
static int
record(struct stream_in *s, struct stream_rec *rec)
{
	uint32_t frac = get32(s, 4);

	rec->caplen = get32(s, 8);
	rec->len = get32(s, 12);
	if (rec->caplen > STREAM_SNAPLEN)
		return damaged(s, "a record of", rec->caplen, "bytes");
	if (frac >= NS_PER_SEC)
		return damaged(s, "a time of", frac,
		    s->nano ? "ns behind a second" : "us behind a second");
	if (s->end - s->start < s->rec_hlen + (size_t)rec->caplen)
		return 0;
	rec->ts = get32(s, 0) * NS_PER_SEC + frac * (s->nano ? 1 : NS_PER_US);
	rec->data = s->buf + s->start + s->rec_hlen;
	s->start += s->rec_hlen + (size_t)rec->caplen;
	s->count++;
	s->last = rec->ts;
	return 1;
}

int
stream_in_next(struct stream_in *s, struct stream_rec *rec)
{
	bool swapped, nano;

	while (s->end - s->start >= 4) {
		if (!is_magic(s, &swapped, &nano)) {
			if (!s->header)
				return no_stream(s);
			if (s->end - s->start < STREAM_REC_HLEN)
				return 0;
			return record(s, rec);
		}
		if (s->end - s->start < STREAM_FILE_HLEN)
			return 0;
		s->swapped = swapped;
		s->nano = nano;
		if (file_header(s) != 0)
			return -1;
	}
	return 0;
}

void
stream_in_soon(struct stream_in *s,
    void (*soon)(void *ctx, const uint8_t *data, size_t caplen), void *ctx)
{
	s->soon = soon;
	s->soon_ctx = ctx;
	s->nsoon = 0;
}

/* look_ahead - tell of the records behind the one that is given out */
static void
look_ahead(struct stream_in *s)
{
	size_t caplen;

	if (s->nsoon == 0 || s->seen < s->start || s->seen > s->end) {
		s->seen = s->start;
		s->nsoon = 1;
	}
	for (s->nsoon--; s->nsoon < SOON; s->nsoon++) {
		if (s->end - s->seen < s->rec_hlen)
			return;
		caplen = get32(s, s->seen - s->start + 8);
		if (s->end - s->seen - s->rec_hlen < caplen)
			return;
		s->soon(s->soon_ctx, s->buf + s->seen + s->rec_hlen, caplen);
		s->seen += s->rec_hlen + caplen;
	}
}

int
stream_in_next_soon(struct stream_in *s, struct stream_rec *rec)
{
	int r = stream_in_next(s, rec);

	if (r > 0 && s->soon != NULL)
		look_ahead(s);
	return r;
}

int
stream_in_end(struct stream_in *s)
{
	if (!s->header && s->end == s->start)
		return refuse(s, 1,
		    "read header: end of input: not a packet stream (a pcap "
		    "file header is missing)");
	if (s->end == s->start)
		return 0;
	if (!s->header)
		return refuse(s, 1,
		    "read header: the stream ends inside its file header");
	s->status = 1;
	snprintf(s->error, sizeof(s->error),
	    "read packet %llu: the stream ends inside this record",
	    (unsigned long long)s->count + 1);
	return -1;
}
