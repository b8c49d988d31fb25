/*
 * live.c - from the interface to stdout: all that runs while there is a
 * packet socket, and hence no more than it needs. It obeys the rules of
 * stage.h, which has timers, a log and input of other kinds beside.
 *
 * Frames are read while none wait to be written, so a reader that stops
 * makes them wait in the socket's buffer, whose losses the kernel counts.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "await.h"
#include "rawcap.h"

enum {
	SIGNAL_ROUNDS = 16,  /* with something to do in each */
	LAST_WRITE_MS = 100, /* ten times: for output after a signal */
};

static int
open_iface(struct rawcap *rc)
{
	struct sock_fprog prog = {(unsigned short)rc->filter.n, rc->filter.f};
	const struct sock_fprog *p = prog.filter != NULL ? &prog : NULL;

	return rc->has_group
		   ? capsock_open_group(&rc->cs, rc->flags, p, rc->group)
		   : capsock_open(&rc->cs, rc->flags, p);
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
	if (n < 0)
		p[0].revents = p[1].revents = 0;
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
	stream_out_forget(o);
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
	int more = 1, r = 0; /* the file header waits */

	while (more || r == 0) {
		if (!wait_for(rc, p, r == 0))
			return r == 0 ? last_write(rc) : STAGE_SIGNAL;
		if (p[1].revents & (POLLERR | POLLHUP))
			return STAGE_READER_GONE;
		if (p[0].revents != 0)
			more = input_live(rc);
		r = rc->out.end > rc->out.start ? write_some(&rc->out) : 1;
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
