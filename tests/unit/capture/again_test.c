/* again_test.c - small conversations: retransmitted, lost, or seen twice */
#include "tap.h"

#include "talk.h"

/* stamp - identification and timestamps of the latest segment */
static void
stamp(uint32_t id, uint32_t tsval, uint32_t tsecr)
{
	struct tcpseg *s = &t.s[t.list.n - 1];

	s->ip_id = id;
	s->opt.have_ts = s->opt.sack_ok = true;
	s->opt.tsval = tsval;
	s->opt.tsecr = tsecr;
}

/* all: no acknowledgment of the server is missing in between */
static void
lost_for_sure(bool v6, bool all)
{
	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	stamp(1, 100, 0);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	stamp(50, 7, 100);
	sends(0, TH_ACK, 1, 1, 100, 10);
	stamp(2, 120, 7);
	sends(0, TH_ACK, 1, 1, 100, 300);
	stamp(3, 420, 7);
	sends(1, TH_ACK, 1, 101, 0, 10);
	stamp(all ? 51 : 52, 300, 420);
	check(
	    (row(2)->marks & MARK_LOST) && !(row(2)->marks & MARK_MAYBE) == all,
	    all ? "lost, or it would have been told that it came twice"
		: "perhaps lost: what tells the opposite may be, too");
}

/* the timestamp of the first transmission returns behind the second one, which
   was needless, whether it has arrived or not */
static void
echo_needless(bool v6)
{
	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	stamp(1, 100, 0);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	stamp(50, 7, 100);
	sends(0, TH_ACK, 1, 1, 100, 10);
	stamp(2, 120, 7);
	sends(0, TH_ACK, 1, 1, 100, 300);
	stamp(3, 420, 7);
	sends(1, TH_ACK, 1, 101, 0, 10);
	stamp(51, 900, 120);
	check((row(3)->marks & MARK_NEEDLESS) &&
		  !(row(3)->marks & MARK_MAYBE) && !(row(2)->marks & MARK_LOST),
	    "needless for sure, as the timestamp shows that returns");
}

/* leap - what fills a gap has a later timestamp, and identifications that
   have come round since */
static void
leap(bool v6)
{
	uint32_t i;

	begin(v6);
	for (i = 0; i < 10; i++) {
		sends(0, TH_ACK, 1 + 10 * i, 1, 10, 1);
		stamp(100 + i, 7, 7);
	}
	sends(0, TH_ACK, 111, 1, 10, 1);
	stamp(112, 8, 7);
	sends(0, TH_ACK, 101, 1, 10, 180);
	stamp(112 + 0x8002, 99, 7);
	check((row(11)->marks & (MARK_AGAIN | MARK_LATE)) == MARK_AGAIN,
	    "timestamps decide where identifications leap: retransmitted");
}

static void
random_ids(bool v6)
{
	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 100, 10);
	stamp(0xa641, 7, 7);
	sends(0, TH_ACK, 1, 1, 100, 0);
	stamp(0xfdb6, 7, 7);
	sends(0, TH_ACK, 1, 1, 100, 0);
	stamp(0xfdb6, 7, 7);
	check((row(4)->marks & MARK_AGAIN) && !(row(4)->marks & MARK_TWICE) &&
		  (row(5)->marks & MARK_TWICE),
	    "another identification, though none counts up: no copy");
}

/* echoed - alone: nothing else was sent with the timestamp that returns */
static void
echoed(bool v6, bool alone)
{
	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	stamp(0, 100, 0);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 20);
	stamp(0, 7, 100);
	sends(0, TH_ACK, 1, 1, 100, 10);
	stamp(0, 120, 7);
	sends(1, TH_ACK, 1, 101, 0, 20);
	stamp(0, 30, 120);
	sends(0, TH_ACK, 101, 1, 100, 10);
	stamp(0, 140, 30);
	sends(0, TH_ACK, 101, 1, 100, 300);
	stamp(0, 440, 30);
	if (!alone) {
		sends(0, TH_ACK, 201, 1, 100, 2);
		stamp(0, 440, 30);
	}
	sends(1, TH_ACK, 1, 201, 0, 30);
	stamp(0, 330, 440);
	check((row(4)->marks & MARK_LOST) &&
		  !(row(4)->marks & MARK_MAYBE) == alone,
	    alone ? "the timestamp that returns shows a loss"
		  : "not if something else was sent with it");
}

/* echoed_twice - the same, in captures of both ends put together */
static void
echoed_twice(bool v6)
{
	uint32_t i, n;

	echoed(v6, true);
	n = t.list.n;
	conns_free(&t.conns);
	memset(&t.conns, 0, sizeof(t.conns));
	for (i = n; i-- > 0;) {
		t.s[2 * i] = t.s[i];
		t.s[2 * i].seq += t.s[i].src.port == 80 ? ISN_B : ISN_A;
		if (t.s[i].flags & TH_ACK)
			t.s[2 * i].ack += t.s[i].src.port == 80 ? ISN_A : ISN_B;
		t.s[2 * i].no = 2 * i;
		t.s[2 * i + 1] = t.s[2 * i];
		t.s[2 * i + 1].no = 2 * i + 1;
		t.s[2 * i + 1].time += 1000000;
		t.s[2 * i + 1].mac[5] = 1;
	}
	t.list.n = 2 * n;
	check((row(8)->marks & MARK_LOST) && !(row(8)->marks & MARK_MAYBE) &&
		  (row(9)->marks & MARK_TWICE),
	    "both ends captured: it shows the loss as well");
}

static void
on_another_link(bool v6)
{
	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 100, 10);
	t.s[4] = t.s[3];
	t.s[4].no = t.list.n++;
	t.s[4].mac[0] = 2;
	t.s[4].link = 101;
	check((row(4)->marks & MARK_ELSEWHERE) &&
		  !(row(3)->marks & MARK_LOST) &&
		  t.conns.conn[0].end[0].twice == 0 &&
		  t.conns.conn[0].end[0].elsewhere == 1,
	    "the same packet on a link of another type");
}

/* other_data - within a millisecond, and later */
static void
other_data(bool v6)
{
	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 100, 10);
	sends(0, TH_ACK, 1, 1, 100, 0);
	sends(0, TH_ACK, 1, 1, 100, 300);
	sends(0, TH_ACK, 1, 1, 100, 0);
	t.s[3].there = t.s[4].there = t.s[5].there = 100;
	t.s[3].sum = 7;
	t.s[4].sum = t.s[5].sum = 8;
	check((row(4)->marks & (MARK_TWICE | MARK_AGAIN | MARK_OTHER)) ==
		      (MARK_AGAIN | MARK_OTHER) &&
		  (row(5)->marks & (MARK_TWICE | MARK_AGAIN | MARK_OTHER)) ==
		      MARK_AGAIN,
	    "other data: no copy; a retransmission, and that is told");
	check(row(6)->marks & MARK_TWICE, "cut shorter: a copy, as it seems");
}

static void
transmissions(bool v6)
{
	begin(v6);
	handshake();
	sends(1, TH_ACK, 1, 1, 1000, 10);
	sends(0, TH_ACK, 1, 1001, 0, 10);
	sends(1, TH_ACK, 1, 1, 1000, 200);
	check((row(5)->marks & (MARK_AGAIN | MARK_NEEDLESS)) ==
		      (MARK_AGAIN | MARK_NEEDLESS) &&
		  !(row(3)->marks & MARK_LOST),
	    "retransmitted behind its ACK: needless, nothing lost");

	lost_for_sure(v6, true);
	lost_for_sure(v6, false);
	random_ids(v6);
	echo_needless(v6);
	leap(v6);
	echoed(v6, true);
	echoed(v6, false);
	echoed_twice(v6);
	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 3000, 10);
	sends(0, TH_ACK, 1001, 1, 1000, 300);
	sends(1, TH_ACK, 1, 3001, 0, 10);
	check((row(3)->marks & MARK_PARTLY) && row(3)->lost == 1000 &&
		  (row(4)->marks & MARK_AGAIN),
	    "a part of a super-frame, across the wrap of the numbers");

	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 100, 10);
	t.s[4] = t.s[3];
	t.s[4].no = t.list.n++;
	t.s[4].time += 1000;
	check((row(4)->marks & MARK_TWICE) && !(row(3)->marks & MARK_LOST),
	    "the same packet twice");

	other_data(v6);
	on_another_link(v6);

	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 10, 10);
	sends(1, TH_ACK, 1, 11, 0, 10);
	sends(0, TH_ACK, 10, 1, 0, 10000);
	sends(1, TH_ACK, 1, 11, 0, 10);
	sends(0, TH_ACK, 10, 1, 1, 10000);
	sends(1, TH_ACK, 1, 11, 0, 10);
	check((row(5)->marks & MARK_KEEPALIVE) &&
		  (row(6)->marks & MARK_ALIVE) &&
		  (row(7)->marks & MARK_KEEPALIVE) &&
		  (row(8)->marks & MARK_ALIVE) &&
		  t.conns.conn[0].end[LEFT].again == 0,
	    "keep-alives with no byte and with one");
}

/*
 * passed - the server's data come twice, by their timestamps the first
 * transmission last; just before that comes one of its ACKs without data, of
 * this time
 */
static void
passed(bool v6, uint32_t time)
{
	uint32_t marks, i;

	begin(v6);
	handshake();
	sends(1, TH_ACK, 101, 1, 100, 10);
	sends(1, TH_ACK, 1, 1, 100, 0);
	sends(1, TH_ACK, 101, 1, 0, 1);
	sends(1, TH_ACK, 1, 1, 100, 1);
	for (i = 3; i < 7; i++) {
		t.s[i].opt.have_ts = true;
		t.s[i].opt.tsval = 20;
	}
	t.s[5].opt.tsval = time;
	t.s[6].opt.tsval = 10;
	marks = row(6)->marks;
	check((marks & MARK_LATE) && !(marks & MARK_UNSURE) == (time > 10),
	    time > 10 ? "overtaken by an ACK that was sent after it: late"
		      : "an ACK of that time shows its numbers: late?");
}

/* probed - a byte that was in a window probe is sent again: the acknowledgment
   returns the timestamp of the probe, or of what came behind it */
static void
probed(bool v6, bool by_probe)
{
	begin(v6);
	sends(0, TH_SYN, 0, 0, 0, 0);
	stamp(1, 100, 0);
	sends(1, TH_SYN | TH_ACK, 0, 1, 0, 10);
	stamp(50, 7, 100);
	sends(0, TH_ACK, 1, 1, 100, 10);
	stamp(2, 120, 7);
	sends(1, TH_ACK, 1, 101, 0, 10);
	stamp(51, 27, 120);
	t.s[t.list.n - 1].wnd = 0;
	sends(0, TH_ACK, 101, 1, 1, 1000);
	stamp(3, 1130, 27);
	sends(1, TH_ACK, 1, 101, 0, 10);
	stamp(52, 1027, by_probe ? 1130 : 120);
	sends(0, TH_ACK, 101, 1, 1, 1000);
	stamp(4, 2130, 1027);
	sends(1, TH_ACK, 1, 102, 0, 10);
	stamp(53, 2027, by_probe ? 1130 : 2130);
	check((row(4)->marks & MARK_PROBE) &&
		  (row(6)->marks & (MARK_LOST | MARK_AGAIN)) ==
		      (by_probe ? MARK_LOST : 0) &&
		  (row(6)->marks & MARK_MAYBE),
	    by_probe ? "the probe's byte was taken: lost? what came behind it"
		     : "that was taken, not the probe's: not lost");
}

int
main(void)
{
	int v6;

	for (v6 = 0; v6 < 2; v6++) {
		transmissions(v6);
		passed(v6, 10);
		passed(v6, 15);
		probed(v6, true);
		probed(v6, false);
	}
	return done();
}
