/*
 * ask_tcp.c - the question over TCP (RFC 1035 4.2.2, RFC 7766), see ask.h:
 * tcpfsm's engine, with one connection of ours, run over the exchange.
 *
 * Only segments of that connection, and ICMP errors, reach the engine: it
 * would reset what else comes to the address.
 */
#include <string.h>

#include "ask/query.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "tcp/tcp.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "ask.h"
#include "dname.h"
#include "message.h"

enum { PREFIX = 2 }; /* bytes of the length before each message */

struct conn {
	struct ask *a;
	struct tcp *tcp;
	uint16_t lport, id;
	uint64_t begin;
	bool done;   /* the answer is complete, or can be none */
	bool closed; /* nothing more to do for the engine */
	uint8_t query[PREFIX + DNS_QUERY_MAX];
	size_t nquery;
	uint8_t prefix[PREFIX];
	size_t got; /* bytes of prefix and answer */
};

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	struct conn *c = ctx;
	uint8_t frame[256 + PREFIX + DNS_QUERY_MAX];

	if (hlen + dlen > sizeof frame)
		return;
	memcpy(frame, head, hlen);
	if (dlen > 0)
		memcpy(frame + hlen, data, dlen);
	query_send(c->a->x, frame, hlen + dlen);
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	tcp_offer(tcb, ((struct conn *)ctx)->nquery);
}

static size_t
wanted(const struct conn *c)
{
	return c->got < PREFIX ? PREFIX : PREFIX + (size_t)get_be16(c->prefix);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	struct conn *c = ctx;

	for (; n > 0 && c->got < wanted(c); p++, n--, c->got++) {
		if (c->got < PREFIX)
			c->prefix[c->got] = *p;
		else
			c->a->msg[c->got - PREFIX] = *p;
	}
	if (c->got < PREFIX || c->got < wanted(c) || c->done)
		return;
	c->done = true;
	c->a->len = c->got - PREFIX;
	c->a->took = now - c->begin;
	tcp_shutdown(tcb);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	tcp_shutdown(tcb);
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	((struct conn *)ctx)->closed = true;
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	return ((struct conn *)ctx)->query + off;
}

static const struct tcp_host host = {.emit = on_emit};

static const struct tcp_app app = {.opened = on_opened,
    .received = on_received,
    .peer_closed = on_peer_closed,
    .closed = on_closed,
    .data = on_data,
    .want_data = true};

static bool
is_ours(const struct conn *c, const struct query_packet *p)
{
	if (p->ip.proto != PROTO_TCP)
		return p->ip.proto != PROTO_UDP;
	return ip_equal(&p->ip.src, &c->a->server) && p->n >= 4 &&
	       get_be16(p->data) == c->a->port &&
	       get_be16(p->data + 2) == c->lport;
}

/* run_until - until the connection is closed or the time is over; OVER is
   passed on */
static bool
run_until(struct conn *c, uint64_t end)
{
	struct query *x = c->a->x;
	struct query_packet p;
	enum query_result r = QUERY_TIMEOUT;
	uint64_t at, count = 0;

	tcp_flush(c->tcp, query_now(x), SIZE_MAX);
	while (!c->closed && query_now(x) < end) {
		at = tcp_deadline(c->tcp);
		r = query_recv(x, at < end ? at : end, &p);
		if (r == QUERY_OVER)
			return false;
		if (r == QUERY_TIMEOUT)
			tcp_timers(c->tcp, query_now(x));
		else if (is_ours(c, &p))
			tcp_input(c->tcp, query_now(x), p.frame, p.len, p.ts,
			    ++count);
		tcp_flush(c->tcp, query_now(x), SIZE_MAX);
		/* the answer is there; the end of the connection may wait a
		   second, not longer */
		if (c->done && end > query_after(x, NS_PER_SEC))
			end = query_after(x, NS_PER_SEC);
	}
	return true;
}

static struct tcb *
connect_it(struct conn *c)
{
	struct ask *a = c->a;
	const struct ip_addr *src = query_source(a->x);
	struct tcp_config cfg;

	tcp_defaults(&cfg);
	cfg.addr = src;
	cfg.mac = query_mac(a->x);
	cfg.no_listen = true;
	cfg.max_conns = 1;
	cfg.mtu = query_mtu(a->x);
	cfg.seed = chance_u64(query_chance(a->x));
	c->begin = query_now(a->x);
	c->lport = ask_port(a);
	c->tcp = tcp_new(&cfg, &host, c, &app, c, c->begin);
	if (c->tcp == NULL)
		return NULL;
	return tcp_connect(
	    c->tcp, c->begin, src, c->lport, &a->server, a->port, &a->to);
}

enum ask_result
ask_tcp(struct ask *a)
{
	struct conn c = {.a = a, .id = ask_id(a)};
	enum ask_result r;
	struct tcb *tcb;
	bool going, closed;

	c.nquery = dns_query(
	    a->question, c.id, a->recurse, a->edns, c.query + PREFIX);
	put_be16(c.query, (uint16_t)c.nquery);
	c.nquery += PREFIX;
	a->tcp = true;
	tcb = connect_it(&c);
	if (tcb == NULL) {
		if (c.tcp != NULL)
			tcp_free(c.tcp);
		return ASK_CLOSED;
	}
	going = run_until(&c, query_after(a->x, a->tries * a->wait));
	closed = c.closed;
	if (!closed) {
		tcp_abort(tcb, query_now(a->x));
		tcp_flush(c.tcp, query_now(a->x), SIZE_MAX);
	}
	if (c.done)
		r = dns_check(a->msg, a->len, a->question, c.id, &a->h,
			&a->e) == DNS_ANSWERED
			? ASK_ANSWERED
			: ASK_MALFORMED;
	else
		r = closed ? ASK_CLOSED : going ? ASK_SILENCE : ASK_OVER;
	tcp_free(c.tcp);
	return r;
}
