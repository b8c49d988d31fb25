/*
 * replay.c - a recorded conversation, see replay.h.
 */
#include <errno.h>
#include <stdio.h>
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

enum { ANY_PORT = 65536, NONE = UINT32_MAX };

/* a conversation that is played */
struct item {
	struct conv conv;
	struct play_config play;
	int64_t stream;
	uint64_t packet;       /* its first one */
	uint64_t begin, until; /* ns, its first packet and its last */
	struct endpoint ends[2];
	uint32_t next; /* of the same server's port, round */
};

struct replay {
	struct replay_config cfg;
	struct item *item;
	uint32_t items;
	uint32_t streams; /* in the capture */
	uint32_t *turn;	  /* all: by the server's port, which is next */
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
	/* of a file that is cut what came before counts */
	return capture_streams(c) > 0 ? EXIT_DONE : in->status;
}

/* set_up - what is known of a conversation that has been built */
static void
set_up(struct replay *r, const struct capture *c, struct item *it)
{
	const struct endpoint *client, *server;

	it->packet = capture_ends(c, it->stream, &client, &server);
	it->ends[CONV_CLIENT] = *client;
	it->ends[CONV_SERVER] = *server;
	capture_span(c, it->stream, &it->begin, &it->until);
	it->play = (struct play_config){
	    .conv = &it->conv,
	    .me = r->cfg.server ? CONV_SERVER : CONV_CLIENT,
	    .pauses = r->cfg.pauses,
	    .silence = r->cfg.silence,
	    .log = r->cfg.tell ? r->cfg.log : NULL,
	};
}

static int
failed(const struct replay *r, const struct capture *c)
{
	say("play %s: %s", r->cfg.in->name, capture_why(c));
	return EXIT_NO;
}

/* choose_one - as asked for, or the first that is whole */
static int
choose_one(struct replay *r, struct capture *c)
{
	struct item *it = calloc(1, sizeof(*it));

	r->item = it;
	if (it == NULL) {
		say("play %s: out of memory", r->cfg.in->name);
		return EXIT_NO;
	}
	it->stream = capture_choose(c, &it->conv);
	if (it->stream < 0)
		return failed(r, c);
	r->items = 1;
	set_up(r, c, it);
	return EXIT_DONE;
}

/* take_turns - those of one port of the server's in a circle */
static int
take_turns(struct replay *r)
{
	uint32_t *last, i, port;

	r->turn = malloc(ANY_PORT * sizeof(*r->turn));
	last = malloc(ANY_PORT * sizeof(*last));
	if (r->turn == NULL || last == NULL) {
		free(last);
		say("play %s: out of memory", r->cfg.in->name);
		return EXIT_NO;
	}
	memset(r->turn, 0xff, ANY_PORT * sizeof(*r->turn));
	for (i = 0; i < r->items; i++) {
		port = replay_port(r, i);
		if (r->turn[port] == NONE)
			r->turn[port] = i;
		else
			r->item[last[port]].next = i;
		r->item[i].next = r->turn[port];
		last[port] = i;
	}
	free(last);
	return EXIT_DONE;
}

/* choose_all - what cannot be played is counted, the first reason told */
static int
choose_all(struct replay *r, struct capture *c)
{
	uint32_t i, n = capture_streams(c), not = 0;
	char why[320] = "no TCP connection is in it";
	int k;

	r->item = calloc((size_t)n + 1, sizeof(*r->item));
	for (i = 0; i < n && r->item != NULL; i++) {
		r->item[r->items].stream = i;
		k = capture_build(c, i, &r->item[r->items].conv);
		if (k < 0)
			return failed(r, c);
		if (k > 0 && not ++ == 0)
			snprintf(why, sizeof(why), "%s", capture_why(c));
		if (k == 0)
			set_up(r, c, &r->item[r->items++]);
	}
	if (r->item == NULL)
		return failed(r, c);
	if (r->items == 0 || not > 0)
		say("play %s: %u of %u connections can be played; %s%s",
		    r->cfg.in->name, r->items, n,
		    not > 0 ? "the first that cannot, " : "", why);
	return r->items > 0 ? take_turns(r) : EXIT_NO;
}

static int
choose(struct replay *r, struct capture *c)
{
	struct leftout left = r->cfg.in->left;
	int status;

	leftout_add(&left, capture_left(c));
	leftout_say(&left);
	status = r->cfg.all ? choose_all(r, c) : choose_one(r, c);
	r->streams = capture_streams(c);
	return status;
}

int
replay_read(struct replay *r)
{
	struct capture *c = capture_new(r->cfg.bytes, r->cfg.stream);
	int status = EXIT_NO;

	if (c == NULL) {
		say("read %s: out of memory", r->cfg.in->name);
	} else {
		capture_side(c, r->cfg.server ? CONV_SERVER : CONV_CLIENT);
		if (r->cfg.decap)
			capture_decap(c);
		status = take_all(r, c);
		if (status == EXIT_DONE)
			status = choose(r, c);
	}
	capture_free(c);
	capin_close(r->cfg.in);
	return status;
}

static void
tell_item(const struct replay *r, const struct item *it, uint64_t now)
{
	const struct conv_side *me = &it->conv.side[it->play.me];
	const struct conv_side *you = &it->conv.side[!it->play.me];
	const struct endpoint *a = &it->ends[it->play.me];
	const struct endpoint *b = &it->ends[!it->play.me];
	struct event_log *l = r->cfg.log;

	event_begin(l, now, &a->addr, a->port, &b->addr, b->port, "replay");
	event_text(l, "side", conv_name(it->play.me));
	event_num(l, "stream", (uint64_t)it->stream);
	event_num(l, "of", r->streams);
	event_num(l, "packet", it->packet);
	event_num(l, "sends", me->len);
	event_num(l, "expects", you->len);
	event_num(l, "unknown", you->unknown);
	event_text(l, "end", conv_end_name(me));
	event_text(l, "peer_end", conv_end_name(you));
	event_num(l, "conflicts", it->conv.conflicts);
	event_end(l);
}

void
replay_tell(const struct replay *r, uint64_t now)
{
	uint32_t i;

	for (i = 0; i < r->items; i++) {
		tell_item(r, &r->item[i], now);
		/* there may be more lines than the log can hold */
		if (r->cfg.log->len > EVENT_LOG_CAP / 2)
			event_flush(r->cfg.log);
	}
}

/* ---- a server */

static struct part *
part_of(struct tcb *tcb)
{
	return tcb != NULL ? (struct part *)*tcp_user(tcb) : NULL;
}

/* next_item - whose turn it is at the port that a client has come to */
static const struct item *
next_item(struct replay *r, const struct tcb *tcb)
{
	const struct item *it;
	uint16_t port;

	if (!r->cfg.all)
		return r->item;
	tcp_local(tcb, &port);
	if (r->turn[port] == NONE)
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
