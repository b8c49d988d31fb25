/*
 * command.c - the lines of a script that are no segments: settings, what an
 * application does, and checks of what it sees.
 *
 *	app offer N | write N | shutdown | abort | nodelay | connect [BYTES] |
 *	    hold | read N | timer SECONDS | room N | pool-empty
 *	state NAME, closed HOW, opened N, closes N, received N, acked N, eof,
 *	timers N, cwnd SEGMENTS, ssthresh SEGMENTS, srtt TIME, rto TIME,
 *	bbr STATE, rate KB/S, deadline never, event NAME KEY=VALUE...,
 *	no-event NAME KEY=VALUE..., stat NAME N, waiting yes|no, ip ttl N,
 *	ip df yes|no
 *
 * Settings are the fields of struct tcp_config; "set quirk name@when:arg",
 * as -Q of tcpfsm has it, may be given more than once.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "tcp/cong/bbr.h"
#include "tcp/cong.h"
#include "tcp/quirk/quirk.h"
#include "tcp/tcp_inline.h"

struct tcb *
find_tcb(const struct run *r)
{
	struct conn *c;

	c = tcp_lookup(r->t, &r->us, OUR_PORT, &r->peer, PEER_PORT);
	return c != NULL && c->kind == CONN_TCB ? (struct tcb *)c : NULL;
}

/* pool_empty - others have all records of what is in flight */
static void
pool_empty(struct tcp *t)
{
	t->sents.max = 0;
}

static bool
connect_now(struct run *r, uint64_t n)
{
	static const struct mac gw = {{0x02, 0xaa, 0, 0, 0, 0x09}};

	struct tcb *tcb;

	r->acked = r->offered = 0;
	tcb = tcp_connect(
	    r->t, r->now, &r->us, OUR_PORT, &r->peer, PEER_PORT, &gw);
	if (tcb == NULL)
		return fail(r, "tcp_connect refuses");
	if (n > 0) /* before the SYN goes out: RFC 7413 */
		tcp_offer(tcb, r->offered = n);
	return true;
}

static void
read_bytes(struct run *r, struct tcb *tcb, uint32_t n)
{
	r->held -= n < r->held ? n : r->held;
	tcp_hold(tcb, r->held);
}

bool
app_command(struct run *r, struct tcb *tcb, const char *cmd)
{
	char word[32] = "", arg[64] = "";
	const char *p = arg;
	struct when w;
	uint64_t n;

	sscanf(cmd, "%31s %63s", word, arg);
	n = strtoull(arg, NULL, 0);
	if (strcmp(word, "room") == 0)
		r->room = n > 0 ? n : SIZE_MAX / 2;
	else if (strcmp(word, "hold") == 0)
		r->hold = true;
	else if (strcmp(word, "pool-empty") == 0)
		pool_empty(r->t);
	else if (strcmp(word, "connect") == 0)
		return connect_now(r, n);
	else if (tcb == NULL)
		return fail(r, "app %s: no connection", cmd);
	else if (strcmp(word, "offer") == 0)
		tcp_offer(tcb, r->offered = n);
	else if (strcmp(word, "write") == 0)
		tcp_offer(tcb, r->offered += n);
	else if (strcmp(word, "shutdown") == 0)
		tcp_shutdown(tcb);
	else if (strcmp(word, "nodelay") == 0)
		tcp_nodelay(tcb, true);
	else if (strcmp(word, "abort") == 0)
		tcp_abort(tcb, r->now);
	else if (strcmp(word, "read") == 0)
		read_bytes(r, tcb, (uint32_t)n);
	else if (strcmp(word, "timer") == 0 && when_parse(&p, &w) == 0)
		tcp_app_timer(tcb, r->now + w.lo);
	else
		return fail(r, "app %s: no such command", cmd);
	return true;
}

/* check_ip - "ttl N", "df yes": the IP header emitted last */
static bool
check_ip(struct run *r, const char *text)
{
	const uint8_t *p = r->last_ip;
	char got[32];

	if (strncmp(text, "ttl ", 4) == 0)
		snprintf(got, sizeof(got), "ttl %u", r->v6 ? p[7] : p[8]);
	else
		snprintf(got, sizeof(got), "df %s",
		    r->v6 || p[6] & 0x40 ? "yes" : "no");
	return strcmp(text, got) == 0 ||
	       fail(r, "expected: ip %s\n#   got:      ip %s", text, got);
}

/* ---- settings ---- */

/* fields of struct tcp_config */
struct field {
	const char *name;
	size_t at, size;
};

#define FIELD(f)                                                               \
	{                                                                      \
#f, offsetof(struct tcp_config, f),                            \
		    sizeof(((struct tcp_config *)0)->f)                        \
	}

static const struct field fields[] = {FIELD(mtu), FIELD(mss), FIELD(rcvbuf),
    FIELD(max_conns), FIELD(backlog), FIELD(fastopen_max), FIELD(reass_bytes),
    FIELD(frag_bytes), FIELD(no_listen), FIELD(quiet), FIELD(no_ecn),
    FIELD(ask_ecn), FIELD(no_accecn), FIELD(ask_accecn), FIELD(fastopen),
    FIELD(ts_optional), FIELD(path_cache), FIELD(no_sack), FIELD(no_timestamps),
    FIELD(no_wscale), FIELD(like_linux), FIELD(trust_cksum), FIELD(dscp),
    FIELD(ttl)};

static bool
set_field(struct tcp_config *c, const char *name, uint64_t n)
{
	size_t i;
	void *p;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(name, fields[i].name) != 0)
			continue;
		p = (char *)c + fields[i].at;
		if (fields[i].size == sizeof(uint64_t))
			*(uint64_t *)p = n;
		else if (fields[i].size == sizeof(uint32_t))
			*(uint32_t *)p = (uint32_t)n;
		else if (fields[i].size == sizeof(uint16_t))
			*(uint16_t *)p = (uint16_t)n;
		else /* a bool, too */
			*(uint8_t *)p = (uint8_t)n;
		return true;
	}
	return false;
}

static bool
set_number(struct run *r, const char *name, uint64_t n)
{
	struct tcp_config *c = &r->cfg;

	if (set_field(c, name, n))
		return true;
	if (strcmp(name, "port") == 0)
		c->port[c->nports++] = (uint16_t)n;
	else if (strcmp(name, "want_data") == 0)
		r->app.want_data = n != 0;
	else if (strcmp(name, "ip") == 0)
		r->v6 = n == 6;
	else if (strcmp(name, "iss") == 0)
		r->iss = (uint32_t)n;
	else if (strcmp(name, "irs") == 0)
		r->flows[MAX_FLOWS].irs = (uint32_t)n;
	else
		return fail(r, "set %s: no such setting", name);
	return true;
}

static bool
set_quirk(struct run *r, const char *text)
{
	if (r->cfg.nquirks == TCP_MAXQUIRKS ||
	    quirk_parse(text, &r->cfg.quirk[r->cfg.nquirks]) != QUIRK_OK)
		return fail(r, "set quirk %s: no such quirk", text);
	r->cfg.hooks = &tcp_quirks;
	r->cfg.nquirks++;
	r->flows[MAX_FLOWS].checks &= ~(CHECK_EDGE | CHECK_DATA);
	return true;
}

bool
run_set(struct run *r, const char *name, const char *value)
{
	struct tcp_config *c = &r->cfg;
	const char *p = value;
	struct when w = {0};
	uint64_t ns;

	when_parse(&p, &w);
	ns = w.lo;
	if (strcmp(name, "min_rto") == 0)
		c->min_rto = ns;
	else if (strcmp(name, "msl") == 0)
		c->msl = ns;
	else if (strcmp(name, "user_timeout") == 0)
		c->user_timeout = ns;
	else if (strcmp(name, "keepalive") == 0)
		c->keepalive = ns;
	else if (strcmp(name, "fin_wait_2") == 0)
		c->fin_wait_2 = ns;
	else if (strcmp(name, "quirk") == 0)
		return set_quirk(r, value);
	else if (strcmp(name, "cong") == 0)
		return (c->cong = tcp_cong_find(value)) != NULL;
	else
		return set_number(r, name, strtoull(value, NULL, 0));
	return true;
}

bool
run_on(struct run *r, const char *event, const char *command)
{
	if (r->nreactions == MAX_REACTIONS)
		return fail(r, "too many reactions");
	snprintf(r->reaction[r->nreactions].event, 16, "%s", event);
	snprintf(r->reaction[r->nreactions++].command, 100, "%s", command);
	return true;
}

/* ---- checks ---- */

static const char *
state_name(const struct run *r)
{
	struct conn *c;

	c = tcp_lookup(r->t, &r->us, OUR_PORT, &r->peer, PEER_PORT);
	if (c == NULL)
		return "CLOSED";
	if (c->kind == CONN_TIME_WAIT)
		return "TIME-WAIT";
	return tcp_state_name((enum tcp_state)c->state);
}

static bool
check_text(struct run *r, const char *name, const char *want, const char *got)
{
	return strcmp(want, got) == 0 ||
	       fail(r, "expected: %s %s\n#   got:      %s %s", name, want, name,
		   got);
}

static bool
check_number(struct run *r, const char *name, const char *want, uint64_t got)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)got);
	return check_text(r, name, want, text);
}

/* check_span - a time to the millisecond */
static bool
check_span(struct run *r, const char *name, const char *want, uint64_t got)
{
	uint64_t ns = 0, diff;
	struct when w = {0};
	const char *p = want;

	if (when_parse(&p, &w) == 0)
		ns = w.lo;
	diff = ns > got ? ns - got : got - ns;
	return diff < 1000000 ||
	       fail(r, "expected: %s %s\n#   got:      %s %.6f", name, want,
		   name, (double)got / 1e9);
}

static bool
event_matches(const char *event, const char *want)
{
	char buf[200], key[202], *word, *save = NULL;

	snprintf(buf, sizeof(buf), "%s", want);
	word = strtok_r(buf, " ", &save);
	if (word == NULL || strncmp(event, word, strlen(word)) != 0)
		return false;
	while ((word = strtok_r(NULL, " ", &save)) != NULL) {
		snprintf(key, sizeof(key), " %s ", word);
		if (strstr(event, key) == NULL)
			return false;
	}
	return true;
}

static bool
check_event(struct run *r, const char *want, bool wanted)
{
	int i;

	for (i = r->seen; i < r->nevents; i++) {
		if (!event_matches(r->events[i], want))
			continue;
		r->seen = i + 1;
		return wanted ||
		       fail(r, "expected: no-event %s\n#   got:      event %s",
			   want, r->events[i]);
	}
	return !wanted ||
	       fail(r, "expected: event %s\n#   got:      none", want);
}

static const char *
bbr_state(const struct tcb *tcb)
{
	static const char *const name[] = {
	    [BBR_STARTUP] = "startup",
	    [BBR_DRAIN] = "drain",
	    [BBR_DOWN] = "down",
	    [BBR_CRUISE] = "cruise",
	    [BBR_REFILL] = "refill",
	    [BBR_UP] = "up",
	    [BBR_PROBE_RTT] = "probe-rtt",
	};

	return tcb->pace != NULL ? name[bbr_of(tcb)->state] : "none";
}

static bool
check_tcb(struct run *r, const char *word, const char *arg)
{
	struct tcb *tcb = find_tcb(r);

	if (tcb == NULL)
		return fail(r, "%s: no connection", word);
	if (strcmp(word, "cwnd") == 0)
		return check_number(r, word, arg, tcb->cwnd / tcp_eff_mss(tcb));
	if (strcmp(word, "ssthresh") == 0)
		return check_number(
		    r, word, arg, tcb->ssthresh / tcp_eff_mss(tcb));
	if (strcmp(word, "bbr") == 0)
		return check_text(r, word, arg, bbr_state(tcb));
	if (strcmp(word, "rate") == 0)
		return check_number(r, word, arg,
		    tcb->pace != NULL ? tcb->pace->pacing_rate / 1000 : 0);
	if (strcmp(word, "srtt") == 0)
		return check_span(r, word, arg, tcp_srtt(tcb));
	if (strcmp(word, "rto") == 0)
		return check_span(r, word, arg, tcp_rto(tcb));
	return fail(r, "%s: no such command", word);
}

static bool
check_stat(struct run *r, const char *arg)
{
	const struct tcp_stats *s = tcp_stats(r->t);
	char name[32] = "", want[32] = "";

	sscanf(arg, "%31s %31s", name, want);
	if (strcmp(name, "foreign") == 0)
		return check_number(r, name, want, s->foreign);
	if (strcmp(name, "dropped") == 0)
		return check_number(r, name, want, s->dropped);
	if (strcmp(name, "conns") == 0)
		return check_number(r, name, want, s->conns);
	if (strcmp(name, "time_waits") == 0)
		return check_number(r, name, want, s->time_waits);
	if (strcmp(name, "retransmits") == 0)
		return check_number(r, name, want, s->retransmits);
	return fail(r, "stat %s: no such number", name);
}

static bool
check(struct run *r, const char *word, const char *arg)
{
	if (strcmp(word, "state") == 0)
		return check_text(r, word, arg, state_name(r));
	if (strcmp(word, "closed") == 0)
		return check_text(r, word, arg, r->closed);
	if (strcmp(word, "opened") == 0)
		return check_number(r, word, arg, r->opened);
	if (strcmp(word, "closes") == 0)
		return check_number(r, word, arg, r->closes);
	if (strcmp(word, "received") == 0)
		return check_number(r, word, arg, r->received);
	if (strcmp(word, "acked") == 0)
		return check_number(r, word, arg, r->acked);
	if (strcmp(word, "timers") == 0)
		return check_number(r, word, arg, r->timers);
	if (strcmp(word, "eof") == 0)
		return check_text(r, word, arg, r->eof ? "yes" : "no");
	if (strcmp(word, "waiting") == 0)
		return check_text(r, word, arg, r->waiting ? "yes" : "no");
	if (strcmp(word, "deadline") == 0)
		return check_text(r, word, arg,
		    tcp_deadline(r->t) == UINT64_MAX ? "never" : "set");
	if (strcmp(word, "event") == 0)
		return check_event(r, arg, true);
	if (strcmp(word, "no-event") == 0)
		return check_event(r, arg, false);
	if (strcmp(word, "ip") == 0)
		return check_ip(r, arg);
	if (strcmp(word, "stat") == 0)
		return check_stat(r, arg);
	return check_tcb(r, word, arg);
}

bool
run_command(struct run *r, const struct when *w, const char *text)
{
	char word[32] = "";
	const char *arg;

	if (!move_to(r, w))
		return false;
	sscanf(text, "%31s", word);
	arg = text + strlen(word);
	arg += strspn(arg, " \t");
	if (strcmp(word, "app") != 0)
		return check(r, word, arg);
	if (!app_command(r, find_tcb(r), arg))
		return false;
	return run_flush(r);
}
