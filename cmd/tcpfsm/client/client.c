/*
 * client.c - connect, send the request, receive, close: see client.h.
 *
 * A talk is one connection, from its SYN to the last word about it. Without -H
 * it closes when the peer has closed and all of the request is sent; with -H
 * its FIN follows the request at once. The end that has closed first stays for
 * two retransmission time-outs, so that TIME-WAIT can answer a retransmitted
 * FIN.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/die.h"
#include "client/client.h"
#include "client/client_var.h"
#include "client/cookies.h"
#include "client/loadstats.h"
#include "client/order.h"
#include "client/ports.h"
#include "client/resolve.h"
#include "client/session.h"
#include "digest.h"
#include "log.h"
#include "replay/dialog.h"
#include "replay/replay.h"
#include "replay/script.h"
#include "sink.h"
#include "source.h"
#include "tcp/tcp.h"
#include "wire/ether.h"
#include "wire/ip.h"

struct client *
client_new(const struct client_config *cfg)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->cfg = *cfg;
	c->talk = calloc(cfg->parallel, sizeof(*c->talk));
	if (c->talk == NULL) {
		free(c);
		return NULL;
	}
	dial_init(&c->dial, cfg->laddr, cfg->lport, cfg->raddr, cfg->rport,
	    cfg->seed);
	c->hop.own = *cfg->laddr;
	c->hop.mac = *cfg->mac;
	c->hop.patience = cfg->patience;
	if (cfg->gw != NULL) {
		c->hop.state = HOP_KNOWN;
		c->hop.found = *cfg->gw;
	} else {
		c->hop.next = *cfg->next;
	}
	return c;
}

uint32_t
client_watch_max(const struct client *c)
{
	return c->cfg.out != NULL ? c->cfg.parallel : 0;
}

static struct talk *
talk_of(struct tcb *tcb)
{
	return tcb != NULL ? (struct talk *)*tcp_user(tcb) : NULL;
}

/* ---- begin ---- */

static void
on_first_words(void *ctx, uint64_t now)
{
	struct client *c = ctx;

	if (c->cfg.replay != NULL)
		replay_tell(c->cfg.replay, now);
}

static void
on_start(void *ctx, struct tcp *tcp, app_emit *emit, void *run, uint64_t now)
{
	struct client *c = ctx;

	if (c->cfg.cookies != NULL)
		cookies_tell(c->cfg.cookies, tcp);
	if (c->cfg.all)
		c->cfg.count = replay_count(c->cfg.replay);
	c->tcp = tcp;
	c->emit = emit;
	c->run = run;
	c->tally.started = c->tally.last_end = now;
}

static bool
on_frame(void *ctx, const uint8_t *p, size_t n, uint64_t now)
{
	struct client *c = ctx;

	return hop_frame(&c->hop, now, p, n, c->emit, c->run);
}

/* ---- a talk ---- */

static void
close_if_all_said(struct client *c, struct talk *t)
{
	if (t->peer_closed || c->cfg.half_close)
		tcp_shutdown(t->tcb);
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct talk *t = talk_of(tcb);
	struct client *c = ctx;

	t->opened = true;
	if (t->play != NULL) {
		play_opened(t->play, now);
		return;
	}
	tcp_nodelay(tcb, true); /* no more comes that its end could wait for */
	tcp_offer(tcb, c->cfg.request->len);
	close_if_all_said(c, t);
}

/* on_cookie - for the next run */
static void
on_cookie(void *ctx, const struct tcp_cookie *k)
{
	struct client *c = ctx;

	if (c->cfg.cookies != NULL)
		cookies_add(c->cfg.cookies, k);
}

/* kept - r is what writing the response has come to */
static void
kept(struct talk *t, int r, uint64_t now)
{
	if (r == 0) {
		tcp_hold(t->tcb, (uint32_t)sink_waits(&t->sink));
		return;
	}
	t->error = errno;
	tcp_abort(t->tcb, now);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	struct talk *t = talk_of(tcb);

	digests_received(t->digests, p, n);
	if (p != NULL && t->sink.fd >= 0)
		kept(t, sink_put(&t->sink, p, n), now);
	if (t->play != NULL && t->tcb != NULL)
		play_received(t->play, p, n, now);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct talk *t = talk_of(tcb);

	t->peer_closed = true;
	if (t->play != NULL)
		play_peer_closed(t->play, now);
	else
		close_if_all_said(ctx, t);
}

static void
on_timer(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct talk *t = talk_of(tcb);

	if (t->play != NULL)
		play_timer(t->play, now);
	else /* on_data() has set it */
		source_reset(tcb, now);
}

/* said - the bytes that a talk sends */
static const uint8_t *
said(const struct client *c, const struct talk *t)
{
	return t->play != NULL ? t->play->me->bytes : c->cfg.request->bytes;
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	const struct client *c = ctx;
	const struct talk *t = talk_of(tcb);

	if (t->play == NULL &&
	    !source_there(c->cfg.request, c->cfg.request->bytes + off, len))
		tcp_app_timer(tcb, 0);
	return said(c, t) + off;
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	struct talk *t = talk_of(tcb);

	if (t->digests != NULL)
		digests_acked(
		    t->digests, off, said(ctx, t) + digests_done(t->digests));
	if (t->play != NULL)
		play_acked(t->play, off, now);
}

/* ---- the end of a talk ---- */

static void
on_event(void *ctx, const struct tcp_event *ev, struct log_more *more)
{
	struct talk *t = talk_of(ev->tcb);
	struct client *c = ctx;

	if (t == NULL)
		return;
	talk_event(t, ev);
	if (ev->type != TCP_EV_CLOSE)
		return;
	digests_text(t->digests, more);
	more->replay = t->play != NULL;
	if (t->play != NULL)
		more->differs = t->play->differs;
	c->tally.sent += ev->sent;
	c->tally.received += ev->received;
}

/* settle - the talk is over: count it, free its place */
static void
settle(struct client *c, struct talk *t, uint64_t now)
{
	uint64_t until = now + 2 * t->rto;

	if (sink_close(&t->sink) != 0 && t->error == 0)
		t->error = errno;
	if (t->error != 0 && t->result == DONE)
		t->result = FAILED;
	if (c->cfg.count == 1 && !c->told && !(c->cfg.quiet && c->stopped))
		talk_tell(t, &c->dial.raddr, c->dial.rport, c->stopped);
	if (t->time_wait) {
		if (2 * t->rto > c->cfg.linger)
			until = now + c->cfg.linger;
		if (until > c->linger_until)
			c->linger_until = until;
	}
	free(t->digests);
	free(t->play);
	c->tally.results[t->result]++;
	c->tally.ended++;
	c->tally.last_end = now;
	t->used = false;
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	struct talk *t = talk_of(tcb);

	t->tcb = NULL;
	if (sink_waits(&t->sink) == 0 || t->error != 0)
		settle(ctx, t, now);
}

/* give_up - the talks that are left end here */
static void
give_up(struct client *c, uint64_t now)
{
	uint32_t i;

	c->stopped = true;
	for (i = 0; i < c->cfg.parallel; i++) {
		if (c->talk[i].tcb != NULL)
			tcp_abort(c->talk[i].tcb, now);
	}
}

/* ---- a slow reader of a response ---- */

static size_t
on_watch(void *ctx, struct pollfd *p)
{
	struct client *c = ctx;
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < c->cfg.parallel; i++) {
		if (c->talk[i].used && sink_waits(&c->talk[i].sink) > 0)
			p[n++] = (struct pollfd){
			    .fd = c->talk[i].sink.fd, .events = POLLOUT};
	}
	return n;
}

static void
write_on(struct client *c, struct talk *t, uint64_t now)
{
	int r = sink_flush(&t->sink);

	if (t->tcb != NULL) {
		kept(t, r, now);
		return;
	}
	if (r != 0)
		t->error = errno;
	if (r != 0 || sink_waits(&t->sink) == 0)
		settle(c, t, now);
}

static void
on_watched(void *ctx, const struct pollfd *p, size_t n, uint64_t now)
{
	struct client *c = ctx;
	uint32_t i;

	for (i = 0; i < c->cfg.parallel; i++) {
		if (c->talk[i].used && sink_waits(&c->talk[i].sink) > 0)
			write_on(c, &c->talk[i], now);
	}
}

/* ---- steps, and the end of all ---- */

static void
on_step(void *ctx, uint64_t now)
{
	struct client *c = ctx;

	hop_ask(&c->hop, now, c->emit, c->run);
	if (c->hop.state == HOP_KNOWN && !c->stopped) {
		if (c->tally.begun - c->tally.ended < c->cfg.parallel)
			client_fill(c, now);
	} else if (c->hop.state != HOP_ASKING && !c->stopped) {
		hop_tell(&c->hop);
		c->told = true; /* that was the reason */
		give_up(c, now);
	}
}

static uint64_t
on_deadline(void *ctx)
{
	struct client *c = ctx;

	if (c->tally.ended == c->cfg.count)
		return c->linger_until;
	if (c->cfg.all && c->cfg.pauses && c->first > 0 &&
	    c->tally.begun < c->cfg.count &&
	    c->tally.begun - c->tally.ended < c->cfg.parallel)
		return c->first + order_at(c->cfg.replay, c->tally.begun);
	return hop_deadline(&c->hop);
}

static void
on_stop(void *ctx, uint64_t now)
{
	give_up(ctx, now);
}

static bool
on_done(void *ctx, uint64_t now)
{
	struct client *c = ctx;

	return c->stopped ||
	       (c->tally.ended == c->cfg.count && now >= c->linger_until);
}

static bool
on_summary(void *ctx, uint64_t now)
{
	struct client *c = ctx;

	if (c->tcp == NULL)
		return false;
	tally_tell(&c->tally,
	    c->tally.ended == c->cfg.count ? c->tally.last_end : now);
	return true;
}

static int
on_end(void *ctx, bool quiet, uint64_t now)
{
	struct client *c = ctx;
	uint32_t i;
	bool done;

	for (i = 0; i < c->cfg.parallel; i++)
		talk_write_last(&c->talk[i]);
	if (!quiet && !c->stopped && c->tally.ended < c->cfg.count)
		say("read stdin: it has ended before the connection was "
		    "closed");
	done = c->tally.results[DONE] == c->cfg.count;
	if (!(c->cfg.quiet && done) && !c->told && !quiet && !c->stopped &&
	    c->cfg.count > 1)
		on_summary(c, now);
	return done ? EXIT_DONE : EXIT_NO;
}

const struct app client_app = {
    .first_words = on_first_words,
    .start = on_start,
    .frame = on_frame,
    .tcp.opened = on_opened,
    .tcp.received = on_received,
    .tcp.peer_closed = on_peer_closed,
    .tcp.timer = on_timer,
    .tcp.closed = on_closed,
    .tcp.data = on_data,
    .tcp.acked = on_acked,
    .tcp.cookie = on_cookie,
    .event = on_event,
    .step = on_step,
    .deadline = on_deadline,
    .watch = on_watch,
    .watched = on_watched,
    .stop = on_stop,
    .done = on_done,
    .end = on_end,
    .summary = on_summary,
};
