/*
 * upcall.c - the host of the engine: frames into the output, events into the
 * log. See run.h.
 */
#include "app.h"
#include "log.h"
#include "run.h"
#include "source.h"

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	struct run *r = ctx;

	if (dlen > 0 && source_gone(data, dlen))
		return;
	if (!r->packet_time && !r->speaking) {
		if (!replies_send(
			&r->replies, &r->out, r->now, head, hlen, data, dlen))
			r->out.dropped++;
		return;
	}
	/* in packet time nothing is dropped: the reader is waited for */
	if (r->packet_time && stream_out_room(&r->out) < hlen + dlen &&
	    run_drain(r) != 0)
		stream_out_forget(&r->out);
	if (stream_out_put(&r->out, now, head, hlen, data, dlen))
		replies_put(&r->replies, hlen + dlen);
}

void
upcall_emit(void *run, uint64_t now, const uint8_t *p, size_t n)
{
	on_emit(run, now, p, n, NULL, 0);
}

/* on_probe - one line for many, later */
static void
on_probe(struct run *r, const struct tcp_event *ev)
{
	const struct probe_seen seen = {.kind = ev->why,
	    .local = ev->laddr,
	    .remote = ev->raddr,
	    .port = ev->lport,
	    .has_port = true,
	    .stamp = ev->time};

	if (r->level >= LOG_CLOSES)
		probes_note(&r->probes, r->now, &seen);
}

static void
on_event(void *ctx, const struct tcp_event *ev)
{
	struct run *r = ctx;
	struct log_more more = {.md5 = false};

	nothing_event(&r->nothing, ev);
	if (ev->type == TCP_EV_PROBE) {
		on_probe(r, ev);
		return;
	}
	if (r->app->event != NULL)
		r->app->event(r->app_ctx, ev, &more);
	log_event(&r->log, r->level, ev, &more);
}

const struct tcp_host upcall_host = {.emit = on_emit, .event = on_event};
