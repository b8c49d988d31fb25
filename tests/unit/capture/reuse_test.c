/* reuse_test.c - ports used again while an earlier connection still lives */
#include "tap.h"

#include "talk.h"

/* first - a connection of which the server's last segment was not taken */
static void
first(bool v6)
{
	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 100, 10);
	sends(1, TH_ACK, 1, 101, 0, 10);
	sends(1, TH_ACK, 1, 101, 50, 10);
}

/* the client's new numbers are far from the first, or near */
static void
still_sends(bool v6, uint32_t isn, uint16_t flags)
{
	first(v6);
	sends(0, TH_SYN, isn, 0, 0, 1000);
	sends(1, flags, 1, 101, 50, 10);
	sends(1, TH_SYN | TH_ACK, 9000000, isn + 1, 0, 10);
	sends(0, TH_ACK, isn + 1, 9000001, 0, 10);
	check(row(0) != NULL && t.conns.n == 2 && t.conns.conn[0].rows == 7 &&
		  t.conns.conn[1].rows == 3 && (row(6)->marks & MARK_AGAIN) &&
		  t.conns.conn[1].end[RIGHT].bytes == 0,
	    "what the first connection still lacks is its own");
}

/* old_ack - RFC 9293 3.5.1, figure 9: the first connection answers the SYN */
static void
old_ack(bool v6)
{
	const struct row *r;
	struct conn *c;

	first(v6);
	sends(0, TH_SYN, UINT32_MAX - 30000, 0, 0, 1000);
	sends(1, TH_ACK, 51, 101, 0, 10);
	sends(0, TH_RST, 101, 0, 0, 10);
	sends(0, TH_SYN, UINT32_MAX - 30000, 0, 0, 1000);
	sends(1, TH_SYN | TH_ACK, 9000000, UINT32_MAX - 29999, 0, 10);
	sends(0, TH_ACK, UINT32_MAX - 29999, 9000001, 200, 10);
	row(0);
	c = &t.conns.conn[1];
	r = c->row[c->rows - 1];
	check(t.conns.n == 2 && r->seg->len == 200 && r->marks == 0 &&
		  r->state[LEFT] == ST_ESTABLISHED,
	    "its ACK is not the second's: nothing went again");
}

/*
 * half_open - the first connection answers so many SYNs of the second, each
 * captured at so many places: they have come, and were not sent in vain
 */
static void
half_open(bool v6, uint32_t syns, int places)
{
	uint32_t isn = UINT32_MAX - 30000, i;
	const struct conn *c;
	bool lost = false;
	int k;

	first(v6);
	for (i = 0; i < syns; i++) {
		for (k = 0; k < places; k++)
			sends(0, TH_SYN, isn, 0, 0, k == 0 ? 6000 << i : 0);
		for (k = 0; k < places; k++)
			sends(1, TH_ACK, 51, 101, 0, k == 0 ? 5 : 0);
		for (k = 0; k < places; k++)
			sends(0, TH_RST, 101, 0, 0, k == 0 ? 5 : 0);
	}
	sends(0, TH_SYN, isn, 0, 0, 6000 << i);
	sends(1, TH_SYN | TH_ACK, 9000000, isn + 1, 0, 10);
	sends(0, TH_ACK, isn + 1, 9000001, 200, 10);
	row(0);
	c = &t.conns.conn[1];
	for (i = 0; i < c->rows; i++)
		lost |= (c->row[i]->marks & MARK_LOST) &&
			!(c->row[i]->marks & MARK_TWICE);
	check(t.conns.n == 2 && !lost &&
		  states(c->row[0], ST_SYN_SENT, ST_NONE) &&
		  states(c->row[c->rows - 3], ST_SYN_SENT, ST_SYN_RECEIVED),
	    places == 1 ? "a SYN that the first connection answers has come"
			: "so it has where all is captured twice");
}

/* on_its_way - the ACK is none of the SYN: it tells something new, or it has
   data; or it was sent before */
static void
on_its_way(bool v6, uint32_t ack, uint32_t len, bool before)
{
	uint32_t isn = UINT32_MAX - 30000;

	first(v6);
	sends(0, TH_ACK, 101, 1, 100, 10);
	if (before)
		sends(1, TH_ACK, 51, ack, len, 10);
	sends(0, TH_SYN, isn, 0, 0, 1000);
	if (!before)
		sends(1, TH_ACK, 51, ack, len, 10);
	sends(0, TH_RST, ack, 0, 0, 10);
	sends(0, TH_SYN, isn, 0, 0, 1000);
	row(0);
	check(t.conns.n == 2 &&
		  (t.conns.conn[1].row[0]->marks & (MARK_LOST | MARK_MAYBE)),
	    before    ? "an ACK before the SYN: lost?"
	    : len > 0 ? "data are no answer to a SYN: lost?"
		      : "nor is an ACK that was on its way: lost?");
}

/* busy - the client has sent something just before: the ACK may answer that */
static void
busy(bool v6)
{
	uint32_t isn = UINT32_MAX - 30000;

	first(v6);
	sends(0, TH_ACK, 1, 51, 100, 900);
	sends(0, TH_SYN, isn, 0, 0, 10);
	sends(1, TH_ACK, 51, 101, 0, 10);
	sends(0, TH_RST, 101, 0, 0, 10);
	sends(0, TH_SYN, isn, 0, 0, 1000);
	row(0);
	check(t.conns.n == 2 &&
		  (t.conns.conn[1].row[0]->marks & (MARK_LOST | MARK_MAYBE)),
	    "an ACK of what came before the SYN is none of it: lost?");
}

/* late_syn - a server that has forgotten the connection answers the SYN once
   more, so many ms behind it; the first answer took rtt */
static void
late_syn(bool v6, unsigned ms, unsigned rtt, bool again)
{
	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	sends(0, TH_ACK, 1, 1, 0, rtt);
	sends(0, TH_ACK | TH_FIN, 1, 1, 0, 10);
	sends(1, TH_ACK | TH_FIN, 1, 2, 0, 10);
	sends(0, TH_ACK, 2, 2, 0, 10);
	sends(0, TH_SYN, 0, 0, 0, ms);
	sends(1, TH_SYN | TH_ACK, 9000000, 1, 0, 10);
	row(0);
	check(t.conns.n == 2 &&
		  (t.conns.conn[1].row[0]->marks & MARK_AGAIN) ==
		      (again ? MARK_AGAIN : 0) &&
		  (t.conns.conn[1].row[0]->marks & MARK_UNSURE) ==
		      (again ? MARK_UNSURE : 0),
	    again	? "a late SYN that is answered anew: retransmitted?"
	    : ms > 2000 ? "one of the same number, later: a new connection"
			: "no time-out was so short: a new connection");
}

/* old_reset - of the first connection, in the second: nothing happens */
static void
old_reset(bool v6)
{
	const struct row *r;
	struct conn *c;

	first(v6);
	sends(0, TH_SYN, 5000000, 0, 0, 1000);
	sends(0, TH_ACK, 51, 1, 10, 10);
	sends(0, TH_RST, 101, 0, 0, 10);
	sends(1, TH_SYN | TH_ACK, 9000000, 5000001, 0, 10);
	sends(0, TH_ACK, 5000001, 9000001, 0, 10);
	row(0);
	c = &t.conns.conn[1];
	r = c->row[c->rows - 1];
	check(t.conns.n == 2 && states(r, ST_ESTABLISHED, ST_ESTABLISHED) &&
		  c->ending == END_OPEN,
	    "a reset of the first connection does not end the second");
}

/* missed - so many packets of the server, before its FIN, were not captured */
static void
crossed(uint32_t missed)
{
	static const uint32_t id[] = {100, 200, 101, 102, 201, 103, 202};
	uint32_t i;

	begin(false);
	handshake();
	sends(0, TH_ACK, 1, 1, 10, 10);
	sends(1, TH_ACK, 1, 11, 10, 10);
	sends(0, TH_ACK | TH_FIN, 11, 11, 0, 10);
	sends(1, TH_ACK | TH_FIN, 11, 12, 0, 10);
	for (i = 0; i < t.list.n; i++)
		t.s[i].ip_id = id[i];
	t.s[t.list.n - 1].ip_id += missed;
	check(row(6)->seems[RIGHT] == (missed > 0),
	    missed == 0 ? "a FIN right behind data: CLOSE-WAIT"
			: "not right behind, though prompt: CLOSE-WAIT?");
}

/* late_ack - the client's own, of the first connection, behind its new SYN */
static void
late_ack(bool v6)
{
	first(v6);
	sends(0, TH_SYN, 5000000, 0, 0, 1000);
	sends(0, TH_ACK, 101, 51, 0, 10);
	sends(1, TH_SYN | TH_ACK, 9000000, 5000001, 0, 10);
	sends(0, TH_ACK, 5000001, 9000001, 0, 10);
	check(row(0) != NULL && t.conns.n == 2 && t.conns.conn[0].rows == 7 &&
		  t.conns.conn[1].rows == 3 &&
		  t.conns.conn[1].end[RIGHT].from_syn,
	    "an ACK of the first connection comes behind the SYN of the next");
}

/*
 * soon - its FIN comes so many ms behind the server's ACK, or data, which may
 * be retransmitted: is it the first one?
 */
static void
soon(bool v6, unsigned ms, bool ack)
{
	begin(v6);
	handshake();
	sends(0, TH_ACK | TH_FIN, 1, 1, 10, 10);
	if (ack)
		sends(1, TH_ACK, 1, 1, 0, 1);
	sends(1, TH_ACK, 1, 1, 10, ack ? 1 : 10);
	sends(1, TH_ACK | TH_FIN, 11, 12, 0, ms);
	check(row(t.list.n - 1)->seems[RIGHT] == (ms > 20 || !ack),
	    ms > 20 ? "later it may be a retransmission: LAST-ACK?"
	    : ack   ? "a FIN within a round trip of an ACK: LAST-ACK"
		    : "of data, which may be one: LAST-ACK?");
}

/* refused - and accepted when it tries again; each packet captured twice */
static void
refused(bool v6, unsigned ms, uint32_t connections)
{
	uint32_t i;

	begin(v6);
	for (i = 0; i < 2; i++)
		sends(0, TH_SYN, 0, 0, 0, 0);
	for (i = 0; i < 2; i++)
		sends(1, TH_RST | TH_ACK, 0, 1, 0, i == 0 ? 2 : 0);
	for (i = 0; i < 2; i++)
		sends(0, TH_SYN, 0, 0, 0, i == 0 ? ms : 0);
	for (i = 0; i < 2; i++)
		sends(1, TH_SYN | TH_ACK, 0, 1, 0, i == 0 ? 2 : 0);
	row(0);
	check(t.conns.n == connections,
	    connections == 1 ? "a SYN that was refused is sent again: the same"
			     : "at another time: the next connection");
}

/* unheard - the reset was lost, and the SYNs between as well */
static void
unheard(bool v6, unsigned ms, uint32_t connections)
{
	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	sends(0, TH_SYN, 0, 0, 0, 3000);
	sends(1, TH_RST | TH_ACK, 0, 1, 0, 2);
	sends(0, TH_SYN, 0, 0, 0, ms - 3002);
	row(0);
	check(t.conns.n == connections,
	    connections == 1
		? "a SYN behind a reset, when time-outs doubled: the same"
		: "at another time: the next connection");
}

/*
 * one_way - the SYNs crossed, and of one end, whose own SYN was lost, all is
 * there but a FIN; then once more, so much later, with the same number
 */
static void
one_way(bool v6, unsigned ms, uint32_t connections)
{
	begin(v6);
	sends(0, TH_SYN | TH_ACK, 0, 1, 0, 0);
	sends(0, TH_ACK, 1, 1, 10, 10);
	sends(0, TH_ACK, 11, 1001, 0, 10);
	sends(0, TH_SYN | TH_ACK, 0, 5000001, 0, ms);
	sends(0, TH_ACK, 1, 5000001, 10, 10);
	sends(0, TH_ACK, 11, 5001001, 0, 10);
	row(0);
	check(t.conns.n == connections,
	    connections == 1 ? "a SYN-ACK of another SYN: the same connection"
			     : "behind a long silence: the next connection");
}

int
main(void)
{
	int v6;

	for (v6 = 0; v6 < 2; v6++) {
		still_sends(v6, 5000000, TH_ACK);
		still_sends(v6, 5000000, TH_ACK | TH_FIN);
		still_sends(v6, 80000, TH_ACK);
		old_ack(v6);
		half_open(v6, 1, 1);
		half_open(v6, 2, 1);
		half_open(v6, 2, 2);
		on_its_way(v6, 201, 0, false);
		on_its_way(v6, 101, 50, false);
		on_its_way(v6, 101, 0, true);
		busy(v6);
		late_syn(v6, 1000, 1010, true);
		late_syn(v6, 1000, 100, false);
		late_syn(v6, 8000, 1010, false);
		old_reset(v6);
		late_ack(v6);
		refused(v6, 500, 1);
		refused(v6, 5000, 2);
		unheard(v6, 31000, 1);
		unheard(v6, 26000, 2);
		one_way(v6, 20000, 1);
		one_way(v6, 40000, 2);
		soon(v6, 15, true);
		soon(v6, 15, false);
		soon(v6, 100, true);
	}
	crossed(0);
	crossed(2);
	return done();
}
