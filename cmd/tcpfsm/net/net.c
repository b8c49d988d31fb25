/*
 * net.c - from a connection to the service for it, see net.h.
 *
 * A connection has a session, which holds the line of the file that it is
 * served by: it goes on like this when the file has been read again. What has
 * no connection yet is looked up in the table of now, in the same time for ten
 * hosts and for 65,536.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/die.h"
#include "command/command.h"
#include "hosts/hosts.h"
#include "log.h"
#include "net/net_var.h"
#include "serve/serve.h"
#include "wire/ip.h"

/* the service of a connection, and its context */
struct server {
	const struct app *app;
	void *ctx;
};

/* ---- what the engine asks ---- */

/* hosts_of - those of now; ctx is the net */
static const struct hosts *
hosts_of(void *ctx)
{
	return ((struct net *)ctx)->gen->hosts;
}

void
net_soon(void *ctx, const uint8_t *frame, size_t len)
{
	struct net *n = ctx;

	hosts_soon_frame(hosts_of(n), &n->soon, frame, len);
}

static bool
is_at(void *ctx, const struct mac *mac, const struct ip_addr *a)
{
	return hosts_is_at(hosts_of(ctx), mac, a);
}

static bool
may_be_at(void *ctx, const struct mac *mac)
{
	return hosts_may_be_at(hosts_of(ctx), mac);
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
	const struct hosts_rule *r = rule_of(hosts_of(ctx), a, port);

	if (r == NULL || r->service == SERVICE_CLOSED)
		return TCP_PORT_CLOSED;
	return r->service == SERVICE_SILENT ? TCP_PORT_SILENT : TCP_PORT_OPEN;
}

static uint32_t
quirks_at(void *ctx, const struct ip_addr *a, uint16_t port)
{
	const struct hosts_rule *r = rule_of(hosts_of(ctx), a, port);

	return r != NULL ? r->quirks : 0;
}

static uint8_t
ttl_at(void *ctx, const struct ip_addr *a)
{
	const struct hosts *h = hosts_of(ctx);
	const struct hosts_entry *e = hosts_find(h, a);

	return e != NULL ? hosts_manner(h, e)->ttl : 0;
}

static const struct face *
face_at(void *ctx, const struct ip_addr *a)
{
	const struct hosts *h = hosts_of(ctx);
	const struct hosts_entry *e = hosts_find(h, a);

	return e != NULL ? hosts_face_of(h, hosts_manner(h, e)) : NULL;
}

static uint64_t
uptime_at(void *ctx, const struct ip_addr *a)
{
	return hosts_uptime(hosts_of(ctx), a);
}

static uint16_t
first_id_at(void *ctx, const struct ip_addr *a)
{
	return hosts_first_id(hosts_of(ctx), a);
}

const struct tcp_places net_places = {.is_at = is_at,
    .may_be_at = may_be_at,
    .port = port_at,
    .quirks = quirks_at,
    .ttl = ttl_at,
    .face = face_at,
    .uptime = uptime_at,
    .first_id = first_id_at};

static const struct hosts_rule *
rule_of_tcb(const struct hosts *h, const struct tcb *tcb)
{
	const struct ip_addr *a;
	uint16_t port;

	a = tcp_local(tcb, &port);
	return rule_of(h, a, port);
}

uint32_t
net_which(void *net, struct tcb *tcb)
{
	const struct session *s = session_find(
	    &((struct net *)net)->sessions, tcb);

	return s != NULL ? s->rule->text : 0;
}

/* ---- the service of a connection ---- */

static struct server
server_of(struct net *n, struct tcb *tcb)
{
	const struct session *s = session_find(&n->sessions, tcb);

	if (s == NULL || s->refused)
		return (struct server){NULL, NULL};
	if (s->rule->service == SERVICE_FILE)
		return (struct server){
		    &serve_app, &s->gen->serve[s->rule->text]};
	if (s->rule->service == SERVICE_COMMAND)
		return (struct server){&command_app, n->command};
	return (struct server){NULL, NULL};
}

/* begin - the session of a connection that has opened; NULL: the line is gone,
   or there is no memory */
static struct session *
begin(struct net *n, struct tcb *tcb, uint64_t now)
{
	const struct hosts_rule *r = rule_of_tcb(n->gen->hosts, tcb);
	struct session *s = r != NULL ? session_add(&n->sessions, tcb) : NULL;

	if (s == NULL)
		return NULL;
	s->gen = n->gen;
	s->rule = r;
	s->begin = now;
	s->gen->sessions++;
	return s;
}

void
net_leave(struct net *n, struct gen *g)
{
	if (--g->sessions == 0 && g != n->gen)
		gen_free(g, &n->helds);
}

static void
leave(struct net *n, struct session *s)
{
	struct gen *g = s->gen;

	if (!s->refused)
		limits_leave(n->limits, s->rule, s->tcb);
	session_remove(&n->sessions, s);
	net_leave(n, g);
}

/* ---- connections ---- */

/* enter - one connection more by this rule; another may have to end for it */
static bool
enter(struct net *n, const struct hosts_rule *r, struct tcb *tcb, uint64_t now)
{
	struct tcb *gone;

	if (limits_enter(n->limits, r, tcb, false))
		return true;
	gone = limits_displaced(n->limits, &n->sessions, r, tcb, now);
	if (gone == NULL)
		return false;
	tcp_abort_why(gone, now, "limit");
	return limits_enter(n->limits, r, tcb, true);
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct net *n = ctx;
	struct session *s = begin(n, tcb, now);
	struct server to;

	if (s == NULL || !enter(n, s->rule, tcb, now)) {
		s = session_find(&n->sessions, tcb);
		if (s != NULL)
			s->refused = true;
		tcp_abort_why(tcb, now, s != NULL ? "limit" : "left");
		return;
	}
	to = server_of(ctx, tcb);
	if (to.app != NULL)
		to.app->tcp.opened(to.ctx, tcb, now);
}

/* keep - what a client has sent, for --said */
static void
keep(struct net *n, struct tcb *tcb, const uint8_t *p, size_t len)
{
	struct session *s;
	uint16_t port;

	if (n->cf.said == NULL || p == NULL)
		return;
	s = session_find(&n->sessions, tcb);
	if (s != NULL && !s->refused)
		said_take(n->cf.said, &s->said, tcp_remote(tcb, &port), p, len);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	struct server s = server_of(ctx, tcb);

	keep(ctx, tcb, p, n);
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
	struct server to = server_of(ctx, tcb);
	struct net *n = ctx;
	struct session *s;

	if (to.app != NULL)
		to.app->tcp.closed(to.ctx, tcb, why, now);
	s = session_find(&n->sessions, tcb);
	if (s != NULL)
		leave(n, s);
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

	if (ev->type == TCP_EV_CLOSE && ev->tcb != NULL)
		net_tell(ctx, ev->tcb, more);

	if (ev->tcb != NULL)
		s = server_of(ctx, ev->tcb);
	if (s.app != NULL && s.app->event != NULL)
		s.app->event(s.ctx, ev, more);
}

/* ---- the loop: descriptors of commands, and of the file's reader ---- */

static void
on_step(void *ctx, uint64_t now)
{
	command_app.step(((struct net *)ctx)->command, now);
}

static uint64_t
on_deadline(void *ctx)
{
	return command_app.deadline(((struct net *)ctx)->command);
}

static size_t
on_watch(void *ctx, struct pollfd *p)
{
	struct net *n = ctx;

	p[0] = (struct pollfd){
	    .fd = again_socket(n->cf.again), .events = POLLIN};
	return 1 + command_app.watch(n->command, p + 1);
}

static void
on_watched(void *ctx, const struct pollfd *p, size_t count, uint64_t now)
{
	struct net *n = ctx;

	command_app.watched(n->command, p + 1, count - 1, now);
	if (p[0].revents != 0)
		reload_take(n, now);
}

static void
on_hangup(void *ctx, uint64_t now)
{
	struct net *n = ctx;

	again_hangup(n->cf.again);
	if (n->cf.said != NULL)
		said_rotate(n->cf.said);
}

static void
on_stop(void *ctx, uint64_t now)
{
	command_app.stop(((struct net *)ctx)->command, now);
}

static bool
on_done(void *ctx, uint64_t now)
{
	return command_app.done(((struct net *)ctx)->command, now);
}

static int
on_end(void *ctx, bool quiet, uint64_t now)
{
	const struct net *n = ctx;
	int status = command_app.end(n->command, quiet, now);

	if (status == EXIT_DONE && n->cf.said != NULL && said_lost(n->cf.said))
		status = EXIT_NO;
	return status;
}

/* open_it - before anything is locked in */
static int
open_it(void *ctx, const char *name)
{
	return open(name, O_RDONLY | O_CLOEXEC);
}

struct net *
net_new(const struct net_config *cf, const char **bad)
{
	struct net *n = calloc(1, sizeof(*n));

	*bad = NULL;
	if (n == NULL)
		return NULL;
	n->cf = *cf;
	n->limits = limits_new(cf->key);
	if (n->limits != NULL)
		n->gen = gen_new(
		    cf->hosts, &n->helds, &cf->like, open_it, NULL, true, bad);
	if (n->gen != NULL)
		return n;
	free(n->limits);
	free(n);
	return NULL;
}

void
net_commands(struct net *n, struct command *c)
{
	n->command = c;
}

uint32_t
net_watch_max(const struct net *n)
{
	return 1 + command_watch_max(n->command);
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
    .deadline = on_deadline,
    .watch = on_watch,
    .watched = on_watched,
    .hangup = on_hangup,
    .stop = on_stop,
    .done = on_done,
    .end = on_end,
};
