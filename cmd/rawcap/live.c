/*
 * live.c - from the interface to stdout: all that runs while there is a
 * packet socket, and hence no more than it needs: of the stage's loop what is
 * below timers, a log and input of other kinds.
 *
 * Frames are read while none wait to be written: the buffer is empty then. So
 * a reader that stops makes them wait in the socket's own, and the kernel
 * counts those that are lost. Large ones are never copied.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "linux/sandbox.h"
#include "pipe/loop.h"
#include "rawcap.h"

enum {
	ROUND = 512,  /* calls between two looks at signals */
	SMALL = 2048, /* bytes; of such frames many are asked for at once: a
			 call costs more than a copy */
	FULL = STREAM_IN_CAP,
	LAST_WRITE_MS = 100, /* ten times: for output after a signal */
};

_Static_assert(
    FULL + (PKTSOCK_MANY + 1) * (PKTSOCK_MAXFRAME + STREAM_REC_HLEN) <
	RAWCAP_OUT,
    "what comes at once finds room");

static int
open_iface(struct rawcap *rc)
{
	struct sock_fprog prog = {(unsigned short)rc->filter.n, rc->filter.f};
	const struct sock_fprog *p = prog.filter != NULL ? &prog : NULL;

	return rc->has_group
		   ? pktsock_open_group(&rc->cs, rc->flags, p, rc->group)
		   : pktsock_open(&rc->cs, rc->flags, p);
}

/* put - a frame behind the others; a large one is there already */
static void
put(struct stream_out *o, const struct pktsock_frame *f)
{
	const uint32_t head[4] = {(uint32_t)(f->ts / NS_PER_SEC),
	    (uint32_t)(f->ts % NS_PER_SEC), (uint32_t)f->len, f->wire_len};
	uint8_t *to = o->buf + o->end;

	memcpy(to, head, sizeof(head));
	if (f->buf != to + sizeof(head))
		memcpy(to + sizeof(head), f->buf, f->len);
	o->end += sizeof(head) + f->len;
	o->count++;
}

/* failed - the interface goes down: 0; or the end: -1 */
static int
failed(struct rawcap *rc)
{
	rc->down = errno;
	if (errno != ENETDOWN)
		return -1;
	say("%s is down: nothing passes until it is up", rc->iface);
	return 0;
}

/* take - the frames of one call: 1, 0 when no more are there, -1 at the end */
static int
take(struct rawcap *rc)
{
	struct pktsock_frame f[PKTSOCK_MANY];
	uint64_t left = rc->limit - rc->out.count;
	int want = rc->small ? PKTSOCK_MANY : 1, got, i;

	if (rc->limit != 0 && left < (uint64_t)want)
		want = (int)left;
	for (i = 0; i < want; i++)
		f[i].buf = rc->many[i];
	if (!rc->small) /* straight to its place */
		f[0].buf = rc->out.buf + rc->out.end + STREAM_REC_HLEN;
	got = pktsock_recv_many(&rc->cs, f, (unsigned)want);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got < 0)
		return failed(rc);
	for (i = 0; i < got; i++) {
		if (f[i].len > 0)
			put(&rc->out, &f[i]);
		rc->small = f[i].len <= SMALL;
	}
	if (rc->limit != 0 && rc->out.count == rc->limit)
		return -1;
	return got == want;
}

/* take_all - what is there, within bounds; false at the end */
static bool
take_all(struct rawcap *rc)
{
	int i, r = 1;

	for (i = 0; i < ROUND && r > 0 && rc->out.end < FULL; i++)
		r = take(rc);
	return r >= 0;
}

/* write_some - 1 when nothing waits any more, 0 when something does, -1 */
static int
write_some(struct stream_out *o)
{
	ssize_t n = write(STDOUT_FILENO, o->buf + o->start, o->end - o->start);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	o->start += (size_t)n;
	if (o->start < o->end)
		return 0;
	o->start = o->end = 0;
	return 1;
}

static size_t
prepare(void *ctx, struct pollfd *p, uint64_t *timeout)
{
	const struct rawcap *rc = ctx;
	bool waits = rc->out.end > 0;

	p[LOOP_IN] = (struct pollfd){waits ? -1 : rc->cs.fd, POLLIN, 0};
	p[LOOP_OUT] = (struct pollfd){STDOUT_FILENO, waits ? POLLOUT : 0, 0};
	if (rc->down != 0)
		*timeout = PKTSOCK_DOWN_MS * NS_PER_MS;
	return LOOP_COUNT;
}

static enum stage_end
one_round(void *ctx, const struct pollfd *p, bool ready)
{
	struct rawcap *rc = ctx;

	if (ready && p[LOOP_IN].revents != 0)
		rc->ended = !take_all(rc);
	if (!ready && rc->down != 0)
		rc->ended |= pktsock_gone(&rc->cs);
	if (rc->out.end > 0 && write_some(&rc->out) < 0)
		return STAGE_FAILED;
	return rc->ended && rc->out.end == 0 ? STAGE_INPUT_END : STAGE_GOES_ON;
}

static void
ask(void *ctx)
{
	struct rawcap *rc = ctx;

	rc->dropped += pktsock_dropped(&rc->cs);
	rawcap_summary(rc);
}

enum stage_end
live(struct rawcap *rc)
{
	const struct loop l = {rc, prepare, one_round, ask, rc};
	enum stage_end end = STAGE_FAILED;
	struct pollfd p[LOOP_COUNT];
	int i;

	if (open_iface(rc) < 0)
		return end;
	rc->locked = lock_in(rc->verbose) == 0;
	if (rc->locked)
		end = loop_run(&l, p);
	/* what has been taken is still written, for a second */
	for (i = 0; end == STAGE_SIGNAL && i < 10 && rc->out.end > 0; i++) {
		poll(p + LOOP_OUT, 1, LAST_WRITE_MS);
		if (write_some(&rc->out) < 0)
			end = STAGE_FAILED;
	}
	rc->dropped += pktsock_dropped(&rc->cs);
	close(rc->cs.fd);
	return end;
}
