/*
 * stage.c - the loop of every stage, see stage.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/hangup.h"
#include "log/event.h"
#include "pipe/loop.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "pipe/turns.h"

enum {
	READS = 8,	      /* before timers get their turn: more than a
				full pipe of 1 MiB holds */
	LAST_WRITE_MS = 1000, /* for the output that waits after a signal */
};
#define FULL_WAIT NS_PER_MS /* for a full pipe, before input has its turn */
#define TURN_WAIT                                                              \
	(NS_PER_MS / 5) /* before asking again for the turn to write */

void
stage_batch(void)
{
#ifdef SCHED_BATCH
	struct sched_param p = {.sched_priority = 0};

	if (sched_getscheduler(0) == SCHED_OTHER)
		(void)sched_setscheduler(0, SCHED_BATCH, &p);
#endif
}

void
stage_refuse_tty(void)
{
	if (isatty(STDOUT_FILENO))
		die(EXIT_WRONG,
		    "write stdout: it is a terminal: packets are binary, pipe "
		    "them into another stage or a file");
}

void
stage_pipes(void)
{
	stream_pipe_size(STDIN_FILENO);
	stream_copies(STDIN_FILENO);
	stream_pipe_size(STDOUT_FILENO);
}

void
stage_check(enum stage_end end, const struct stream_in *in, int error)
{
	if (end == STAGE_FAILED && in->error[0] != '\0')
		die(in->status, "read stdin: %s", in->error);
	if (end == STAGE_FAILED && error != EPIPE)
		die(EXIT_NO, "write stdout: %s", strerror(error));
}

/* the places in the poll set */
enum { P_IN = LOOP_IN, P_OUT = LOOP_OUT, P_LOG = LOOP_COUNT, P_COUNT };

static bool
output_waits(const struct stage *st)
{
	return st->stream != NULL && stream_out_waiting(st->stream) > 0;
}

/* not_our_turn - the pipe may have room, but another program writes to it */
static bool
not_our_turn(const struct stage *st)
{
	return output_waits(st) && st->stream->refused;
}

/* set - what to wait for */
static void
set(const struct stage *st, struct pollfd *p)
{
	bool waits = output_waits(st);

	p[P_IN] = (struct pollfd){.fd = st->in, .events = POLLIN};
	if (waits && (st->may_block || st->patient))
		p[P_IN].fd = -1;
	p[P_OUT] = (struct pollfd){.fd = st->stream != NULL ? st->out : -1,
	    .events = waits && !not_our_turn(st) ? POLLOUT : 0};
	p[P_LOG] = (struct pollfd){.fd = -1, .events = POLLOUT};
	/* a full disk is always ready to refuse: it is tried now and then */
	if (st->log != NULL && st->log->len > 0 && !st->log->stuck)
		p[P_LOG].fd = st->log->fd;
}

/* write_some - 0, or -1 when the reader is gone (EPIPE) or write fails */
static int
write_some(struct stage *st)
{
	size_t before, after;
	int r;

	if (!output_waits(st) || st->full)
		return 0;
	before = stream_out_waiting(st->stream);
	r = stream_out_write(st->stream, st->out);
	if (r < 0)
		return -1;
	st->full = r == 0; /* until poll() reports otherwise */
	after = stream_out_waiting(st->stream);
	if (st->drained != NULL && after < before &&
	    after < st->stream->cap / 2)
		st->drained(st->ctx, clock_now(st->clock));
	return 0;
}

static bool
timer_is_due(const struct stage *st)
{
	return st->deadline != NULL &&
	       st->deadline(st->ctx) <= clock_now(st->clock);
}

/*
 * read_all - what is there, within bounds; 1 go on, 0 end, -1 failed. Whether
 * there is more, the loop's own wait finds out, but before a timer fires
 */
static int
read_all(struct stage *st)
{
	struct pollfd p = {.fd = st->in, .events = POLLIN};
	int i, r;

	for (i = 0; i < READS; i++) {
		r = st->input(st->ctx, clock_now(st->clock));
		if (r <= 0)
			return r;
		if (write_some(st) != 0 || (st->may_block && output_waits(st)))
			break; /* one_round() meets the error again */
		if (!timer_is_due(st) || poll(&p, 1, 0) != 1)
			break;
	}
	return 1;
}

static uint64_t
time_left(const struct stage *st)
{
	uint64_t at, now;

	if (st->deadline == NULL)
		return TIME_NEVER;
	at = st->deadline(st->ctx);
	if (at == TIME_NEVER)
		return TIME_NEVER;
	now = clock_now(st->clock);
	return at > now ? at - now : 0;
}

static void
run_timers(struct stage *st)
{
	if (timer_is_due(st))
		st->timer(st->ctx, clock_now(st->clock));
}

/* tell_watched - when there is news of one */
static void
tell_watched(struct stage *st, const struct pollfd *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && p[i].revents == 0; i++)
		;
	if (i < n)
		st->watched(st->ctx, p, n, clock_now(st->clock));
}

static size_t
prepare(void *ctx, struct pollfd *p, uint64_t *timeout)
{
	struct stage *st = ctx;

	st->watched_now = 0;
	if (st->watch != NULL)
		st->watched_now = st->watch(st->ctx, p + P_COUNT);
	*timeout = time_left(st);
	/* do not delay the reader of a full pipe, where it shares our CPU, by
	   processing ACKs that need no answer yet */
	st->patient = output_waits(st) && st->full && !st->patient;
	if (st->patient && *timeout > FULL_WAIT)
		*timeout = FULL_WAIT;
	if (not_our_turn(st) && *timeout > TURN_WAIT)
		*timeout = TURN_WAIT;
	set(st, p);
	return P_COUNT + st->watched_now;
}

bool
stage_lockstep(void)
{
	return getenv(STAGE_LOCKSTEP) != NULL;
}

/* answer - in lockstep: all that came is processed, up to this time */
static void
answer(struct stage *st)
{
	if (st->from == NULL || st->from->last == st->answered)
		return;
	st->answered = st->from->last;
	stream_out_put(st->stream, st->answered, NULL, 0, NULL, 0);
}

/* tell_hangup - SIGHUP has come since this was last asked */
static void
tell_hangup(struct stage *st)
{
	unsigned count = hangup_count();

	if (st->hangup != NULL && count != st->hangups)
		st->hangup(st->ctx, clock_now(st->clock));
	st->hangups = count;
}

/* one_round - read, fire, write */
static enum stage_end
one_round(void *ctx, const struct pollfd *p, bool ready)
{
	struct stage *st = ctx;
	int r = 1;

	if (not_our_turn(st) || (ready && (p[P_OUT].revents & POLLOUT)))
		st->full = false;
	if (ready && p[P_IN].revents != 0)
		r = read_all(st);
	if (ready && r >= 0)
		tell_watched(st, p + P_COUNT, st->watched_now);
	if (r > 0)
		run_timers(st);
	if (st->finished && r > 0)
		r = 0;
	tell_hangup(st);
	answer(st);
	if (write_some(st) != 0)
		return errno == EPIPE ? STAGE_READER_GONE : STAGE_FAILED;
	if (st->log != NULL)
		event_flush(st->log);
	return r > 0 ? STAGE_GOES_ON : r == 0 ? STAGE_INPUT_END : STAGE_FAILED;
}

/* ---- the output, to its end ---- */

/* hold - from now on no write to a pipe blocks; true when that is new */
static bool
hold(int fd)
{
	struct stat sb;
	int flags;

	if (fstat(fd, &sb) != 0 ||
	    !(S_ISFIFO(sb.st_mode) || S_ISSOCK(sb.st_mode)))
		return false;
	flags = fcntl(fd, F_GETFL);
	return flags >= 0 && !(flags & O_NONBLOCK) &&
	       fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

/* release - the next writer of a shared descriptor finds it as it was */
static void
release(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0)
		fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

/* patience - how long the reader is waited for from now on */
static uint64_t
patience(struct stage *st)
{
	uint64_t now;

	if (!stage_stopped())
		return TIME_NEVER;
	now = clock_now(st->clock);
	if (st->give_up == 0)
		st->give_up = now + LAST_WRITE_MS * NS_PER_MS;
	return st->give_up > now ? st->give_up - now : 0;
}

int
stage_drain(struct stage *st, struct stream_out *o, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	bool held = hold(fd);
	uint64_t left;
	int r;

	while ((r = stream_out_write(o, fd)) == 0) {
		if (st->summary != NULL && stage_asked())
			st->summary(st->ctx);
		left = patience(st);
		if (left == 0) {
			errno = EINTR;
			r = -1;
			break;
		}
		if (o->refused && left > TURN_WAIT)
			left = TURN_WAIT;
		p.events = o->refused ? 0 : POLLOUT;
		(void)loop_wait(&p, 1, left);
	}
	if (held)
		release(fd);
	return r > 0 ? 0 : -1;
}

/* finish_output - what waits after the loop */
static enum stage_end
finish_output(struct stage *st, enum stage_end end)
{
	if (st->stream == NULL || stage_drain(st, st->stream, st->out) == 0)
		return end;
	if (errno == EINTR)
		return STAGE_SIGNAL;
	if (errno == EPIPE)
		return STAGE_READER_GONE;
	st->lost = stream_out_cut(st->stream, st->out);
	return STAGE_FAILED;
}

enum stage_end
stage_run(struct stage *st)
{
	struct loop l = {.ctx = st,
	    .prepare = prepare,
	    .round = one_round,
	    .ask = st->summary,
	    .ask_ctx = st->ctx};
	enum stage_end end;
	struct pollfd *p;
	bool held;

	p = calloc(P_COUNT + st->watch_max, sizeof(*p));
	if (p == NULL)
		return STAGE_FAILED;
	if (!stage_lockstep())
		st->from = NULL;
	held = st->stream != NULL && hold(st->out);
	if (st->stream != NULL)
		st->stream->turns = turns_shared(st->out);
	if (st->stream != NULL && st->stream->turns)
		stream_out_headless(st->stream);
	end = loop_run(&l, p);
	free(p);
	if (end == STAGE_FAILED && st->stream != NULL && errno != EPIPE)
		st->lost = stream_out_cut(st->stream, st->out);
	if (end == STAGE_SIGNAL && st->stop != NULL)
		st->stop(st->ctx, clock_now(st->clock));
	if (end == STAGE_INPUT_END || end == STAGE_SIGNAL)
		end = finish_output(st, end);
	if (held)
		release(st->out);
	return end;
}
