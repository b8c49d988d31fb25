/*
 * pace_test.c - the pace that a slow path has led to, and time-outs: what is
 * retransmitted then goes at once, RFC 6298 5.4.
 */
#include "base/bytes.h"
#include "quiet.h"
#include "tap.h"
#include "tcp/tcp_var.h"
#include "tests/frame.h"

#define START UINT64_C(1763640000000000000)
#define MS    UINT64_C(1000000)
#define S     (1000 * MS)

enum { PORT = 1000 };

static struct {
	struct tcp *t;
	uint64_t now;
	uint32_t iss, data; /* segments that have some */
} x;

static const uint8_t us[4] = {10, 0, 0, 5}, peer[4] = {10, 0, 0, 9};

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	if (head[47] & TH_SYN)
		x.iss = get_be32(head + 38);
	x.data += dlen > 0;
}

static void
say(uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct tcp_hdr h = {.sport = PORT,
	    .dport = 80,
	    .seq = seq,
	    .ack = ack,
	    .flags = flags,
	    .wnd = 60000};
	uint8_t f[128] = {0};
	size_t len = frame_tcp4(f, peer, us, &h, 0);

	tcp_input(x.t, x.now, f, len, x.now, 1);
	quiet_step(x.t, x.now);
}

/* until - the timers that are due by then, each at its time */
static void
until(uint64_t at)
{
	while (tcp_deadline(x.t) <= at) {
		if (x.now < tcp_deadline(x.t))
			x.now = tcp_deadline(x.t);
		quiet_step(x.t, x.now);
	}
	x.now = at;
}

static struct tcb *
sends(const struct tcp_cong *cong, uint64_t bytes)
{
	static const struct tcp_host host = {.emit = on_emit};
	static const struct tcp_app app = {.data = quiet_data};
	struct tcp_config cfg;
	struct ip_addr l, r;
	struct tcb *tcb;

	memset(&x, 0, sizeof(x));
	x.now = START;
	tcp_defaults(&cfg);
	cfg.cong = cong;
	x.t = tcp_new(&cfg, &host, NULL, &app, NULL, x.now);
	say(TH_SYN, 5, 0);
	until(x.now + 50 * MS);
	say(TH_ACK, 6, x.iss + 1);
	ip_from_v4(&l, us);
	ip_from_v4(&r, peer);
	tcb = (struct tcb *)tcp_lookup(x.t, &l, 80, &r, PORT);
	tcp_offer(tcb, bytes);
	quiet_step(x.t, x.now);
	return tcb;
}

static void
test_pace(void)
{
	struct tcb *tcb = sends(&tcp_bbr, 100000);
	uint32_t sent = x.data;

	/* a rate as a very slow path leads to */
	tcb->pace->at = x.now + 20 * S;
	until(x.now + 100 * MS);
	check(sent > 0 && x.data == sent, "BBR's pace holds what is new");
	until(x.now + 2 * S);
	check(x.data > sent, "a time-out retransmits at once");
	sent = x.data;
	until(x.now + 2 * S);
	check(x.data == sent + 1, "the next as well, one segment: %u",
	    x.data - sent);
	tcp_free(x.t);
}

int
main(void)
{
	test_pace();
	return done();
}
