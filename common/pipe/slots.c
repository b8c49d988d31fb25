/*
 * slots.c - see slots.h. A file of its own, so that only programs that lend
 * have the system calls for it.
 *
 * What a pipe still shows is known by counting: what was written to it, less
 * what is in it, has been read. A pipe that has been closed cannot be asked,
 * and its reader may yet be at it: then the pages are left to it, and the
 * buffer gets new ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "base/syscalls.h"
#include "pipe/slots.h"

#if defined(SPLICE_F_NONBLOCK) && defined(MAP_ANONYMOUS)

SANDBOX_NEEDS_FOR(GIFT, vmsplice);

enum { ALIGN = 64, HUGE = 2 << 20, LEAST_PIPE = 4 * STREAM_HOP };

static uint8_t *
start_of(const struct slots *s, unsigned i)
{
	return s->buf + (size_t)i * SLOT_BYTES;
}

static void
begin(struct slots *s)
{
	uint8_t *p = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return;
	s->buf = p + (-(uintptr_t)p & (HUGE - 1));
	(void)madvise(s->buf, HUGE, MADV_HUGEPAGE);
}

/* what was found out about a pipe */
struct held {
	const struct stream_out *out;
	int bytes;
};

/* is_free - nothing shows it any more */
static bool
is_free(struct slots *s, unsigned i, struct held *h)
{
	struct slot *t = &s->slot[i];

	if (t->out == NULL)
		return true;
	if (*t->pipes != t->before) {
		if (madvise(start_of(s, i), SLOT_BYTES, MADV_DONTNEED) != 0)
			return false;
		t->out = NULL;
		return true;
	}
	if (h->out != t->out) {
		if (ioctl(t->fd, FIONREAD, &h->bytes) != 0)
			return false;
		h->out = t->out;
	}
	if (t->out->written - (uint64_t)h->bytes < t->mark)
		return false;
	t->out = NULL;
	return true;
}

/* find - the first that is free: its bytes are still in the processor's cache;
   SLOTS: there is none */
static unsigned
find(struct slots *s)
{
	struct held h = {NULL, 0};
	unsigned i;

	for (i = 0; i < SLOTS && !is_free(s, i, &h); i++)
		;
	return i;
}

/* move - what is unread to buf, so that the next read() is to an address where
   copying is fast */
static void
move(struct stream_in *in, uint8_t *buf, size_t cap)
{
	size_t left = in->end - in->start, at = -left % ALIGN;

	memmove(buf + at, in->buf + in->start, left);
	in->buf = buf;
	in->cap = cap;
	in->start = at;
	in->end = at + left;
}

void
slots_turn(struct slots *s, struct stream_in *in, bool much)
{
	unsigned i = SLOTS;

	if (s->plain == NULL)
		s->plain = in->buf;
	if (much && s->buf == NULL)
		begin(s);
	if (much && s->buf != NULL && in->end - in->start <= SLOT_LEFT)
		i = find(s);
	s->tail = i < SLOTS ? start_of(s, i) : NULL;
	s->at = i;
	if (i < SLOTS)
		move(in, s->tail + SLOT_HEAD, SLOT_BYTES - SLOT_HEAD);
	else if (in->buf != s->plain)
		move(in, s->plain, STREAM_IN_CAP);
}

bool
slots_may_lend(const struct slots *s, const struct pass_to *to)
{
	const struct slot *t = &s->slot[s->at];

	if (s->tail == NULL || (t->out != NULL && t->out != to->out))
		return false;
	return fcntl(to->fd, F_GETPIPE_SZ) >= LEAST_PIPE &&
	       stream_reader_shows(to->fd, STREAM_LOCK_COPIES);
}

ssize_t
slots_lend(
    struct slots *s, const struct pass_to *to, const struct iovec *v, int n)
{
	ssize_t done = vmsplice(to->fd, v, (size_t)n, SPLICE_F_NONBLOCK);

	if (done > 0)
		s->slot[s->at] = (struct slot){.out = to->out,
		    .fd = to->fd,
		    .pipes = to->pipes,
		    .before = *to->pipes,
		    .mark = to->out->written + (uint64_t)done};
	return done;
}

#else

void
slots_turn(struct slots *s, struct stream_in *in, bool much)
{
	(void)s;
	(void)in;
	(void)much;
}

bool
slots_may_lend(const struct slots *s, const struct pass_to *to)
{
	(void)s;
	(void)to;
	return false;
}

ssize_t
slots_lend(
    struct slots *s, const struct pass_to *to, const struct iovec *v, int n)
{
	(void)s;
	(void)to;
	(void)v;
	(void)n;
	errno = ENOSYS;
	return -1;
}

#endif
