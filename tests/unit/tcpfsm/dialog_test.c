/*
 * dialog_test.c - a conversation out of its packets: in any order, twice and
 * overlapping, across the wrap of sequence numbers; the order of turns; what
 * is missing
 */
#include <stdlib.h>

#include "base/chance.h"
#include "cmd/tcpfsm/replay/dialog.h"
#include "tap.h"
#include "wire/tcp_hdr.h"

enum { STREAM = 4000, PIECES = 400, HELLO = 20 };

/* what is put in: a conversation in which the client says HELLO bytes, the
   server answers by STREAM, and the client closes first */
static struct {
	struct conv_piece p[PIECES];
	uint32_t n;
	uint8_t store[1 << 20];
	size_t stored;
	struct conv c;
	enum conv_who me;
} x;

static const uint32_t isn[2] = {0xfffffff5, 0xfffff800}; /* both wrap */

static uint8_t
byte_at(int who, uint64_t off)
{
	return (uint8_t)(off * 31 + (off >> 8) + (uint64_t)who * 7);
}

/* put - a packet of off to off + n, with so much of the other's heard */
static struct conv_piece *
put(int who, uint64_t off, uint32_t n, uint64_t heard, uint8_t flags)
{
	struct conv_piece *p = &x.p[x.n++];
	uint32_t i;

	*p = (struct conv_piece){
	    .time = x.n * 1000000,
	    .no = x.n,
	    .at = x.stored,
	    .seq = (uint32_t)(isn[who] + 1 + off) - !!(flags & TH_SYN),
	    .ack = (uint32_t)(isn[!who] + 1 + heard),
	    .len = n,
	    .flags = flags,
	    .who = (uint8_t)who,
	};
	for (i = 0; i < n; i++)
		x.store[x.stored++] = byte_at(who, off + i);
	return p;
}

static void
begin(void)
{
	conv_free(&x.c);
	memset(&x, 0, sizeof(x));
	x.me = CONV_SERVER;
	put(CONV_CLIENT, 0, 0, 0, TH_SYN);
	put(CONV_SERVER, 0, 0, 0, TH_SYN | TH_ACK);
	put(CONV_CLIENT, 0, 0, 0, TH_ACK);
}

static bool
built(void)
{
	return conv_build(&x.c, x.p, x.n, x.store, x.me) == 0;
}

static bool
right(int who, uint64_t len)
{
	const struct conv_side *s = &x.c.side[who];
	uint64_t i;

	if (s->len != len)
		return false;
	for (i = 0; i < len; i++) {
		if (s->bytes[i] != byte_at(who, i))
			return false;
	}
	return true;
}

/* in_order - cues ascend, to the end, and ask for nothing that is not there */
static bool
in_order(int who)
{
	const struct conv_side *s = &x.c.side[who], *you = &x.c.side[!who];
	uint64_t end = 0, need = 0;
	uint32_t i;

	for (i = 0; i < s->cues; i++) {
		if (s->cue[i].end <= end || s->cue[i].need < need)
			return false;
		end = s->cue[i].end;
		need = s->cue[i].need;
	}
	return end == s->len && need <= you->len + 1 &&
	       (!s->fin || s->fin_cue.need >= need);
}

/* shuffle - pieces of any size in any order, until all has been there */
static void
shuffle(void)
{
	struct chance c;
	uint32_t off, n, i;
	int seed, good = 0, ordered = 0;

	for (seed = 0; seed < 300; seed++) {
		chance_seed(&c, (uint64_t)seed);
		begin();
		put(CONV_CLIENT, 0, HELLO, 0, TH_ACK);
		for (i = 0; i < 60; i++) {
			off = (uint32_t)chance_below(&c, STREAM);
			n = (uint32_t)chance_below(&c, 300);
			if (off + n > STREAM)
				n = STREAM - off;
			put(CONV_SERVER, off, n, HELLO, TH_ACK);
		}
		for (off = 0; off < STREAM; off += 100)
			put(CONV_SERVER, off, 100, HELLO, TH_ACK);
		put(CONV_CLIENT, HELLO, 0, STREAM, TH_FIN | TH_ACK);
		put(CONV_SERVER, STREAM, 0, HELLO + 1, TH_FIN | TH_ACK);
		good += built() && x.c.why[0] == '\0' && conv_ended(&x.c) &&
			right(CONV_CLIENT, HELLO) &&
			right(CONV_SERVER, STREAM) && x.c.conflicts == 0;
		ordered += in_order(CONV_CLIENT) && in_order(CONV_SERVER) &&
			   x.c.side[CONV_CLIENT].fin_cue.need == STREAM &&
			   x.c.side[CONV_SERVER].fin_cue.need == HELLO + 1 &&
			   x.c.side[CONV_SERVER].cue[0].need == HELLO;
	}
	check(good == 300, "%d of 300 shuffled streams are whole", good);
	check(ordered == 300, "and %d have their turns in order", ordered);
}

static void
turns(void)
{
	const struct conv_side *client, *server;

	begin();
	put(CONV_SERVER, 0, 10, 0, TH_ACK); /* a banner */
	put(CONV_CLIENT, 0, 5, 10, TH_ACK); /* the answer to it */
	put(CONV_CLIENT, 5, 5, 10, TH_ACK);
	put(CONV_SERVER, 10, 10, 10, TH_ACK);
	put(CONV_SERVER, 20, 0, 10, TH_FIN | TH_ACK);
	put(CONV_CLIENT, 10, 0, 21, TH_FIN | TH_ACK);
	client = &x.c.side[CONV_CLIENT];
	server = &x.c.side[CONV_SERVER];
	check(built() && server->cue[0].need == 0 &&
		  client->cue[0].need == 10 && client->cue[1].need == 10 &&
		  server->cue[1].need == 10 && server->fin_cue.need == 10 &&
		  client->fin_cue.need == 21,
	    "who speaks and closes when: as acknowledged");
	check(
	    client->cue[0].pause == 1000000 && client->cue[1].pause == 1000000,
	    "pauses are those to the packet before");

	/* the first copy was lost before the capture: what was said behind it
	   shows that it did not wait */
	begin();
	put(CONV_CLIENT, 5, 5, 0, TH_ACK);
	put(CONV_SERVER, 0, 10, 0, TH_ACK);
	put(CONV_CLIENT, 0, 5, 10, TH_ACK);
	check(built() && right(CONV_CLIENT, 10) &&
		  x.c.side[CONV_CLIENT].cue[0].need == 0,
	    "bytes sent again have the cue of those behind them");
	check(!conv_ended(&x.c), "a record that breaks off");
}

static void
resets(void)
{
	begin();
	put(CONV_CLIENT, 0, 5, 0, TH_ACK);
	put(CONV_SERVER, 0, 10, 5, TH_ACK);
	put(CONV_CLIENT, 5, 0, 0, TH_RST);
	put(CONV_SERVER, 10, 10, 5, TH_ACK); /* was on its way */
	check(built() && conv_ended(&x.c) && x.c.side[CONV_CLIENT].reset &&
		  x.c.side[CONV_CLIENT].reset_cue.need == 10 &&
		  x.c.side[CONV_CLIENT].reset_acked == 5 &&
		  x.c.side[CONV_SERVER].len == 10,
	    "a reset comes when all before it is heard, and ends all");
}

/* holes - what the side that is not played lacks */
static void
holes(void)
{
	const struct conv_side *s;

	begin();
	put(CONV_SERVER, 0, 10, 0, TH_ACK);
	put(CONV_SERVER, 15, 10, 0, TH_ACK);
	put(CONV_CLIENT, 0, 10, 30, TH_ACK);
	x.me = CONV_CLIENT;
	s = &x.c.side[CONV_SERVER];
	check(built() && x.c.why[0] == '\0' && s->len == 30 && s->holes == 2 &&
		  s->unknown == 10 && s->hole[0].from == 10 &&
		  s->hole[1].from == 25 && x.c.side[CONV_CLIENT].holes == 0,
	    "of the other side gaps are holes");
	begin();
	put(CONV_CLIENT, 0, 10, 30, TH_ACK);
	check(built() && strstr(x.c.why, "both directions") != NULL,
	    "a capture of one direction: %s", x.c.why);
	x.me = CONV_CLIENT;
	conv_free(&x.c);
	check(built() && x.c.why[0] == '\0' && x.c.side[0].len == 10 &&
		  s->unknown == 30,
	    "whose side can be played");
	begin();
	put(CONV_CLIENT, 0, 10, 0, TH_ACK);
	put(CONV_CLIENT, 10, 0, 30, TH_ACK);
	put(CONV_CLIENT, 10, 0, 31, TH_ACK);
	x.me = CONV_CLIENT;
	check(built() && s->len == 30 && s->unknown == 30 && s->fin,
	    "an ACK that goes on by one is that of the silent side's FIN");
	begin();
	put(CONV_CLIENT, 0, 10, 0, TH_ACK);
	put(CONV_SERVER, CONV_HOLES + 10, 10, 10, TH_ACK);
	x.me = CONV_CLIENT;
	check(built() && strstr(x.c.why, "missing") != NULL,
	    "holes are bounded: %s", x.c.why);
}

static void
missing(void)
{
	struct conv_piece *p;

	begin();
	put(CONV_SERVER, 0, 10, 0, TH_ACK);
	put(CONV_SERVER, 15, 10, 0, TH_ACK);
	check(built() && strcmp(x.c.why,
			     "5 bytes at offset 10 of the server's data are "
			     "missing, before packet 5") == 0,
	    "a gap: %s", x.c.why);
	begin();
	put(CONV_SERVER, 0, 10, 0, TH_ACK);
	put(CONV_CLIENT, 0, 0, 30, TH_ACK);
	check(built() && strstr(x.c.why, "20 bytes at offset 10") != NULL,
	    "bytes that were acknowledged: %s", x.c.why);
	begin();
	put(CONV_SERVER, 0, 10, 0, TH_ACK);
	put(CONV_CLIENT, 0, 0, 11, TH_ACK);
	check(built() && x.c.why[0] == '\0' && x.c.side[CONV_SERVER].fin &&
		  x.c.side[CONV_SERVER].len == 10,
	    "one number more at the end is that of a FIN");
	begin();
	p = put(CONV_SERVER, 0, 10, 0, TH_ACK);
	p->missing = 5;
	put(CONV_SERVER, 15, 10, 0, TH_ACK);
	check(built() && strstr(x.c.why, "packet 4 was captured short") != NULL,
	    "a frame cut short: %s", x.c.why);
	put(CONV_SERVER, 10, 5, 0, TH_ACK);
	conv_free(&x.c);
	check(built() && x.c.why[0] == '\0' && right(CONV_SERVER, 25),
	    "that came again whole");
	x.p[1].flags = TH_ACK;
	conv_free(&x.c);
	check(built() && x.c.why[0] == '\0' && x.c.side[CONV_SERVER].len == 25,
	    "without the server's SYN its stream begins with its first bytes");
	x.n = 1;
	conv_free(&x.c);
	check(built() && strncmp(x.c.why, "no handshake", 12) == 0,
	    "a SYN alone: %s", x.c.why);
	x.p[1].flags = TH_RST | TH_ACK;
	x.n = 2;
	conv_free(&x.c);
	check(built() && strstr(x.c.why, "refused the SYN") != NULL,
	    "and refused: %s", x.c.why);
	x.n = 0;
	conv_free(&x.c);
	check(built() && strncmp(x.c.why, "no handshake", 12) == 0,
	    "nothing: %s", x.c.why);
	begin();
	conv_free(&x.c);
	check(built() && x.c.why[0] == '\0' && !conv_ended(&x.c),
	    "a handshake and nothing more");
	begin();
	x.n = 0;
	p = put(CONV_CLIENT, 0, 10, 0, TH_SYN);
	p->seq--;
	conv_free(&x.c);
	check(built() && x.c.why[0] == '\0' && right(CONV_CLIENT, 10),
	    "a SYN with data that is not answered");
}

static void
odd(void)
{
	begin();
	put(CONV_SERVER, 0, 10, 0, TH_ACK);
	put(CONV_SERVER, 9, 1, 0, TH_ACK); /* a keep-alive with a byte */
	x.store[x.stored - 1] ^= 0xff;
	put(CONV_CLIENT, (uint64_t)-1, 1, 10, TH_ACK); /* before the first */
	put(CONV_SERVER, 10, 10, 0, TH_FIN | TH_ACK);
	put(CONV_SERVER, 20, 10, 0, TH_ACK); /* behind the end */
	check(built() && x.c.why[0] == '\0' && right(CONV_SERVER, 20) &&
		  right(CONV_CLIENT, 0) && x.c.conflicts == 1,
	    "probes and bytes behind the FIN are left out, conflicts counted");
}

int
main(void)
{
	shuffle();
	turns();
	resets();
	missing();
	holes();
	odd();
	conv_free(&x.c);
	return done();
}
