/* analysis_test.c - small conversations, and the states of their ends */
#include "tap.h"

#include "talk.h"

static void
openings(bool v6)
{
	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	sends(1, TH_RST | TH_ACK, 0, 1, 0, 1);
	check(states(row(0), ST_SYN_SENT, ST_CLOSED) &&
		  states(row(1), ST_CLOSED, ST_CLOSED) &&
		  t.conns.conn[0].ending == END_REFUSED &&
		  t.conns.conn[0].closer == RIGHT,
	    "a refused SYN: the server stays CLOSED");

	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	sends(1, TH_ACK, 500, 900, 0, 1);
	sends(0, TH_RST, 900, 0, 0, 1);
	sends(0, TH_SYN, 0, 0, 0, 1000);
	sends(1, TH_SYN | TH_ACK, 700, 1, 0, 1);
	sends(0, TH_ACK, 1, 701, 0, 1);
	check(row(2)->state[LEFT] == ST_SYN_SENT &&
		  row(5)->state[LEFT] == ST_ESTABLISHED &&
		  t.conns.conn[0].ending == END_OPEN,
	    "a reset of an old connection: SYN-SENT, RFC 9293 figure 9");

	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	sends(0, TH_SYN, 0, 0, 0, 1000);
	check((row(0)->marks & MARK_LOST) && (row(1)->marks & MARK_NO_ANSWER) &&
		  states(row(1), ST_SYN_SENT, ST_NONE) &&
		  t.conns.conn[0].ending == END_NO_ANSWER,
	    "an unanswered SYN: the other state is not known");

	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	sends(1, TH_SYN, 0, 0, 0, 1);
	sends(0, TH_SYN | TH_ACK, 0, 1, 0, 10);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 1);
	check(states(row(0), ST_SYN_SENT, ST_NONE) &&
		  states(row(1), ST_SYN_RECEIVED, ST_SYN_SENT) &&
		  states(row(2), ST_SYN_RECEIVED, ST_SYN_RECEIVED) &&
		  states(row(3), ST_ESTABLISHED, ST_ESTABLISHED) &&
		  !(row(2)->marks & (MARK_AGAIN | MARK_LOST)),
	    "SYNs that cross: RFC 9293 figure 8, nothing lost");
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
	begin(v6);
	handshake();
	sends(0, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(1, TH_FIN | TH_ACK, 1, 2, 0, 500);
	sends(0, TH_ACK, 2, 2, 0, 10);
	check(seems(row(3), false, true) &&
		  states(row(4), ST_TIME_WAIT, ST_LAST_ACK) &&
		  seems(row(4), false, true) &&
		  states(row(5), ST_TIME_WAIT, ST_CLOSED) &&
		  seems(row(5), false, true),
	    "a FIN for a FIN, late: was it the first? LAST-ACK?");

	begin(v6);
	handshake();
	sends(0, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(1, TH_ACK, 1, 2, 0, 10);
	sends(1, TH_FIN | TH_ACK, 1, 2, 0, 500);
	sends(0, TH_ACK, 2, 2, 0, 10);
	check(states(row(5), ST_TIME_WAIT, ST_LAST_ACK) &&
		  seems(row(3), false, false) && seems(row(4), false, false) &&
		  seems(row(5), false, false) && seems(row(6), false, false),
	    "an ACK between them shows that it was");

	begin(v6);
	handshake();
	sends(0, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(1, TH_ACK, 2, 1, 0, 1);
	sends(1, TH_FIN | TH_ACK, 1, 2, 0, 10);
	sends(0, TH_ACK, 2, 2, 0, 10);
	check(row(4)->state[RIGHT] == ST_FIN_WAIT_1 &&
		  states(row(6), ST_TIME_WAIT, ST_TIME_WAIT),
	    "an ACK behind its FIN: that was sent, and not captured");

	begin(v6);
	handshake();
	sends(0, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(1, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(0, TH_ACK, 2, 2, 0, 10);
	sends(1, TH_ACK, 2, 2, 0, 10);
	check(states(row(5), ST_CLOSING, ST_CLOSING) &&
		  states(row(6), ST_TIME_WAIT, ST_TIME_WAIT),
	    "FINs that cross");
}

/* cuts - resets, and what began before the capture */
static void
cuts(bool v6)
{
	begin(v6);
	handshake();
	sends(1, TH_ACK, 1, 1, 100, 10);
	sends(0, TH_RST | TH_ACK, 50, 101, 0, 10);
	check(
	    states(row(4), ST_CLOSED, ST_CLOSED) && seems(row(4), false, true),
	    "a reset beyond what was acknowledged: CLOSED? (RFC 5961)");

	begin(v6);
	handshake();
	sends(1, TH_ACK, 1, 1, 100, 10);
	sends(0, TH_RST | TH_ACK, 50, 101, 0, 10);
	sends(1, TH_ACK, 101, 1, 0, 10);
	check(row(4)->state[RIGHT] == ST_ESTABLISHED,
	    "which is asked about: not taken");

	begin(v6);
	sends(0, TH_ACK, 1, 1, 10, 0);
	sends(1, TH_ACK, 1, 11, 10, 10);
	check(states(row(1), ST_ESTABLISHED, ST_ESTABLISHED) &&
		  seems(row(1), true, true),
	    "without its SYN: ESTABLISHED?");
}

/* with_ts - the latest segment has these timestamps */
static void
with_ts(uint32_t val, uint32_t ecr)
{
	struct tcp_opts *o = &t.s[t.list.n - 1].opt;

	o->have_ts = true;
	o->tsval = val;
	o->tsecr = ecr;
}

/*
 * hole - 11:21 is sent, and once more; the answer to that comes after ms. late:
 * the first was overtaken on its way to the capture
 */
static void
hole(bool v6, unsigned ms, bool late)
{
	struct tcpseg first;

	begin(v6);
	handshake();
	t.s[0].opt.sack_ok = t.s[1].opt.sack_ok = true;
	sends(0, TH_ACK, 1, 1, 10, 10);
	sends(1, TH_ACK, 1, 11, 0, 10);
	sends(0, TH_ACK, 11, 1, 10, 10);
	with_ts(100, 1);
	sends(0, TH_ACK, 21, 1, 10, 5);
	with_ts(105, 1);
	if (late) {
		first = t.s[5];
		t.s[5] = t.s[6];
		t.s[6] = first;
	}
	sends(1, TH_ACK, 1, 11, 0, 10);
	sends(0, TH_ACK, 11, 1, 10, 200);
	with_ts(320, 1);
	sends(1, TH_ACK, 1, 31, 0, ms);
	with_ts(900, 320);
}

/* losses - without identifications a prompt answer shows them */
static void
losses(bool v6)
{
	hole(v6, 10, false);
	check((row(5)->marks & (MARK_LOST | MARK_MAYBE)) == MARK_LOST,
	    "the answer comes at once, and tells of nothing twice: lost");
	hole(v6, 30, false);
	check((row(5)->marks & (MARK_LOST | MARK_MAYBE)) ==
		  (MARK_LOST | MARK_MAYBE),
	    "it comes later, another may have been lost: lost?");
	hole(v6, 9, false);
	t.s[9].opt.tsecr = 321; /* of what is sent with it, perhaps */
	check((row(5)->marks & (MARK_LOST | MARK_MAYBE)) ==
		  (MARK_LOST | MARK_MAYBE),
	    "it comes sooner than any answer: lost?");
	hole(v6, 10, true);
	check((row(6)->marks & (MARK_LOST | MARK_MAYBE | MARK_LATE)) ==
		  (MARK_LOST | MARK_MAYBE | MARK_LATE),
	    "what was late may have come later than that: lost?");
}

/* late - SYNs that others overtook, and a server that forgets them */
static void
late(bool v6)
{
	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	sends(1, TH_ACK, 1, 1, 100, 10);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 1);
	sends(0, TH_ACK, 1, 101, 0, 10);
	check(row(1)->seg->seq == 1 && row(3)->seg->ack == 101 &&
		  (row(2)->marks & MARK_LATE) && t.conns.n == 1,
	    "data that overtakes its SYN-ACK: numbers count from that");

	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	sends(0, TH_SYN, 0, 0, 0, 1000);
	sends(1, TH_SYN | TH_ACK, 70000, 1, 0, 10);
	sends(0, TH_ACK, 1, 70001, 0, 10);
	check((row(2)->marks & MARK_AGAIN) && t.conns.n == 1 &&
		  row(4)->seg->ack == 1,
	    "a SYN answered by another number: one connection");

	begin(v6);
	handshake();
	sends(0, TH_SYN, 5000000, 0, 0, 1000);
	sends(1, TH_SYN | TH_ACK, 5000000, 5000001, 0, 10);
	sends(0, TH_SYN, 0, 0, 0, 10);
	check(row(3)->marks & MARK_AGAIN && t.conns.n == 2 &&
		  t.conns.conn[1].rows == 2,
	    "a SYN of the connection before comes late");
}

static void
endings(bool v6)
{
	begin(v6);
	handshake();
	sends(1, TH_RST, 1, 0, 0, 10);
	check(states(row(1), ST_ESTABLISHED, ST_SYN_RECEIVED) &&
		  !row(1)->seems[LEFT],
	    "the third segment shows that the client is ESTABLISHED");

	begin(v6);
	handshake();
	sends(0, TH_FIN | TH_ACK, 1, 1, 0, 10);
	sends(1, TH_FIN | TH_ACK, 1, 2, 0, 10);
	sends(0, TH_ACK, 2, 2, 0, 10);
	sends(1, TH_RST, 2, 0, 0, 10);
	check(states(row(6), ST_TIME_WAIT, ST_CLOSED) &&
		  t.conns.conn[0].ending == END_FIN,
	    "a reset in TIME-WAIT: it goes on, RFC 1337");

	begin(v6);
	handshake();
	sends(0, TH_FIN | TH_ACK, 1, 1, 0, 10);
	sends(1, TH_FIN | TH_ACK, 1, 1, 0, 1);
	sends(0, TH_ACK, 2, 2, 0, 10);
	sends(1, TH_ACK, 2, 2, 0, 1);
	check(states(row(3), ST_FIN_WAIT_1, ST_ESTABLISHED) &&
		  states(row(4), ST_CLOSING, ST_FIN_WAIT_1) &&
		  states(row(5), ST_CLOSING, ST_CLOSING) &&
		  states(row(6), ST_TIME_WAIT, ST_TIME_WAIT),
	    "FINs that cross: RFC 9293 figure 13");

	begin(v6);
	handshake();
	sends(0, TH_FIN | TH_ACK, 1, 1, 0, 10);
	sends(1, TH_ACK, 1, 2, 500, 10);
	check(states(row(4), ST_FIN_WAIT_2, ST_CLOSE_WAIT) &&
		  t.conns.conn[0].ending == END_HALF,
	    "a half-close: the other end goes on");
}

/* refused - a Fast Open whose data the other end has not taken (RFC 7413 4.2.1)
   has arrived all the same, unless the SYN was retransmitted */
static void
refused_data(bool v6, bool syn_again)
{
	begin(v6);
	sends(0, TH_SYN, 0, 0, 100, 0);
	if (syn_again)
		sends(0, TH_SYN, 0, 0, 0, 1000);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	sends(0, TH_ACK, 1, 1, 100, 0);
	sends(1, TH_ACK, 1, 101, 0, 10);
	check((row(0)->lost > 0) == syn_again &&
		  (row(syn_again ? 3 : 2)->marks & MARK_AGAIN),
	    "data of a SYN that are refused are %slost",
	    syn_again ? "perhaps " : "not ");
}

/* edge - a FIN is acknowledged at the edge of a window that shrank (so many
   bytes on), or not there: SND.NXT may be further on, behind a FIN */
static void
edge(bool v6, bool later, uint32_t next, bool seems)
{
	begin(v6);
	handshake();
	t.s[1].wnd = 3000;
	sends(1, TH_ACK, 1, 1, 0, 10);
	t.s[3].wnd = later ? 144 : 3000;
	sends(1, TH_FIN | TH_ACK, 1, 1, 0, 10);
	t.s[4].wnd = later ? 3000 : 144;
	sends(0, TH_ACK, 1 + next, 2, 0, 10);
	sends(0, TH_FIN | TH_ACK, 1, 2, 700, 10);
	check(row(4)->state[LEFT] == ST_CLOSE_WAIT &&
		  row(4)->seems[LEFT] == seems,
	    "an ACK %u bytes on, the window is %s: %s", next,
	    later ? "wide again" : "narrow",
	    seems ? "CLOSE-WAIT?" : "CLOSE-WAIT");
}

/* waited - data answer a FIN; those before came at once, or after so many ms:
   then all may be retransmissions, and a FIN among what was lost */
static void
waited(bool v6, unsigned ms, bool seems)
{
	uint32_t i;

	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 0);
	for (i = 0; i < 4; i++) {
		sends(0, TH_ACK, 1 + 100 * i, 1, 100, i == 0 ? ms : 20);
		sends(
		    1, TH_ACK | (i == 3 ? TH_FIN : 0), 1, 101 + 100 * i, 0, 0);
	}
	sends(0, TH_ACK, 401, 2, 100, 20);
	sends(1, TH_ACK, 2, 501, 0, 0);
	sends(0, TH_FIN | TH_ACK, 501, 2, 0, 20);
	check(row(9)->state[LEFT] == ST_CLOSE_WAIT &&
		  row(9)->seems[LEFT] == seems,
	    "data answer a FIN, the first came after %u ms: %s", ms,
	    seems ? "CLOSE-WAIT?" : "CLOSE-WAIT");
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
		edge(v6, false, 0, false);
		edge(v6, false, 143, false);
		edge(v6, false, 144, true);
		edge(v6, true, 144, true);
		waited(v6, 20, false);
		waited(v6, 7000, true);
		refused_data(v6, false);
		refused_data(v6, true);
	}
	return done();
}
