/*
 * query_wire.c - the next frame of an exchange: from the socket, or from
 * the packet stream by the clock or by its own stamps. The only place that
 * waits.
 *
 * What is there is read before a deadline counts: to have been stopped for a
 * second must not look like a silent network. But a storm must not hold off
 * the deadline for ever, so that is bounded.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ask/query.h"
#include "ask/query_var.h"
#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "linux/gate.h"
#include "linux/pktsock.h"
#include "pipe/ppoll.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/neigh.h"

enum {
	BURST = 64, /* frames between two looks at signals and output */
	LATE = 1024,
	STUCK_MS = 2000,      /* at the end, when the user is in a hurry */
	LAST_WRITE_MS = 1000, /* for output that waits after a signal */
};
#define NAP (10 * NS_PER_SEC) /* the longest wait in one go */

int
query_written(const struct query *x, int status)
{
	if (fflush(x->text) == 0 && !ferror(x->text))
		return status;
	if (errno != EPIPE && errno != EAGAIN)
		say("write %s: %s", x->o->out != NULL ? x->o->out : "stdout",
		    strerror(errno));
	return status == EXIT_DONE ? EXIT_NO : status;
}

enum query_result
query_fail(
    struct query *x, enum query_end end, int status, const char *fmt, ...)
{
	va_list ap;

	if (x->end == END_NONE) {
		x->end = end;
		x->status = status;
		va_start(ap, fmt);
		vsnprintf(x->error, sizeof(x->error), fmt, ap);
		va_end(ap);
	}
	return QUERY_OVER;
}

uint64_t
query_now(const struct query *x)
{
	return x->o->stamps ? x->now : clock_now(&x->clock);
}

uint64_t
query_after(const struct query *x, uint64_t ns)
{
	uint64_t now = query_now(x);

	return ns > TIME_NEVER - now ? TIME_NEVER : now + ns;
}

static bool
output_waits(const struct query *x)
{
	return !x->o->live && x->out.start < x->out.end;
}

static enum query_result
write_some(struct query *x)
{
	if (!output_waits(x) || stream_out_write(&x->out, STDOUT_FILENO) >= 0)
		return QUERY_PACKET;
	if (errno == EPIPE)
		return query_fail(x, END_READER, EXIT_DONE, "%s", "");
	return query_fail(
	    x, END_FAILED, EXIT_NO, "write stdout: %s", strerror(errno));
}

static void
tell_counts(struct query *x)
{
	struct query_counts c;

	if (x->o->summary != NULL) {
		x->o->summary(x->o->ctx);
		return;
	}
	query_counts(x, &c);
	say("%llu frames sent, %llu packets received, %llu asked for us, "
	    "%llu dropped",
	    (unsigned long long)c.sent, (unsigned long long)c.received,
	    (unsigned long long)c.answered,
	    (unsigned long long)(c.lies + c.damaged + c.dropped + c.unsent));
}

/*
 * look - wait for ns (TIME_NEVER: until something is there), for input and
 * for room for the output. TIMEOUT: nothing to read yet.
 */
static enum query_result
look(struct query *x, uint64_t ns)
{
	struct timespec ts = {.tv_sec = (time_t)(ns / NS_PER_SEC),
	    .tv_nsec = (long)(ns % NS_PER_SEC)};
	struct pollfd p[2] = {
	    {.fd = x->o->live ? x->gate.fd : STDIN_FILENO, .events = POLLIN},
	    {.fd = x->o->live ? x->text_fd : STDOUT_FILENO},
	};
	sigset_t none;
	int n;

	if (output_waits(x))
		p[1].events = POLLOUT;
	sigemptyset(&none);
	x->burst = 0;
	n = ppoll_wait(p, 2, ns == TIME_NEVER ? NULL : &ts, &none);
	if (stage_asked())
		tell_counts(x);
	if (stage_stopped())
		return query_fail(x, END_SIGNAL, EXIT_DONE, "%s", "");
	if (n < 0 && errno != EINTR)
		return query_fail(
		    x, END_FAILED, EXIT_NO, "wait: %s", strerror(errno));
	if (n > 0 && (p[1].revents & (POLLERR | POLLHUP | POLLNVAL)))
		return query_fail(x, END_READER, EXIT_DONE, "%s", "");
	if (write_some(x) == QUERY_OVER)
		return QUERY_OVER;
	return n > 0 && p[0].revents != 0 ? QUERY_PACKET : QUERY_TIMEOUT;
}

/*
 * wait_for - nothing is there: wait until there is. TIMEOUT: the deadline has
 * come; by the stamps none does, while there can be input.
 */
static enum query_result
wait_for(struct query *x, uint64_t deadline)
{
	enum query_result r = QUERY_TIMEOUT;
	uint64_t left = TIME_NEVER, now;

	while (r == QUERY_TIMEOUT && left > 0) {
		if (deadline != TIME_NEVER && !x->o->stamps) {
			now = clock_now(&x->clock);
			left = deadline > now ? deadline - now : 0;
		}
		/* it may have come while the machine was suspended */
		r = look(x, left < NAP || deadline == TIME_NEVER ? left : NAP);
	}
	return r;
}

/* fair - every so often signals, output and the deadline get their turn */
static enum query_result
fair(struct query *x, uint64_t deadline)
{
	if (++x->burst >= BURST && look(x, 0) == QUERY_OVER)
		return QUERY_OVER;
	if (x->o->stamps || deadline == TIME_NEVER ||
	    clock_now(&x->clock) < deadline) {
		x->late = 0;
		return QUERY_PACKET;
	}
	if (++x->late < LATE)
		return QUERY_PACKET;
	x->late = 0;
	return QUERY_TIMEOUT;
}

static enum query_result
frame_live(struct query *x, uint64_t deadline, const uint8_t **frame,
    size_t *len, uint64_t *ts)
{
	enum query_result r;
	ssize_t n;

	while ((r = fair(x, deadline)) == QUERY_PACKET) {
		n = gate_recv(&x->gate, x->frame, sizeof(x->frame), ts);
		if (n > 0) {
			*frame = x->frame;
			*len = (size_t)n;
			return QUERY_PACKET;
		}
		if (n == 0 || errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return query_fail(x, END_FAILED, EXIT_NO, "read %s: %s",
			    x->o->ifname, strerror(errno));
		r = wait_for(x, deadline);
		if (r != QUERY_PACKET)
			break;
	}
	return r;
}

/* take_record - is it whole, and has its time come? */
static enum query_result
take_record(struct query *x, uint64_t deadline)
{
	if (x->o->stamps && x->rec.ts > deadline) {
		x->pending = true;
		x->now = deadline > x->now ? deadline : x->now;
		return QUERY_TIMEOUT;
	}
	x->pending = false;
	if (x->rec.ts > x->now)
		x->now = x->rec.ts;
	return QUERY_PACKET;
}

/* input_end - no more will come; by the stamps time goes on at once */
static enum query_result
input_end(struct query *x, uint64_t deadline)
{
	if (!x->o->stamps || deadline == TIME_NEVER)
		return query_fail(x, END_INPUT, EXIT_DONE, "%s", "");
	if (deadline > x->now)
		x->now = deadline;
	return QUERY_TIMEOUT;
}

/* answer_step - in lockstep: all that came is processed (stage_lockstep()) */
static void
answer_step(struct query *x)
{
	if (!x->o->stamps || x->in.last == x->answered || !stage_lockstep())
		return;
	x->answered = x->in.last;
	stream_out_put(&x->out, x->answered, NULL, 0, NULL, 0);
}

/* fill - the stream has no whole record: read on */
static enum query_result
fill(struct query *x, uint64_t deadline)
{
	enum query_result r;
	ssize_t n;

	if (x->eof)
		return input_end(x, deadline);
	answer_step(x);
	r = wait_for(x, deadline);
	if (r != QUERY_PACKET)
		return r;
	n = stream_in_read(&x->in, STDIN_FILENO);
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return QUERY_PACKET;
	if (n < 0)
		return query_fail(
		    x, END_FAILED, EXIT_NO, "read stdin: %s", strerror(errno));
	x->eof = true;
	if (stream_in_end(&x->in) < 0)
		return query_fail(
		    x, END_FAILED, x->in.status, "%s", x->in.error);
	return QUERY_PACKET;
}

static enum query_result
frame_stream(struct query *x, uint64_t deadline, const uint8_t **frame,
    size_t *len, uint64_t *ts)
{
	enum query_result r;
	int n;

	while ((r = fair(x, deadline)) == QUERY_PACKET) {
		n = x->pending ? 1 : stream_in_next(&x->in, &x->rec);
		if (n < 0)
			return query_fail(
			    x, END_FAILED, x->in.status, "%s", x->in.error);
		r = n > 0 ? take_record(x, deadline) : fill(x, deadline);
		if (r != QUERY_PACKET)
			return r;
		if (n == 0)
			continue;
		if (x->rec.caplen == 0 && x->rec.len == 0 && x->started)
			continue;
		if (x->rec.caplen < x->rec.len) {
			x->counts.damaged++;
			continue;
		}
		*frame = x->rec.data;
		*len = x->rec.caplen;
		*ts = x->rec.ts;
		return QUERY_PACKET;
	}
	return r;
}

/* untag - without the tag of VLAN 0, which only has a priority */
static void
untag(struct query *x, const uint8_t **frame, size_t *len)
{
	enum { TAG = 4, MACS = 12 };

	if (!ether_is_priority(*frame, *len) || *len > sizeof(x->frame))
		return;
	if (*frame != x->frame)
		memcpy(x->frame, *frame, *len);
	memmove(x->frame + TAG, x->frame, MACS);
	*frame = x->frame + TAG;
	*len -= TAG;
}

enum query_result
query_frame(struct query *x, uint64_t deadline, const uint8_t **frame,
    size_t *len, uint64_t *ts)
{
	enum query_result r;

	if (x->end != END_NONE)
		return QUERY_OVER;
	r = x->o->live ? frame_live(x, deadline, frame, len, ts)
		       : frame_stream(x, deadline, frame, len, ts);
	if (r == QUERY_PACKET)
		untag(x, frame, len);
	return r;
}

void
query_send(struct query *x, const uint8_t *frame, size_t len)
{
	bool sent;

	if (x->o->live) {
		sent = gate_send(&x->gate, frame, len) == 0;
	} else {
		/* by the stamps nothing is dropped: the reader is waited for */
		if (x->o->stamps && stream_out_room(&x->out) < len)
			query_flush(x);
		sent = stream_out_put(
		    &x->out, query_now(x), frame, len, NULL, 0);
	}
	if (sent)
		x->counts.sent++;
	else
		x->counts.unsent++;
}

/*
 * drain - what still comes at the end is of no use, but a writer that waits
 * for us would never read
 */
static void
drain(struct pollfd *p)
{
	static uint8_t buf[65536];

	if ((p->revents & (POLLIN | POLLHUP)) &&
	    read(STDIN_FILENO, buf, sizeof(buf)) <= 0)
		p->fd = -1;
}

void
query_flush(struct query *x)
{
	uint64_t until = TIME_NEVER, now;
	struct pollfd p[2] = {{.fd = STDOUT_FILENO, .events = POLLOUT},
	    {.fd = x->closing ? STDIN_FILENO : -1, .events = POLLIN}};
	struct timespec ts = {0, LAST_WRITE_MS / 10 * (long)NS_PER_MS};
	sigset_t none;

	sigemptyset(&none);
	while (output_waits(x)) {
		if (x->end == END_READER || write_some(x) == QUERY_OVER)
			return;
		if (!output_waits(x))
			return;
		now = clock_now(&x->clock);
		if (x->closing && x->o->hasty && until == TIME_NEVER)
			until = now + STUCK_MS * NS_PER_MS;
		if (stage_stopped() && until > now + LAST_WRITE_MS * NS_PER_MS)
			until = now + LAST_WRITE_MS * NS_PER_MS;
		if (now >= until)
			return;
		ppoll_wait(p, 2, &ts, &none);
		drain(&p[1]);
	}
}
