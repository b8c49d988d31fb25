/*
 * app.c - the application of each end: it writes and reads as planned, checks
 * every byte, and keeps its record of how a connection went.
 */
#include <string.h>

#include "invariant.h"
#include "middle.h"
#include "sim.h"
#include "tcp/fsm.h"
#include "truth.h"

static uint8_t stream[STREAM];

void
app_init(void)
{
	struct chance c;
	size_t i;

	chance_seed(&c, 99);
	for (i = 0; i < STREAM; i++)
		stream[i] = (uint8_t)chance_u64(&c);
}

/* app_stream - what d sends; each sends something else */
const uint8_t *
app_stream(const struct side *d)
{
	return stream + (d->call->no * 2 + d->end->who) * 97;
}

static struct side *
other_side(const struct side *d)
{
	return &d->call->side[!d->end->who];
}

/* side_of - by the ports as this end sees them: of the latest such call */
struct side *
side_of(const struct end *e, uint16_t lport, uint16_t rport)
{
	uint16_t port = e->who == CLIENT ? lport : rport;
	struct sim *s = e->sim;
	int i;

	for (i = s->calls - 1; i >= 0; i--) {
		if (s->call[i].started && s->call[i].port == port)
			return &s->call[i].side[e->who];
	}
	return NULL;
}

static struct side *
side_of_tcb(struct tcb *tcb)
{
	return (struct side *)*tcp_user(tcb);
}

/* ---- what it does ---- */

static void
wake(struct side *d)
{
	uint64_t at = d->read_at;

	if (d->write_at < at)
		at = d->write_at;
	if (d->close_at < at)
		at = d->close_at;
	if (d->abort_at < at)
		at = d->abort_at;
	if (d->tcb != NULL)
		tcp_app_timer(d->tcb, at);
}

static void
shut(struct side *d)
{
	d->shut = true;
	d->close_at = NEVER;
	tcp_shutdown(d->tcb);
}

/* all_written - it is time to think about the end */
static void
all_written(struct side *d, uint64_t now)
{
	if (d->shut || d->close_at != NEVER)
		return;
	if (d->rule == CLOSE_AT_ONCE || (d->rule == CLOSE_AFTER_EOF && d->eof))
		shut(d);
	else if (d->rule == CLOSE_LATER && d->opened)
		d->close_at = now + d->close_after;
}

static void
write_some(struct side *d, uint64_t now)
{
	d->write_at = NEVER;
	d->offered += d->chunk;
	if (d->offered > d->total)
		d->offered = d->total;
	tcp_offer(d->tcb, d->offered);
	if (d->offered == d->total)
		all_written(d, now);
	else if (d->write_gap > 0)
		d->write_at = now + d->write_gap;
}

static void
read_some(struct side *d, uint64_t now)
{
	uint32_t n = d->read_size > 0 ? d->read_size : UINT32_MAX;

	d->read_at = NEVER;
	d->held -= d->held < n ? d->held : n;
	d->w.acks_earned++; /* it may tell of the window */
	tcp_hold(d->tcb, d->held);
	if (d->held > 0)
		d->read_at = now + d->read_gap;
}

void
app_connect(struct sim *s, struct call *c, int who)
{
	struct side *d = &c->side[who];
	struct end *e = d->end, *peer = &s->end[!who];
	uint16_t from = who == CLIENT ? c->port : SERVER_PORT;
	uint16_t to = who == CLIENT ? SERVER_PORT : c->port;

	if (e->t == NULL || d->connected)
		return;
	d->tcb = tcp_connect(
	    e->t, s->now, &e->addr, from, &peer->addr, to, &peer->mac);
	if (d->tcb == NULL)
		return;
	e->touched = true;
	d->connected = true;
	*tcp_user(d->tcb) = (uintptr_t)d;
	d->w.heard_at = d->w.progress_at = s->now;
	if (d->early)
		write_some(d, s->now);
}

/* ---- what the engine calls ---- */

/*
 * ghost - a connection of nobody: a cookie that came back once more when its
 * connection was over, which nothing that is kept can tell; or a SYN with a
 * cookie that came again when what it had opened early was over, RFC 7413 2.1
 */
static struct side *
ghost(struct end *e, struct tcb *tcb, struct side *d)
{
	if (tcp_stats(e->t)->cookies == 0 &&
	    (!d->closed || (d->w.up && !e->cfg.fastopen)))
		wrong(e->sim, "the %s has opened a connection twice",
		    side_name(e->who));
	d->call->haunted = true;
	tcp_shutdown(tcb);
	return NULL;
}

static struct side *
find(struct end *e, struct tcb *tcb)
{
	struct side *d = side_of_tcb(tcb);
	uint16_t lport, rport;

	if (d != NULL)
		return d;
	tcp_local(tcb, &lport);
	tcp_remote(tcb, &rport);
	d = side_of(e, lport, rport);
	if (d == NULL) {
		wrong(e->sim, "a connection of ports that nobody uses");
		return NULL;
	}
	if (d->call->crossed && d->closed && !d->opened) {
		/* it called in vain, and now it is called */
		d->closed = d->shut = false;
		d->offered = 0;
	}
	if (d->tcb != NULL || d->opened || d->closed)
		return ghost(e, tcb, d);
	d->tcb = tcb;
	*tcp_user(tcb) = (uintptr_t)d;
	return d;
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct side *d = find(ctx, tcb);

	if (d == NULL)
		return;
	d->opened = true;
	d->opened_at = now;
	if (d->abort_after != NEVER)
		d->abort_at = now + d->abort_after;
	if (!invariant_early(tcb))
		wire_opened(d, now);
	tcp_nodelay(tcb, d->nodelay);
	if (d->offered < d->total || d->total == 0)
		write_some(d, now);
	else
		all_written(d, now);
	wake(d);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	struct end *e = ctx;
	struct side *d = side_of_tcb(tcb);

	if (d == NULL)
		return;
	if (n == 0 || p == NULL || d->eof ||
	    d->got + n > other_side(d)->total) {
		wrong(e->sim, "the %s got %zu bytes too many at %u",
		    side_name(e->who), n, d->got);
		return;
	}
	if (memcmp(p, app_stream(other_side(d)) + d->got, n) != 0)
		wrong(e->sim, "the %s got other bytes than were sent at %u",
		    side_name(e->who), d->got);
	d->got += (uint32_t)n;
	if (d->w.ack_due == NEVER)
		d->w.ack_due = now + 500 * NS_PER_MS; /* MUST-40 */
	if (d->read_size == 0 && (d->got < d->stall_at || d->stall == 0))
		return;
	d->held += (uint32_t)n;
	tcp_hold(tcb, d->held);
	if (d->got >= d->stall_at && d->stall > 0) {
		d->read_at = now + d->stall;
		d->stall = 0;
	} else if (d->read_at == NEVER) {
		d->read_at = now + d->read_gap;
	}
	wake(d);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct side *d = side_of_tcb(tcb);

	if (d == NULL)
		return;
	if (d->eof)
		wrong(d->end->sim, "the peer has closed twice");
	d->eof = true;
	if (d->w.ack_due == NEVER)
		d->w.ack_due = now + 500 * NS_PER_MS;
	if (d->offered == d->total)
		all_written(d, now);
	wake(d);
}

static void
on_timer(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct side *d = side_of_tcb(tcb);

	if (d == NULL)
		return;
	if (d->abort_at <= now) {
		d->aborted = true;
		tcp_abort(tcb, now);
		return;
	}
	if (d->read_at <= now)
		read_some(d, now);
	if (d->write_at <= now)
		write_some(d, now);
	if (d->close_at <= now)
		shut(d);
	wake(d);
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	struct end *e = ctx;
	struct side *d = side_of_tcb(tcb);
	uint16_t lport, rport;

	if (d == NULL) {
		/* half open, and given up */
		tcp_local(tcb, &lport);
		tcp_remote(tcb, &rport);
		d = side_of(e, lport, rport);
		if (d != NULL)
			d->refused = true;
		return;
	}
	if (d->closed)
		wrong(e->sim, "a connection has closed twice");
	d->closed = true;
	d->closed_at = now;
	d->how = why->how;
	d->tcb = NULL;
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	struct side *d = side_of_tcb(tcb);

	if (d == NULL || off + len > d->offered || off < d->acked) {
		if (d != NULL)
			wrong(d->end->sim, "data() of what is not there");
		return stream;
	}
	return app_stream(d) + off;
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	struct side *d = side_of_tcb(tcb);

	if (d == NULL)
		return;
	if (off > d->offered || off < d->acked)
		wrong(d->end->sim, "acked() of what was not sent");
	if (off > other_side(d)->got && !other_side(d)->died &&
	    !d->call->haunted)
		wrong(d->end->sim, "acked() of what has not arrived");
	d->acked = (uint32_t)off;
	if (d->write_gap == 0 && d->offered < d->total)
		write_some(d, now);
	wake(d);
}

static void
on_event(void *ctx, const struct tcp_event *ev)
{
	struct end *e = ctx;
	struct side *d;

	if (e->sim->log)
		log_event(e, ev);
	if (ev->type == TCP_EV_STATE)
		truth_state(e, ev);
	d = ev->tcb != NULL ? side_of_tcb(ev->tcb) : NULL;
	/* it was opened before, by a cookie */
	if (ev->type == TCP_EV_STATE && ev->state_new == TCPS_ESTABLISHED &&
	    d != NULL && d->opened && !d->w.up)
		wire_opened(d, d->end->sim->now);
	if (ev->type == TCP_EV_CLOSE && d != NULL)
		d->why = ev->why;
}

/* on_emit - a frame leaves an end: it is checked, and the network has it */
static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	struct end *e = ctx;
	struct sim *s = e->sim;
	struct side *d;
	uint8_t f[2048];
	struct view v;
	size_t n = hlen + dlen;

	if (n > sizeof(f) || n - ETHER_HLEN > e->cfg.mtu) {
		wrong(s, "a frame of %zu bytes", n);
		return;
	}
	memcpy(f, head, hlen);
	if (dlen > 0)
		memcpy(f + hlen, data, dlen);
	if (!look(f, n, &v) || !v.tcp || v.h.opt.bad || v.len != dlen) {
		wrong(s, "a frame that makes no sense");
		return;
	}
	wire_sent(s, e, &v);
	d = side_of(e, v.h.sport, v.h.dport);
	if ((v.h.flags & TH_SYN) && d != NULL)
		middle_strip(f, n, &v, d->call->strip, d->call->mss);
	if (d != NULL && d->call->bend != 0)
		middle_bend(f, n, &v, d->call->bend);
	net_send(s, e->who, f, n, &v);
}

const struct tcp_host app_host = {.emit = on_emit, .event = on_event};

const struct tcp_app app_calls = {.opened = on_opened,
    .received = on_received,
    .peer_closed = on_peer_closed,
    .timer = on_timer,
    .closed = on_closed,
    .data = on_data,
    .acked = on_acked,
    .want_data = true};
