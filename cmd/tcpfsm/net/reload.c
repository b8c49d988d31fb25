/*
 * reload.c - SIGHUP: the file of --hosts is read again. Connections go on as
 * they began; those of hosts that are no more are reset. When the file has a
 * mistake the old table stays.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts/hosts.h"
#include "linux/again.h"
#include "log/event.h"
#include "net/net_var.h"

static int
next_file(void *ctx, const char *name)
{
	return again_file(((struct net *)ctx)->cf.again);
}

/* reset_left - connections of hosts that are gone; how many, -1: no
   memory */
static long
reset_left(struct net *n, uint64_t now)
{
	struct tcb **left = calloc(n->sessions.n + 1, sizeof(*left));
	struct session *s;
	long count = 0, k;
	uint16_t port;
	size_t i = 0;

	if (left == NULL)
		return -1;
	while ((s = session_next(&n->sessions, &i)) != NULL)
		if (hosts_find(n->gen->hosts, tcp_local(s->tcb, &port)) == NULL)
			left[count++] = s->tcb;
	for (k = 0; k < count; k++)
		tcp_abort_why(left[k], now, "left");
	free(left);
	return count;
}

/* replace - the reading by which connections begin; the last one goes when
   its connections have */
static void
replace(struct net *n, struct gen *new)
{
	struct gen *old = n->gen;

	n->gen = new;
	old->sessions++;
	net_leave(n, old);
}

static void
tell(struct net *n, long left, uint64_t now)
{
	struct event_log *l = n->cf.log;
	size_t hosts;

	if (l == NULL)
		return;
	hosts_entries(n->gen->hosts, &hosts);
	event_begin(l, now, NULL, 0, NULL, 0, "hosts");
	event_num(l, "count", hosts);
	event_num(l, "left", left > 0 ? (uint64_t)left : 0);
	event_end(l);
}

/* prepare - all that the new table wants; false, after a message: it is not
   there */
static bool
prepare(struct net *n, struct hosts *h)
{
	char error[HOSTS_ERROR];
	const char *bad;

	n->next = gen_new(h, &n->helds, &n->cf.like, next_file, n, false, &bad);
	if (n->next != NULL)
		return true;
	snprintf(error, sizeof(error), "open %s: %s",
	    bad != NULL ? bad : "files", strerror(errno));
	again_stays(error);
	hosts_free(h);
	return false;
}

/* drop - what was prepared */
static void
drop(struct net *n)
{
	if (n->next != NULL)
		gen_free(n->next, &n->helds);
	n->next = NULL;
}

void
reload_take(struct net *n, uint64_t now)
{
	struct hosts *h;

	switch (again_news(n->cf.again, &h)) {
	case AGAIN_NOTHING:
		break;
	case AGAIN_TABLE:
		drop(n);
		again_vote(n->cf.again, prepare(n, h));
		break;
	case AGAIN_TAKE:
		replace(n, n->next);
		n->next = NULL;
		tell(n, reset_left(n, now), now);
		again_trim();
		break;
	case AGAIN_DROP:
		drop(n);
		break;
	}
}
