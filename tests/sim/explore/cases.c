/*
 * cases.c - the conversations: every way to open and to close, up to five or 14
 * segments each way, every combination of options. Their order is mixed, so
 * that the first thousand have some of each.
 */
#include <stdio.h>
#include <string.h>

#include "explore.h"
#include "wire/parse.h"

enum { SEGMENT = 524, STRIDE = 76801 };

/* the digits of a case's number, the least significant first */
static const struct digit {
	const char *name[7];
	unsigned n;
} digit[] = {
    {{"timers on time", "timers called early"}, 2},
    {{"honest", "hostile"}, 2},
    {{"0", "1", "2", "3", "4", "5", "14"}, 7},
    {{"0", "1", "2", "3", "4", "5", "14"}, 7},
    {{"client closes", "server closes", "both close", "both close later"}, 4},
    {{"ordinary open", "simultaneous open", "Fast Open"}, 3},
    {{"open window", "zero window"}, 2},
    {{"SACK", "no SACK"}, 2},
    {{"timestamps", "no timestamps"}, 2},
    {{"scale", "no scale"}, 2},
    {{"no ECN", "ECN", "AccECN"}, 3},
    {{"cubic", "reno", "bbr"}, 3},
    {{"both", "the client alone", "the server alone"}, 3},
};

enum {
	EAGER,
	HOSTILE,
	CLIENT_SENDS,
	SERVER_SENDS,
	CLOSE,
	OPEN,
	WINDOW,
	NO_SACK,
	NO_TS,
	NO_SCALE,
	ECN,
	CONTROL,
	LACKS, /* who has no SACK, timestamps, scale */
	DIGITS
};

uint64_t
cases(void)
{
	uint64_t n = 1;
	int i;

	for (i = 0; i < DIGITS; i++)
		n *= digit[i].n;
	return n;
}

static void
split(uint64_t n, unsigned *v, char *text, size_t size)
{
	int i, len = 0;

	n = n % 4 + (n / 4 * STRIDE) % (cases() / 4) * 4;
	for (i = 0; i < DIGITS; i++) {
		v[i] = (unsigned)(n % digit[i].n);
		n /= digit[i].n;
	}
	len = snprintf(text, size, "%s and %s segments",
	    digit[CLIENT_SENDS].name[v[CLIENT_SENDS]],
	    digit[SERVER_SENDS].name[v[SERVER_SENDS]]);
	for (i = CLOSE; i < LACKS; i++)
		len += snprintf(text + len, size - (size_t)len, ", %s",
		    digit[i].name[v[i]]);
	if (v[LACKS] > 0)
		len += snprintf(text + len, size - (size_t)len, " (%s)",
		    digit[LACKS].name[v[LACKS]]);
	for (i = EAGER; i <= HOSTILE; i++) {
		if (v[i])
			len += snprintf(text + len, size - (size_t)len, ", %s",
			    digit[i].name[1]);
	}
}

/* is_idle - nothing is said for longer than keep-alives allow a dead peer */
static bool
is_idle(const unsigned *v)
{
	return v[CLOSE] == 3 && v[CONTROL] == 1;
}

static void
plan_end(struct sim *s, int who, const unsigned *v)
{
	static const struct tcp_cong *const control[] = {
	    &tcp_cubic, &tcp_reno, &tcp_bbr};
	struct end *e = &s->end[who];
	struct tcp_config *c = &e->cfg;
	bool lacks = v[LACKS] != (who == CLIENT ? 2 : 1);

	e->sim = s;
	e->who = who;
	e->room = SIZE_MAX / 2;
	tcp_defaults(c);
	c->seed = (uint64_t)who + 1;
	c->no_listen = who == CLIENT;
	c->cong = control[v[CONTROL]];
	c->mtu = 576;
	c->max_conns = 16;
	c->backlog = 8;
	c->frag_bytes = 1 << 14;
	c->rcvbuf = v[WINDOW] ? 1000 : 200000;
	c->no_sack = lacks && v[NO_SACK];
	c->no_timestamps = lacks && v[NO_TS];
	c->no_wscale = lacks && v[NO_SCALE];
	c->no_ecn = v[ECN] == 0;
	c->ask_ecn = v[ECN] == 1;
	c->ask_accecn = v[ECN] == 2;
	c->fastopen = v[OPEN] == 2;
	c->user_timeout = c->fin_wait_2 = 900 * NS_PER_SEC;
	/* of one alone: its probes have to be answered */
	if (is_idle(v) && who == (v[WINDOW] ? CLIENT : SERVER))
		c->keepalive = 20 * NS_PER_SEC;
	parse_addr(who == CLIENT ? "10.0.0.9" : "10.0.0.5", &e->addr);
	mac_of_phantom(&e->addr, &e->mac);
}

static void
plan_side(struct sim *s, struct call *c, int who)
{
	struct side *d = &c->side[who];

	d->call = c;
	d->end = &s->end[who];
	d->read_at = d->write_at = d->close_at = d->abort_at = NEVER;
	d->abort_after = NEVER;
	d->w.ack_due = NEVER;
	d->w.wscale = -1;
	d->chunk = MAX_TOTAL;
	d->nodelay = true;
	d->stall_at = UINT32_MAX;
	d->rule = CLOSE_AFTER_EOF;
}

static void
plan_call(struct sim *s, int i)
{
	struct call *c = &s->call[i];

	c->no = i;
	c->port = (uint16_t)(CLIENT_PORT + i);
	c->after = i - 1;
	c->at = s->now;
	c->other_at = NEVER;
	plan_side(s, c, CLIENT);
	plan_side(s, c, SERVER);
	c->side[CLIENT].rule = CLOSE_AT_ONCE;
}

/* segments - the last is more than the first cwnd */
static unsigned
segments(unsigned n)
{
	return n == 6 ? 14 : n;
}

/* plan_last - the call that counts */
static void
plan_last(struct sim *s, const unsigned *v)
{
	struct call *c = &s->call[s->calls - 1];
	struct side *client = &c->side[CLIENT], *server = &c->side[SERVER];
	int i;

	client->total = segments(v[CLIENT_SENDS]) * SEGMENT;
	server->total = segments(v[SERVER_SENDS]) * SEGMENT;
	client->early = v[OPEN] == 2;
	if (v[OPEN] == 1) {
		c->crossed = true;
		c->other_at = c->at;
	}
	if (v[CLOSE] == 1)
		client->rule = CLOSE_AFTER_EOF;
	if (v[CLOSE] == 1 || v[CLOSE] == 2)
		server->rule = CLOSE_AT_ONCE;
	for (i = 0; i < 2; i++) {
		if (v[WINDOW]) {
			c->side[i].stall_at = 1;
			c->side[i].stall = 400 * NS_PER_MS;
		}
		if (v[CLOSE] == 3) {
			c->side[i].rule = CLOSE_LATER;
			c->side[i].close_after = is_idle(v) ? 250 * NS_PER_SEC
							    : 100 * NS_PER_MS;
		}
	}
}

void
case_plan(struct sim *s, uint64_t n, bool *hostile, bool *eager, char *text,
    size_t size)
{
	unsigned v[DIGITS];
	int i;

	memset(s, 0, sizeof(*s));
	split(n, v, text, size);
	*hostile = v[HOSTILE];
	*eager = v[EAGER];
	s->now = START;
	s->death_at = s->rebirth_at = s->attack_at = NEVER;
	plan_end(s, CLIENT, v);
	plan_end(s, SERVER, v);
	/* a cookie is had from an earlier call */
	s->calls = v[OPEN] == 2 ? 2 : 1;
	for (i = 0; i < s->calls; i++)
		plan_call(s, i);
	plan_last(s, v);
}
