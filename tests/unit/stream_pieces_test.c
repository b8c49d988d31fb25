/*
 * stream_pieces_test.c - records whose payload is written from where it lies
 * are the same bytes as copied ones, however a pipe takes them
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "chance.h"
#include "stream.h"
#include "tap.h"

enum { CAP = 300000, FILE_BYTES = 100000, ALL = 8 << 20 };

static uint8_t file[FILE_BYTES];

struct side {
	struct stream_out out;
	uint8_t *got;
	size_t n;
	int fd[2];
};

static void
begin(struct side *s, bool pieces)
{
	stream_out_init(&s->out, CAP);
	if (pieces)
		stream_out_keep_pieces(&s->out);
	s->got = malloc(ALL);
	s->n = 0;
	if (pipe(s->fd) != 0)
		exit(1);
	fcntl(s->fd[0], F_SETFL, O_NONBLOCK);
	fcntl(s->fd[1], F_SETFL, O_NONBLOCK);
}

static void
end(struct side *s)
{
	stream_out_free(&s->out);
	free(s->got);
	close(s->fd[0]);
	close(s->fd[1]);
}

static void
take(struct side *s, size_t most)
{
	ssize_t r = read(s->fd[0], s->got + s->n, most);

	if (r > 0)
		s->n += (size_t)r;
}

static bool
put(struct side *s, const uint8_t *p, size_t n, const uint8_t *q, size_t m)
{
	if (s->out.piece != NULL)
		return stream_out_refer(&s->out, 7, p, n, q, m);
	return stream_out_put(&s->out, 7, p, n, q, m);
}

static void
finish(struct side *s)
{
	while (stream_out_write(&s->out, s->fd[1]) == 0)
		take(s, 70000);
	take(s, 70000);
}

static void
same(void)
{
	bool room = true, taken = true;
	const uint8_t *p, *q;
	struct side a, b;
	struct chance c;
	size_t n, m, some;
	int i;

	chance_seed(&c, 5);
	begin(&a, true);
	begin(&b, false);
	for (i = 0; i < 6000; i++) {
		n = chance_below(&c, 100);
		m = chance_below(&c, chance_below(&c, 9) == 0 ? 60000 : 1500);
		p = file + chance_below(&c, 1000);
		q = file + chance_below(&c, FILE_BYTES - 60000);
		taken = taken && put(&a, p, n, q, m) == put(&b, p, n, q, m);
		some = chance_below(&c, 8000);
		while (chance_below(&c, 3) == 0) {
			stream_out_write(&a.out, a.fd[1]);
			stream_out_write(&b.out, b.fd[1]);
			take(&a, some);
			take(&b, some);
		}
		room = room && (a.n != b.n ||
				   stream_out_waiting(&a.out) ==
				       stream_out_waiting(&b.out) ||
				   stream_out_room(&a.out) > 0);
		if (a.n > ALL - 200000 || b.n > ALL - 200000)
			break;
		if (stream_out_room(&a.out) < 70000) {
			finish(&a);
			finish(&b);
		}
	}
	finish(&a);
	finish(&b);
	check(taken && a.out.count == b.out.count, "%d records, none refused",
	    (int)a.out.count);
	check(a.n == b.n && memcmp(a.got, b.got, a.n) == 0,
	    "the same %zu bytes", a.n);
	end(&a);
	end(&b);
}

/* full - the bound is the same, also with more pieces than are kept */
static void
full(void)
{
	struct side a, b;
	int i;

	begin(&a, true);
	begin(&b, false);
	for (i = 0; i < 10; i++) {
		put(&a, file, 50, file, 40000);
		put(&b, file, 50, file, 40000);
	}
	check(a.out.dropped == 3 && b.out.dropped == 3 &&
		  stream_out_room(&a.out) == stream_out_room(&b.out),
	    "what waits where it lies counts as well");
	end(&a);
	end(&b);
}

static void
gone(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct side a;
	uint8_t *p;

	begin(&a, true);
	p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	put(&a, file, 50, p, page);
	munmap(p, 2 * page);
	while (stream_out_write(&a.out, a.fd[1]) == 0)
		;
	errno = 0;
	check(stream_out_write(&a.out, a.fd[1]) == -1 && errno == EFAULT,
	    "bytes that are there no more: EFAULT");
	stream_out_forget(&a.out);
	check(stream_out_write(&a.out, a.fd[1]) == 1 &&
		  stream_out_waiting(&a.out) == 0,
	    "forgotten, nothing waits");
	end(&a);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < FILE_BYTES; i++)
		file[i] = (uint8_t)(i * 7 + i / 251);
	same();
	full();
	gone();
	return done();
}
