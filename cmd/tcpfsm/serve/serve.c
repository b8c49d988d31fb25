/*
 * serve.c - send the file to every client, see serve.h.
 *
 * A server begins at the client's first data or FIN, or after a time of
 * silence, so that talking and silent clients are both served. Then it sends
 * the whole file and closes its side; it takes the client's data all the
 * while.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "base/die.h"
#include "digest.h"
#include "log.h"
#include "serve/serve.h"
#include "source.h"
#include "tcp/cksum_cache.h"
#include "tcp/tcp.h"

/* the user word of a connection: the digests, and a bit for "has spoken" */
enum { SPOKEN = 1 };

static struct digests *
digests_of(struct tcb *tcb)
{
	return (struct digests *)(*tcp_user(tcb) & ~(uintptr_t)SPOKEN);
}

static void
speak(struct serve *s, struct tcb *tcb)
{
	if (*tcp_user(tcb) & SPOKEN)
		return;
	*tcp_user(tcb) |= SPOKEN;
	tcp_app_timer(tcb, UINT64_MAX);
	tcp_offer(tcb, s->file.len);
	tcp_shutdown(tcb);
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct serve *s = ctx;

	if (s->md5)
		*tcp_user(tcb) = (uintptr_t)digests_new();
	if (s->silence == 0)
		speak(s, tcb);
	else
		tcp_app_timer(tcb, now + s->silence);
}

/* all of it is written, or none any more */
void
serve_keep(struct serve *s, const uint8_t *p, size_t n)
{
	ssize_t w;

	while (s->out >= 0 && n > 0 && s->out_errno == 0) {
		w = write(s->out, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			s->out_errno = errno;
			say("write what clients send: %s: from here on it is "
			    "discarded",
			    strerror(errno));
			return;
		}
		p += w;
		n -= (size_t)w;
	}
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	struct serve *s = ctx;

	if (p != NULL)
		serve_keep(s, p, n);
	digests_received(digests_of(tcb), p, n);
	speak(s, tcb);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	speak(ctx, tcb);
}

/* on_timer - of silence; or, when it has spoken, set by on_data() */
static void
on_timer(void *ctx, struct tcb *tcb, uint64_t now)
{
	if (*tcp_user(tcb) & SPOKEN)
		source_reset(tcb, now);
	else
		speak(ctx, tcb);
}

/* on_data - what the file has no more is not sent, see upcall.c, and the
   connection ends at once */
static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	const struct serve *s = ctx;

	if (!source_there(&s->file, s->file.bytes + off, len))
		tcp_app_timer(tcb, 0);
	return s->file.bytes + off;
}

static uint32_t
on_sum(void *ctx, const uint8_t *data, uint32_t len, bool again)
{
	struct serve *s = ctx;

	return sums_get(&s->sums, s->file.bytes, s->file.len,
	    (size_t)(data - s->file.bytes), len, again);
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	struct digests *d = digests_of(tcb);

	if (d != NULL)
		digests_acked(d, off,
		    ((struct serve *)ctx)->file.bytes + digests_done(d));
}

static void
on_event(void *ctx, const struct tcp_event *ev, struct log_more *more)
{
	if (ev->type == TCP_EV_CLOSE && ev->tcb != NULL)
		digests_text(digests_of(ev->tcb), more);
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	free(digests_of(tcb));
}

int
serve_kept(const struct serve *s)
{
	return s->out_errno == 0 ? EXIT_DONE : EXIT_NO;
}

static int
on_end(void *ctx, bool quiet, uint64_t now)
{
	return serve_kept(ctx);
}

const struct app serve_app = {
    .tcp.opened = on_opened,
    .tcp.received = on_received,
    .tcp.peer_closed = on_peer_closed,
    .tcp.timer = on_timer,
    .tcp.closed = on_closed,
    .tcp.data = on_data,
    .tcp.sum = on_sum,
    .tcp.acked = on_acked,
    .event = on_event,
    .end = on_end,
};
