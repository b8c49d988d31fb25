/*
 * replay.c - a recorded conversation, see replay.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "base/die.h"
#include "capture/capin.h"
#include "capture/seglist.h"
#include "digest.h"
#include "log.h"
#include "log/event.h"
#include "pipe/stream.h"
#include "replay/capture.h"
#include "replay/dialog.h"
#include "replay/replay.h"
#include "replay/script.h"
#include "serve/serve.h"
#include "source.h"
#include "tcp/cksum_cache.h"
#include "tcp/tcp.h"

struct replay {
	struct replay_config cfg;
	struct play_config play;
	struct conv conv;
	int64_t stream;
	uint32_t streams;
	uint64_t packet; /* its first one */
	struct endpoint end[2];
	uint64_t played, same, differs; /* connections */
};

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
	r->play = (struct play_config){
	    .conv = &r->conv,
	    .me = cfg->server ? CONV_SERVER : CONV_CLIENT,
	    .pauses = cfg->pauses,
	    .silence = cfg->silence,
	    .log = cfg->tell ? cfg->log : NULL,
	};
	return r;
}

const struct play_config *
replay_play(const struct replay *r)
{
	return &r->play;
}

/* ---- the capture */

/* take_all - 0, or the exit status */
static int
take_all(struct replay *r, struct capture *c)
{
	struct capin *in = r->cfg.in;
	struct stream_rec rec;
	int more;

	while ((more = capin_packet(in, &rec)) > 0) {
		if (capture_take(c, &rec, in->count) != 0) {
			say("read %s: %s", in->name, capture_why(c));
			return EXIT_NO;
		}
	}
	if (more == 0)
		return EXIT_DONE;
	say("read %s: %s", in->name, in->error);
	return in->status;
}

static int
choose(struct replay *r, struct capture *c)
{
	const struct endpoint *client, *server;

	r->stream = capture_choose(c, &r->conv);
	if (r->stream < 0) {
		say("play %s: %s", r->cfg.name, capture_why(c));
		return EXIT_NO;
	}
	r->streams = capture_streams(c);
	r->packet = capture_ends(c, r->stream, &client, &server);
	r->end[CONV_CLIENT] = *client;
	r->end[CONV_SERVER] = *server;
	return EXIT_DONE;
}

int
replay_read(struct replay *r)
{
	struct capture *c = capture_new(r->cfg.bytes, r->cfg.stream);
	int status = EXIT_NO;

	if (c == NULL) {
		say("read %s: out of memory", r->cfg.name);
	} else {
		status = take_all(r, c);
		if (status == EXIT_DONE)
			status = choose(r, c);
	}
	capture_free(c);
	capin_close(r->cfg.in);
	return status;
}

void
replay_tell(const struct replay *r, uint64_t now)
{
	const struct conv_side *me = &r->conv.side[r->play.me];
	const struct conv_side *you = &r->conv.side[!r->play.me];
	const struct endpoint *a = &r->end[r->play.me];
	const struct endpoint *b = &r->end[!r->play.me];
	struct event_log *l = r->cfg.log;

	event_begin(l, now, &a->addr, a->port, &b->addr, b->port, "replay");
	event_text(l, "side", conv_name(r->play.me));
	event_num(l, "stream", (uint64_t)r->stream);
	event_num(l, "of", r->streams);
	event_num(l, "packet", r->packet);
	event_num(l, "says", me->len);
	event_num(l, "hears", you->len);
	event_text(l, "end", conv_end_name(me));
	event_text(l, "peer_end", conv_end_name(you));
	event_num(l, "conflicts", r->conv.conflicts);
	event_end(l);
}

/* ---- a server */

static struct part *
part_of(struct tcb *tcb)
{
	return tcb != NULL ? (struct part *)*tcp_user(tcb) : NULL;
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct part *p = calloc(1, sizeof(*p));
	struct replay *r = ctx;

	if (p == NULL) {
		tcp_abort(tcb, now);
		return;
	}
	*tcp_user(tcb) = (uintptr_t)p;
	r->played++;
	if (r->cfg.serve->md5)
		p->digests = digests_new();
	play_init(&p->play, &r->play, tcb);
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

	say("played to %llu connections: %llu as recorded, %llu differ",
	    (unsigned long long)r->played, (unsigned long long)r->same,
	    (unsigned long long)r->differs);
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
}

const struct app replay_app = {
    .first_words = on_first_words,
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
