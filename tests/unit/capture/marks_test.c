/* marks_test.c - small conversations: acknowledgments, keep-alives, windows,
   and what came twice or never */
#include "tap.h"

#include "talk.h"

enum { LATER = 700 }; /* ms in which both ends are silent */

static struct tcpseg *
latest(void)
{
	return &t.s[t.list.n - 1];
}

/* opens - both ends with SACK, or without it */
static void
opens(bool v6, bool sack)
{
	uint32_t i;

	begin(v6);
	handshake();
	for (i = 0; i < 2; i++)
		t.s[i].opt.sack_ok = sack;
}

/* answers - the client: ACK of that number with that window, and a block of
   SACK unless it is empty */
static void
answers(uint32_t ack, uint16_t wnd, uint32_t start, uint32_t end)
{
	struct tcpseg *s;

	sends(0, TH_ACK, 1, ack, 0, 1);
	s = latest();
	s->wnd = wnd;
	if (start == end)
		return;
	s->opt.nsack = 1;
	s->opt.sack[0].start = start + ISN_B;
	s->opt.sack[0].end = end + ISN_B;
}

static uint32_t
marks(uint32_t i)
{
	return row(i)->marks;
}

/* ---- acknowledgments that have the number of the one before */

static void
windows_grow(bool v6)
{
	opens(v6, true);
	sends(1, TH_ACK, 1, 1, 100, 1);
	sends(1, TH_ACK, 201, 1, 100, 0);
	answers(101, 100, 0, 0);
	answers(101, 200, 201, 301);
	answers(101, 300, 1, 101);
	answers(101, 400, 0, 0);
	check((marks(6) & (MARK_DUPACK | MARK_UPDATE)) == MARK_DUPACK,
	    "with a block of SACK: a duplicate ACK, no window update");
	check(!(marks(7) & MARK_UPDATE), "nor is a D-SACK one");
	check(marks(8) & MARK_UPDATE, "without a block it is");

	opens(v6, false);
	sends(1, TH_ACK, 1, 1, 100, 1);
	answers(51, 100, 0, 0);
	answers(51, 200, 0, 0);
	answers(51, 0, 0, 0);
	answers(51, 200, 0, 0);
	answers(101, 200, 0, 0);
	answers(101, 300, 0, 0);
	check(!(marks(5) & (MARK_DUPACK | MARK_UPDATE)),
	    "without SACK it may answer what lies behind a hole");
	check(marks(7) & MARK_UPDATE, "but not when the window was closed");
	check(marks(9) & MARK_UPDATE, "nor when nothing is in flight");
}

/* ---- keep-alives */

/* byte - the client sends one, the server takes it */
static void
byte(bool v6)
{
	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 1, 10);
	sends(1, TH_ACK, 1, 2, 0, 1);
}

static void
keep_alives(bool v6)
{
	byte(v6);
	sends(0, TH_ACK, 1, 1, 0, 2);
	sends(1, TH_ACK, 1, 2, 0, 0);
	check((marks(5) & (MARK_LATE | MARK_UNSURE | MARK_KEEPALIVE)) ==
		  (MARK_LATE | MARK_UNSURE),
	    "an ACK that the first byte overtook: reordered?");
	check(!(marks(6) & MARK_ALIVE), "what follows answers no keep-alive");

	byte(v6);
	sends(0, TH_ACK, 1, 1, 0, LATER);
	sends(1, TH_ACK, 1, 2, 0, 0);
	check(marks(5) & MARK_KEEPALIVE, "behind a silence: a keep-alive");
	check(marks(6) & MARK_ALIVE, "answered");

	byte(v6);
	sends(1, TH_ACK, 1, 2, 1, 1);
	sends(0, TH_ACK, 2, 2, 0, 1);
	sends(1, TH_ACK, 1, 2, 0, LATER);
	sends(0, TH_ACK, 1, 2, 0, 1);
	check((marks(7) & MARK_KEEPALIVE) && (marks(8) & MARK_KEEPALIVE),
	    "of both ends at once");

	byte(v6);
	sends(0, TH_ACK, 1, 1, 1, 250);
	check((marks(5) & (MARK_AGAIN | MARK_KEEPALIVE)) == MARK_AGAIN,
	    "the byte once more, so soon: retransmitted");
}

/* ids - IPv4: the identification shows what was sent first */
static void
ids(void)
{
	uint32_t i;

	for (i = 0; i < 2; i++) {
		byte(false);
		sends(0, TH_ACK, 1, 1, 0, 2);
		t.s[0].ip_id = 10;
		t.s[2].ip_id = 11;
		t.s[3].ip_id = 13;
		t.s[5].ip_id = i == 0 ? 12 : 14;
		check((marks(5) & (MARK_LATE | MARK_UNSURE | MARK_KEEPALIVE)) ==
			  (i == 0 ? MARK_LATE : MARK_KEEPALIVE),
		    i == 0 ? "identification: reordered for sure"
			   : "identification: a keep-alive, however soon");
	}
	byte(false);
	sends(0, TH_ACK, 2, 1, 9, 1);
	sends(0, TH_ACK, 2, 1, 0, 1);
	for (i = 2; i < 6; i++)
		t.s[i].ip_id = 20 + i;
	t.s[4].ip_id = 0;
	t.s[5].ip_id = 40;
	t.s[6].ip_id = 30;
	check(marks(6) & MARK_LATE, "one that nine bytes overtook, too");
}

/* ---- windows whose scale was not captured */

/* scaled - syn: the capture has SYNs of these ends (bits), with the option */
static void
scaled(bool v6, unsigned syn, bool option)
{
	begin(v6);
	if (syn & 1)
		sends(0, TH_SYN, 0, 0, 0, 0);
	if (syn & 2)
		sends(1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	while (t.list.n-- > 0) {
		t.s[t.list.n].opt.have_wscale = option;
		t.s[t.list.n].opt.wscale = 3;
	}
	t.list.n = (syn & 1) + (syn >> 1);
	sends(0, TH_ACK, 1, 1, 10, 10);
	latest()->wnd = 50;
	sends(1, TH_ACK, 1, 11, 0, 10);
	latest()->wnd = 60;
	sends(1, TH_ACK, 1, 11, 0, 10);
	latest()->wnd = 0;
}

static void
scales(bool v6)
{
	scaled(v6, 0, false);
	check((marks(0) & MARK_UNSCALED) && (marks(1) & MARK_UNSCALED),
	    "no SYN: the scale is not known");
	check(!(marks(2) & MARK_UNSCALED), "0 is 0 in any scale");
	scaled(v6, 1, true);
	check((marks(1) & MARK_UNSCALED) && (marks(2) & MARK_UNSCALED),
	    "only the SYN: has the other end agreed?");
	scaled(v6, 1, false);
	check(!(marks(1) & MARK_UNSCALED) && !(marks(2) & MARK_UNSCALED),
	    "a SYN without the option: nothing is scaled");
	scaled(v6, 2, true);
	check((marks(1) & MARK_UNSCALED) && !(marks(2) & MARK_UNSCALED) &&
		  row(2)->wnd == 60 << 3,
	    "only the SYN-ACK: the scale of its sender is known");
	scaled(v6, 2, false);
	check(!(marks(1) & MARK_UNSCALED) && !(marks(2) & MARK_UNSCALED),
	    "a SYN-ACK without the option: nothing is scaled");
	scaled(v6, 3, true);
	check(!(marks(2) & MARK_UNSCALED) && row(2)->wnd == 50 << 3,
	    "both: it is known");
}

/* ---- what never arrived, and what came twice */

/* ends - the server sends twice, the first is acknowledged; ms later the client
   asks for the second */
static void
ends(bool v6, unsigned ms)
{
	opens(v6, true);
	sends(1, TH_ACK, 1, 1, 100, 1);
	sends(1, TH_ACK, 101, 1, 100, 0);
	sends(0, TH_ACK, 1, 101, 0, 20);
	if (ms > 0)
		sends(0, TH_ACK, 1, 101, 0, ms);
}

static void
tails(bool v6)
{
	ends(v6, 0);
	check(!(marks(4) & MARK_LOST), "in flight when the capture ends");
	ends(v6, 5);
	check(!(marks(4) & MARK_LOST), "its answer may still be on its way");
	ends(v6, 100);
	check((marks(4) & (MARK_LOST | MARK_MAYBE)) == (MARK_LOST | MARK_MAYBE),
	    "never repeated, and asked for so late: lost?");
	check(!(marks(3) & MARK_LOST), "what was acknowledged is not");
	check(t.conns.conn[0].end[RIGHT].perhaps == 1, "and it is counted");
	/* a hole at which nothing was captured, and no SACK */
	opens(v6, false);
	sends(1, TH_ACK, 1, 1, 100, 1);
	sends(0, TH_ACK, 1, 101, 0, 20);
	sends(1, TH_ACK, 201, 1, 100, 0);
	sends(0, TH_ACK, 1, 101, 0, 20);
	sends(0, TH_ACK, 1, 101, 0, 100);
	check(!(marks(5) & MARK_LOST), "what lies above a hole may be there");
}

/* arrives - n segments from the server; the one in the middle twice */
static void
arrives(bool v6, bool told)
{
	uint32_t i;

	opens(v6, true);
	for (i = 0; i < 8; i++) {
		sends(1, TH_ACK, 1 + 100 * i, 1, 100, 5);
		if (i == 4) {
			sends(1, TH_ACK, 1 + 100 * i, 1, 100, 0);
			answers(501, 60000, told ? 401 : 0, told ? 501 : 0);
		}
	}
	answers(801, 60000, 0, 0);
}

static void
copies(bool v6)
{
	arrives(v6, true);
	check((marks(8) & (MARK_TWICE | MARK_DOUBLED)) ==
		  (MARK_TWICE | MARK_DOUBLED),
	    "a D-SACK tells that it came twice: the network made two of it");
	check(t.conns.conn[0].end[RIGHT].doubled == 1 &&
		  t.conns.conn[0].end[RIGHT].twice == 0,
	    "and it is counted so");
	arrives(v6, false);
	check((marks(8) & (MARK_TWICE | MARK_DOUBLED | MARK_UNSURE)) ==
		  (MARK_TWICE | MARK_UNSURE),
	    "nothing tells: captured twice?");
}

/* round_trip - every other segment comes once more, a round trip later: nothing
   tells whether that was asked for and is retransmitted */
static void
round_trip(bool v6)
{
	uint32_t i;

	opens(v6, true);
	for (i = 0; i < 8; i++)
		sends(1, TH_ACK, 1 + 100 * i, 1, 100, i == 0 ? 10 : 0);
	for (i = 0; i < 8; i += 2)
		sends(1, TH_ACK, 1 + 100 * i, 1, 100, i == 0 ? 195 : 0);
	answers(801, 60000, 0, 0);
	check(marks(3) & MARK_MAYBE && marks(9) & MARK_MAYBE,
	    "copies as late as a retransmission leave a doubt");
}

int
main(void)
{
	bool v6;
	int i;

	for (i = 0; i < 2; i++) {
		v6 = i == 1;
		windows_grow(v6);
		keep_alives(v6);
		scales(v6);
		tails(v6);
		copies(v6);
		round_trip(v6);
	}
	ids();
	return done();
}
