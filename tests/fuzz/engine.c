/*
 * engine.c - the TCP engine against a peer that the input steers: time,
 * segments near what the connection expects and far from it, what the
 * application does, and frames of any bytes. After every step the invariants
 * of tests/sim/invariant.c must hold, every frame out be well formed and carry
 * the right bytes, every byte in must be the one that was sent; and when the
 * peer falls silent, the engine must come to rest.
 */
#include <string.h>

#include "../sim/invariant.h"
#include "base/cksum.h"
#include "engine_peer.h"
#include "wire/tcp_seq.h"

enum {
	FILE_LEN = 300000,
	SEC = 1000000000,
	MSEC = 1000000,
};

struct fuzz z;

static uint8_t file[FILE_LEN];

/* ---- what the engine calls ---- */

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	struct ether_hdr e;
	struct ip_hdr ip;
	struct tcp_hdr h;
	struct conn *c;
	struct tcb *tcb;
	uint8_t buf[66000];
	size_t n = hlen + dlen;

	must(n <= sizeof(buf) && now == z.now);
	memcpy(buf, head, hlen);
	if (dlen > 0)
		memcpy(buf + hlen, data, dlen);
	must(ether_decode(buf, n, &e) == 0);
	must(ip_decode(buf + e.hlen, n - e.hlen, &ip) == IP_OK);
	must(ip.len == n - e.hlen && ip.len <= z.t->cfg.mtu);
	n = ip.len - ip.hlen;
	must(tcp_hdr_decode(buf + e.hlen + ip.hlen, n, &h) == 0);
	must(!h.opt.bad && h.hlen + dlen == n);
	must(ip_cksum(&ip.src, &ip.dst, PROTO_TCP, buf + e.hlen + ip.hlen, n) ==
	     0);
	if (h.opt.have_cookie && (h.flags & TH_ACK)) {
		z.cookie_len = h.opt.cookie_len;
		memcpy(z.cookie, h.opt.cookie, sizeof(z.cookie));
	}
	if (h.flags & TH_SYN)
		z.answer[h.dport - 1000] = (struct answer){
		    h.ack - 1, h.seq, h.opt.tsval};
	c = tcp_lookup(z.t, &ip.src, h.sport, &ip.dst, h.dport);
	if (c == NULL || c->kind != CONN_TCB || (h.flags & TH_RST))
		return;
	tcb = (struct tcb *)c;
	must(seq_leq(h.seq + (uint32_t)dlen, tcb->snd_nxt));
	if (dlen > 0)
		must(memcmp(buf + hlen,
			 file + tcb->una_off + (h.seq - tcb->snd_una),
			 dlen) == 0);
}

static void
on_event(void *ctx, const struct tcp_event *ev)
{
	if (ev->type == TCP_EV_DROP)
		must(ev->why != NULL);
}

static void
speak(struct tcb *tcb)
{
	tcp_app_timer(tcb, NEVER);
	tcp_offer(tcb, z.file_len);
	if (z.shut)
		tcp_shutdown(tcb);
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	if (z.silence == 0)
		speak(tcb);
	else
		tcp_app_timer(tcb, now + z.silence);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	uint32_t off = tcb->rcv_nxt - (uint32_t)n - tcb->irs - 1;
	size_t i;

	must(n > 0 && (p != NULL || !tcb->tcp->app.want_data));
	if (p == NULL || z.forged || !tcb->tcp->app.want_data)
		return;
	for (i = 0; i < n; i++)
		must(p[i] == peer_byte(off + (uint32_t)i));
}

static void
on_end(void *ctx, struct tcb *tcb, uint64_t now)
{
	speak(tcb);
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	must(off + len <= z.file_len && off + len <= tcb->offer_end);
	return file + off;
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	must(off <= tcb->offer_end);
}

/* ---- steps ---- */

static void
check(struct tcp *t, uint64_t now, bool quiet)
{
	const char *why = invariant_broken(t, now, quiet);

	if (why == NULL)
		return;
	fprintf(stderr, "does not hold: %s\n", why);
	abort();
}

static void
give(const uint8_t *f, size_t n)
{
	static uint64_t no;
	uint8_t *copy = malloc(n > 0 ? n : 1); /* to the byte: overruns show */

	memcpy(copy, f, n);
	tcp_input(z.t, z.now, copy, n, z.now, ++no);
	free(copy);
}

static void
flush(void)
{
	static const size_t some[] = {
	    SIZE_MAX, SIZE_MAX, SIZE_MAX, 0, 100, 300, 1600, 70000};
	size_t room = some[take8(&z.in) & 7];
	bool waits = tcp_flush(z.t, z.now, room);

	must(!waits || room != SIZE_MAX);
	check(z.t, z.now, room == SIZE_MAX);
}

static void
pass_time(void)
{
	static const uint64_t step[] = {1000, 100000, MSEC, 10 * MSEC,
	    41 * MSEC, 200 * MSEC, SEC, UINT64_C(30) * SEC};
	uint8_t b = take8(&z.in);
	uint64_t at = tcp_deadline(z.t);

	if (b & 8 && at != NEVER)
		z.now = at > z.now ? at : z.now;
	else
		z.now += step[b & 7] + (b >> 4);
	if (tcp_deadline(z.t) <= z.now)
		tcp_timers(z.t, z.now);
}

static void
application(void)
{
	uint8_t b = take8(&z.in);
	struct tcb *tcb = peer_tcb((b >> 4) % PEERS);

	if (tcb == NULL)
		return;
	switch (b & 7) {
	case 0:
		tcp_abort(tcb, z.now);
		break;
	case 1:
	case 2: /* what it was given, or a part of that */
		if (tcp_synchronized(tcb))
			tcp_hold(
			    tcb, (uint32_t)(tcb->received %
					    (1u + (b & 1) * take16(&z.in))));
		break;
	case 3:
		speak(tcb);
		break;
	case 4:
		if (!tcb->fin_wanted && take16(&z.in) < z.file_len)
			tcp_offer(tcb, tcb->una_off + 1 < z.file_len
					   ? tcb->una_off + 1
					   : z.file_len);
		break;
	case 5:
		tcp_app_timer(tcb, z.now + take16(&z.in) * UINT64_C(1000));
		break;
	default:
		tcp_shutdown(tcb);
		break;
	}
}

static void
connect_out(void)
{
	unsigned peer = take8(&z.in) % PEERS;
	struct ip_addr l = peer_address(peer, true),
		       r = peer_address(peer, false);
	struct mac gw = {{0x52, 0x54, 0, 0, 0, 9}};

	tcp_connect(z.t, z.now, &l, 80, &r, peer_port(peer), &gw);
}

/* below_tcp - a segment as fragments, in the input's order; or an ICMP error */
static void
below_tcp(void)
{
	uint8_t f[FRAME], part[FRAME], k = take8(&z.in);
	size_t n;

	if (k & 1) {
		n = peer_icmp(f);
		give(f, n);
		return;
	}
	n = peer_segment(f);
	for (k = k >> 1 & 7; k > 0; k--)
		give(part, peer_piece(f, n, part));
}

static void
step(void)
{
	uint8_t op = take8(&z.in), f[FRAME];
	size_t n;

	switch (op & 15) {
	case 9:
		below_tcp();
		break;
	case 10:
		flush();
		break;
	case 11:
		pass_time();
		flush();
		break;
	case 12:
		application();
		break;
	case 13:
		n = peer_segment(f);
		n = peer_damage(f, n);
		give(f, n);
		break;
	case 14:
		connect_out();
		break;
	case 15:
		n = peer_raw(f);
		give(f, n);
		break;
	default:
		n = peer_segment(f);
		give(f, n);
		if (op & 16)
			flush();
		break;
	}
	check(z.t, z.now, false);
}

/* rest - nobody answers any more: all that waits must end, and soon */
static void
rest(void)
{
	uint64_t at;
	unsigned n = 0;

	z.t->works.max = UINT32_MAX; /* there is memory again */
	must(!tcp_flush(z.t, z.now, SIZE_MAX));
	while ((at = tcp_deadline(z.t)) != NEVER) {
		must(++n < 20000);
		must(at < z.now + UINT64_C(400) * SEC);
		z.now = at > z.now ? at : z.now;
		tcp_timers(z.t, z.now);
		must(!tcp_flush(z.t, z.now, SIZE_MAX));
		check(z.t, z.now, true);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tcp_host host = {
	    .emit = on_emit, .event = on_event};
	static struct tcp_app app = {.opened = on_opened,
	    .received = on_received,
	    .peer_closed = on_end,
	    .timer = on_end,
	    .data = on_data,
	    .acked = on_acked};
	static const uint32_t rcvbuf[] = {
	    1, 100, 2000, 65535, 100000, 1 << 20, 5000, 1 << 30};
	struct tcp_config cfg;
	uint8_t a, b, c;
	size_t i;

	for (i = 0; file[1] == 0 && i < FILE_LEN; i++)
		file[i] = (uint8_t)(i * 11 + (i >> 8) * 3);
	memset(&z, 0, sizeof(z));
	z.in = (struct bytes_in){data, size};
	z.now = UINT64_C(1763640000) * SEC;
	a = take8(&z.in);
	b = take8(&z.in);
	c = take8(&z.in);
	tcp_defaults(&cfg);
	cfg.backlog = c & 1 ? c >> 6 : cfg.backlog;
	cfg.no_ecn = c & 2;
	cfg.ask_ecn = c & 4;
	cfg.cong = c & 8 ? &tcp_reno : c & 64 ? &tcp_bbr : &tcp_cubic;
	cfg.ask_accecn = c & 128;
	cfg.no_accecn = (c & 0xc0) == 0x40;
	cfg.fastopen = (c & 0x90) == 0x10;
	cfg.fastopen_max = 2;
	cfg.rcvbuf = rcvbuf[a & 7];
	cfg.max_conns = a & 8 ? 2 : 100;
	cfg.reass_bytes = a & 16 ? 3000 : 64 << 20;
	cfg.segments = a & 32;
	cfg.mtu = a & 64 ? 1500 : 576;
	cfg.keepalive = c & 16 ? UINT64_C(5) * SEC : 0;
	cfg.frag_bytes = c & 32 ? 100000 : 4 << 20;
	cfg.user_timeout = UINT64_C(20) * SEC;
	cfg.nports = a & 128 ? 1 : 0;
	cfg.port[0] = 80;
	app.want_data = b & 1;
	z.shut = b & 2;
	z.silence = b & 4 ? 200 * MSEC : 0;
	z.file_len = (size_t)(b >> 3) * (b >> 3) * 300;
	z.t = tcp_new(&cfg, &host, NULL, &app, NULL, z.now);
	if (z.t == NULL)
		return 0;
	if (b & 128) {
		z.t->sents.max = 256;
		z.t->works.max = 1 + (c >> 6);
	}
	while (z.in.n > 0)
		step();
	rest();
	tcp_free(z.t);
	return 0;
}
