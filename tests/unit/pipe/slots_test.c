/*
 * slots_test - frames that are lent to a pipe from where they were read: each
 * arrives once, whole and in order, with a tag more, one less or as it was,
 * however slow the reader is; also when the pipe has been closed and the
 * buffers are read into again; and a reader that does not say that it copies
 * is lent nothing.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "pipe/pass.h"
#include "tap.h"

enum { LONGEST = 1514, ADDRS = 12, ALL = 8 << 20 };
enum { AS_IT_IS, UNTAGGED, TAGGED, KINDS };

static const int more[KINDS] = {0, -4, 4};
static struct pass pass;
static struct slots slots;
static struct stream_in in;
static struct stream_out out;
static bool full;
static unsigned pipes, given, seen, wrong, gaps;
static struct pass_to to = {&out, -1, &full, &pipes};
static int source[2], reader;
static pid_t copies;
static uint64_t lent;
static size_t queue = 8 << 20;
static int pipe_bytes = 1 << 20;

/* says - another process does that it copies what is in the pipe */
static void
says(void)
{
	int ready[2];
	char c;

	if (pipe(ready) != 0)
		exit(1);
	copies = fork();
	if (copies == 0) {
		close(ready[0]);
		stream_copies(reader);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	(void)!read(ready[0], &c, 1);
	close(ready[0]);
}

static void
new_pipe(void)
{
	int fd[2];

	if (pipe(fd) != 0)
		exit(1);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	fcntl(fd[1], F_SETPIPE_SZ, pipe_bytes);
	stream_out_init(&out, queue);
	stream_out_forget(&out);
	to.fd = fd[1];
	reader = fd[0];
	full = false;
	given = seen = wrong = gaps = 0;
}

static void
begin(bool copied)
{
	memset(&slots, 0, sizeof(slots));
	if (pipe(source) != 0 || stream_in_init(&in) != 0)
		exit(1);
	fcntl(source[0], F_SETFL, O_NONBLOCK);
	fcntl(source[1], F_SETFL, O_NONBLOCK);
	stream_pipe_size(source[1]);
	in.header = in.nano = true;
	in.swapped = htonl(1) == 1; /* the stream is little-endian */
	lent = 0;
	new_pipe();
	if (copied)
		says();
}

static void
hush(void)
{
	if (copies > 0) {
		kill(copies, SIGKILL);
		waitpid(copies, NULL, 0);
	}
	copies = 0;
}

static void
end(void)
{
	hush();
	close(source[0]);
	close(source[1]);
	close(to.fd);
	close(reader);
	stream_out_free(&out);
	/* its own buffer, while a slot is in its place */
	if (slots.plain != NULL)
		in.buf = slots.plain;
	stream_in_free(&in);
}

/* length - of frame i as it comes; every fiftieth is short */
static size_t
length(unsigned i)
{
	return i % 50 == 49 ? 60 : LONGEST - i % 7 * 30;
}

static void
feed(unsigned first, unsigned n)
{
	static uint8_t rec[STREAM_REC_HLEN + LONGEST];
	unsigned i;
	size_t len;

	for (i = first; i < first + n; i++) {
		len = length(i);
		stream_rec_head(rec, i, (uint32_t)len, (uint32_t)len);
		memset(rec + STREAM_REC_HLEN, (int)(i * 7 & 0xff), len);
		put_be32(rec + STREAM_REC_HLEN, i);
		if (write(source[1], rec, STREAM_REC_HLEN + len) < 0)
			exit(1);
	}
}

static void
forward(const struct stream_rec *rec, int kind)
{
	const uint8_t *p = rec->data;
	size_t n = ADDRS, off = kind == UNTAGGED ? ADDRS + 4 : ADDRS;
	uint8_t head[16];

	if (kind == TAGGED) {
		memcpy(head, p, ADDRS);
		put_be32(head + ADDRS, 0x81000014);
		p = head;
		n = sizeof(head);
	}
	if (!pass_put(&pass, &to, rec->ts, p, n, rec->data + off,
		rec->caplen - off, true))
		stream_out_put(
		    &out, rec->ts, p, n, rec->data + off, rec->caplen - off);
	given++;
}

/* step - what is there is read once, and goes on */
static void
step(int kind)
{
	struct stream_rec rec;
	int r;

	slots_turn(&slots, &in, true);
	if (stream_in_read_some(&in, source[0], STREAM_HOP) <= 0)
		return;
	pass.slots = &slots;
	while ((r = stream_in_next(&in, &rec)) > 0)
		forward(&rec, kind);
	if (r < 0) { /* else there would never be enough */
		puts(in.error);
		exit(1);
	}
	pass_end(&pass);
	if (slots.tail != NULL && slots.slot[slots.at].out != NULL)
		lent++;
	(void)stream_out_write(&out, to.fd);
}

/* take - at most so many bytes of what is in the pipe; are they right? */
static void
take(int kind, size_t most)
{
	static uint8_t buf[2 << 20];
	static size_t got;
	size_t at = 0, len, i;
	ssize_t n;

	if (seen == 0)
		got = 0;
	n = read(reader, buf + got, most);
	got += n > 0 ? (size_t)n : 0;
	for (; got - at >= STREAM_REC_HLEN; at += STREAM_REC_HLEN + len) {
		if (got - at < STREAM_REC_HLEN + ADDRS)
			break;
		/* what found no room is missing */
		n = (ssize_t)get_be32(buf + at + STREAM_REC_HLEN) - seen;
		if (n > 0 && gaps + (unsigned)n <= out.dropped) {
			gaps += (unsigned)n;
			seen += (unsigned)n;
		}
		len = length(seen) + (size_t)more[kind];
		if (got - at < STREAM_REC_HLEN + len)
			break;
		if (get_be32(buf + at + STREAM_REC_HLEN) != seen ||
		    buf[at + 8] != (len & 255))
			wrong++;
		for (i = 16; i < len; i++)
			if (buf[at + STREAM_REC_HLEN + i] != (seen * 7 & 0xff))
				wrong++;
		seen++;
	}
	memmove(buf, buf + at, got - at);
	got -= at;
}

static void
drain(int kind)
{
	unsigned i;

	for (i = 0; i < 100; i++) {
		(void)stream_out_write(&out, to.fd);
		take(kind, 1 << 20);
	}
}

/* run - random turns of the three who are at it */
static void
run(int kind, bool copied, const char *what)
{
	unsigned fed = 0, n;
	struct chance c;

	begin(copied);
	chance_seed(&c, (uint64_t)kind + 1);
	while (fed < 5000) {
		n = 1 + (unsigned)chance_below(&c, 300);
		feed(fed, n);
		fed += n;
		full = false;
		while (given < fed)
			step(kind);
		if (chance_below(&c, 3) > 0)
			take(kind, chance_below(&c, 1 << 20));
		else if (chance_below(&c, 3) == 0)
			drain(kind);
	}
	drain(kind);
	check(seen + (unsigned)out.dropped - gaps == fed && wrong == 0 &&
		  (out.dropped > 0) == (queue < (1 << 20)) &&
		  (copied ? lent > 20 : lent == 0),
	    "%s: %u of %u frames, %u bytes wrong, lent %u times", what, seen,
	    fed, wrong, (unsigned)lent);
	end();
}

/* closed - the pipe ends, but its reader has not read it: what is read from
   then on is not seen in it */
static void
closed(void)
{
	int old, i;

	begin(true);
	feed(0, 300);
	while (given < 300)
		step(AS_IT_IS);
	close(to.fd);
	pipes++;
	hush();
	old = reader;
	stream_out_free(&out);
	new_pipe();
	says();
	for (i = 0; i < 10; i++) {
		feed(1000 + 300 * (unsigned)i, 300);
		while (given < 300 * (unsigned)(i + 1))
			step(AS_IT_IS);
		while (read(reader, (uint8_t[4096]){0}, 4096) > 0)
			;
	}
	close(reader);
	reader = old;
	seen = wrong = 0;
	for (i = 0; i < 10; i++)
		take(AS_IT_IS, 1 << 20);
	check(seen == 300 && wrong == 0 && lent > 20,
	    "a pipe that was closed keeps what it shows: %u frames, %u wrong, "
	    "lent %u times",
	    seen, wrong, (unsigned)lent);
	end();
}

int
main(void)
{
	run(AS_IT_IS, true, "lent, as they were read");
	run(UNTAGGED, true, "lent, without their tags");
	run(TAGGED, true, "lent, with a tag");
	run(TAGGED, false, "a reader that does not say that it copies");
	queue = 128 * 1024;
	pipe_bytes = 256 * 1024;
	run(TAGGED, true, "a short queue: dropped whole");
	queue = 8 << 20;
	pipe_bytes = 1 << 20;
	closed();
	return done();
}
