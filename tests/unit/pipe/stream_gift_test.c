/*
 * stream_gift_test.c - what is lent to a pipe arrives as it was when it was
 * put in, however large the records and however slow the reader; and a ring
 * drops no sooner than a plain buffer
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/chance.h"
#include "pipe/stream.h"
#include "tap.h"

enum { CAP = 300000, ALL = 40 << 20, RECORD = 70000 };

static uint8_t record[RECORD];

struct side {
	struct stream_out out;
	uint8_t *got;
	size_t n;
	int fd[2];
};

/* begin - with a pipe of that size, or the usual one; false: cannot lend */
static bool
begin(struct side *s, bool lent, int size)
{
	stream_out_init(&s->out, CAP);
	s->got = malloc(ALL);
	s->n = 0;
	if (pipe(s->fd) != 0)
		exit(1);
	fcntl(s->fd[0], F_SETFL, O_NONBLOCK);
	fcntl(s->fd[1], F_SETFL, O_NONBLOCK);
	if (size > 0)
		fcntl(s->fd[1], F_SETPIPE_SZ, size);
	return !lent || stream_out_lend(&s->out, s->fd[1]) == 0;
}

static void
end(struct side *s)
{
	stream_out_free(&s->out);
	free(s->got);
	close(s->fd[0]);
	close(s->fd[1]);
}

/* take - at most so many bytes are read; false: there are none */
static bool
take(struct side *s, size_t most)
{
	ssize_t r = read(s->fd[0], s->got + s->n, most);

	if (r > 0)
		s->n += (size_t)r;
	return r > 0;
}

static void
take_all(struct side *s)
{
	do
		stream_out_write(&s->out, s->fd[1]);
	while (take(s, RECORD));
}

/*
 * same - one history on both: records of sizes below most, written and read
 * at random
 */
static bool
same(uint64_t seed, size_t most, size_t reads)
{
	struct side a, b;
	struct chance c;
	bool good = true;
	size_t n, r;
	int i;

	chance_seed(&c, seed);
	if (!begin(&a, false, 1 << 20) || !begin(&b, true, 1 << 20))
		return false;
	for (i = 0; i < 4000 && a.n < ALL - (4 << 20); i++) {
		n = chance_below(&c, most);
		record[chance_below(&c, most)]++;
		if (stream_out_put(&a.out, i, record, n / 3, record + n / 3,
			n - n / 3) != stream_out_put(&b.out, i, record, n / 3,
					  record + n / 3, n - n / 3))
			good = false;
		if (chance_below(&c, 3) == 0) {
			stream_out_write(&a.out, a.fd[1]);
			stream_out_write(&b.out, b.fd[1]);
		}
		if (chance_below(&c, 2) == 0) {
			r = 1 + chance_below(&c, reads);
			take(&a, r);
			take(&b, r);
		}
		/* a copy fills the pipe's places better than lent pages: the
		   same room on both sides wants both empty */
		if (stream_out_waiting(&a.out) + CAP / 2 > CAP ||
		    stream_out_waiting(&b.out) + CAP / 2 > CAP) {
			take_all(&a);
			take_all(&b);
		}
	}
	take_all(&a);
	take_all(&b);
	good = good && a.n == b.n && memcmp(a.got, b.got, a.n) == 0 &&
	       a.n > 2000000 && a.out.dropped == b.out.dropped;
	end(&a);
	end(&b);
	return good;
}

/* grown - the reader has made the pipe larger than the ring is for */
static bool
grown(void)
{
	struct side s;
	size_t i, put = 0;
	bool good;

	if (!begin(&s, true, 0))
		return false;
	if (fcntl(s.fd[1], F_SETPIPE_SZ, 1 << 20) < 0)
		return true; /* not allowed to: then nobody is */
	for (i = 0; put < (1 << 20); i++) {
		memset(record, (int)i, 40000);
		if (!stream_out_put(&s.out, i, record, 40000, NULL, 0))
			break;
		put += 40016;
		stream_out_write(&s.out, s.fd[1]);
	}
	take_all(&s);
	good = s.n == put + STREAM_FILE_HLEN;
	for (i = 0; good && i * 40016 < put; i++)
		good = s.got[STREAM_FILE_HLEN + i * 40016 + 16] == (uint8_t)i &&
		       s.got[STREAM_FILE_HLEN + (i + 1) * 40016 - 1] ==
			   (uint8_t)i;
	end(&s);
	return good;
}

/* shows - what is written is changed then: does the reader see that? */
static bool
shows(struct side *s)
{
	size_t i;

	memset(record, 'a', 60000);
	stream_out_put(&s->out, 1, record, 60000, NULL, 0);
	stream_out_write(&s->out, s->fd[1]);
	memset(s->out.buf, 'b', s->out.ring > 0 ? s->out.ring : CAP);
	s->n = 0;
	while (take(s, RECORD))
		;
	for (i = 1000; i < s->n && s->got[i] == s->got[1000]; i++)
		;
	return s->n > 60000 && i == s->n && s->got[1000] == 'b';
}

/* reader - one that says that it copies, until it is killed */
static pid_t
reader(const struct side *s)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready) != 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		stream_copies(s->fd[0]);
		close(ready[1]);
		while (write(ready[0], "", 1) < 0)
			pause();
	}
	close(ready[1]);
	if (pid < 0 || read(ready[0], &c, 1) != 0)
		exit(1);
	close(ready[0]);
	return pid;
}

static bool
offered(void)
{
	struct side s;
	bool before, with, after;
	pid_t pid;

	begin(&s, false, 1 << 20);
	stream_out_offer(&s.out);
	before = shows(&s);
	pid = reader(&s);
	with = shows(&s);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	after = shows(&s);
	end(&s);
	return !before && with && !after;
}

int
main(void)
{
	bool small = true, large = true;
	struct side s;
	uint64_t i;

	if (!begin(&s, true, 0)) {
		end(&s);
		printf("ok 1 - nothing can be lent here # SKIP\n1..1\n");
		return 0;
	}
	check(stream_out_put(&s.out, 1, record, 0, NULL, 0) &&
		  !stream_out_put(&s.out, 1, record, CAP, NULL, 0) &&
		  s.out.dropped == 1,
	    "an empty record fits, one that exceeds the buffer does not");
	stream_out_forget(&s.out);
	check(stream_out_waiting(&s.out) == 0 &&
		  stream_out_write(&s.out, s.fd[1]) == 1,
	    "forgotten is forgotten");
	end(&s);
	for (i = 0; i < 8; i++) {
		small = small && same(i, 1600, 1000);
		large = large && same(i, RECORD, 90000);
	}
	check(small, "segments of the MTU arrive as they were");
	check(large, "super-frames, too");
	check(grown(), "a pipe that has grown is given copies");
	check(offered(), "offered: lent while a reader says that it copies");
	return done();
}
