/*
 * child.c - one connection of -e and its command, see child.h.
 *
 * Flow control goes from end to end: what the command has not read narrows
 * the receive window, and it is read only while what the peer has not
 * acknowledged leaves room.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "command/child.h"
#include "digest.h"
#include "sink.h"
#include "tcp/tcp.h"
#include "wire/ip.h"

enum {
	FIRST_CAP = 64 << 10,
	LAST_CAP = 1 << 20, /* what one connection may have in flight */
	NOT_FOUND = 126,    /* and 127: the shell's words for no command, */
	BY_SIGNAL = 128,    /* and for one that a signal has ended */
	SIGNALS = 64,
};

/*
 * How long an end of file waits for the exit status that decides what it
 * means. The kernel closes the ends of what exits in any order, and may take a
 * while between them: first a moment, until a stdin that is still open means
 * something, then longer when it is not.
 */
#define EXIT_WAIT   (50 * NS_PER_MS)
#define STATUS_WAIT (1 * NS_PER_SEC)

/* set_timer - for the status that is waited for, or for being idle; what
   happens meanwhile does not move it */
static void
set_timer(struct job *j)
{
	uint64_t at = j->idle > 0 ? j->active + j->idle : UINT64_MAX;

	tcp_app_timer(j->tcb, j->wait_at < at ? j->wait_at : at);
}

struct job *
job_new(struct tcb *tcb, bool md5, uint64_t idle, uint64_t now)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->tcb = tcb;
	j->slot = NO_SLOT;
	j->out = -1;
	sink_init(&j->in, SINK_LATER);
	j->laddr = *tcp_local(tcb, &j->lport);
	j->raddr = *tcp_remote(tcb, &j->rport);
	if (md5)
		j->digests = digests_new();
	j->wait_at = UINT64_MAX;
	j->idle = idle;
	j->active = now;
	set_timer(j);
	return j;
}

void
job_free(struct job *j)
{
	sink_close(&j->in);
	if (j->out >= 0)
		close(j->out);
	free(j->buf);
	free(j->digests);
	free(j);
}

/* ---- to the command ---- */

static void
hold(struct job *j)
{
	if (j->tcb == NULL)
		return;
	/* before its command runs the window does not grow */
	tcp_hold(j->tcb,
	    j->in.fd == SINK_LATER ? UINT32_MAX : (uint32_t)sink_waits(&j->in));
}

/* deaf - the command reads no more: the rest is discarded */
static void
deaf(struct job *j)
{
	j->unread += sink_waits(&j->in);
	sink_close(&j->in);
}

void
job_feed(struct job *j)
{
	if (j->in.fd >= 0 && sink_flush(&j->in) != 0)
		deaf(j);
	if (j->in.fd >= 0 && j->peer_closed && sink_waits(&j->in) == 0)
		sink_close(&j->in);
	hold(j);
}

void
job_open(struct job *j, int in, int out)
{
	j->in.fd = in;
	j->out = out;
	job_feed(j);
}

void
job_hear(struct job *j, const uint8_t *p, size_t n, uint64_t now)
{
	j->active = now;
	digests_received(j->digests, p, n);
	if (j->in.fd == SINK_NONE)
		j->unread += n;
	else if (sink_put(&j->in, p, n) != 0)
		deaf(j);
	hold(j);
}

/* ---- the end of its output ---- */

/* is_crash - ended by a signal, or was no command: also by the shell's word */
static bool
is_crash(int status)
{
	int code;

	if (!WIFEXITED(status))
		return true;
	code = WEXITSTATUS(status);
	return code == NOT_FOUND || code == NOT_FOUND + 1 ||
	       (code > BY_SIGNAL && code <= BY_SIGNAL + SIGNALS);
}

/* reads_on - it has closed its stdout, but not its stdin */
static bool
reads_on(const struct job *j)
{
	struct pollfd p = {.fd = j->in.fd, .events = 0};

	return j->in.fd >= 0 && poll(&p, 1, 0) == 0;
}

static void
said_all(struct job *j, uint64_t now)
{
	if (j->tcb == NULL || j->closed || j->out >= 0)
		return;
	if (!j->have_status &&
	    (j->waits == 0 || (j->waits == 1 && !reads_on(j)))) {
		j->wait_at = now + (j->waits == 0 ? EXIT_WAIT : STATUS_WAIT);
		set_timer(j);
		j->waits++;
		return;
	}
	j->closed = true;
	j->wait_at = UINT64_MAX;
	set_timer(j);
	j->crashed = j->have_status && is_crash(j->status);
	if (!j->crashed)
		tcp_shutdown(j->tcb);
	else if (j->len == 0)
		tcp_abort(j->tcb, now);
}

/* ---- from the command ---- */

bool
job_wants(const struct job *j)
{
	return j->out >= 0 && (j->len < LAST_CAP || j->tcb == NULL);
}

/* make_room - behind what is there */
static bool
make_room(struct job *j)
{
	size_t cap;
	uint8_t *buf;

	if (j->start + j->len < j->cap)
		return true;
	if (j->start != 0) {
		memmove(j->buf, j->buf + j->start, j->len);
		j->start = 0;
		return true;
	}
	if (j->cap == LAST_CAP)
		return false;
	cap = j->cap == 0 ? FIRST_CAP : j->cap * 2;
	buf = realloc(j->buf, cap);
	if (buf == NULL)
		return false;
	j->buf = buf;
	j->cap = cap;
	return true;
}

void
job_take(struct job *j, uint64_t now)
{
	size_t at;
	ssize_t n;

	if (j->out < 0)
		return;
	if (j->tcb == NULL) /* no peer is there to receive it */
		j->start = j->len = 0;
	if (!make_room(j))
		return;
	at = j->start + j->len;
	n = read(j->out, j->buf + at, j->cap - at);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		j->len += (size_t)n;
		if (j->tcb != NULL)
			tcp_offer(j->tcb, j->base + j->len);
		return;
	}
	close(j->out);
	j->out = -1;
	said_all(j, now);
}

void
job_acked(struct job *j, uint64_t off, uint64_t now)
{
	j->active = now;
	digests_acked(j->digests, off, j->buf + j->start);
	j->start += (size_t)(off - j->base);
	j->len -= (size_t)(off - j->base);
	j->base = off;
	if (j->len == 0)
		j->start = 0;
	if (j->crashed && j->len == 0 && j->out < 0)
		tcp_abort(j->tcb, now);
}

/* ---- time, and the end ---- */

void
job_timer(struct job *j, uint64_t now)
{
	if (j->idle > 0 && now >= j->active + j->idle) {
		tcp_abort_why(j->tcb, now, "idle");
		return;
	}
	if (now < j->wait_at) {
		set_timer(j);
		return;
	}
	j->wait_at = UINT64_MAX;
	set_timer(j);
	said_all(j, now);
}

void
job_ended(struct job *j, int status, uint64_t now)
{
	j->have_status = true;
	j->status = status;
	j->state = JOB_OVER;
	deaf(j);
	hold(j);
	said_all(j, now);
}

void
job_cut(struct job *j)
{
	deaf(j);
	if (j->out >= 0)
		close(j->out);
	j->out = -1;
	j->start = j->len = 0;
}
