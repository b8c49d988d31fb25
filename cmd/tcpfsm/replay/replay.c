/*
 * replay.c - a recorded conversation as an application, see replay.h.
 */
#include <stdlib.h>

#include "app.h"
#include "base/clock.h"
#include "base/die.h"
#include "digest.h"
#include "log.h"
#include "log/event.h"
#include "replay/datagrams.h"
#include "replay/replay_var.h"
#include "serve/serve.h"
#include "tcp/cksum_cache.h"
#include "tcp/tcp.h"

/* one connection */
struct part {
	struct play play;
	struct digests *digests; /* or NULL */
};

struct replay *
replay_new(const struct replay_config *cfg)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->cfg = *cfg;
	return r;
}

uint32_t
replay_count(const struct replay *r)
{
	return r->items;
}

const struct play_config *
replay_play(const struct replay *r, uint32_t i)
{
	return &r->item[i].play;
}

uint16_t
replay_port(const struct replay *r, uint32_t i)
{
	return r->item[i].ends[CONV_SERVER].port;
}

void
replay_span(const struct replay *r, uint32_t i, uint64_t *begin, uint64_t *end)
{
	uint64_t first = r->item[0].begin;

	*begin = r->item[i].begin > first ? r->item[i].begin - first : 0;
	*end = r->item[i].until > first ? r->item[i].until - first : 0;
}

/* ---- a server */

static struct part *
part_of(struct tcb *tcb)
{
	return tcb != NULL ? (struct part *)*tcp_user(tcb) : NULL;
}

/* next_item - the next conversation of the port that a client has come to */
static const struct item *
next_item(struct replay *r, const struct tcb *tcb)
{
	const struct item *it;
	uint16_t port;

	if (!r->cfg.all)
		return r->item;
	tcp_local(tcb, &port);
	if (r->turn[port] == ITEM_NONE)
		return NULL;
	it = &r->item[r->turn[port]];
	r->turn[port] = it->next;
	return it;
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct part *p = calloc(1, sizeof(*p));
	struct replay *r = ctx;
	const struct item *it = next_item(r, tcb);

	if (p == NULL || it == NULL) {
		free(p);
		tcp_abort(tcb, now);
		return;
	}
	*tcp_user(tcb) = (uintptr_t)p;
	r->played++;
	if (r->cfg.serve->md5)
		p->digests = digests_new();
	play_init(&p->play, &it->play, tcb);
	play_opened(&p->play, now);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *b, size_t n, uint64_t now)
{
	struct part *p = part_of(tcb);
	struct replay *r = ctx;

	if (p == NULL)
		return;
	serve_keep(r->cfg.serve, b, n);
	digests_received(p->digests, b, n);
	play_received(&p->play, b, n, now);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	if (part_of(tcb) != NULL)
		play_peer_closed(&part_of(tcb)->play, now);
}

static void
on_timer(void *ctx, struct tcb *tcb, uint64_t now)
{
	if (part_of(tcb) != NULL)
		play_timer(&part_of(tcb)->play, now);
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	return part_of(tcb)->play.me->bytes + off;
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	struct part *p = part_of(tcb);

	if (p == NULL)
		return;
	digests_acked(
	    p->digests, off, p->play.me->bytes + digests_done(p->digests));
	play_acked(&p->play, off, now);
}

static void
on_event(void *ctx, const struct tcp_event *ev, struct log_more *more)
{
	struct part *p = part_of(ev->tcb);
	struct replay *r = ctx;

	if (p == NULL || ev->type != TCP_EV_CLOSE)
		return;
	if (play_ended(&p->play, ev->how, ev->time) && p->play.differs == 0)
		r->same++;
	r->differs += p->play.differs > 0;
	digests_text(p->digests, more);
	more->replay = true;
	more->differs = p->play.differs;
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	struct part *p = part_of(tcb);

	if (p == NULL)
		return;
	*tcp_user(tcb) = 0;
	free(p->digests);
	free(p);
}

static int
on_end(void *ctx, bool quiet, uint64_t now)
{
	return serve_kept(((struct replay *)ctx)->cfg.serve);
}

static bool
on_summary(void *ctx, uint64_t now)
{
	const struct replay *r = ctx;

	const struct datagrams_totals *u;

	say("played to %llu connection%s: %llu as recorded, %llu differ",
	    (unsigned long long)r->played, r->played == 1 ? "" : "s",
	    (unsigned long long)r->same, (unsigned long long)r->differs);
	if (r->udp == NULL)
		return true;
	u = datagrams_totals(r->udp);
	say("and %llu UDP requests: %llu as recorded, %llu answers",
	    (unsigned long long)u->requests, (unsigned long long)u->same,
	    (unsigned long long)u->sent);
	return true;
}

static void
on_first_words(void *ctx, uint64_t now)
{
	replay_tell(ctx, now);
}

static void
on_totals(void *ctx, struct event_log *l)
{
	const struct replay *r = ctx;

	event_num(l, "as_recorded", r->same);
	event_num(l, "differ", r->differs);
	if (r->udp == NULL)
		return;
	event_num(l, "udp_requests", datagrams_totals(r->udp)->requests);
	event_num(l, "udp_as_recorded", datagrams_totals(r->udp)->same);
	event_num(l, "udp_refused", datagrams_totals(r->udp)->refused);
	event_num(l, "udp_answers", datagrams_totals(r->udp)->sent);
}

/* ---- UDP */

static bool
on_frame(void *ctx, const uint8_t *frame, size_t n, uint64_t now)
{
	struct replay *r = ctx;

	return r->udp != NULL && datagrams_frame(r->udp, frame, n, now);
}

static void
on_step(void *ctx, uint64_t now)
{
	struct replay *r = ctx;

	if (r->udp != NULL)
		datagrams_step(r->udp, now);
}

static uint64_t
on_deadline(void *ctx)
{
	const struct replay *r = ctx;

	return r->udp != NULL ? datagrams_due(r->udp) : TIME_NEVER;
}

const struct app replay_app = {
    .first_words = on_first_words,
    .frame = on_frame,
    .step = on_step,
    .deadline = on_deadline,
    .tcp.opened = on_opened,
    .tcp.received = on_received,
    .tcp.peer_closed = on_peer_closed,
    .tcp.timer = on_timer,
    .tcp.closed = on_closed,
    .tcp.data = on_data,
    .tcp.acked = on_acked,
    .event = on_event,
    .end = on_end,
    .summary = on_summary,
    .totals = on_totals,
};
