/*
 * library_test.c - the engine as its users have it: ports and settings that
 * change, frames without Ethernet, data in two pieces, memory of the user's,
 * how a connection stands and why it has ended.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "tap.h"
#include "tcp/tcp.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/tcp_hdr.h"

enum { HEAD = 20, ISS = 1000 };

#define START UINT64_C(1763640000000000000)
#define SEC   UINT64_C(1000000000)

/* the last packet that the engine has sent */
static struct {
	struct ip_hdr ip;
	struct tcp_hdr h;
	uint8_t data[2000];
	size_t n;
	unsigned count;
} out;

static struct {
	struct tcp *t;
	struct tcb *tcb;
	uint64_t now;
	struct tcp_reason why;
	unsigned closes;
	bool two_pieces;
	size_t memory; /* pieces of it that are out */
	size_t refuse; /* the n-th from now; 0: none */
} x;

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	uint8_t whole[2100];

	memcpy(whole, head, hlen);
	if (dlen > 0)
		memcpy(whole + hlen, data, dlen);
	out.count++;
	ip_decode(whole, hlen + dlen, &out.ip);
	tcp_hdr_decode(whole + HEAD, hlen + dlen - HEAD, &out.h);
	out.n = dlen;
	if (dlen > 0)
		memcpy(out.data, data, dlen);
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	x.tcb = tcb;
}

static void
on_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	x.why = *why;
	x.closes++;
}

static uint8_t
byte_at(uint64_t off)
{
	return (uint8_t)(off * 7);
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	static uint8_t buf[2000];
	uint32_t i;

	if (x.two_pieces)
		return NULL;
	for (i = 0; i < len; i++)
		buf[i] = byte_at(off + i);
	return buf;
}

static void
on_copy(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len, uint8_t *to)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		to[i] = byte_at(off + i);
}

static void *
get(void *ctx, size_t n)
{
	if (x.refuse > 0 && --x.refuse == 0)
		return NULL;
	x.memory++;
	return malloc(n);
}

static void
put(void *ctx, void *p)
{
	x.memory--;
	free(p);
}

static const struct allocator own_memory = {get, put, NULL};

static struct tcp *
engine(struct tcp_config *c)
{
	static const struct tcp_host host = {.emit = on_emit};
	static const struct tcp_app app = {.opened = on_opened,
	    .closed = on_closed,
	    .data = on_data,
	    .copy = on_copy};

	c->layer3 = true;
	c->allocator = &own_memory;
	return tcp_new(c, &host, NULL, &app, NULL, x.now);
}

static void
begin(struct tcp_config *c)
{
	memset(&x, 0, sizeof(x));
	memset(&out, 0, sizeof(out));
	x.now = START;
	x.t = engine(c);
}

static void
end(const char *what)
{
	tcp_free(x.t);
	check(x.memory == 0, "%s: all memory is given back", what);
}

static void
run(uint64_t ns)
{
	uint64_t until = x.now + ns;

	tcp_flush(x.t, x.now, SIZE_MAX);
	while (tcp_deadline(x.t) <= until) {
		x.now = tcp_deadline(x.t) > x.now ? tcp_deadline(x.t) : x.now;
		tcp_timers(x.t, x.now);
		tcp_flush(x.t, x.now, SIZE_MAX);
	}
	x.now = until;
	tcp_flush(x.t, x.now, SIZE_MAX);
}

static void
packet(struct ip_hdr *ip, uint8_t *p, size_t n)
{
	parse_addr("10.0.0.9", &ip->src);
	parse_addr("10.0.0.5", &ip->dst);
	ip->ttl = 64;
	ip->len = (uint32_t)(HEAD + n);
	ip_encode(p, ip);
}

/* hear - a segment of the peer, from port 1000 to this one */
static void
hear(uint16_t port, uint16_t flags, uint32_t seq, uint32_t ack)
{
	struct tcp_hdr h = {
	    .sport = 1000, .dport = port, .seq = seq, .ack = ack, .wnd = 60000};
	struct ip_hdr ip = {.proto = PROTO_TCP};
	uint8_t p[200];
	size_t n;

	h.flags = flags;
	h.opt.have_mss = h.opt.sack_ok = h.opt.have_wscale = flags & TH_SYN;
	h.opt.have_ts = true;
	h.opt.tsval = (uint32_t)(x.now / 1000000);
	h.opt.mss = 1460;
	h.opt.wscale = 2;
	n = (size_t)tcp_hdr_encode(p + HEAD, &h);
	packet(&ip, p, n);
	put_be16(
	    p + HEAD + 16, ip_cksum(&ip.src, &ip.dst, PROTO_TCP, p + HEAD, n));
	tcp_input(x.t, x.now, p, HEAD + n, x.now, 1);
	tcp_flush(x.t, x.now, SIZE_MAX);
}

/* hear_unreachable - a port unreachable about the SYN that was sent */
static void
hear_unreachable(void)
{
	struct ip_hdr ip = {.proto = PROTO_ICMP};
	struct ip_hdr quoted = out.ip;
	uint8_t p[100] = {0};

	p[HEAD] = 3;
	p[HEAD + 1] = 3;
	ip_encode(p + HEAD + 8, &quoted);
	put_be16(p + 2 * HEAD + 8, out.h.sport);
	put_be16(p + 2 * HEAD + 10, out.h.dport);
	put_be32(p + 2 * HEAD + 12, out.h.seq);
	packet(&ip, p, HEAD + 16);
	put_be16(p + HEAD + 2, cksum_fold(cksum_add(0, p + HEAD, HEAD + 16)));
	tcp_input(x.t, x.now, p, HEAD + HEAD + 16, x.now, 1);
}

/* establish - the peer connects to this port */
static void
establish(uint16_t port)
{
	hear(port, TH_SYN, ISS, 0);
	hear(port, TH_ACK, ISS + 1, out.h.seq + 1);
}

static void
test_ports(void)
{
	struct tcp_config c;

	tcp_defaults(&c);
	c.no_listen = true;
	begin(&c);
	hear(7, TH_SYN, ISS, 0);
	check(out.h.flags & TH_RST, "layer 3: no port is open");
	tcp_listen(x.t, 7);
	hear(7, TH_SYN, ISS, 0);
	check((out.h.flags & (TH_SYN | TH_ACK)) == (TH_SYN | TH_ACK),
	    "tcp_listen() opens one");
	tcp_unlisten(x.t, 7);
	hear(7, TH_ACK, ISS + 1, out.h.seq + 1);
	check(x.tcb != NULL, "tcp_unlisten() leaves connections alone");
	hear(9, TH_SYN, ISS, 0);
	check(out.h.flags & TH_RST, "another port stays closed");
	end("ports");
}

static void
test_syn(void)
{
	struct ip_addr us, peer;
	struct tcp_config c;

	tcp_defaults(&c);
	c.mss = 700;
	c.no_sack = c.no_timestamps = c.no_wscale = true;
	begin(&c);
	parse_addr("10.0.0.5", &us);
	parse_addr("10.0.0.9", &peer);
	tcp_connect(x.t, x.now, &us, 2000, &peer, 80, NULL);
	tcp_flush(x.t, x.now, SIZE_MAX);
	check(out.h.flags == TH_SYN && out.h.opt.mss == 700,
	    "the MSS of our SYN is the configuration's");
	check(
	    !out.h.opt.sack_ok && !out.h.opt.have_ts && !out.h.opt.have_wscale,
	    "our SYN offers nothing that it is not to offer");
	hear_unreachable();
	check(x.closes == 1 && x.why.how == TCP_CLOSE_ABORT &&
		  x.why.icmp_type == 3 && x.why.icmp_code == 3,
	    "closed() gives the ICMP error");
	hear(80, TH_SYN, ISS, 0);
	check((out.h.flags & TH_SYN) && !out.h.opt.sack_ok &&
		  !out.h.opt.have_ts && !out.h.opt.have_wscale,
	    "our SYN-ACK agrees to nothing of it");
	end("options of the SYN");
}

static void
test_settings(void)
{
	struct tcp_status s;
	struct tcp_config c;
	uint32_t window;

	tcp_defaults(&c);
	begin(&c);
	establish(7);
	check(!tcp_set_dscp(x.tcb, 10) && !tcp_set_rcvbuf(x.tcb, 9) &&
		  !tcp_set_cong(x.tcb, &tcp_reno, x.now) &&
		  !tcp_set_user_timeout(x.tcb, SEC) &&
		  !tcp_set_keepalive(x.tcb, SEC, x.now),
	    "without own_settings there are none");
	end("no settings");

	c.own_settings = true;
	begin(&c);
	establish(7);
	check(tcp_set_dscp(x.tcb, 10) && !tcp_set_dscp(x.tcb, 64),
	    "DSCP: 0 to 63");
	tcp_status(x.tcb, &s);
	window = s.rcv_wnd;
	check(tcp_set_rcvbuf(x.tcb, 2 << 20), "receive buffer: set");
	run(0);
	tcp_status(x.tcb, &s);
	check(out.ip.tos >> 2 == 10, "DSCP: of what is sent from then on");
	check(window <= 1 << 20 && s.rcv_wnd > 3 << 19,
	    "receive buffer: the larger window is advertised at once");
	check(tcp_set_cong(x.tcb, &tcp_bbr, x.now), "congestion control: set");
	tcp_offer(x.tcb, 1000);
	run(SEC / 100);
	tcp_status(x.tcb, &s);
	check(s.cong == &tcp_bbr && s.state == TCPS_ESTABLISHED &&
		  s.unacked == 1000 && s.unsent == 0 && s.cwnd > 0 &&
		  s.mss == 1448 && s.rto > 0,
	    "tcp_status() tells how it stands");
	check(tcp_set_cong(x.tcb, &tcp_cubic, x.now), "and back");
	check(tcp_set_user_timeout(x.tcb, 5 * SEC), "user time-out: set");
	run(20 * SEC);
	check(x.closes == 1 && x.why.how == TCP_CLOSE_TIMEOUT,
	    "user time-out: the connection ends by it");
	end("settings");
}

static void
test_keepalive(void)
{
	struct tcp_config c;
	unsigned before;

	tcp_defaults(&c);
	c.own_settings = true;
	begin(&c);
	establish(7);
	run(10 * SEC);
	before = out.count;
	check(tcp_set_keepalive(x.tcb, 3 * SEC, x.now), "keep-alive: set");
	run(4 * SEC);
	check(out.count == before + 1 && out.n == 0, "keep-alive: one probe");
	tcp_set_keepalive(x.tcb, 0, x.now);
	run(100 * SEC);
	check(out.count == before + 1, "keep-alive: off again");
	hear(7, TH_RST, ISS + 1, 0);
	check(x.closes == 1 && x.why.how == TCP_CLOSE_RESET &&
		  strcmp(x.why.why, "reset") == 0,
	    "closed() gives the reset");
	end("keep-alive");
}

static void
test_pieces(void)
{
	struct tcp_config c;
	bool right = true;
	size_t i;

	tcp_defaults(&c);
	begin(&c);
	establish(7);
	x.two_pieces = true;
	tcp_offer(x.tcb, 900);
	run(0);
	for (i = 0; i < out.n; i++)
		right = right && out.data[i] == byte_at(i);
	check(out.n == 900 && right, "data in two pieces are copied");
	tcp_abort(x.tcb, x.now);
	check(x.closes == 1 && x.why.how == TCP_CLOSE_ABORT &&
		  x.why.icmp_type == 0,
	    "closed() gives the own abort");
	end("two pieces");
}

static void
test_memory(void)
{
	struct tcp_config c;
	unsigned n = 0;

	tcp_defaults(&c);
	do {
		memset(&x, 0, sizeof(x));
		x.now = START;
		x.refuse = ++n;
		x.t = engine(&c);
		if (x.t == NULL && x.memory != 0)
			break;
	} while (x.t == NULL && n < 20);
	check(x.t != NULL && n > 3, "refused memory %u times: it says so", n);
	end("refused memory");
}

int
main(void)
{
	test_ports();
	test_syn();
	test_settings();
	test_keepalive();
	test_pieces();
	test_memory();
	return done();
}
