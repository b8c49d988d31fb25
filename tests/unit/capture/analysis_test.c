/* analysis_test.c - small conversations, and what their segments are */
#include "capture/analysis.h"
#include "tap.h"
#include "wire/parse.h"

enum { MOST = 16 };

#define ISN_A UINT32_C(0xfffffffe)
#define ISN_B UINT32_C(7)

/* a conversation: numbers are relative to each end's SYN */
struct talk {
	struct tcpseg s[MOST];
	struct tcpseg_list list;
	struct conns conns;
	const char *client, *server;
	uint64_t now;
};

static void
begin(struct talk *t, bool v6)
{
	memset(t, 0, sizeof(*t));
	t->list.s = t->s;
	t->client = v6 ? "fd00::9" : "10.0.0.9";
	t->server = v6 ? "fd00::5" : "10.0.0.5";
	t->now = UINT64_C(1763640000000000000);
}

/* sends - the client, or the server; ms later than before */
static void
sends(struct talk *t, int from, uint16_t flags, uint32_t seq, uint32_t ack,
    uint32_t len, unsigned ms)
{
	struct tcpseg *s = &t->s[t->list.n];

	t->now += ms * UINT64_C(1000000);
	*s = (struct tcpseg){.time = t->now,
	    .no = t->list.n++,
	    .seq = seq + (from ? ISN_B : ISN_A),
	    .ack = flags & TH_ACK ? ack + (from ? ISN_A : ISN_B) : 0,
	    .len = len,
	    .wnd = 60000,
	    .flags = flags};
	parse_addr(from ? t->server : t->client, &s->src.addr);
	parse_addr(from ? t->client : t->server, &s->dst.addr);
	s->src.port = from ? 80 : 40000;
	s->dst.port = from ? 40000 : 80;
}

static void
handshake(struct talk *t)
{
	sends(t, 0, TH_SYN, 0, 0, 0, 0);
	sends(t, 1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	sends(t, 0, TH_ACK, 1, 1, 0, 10);
}

static const struct row *
row(struct talk *t, uint32_t i)
{
	if (t->conns.conn == NULL)
		conns_make(&t->conns, &t->list);
	return t->conns.conn[0].row[i];
}

static bool
states(const struct row *r, enum end_state left, enum end_state right)
{
	return r->state[LEFT] == left && r->state[RIGHT] == right;
}

static void
openings(bool v6)
{
	struct talk t;

	begin(&t, v6);
	sends(&t, 0, TH_SYN, 0, 0, 0, 0);
	sends(&t, 1, TH_RST | TH_ACK, 0, 1, 0, 1);
	check(states(row(&t, 0), ST_SYN_SENT, ST_CLOSED) &&
		  states(row(&t, 1), ST_CLOSED, ST_CLOSED) &&
		  t.conns.conn[0].ending == END_REFUSED &&
		  t.conns.conn[0].closer == RIGHT,
	    "a refused SYN: the server stays CLOSED");
	conns_free(&t.conns);

	begin(&t, v6);
	sends(&t, 0, TH_SYN, 0, 0, 0, 0);
	sends(&t, 1, TH_ACK, 500, 900, 0, 1);
	sends(&t, 0, TH_RST, 900, 0, 0, 1);
	sends(&t, 0, TH_SYN, 0, 0, 0, 1000);
	sends(&t, 1, TH_SYN | TH_ACK, 700, 1, 0, 1);
	sends(&t, 0, TH_ACK, 1, 701, 0, 1);
	check(row(&t, 2)->state[LEFT] == ST_SYN_SENT &&
		  row(&t, 5)->state[LEFT] == ST_ESTABLISHED &&
		  t.conns.conn[0].ending == END_OPEN,
	    "a reset of an old connection: SYN-SENT, RFC 9293 figure 9");
	conns_free(&t.conns);

	begin(&t, v6);
	sends(&t, 0, TH_SYN, 0, 0, 0, 0);
	sends(&t, 0, TH_SYN, 0, 0, 0, 1000);
	check((row(&t, 0)->marks & MARK_LOST) &&
		  (row(&t, 1)->marks & MARK_NO_ANSWER) &&
		  states(row(&t, 1), ST_SYN_SENT, ST_NONE) &&
		  t.conns.conn[0].ending == END_NO_ANSWER,
	    "an unanswered SYN: the other state is not known");
	conns_free(&t.conns);

	begin(&t, v6);
	sends(&t, 0, TH_SYN, 0, 0, 0, 0);
	sends(&t, 1, TH_SYN, 0, 0, 0, 1);
	sends(&t, 0, TH_SYN | TH_ACK, 0, 1, 0, 10);
	sends(&t, 1, TH_SYN | TH_ACK, 0, 1, 0, 1);
	check(states(row(&t, 0), ST_SYN_SENT, ST_NONE) &&
		  states(row(&t, 1), ST_SYN_RECEIVED, ST_SYN_SENT) &&
		  states(row(&t, 2), ST_SYN_RECEIVED, ST_SYN_RECEIVED) &&
		  states(row(&t, 3), ST_ESTABLISHED, ST_ESTABLISHED) &&
		  !(row(&t, 2)->marks & (MARK_AGAIN | MARK_LOST)),
	    "SYNs that cross: RFC 9293 figure 8, nothing lost");
	conns_free(&t.conns);
}

static bool
seems(const struct row *r, bool left, bool right)
{
	return r->seems[LEFT] == left && r->seems[RIGHT] == right;
}

/* doubts - what is sure of the states, and what is not */
static void
doubts(bool v6)
{
	struct talk t;

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(&t, 1, TH_FIN | TH_ACK, 1, 2, 0, 500);
	sends(&t, 0, TH_ACK, 2, 2, 0, 10);
	check(seems(row(&t, 3), false, true) &&
		  states(row(&t, 4), ST_TIME_WAIT, ST_LAST_ACK) &&
		  seems(row(&t, 4), false, true) &&
		  states(row(&t, 5), ST_TIME_WAIT, ST_CLOSED) &&
		  seems(row(&t, 5), false, true),
	    "a FIN for a FIN, late: was it the first? LAST-ACK?");
	conns_free(&t.conns);

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(&t, 1, TH_ACK, 1, 2, 0, 10);
	sends(&t, 1, TH_FIN | TH_ACK, 1, 2, 0, 500);
	sends(&t, 0, TH_ACK, 2, 2, 0, 10);
	check(states(row(&t, 5), ST_TIME_WAIT, ST_LAST_ACK) &&
		  seems(row(&t, 3), false, false) &&
		  seems(row(&t, 4), false, false) &&
		  seems(row(&t, 5), false, false) &&
		  seems(row(&t, 6), false, false),
	    "an ACK between them shows that it was");
	conns_free(&t.conns);

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(&t, 1, TH_ACK, 2, 1, 0, 1);
	sends(&t, 1, TH_FIN | TH_ACK, 1, 2, 0, 10);
	sends(&t, 0, TH_ACK, 2, 2, 0, 10);
	check(row(&t, 4)->state[RIGHT] == ST_FIN_WAIT_1 &&
		  states(row(&t, 6), ST_TIME_WAIT, ST_TIME_WAIT),
	    "an ACK behind its FIN: that was sent, and not captured");
	conns_free(&t.conns);

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(&t, 1, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(&t, 0, TH_ACK, 2, 2, 0, 10);
	sends(&t, 1, TH_ACK, 2, 2, 0, 10);
	check(states(row(&t, 5), ST_CLOSING, ST_CLOSING) &&
		  states(row(&t, 6), ST_TIME_WAIT, ST_TIME_WAIT),
	    "FINs that cross");
	conns_free(&t.conns);
}

/* cuts - resets, and what began before the capture */
static void
cuts(bool v6)
{
	struct talk t;

	begin(&t, v6);
	handshake(&t);
	sends(&t, 1, TH_ACK, 1, 1, 100, 10);
	sends(&t, 0, TH_RST | TH_ACK, 50, 101, 0, 10);
	check(states(row(&t, 4), ST_CLOSED, ST_CLOSED) &&
		  seems(row(&t, 4), false, true),
	    "a reset beyond what was acknowledged: CLOSED? (RFC 5961)");
	conns_free(&t.conns);

	begin(&t, v6);
	handshake(&t);
	sends(&t, 1, TH_ACK, 1, 1, 100, 10);
	sends(&t, 0, TH_RST | TH_ACK, 50, 101, 0, 10);
	sends(&t, 1, TH_ACK, 101, 1, 0, 10);
	check(row(&t, 4)->state[RIGHT] == ST_ESTABLISHED,
	    "which is asked about: not taken");
	conns_free(&t.conns);

	begin(&t, v6);
	sends(&t, 0, TH_ACK, 1, 1, 10, 0);
	sends(&t, 1, TH_ACK, 1, 11, 10, 10);
	check(states(row(&t, 1), ST_ESTABLISHED, ST_ESTABLISHED) &&
		  seems(row(&t, 1), true, true),
	    "without its SYN: ESTABLISHED?");
	conns_free(&t.conns);
}

/* with_ts - the latest segment has these timestamps */
static void
with_ts(struct talk *t, uint32_t val, uint32_t ecr)
{
	struct tcp_opts *o = &t->s[t->list.n - 1].opt;

	o->have_ts = true;
	o->tsval = val;
	o->tsecr = ecr;
}

/* hole - 11:21 is sent, and once more; the answer to that comes after ms */
static void
hole(struct talk *t, bool v6, unsigned ms)
{
	begin(t, v6);
	handshake(t);
	t->s[0].opt.sack_ok = t->s[1].opt.sack_ok = true;
	sends(t, 0, TH_ACK, 1, 1, 10, 10);
	sends(t, 1, TH_ACK, 1, 11, 0, 10);
	sends(t, 0, TH_ACK, 11, 1, 10, 10);
	with_ts(t, 100, 1);
	sends(t, 0, TH_ACK, 21, 1, 10, 5);
	with_ts(t, 105, 1);
	sends(t, 1, TH_ACK, 1, 11, 0, 10);
	sends(t, 0, TH_ACK, 11, 1, 10, 200);
	with_ts(t, 320, 1);
	sends(t, 1, TH_ACK, 1, 31, 0, ms);
	with_ts(t, 900, 320);
}

/* losses - without identifications a prompt answer shows them */
static void
losses(bool v6)
{
	struct talk t;

	hole(&t, v6, 10);
	check((row(&t, 5)->marks & (MARK_LOST | MARK_MAYBE)) == MARK_LOST,
	    "the answer comes at once, and tells of nothing twice: lost");
	conns_free(&t.conns);
	hole(&t, v6, 30);
	check((row(&t, 5)->marks & (MARK_LOST | MARK_MAYBE)) ==
		  (MARK_LOST | MARK_MAYBE),
	    "it comes later, another may have been lost: lost?");
	conns_free(&t.conns);
}

/* late - SYNs that others overtook, and a server that forgets them */
static void
late(bool v6)
{
	struct talk t;

	begin(&t, v6);
	sends(&t, 0, TH_SYN, 0, 0, 0, 0);
	sends(&t, 1, TH_ACK, 1, 1, 100, 10);
	sends(&t, 1, TH_SYN | TH_ACK, 0, 1, 0, 1);
	sends(&t, 0, TH_ACK, 1, 101, 0, 10);
	check(row(&t, 1)->seg->seq == 1 && row(&t, 3)->seg->ack == 101 &&
		  (row(&t, 2)->marks & MARK_LATE) && t.conns.n == 1,
	    "data that overtakes its SYN-ACK: numbers count from that");
	conns_free(&t.conns);

	begin(&t, v6);
	sends(&t, 0, TH_SYN, 0, 0, 0, 0);
	sends(&t, 1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	sends(&t, 0, TH_SYN, 0, 0, 0, 1000);
	sends(&t, 1, TH_SYN | TH_ACK, 70000, 1, 0, 10);
	sends(&t, 0, TH_ACK, 1, 70001, 0, 10);
	check((row(&t, 2)->marks & MARK_AGAIN) && t.conns.n == 1 &&
		  row(&t, 4)->seg->ack == 1,
	    "a SYN answered by another number: one connection");
	conns_free(&t.conns);

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_SYN, 5000000, 0, 0, 1000);
	sends(&t, 1, TH_SYN | TH_ACK, 5000000, 5000001, 0, 10);
	sends(&t, 0, TH_SYN, 0, 0, 0, 10);
	check(row(&t, 3)->marks & MARK_AGAIN && t.conns.n == 2 &&
		  t.conns.conn[1].rows == 2,
	    "a SYN of the connection before comes late");
	conns_free(&t.conns);
}

static void
endings(bool v6)
{
	struct talk t;

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_FIN | TH_ACK, 1, 1, 0, 10);
	sends(&t, 1, TH_FIN | TH_ACK, 1, 2, 0, 10);
	sends(&t, 0, TH_ACK, 2, 2, 0, 10);
	sends(&t, 1, TH_RST, 2, 0, 0, 10);
	check(states(row(&t, 6), ST_TIME_WAIT, ST_CLOSED) &&
		  t.conns.conn[0].ending == END_FIN,
	    "a reset in TIME-WAIT: it goes on, RFC 1337");
	conns_free(&t.conns);

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_FIN | TH_ACK, 1, 1, 0, 10);
	sends(&t, 1, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(&t, 0, TH_ACK, 2, 2, 0, 10);
	sends(&t, 1, TH_ACK, 2, 2, 0, 1);
	check(states(row(&t, 3), ST_FIN_WAIT_1, ST_ESTABLISHED) &&
		  states(row(&t, 4), ST_CLOSING, ST_FIN_WAIT_1) &&
		  states(row(&t, 5), ST_CLOSING, ST_CLOSING) &&
		  states(row(&t, 6), ST_TIME_WAIT, ST_TIME_WAIT),
	    "FINs that cross: RFC 9293 figure 13");
	conns_free(&t.conns);

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_FIN | TH_ACK, 1, 1, 0, 10);
	sends(&t, 1, TH_ACK, 1, 2, 500, 10);
	check(states(row(&t, 4), ST_FIN_WAIT_2, ST_CLOSE_WAIT) &&
		  t.conns.conn[0].ending == END_HALF,
	    "a half-close: the other end goes on");
	conns_free(&t.conns);
}

/* stamp - identification and timestamps of the latest segment */
static void
stamp(struct talk *t, uint32_t id, uint32_t tsval, uint32_t tsecr)
{
	struct tcpseg *s = &t->s[t->list.n - 1];

	s->ip_id = id;
	s->opt.have_ts = s->opt.sack_ok = true;
	s->opt.tsval = tsval;
	s->opt.tsecr = tsecr;
}

/* all: no acknowledgment of the server is missing in between */
static void
lost_for_sure(bool v6, bool all)
{
	struct talk t;

	begin(&t, v6);
	sends(&t, 0, TH_SYN, 0, 0, 0, 0);
	stamp(&t, 1, 100, 0);
	sends(&t, 1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	stamp(&t, 50, 7, 100);
	sends(&t, 0, TH_ACK, 1, 1, 100, 10);
	stamp(&t, 2, 120, 7);
	sends(&t, 0, TH_ACK, 1, 1, 100, 300);
	stamp(&t, 3, 420, 7);
	sends(&t, 1, TH_ACK, 1, 101, 0, 10);
	stamp(&t, all ? 51 : 52, 300, 420);
	check((row(&t, 2)->marks & MARK_LOST) &&
		  !(row(&t, 2)->marks & MARK_MAYBE) == all,
	    all ? "lost, or it would have been told that it came twice"
		: "perhaps lost: what tells the opposite may be, too");
	conns_free(&t.conns);
}

static void
random_ids(bool v6)
{
	struct talk t;

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_ACK, 1, 1, 100, 10);
	stamp(&t, 0xa641, 7, 7);
	sends(&t, 0, TH_ACK, 1, 1, 100, 0);
	stamp(&t, 0xfdb6, 7, 7);
	sends(&t, 0, TH_ACK, 1, 1, 100, 0);
	stamp(&t, 0xfdb6, 7, 7);
	check((row(&t, 4)->marks & MARK_AGAIN) &&
		  !(row(&t, 4)->marks & MARK_TWICE) &&
		  (row(&t, 5)->marks & MARK_TWICE),
	    "another identification, though none counts up: no copy");
	conns_free(&t.conns);
}

/* echoed - alone: nothing else was sent with the timestamp that returns */
static void
echoed(bool v6, bool alone)
{
	struct talk t;

	begin(&t, v6);
	sends(&t, 0, TH_SYN, 0, 0, 0, 0);
	stamp(&t, 0, 100, 0);
	sends(&t, 1, TH_SYN | TH_ACK, 0, 1, 0, 20);
	stamp(&t, 0, 7, 100);
	sends(&t, 0, TH_ACK, 1, 1, 100, 10);
	stamp(&t, 0, 120, 7);
	sends(&t, 1, TH_ACK, 1, 101, 0, 20);
	stamp(&t, 0, 30, 120);
	sends(&t, 0, TH_ACK, 101, 1, 100, 10);
	stamp(&t, 0, 140, 30);
	sends(&t, 0, TH_ACK, 101, 1, 100, 300);
	stamp(&t, 0, 440, 30);
	if (!alone) {
		sends(&t, 0, TH_ACK, 201, 1, 100, 2);
		stamp(&t, 0, 440, 30);
	}
	sends(&t, 1, TH_ACK, 1, 201, 0, 30);
	stamp(&t, 0, 330, 440);
	check((row(&t, 4)->marks & MARK_LOST) &&
		  !(row(&t, 4)->marks & MARK_MAYBE) == alone,
	    alone ? "the timestamp that returns shows a loss"
		  : "not if something else was sent with it");
	conns_free(&t.conns);
}

static void
on_another_link(bool v6)
{
	struct talk t;

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_ACK, 1, 1, 100, 10);
	t.s[4] = t.s[3];
	t.s[4].no = t.list.n++;
	t.s[4].mac[0] = 2;
	t.s[4].link = 101;
	check((row(&t, 4)->marks & MARK_ELSEWHERE) &&
		  !(row(&t, 3)->marks & MARK_LOST) &&
		  t.conns.conn[0].end[0].twice == 0 &&
		  t.conns.conn[0].end[0].elsewhere == 1,
	    "the same packet on a link of another type");
	conns_free(&t.conns);
}

static void
transmissions(bool v6)
{
	struct talk t;

	begin(&t, v6);
	handshake(&t);
	sends(&t, 1, TH_ACK, 1, 1, 1000, 10);
	sends(&t, 0, TH_ACK, 1, 1001, 0, 10);
	sends(&t, 1, TH_ACK, 1, 1, 1000, 200);
	check((row(&t, 5)->marks & (MARK_AGAIN | MARK_NEEDLESS)) ==
		      (MARK_AGAIN | MARK_NEEDLESS) &&
		  !(row(&t, 3)->marks & MARK_LOST),
	    "retransmitted behind its ACK: needless, nothing lost");
	conns_free(&t.conns);

	lost_for_sure(v6, true);
	lost_for_sure(v6, false);
	random_ids(v6);
	echoed(v6, true);
	echoed(v6, false);
	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_ACK, 1, 1, 3000, 10);
	sends(&t, 0, TH_ACK, 1001, 1, 1000, 300);
	sends(&t, 1, TH_ACK, 1, 3001, 0, 10);
	check((row(&t, 3)->marks & MARK_PARTLY) && row(&t, 3)->lost == 1000 &&
		  (row(&t, 4)->marks & MARK_AGAIN),
	    "a part of a super-frame, across the wrap of the numbers");
	conns_free(&t.conns);

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_ACK, 1, 1, 100, 10);
	t.s[4] = t.s[3];
	t.s[4].no = t.list.n++;
	t.s[4].time += 1000;
	check((row(&t, 4)->marks & MARK_TWICE) &&
		  !(row(&t, 3)->marks & MARK_LOST),
	    "the same packet twice");
	conns_free(&t.conns);

	on_another_link(v6);

	begin(&t, v6);
	handshake(&t);
	sends(&t, 0, TH_ACK, 1, 1, 10, 10);
	sends(&t, 1, TH_ACK, 1, 11, 0, 10);
	sends(&t, 0, TH_ACK, 10, 1, 0, 10000);
	sends(&t, 1, TH_ACK, 1, 11, 0, 10);
	sends(&t, 0, TH_ACK, 10, 1, 1, 10000);
	sends(&t, 1, TH_ACK, 1, 11, 0, 10);
	check((row(&t, 5)->marks & MARK_KEEPALIVE) &&
		  (row(&t, 6)->marks & MARK_ALIVE) &&
		  (row(&t, 7)->marks & MARK_KEEPALIVE) &&
		  (row(&t, 8)->marks & MARK_ALIVE) &&
		  t.conns.conn[0].end[LEFT].again == 0,
	    "keep-alives with no byte and with one");
	conns_free(&t.conns);
}

int
main(void)
{
	int v6;

	for (v6 = 0; v6 < 2; v6++) {
		openings(v6);
		doubts(v6);
		cuts(v6);
		late(v6);
		losses(v6);
		endings(v6);
		transmissions(v6);
	}
	return done();
}
