/*
 * sim.c - two engines and a bad network between them, on one virtual clock,
 * all from one seed: loss, duplication, reordering, damage, small windows,
 * slow readers, full output queues.
 *
 * What must hold: what was offered is what is received, byte for byte; both
 * ends close by FIN; and while that has not happened something is always
 * about to happen: a frame on its way, or a timer.
 *
 * usage: sim [-v] [-n seeds] [-s first]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chance.h"
#include "clock.h"
#include "ether.h"
#include "ip.h"
#include "parse.h"
#include "tcp.h"

enum { STREAM = 600000, CLIENT = 0, SERVER = 1 };

#define START UINT64_C(1763640000000000000)
#define LIMIT (START + 7200 * NS_PER_SEC)

struct packet {
	struct packet *next;
	uint64_t at;
	int to;
	size_t len;
	uint8_t bytes[];
};

struct sim;

struct end {
	struct sim *sim;
	struct tcp *t;
	struct tcb *tcb;
	int who;
	uint64_t total, offered, got; /* bytes */
	uint32_t chunk, held, read_at_once;
	bool slow, eof, closed, waits, eager;
	enum tcp_close how;
	size_t room;
	uint64_t drained_at; /* when the output queue has room again */
};

struct sim {
	struct chance c;
	struct end end[2];
	struct packet *packets;		     /* by time */
	unsigned loss, dup, reorder, damage; /* of 1000 */
	uint64_t delay, jitter, now, frames;
	uint32_t left; /* frames that may still be impaired */
	bool verbose;
	const char *wrong;
};

static uint8_t stream[2][STREAM];

static bool
percent(struct sim *s, unsigned of_thousand)
{
	return chance_below(&s->c, 1000) < of_thousand;
}

/* ---- the network ---- */

static void
carry(struct sim *s, const struct packet *p, uint64_t at)
{
	struct packet *q = malloc(sizeof(*q) + p->len), **where;

	if (q == NULL)
		abort();
	memcpy(q, p, sizeof(*q) + p->len);
	q->at = at;
	for (where = &s->packets; *where != NULL && (*where)->at <= at;)
		where = &(*where)->next;
	q->next = *where;
	*where = q;
}

static void
transmit(struct sim *s, struct packet *p)
{
	uint64_t at = s->now + s->delay;

	s->frames++;
	if (s->left == 0) {
		carry(s, p, at); /* even a bad network gets better */
		return;
	}
	s->left--;
	if (percent(s, s->loss)) {
		if (s->verbose)
			printf("# %.6f lost on the way to the %s\n",
			    (double)(s->now - START) / 1e9,
			    p->to == SERVER ? "server" : "client");
		return;
	}
	if (percent(s, s->damage))
		p->bytes[ETHER_HLEN +
			 chance_below(&s->c, p->len - ETHER_HLEN)] ^=
		    1u << chance_below(&s->c, 8);
	if (percent(s, s->reorder))
		at += chance_below(&s->c, s->jitter + 1);
	if (percent(s, s->dup))
		carry(s, p, at + chance_below(&s->c, s->jitter + 1));
	carry(s, p, at);
}

/* ---- what the engines call ---- */

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	struct end *e = ctx;
	struct packet *p = malloc(sizeof(*p) + hlen + dlen);

	if (p == NULL)
		abort();
	p->to = !e->who;
	p->len = hlen + dlen;
	memcpy(p->bytes, head, hlen);
	if (dlen > 0)
		memcpy(p->bytes + hlen, data, dlen);
	transmit(e->sim, p);
	free(p);
}

static void
on_event(void *ctx, const struct tcp_event *ev)
{
	static const char *const name[] = {
	    "state", "retransmit", "timeout", "drop", "close", "segment"};
	struct end *e = ctx;

	if (!e->sim->verbose)
		return;
	printf("# %.6f %s %s%s seq=%u ack=%u len=%u wnd=%u flags=%02x %s "
	       "%d>%d\n",
	    (double)(ev->time - START) / 1e9, e->who ? "server" : "client",
	    name[ev->type], ev->out ? " out" : "", ev->seq, ev->ack, ev->len,
	    ev->wnd, ev->flags, ev->why ? ev->why : "", ev->state_old,
	    ev->state_new);
}

static void
offer_more(struct end *e)
{
	e->offered += e->chunk;
	if (e->offered > e->total)
		e->offered = e->total;
	tcp_offer(e->tcb, e->offered);
	if (e->offered == e->total && (e->who == CLIENT || e->eager || e->eof))
		tcp_shutdown(e->tcb);
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct end *e = ctx;

	e->tcb = tcb;
	offer_more(e);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	struct end *e = ctx;

	if (n == 0 || e->got + n > STREAM ||
	    memcmp(p, stream[!e->who] + e->got, n) != 0)
		e->sim->wrong = "received bytes are not those sent";
	e->got += n;
	if (!e->slow)
		return;
	if (e->held == 0)
		tcp_app_timer(tcb, now + 3 * NS_PER_MS);
	e->held += (uint32_t)n;
	tcp_hold(tcb, e->held);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct end *e = ctx;

	e->eof = true;
	offer_more(e);
}

static void
on_timer(void *ctx, struct tcb *tcb, uint64_t now)
{
	struct end *e = ctx;

	e->held -= e->held < e->read_at_once ? e->held : e->read_at_once;
	tcp_hold(tcb, e->held);
	if (e->held > 0)
		tcp_app_timer(tcb, now + 3 * NS_PER_MS);
}

static void
on_closed(void *ctx, struct tcb *tcb, enum tcp_close how, uint64_t now)
{
	struct end *e = ctx;

	e->closed = true;
	e->how = how;
	e->tcb = NULL;
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	struct end *e = ctx;

	if (off + len > e->offered)
		e->sim->wrong = "data() asks for what was not offered";
	return stream[e->who] + off;
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	struct end *e = ctx;

	if (off > e->offered)
		e->sim->wrong = "acked() beyond what was offered";
	offer_more(e);
}

static const struct tcp_ops ops = {.emit = on_emit,
    .event = on_event,
    .opened = on_opened,
    .received = on_received,
    .peer_closed = on_peer_closed,
    .timer = on_timer,
    .closed = on_closed,
    .data = on_data,
    .acked = on_acked,
    .want_data = true};

/* ---- one run ---- */

static void
flush(struct end *e)
{
	e->waits = tcp_flush(e->t, e->sim->now, e->room);
	if (e->waits)
		e->drained_at = e->sim->now + NS_PER_MS;
}

static void
begin_end(struct sim *s, int who, const struct tcp_config *common)
{
	struct tcp_config cfg = *common;
	struct end *e = &s->end[who];

	cfg.seed = chance_u64(&s->c);
	cfg.no_listen = who == CLIENT;
	cfg.rcvbuf = (uint32_t)(2000 << chance_below(&s->c, 10));
	e->sim = s;
	e->who = who;
	e->total = chance_below(
	    &s->c, (uint64_t)1 << (1 + chance_below(&s->c, 19)));
	e->chunk = STREAM;
	if (chance_below(&s->c, 3) == 0)
		e->chunk = 200 + (uint32_t)chance_below(&s->c, 5000);
	e->slow = chance_below(&s->c, 3) == 0;
	e->read_at_once = 1000 + (uint32_t)chance_below(&s->c, 20000);
	e->eager = chance_below(&s->c, 2) == 0;
	e->room = chance_below(&s->c, 4) == 0 ? 3000 : SIZE_MAX / 2;
	e->t = tcp_new(&cfg, &ops, e, START);
}

static void
begin(struct sim *s, uint64_t seed)
{
	static const struct mac gw = {{0x02, 0x50, 10, 0, 0, 5}};
	static const struct mac gw6 = {{0x02, 0x50, 0, 0, 0, 5}};
	static const char *const control[] = {"reno", "cubic", "bbr"};
	struct ip_addr us, them;
	struct tcp_config cfg;
	bool v6;

	memset(s, 0, sizeof(*s));
	chance_seed(&s->c, seed);
	s->now = START;
	s->loss = (unsigned)chance_below(&s->c, 3) * 60;
	s->dup = (unsigned)chance_below(&s->c, 2) * 50;
	s->reorder = (unsigned)chance_below(&s->c, 3) * 100;
	s->damage = (unsigned)chance_below(&s->c, 2) * 20;
	s->delay = chance_below(&s->c, 100 * NS_PER_MS);
	s->jitter = chance_below(&s->c, 100 * NS_PER_MS);
	s->left = 20000;
	tcp_defaults(&cfg);
	cfg.segments = true;
	/* long enough for any row of bad luck */
	cfg.msl = cfg.user_timeout = cfg.fin_wait_2 = 7200 * NS_PER_SEC;
	cfg.cong = control[chance_below(&s->c, 3)];
	cfg.mtu = chance_below(&s->c, 2) == 0 ? 1500 : 600;
	v6 = chance_below(&s->c, 2) == 0;
	begin_end(s, CLIENT, &cfg);
	begin_end(s, SERVER, &cfg);
	parse_addr(v6 ? "2001:db8::9" : "10.0.0.9", &us);
	parse_addr(v6 ? "2001:db8::5" : "10.0.0.5", &them);
	s->end[CLIENT].tcb = tcp_connect(
	    s->end[CLIENT].t, START, &us, 40000, &them, 80, v6 ? &gw6 : &gw);
	flush(&s->end[CLIENT]);
}

/* next_time - when something happens; UINT64_MAX never */
static uint64_t
next_time(const struct sim *s)
{
	uint64_t at = s->packets != NULL ? s->packets->at : UINT64_MAX, d;
	int i;

	for (i = 0; i < 2; i++) {
		d = tcp_deadline(s->end[i].t);
		if (s->end[i].waits && s->end[i].drained_at < d)
			d = s->end[i].drained_at;
		if (d < at)
			at = d;
	}
	return at;
}

static void
step(struct sim *s)
{
	bool touched[2] = {false, false};
	struct packet *p;
	int i;

	while ((p = s->packets) != NULL && p->at <= s->now) {
		s->packets = p->next;
		tcp_input(s->end[p->to].t, s->now, p->bytes, p->len, s->now, 1);
		touched[p->to] = true;
		free(p);
	}
	for (i = 0; i < 2; i++) {
		if (tcp_deadline(s->end[i].t) <= s->now) {
			tcp_timers(s->end[i].t, s->now);
			touched[i] = true;
		}
		if (touched[i] || s->end[i].waits)
			flush(&s->end[i]);
	}
}

/* verdict - NULL, or what is wrong at the end */
static const char *
verdict(const struct sim *s)
{
	const struct end *c = &s->end[CLIENT], *v = &s->end[SERVER];

	if (s->wrong != NULL)
		return s->wrong;
	if (!c->closed || !v->closed)
		return s->now >= LIMIT ? "not over after two hours"
				       : "a timer was forgotten";
	if (c->how != TCP_CLOSE_FIN || v->how != TCP_CLOSE_FIN)
		return "an end was not closed by FIN";
	if (c->got != v->total || v->got != c->total)
		return "bytes are missing";
	return NULL;
}

static const char *
run(uint64_t seed, bool verbose, struct sim *s)
{
	struct packet *p;
	const char *why;
	uint64_t at, same = 0;

	begin(s, seed);
	s->verbose = verbose;
	while (s->wrong == NULL && s->now < LIMIT &&
	       !(s->end[0].closed && s->end[1].closed)) {
		at = next_time(s);
		if (at == UINT64_MAX)
			break;
		same = at <= s->now ? same + 1 : 0;
		if (same > 100000)
			s->wrong = "time stands still";
		s->now = at > s->now ? at : s->now;
		step(s);
	}
	why = verdict(s);
	while ((p = s->packets) != NULL) {
		s->packets = p->next;
		free(p);
	}
	tcp_free(s->end[0].t);
	tcp_free(s->end[1].t);
	return why;
}

int
main(int argc, char *argv[])
{
	uint64_t n = 200, first = 1, seed, c1;
	bool verbose = false, all = true;
	const char *why;
	static struct sim s;
	struct chance c;
	size_t i;
	int o;

	while ((o = getopt(argc, argv, "n:s:v")) != -1) {
		if (o == 'v')
			verbose = true;
		else if (o == '?' || parse_num(optarg, 1, UINT32_MAX,
					 o == 'n' ? &n : &first))
			return 2;
	}
	chance_seed(&c, 99);
	for (i = 0; i < STREAM; i++) {
		c1 = chance_u64(&c);
		stream[0][i] = (uint8_t)c1;
		stream[1][i] = (uint8_t)(c1 >> 8);
	}
	printf("1..%llu\n", (unsigned long long)n);
	for (seed = first; seed < first + n; seed++) {
		why = run(seed, verbose, &s);
		if (why != NULL)
			printf("# %s; again: %s -v -n 1 -s %llu\n", why,
			    argv[0], (unsigned long long)seed);
		printf("%sok %llu - seed %llu: %llu frames, %.1f s\n",
		    why == NULL ? "" : "not ",
		    (unsigned long long)(seed - first + 1),
		    (unsigned long long)seed, (unsigned long long)s.frames,
		    (double)(s.now - START) / 1e9);
		all = all && why == NULL;
	}
	return all ? 0 : 1;
}
