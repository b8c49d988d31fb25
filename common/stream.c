/*
 * stream.c - the packet stream, read and written; see stream.h and
 * packet-stream(5).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "clock.h"
#include "stream.h"

#define MAGIC_US  UINT32_C(0xa1b2c3d4)
#define MAGIC_NS  UINT32_C(0xa1b23c4d)
#define MAGIC_MOD UINT32_C(0xa1b2cd34) /* a patched format of old */
#define MAGIC_NG  UINT32_C(0x0a0d0d0a)

enum {
	LINKTYPE_ETHERNET = 1,
	PIPE_BYTES = 1 << 20,
	PIECES = 2048,	   /* kept; what comes beyond them is copied */
	PIECE_LEAST = 512, /* bytes; a shorter one is copied */
	VECTOR = 1024,	   /* of one writev() */
};

int
stream_in_init(struct stream_in *s)
{
	memset(s, 0, sizeof(*s));
	s->buf = malloc(STREAM_IN_CAP);
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

/* is_magic - a file header begins here; tells its kind */
static bool
is_magic(const struct stream_in *s, bool *swapped, bool *nano)
{
	uint32_t v, w;

	memcpy(&v, s->buf + s->start, sizeof(v));
	w = __builtin_bswap32(v);
	*swapped = w == MAGIC_US || w == MAGIC_NS;
	*nano = v == MAGIC_NS || w == MAGIC_NS;
	return *swapped || *nano || v == MAGIC_US;
}

/* read_some - one read() of at most n bytes behind what is there */
static ssize_t
read_some(struct stream_in *s, int fd, size_t n)
{
	ssize_t got;

	if (s->start > 0) {
		memmove(s->buf, s->buf + s->start, s->end - s->start);
		s->end -= s->start;
		s->start = 0;
	}
	if (n > STREAM_IN_CAP - s->end)
		n = STREAM_IN_CAP - s->end;
	got = read(fd, s->buf + s->end, n);
	if (got > 0)
		s->end += (size_t)got;
	return got;
}

ssize_t
stream_in_read(struct stream_in *s, int fd)
{
	return read_some(s, fd, STREAM_IN_CAP);
}

ssize_t
stream_in_read_exact(struct stream_in *s, int fd)
{
	size_t have = s->end - s->start, want = STREAM_REC_HLEN;
	bool swapped, nano;

	if (!s->header || (have >= 4 && is_magic(s, &swapped, &nano)))
		want = STREAM_FILE_HLEN;
	else if (have >= STREAM_REC_HLEN)
		want = STREAM_REC_HLEN + (size_t)get32(s, 8);
	return read_some(s, fd, want - have);
}

/*
 * file_header - take the 24 bytes at the start of what is unread. A record
 * cannot be taken for one: its first word, seconds, would lie in 2055.
 */
static int
file_header(struct stream_in *s)
{
	uint32_t link;

	s->header = true;
	link = get32(s, 20) & 0xffff; /* the upper half tells of the FCS */
	if (link != LINKTYPE_ETHERNET) {
		s->status = 2;
		snprintf(s->error, sizeof(s->error),
		    "read header: link type %u, not Ethernet (1): capture on "
		    "an Ethernet interface, or convert with editcap -T ether",
		    link);
		return -1;
	}
	s->start += STREAM_FILE_HLEN;
	return 0;
}

/* no_stream - the first bytes are no file header: say what they are */
static int
no_stream(struct stream_in *s)
{
	uint32_t v;

	memcpy(&v, s->buf + s->start, sizeof(v));
	if (v == MAGIC_NG)
		return refuse(s, 2,
		    "read header: this is pcapng: convert it with rawcap -r "
		    "FILE, or tcpdump -r FILE -w -");
	if (v == MAGIC_MOD || __builtin_bswap32(v) == MAGIC_MOD)
		return refuse(s, 2,
		    "read header: a modified pcap format: convert it with "
		    "editcap -F nsecpcap");
	return refuse(s, 1,
	    "read header: not a packet stream (a pcap file header is missing)");
}

/* record - the record whose header is there, if it is whole */
static int
record(struct stream_in *s, struct stream_rec *rec)
{
	uint32_t frac = get32(s, 4);

	rec->caplen = get32(s, 8);
	rec->len = get32(s, 12);
	if (rec->caplen > STREAM_SNAPLEN || frac >= NS_PER_SEC) {
		s->status = 1;
		snprintf(s->error, sizeof(s->error),
		    "read packet %llu: a record of %lu bytes: the stream is "
		    "damaged",
		    (unsigned long long)s->count + 1,
		    (unsigned long)rec->caplen);
		return -1;
	}
	if (s->end - s->start < STREAM_REC_HLEN + (size_t)rec->caplen)
		return 0;
	rec->ts = get32(s, 0) * NS_PER_SEC + frac * (s->nano ? 1 : NS_PER_US);
	rec->data = s->buf + s->start + STREAM_REC_HLEN;
	s->start += STREAM_REC_HLEN + (size_t)rec->caplen;
	s->count++;
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

int
stream_out_init(struct stream_out *o, size_t cap)
{
	const uint32_t head[6] = {
	    MAGIC_NS, 0, 0, 0, STREAM_SNAPLEN, LINKTYPE_ETHERNET};
	const uint16_t version[2] = {2, 4};

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
	free(o->piece);
	o->buf = NULL;
	o->piece = NULL;
}

int
stream_out_keep_pieces(struct stream_out *o)
{
	o->piece = calloc(PIECES, sizeof(*o->piece));
	return o->piece != NULL ? 0 : -1;
}

size_t
stream_out_waiting(const struct stream_out *o)
{
	return o->end - o->start + o->piece_bytes;
}

void
stream_out_forget(struct stream_out *o)
{
	o->start = o->end = 0;
	o->pieces = o->parted = o->piece_bytes = 0;
}

size_t
stream_out_room(const struct stream_out *o)
{
	size_t left = o->cap - stream_out_waiting(o);

	return left > STREAM_REC_HLEN ? left - STREAM_REC_HLEN : 0;
}

uint8_t *
stream_out_reserve(struct stream_out *o, size_t n)
{
	/* not by stream_out_room(): an empty record needs its header, too */
	if (o->cap - stream_out_waiting(o) < STREAM_REC_HLEN + n)
		return NULL;
	if (o->cap - o->end < STREAM_REC_HLEN + n) {
		memmove(o->buf, o->buf + o->start, o->end - o->start);
		o->end -= o->start;
		o->start = 0;
	}
	return o->buf + o->end + STREAM_REC_HLEN;
}

/* commit - a record of len bytes, caplen of them in buf */
static void
commit(struct stream_out *o, uint64_t ts, uint32_t in_buf, uint32_t caplen,
    uint32_t len)
{
	const uint32_t head[4] = {(uint32_t)(ts / NS_PER_SEC),
	    (uint32_t)(ts % NS_PER_SEC), caplen, len};

	memcpy(o->buf + o->end, head, sizeof(head));
	o->end += STREAM_REC_HLEN + in_buf;
	o->count++;
}

void
stream_out_commit(
    struct stream_out *o, uint64_t ts, uint32_t caplen, uint32_t len)
{
	commit(o, ts, caplen, caplen, len);
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

bool
stream_out_refer(struct stream_out *o, uint64_t ts, const uint8_t *p, size_t n,
    const uint8_t *q, size_t m)
{
	size_t before;
	uint8_t *to;

	if (m < PIECE_LEAST || o->piece == NULL || o->pieces == PIECES)
		return stream_out_put(o, ts, p, n, q, m);
	to = stream_out_reserve(o, n + m);
	if (to == NULL) {
		o->dropped++;
		return false;
	}
	memcpy(to, p, n);
	commit(o, ts, (uint32_t)n, (uint32_t)(n + m), (uint32_t)(n + m));
	before = o->end - o->start - o->parted;
	o->piece[(o->first + o->pieces) % PIECES] = (struct stream_piece){
	    q, m, before};
	o->pieces++;
	o->parted += before;
	o->piece_bytes += m;
	return true;
}

/* gather - what waits, in order, as far as the vector goes; its length */
static int
gather(const struct stream_out *o, struct iovec *iov)
{
	size_t i, rest = o->end - o->start - o->parted;
	uint8_t *at = o->buf + o->start;
	const struct stream_piece *c;
	int n = 0;

	for (i = 0; i < o->pieces && n + 2 < VECTOR; i++) {
		c = &o->piece[(o->first + i) % PIECES];
		if (c->before > 0)
			iov[n++] = (struct iovec){at, c->before};
		at += c->before;
		/* iovec has no const; writev() does not write */
		memcpy(&iov[n].iov_base, &c->p, sizeof(c->p));
		iov[n++].iov_len = c->n;
	}
	if (i == o->pieces && rest > 0)
		iov[n++] = (struct iovec){at, rest};
	return n;
}

/* advance - n bytes are out */
static void
advance(struct stream_out *o, size_t n)
{
	struct stream_piece *c;
	size_t part;

	while (n > 0 && o->pieces > 0) {
		c = &o->piece[o->first];
		part = n < c->before ? n : c->before;
		c->before -= part;
		o->parted -= part;
		o->start += part;
		n -= part;
		part = n < c->n ? n : c->n;
		c->p += part;
		c->n -= part;
		o->piece_bytes -= part;
		n -= part;
		if (c->n == 0) {
			o->first = (o->first + 1) % PIECES;
			o->pieces--;
		}
	}
	o->start += n;
}

int
stream_out_write(struct stream_out *o, int fd)
{
	struct iovec iov[VECTOR];
	ssize_t n;

	if (stream_out_waiting(o) == 0)
		return 1;
	if (o->pieces == 0)
		n = write(fd, o->buf + o->start, o->end - o->start);
	else
		n = writev(fd, iov, gather(o, iov));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	advance(o, (size_t)n);
	if (stream_out_waiting(o) > 0)
		return 0;
	stream_out_forget(o);
	return 1;
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
