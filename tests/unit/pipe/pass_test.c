/*
 * pass_test - frames that go straight from the buffer that they were read into
 * to a pipe: as they were read, with a tag and without one, short ones between
 * them, a pipe that is full, and one that nobody reads. What comes out is each
 * frame once, in order, whole.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "pipe/pass.h"
#include "tap.h"

enum { FRAMES = 400, LONGEST = 1514, SPACE = FRAMES * (LONGEST + 16) };

static uint8_t in[SPACE];
static struct pass pass;
static struct stream_out out;
static bool full;
static unsigned pipes;
static struct pass_to to = {&out, -1, &full, &pipes};
static int reader;

/* begin - a port whose pipe is empty; its header has been read */
static void
begin(void)
{
	uint8_t head[STREAM_FILE_HLEN];
	int fd[2];

	if (pipe(fd) != 0)
		exit(1);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	full = false;
	stream_out_init(&out, 1 << 20);
	to.fd = fd[1];
	reader = fd[0];
	(void)stream_out_write(&out, to.fd);
	check(read(reader, head, sizeof(head)) == (ssize_t)sizeof(head),
	    "the header of the stream");
}

static void
end(void)
{
	stream_out_free(&out);
	close(to.fd);
	if (reader >= 0)
		close(reader);
}

/* length - of frame i; every seventh is short */
static size_t
length(unsigned i)
{
	return i % 7 == 3 ? 60 : LONGEST - i % 5 * 100;
}

/* kind - how it is sent on: as it is, without its tag, or with one more */
enum { AS_IT_IS, UNTAGGED, TAGGED, KINDS };

static void
give(uint8_t *frame, unsigned i, int kind)
{
	size_t len = length(i), n = 12, off = 12;
	const uint8_t *p = frame;
	uint8_t head[16];

	memset(frame, (int)(i & 0xff), len);
	put_be32(frame, i);
	if (kind == UNTAGGED)
		off = 16;
	if (kind == TAGGED) {
		memcpy(head, frame, 12);
		put_be32(head + 12, 0x81000014);
		p = head;
		n = sizeof(head);
	}
	if (!pass_put(&pass, &to, i, p, n, frame + off, len - off, true))
		stream_out_put(&out, i, p, n, frame + off, len - off);
}

/* take - the frames that are in the pipe; how many are right, in order */
static unsigned
take(int kind, unsigned first)
{
	static const int more[KINDS] = {0, -4, 4};
	static uint8_t buf[1 << 20];
	static size_t got;
	size_t at = 0, len;
	unsigned i = first;
	ssize_t n;

	if (first == 0)
		got = 0;
	while ((n = read(reader, buf + got, sizeof(buf) - got)) > 0)
		got += (size_t)n;
	while (got - at >= STREAM_REC_HLEN) {
		len = length(i) + (size_t)more[kind];
		if (got - at < STREAM_REC_HLEN + len)
			break;
		if (get_be32(buf + at + 16) != i ||
		    buf[at + 8] != (len & 255) ||
		    buf[at + 16 + len - 1] != (i & 0xff))
			return 0;
		at += STREAM_REC_HLEN + len;
		i++;
	}
	memmove(buf, buf + at, got - at);
	got -= at;
	return i - first;
}

/* all - every frame, in batches, the pipe emptied now and then */
static void
all(int kind, const char *what)
{
	unsigned i, done = 0;
	size_t at = 0;

	begin();
	for (i = 0; i < FRAMES; i++) {
		give(in + at + STREAM_REC_HLEN, i, kind);
		at += STREAM_REC_HLEN + length(i);
		if (i % 90 != 89)
			continue;
		pass_end(&pass);
		(void)stream_out_write(&out, to.fd);
		if (i % 180 == 89)
			done += take(kind, done);
	}
	pass_end(&pass);
	for (i = 0; i < 50; i++) {
		full = false;
		(void)stream_out_write(&out, to.fd);
		done += take(kind, done);
	}
	check(done == FRAMES && out.count == FRAMES && out.dropped == 0,
	    "%s: %u", what, done);
	end();
}

static void
nobody(void)
{
	unsigned i;
	size_t at = 0;

	begin();
	close(reader);
	reader = -1;
	for (i = 0; i < 80; i++) {
		give(in + at + STREAM_REC_HLEN, i, AS_IT_IS);
		at += STREAM_REC_HLEN + length(i);
	}
	pass_end(&pass);
	check(stream_out_write(&out, to.fd) == -1, "that nobody reads is seen");
	end();
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	all(AS_IT_IS, "as they were read");
	all(UNTAGGED, "without their tags");
	all(TAGGED, "with a tag");
	nobody();
	return done();
}
