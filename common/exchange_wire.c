/*
 * exchange_wire.c - the next frame of an exchange: from the socket, or from
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

#include "await.h"
#include "capsock.h"
#include "chance.h"
#include "clock.h"
#include "die.h"
#include "ether.h"
#include "gate.h"
#include "ip.h"
#include "neigh.h"
#include "stage.h"
#include "stream.h"
#include "exchange.h"
#include "exchange_var.h"

enum {
	BURST = 64, /* frames between two looks at signals and output */
	LATE = 1024,
	LAST_WRITE_MS = 1000, /* for output that waits after a signal */
};

enum exchange_result
exchange_fail(
    struct exchange *x, enum exchange_end end, int status, const char *fmt, ...)
{
	va_list ap;

	if (x->end == END_NONE) {
		x->end = end;
		x->status = status;
		va_start(ap, fmt);
		vsnprintf(x->error, sizeof(x->error), fmt, ap);
		va_end(ap);
	}
	return EXCHANGE_OVER;
}

uint64_t
exchange_now(const struct exchange *x)
{
	return x->o->stamps ? x->now : clock_now(&x->clock);
}

uint64_t
exchange_after(const struct exchange *x, uint64_t ns)
{
	uint64_t now = exchange_now(x);

	return ns > TIME_NEVER - now ? TIME_NEVER : now + ns;
}

static bool
output_waits(const struct exchange *x)
{
	return !x->o->live && x->out.start < x->out.end;
}

static enum exchange_result
write_some(struct exchange *x)
{
	if (!output_waits(x) || stream_out_write(&x->out, STDOUT_FILENO) >= 0)
		return EXCHANGE_PACKET;
	if (errno == EPIPE)
		return exchange_fail(x, END_READER, EXIT_DONE, "%s", "");
	return exchange_fail(
	    x, END_FAILED, EXIT_NO, "write stdout: %s", strerror(errno));
}

static void
tell_counts(struct exchange *x)
{
	struct exchange_counts c;

	if (x->o->summary != NULL) {
		x->o->summary(x->o->ctx);
		return;
	}
	exchange_counts(x, &c);
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
static enum exchange_result
look(struct exchange *x, uint64_t ns)
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
	n = await(p, 2, ns == TIME_NEVER ? NULL : &ts, &none);
	if (stage_asked())
		tell_counts(x);
	if (stage_stopped())
		return exchange_fail(x, END_SIGNAL, EXIT_DONE, "%s", "");
	if (n < 0 && errno != EINTR)
		return exchange_fail(
		    x, END_FAILED, EXIT_NO, "wait: %s", strerror(errno));
	if (n > 0 && (p[1].revents & (POLLERR | POLLHUP | POLLNVAL)))
		return exchange_fail(x, END_READER, EXIT_DONE, "%s", "");
	if (write_some(x) == EXCHANGE_OVER)
		return EXCHANGE_OVER;
	return n > 0 && p[0].revents != 0 ? EXCHANGE_PACKET : EXCHANGE_TIMEOUT;
}

/*
 * wait_for - nothing is there: wait until there is. TIMEOUT: the deadline has
 * come; by the stamps none does, while there can be input.
 */
static enum exchange_result
wait_for(struct exchange *x, uint64_t deadline)
{
	enum exchange_result r = EXCHANGE_TIMEOUT;
	uint64_t left = TIME_NEVER, now;

	while (r == EXCHANGE_TIMEOUT && left > 0) {
		if (deadline != TIME_NEVER && !x->o->stamps) {
			now = clock_now(&x->clock);
			left = deadline > now ? deadline - now : 0;
		}
		r = look(x, left);
	}
	return r;
}

/* fair - every so often signals, output and the deadline get their turn */
static enum exchange_result
fair(struct exchange *x, uint64_t deadline)
{
	if (++x->burst >= BURST && look(x, 0) == EXCHANGE_OVER)
		return EXCHANGE_OVER;
	if (x->o->stamps || deadline == TIME_NEVER ||
	    clock_now(&x->clock) < deadline) {
		x->late = 0;
		return EXCHANGE_PACKET;
	}
	if (++x->late < LATE)
		return EXCHANGE_PACKET;
	x->late = 0;
	return EXCHANGE_TIMEOUT;
}

static enum exchange_result
frame_live(struct exchange *x, uint64_t deadline, const uint8_t **frame,
    size_t *len, uint64_t *ts)
{
	enum exchange_result r;
	ssize_t n;

	while ((r = fair(x, deadline)) == EXCHANGE_PACKET) {
		n = gate_recv(&x->gate, x->frame, sizeof(x->frame), ts);
		if (n > 0) {
			*frame = x->frame;
			*len = (size_t)n;
			return EXCHANGE_PACKET;
		}
		if (n == 0 || errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return exchange_fail(x, END_FAILED, EXIT_NO,
			    "read %s: %s", x->o->ifname, strerror(errno));
		r = wait_for(x, deadline);
		if (r != EXCHANGE_PACKET)
			break;
	}
	return r;
}

/* take_record - is it whole, and has its time come? */
static enum exchange_result
take_record(struct exchange *x, uint64_t deadline)
{
	if (x->o->stamps && x->rec.ts > deadline) {
		x->pending = true;
		x->now = deadline > x->now ? deadline : x->now;
		return EXCHANGE_TIMEOUT;
	}
	x->pending = false;
	if (x->rec.ts > x->now)
		x->now = x->rec.ts;
	return EXCHANGE_PACKET;
}

/* input_end - no more will come; by the stamps time goes on at once */
static enum exchange_result
input_end(struct exchange *x, uint64_t deadline)
{
	if (!x->o->stamps || deadline == TIME_NEVER)
		return exchange_fail(x, END_INPUT, EXIT_DONE, "%s", "");
	if (deadline > x->now)
		x->now = deadline;
	return EXCHANGE_TIMEOUT;
}

/* fill - the stream has no whole record: read on */
static enum exchange_result
fill(struct exchange *x, uint64_t deadline)
{
	enum exchange_result r;
	ssize_t n;

	if (x->eof)
		return input_end(x, deadline);
	r = wait_for(x, deadline);
	if (r != EXCHANGE_PACKET)
		return r;
	n = stream_in_read(&x->in, STDIN_FILENO);
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return EXCHANGE_PACKET;
	if (n < 0)
		return exchange_fail(
		    x, END_FAILED, EXIT_NO, "read stdin: %s", strerror(errno));
	x->eof = true;
	if (stream_in_end(&x->in) < 0)
		return exchange_fail(
		    x, END_FAILED, x->in.status, "%s", x->in.error);
	return EXCHANGE_PACKET;
}

static enum exchange_result
frame_stream(struct exchange *x, uint64_t deadline, const uint8_t **frame,
    size_t *len, uint64_t *ts)
{
	enum exchange_result r;
	int n;

	while ((r = fair(x, deadline)) == EXCHANGE_PACKET) {
		n = x->pending ? 1 : stream_in_next(&x->in, &x->rec);
		if (n < 0)
			return exchange_fail(
			    x, END_FAILED, x->in.status, "%s", x->in.error);
		r = n > 0 ? take_record(x, deadline) : fill(x, deadline);
		if (r != EXCHANGE_PACKET)
			return r;
		if (n == 0)
			continue;
		if (x->rec.caplen < x->rec.len) {
			x->counts.damaged++;
			continue;
		}
		*frame = x->rec.data;
		*len = x->rec.caplen;
		*ts = x->rec.ts;
		return EXCHANGE_PACKET;
	}
	return r;
}

enum exchange_result
exchange_frame(struct exchange *x, uint64_t deadline, const uint8_t **frame,
    size_t *len, uint64_t *ts)
{
	if (x->end != END_NONE)
		return EXCHANGE_OVER;
	return x->o->live ? frame_live(x, deadline, frame, len, ts)
			  : frame_stream(x, deadline, frame, len, ts);
}

void
exchange_send(struct exchange *x, const uint8_t *frame, size_t len)
{
	bool sent;

	if (x->o->live) {
		sent = gate_send(&x->gate, frame, len) == 0;
	} else {
		/* by the stamps nothing is dropped: the reader is waited for */
		if (x->o->stamps && stream_out_room(&x->out) < len)
			exchange_flush(x);
		sent = stream_out_put(
		    &x->out, exchange_now(x), frame, len, NULL, 0);
	}
	if (sent)
		x->counts.sent++;
	else
		x->counts.unsent++;
}

void
exchange_flush(struct exchange *x)
{
	uint64_t until = TIME_NEVER, now;
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
	struct timespec ts = {0, LAST_WRITE_MS / 10 * (long)NS_PER_MS};
	sigset_t none;

	sigemptyset(&none);
	while (output_waits(x)) {
		if (x->end == END_READER || write_some(x) == EXCHANGE_OVER)
			return;
		if (!output_waits(x))
			return;
		now = clock_now(&x->clock);
		if (stage_stopped() && until == TIME_NEVER)
			until = now + LAST_WRITE_MS * NS_PER_MS;
		if (now >= until)
			return;
		await(&p, 1, &ts, &none);
	}
}
