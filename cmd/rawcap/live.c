/*
 * live.c - from the interface to stdout: all that runs while there is a
 * packet socket, and hence no more than it needs: of the stage's loop what is
 * below timers, a log and input of other kinds.
 *
 * Frames are read while none wait to be written: the buffer is empty then. So
 * a reader that stops makes them wait in the socket's own, and the kernel
 * counts those that are lost. Large ones are never copied: not from the buffer
 * either, where the reader copies them out of the pipe, which shows them in
 * place. So the buffer is a ring, of what the pipe may show and what is new.
 *
 * A flood is more frames than the reader keeps up with. What anybody can
 * send, without a connection, then comes by another socket: little of it stands
 * in the pipe at any time, and frames of connections are written before it.
 * When that socket is not empty once for some time it is no burst, as of a
 * scanner. Then each source has one of several: little waits there. When it is
 * over, one socket has all frames again, in their order.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "pipe/loop.h"
#include "rawcap.h"

enum {
	ROUND = 512,  /* calls between two looks at signals */
	SMALL = 2048, /* bytes; of such frames many are asked for at once: a
			 call costs more than a copy */
	FULL = STREAM_IN_CAP,
	LAST_WRITE_MS = 100,  /* ten times: for output after a signal */
	BURST = 256,	      /* frames at once: a flood */
	STANDING = 16 * 1024, /* bytes in the pipe */
	PART = 16 * 1024,     /* of a flood are let in at once */
	STANDS = 128,	      /* rounds that each left some: it is no burst */
	CALM = 4096,	      /* rounds that left none, and brought */
	FEW = 512,	      /* bytes at most, and it is over */
	REKEY = 64,	      /* rounds of one key: a tenth of a second */
};
#define NEXT_KEY 0x9e3779b1	   /* times the last one */
#define HELD	 (200 * NS_PER_US) /* then the pipe is looked at again */

enum { COUNT = LOOP_COUNT + SIDES }; /* of what is waited for */

enum {
	/* bytes that one round reads, at most */
	MOST = FULL + PART +
	       2 * (PKTSOCK_MANY + 1) * (PKTSOCK_MAXFRAME + STREAM_REC_HLEN),
	LEND_LEAST = 32 * 1024, /* of fewer a copy costs less */
	LEND_MOST = FULL + 2 * PKTSOCK_MAXFRAME,
	LAP = RAWCAP_RING - MOST,	/* then the ring begins anew */
	SHOWN = LAP - LEND_MOST - MOST, /* in the pipe: no more is lent */
};

_Static_assert(SHOWN >= 1 << 20, "a pipe of ours shows less");
_Static_assert(PKTSOCK_UNSUMMED == STREAM_UNSUMMED, "it goes as it comes");

/* the first one never has a frame: what is not for the others goes there; the
   second has a burst */
static bool
open_sides(struct rawcap *rc, int flags)
{
	unsigned i;

	for (i = 0; i <= SIDES; i++) {
		flags |= rc->side_flags | (i > 1 ? PKTSOCK_SHALLOW : 0);
		if (pktsock_open(&rc->side[i], flags, &pktsock_none) < 0 ||
		    pktsock_join(&rc->side[i], rc->group, 1 + SIDES,
			i == 0 ? &pktsock_none : &rc->apart) < 0)
			return false;
	}
	return true;
}

/* in older kernels the side sockets also receive what this host sends; if the
   kernel refuses them altogether, the flood stays in the first one */
static int
open_iface(struct rawcap *rc)
{
	if (pktsock_open(&rc->cs, rc->flags,
		rc->has_group ? &pktsock_none : &rc->whole) < 0)
		return -1;
	if (rc->has_group)
		return pktsock_join(&rc->cs, rc->group, 0, &rc->whole);
	if (rc->divisible)
		rc->divisible = open_sides(rc, 0) ||
				open_sides(rc, PKTSOCK_OUTGOING);
	return 0;
}

/* put - a frame behind the others; a large one is there already */
static void
put(struct stream_out *o, const struct pktsock_frame *f)
{
	const uint32_t head[4] = {LE32(f->ts / NS_PER_SEC),
	    LE32(f->ts % NS_PER_SEC), LE32(f->len), LE32(f->wire_len)};
	uint8_t *to = o->buf + o->end;

	memcpy(to, head, sizeof(head));
	if (f->buf != to + sizeof(head))
		memcpy(to + sizeof(head), f->buf, f->len);
	o->end += sizeof(head) + f->len;
	o->count++;
}

/* failed - the interface goes down: 0; or the end: -1 */
static int
failed(struct rawcap *rc, bool side)
{
	rc->down = errno;
	if (errno == ENETDOWN && !side)
		say_own("%s is down: nothing passes until it is up", rc->iface);
	return rc->down == ENETDOWN ? 0 : -1;
}

/* take - the frames of one call: 1, 0 when no more are there, -1 at the end */
static int
take(struct rawcap *rc, struct pktsock *cs)
{
	struct pktsock_frame *f = rc->frame;
	int want = rc->small ? PKTSOCK_MANY : 1, got, i;

	/* a large one straight to its place */
	f[0].buf = rc->small ? rc->many[0]
			     : rc->out.buf + rc->out.end + STREAM_REC_HLEN;
	got = pktsock_recv_many(cs, f, (unsigned)want);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got < 0)
		return failed(rc, cs != &rc->cs);
	for (i = 0; i < got; i++) {
		if (f[i].len > 0 && rc->out.count < rc->limit)
			put(&rc->out, &f[i]);
		rc->small = f[i].len <= SMALL;
	}
	return rc->out.count == rc->limit ? -1 : got == want;
}

/* take_all - what is there, up to so many bytes; as take() */
static int
take_all(struct rawcap *rc, struct pktsock *cs, size_t most)
{
	int i, r = 1;

	for (i = 0; i < ROUND && r > 0 && rc->out.end < most; i++)
		r = take(rc, cs);
	rc->ended |= r < 0;
	return r;
}

SANDBOX_NEEDS_FOR(GIFT, vmsplice);

/* write_some - 0, or -1 */
static int
write_some(struct rawcap *rc)
{
	struct stream_out *o = &rc->out;
	struct iovec v = {o->buf + o->start, o->end - o->start};
	bool lend = v.iov_len >= LEND_LEAST && v.iov_len <= LEND_MOST &&
		    rc->shown <= SHOWN &&
		    stream_reader_shows(STDOUT_FILENO, STREAM_LOCK_COPIES);
	ssize_t n = lend ? vmsplice(STDOUT_FILENO, &v, 1, SPLICE_F_NONBLOCK)
			 : -1;

	rc->cs.unsummed = lend && stream_reader_shows(
				      STDOUT_FILENO, STREAM_LOCK_UNSUMMED);
	if (n > 0)
		rc->free = (size_t)(o->buf - rc->ring) + o->end;
	else
		n = write(STDOUT_FILENO, v.iov_base, v.iov_len);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	rc->written += (uint64_t)n;
	o->start += (size_t)n;
	if (o->start == o->end)
		o->start = o->end = 0;
	return 0;
}

/* turn - all is written: to where the pipe shows nothing that was lent */
static void
turn(struct rawcap *rc)
{
	if (rc->free > 0 || rc->shown > 0)
		ioctl(STDOUT_FILENO, FIONREAD, &rc->shown);
	if (rc->shown == 0 || rc->free > LAP)
		rc->free = 0;
	rc->out.buf = rc->ring + rc->free;
}

/* ---- a flood: see above ---- */

/* spread - a burst waits in one queue, a flood in one for each source */
static int
spread(struct rawcap *rc, bool flood)
{
	rc->by_source.filter[SPREAD_KEY].k = flood ? rc->key *= NEXT_KEY : 0;
	rc->by_source.filter[SPREAD_FROM].k = flood ? 2 : 1;
	return pktsock_program(rc->side, PKTSOCK_SPREAD, &rc->by_source);
}

/* divide - or put together again; what a kernel refuses stays whole */
static void
divide(struct rawcap *rc, bool on)
{
	on = on && spread(rc, false) == 0 &&
	     pktsock_program(&rc->cs, PKTSOCK_FILTER, &rc->rest) == 0;
	if (!on &&
	    (pktsock_program(&rc->cs, PKTSOCK_FILTER, &rc->whole) < 0 ||
		pktsock_program(rc->side, PKTSOCK_SPREAD, &pktsock_none) < 0))
		return;
	rc->divided = on;
	rc->calm = rc->busy = 0;
}

/* take_sides - each in its turn is the first: 1, or 0 when no more are there */
static int
take_sides(struct rawcap *rc, size_t most)
{
	int i, more = 0;

	for (i = 0; i < SIDES; i++)
		more |= take_all(rc, &rc->side[1 + (rc->turn + i) % SIDES],
			    most) > 0;
	if (++rc->turn % REKEY == 0 && rc->by_source.filter->k != 0)
		spread(rc, true);
	return more;
}

/* let_flood - some of it, when the reader has what was let in before */
static void
let_flood(struct rawcap *rc, bool quiet)
{
	size_t before = rc->out.end;
	int held = 0, more;

	ioctl(STDOUT_FILENO, FIONREAD, &held);
	rc->held = held > STANDING && rc->mark > rc->written - (unsigned)held;
	if (rc->held)
		return;
	if (quiet || rc->calm == CALM)
		divide(rc, false);
	more = take_sides(rc, before + PART);
	rc->calm = more || rc->out.end > before + FEW ? 0 : rc->calm + 1;
	rc->busy = more ? rc->busy + 1 : 0;
	if (rc->busy == STANDS)
		spread(rc, true);
	if (rc->out.end > before)
		rc->mark = rc->written + before;
}

static size_t
prepare(void *ctx, struct pollfd *p, uint64_t *timeout)
{
	const struct rawcap *rc = ctx;
	bool waits = rc->out.end > 0, side = rc->divided && !rc->held;
	size_t i;

	p[LOOP_IN] = (struct pollfd){waits ? -1 : rc->cs.fd, POLLIN, 0};
	p[LOOP_OUT] = (struct pollfd){STDOUT_FILENO, waits ? POLLOUT : 0, 0};
	for (i = 1; i <= SIDES; i++)
		p[LOOP_OUT + i] = (struct pollfd){rc->side[i].fd, POLLIN, 0};
	*timeout = rc->divided && rc->held   ? HELD
		   : rc->divided || rc->down ? PKTSOCK_DOWN_MS * NS_PER_MS
					     : TIME_NEVER;
	return side && !waits ? COUNT : LOOP_COUNT;
}

static enum stage_end
one_round(void *ctx, const struct pollfd *p, bool ready)
{
	struct rawcap *rc = ctx;
	uint64_t before = rc->out.count;

	if (rc->out.end == 0)
		turn(rc);
	if (ready && p[LOOP_IN].revents != 0)
		take_all(rc, &rc->cs, FULL);
	if (rc->divided && rc->out.start == 0)
		let_flood(rc, !ready && !rc->held);
	else if (rc->divisible && !rc->divided &&
		 (rc->out.start > 0 || rc->out.count - before >= BURST))
		divide(rc, true);
	if (!ready && rc->down != 0)
		rc->ended |= pktsock_gone(&rc->cs);
	if (rc->out.end > 0 && write_some(rc) < 0)
		return STAGE_FAILED;
	return rc->ended && rc->out.end == 0 ? STAGE_INPUT_END : STAGE_GOES_ON;
}

enum stage_end
live(struct rawcap *rc)
{
	const struct loop l = {rc, prepare, one_round, rawcap_summary, rc};
	enum stage_end end = STAGE_FAILED;
	struct pollfd p[COUNT];
	int i;

	if (open_iface(rc) < 0)
		return end;
	rc->locked = lock_in(rc->verbose) == 0;
	if (rc->locked)
		end = loop_run(&l, p);
	/* what has been taken is still written, for a second */
	for (i = 0; end == STAGE_SIGNAL && i < 10 && rc->out.end > 0; i++) {
		poll(p + LOOP_OUT, 1, LAST_WRITE_MS);
		if (write_some(rc) < 0)
			end = STAGE_FAILED;
	}
	return end;
}
