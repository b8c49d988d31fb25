/*
 * turns_test.c - several processes write to one pipe, and its reader finds
 * whole records only, all of each writer's and in its order, though the pipe is
 * always full; and nobody waits for ever.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "pipe/pipe_env.h"
#include "pipe/stream.h"
#include "pipe/turns.h"
#include "tap.h"

enum { WRITERS = 3, RECORDS = 1500, MOST = 30000, CAP = 300000 };

/* wait_for - room in the pipe, or a moment, for our turn */
static void
wait_for(const struct stream_out *o, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	(void)poll(&p, o->refused ? 0 : 1, o->refused ? 1 : -1);
}

/* write_all - records that begin with their number, the rest being w; the last
   writer lends them */
static _Noreturn void
write_all(int fd, unsigned w)
{
	static uint8_t record[MOST];
	struct stream_out o;
	struct chance c;
	uint32_t i;
	size_t n;

	chance_seed(&c, w);
	memset(record, (int)w, sizeof(record));
	if (stream_out_init(&o, CAP) != 0)
		_exit(1);
	if (w == WRITERS - 1)
		(void)stream_out_lend(&o, fd);
	o.turns = turns_shared(fd);
	for (i = 0; i < RECORDS; i++) {
		n = 4 + chance_below(&c, w == 0 ? 60 : MOST - 4);
		put_be32(record, i);
		while (stream_out_room(&o) < n) {
			if (stream_out_write(&o, fd) < 0)
				_exit(2);
			wait_for(&o, fd);
		}
		stream_out_put(&o, i, record, n, NULL, 0);
		(void)stream_out_write(&o, fd);
	}
	while (stream_out_write(&o, fd) == 0)
		wait_for(&o, fd);
	_exit(!o.turns);
}

struct seen {
	uint32_t next[WRITERS];
	unsigned wrong;
};

static void
look(struct seen *s, const struct stream_rec *r)
{
	uint32_t w = r->caplen > 4 ? r->data[4] : WRITERS, i;

	if (r->caplen <= 4)
		return; /* whose it is cannot be said */
	for (i = 4; i < r->caplen; i++)
		s->wrong += r->data[i] != w;
	if (w >= WRITERS || get_be32(r->data) < s->next[w])
		s->wrong++;
	else
		s->next[w] = get_be32(r->data) + 1;
}

static bool
read_all(int fd, struct seen *s, uint64_t *count)
{
	struct stream_in in;
	struct stream_rec r;
	bool right;
	int got = 0;

	if (stream_in_init(&in) != 0)
		return false;
	while (got == 0 && stream_in_read(&in, fd) > 0)
		while ((got = stream_in_next(&in, &r)) > 0)
			look(s, &r);
	*count = in.count;
	if (got < 0 || stream_in_end(&in) != 0)
		printf("# %s\n", in.error);
	right = got == 0 && stream_in_end(&in) == 0;
	stream_in_free(&in);
	return right;
}

int
main(void)
{
	int fd[2], other[2], status, bad = 0;
	struct seen s = {{0}, 0};
	uint64_t count = 0;
	unsigned i;

	if (pipe(fd) != 0 || pipe(other) != 0)
		return 1;
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	if (!turns_offer(fd[1])) {
		printf("ok 1 # SKIP no locks for pipes\n1..1\n");
		return 0;
	}
	check(turns_shared(fd[1]) && turns_shared(fd[0]), "it is this pipe");
	check(!turns_shared(other[1]), "and no other");
	for (i = 0; i < WRITERS; i++)
		if (fork() == 0)
			write_all(fd[1], i);
	close(fd[1]);
	check(read_all(fd[0], &s, &count), "a stream without damage");
	for (i = 0; i < WRITERS; i++)
		bad += wait(&status) < 0 || status != 0;
	check(bad == 0, "all writers came to their end");
	check(count == WRITERS * RECORDS, "all records: %llu",
	    (unsigned long long)count);
	check(s.wrong == 0, "whole, in order: %u wrong", s.wrong);
	return done();
}
