/* twice_test.c - packets that were captured twice, far behind each other */
#include "tap.h"

#include "talk.h"

enum { LONG = 200000, BURST = 20 };

/* transfer - the server sends that many segments at once, and both close */
static void
transfer(bool v6)
{
	uint32_t i;

	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 10, 10);
	for (i = 0; i < BURST; i++)
		sends(1, TH_ACK, 1 + i * LONG, 11, LONG, i == 0 ? 10 : 0);
	sends(1, TH_ACK | TH_FIN, 1 + i * LONG, 11, 0, 0);
	sends(0, TH_ACK | TH_FIN, 11, 2 + i * LONG, 0, 10);
	sends(1, TH_ACK, 2 + i * LONG, 12, 0, 10);
}

/* once_more - all of it that was sent, this much later, from another MAC */
static void
once_more(unsigned ms, uint8_t mac)
{
	uint32_t i, n = t.list.n;
	uint64_t later = ms * UINT64_C(1000000);

	for (i = 0; i < n; i++) {
		t.s[n + i] = t.s[i];
		t.s[n + i].time += later;
		t.s[n + i].no = n + i;
		t.s[n + i].mac[5] = mac;
	}
	t.list.n = 2 * n;
}

static uint32_t
count(uint32_t mark)
{
	uint32_t i, n = 0;

	for (i = 0; i < t.conns.conn[0].rows; i++)
		n += (row(i)->marks & mark) != 0;
	return n;
}

/*
 * stamp - timestamps, by the clock, or identifications that count; each packet
 * that was captured twice has the same ones
 */
static void
stamp(bool ids, bool stamps)
{
	uint32_t i, n = t.list.n;

	for (i = 0; i < n; i++) {
		t.s[i].ip_id = ids ? 100 + i : 0;
		t.s[i].opt.have_ts = stamps;
		t.s[i].opt.tsval = stamps ? (uint32_t)(t.s[i].time / 1000000)
					  : 0;
	}
}

/* merged - captures of both ends, put together */
static void
merged(
    bool v6, unsigned ms, bool ids, bool stamps, uint8_t mac, const char *name)
{
	uint32_t n;

	transfer(v6);
	stamp(ids, stamps);
	n = t.list.n;
	once_more(ms, mac);
	row(0);
	check(t.conns.n == 1 && count(MARK_TWICE) == n &&
		  count(MARK_AGAIN | MARK_LOST) == 0,
	    "%s", name);
}

/* behind the end of it what lies far back is a copy, or of another one */
static void
behind(bool v6, uint32_t seq, unsigned ms, uint32_t connections)
{
	transfer(v6);
	sends(1, TH_ACK, seq, 11, LONG, ms);
	row(0);
	check(t.conns.n == connections,
	    connections == 1 ? "a copy behind both FINs is of the connection"
			     : "other numbers, or much later: of another one");
}

/* at two places, each of them twice: which one is a copy? */
static void
two_places(bool v6)
{
	static const uint8_t mac[] = {1, 2, 1, 2};
	uint32_t i, first;

	begin(v6);
	handshake();
	first = t.list.n;
	for (i = 0; i < 4; i++) {
		sends(0, TH_ACK, 1, 1, 100, i == 2 ? 300 : 5);
		t.s[first + i].mac[5] = mac[i];
	}
	row(0);
	check((row(first + 1)->marks & MARK_TWICE) &&
		  !(row(first + 2)->marks & MARK_TWICE) &&
		  (row(first + 2)->marks & MARK_AGAIN) &&
		  (row(first + 3)->marks & MARK_TWICE),
	    "a retransmission at two places is no copy of the first one");
}

/* the same, of which nothing but the time tells, and all are retransmitted */
static void
probes(bool v6)
{
	uint32_t i;

	begin(v6);
	handshake();
	for (i = 0; i < 8; i++)
		sends(0, TH_ACK, 1, 1, 100, 200);
	row(0);
	check(count(MARK_TWICE) == 0 && count(MARK_AGAIN) == 7,
	    "one segment sent again and again is no copy");
}

/* late_synack - of a SYN with data, behind a FIN: no connection of its own */
static void
late_synack(bool v6)
{
	begin(v6);
	sends(0, TH_SYN, 0, 0, 4, 0);
	sends(1, TH_ACK, 1, 5, 454, 10);
	sends(1, TH_SYN | TH_ACK, 0, 5, 0, 10);
	sends(0, TH_ACK | TH_FIN, 5, 1, 0, 10);
	sends(1, TH_ACK | TH_FIN, 455, 6, 0, 10);
	sends(1, TH_SYN | TH_ACK, 0, 5, 0, 10);
	row(0);
	check(t.conns.n == 1, "a late SYN-ACK of a SYN that had data");
}

enum { MSS = 1400, PARTS = 5 };

/* frame - the server's super-frame, or its segments, us later; the last one is
   shorter */
static void
frame(uint32_t at, bool whole, unsigned us, bool ids, uint8_t mac)
{
	uint32_t k, n = whole ? 1 : PARTS, first = t.list.n;
	uint32_t len = whole ? PARTS * MSS - 100 : MSS;

	t.now += us * UINT64_C(1000);
	for (k = 0; k < n; k++) {
		sends(1, TH_ACK, at + k * MSS, 11,
		    !whole && k + 1 == n ? MSS - 100 : len, 0);
		t.s[first + k].ip_id = ids ? 50 + at / MSS + k : 0;
		t.s[first + k].mac[5] = mac;
		t.s[first + k].opt.have_ts = true;
		t.s[first + k].opt.tsval = 500 + at / MSS;
		if (k + 1 == n)
			t.s[first + k].flags |= TH_PSH;
	}
}

/* cut - super-frames beside their segments, at two places */
static void
cut(bool v6, bool whole_first, unsigned us, bool ids, uint8_t mac)
{
	uint32_t j, at = 1, twice = 0;

	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 10, 10);
	for (j = 0; j < 4; j++, at += PARTS * MSS - 100) {
		t.now += 20 * UINT64_C(1000000);
		frame(at, whole_first, 0, ids, 0);
		frame(at, !whole_first, us, ids, mac);
		twice += whole_first ? PARTS : 1;
		sends(0, TH_ACK, 11, at + PARTS * MSS - 100, 0, 10);
	}
	row(0);
	check(count(MARK_TWICE) == twice && count(MARK_AGAIN | MARK_LOST) == 0,
	    "%s%s, %u us: captured twice",
	    whole_first ? "segments of a super-frame" : "one of segments",
	    ids ? ", identifications" : "", us);
}

/* cut_again - a segment of a super-frame that the sender retransmits */
static void
cut_again(bool ids)
{
	begin(false);
	handshake();
	sends(0, TH_ACK, 1, 1, 10, 10);
	frame(1, true, 100, ids, 0);
	sends(0, TH_ACK, 11, 1 + MSS, 0, 10);
	t.s[t.list.n - 1].opt.have_ts = true;
	sends(1, TH_ACK, 1 + MSS, 11, MSS, 0);
	t.s[t.list.n - 1].ip_id = ids ? 55 : 0;
	t.s[t.list.n - 1].opt.have_ts = true;
	t.s[t.list.n - 1].opt.tsval = ids ? 500 : 510;
	row(0);
	check(count(MARK_TWICE) == 0 && count(MARK_AGAIN) == 1 &&
		  count(MARK_UNSURE) == 0,
	    "a segment of a super-frame that is retransmitted");
}

/* cut_anew - a super-frame with one identification, which its sender then
   retransmits in two segments: nothing shows that it had three */
static void
cut_anew(void)
{
	uint32_t i;

	begin(false);
	handshake();
	sends(0, TH_ACK, 1, 1, 10, 10);
	sends(1, TH_ACK, 1, 11, 744, 10);
	sends(1, TH_ACK, 1, 11, 500, 0);
	sends(1, TH_ACK, 501, 11, 244, 0);
	for (i = 4; i < t.list.n; i++) {
		t.s[i].ip_id = 46 + i;
		t.s[i].opt.have_ts = true;
		t.s[i].opt.tsval = 500;
	}
	row(0);
	check(count(MARK_TWICE) == 0 && count(MARK_AGAIN) == 2,
	    "other segments than those of a super-frame");
}

/* cut_begin - the other capture begins with the second last segment of a
   super-frame; or that is one that its sender retransmits, and is overtaken */
static void
cut_begin(bool again, unsigned us)
{
	uint32_t i, at = 1 + (PARTS - 2) * MSS;

	begin(false);
	handshake();
	sends(0, TH_ACK, 1, 1, 10, 10);
	frame(1, false, 100, true, 0);
	for (i = 0; i < 2; i++)
		t.s[4 + i] = t.s[4 + PARTS - 2 + i];
	t.list.n = 6;
	frame(1, true, us, true, 0);
	for (i = 0; again && i < 2; i++)
		t.s[4 + i].ip_id += PARTS;
	sends(0, TH_ACK, 11, 1 + PARTS * MSS - 100, 0, 10);
	row(0);
	check(t.s[4].seq - t.s[6].seq == at - 1 &&
		  count(MARK_AGAIN) == (again ? 2 : 0) && count(MARK_LOST) == 0,
	    "the last segments of a super-frame, then it, %u us later: %s", us,
	    again ? "retransmitted" : "one packet");
}

/* doubled - by the network, or retransmitted so soon without a request */
static void
doubled(bool v6, unsigned ms)
{
	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 100, 10);
	sends(0, TH_ACK, 1, 1, 100, ms);
	sends(1, TH_ACK, 1, 101, 0, 10);
	row(0);
	check((row(4)->marks & MARK_AGAIN) &&
		  !!(row(4)->marks & MARK_UNSURE) == (ms < 10),
	    "the same once more, %u ms later: %s", ms,
	    ms < 10 ? "not sure" : "retransmitted");
}

/* resets that answer a segment each are alike, where nothing else has copies */
static void
resets(bool v6, bool copies)
{
	uint32_t i, first;

	begin(v6);
	handshake();
	sends(0, TH_ACK | TH_FIN, 1, 1, 0, 10);
	sends(1, TH_ACK, 1, 1, 100, 10);
	if (copies)
		sends(1, TH_ACK, 1, 1, 100, 0);
	sends(1, TH_ACK, 101, 1, 30, 0);
	sends(1, TH_ACK | TH_FIN, 131, 1, 0, 0);
	first = t.list.n;
	for (i = 0; i < 3; i++)
		sends(0, TH_RST, 2, 0, 0, i == 0);
	check(!(row(first)->marks & MARK_TWICE) &&
		  count(MARK_TWICE) == (copies ? 3 : 0),
	    copies ? "resets of a capture that has copies are copies"
		   : "equal resets are no copies of the first one");
}

/* after a time-out, retransmitted with the identification of the first one? */
static void
same_id(unsigned ms, bool twice)
{
	begin(false);
	handshake();
	sends(1, TH_ACK, 1, 1, 197, 10);
	sends(1, TH_ACK, 1, 1, 197, ms);
	sends(0, TH_ACK, 1, 198, 0, 900);
	stamp(true, false);
	t.s[4].ip_id = t.s[3].ip_id;
	check(twice ? (row(4)->marks & MARK_TWICE) != 0
		    : !(row(4)->marks & MARK_TWICE) &&
			  (row(4)->marks & MARK_AGAIN) &&
			  (row(4)->marks & MARK_UNSURE),
	    "the same identification after %u ms: %s", ms,
	    twice ? "a copy" : "not knowable");
}

/* a retransmission of two segments with the identification of the first one:
   the second one was sent before it */
static void
id_of_another(void)
{
	begin(false);
	handshake();
	sends(0, TH_ACK, 1, 1, 239, 10);
	sends(1, TH_ACK, 1, 240, 85, 10);
	sends(1, TH_ACK, 86, 240, 53, 0);
	sends(0, TH_ACK, 240, 139, 0, 1);
	sends(0, TH_ACK, 240, 139, 59, 0);
	sends(1, TH_ACK, 1, 240, 138, 4);
	stamp(true, false);
	t.s[5].ip_id = t.s[4].ip_id + 7;
	t.s[8].ip_id = t.s[4].ip_id;
	check(!(row(4)->marks & MARK_AGAIN) && !(row(5)->marks & MARK_AGAIN) &&
		  (row(8)->marks & MARK_AGAIN) && !(row(8)->marks & MARK_LATE),
	    "an identification of another segment shows no order");
}

int
main(void)
{
	int v6;

	for (v6 = 0; v6 < 2; v6++) {
		merged(v6, 3000, true, false, 0, "twice: identifications");
		merged(v6, 3000, false, true, 0, "twice: timestamps");
		merged(v6, 3000, false, false, 0, "twice: the time between");
		merged(v6, 700, false, false, 9, "twice: MAC addresses");
		behind(v6, 1, 500, 1);
		behind(v6, UINT32_C(3000000000), 500, 2);
		behind(v6, 1, 6000, 2);
		two_places(v6);
		probes(v6);
		late_synack(v6);
		resets(v6, false);
		resets(v6, true);
		doubled(v6, 5);
		doubled(v6, 300);
		cut(v6, true, 20, false, 0);
		cut(v6, false, 20, false, 0);
		cut(v6, true, 3000, false, 9);
		cut(v6, false, 3000, false, 9);
	}
	cut(false, true, 3000, true, 0);
	cut(false, false, 3000, true, 0);
	cut_again(true);
	cut_again(false);
	cut_anew();
	cut_begin(false, 20);
	cut_begin(false, 30000);
	cut_begin(true, 30000);
	same_id(100, true);
	same_id(450, false);
	id_of_another();
	return done();
}
