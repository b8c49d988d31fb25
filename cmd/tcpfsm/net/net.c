/*
 * net.c - from a connection to who serves it, see net.h.
 *
 * Nothing is kept with a connection but what its server keeps: the table of
 * hosts tells at each call whose it is, in the same time for ten hosts and for
 * 65,536.
 */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "command/command.h"
#include "hosts/hosts.h"
#include "net/net.h"
#include "serve/serve.h"
#include "wire/ip.h"

enum { COUNTS = 65536 }; /* those that share one share its limit */

struct net {
	struct net_config cf;
	uint16_t
	    *count; /* connections of rules with a limit, by what it is of */
};

/* who serves a connection, and with which context */
struct server {
	const struct app *app;
	void *ctx;
};

/* the user word of a connection that was refused */
static char refused;

/* ---- what the engine asks ---- */

static bool
is_at(void *ctx, const struct mac *mac, const struct ip_addr *a)
{
	return hosts_is_at(ctx, mac, a);
}

static bool
may_be_at(void *ctx, const struct mac *mac)
{
	return hosts_may_be_at(ctx, mac);
}

/* rule_of - of a port of an address that is there; NULL: it is not */
static const struct hosts_rule *
rule_of(const struct hosts *h, const struct ip_addr *a, uint16_t port)
{
	const struct hosts_entry *e = hosts_find(h, a);

	return e != NULL ? hosts_rule(h, e, PROTO_TCP, port) : NULL;
}

static enum tcp_port
port_at(void *ctx, const struct ip_addr *a, uint16_t port)
{
	const struct hosts_rule *r = rule_of(ctx, a, port);

	if (r == NULL || r->service == SERVICE_CLOSED)
		return TCP_PORT_CLOSED;
	return r->service == SERVICE_SILENT ? TCP_PORT_SILENT : TCP_PORT_OPEN;
}

static uint32_t
quirks_at(void *ctx, const struct ip_addr *a, uint16_t port)
{
	const struct hosts_rule *r = rule_of(ctx, a, port);

	return r != NULL ? r->quirks : 0;
}

static uint8_t
ttl_at(void *ctx, const struct ip_addr *a)
{
	const struct hosts_entry *e = hosts_find(ctx, a);

	return e != NULL ? hosts_manner(ctx, e)->ttl : 0;
}

static const struct face *
face_at(void *ctx, const struct ip_addr *a)
{
	const struct hosts_entry *e = hosts_find(ctx, a);

	return e != NULL ? hosts_manner(ctx, e)->face : NULL;
}

const struct tcp_places net_places = {.is_at = is_at,
    .may_be_at = may_be_at,
    .port = port_at,
    .quirks = quirks_at,
    .ttl = ttl_at,
    .face = face_at};

static const struct hosts_rule *
rule_of_tcb(const struct hosts *h, const struct tcb *tcb)
{
	const struct ip_addr *a;
	uint16_t port;

	a = tcp_local(tcb, &port);
	return rule_of(h, a, port);
}

uint32_t
net_which(void *hosts, struct tcb *tcb)
{
	const struct hosts_rule *r = rule_of_tcb(hosts, tcb);

	return r != NULL ? r->text : 0;
}

/* ---- whose a connection is ---- */

static struct server
server_of(struct net *n, struct tcb *tcb)
{
	const struct hosts_rule *r = rule_of_tcb(n->cf.hosts, tcb);

	if (r == NULL || *tcp_user(tcb) == (uintptr_t)&refused)
		return (struct server){NULL, NULL};
	if (r->service == SERVICE_FILE)
		return (struct server){&serve_app, &n->cf.serve[r->text]};
	if (r->service == SERVICE_COMMAND)
		return (struct server){&command_app, n->cf.command};
	return (struct server){NULL, NULL};
}

/* count_of - connections of what this limit of the rule is of: a source at
   the rule's ports, all at one port of a host, or all of a host */
static uint16_t *
count_of(struct net *n, const struct hosts_rule *r, enum hosts_limit of,
    struct tcb *tcb)
{
	uint64_t key[2] = {n->cf.key[0], n->cf.key[1] ^ r->no}, at;
	uint8_t b[19] = {[18] = (uint8_t)of};
	uint16_t port;

	if (of == LIMIT_SOURCE) {
		at = ip_source(tcp_remote(tcb, &port), key);
	} else {
		memcpy(b, tcp_local(tcb, &port)->b, 16);
		put_be16(b + 16, of == LIMIT_PORT ? port : 0);
		at = hash_keyed(n->cf.key, b, sizeof(b));
	}
	return &n->count[at % COUNTS];
}

static void
leave_some(
    struct net *n, const struct hosts_rule *r, int kinds, struct tcb *tcb)
{
	while (kinds-- > 0)
		if (r->limit[kinds] != 0)
			--*count_of(n, r, (enum hosts_limit)kinds, tcb);
}

/* within - one more is allowed; it is counted */
static bool
within(struct net *n, struct tcb *tcb)
{
	const struct hosts_rule *r = rule_of_tcb(n->cf.hosts, tcb);
	uint16_t *count;
	int i;

	for (i = 0; r != NULL && i < LIMIT_KINDS; i++) {
		if (r->limit[i] == 0)
			continue;
		count = count_of(n, r, (enum hosts_limit)i, tcb);
		if (*count >= r->limit[i]) {
			leave_some(n, r, i, tcb);
			return false;
		}
		++*count;
	}
	return true;
}

static void
leave(struct net *n, struct tcb *tcb)
{
	const struct hosts_rule *r = rule_of_tcb(n->cf.hosts, tcb);

	if (r != NULL && *tcp_user(tcb) != (uintptr_t)&refused)
		leave_some(n, r, LIMIT_KINDS, tcb);
}

/* ---- connections ---- */

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct server s;

	if (!within(ctx, tcb)) {
		*tcp_user(tcb) = (uintptr_t)&refused;
		tcp_abort_why(tcb, now, "limit");
		return;
	}
	s = server_of(ctx, tcb);
	if (s.app != NULL)
		s.app->tcp.opened(s.ctx, tcb, now);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	struct server s = server_of(ctx, tcb);

	if (s.app != NULL)
		s.app->tcp.received(s.ctx, tcb, p, n, now);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct server s = server_of(ctx, tcb);

	if (s.app != NULL)
		s.app->tcp.peer_closed(s.ctx, tcb, now);
	else
		tcp_shutdown(tcb);
}

static void
on_timer(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct server s = server_of(ctx, tcb);

	if (s.app != NULL)
		s.app->tcp.timer(s.ctx, tcb, now);
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	struct server s = server_of(ctx, tcb);

	leave(ctx, tcb);
	if (s.app != NULL)
		s.app->tcp.closed(s.ctx, tcb, why, now);
}

/* only those that offer bytes are asked for them */
static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	struct server s = server_of(ctx, tcb);

	return s.app != NULL ? s.app->tcp.data(s.ctx, tcb, off, len) : NULL;
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	struct server s = server_of(ctx, tcb);

	if (s.app != NULL)
		s.app->tcp.acked(s.ctx, tcb, off, now);
}

static void
on_event(void *ctx, const struct tcp_event *ev, struct log_more *more)
{
	struct server s = {NULL, NULL};

	if (ev->tcb != NULL)
		s = server_of(ctx, ev->tcb);
	if (s.app != NULL && s.app->event != NULL)
		s.app->event(s.ctx, ev, more);
}

/* ---- the loop: commands alone have descriptors of their own ---- */

static void
on_step(void *ctx, uint64_t now)
{
	struct net *n = ctx;

	if (n->cf.command != NULL)
		command_app.step(n->cf.command, now);
}

static size_t
on_watch(void *ctx, struct pollfd *p)
{
	struct net *n = ctx;

	return n->cf.command != NULL ? command_app.watch(n->cf.command, p) : 0;
}

static void
on_watched(void *ctx, const struct pollfd *p, size_t n, uint64_t now)
{
	struct net *net = ctx;

	if (net->cf.command != NULL)
		command_app.watched(net->cf.command, p, n, now);
}

static void
on_stop(void *ctx, uint64_t now)
{
	struct net *n = ctx;

	if (n->cf.command != NULL)
		command_app.stop(n->cf.command, now);
}

static bool
on_done(void *ctx, uint64_t now)
{
	struct net *n = ctx;

	return n->cf.command != NULL && command_app.done(n->cf.command, now);
}

static int
on_end(void *ctx, bool quiet, uint64_t now)
{
	struct net *n = ctx;

	return n->cf.command != NULL
		   ? command_app.end(n->cf.command, quiet, now)
		   : 0;
}

struct net *
net_new(const struct net_config *cf)
{
	struct net *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->cf = *cf;
	n->count = calloc(COUNTS, sizeof(*n->count));
	if (n->count == NULL) {
		free(n);
		return NULL;
	}
	return n;
}

const struct app net_app = {
    .tcp.opened = on_opened,
    .tcp.received = on_received,
    .tcp.peer_closed = on_peer_closed,
    .tcp.timer = on_timer,
    .tcp.closed = on_closed,
    .tcp.data = on_data,
    .tcp.acked = on_acked,
    .event = on_event,
    .step = on_step,
    .watch = on_watch,
    .watched = on_watched,
    .stop = on_stop,
    .done = on_done,
    .end = on_end,
};
