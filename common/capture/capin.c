/*
 * capin.c - see capin.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "capture/capin.h"
#include "capture/link.h"
#include "capture/unpack.h"

static int fail(struct capin *, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
fail(struct capin *c, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->error, sizeof(c->error), fmt, ap);
	va_end(ap);
	c->status = status;
	return -1;
}

/* ---- open and close */

/* start - what unpacks the file, if it is compressed */
static void
start(struct capin *c)
{
	int packed = c->fd;

	c->program = unpack_peek(packed);
	if (c->program == NULL)
		return;
	c->fd = unpack_start(c->program, packed, &c->pid);
	if (c->fd < 0 && errno == ENOENT)
		die(EXIT_WRONG,
		    "open %s: it is packed by %s: install that, or "
		    "unpack the file first",
		    c->name, c->program);
	if (c->fd < 0)
		die(EXIT_WRONG, "open %s: start %s: %s", c->name, c->program,
		    strerror(errno));
	if (packed != STDIN_FILENO)
		close(packed);
}

void
capin_open(struct capin *c, const char *name)
{
	memset(c, 0, sizeof(*c));
	c->name = name;
	c->fd = STDIN_FILENO;
	if (strcmp(name, "-") != 0)
		c->fd = open(name, O_RDONLY | O_CLOEXEC);
	if (c->fd < 0)
		die(EXIT_WRONG, "open %s: %s", name, strerror(errno));
	start(c);
	stream_pipe_size(c->fd);
	stream_copies(c->fd);
}

int
capin_init(struct capin *c)
{
	if (stream_in_init(&c->in) != 0)
		return -1;
	/* a packet at its beginning may get a longer header */
	c->in.buf += LINK_HEADROOM;
	c->in.cap -= LINK_HEADROOM;
	return 0;
}

void
capin_close(struct capin *c)
{
	if (c->in.buf != NULL)
		c->in.buf -= LINK_HEADROOM;
	stream_in_free(&c->in);
	if (c->fd != STDIN_FILENO)
		close(c->fd);
}

/* ---- the bytes */

/* ready - the buffer is made when it is needed: of many files one is read */
static bool
ready(struct capin *c)
{
	if (c->in.buf != NULL || capin_init(c) == 0)
		return true;
	errno = ENOMEM;
	return false;
}

ssize_t
capin_read(struct capin *c)
{
	return ready(c) ? stream_in_read(&c->in, c->fd) : -1;
}

ssize_t
capin_read_exact(struct capin *c)
{
	uint64_t want;

	if (!ready(c))
		return -1;
	if (!c->is_ng)
		return stream_in_read_exact(&c->in, c->fd);
	want = pcapng_want(&c->ng, &c->in) - (c->in.end - c->in.start);
	return stream_in_read_some(
	    &c->in, c->fd, want < c->in.cap ? (size_t)want : c->in.cap);
}

/* know - which format it is, by its first bytes; false: they are not there */
static bool
know(struct capin *c)
{
	const struct stream_in *in = &c->in;

	if (in->end - in->start < UNPACK_MAGIC)
		return false;
	c->known = true;
	c->is_ng = !c->strict && pcapng_is(in->buf + in->start);
	c->in.any = !c->strict;
	return true;
}

/* foreign - what other programs write that people take for a capture, and
   what makes one of it; NULL: not known */
static const char *
foreign(const struct stream_in *s)
{
	static const struct {
		uint32_t at;
		const char *bytes, *what;
	} known[] = {
	    {0, "snoop", "a snoop file: convert it with editcap -F pcap"},
	    {0, "RTSS", "a NetMon file: convert it with editcap -F pcap"},
	    {0, "GMBU", "a NetMon file: convert it with editcap -F pcap"},
	    {0, "iptrace", "an iptrace file: convert it with editcap -F pcap"},
	    {0, "PK\3\4", "a zip archive: unpack it first"},
	    {257, "ustar", "a tar archive: unpack it first"},
	};
	size_t i, n;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		n = strlen(known[i].bytes);
		if (s->end - s->start >= known[i].at + n &&
		    memcmp(s->buf + s->start + known[i].at, known[i].bytes,
			n) == 0)
			return known[i].what;
	}
	return NULL;
}

/* refuse - what the reader of its format says, or what it is instead */
static int
refuse(struct capin *c)
{
	const char *what = c->is_ng || c->in.header ? NULL : foreign(&c->in);

	if (what != NULL)
		return fail(c, EXIT_NO, "read header: this is %s", what);
	return fail(c, c->is_ng ? c->ng.status : c->in.status, "%s",
	    c->is_ng ? c->ng.error : c->in.error);
}

static int
next_record(struct capin *c, struct stream_rec *rec)
{
	const struct stream_in *in = &c->in;
	const char *program;
	int r;

	if (!c->known) {
		if (!know(c))
			return 0;
		program = unpack_program(in->buf + in->start, UNPACK_MAGIC);
		if (program != NULL)
			return fail(c, EXIT_NO,
			    "read header: it is packed by "
			    "%s: unpack it first, or give the file's name",
			    program);
	}
	r = c->is_ng ? pcapng_next(&c->ng, &c->in, rec)
		     : stream_in_next(&c->in, rec);
	return r < 0 ? refuse(c) : r;
}

int
capin_next(struct capin *c, struct stream_rec *rec)
{
	enum left why;
	int r;

	while ((r = next_record(c, rec)) > 0) {
		c->count++;
		c->iface = c->is_ng ? c->ng.iface : 0;
		c->link = c->is_ng ? c->ng.link : c->in.link;
		if (rec->len < rec->caplen)
			rec->len = rec->caplen;
		why = link_to_ether(c->link, rec);
		if (why == LEFT_NOTHING)
			return 1;
		if (why == LEFT_LINK)
			leftout_link(&c->left, c->link);
		else
			leftout_count(&c->left, why);
	}
	return r;
}

uint32_t
capin_ifaces(const struct capin *c)
{
	return c->is_ng ? c->ng.base + c->ng.nifs : 1;
}

int
capin_end(struct capin *c)
{
	pid_t pid = c->pid;
	int r;

	/* what could not be unpacked to its end is the better reason */
	c->pid = 0;
	if (pid > 0 && unpack_wait(pid) != 0)
		return fail(
		    c, EXIT_NO, "%s cannot unpack it to its end", c->program);
	r = c->is_ng ? pcapng_end(&c->ng, &c->in) : stream_in_end(&c->in);
	if (r < 0)
		fail(c, c->is_ng ? c->ng.status : c->in.status, "%s",
		    c->is_ng ? c->ng.error : c->in.error);
	return r;
}

int
capin_packet(struct capin *c, struct stream_rec *rec)
{
	ssize_t n;
	int r;

	if (c->error[0] != '\0')
		return -1;
	while ((r = capin_next(c, rec)) == 0) {
		n = capin_read(c);
		if (n == 0)
			return capin_end(c);
		if (n < 0 && errno != EINTR)
			return fail(c, EXIT_NO, "%s", strerror(errno));
	}
	return r;
}
