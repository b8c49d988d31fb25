/*
 * plan_test.c - rawinject's plans: who holds the socket follows none that
 * names a byte outside of what was to be planned and what was made for it, nor
 * one without end. The socket is one of two that keep messages apart.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cmd/rawinject/rawinject.h"
#include "tap.h"

enum { START = 100, END = 400 };

static struct ask ask;
static struct plan plan;
static struct planner pl = {.ask = &ask, .plan = &plan};
static struct pktsock cs = {.vnet = true};
static struct batch batch = {.cs = &cs};
static int other;
static unsigned filled;

/* one message of one piece */
static void
one(uint32_t at, uint32_t len)
{
	plan.more = 0;
	plan.n = 1;
	plan.msg[0] = (struct plan_msg){1, 0};
	plan.piece[0] = (struct plan_piece){at, len};
	pl.start = START;
	pl.end = END;
	pl.left = END - START;
	batch.n = batch.niov = 0;
}

static ssize_t
sent(uint8_t *buf, size_t cap)
{
	return recv(other, buf, cap, MSG_DONTWAIT);
}

static void
followed(const char *what, uint32_t at, uint32_t len, const uint8_t *want)
{
	static uint8_t got[PLAN_MADE + PKTSOCK_VNET_HLEN];
	static const uint8_t none[PKTSOCK_VNET_HLEN];
	ssize_t n;

	one(at, len);
	check(follow(&batch, &pl) == 0, "%s: followed", what);
	n = sent(got, sizeof(got));
	check(n == (ssize_t)(len + sizeof(none)) &&
		  memcmp(got, none, sizeof(none)) == 0 &&
		  memcmp(got + sizeof(none), want, len) == 0,
	    "%s: and just that is sent", what);
}

/* refused - the plan as it is now */
static void
refused(const char *what)
{
	uint8_t byte;

	check(follow(&batch, &pl) == -1, "%s: refused", what);
	check(sent(&byte, 1) < 0, "%s: nothing is sent", what);
}

static void
refused_piece(const char *what, uint32_t at, uint32_t len)
{
	one(at, len);
	refused(what);
}

static void
pieces(void)
{
	const uint32_t made = ASK_BYTES, end = ASK_BYTES + PLAN_MADE;

	followed("all of the records", START, END - START, ask.buf + START);
	followed("the first byte", START, 1, ask.buf + START);
	followed("the last byte", END - 1, 1, ask.buf + END - 1);
	followed("the first that was made", made, 1, plan.made);
	followed(
	    "the last that was made", end - 1, 1, plan.made + PLAN_MADE - 1);
	refused_piece("a byte before the records", START - 1, 1);
	refused_piece("from before into them", START - 1, 10);
	refused_piece("a byte behind them", END, 1);
	refused_piece("from them over the end", END - 1, 2);
	refused_piece("no bytes", START, 0);
	refused_piece("more than there is memory", START, UINT32_MAX);
	refused_piece("as many as to wrap", START, UINT32_MAX - START + 1);
	refused_piece("the buffer's last byte", ASK_BYTES - 1, 1);
	refused_piece("from the buffer into what was made", ASK_BYTES - 1, 2);
	refused_piece("no bytes that were made", made, 0);
	refused_piece("a byte behind what was made", end, 1);
	refused_piece("from it over the end", end - 1, 2);
	refused_piece("far away", UINT32_MAX, 1);
	refused_piece("far away and long", UINT32_MAX, UINT32_MAX);
}

static void
numbers(void)
{
	unsigned i;

	one(START, 1);
	plan.n = PLAN_MSGS + 1;
	pl.left = SIZE_MAX;
	refused("more messages than a plan has");
	one(START, 1);
	plan.n = UINT32_MAX;
	refused("as many as can be said");
	one(START, 1);
	plan.msg[0].pieces = 0;
	refused("a message of nothing");
	one(START, 1);
	plan.msg[0].pieces = PLAN_PIECES_EACH + 1;
	for (i = 0; i <= PLAN_PIECES_EACH; i++)
		plan.piece[i] = plan.piece[0];
	refused("a message of too many pieces");
	one(START, 1);
	plan.msg[0].pieces = UINT16_MAX;
	refused("of as many as can be said");
	one(START, 1);
	plan.n = 0;
	plan.more = 1;
	refused("nothing, and more of it");
	one(START, 1);
	plan.n = 0;
	check(follow(&batch, &pl) == 0, "nothing to send is a plan");
}

/*
 * more pieces than there are, each message being right by itself; what comes
 * before them may be sent
 */
static void
too_many(void)
{
	unsigned i, n = PLAN_PIECES / PLAN_PIECES_EACH + 1;
	uint8_t got[128];

	one(START, 1);
	for (i = 0; i < PLAN_PIECES; i++)
		plan.piece[i] = plan.piece[0];
	plan.n = n;
	for (i = 0; i < n; i++)
		plan.msg[i] = (struct plan_msg){PLAN_PIECES_EACH, 0};
	cs.fd = -1; /* no message gets anywhere */
	check(
	    follow(&batch, &pl) == -1, "more pieces than a plan has: refused");
	check(sent(got, sizeof(got)) < 0, "and nothing more is sent");
}

/* of 300 bytes no more than 300 messages become */
static void
without_end(void)
{
	unsigned i, n = 0;
	uint8_t got[64];

	one(START, 1);
	plan.more = 1;
	for (i = 0; i < END - START; i++) {
		n += follow(&batch, &pl) == 1;
		(void)sent(got, sizeof(got));
	}
	check(n == END - START, "as many messages as bytes, plan by plan");
	refused("and one more");
}

static void
super_frame(void)
{
	uint8_t got[128], want[128];
	unsigned i;

	one(ASK_BYTES, 64);
	for (i = 0; i < 64; i++)
		plan.made[i] = (uint8_t)(i + 1);
	memcpy(want, plan.made, 64);
	plan.msg[0] = (struct plan_msg){3, 1};
	for (i = 1; i < 3; i++) {
		plan.piece[i] = (struct plan_piece){START + i * 50, 20};
		memcpy(want + 44 + i * 20, ask.buf + START + i * 50, 20);
	}
	batch.sent = batch.supers = 0;
	plan.bad = 3;
	plan.refused = 4;
	batch.bad = batch.refused = 0;
	check(follow(&batch, &pl) == 0, "a super-frame: followed");
	check(sent(got, sizeof(got)) == 104 && memcmp(got, want, 104) == 0,
	    "it begins with its own header, and has its payloads");
	check(batch.sent == 2 && batch.supers == 1 && batch.bad == 3 &&
		  batch.refused == 4,
	    "two records, one super-frame, and what the plan counts");
	plan.bad = plan.refused = 0;
}

static void
on_full(void)
{
	filled++;
}

/* a plan that is full is handed over before more goes in */
static void
drafts(void)
{
	static struct draft d = {.ask = &ask, .plan = &plan, .full = on_full};
	unsigned i;

	draft_begin(&d);
	for (i = 0; i < PLAN_MSGS; i++)
		draft_frame(&d, ask.buf + START, 1);
	check(filled == 0 && plan.n == PLAN_MSGS, "as many messages as fit");
	check(
	    draft_extend(&d, ask.buf + START, 1) && plan.msg[i - 1].pieces == 2,
	    "the last can have more pieces");
	draft_begin(&d);
	for (i = 0; i < 4; i++)
		(void)draft_make(&d, PLAN_MADE / 4);
	check(filled == 0 && d.made == PLAN_MADE, "as many bytes as fit");
	check(draft_super(&d, &(struct segment){.hlen = 54}) == NULL,
	    "there is no room for headers then");
}

int
main(void)
{
	int pair[2], size = 1 << 20;
	size_t i;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
		return 1;
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	cs.fd = pair[0];
	other = pair[1];
	for (i = 0; i < sizeof(ask.buf); i++)
		ask.buf[i] = (uint8_t)(i * 31 + i / 256);
	pieces();
	numbers();
	without_end();
	super_frame();
	drafts();
	too_many();
	return done();
}
