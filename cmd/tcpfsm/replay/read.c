/*
 * read.c - choose and list the conversations of a capture; see replay.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "capture/capin.h"
#include "capture/seglist.h"
#include "capture/steps.h"
#include "log/event.h"
#include "pipe/stream.h"
#include "replay/capture.h"
#include "replay/datagrams.h"
#include "replay/replay_var.h"
#include "replay/turns.h"

/* take_all - 0, or the exit status */
static int
take_all(struct replay *r, struct capture *c)
{
	struct capin *in = r->cfg.in;
	struct stream_rec rec;
	int more, not = 0;

	while (not == 0 && (more = capin_packet(in, &rec)) > 0) {
		capture_iface(c, in->iface, capin_ifaces(in));
		not = capture_take(c, &rec, in->count);
	}
	if (not != 0 || capture_end(c) != 0) {
		say("read %s: %s", in->name, capture_why(c));
		return EXIT_NO;
	}
	steps_say(capture_steps(c), in->name);
	if (more == 0)
		return EXIT_DONE;
	say("read %s: %s", in->name, in->error);
	/* of a file that is cut what came before counts */
	return in->count > 1 ? EXIT_DONE : in->status;
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

/* is_torso - it is played, but bytes before its first ones may be missing */
static bool
is_torso(const struct item *it)
{
	const struct conv_side *s = it->conv.side;

	return it->conv.torso && s[0].len + s[1].len > 0;
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
	if (capture_first(c)[0] != '\0')
		say("play %s: stream %lld of %u is played; the first that "
		    "cannot be, %s",
		    r->cfg.in->name, (long long)it->stream, capture_streams(c),
		    capture_first(c));
	if (is_torso(it))
		say("play %s: stream %lld begins before the capture: it is "
		    "played from the first byte that was captured",
		    r->cfg.in->name, (long long)it->stream);
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
		if (r->turn[port] == ITEM_NONE)
			r->turn[port] = i;
		else
			r->item[last[port]].next = i;
		r->item[i].next = r->turn[port];
		last[port] = i;
	}
	free(last);
	return EXIT_DONE;
}

/* choose_all - what cannot be played is counted, and the first reason
   printed */
static int
choose_all(struct replay *r, struct capture *c)
{
	uint32_t i, n = capture_streams(c), not = 0, torsos = 0;
	char why[CAPTURE_WHY];
	int k;

	capture_nothing(c);
	snprintf(why, sizeof(why), "%s", capture_why(c));
	r->item = calloc((size_t)n + 1, sizeof(*r->item));
	for (i = 0; i < n && r->item != NULL; i++) {
		r->item[r->items].stream = i;
		k = capture_build(c, i, &r->item[r->items].conv);
		if (k < 0)
			return failed(r, c);
		if (k > 0 && not ++ == 0)
			snprintf(why, sizeof(why), "%s", capture_why(c));
		if (k > 0)
			continue;
		torsos += is_torso(&r->item[r->items]);
		set_up(r, c, &r->item[r->items++]);
	}
	if (r->item == NULL)
		return failed(r, c);
	if ((r->items == 0 && r->udp == NULL) || not > 0)
		say("play %s: %u of %u connections can be played; %s%s",
		    r->cfg.in->name, r->items, n,
		    not > 0 ? "the first that cannot, " : "", why);
	if (torsos > 0)
		say("play %s: %u connection%s before the capture: played from "
		    "the first byte that was captured",
		    r->cfg.in->name, torsos,
		    torsos == 1 ? " begins" : "s begin");
	return r->items > 0 || r->udp != NULL ? take_turns(r) : EXIT_NO;
}

/* tell_unplayed - which datagrams are not, and that nothing will be sent */
static void
tell_unplayed(const struct replay *r, const struct turns *t)
{
	if (turns_long(t) > 0)
		say("play %s: %llu UDP datagram%s left out: longer than %d "
		    "bytes",
		    r->cfg.in->name, (unsigned long long)turns_long(t),
		    turns_long(t) == 1 ? "" : "s", TURNS_LONGEST);
	if (turns_cut(t) > 0)
		say("play %s: %llu UDP answer%s left out: captured short",
		    r->cfg.in->name, (unsigned long long)turns_cut(t),
		    turns_cut(t) == 1 ? "" : "s");
	if (turns_count(t) == 0 && turns_silent(t) > 0)
		say("play %s: no UDP request in it has an answer: requests "
		    "are received, and nothing is sent",
		    r->cfg.in->name);
}

/* take_udp - the turns of UDP, if there is a request. 0 or -1 */
static int
take_udp(struct replay *r, struct capture *c)
{
	struct datagrams_config cf = {.turns = capture_turns(c),
	    .addr = r->cfg.addr,
	    .mac = r->cfg.mac,
	    .pauses = r->cfg.pauses,
	    .log = r->cfg.tell ? r->cfg.log : NULL,
	    .seed = r->cfg.seed,
	    .emit = r->cfg.emit,
	    .run = r->cfg.run};

	if (turns_end(cf.turns) != 0)
		return -1;
	tell_unplayed(r, cf.turns);
	if (turns_count(cf.turns) + turns_silent(cf.turns) == 0) {
		turns_free(cf.turns);
		return 0;
	}
	r->udp = datagrams_new(&cf);
	return r->udp != NULL ? 0 : -1;
}

static int
choose(struct replay *r, struct capture *c)
{
	struct leftout left = r->cfg.in->left;
	int status;

	leftout_add(&left, capture_left(c));
	leftout_say(&left);
	if (r->cfg.all && r->cfg.server && take_udp(r, c) != 0) {
		say("play %s: out of memory", r->cfg.in->name);
		return EXIT_NO;
	}
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
		if (r->cfg.all && r->cfg.server &&
		    capture_udp(c, r->cfg.seed) != 0)
			say("read %s: out of memory", r->cfg.in->name);
		else
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

/* tell_udp - how many requests it can answer */
static void
tell_udp(const struct replay *r, uint64_t now)
{
	struct event_log *l = r->cfg.log;

	if (r->udp == NULL)
		return;
	event_begin(l, now, NULL, 0, NULL, 0, "replay");
	event_text(l, "side", conv_name(CONV_SERVER));
	event_num(l, "turns", turns_count(datagrams_turns(r->udp)));
	event_num(l, "silent", turns_silent(datagrams_turns(r->udp)));
	event_end(l);
}

void
replay_tell(const struct replay *r, uint64_t now)
{
	uint32_t i;

	tell_udp(r, now);
	for (i = 0; i < r->items; i++) {
		tell_item(r, &r->item[i], now);
		/* there may be more lines than the log can hold */
		if (r->cfg.log->len > EVENT_LOG_CAP / 2)
			event_flush(r->cfg.log);
	}
}
