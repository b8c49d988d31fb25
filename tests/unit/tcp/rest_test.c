/*
 * rest_test.c - what a connection takes: little at rest, and less is sent
 * where memory is refused; and the table finds whoever is in it.
 */
#include "base/bytes.h"
#include "quiet.h"
#include "tap.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "tests/frame.h"
#include "wire/parse.h"
#include "wire/tcp_seq.h"

enum { MANY = 20000 };

#define START UINT64_C(1763640000000000000)
#define MS    UINT64_C(1000000)

static struct {
	struct tcp *t;
	struct tcb *tcb;
	uint64_t now;
	uint32_t iss;	  /* ours */
	size_t sent, got; /* bytes */
	unsigned dropped;
} x;

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	x.sent += dlen;
	if (head[47] & TH_SYN)
		x.iss = get_be32(head + 38);
}

static void
on_event(void *ctx, const struct tcp_event *ev)
{
	x.dropped += ev->type == TCP_EV_DROP &&
		     strcmp(ev->why, "no-memory") == 0;
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	x.tcb = tcb;
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	x.got += n;
}

static const struct tcp_host host = {.emit = on_emit, .event = on_event};

static const struct tcp_app app = {
    .opened = on_opened, .received = on_received, .data = quiet_data};

/* hear - a segment with n bytes of data from the peer, 20 ms later */
static void
hear(uint8_t flags, uint32_t seq, uint32_t ack, uint32_t n)
{
	struct tcp_hdr h = {.sport = 1000,
	    .dport = 80,
	    .seq = seq,
	    .ack = ack,
	    .flags = flags,
	    .wnd = 60000};
	static const uint8_t us[4] = {10, 0, 0, 5}, peer[4] = {10, 0, 0, 9};
	uint8_t f[2048] = {0};
	size_t len;

	h.opt.have_mss = h.opt.sack_ok = flags & TH_SYN;
	h.opt.mss = 1460;
	len = frame_tcp4(f, peer, us, &h, n);
	x.now += 20 * MS;
	tcp_input(x.t, x.now, f, len, x.now, 1);
	quiet_step(x.t, x.now);
}

static void
begin(const char *cong)
{
	struct tcp_config cfg;

	memset(&x, 0, sizeof(x));
	x.now = START;
	tcp_defaults(&cfg);
	cfg.cong = tcp_cong_find(cong);
	x.t = tcp_new(&cfg, &host, NULL, &app, NULL, x.now);
	hear(TH_SYN, 0, 0, 0);
	hear(TH_ACK, 1, x.iss + 1, 0);
	tcp_nodelay(x.tcb, true);
	quiet_step(x.t, x.now);
}

static bool
at_rest(void)
{
	return x.tcb->w == NULL && x.t->works.used == 0 &&
	       x.t->sents.used == 0 && tcp_deadline(x.t) == NEVER;
}

static void
test_rest(const char *cong)
{
	uint32_t cwnd;

	begin(cong);
	check(at_rest(), "%s: established, at rest, without a timer", cong);
	tcp_offer(x.tcb, 2000);
	quiet_step(x.t, x.now);
	check(x.tcb->w != NULL && x.t->sents.used == 1 && x.sent == 2000,
	    "in flight: one record for a burst");
	hear(TH_ACK, 1, x.iss + 1 + 2000, 0);
	check(at_rest() && x.tcb->una_off == 2000, "acknowledged: at rest");
	cwnd = x.tcb->cwnd;
	hear(TH_ACK, 1, x.iss + 1 + 2000, 100);
	check(!at_rest() && x.got == 100, "an ACK is owed: a timer runs");
	x.now += 40 * MS;
	quiet_step(x.t, x.now);
	check(at_rest() && x.tcb->cwnd == cwnd, "it is sent: at rest");
	hear(TH_ACK, 300, x.iss + 1 + 2000, 100);
	check(x.tcb->w != NULL && x.tcb->w->ooo != NULL, "a hole is not rest");
	hear(TH_ACK, 101, x.iss + 1 + 2000, 199);
	check(at_rest() && x.got == 399, "filled: at rest");
	hear(TH_ACK, 1u << 31, x.iss + 1 + 2000, 100);
	hear(TH_ACK, 400, x.iss + 5, 0);
	hear(TH_RST, 500, 0, 0);
	check(at_rest(), "what is refused leaves nothing behind");
	tcp_free(x.t);
}

/* test_refused - no memory for the work: a segment less, or later */
static void
test_refused(void)
{
	begin("cubic");
	x.t->works.max = 0;
	hear(TH_ACK, 1, x.iss + 1, 100);
	check(x.dropped == 1 && x.got == 0 && x.tcb->w == NULL,
	    "refused memory: a segment dropped, and counted");
	tcp_offer(x.tcb, 5000);
	quiet_step(x.t, x.now);
	check(x.sent == 0 && tcp_deadline(x.t) != NEVER,
	    "nothing is sent, and a timer runs");
	x.now += 100 * MS;
	quiet_step(x.t, x.now);
	check(x.sent == 0 && tcp_deadline(x.t) > x.now &&
		  tcp_deadline(x.t) < x.now + 1000 * MS,
	    "not yet, and not without pause");
	x.t->works.max = 1;
	x.now += 100 * MS;
	quiet_step(x.t, x.now);
	check(x.sent == 5000, "there is some: all is sent");
	hear(TH_ACK, 1, x.iss + 1 + 5000, 100);
	check(x.got == 100 && x.dropped == 1, "and taken");
	hear(TH_ACK, 101, x.iss + 1 + 5000, 100);
	check(at_rest(), "then at rest");
	hear(TH_SYN, 7, 0, 0); /* a challenge, with the last of it */
	x.t->works.max = 0;
	tcp_abort(x.tcb, x.now);
	quiet_step(x.t, x.now);
	check(tcp_stats(x.t)->resets_out == 1 && tcp_stats(x.t)->conns == 0,
	    "an abort needs none");
	tcp_free(x.t);
}

/* test_records - no record for a burst: it goes out later */
static void
test_records(void)
{
	begin("cubic");
	x.t->sents.max = 0;
	tcp_offer(x.tcb, 5000);
	quiet_step(x.t, x.now);
	check(x.sent == 0 && tcp_deadline(x.t) != NEVER,
	    "no record, nothing sent, and a timer runs");
	x.t->sents.max = 1;
	x.now += 100 * MS;
	quiet_step(x.t, x.now);
	check(x.sent == 5000 && x.t->sents.used == 1, "there is one: sent");
	tcp_offer(x.tcb, 20000);
	x.now += MS;
	quiet_step(x.t, x.now);
	check(x.sent == 5000, "there is no second one: less in flight");
	hear(TH_ACK, 1, x.iss + 1 + 5000, 0);
	check(x.sent > 5000 && x.t->sents.used == 1, "the ACK frees it");
	tcp_free(x.t);
}

static struct tcb *
nth(uint32_t i, bool make)
{
	static const struct mac gw = {{2, 0, 0, 0, 0, 1}};
	struct ip_addr l, r;

	parse_addr("10.0.0.5", &l);
	parse_addr("10.0.0.9", &r);
	r.b[14] = (uint8_t)(i >> 10);
	r.b[15] = 7;
	if (make)
		return tcp_connect(
		    x.t, START, &l, 80, &r, (uint16_t)(1024 + (i & 1023)), &gw);
	return (struct tcb *)tcp_lookup(
	    x.t, &l, 80, &r, (uint16_t)(1024 + (i & 1023)));
}

/* longest - chain of the table */
static uint32_t
longest(void)
{
	uint32_t i, n, most = 0;
	struct conn *c;

	for (i = 0; i < x.t->nbuckets; i++) {
		for (n = 0, c = x.t->bucket[i]; c != NULL; c = c->next)
			n++;
		most = n > most ? n : most;
	}
	return most;
}

static void
test_table(void)
{
	static struct tcb *tcb[MANY];
	struct tcp_config cfg;
	bool found = true, gone = true;
	uint32_t i, k;

	tcp_defaults(&cfg);
	x.t = tcp_new(&cfg, &host, NULL, &app, NULL, START);
	for (i = 0; i < MANY && found; i++) {
		tcb[i] = nth(i, true);
		k = i * 7919u % (i + 1); /* one of those before */
		found = nth(i, false) == tcb[i] && nth(k, false) == tcb[k];
	}
	check(found, "all of %d are found while the table grows", MANY);
	check(x.t->nbuckets + 1 >= MANY && longest() < 12,
	    "in chains of %u at most", longest());
	for (i = 0; i < MANY; i += 2)
		tcp_abort(tcb[i], START);
	for (i = 0; i < MANY; i++)
		gone = gone && nth(i, false) == (i % 2 ? tcb[i] : NULL);
	check(gone, "half of them gone, the others are found");
	tcp_free(x.t);
}

/* hear_sack - an ACK with blocks of one byte each, from seq, every second */
static void
hear_sack(uint32_t seq)
{
	struct tcp_hdr h = {.seq = 1, .ack = x.iss + 1, .flags = TH_ACK};
	struct seg seg = {.stamp = x.now};
	uint32_t i;

	h.wnd = 60000;
	h.opt.nsack = 3;
	for (i = 0; i < 3; i++) {
		h.opt.sack[i].start = seq + 2 * i;
		h.opt.sack[i].end = seq + 2 * i + 1;
	}
	seg.h = h;
	seg.src = x.tcb->c.raddr;
	seg.dst = x.tcb->c.laddr;
	seg.h.sport = x.tcb->c.rport;
	seg.h.dport = x.tcb->c.lport;
	seg.l2 = x.tcb->c.l2;
	seg.l2len = x.tcb->c.l2len;
	tcp_segment(x.t, x.now, &seg);
}

/* test_sack_flood - the scoreboard stays so short that an ACK stays cheap */
static void
test_sack_flood(void)
{
	enum { FLIGHT = 100000000, ACKS = 20000, MOST = 1024 + 4096 };
	uint32_t i, before, longest = 0;

	begin("reno");
	x.tcb->snd_wscale = 14;
	x.tcb->snd_wnd = x.tcb->max_sndwnd = x.tcb->cwnd = 1 << 28;
	x.tcb->last_sent = tcp_ts_now(x.now); /* not after a pause */
	tcp_offer(x.tcb, FLIGHT);
	quiet_step(x.t, x.now);
	before = x.tcb->w->fl.count;
	check(
	    x.sent == FLIGHT && before < 2000, "in flight: %u records", before);
	/* the list is what each of them walks */
	for (i = 0; i < ACKS; i++) {
		hear_sack(x.iss + 1 + FLIGHT / 2 + 7 * i);
		if (x.tcb->w->fl.count > longest)
			longest = x.tcb->w->fl.count;
	}
	check(longest <= MOST, "no one of %d ACKs walks more than %u records",
	    ACKS, longest);
	check(x.tcb->w->fl.count > before && x.tcb->w->fl.count <= MOST,
	    "%d ACKs of single bytes: %u records", ACKS, x.tcb->w->fl.count);
	check(x.t->sents.used == x.tcb->w->fl.count, "none elsewhere");
	tcp_free(x.t);
}

int
main(void)
{
	check(sizeof(struct tcb) <= 320, "a connection is %zu bytes",
	    sizeof(struct tcb));
	check(sizeof(struct time_wait) <= 128, "in TIME-WAIT %zu",
	    sizeof(struct time_wait));
	test_rest("cubic");
	test_rest("reno");
	test_rest("bbr");
	test_refused();
	test_records();
	test_table();
	test_sack_flood();
	return done();
}
