/*
 * upcall.c - what the engine calls: frames into the output, events into the
 * log, everything else to the application. See run.h.
 */
#include "app.h"
#include "log.h"
#include "run.h"

/*
 * may_go - what answers strangers (SYN cookies, resets) may fill a part of the
 * queue. When there is more in it, they have a byte for each that connections
 * say: a flood, to a reader who is slower, would else leave no room for data.
 */
static bool
may_go(struct run *r, size_t n)
{
	if (r->speaking) {
		r->spoken += n;
		if (r->spoken > RUN_REPLY)
			r->spoken = RUN_REPLY;
		return true;
	}
	if (stream_out_waiting(&r->out) < RUN_REPLY)
		return true;
	if (r->spoken < n)
		return false;
	r->spoken -= n;
	return true;
}

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	struct run *r = ctx;

	if (!r->packet_time && !may_go(r, hlen + dlen)) {
		r->out.dropped++;
		return;
	}
	/* in packet time nothing is dropped: the reader is waited for */
	if (r->packet_time && stream_out_room(&r->out) < hlen + dlen &&
	    run_drain(r) != 0)
		stream_out_forget(&r->out);
	stream_out_put(&r->out, now, head, hlen, data, dlen);
}

void
upcall_emit(void *run, uint64_t now, const uint8_t *p, size_t n)
{
	on_emit(run, now, p, n, NULL, 0);
}

static void
on_event(void *ctx, const struct tcp_event *ev)
{
	struct run *r = ctx;
	struct log_more more = {.md5 = false};

	if (r->app->event != NULL)
		r->app->event(r->app_ctx, ev, &more);
	log_event(&r->log, r->level, ev, &more);
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct run *r = ctx;

	r->app->opened(r->app_ctx, tcb, now);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	struct run *r = ctx;

	r->app->received(r->app_ctx, tcb, p, n, now);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct run *r = ctx;

	r->app->peer_closed(r->app_ctx, tcb, now);
}

static void
on_timer(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct run *r = ctx;

	r->app->timer(r->app_ctx, tcb, now);
}

static void
on_closed(void *ctx, struct tcb *tcb, enum tcp_close how, uint64_t now)
{
	struct run *r = ctx;

	r->app->closed(r->app_ctx, tcb, now);
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	struct run *r = ctx;

	return r->app->data(r->app_ctx, tcb, off, len);
}

static uint32_t
on_sum(void *ctx, const uint8_t *data, uint32_t len, bool again)
{
	struct run *r = ctx;

	return r->app->sum(r->app_ctx, data, len, again);
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	struct run *r = ctx;

	r->app->acked(r->app_ctx, tcb, off, now);
}

void
upcall_init(struct run *r)
{
	r->ops = (struct tcp_ops){
	    .emit = on_emit,
	    .event = on_event,
	    .opened = on_opened,
	    .received = on_received,
	    .peer_closed = on_peer_closed,
	    .timer = on_timer,
	    .closed = on_closed,
	    .data = on_data,
	    .acked = on_acked,
	    .sum = r->app->sum != NULL ? on_sum : NULL,
	    .want_data = r->want_data,
	};
}
