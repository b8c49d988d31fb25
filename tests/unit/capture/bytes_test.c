/* bytes_test.c - how many bytes of data a capture shows, each once */
#include "tap.h"

#include "talk.h"

static void
shows(uint64_t left, uint64_t right, const char *what)
{
	const struct conn *c;

	row(0);
	c = &t.conns.conn[0];
	check(c->end[LEFT].bytes == left && c->end[RIGHT].bytes == right,
	    "%s: %llu and %llu", what, (unsigned long long)c->end[LEFT].bytes,
	    (unsigned long long)c->end[RIGHT].bytes);
}

/* of either side: from; first what lies above a gap, then what fills it */
static void
gaps(bool v6, int from, unsigned ms)
{
	begin(v6);
	handshake();
	sends(from, TH_ACK, 1, 1, 1000, 10);
	sends(from, TH_ACK, 2001, 1, 1000, 0);
	sends(from, TH_ACK, 3001, 1, 1000, 0);
	sends(!from, TH_ACK, 1, 1001, 0, 10);
	sends(from, TH_ACK, 1001, 1, 1000, ms);
	sends(from, TH_ACK | TH_FIN, 3501, 1, 1000, 1);
	shows(from == 0 ? 4500 : 0, from == 0 ? 0 : 4500,
	    ms > 100 ? "a retransmission fills a gap" : "reordered data");
}

static void
again(bool v6)
{
	begin(v6);
	handshake();
	sends(0, TH_ACK, 1, 1, 1000, 10);
	sends(0, TH_ACK, 1, 1, 1000, 300);
	sends(0, TH_ACK | TH_FIN, 501, 1, 1000, 300);
	sends(0, TH_ACK | TH_FIN, 1501, 1, 0, 300);
	shows(1500, 0, "retransmitted data, and a FIN");

	begin(v6);
	sends(0, TH_SYN, 0, 0, 100, 0);
	sends(1, TH_SYN | TH_ACK, 0, 1, 50, 10);
	sends(0, TH_ACK, 1, 51, 100, 10);
	shows(100, 50, "data of SYNs");
}

/* taken: the byte of a probe is acknowledged, before it comes once more */
static void
probe(bool v6, bool taken)
{
	begin(v6);
	handshake();
	t.s[1].wnd = 1000;
	sends(0, TH_ACK, 1, 1, 1000, 10);
	sends(1, TH_ACK, 1, 1001, 0, 10);
	t.s[t.list.n - 1].wnd = 0;
	sends(0, TH_ACK, 1001, 1, 1, 300);
	sends(1, TH_ACK, 1, taken ? 1002 : 1001, 0, 10);
	if (taken)
		sends(0, TH_ACK, 1001, 1, 1, 300);
	shows(taken ? 1001 : 1000, 0,
	    taken ? "a window probe's byte is taken" : "or is not");
}

int
main(void)
{
	int v6;

	for (v6 = 0; v6 < 2; v6++) {
		gaps(v6, 0, 0);
		gaps(v6, 1, 0);
		gaps(v6, 0, 300);
		gaps(v6, 1, 300);
		again(v6);
		probe(v6, false);
		probe(v6, true);
	}
	return done();
}
