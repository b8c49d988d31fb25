/*
 * live.c - from the interface to stdout: all that runs while there is a
 * packet socket, and hence no more than it needs. It obeys the rules of
 * stage.h, which has timers, a log and input of other kinds beside.
 *
 * Frames are read while none wait to be written: the buffer is empty then. So
 * a reader that stops makes them wait in the socket's own, and the kernel
 * counts those that are lost. Large ones are never copied.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "await.h"
#include "clock.h"
#include "rawcap.h"

enum {
	ROUND = 512,  /* calls between two looks at signals */
	SMALL = 2048, /* bytes; of such frames many are asked for at once: a
			 call costs more than a copy */
	FULL = STREAM_IN_CAP,
	SIGNAL_ROUNDS = 16,  /* with something to do in each */
	LAST_WRITE_MS = 100, /* ten times: for output after a signal */
};

_Static_assert(
    FULL + (CAPSOCK_MANY + 1) * (CAPSOCK_MAXFRAME + STREAM_REC_HLEN) <
	RAWCAP_OUT,
    "what comes at once finds room");

static int
open_iface(struct rawcap *rc)
{
	struct sock_fprog prog = {(unsigned short)rc->filter.n, rc->filter.f};
	const struct sock_fprog *p = prog.filter != NULL ? &prog : NULL;

	return rc->has_group
		   ? capsock_open_group(&rc->cs, rc->flags, p, rc->group)
		   : capsock_open(&rc->cs, rc->flags, p);
}

/* put - a frame behind the others; a large one is there already */
static void
put(struct stream_out *o, const struct capsock_frame *f)
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

/* take - the frames of one call: 1, 0 when no more are there, -1 at the end */
static int
take(struct rawcap *rc)
{
	struct capsock_frame f[CAPSOCK_MANY];
	uint64_t left = rc->limit - rc->out.count;
	int want = rc->small ? CAPSOCK_MANY : 1, got, i;

	if (rc->limit != 0 && left < (uint64_t)want)
		want = (int)left;
	for (i = 0; i < want; i++)
		f[i].buf = rc->many[i];
	if (!rc->small) /* straight to its place */
		f[0].buf = rc->out.buf + rc->out.end + STREAM_REC_HLEN;
	got = capsock_recv_many(&rc->cs, f, (unsigned)want);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got < 0) {
		rc->down = errno;
		return -1;
	}
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

/* let_signals - ppoll() takes none while a descriptor is ready */
static void
let_signals(const sigset_t *none)
{
	sigset_t before;

	sigprocmask(SIG_SETMASK, none, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* wait_for - frames, or room for those that wait; 1, or 0 at a signal */
static int
wait_for(struct rawcap *rc, struct pollfd p[2], bool waits)
{
	sigset_t none;
	int n;

	p[0] = (struct pollfd){.fd = waits ? -1 : rc->cs.fd, .events = POLLIN};
	p[1] = (struct pollfd){
	    .fd = STDOUT_FILENO, .events = waits ? POLLOUT : 0};
	sigemptyset(&none);
	n = await(p, 2, NULL, &none);
	if (n > 0 && ++rc->rounds % SIGNAL_ROUNDS == 0)
		let_signals(&none);
	if (stage_asked()) {
		rawcap_count(rc);
		rawcap_summary(rc);
	}
	return !stage_stopped();
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

/* last_write - for a second, after a signal */
static enum stage_end
last_write(struct rawcap *rc)
{
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
	int i, r = 0;

	for (i = 0; i < 10 && r == 0; i++) {
		poll(&p, 1, LAST_WRITE_MS);
		r = write_some(&rc->out);
	}
	return r < 0 ? STAGE_FAILED : STAGE_SIGNAL;
}

static enum stage_end
run(struct rawcap *rc)
{
	struct pollfd p[2];
	bool more = true;
	int r = 0; /* the file header waits */

	while (more || r == 0) {
		if (!wait_for(rc, p, r == 0))
			return r == 0 ? last_write(rc) : STAGE_SIGNAL;
		if (p[1].revents & (POLLERR | POLLHUP))
			return STAGE_READER_GONE;
		if (p[0].revents != 0)
			more = take_all(rc);
		r = rc->out.end > 0 ? write_some(&rc->out) : 1;
		if (r < 0)
			return STAGE_FAILED;
	}
	return STAGE_INPUT_END;
}

enum stage_end
live(struct rawcap *rc)
{
	enum stage_end end = STAGE_FAILED;

	if (open_iface(rc) < 0)
		return end;
	if (rawcap_lock(rc) == 0)
		end = run(rc);
	rawcap_count(rc);
	close(rc->cs.fd);
	return end;
}
