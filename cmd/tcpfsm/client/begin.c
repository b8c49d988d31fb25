/*
 * begin.c - the connections of a client begin, see client_var.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "client/client_var.h"
#include "client/order.h"
#include "digest.h"
#include "replay/replay.h"
#include "replay/script.h"
#include "sink.h"
#include "source.h"
#include "tcp/tcp.h"

/* item - which conversation the connection of this number plays */
static uint32_t
item(const struct client *c, uint32_t no)
{
	return c->cfg.all ? no : 0;
}

/* prepare - to play a record; false: no memory */
static bool
prepare(struct client *c, struct talk *t)
{
	t->play = calloc(1, sizeof(*t->play));
	if (t->play == NULL)
		return false;
	play_init(t->play, replay_play(c->cfg.replay, item(c, t->no)), t->tcb);
	return true;
}

static void
begin(struct client *c, struct talk *t, uint64_t now)
{
	memset(t, 0, sizeof(*t));
	t->no = c->tally.begun++;
	sink_init(&t->sink, c->cfg.out != NULL ? c->cfg.out[t->no] : -1);
	if (c->cfg.all && c->cfg.rport == 0)
		c->dial.rport = replay_port(c->cfg.replay, t->no);
	t->tcb = dial(&c->dial, c->tcp, now, &c->hop.found);
	if (t->tcb == NULL) {
		if (c->cfg.count == 1)
			say("connect: no port is free, or no memory");
		sink_close(&t->sink);
		c->tally.results[FAILED]++;
		c->tally.ended++;
		return;
	}
	t->used = true;
	*tcp_user(t->tcb) = (uintptr_t)t;
	if (c->cfg.md5)
		t->digests = digests_new();
	if (c->cfg.replay != NULL && !prepare(c, t))
		tcp_abort(t->tcb, now);
	else if (c->cfg.replay == NULL && c->cfg.fastopen)
		tcp_offer(t->tcb, c->cfg.request->len);
}

/* may_begin - the next connection */
static bool
may_begin(const struct client *c, uint64_t now)
{
	uint32_t next = c->tally.begun;

	if (!c->cfg.all)
		return true;
	if (c->cfg.pauses)
		return now >= c->first + order_at(c->cfg.replay, next);
	return order_free(c->cfg.replay, next, c->talk, c->cfg.parallel);
}

void
client_fill(struct client *c, uint64_t now)
{
	uint32_t i;

	if (c->first == 0)
		c->first = now;
	for (i = 0; i < c->cfg.parallel && c->tally.begun < c->cfg.count; i++) {
		if (c->talk[i].used)
			continue;
		if (!may_begin(c, now))
			return;
		begin(c, &c->talk[i], now);
	}
}
