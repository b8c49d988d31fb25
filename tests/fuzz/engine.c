/*
 * engine.c - the TCP engine against a peer that the input steers: time,
 * segments near what the connection expects and far from it, what the
 * application does, and frames of any bytes. After every step the invariants
 * of engine_check.c must hold, every frame out must be well formed and carry
 * the right bytes, every byte in must be the one that was sent; and when the
 * peer falls silent, the engine must come to rest.
 */
#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "cksum.h"
#include "engine_check.h"
#include "fuzz.h"
#include "../../cmd/tcpfsm/tcp_seq.h"
#include "../../cmd/tcpfsm/tcp_var.h"

enum {
	PEERS = 6,
	FILE_LEN = 300000,
	FRAME = 2048,
	SEC = 1000000000,
	MSEC = 1000000,
};

static struct {
	struct tcp *t;
	struct bytes_in in;
	uint64_t now;
	size_t file_len; /* served */
	uint64_t silence;
	bool shut;	 /* the application closes when it has offered all */
	bool forged;	 /* a damaged segment may have been taken */
	uint64_t emitted;
} z;

static uint8_t file[FILE_LEN];

/* peer_byte - the byte with that sequence number, behind the peer's SYN */
static uint8_t
peer_byte(uint32_t off)
{
	return (uint8_t)(off * 7 + (off >> 8) * 13);
}

static struct ip_addr
address(unsigned peer, bool local)
{
	struct ip_addr a = {{0}};

	if (peer & 1) {
		a.b[0] = 0xfd;
	} else {
		a.b[10] = a.b[11] = 0xff;
		a.b[12] = 10;
	}
	a.b[15] = local ? 5 : 9;
	return a;
}

static uint16_t
port(unsigned peer)
{
	return (uint16_t)(1000 + peer);
}

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
	must(cksum_fold(cksum_add(ip_pseudo_sum(&ip.src, &ip.dst, PROTO_TCP,
	    (uint32_t)n), buf + e.hlen + ip.hlen, n)) == 0);
	z.emitted++;
	c = tcp_lookup(z.t, &ip.src, h.sport, &ip.dst, h.dport);
	if (c == NULL || c->kind != CONN_TCB || (h.flags & TH_RST))
		return;
	tcb = (struct tcb *)c;
	must(seq_leq(h.seq + (uint32_t)dlen, tcb->snd_nxt));
	if (dlen > 0)
		must(memcmp(buf + hlen, file + tcb->una_off +
		    (h.seq - tcb->snd_una), dlen) == 0);
}

static void
on_event(void *ctx, const struct tcp_event *ev)
{
	must(ev->type <= TCP_EV_SEGMENT);
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
on_received(void *ctx, struct tcb *tcb, const uint8_t *p, size_t n,
    uint64_t now)
{
	uint32_t off = tcb->rcv_nxt - (uint32_t)n - tcb->irs - 1;
	size_t i;

	must(n > 0 && (p != NULL || !tcb->tcp->ops->want_data));
	if (p == NULL || z.forged || !tcb->tcp->ops->want_data)
		return;
	for (i = 0; i < n; i++)
		must(p[i] == peer_byte(off + (uint32_t)i));
}

static void
on_end(void *ctx, struct tcb *tcb, uint64_t now)
{
	speak(tcb);
}

static void
on_closed(void *ctx, struct tcb *tcb, enum tcp_close how, uint64_t now)
{
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

/* ---- segments ---- */

static struct tcb *
find(unsigned peer)
{
	struct ip_addr l = address(peer, true), r = address(peer, false);
	struct conn *c = tcp_lookup(z.t, &l, 80, &r, port(peer));

	return c != NULL && c->kind == CONN_TCB ? (struct tcb *)c : NULL;
}

static uint32_t
pick_seq(const struct tcb *tcb, unsigned how)
{
	uint32_t d = how >> 4;

	switch (how & 15) {
	case 0:
		return tcb->rcv_nxt - d;
	case 1:
		return tcb->rcv_nxt + d;
	case 2:
		return tcb->rcv_nxt + d * 100;
	case 3:
		return tcb->rcv_nxt + d * 1460;
	case 4:
		return tcb->rcv_adv - d;
	case 5:
		return tcb->rcv_adv + d;
	case 6:
		return tcb->irs + d;
	case 7:
		return take32(&z.in);
	default:
		return tcb->rcv_nxt;
	}
}

static uint32_t
pick_ack(const struct tcb *tcb, unsigned how)
{
	uint32_t d = how >> 4, mss = tcb->mss;

	switch (how & 15) {
	case 0:
		return tcb->snd_una;
	case 1:
		return tcb->snd_una + d;
	case 2:
		return tcb->snd_una + d * mss;
	case 3:
		return tcb->snd_nxt - d;
	case 4:
		return tcb->snd_nxt + d;
	case 5:
		return tcb->snd_una - d * 50;
	case 6:
		return tcb->iss + d;
	case 7:
		return take32(&z.in);
	default:
		return tcb->snd_nxt;
	}
}

static uint16_t
pick_window(void)
{
	static const uint16_t some[] = {0, 1, 47, 500, 1460, 5000, 29200, 65535};
	uint8_t b = take8(&z.in);

	return b < 8 ? some[b] : b < 16 ? take16(&z.in) : 65535;
}

static void
pick_sack(struct tcp_opts *o, const struct tcb *tcb, unsigned n)
{
	uint32_t at = tcb->snd_una, unit;
	uint8_t b;

	unit = tcp_eff_mss(tcb);
	for (o->nsack = 0; o->nsack < n; o->nsack++) {
		b = take8(&z.in);
		o->sack[o->nsack].start = at + (b >> 4) * unit - (b & 3);
		b = take8(&z.in);
		o->sack[o->nsack].end = o->sack[o->nsack].start +
		    (b >> 3) * unit + (b & 7);
	}
}

static void
pick_options(struct tcp_opts *o, const struct tcb *tcb, bool syn)
{
	static const uint16_t mss[] = {0, 1, 64, 536, 1220, 1460, 9000, 65535};
	uint8_t b = take8(&z.in), c;

	if (syn) {
		c = take8(&z.in);
		o->have_mss = c & 128;
		o->mss = mss[c & 7];
		o->have_wscale = b & 1;
		o->wscale = (c >> 3) & 15;
		o->sack_ok = b & 2;
	}
	/* what was agreed to, unless the input says otherwise */
	o->have_ts = tcb != NULL && tcp_synchronized(tcb) ?
	    tcb->ts_ok != ((b & 0x3c) == 4) :
	    b & 4;
	o->tsval = (uint32_t)(z.now / MSEC);
	if ((b & 0x18) == 0x18)
		o->tsval += (int8_t)take8(&z.in);
	if (tcb == NULL)
		return;
	o->tsecr = tcp_ts_now(z.now) + tcb->ts_off - (b & 0x20 ? 30 : 0);
	if ((b >> 6) > 0)
		pick_sack(o, tcb, b >> 6);
}

/* frame_of - the whole frame, right in every length and sum; its bytes */
static size_t
frame_of(unsigned peer, struct tcp_hdr *h, uint32_t first, uint32_t len,
    uint8_t *f)
{
	struct ip_hdr ip = {.src = address(peer, false),
	    .dst = address(peer, true), .proto = PROTO_TCP, .ttl = 64};
	static const uint8_t tag[4] = {0x81, 0, 0, 7};
	struct mac to;
	uint8_t *p = f + 14, *tcp;
	uint32_t i, n;

	mac_of_phantom(&ip.dst, &to);
	memcpy(f, to.b, 6);
	memcpy(f + 6, "\x52\x54\0\0\0\x09", 6);
	if (peer & 4) {
		memcpy(f + 12, tag, 4);
		p += 4;
	}
	put_be16(p - 2, peer & 1 ? ETHER_IP6 : ETHER_IP4);
	tcp = p + (peer & 1 ? 40 : 20);
	h->sport = port(peer);
	h->dport = 80;
	n = (uint32_t)tcp_hdr_encode(tcp, h);
	for (i = 0; i < len; i++)
		tcp[n + i] = peer_byte(first + i);
	ip.len = (uint32_t)(tcp - p) + n + len;
	ip_encode(p, &ip);
	put_be16(tcp + 16, cksum_fold(cksum_add(ip_pseudo_sum(&ip.src, &ip.dst,
	    PROTO_TCP, n + len), tcp, n + len)));
	return (size_t)(tcp - f) + n + len;
}

/* segment - one from the peer, as the input wants it, into f; its bytes */
static size_t
segment(uint8_t *f)
{
	static const uint8_t usual[] = {TH_ACK, TH_ACK, TH_ACK | TH_PSH, TH_SYN,
	    TH_SYN | TH_ACK, TH_FIN | TH_ACK, TH_RST, TH_RST | TH_ACK};
	struct tcp_hdr h = {0};
	uint8_t b = take8(&z.in), sel;
	unsigned peer = (b >> 4) % PEERS;
	struct tcb *tcb = find(peer);
	uint32_t len;

	h.flags = b & 8 ? take8(&z.in) : usual[b & 7];
	if (tcb != NULL) {
		sel = take8(&z.in);
		h.seq = pick_seq(tcb, sel);
		h.ack = pick_ack(tcb, take8(&z.in));
	} else {
		h.seq = UINT32_MAX - take16(&z.in);
		h.ack = (uint32_t)take8(&z.in) << 24;
	}
	h.wnd = pick_window();
	pick_options(&h.opt, tcb, h.flags & TH_SYN);
	sel = take8(&z.in);
	len = sel < 128 ? 0 : sel < 192 ? sel - 127 : (sel - 191) * 22;
	/* bytes are numbered from behind the SYN */
	return frame_of(peer, &h, h.flags & TH_SYN ? 0 : h.seq - 1 -
	    (tcb != NULL && tcb->state != TCPS_SYN_SENT ? tcb->irs : h.seq - 1),
	    len, f);
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

/* damage - some bytes of a frame changed, or its end lost */
static size_t
damage(uint8_t *f, size_t n)
{
	uint8_t b = take8(&z.in), i;

	z.forged = true;
	for (i = 0; i < (b & 7); i++)
		f[take8(&z.in) % n] = take8(&z.in);
	return b & 8 ? n - take8(&z.in) % n : n;
}

static size_t
raw(uint8_t *f)
{
	size_t i, n = take8(&z.in);

	z.forged = true;
	for (i = 0; i < n; i++)
		f[i] = take8(&z.in);
	return n;
}

/* ---- steps ---- */

static void
flush(void)
{
	static const size_t some[] = {SIZE_MAX, SIZE_MAX, SIZE_MAX, 0, 100, 300,
	    1600, 70000};
	size_t room = some[take8(&z.in) & 7];
	bool waits = tcp_flush(z.t, z.now, room);

	must(!waits || room != SIZE_MAX);
	engine_check(z.t, z.now, room == SIZE_MAX);
}

static void
pass_time(void)
{
	static const uint64_t step[] = {1000, 100000, MSEC, 10 * MSEC, 41 * MSEC,
	    200 * MSEC, SEC, UINT64_C(30) * SEC};
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
	struct tcb *tcb = find((b >> 4) % PEERS);

	if (tcb == NULL)
		return;
	switch (b & 7) {
	case 0:
		tcp_abort(tcb, z.now);
		break;
	case 1:
	case 2: /* what it was given, or a part of that */
		if (tcp_synchronized(tcb))
			tcp_hold(tcb, (uint32_t)(tcb->received %
			    (1u + (b & 1) * take16(&z.in))));
		break;
	case 3:
		speak(tcb);
		break;
	case 4:
		if (!tcb->fin_wanted && take16(&z.in) < z.file_len)
			tcp_offer(tcb, tcb->una_off + 1 < z.file_len ?
			    tcb->una_off + 1 : z.file_len);
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
	struct ip_addr l = address(peer, true), r = address(peer, false);
	struct mac gw = {{0x52, 0x54, 0, 0, 0, 9}};

	tcp_connect(z.t, z.now, &l, 80, &r, port(peer), &gw);
}

static void
step(void)
{
	uint8_t op = take8(&z.in), f[FRAME];
	size_t n;

	switch (op & 15) {
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
		n = segment(f);
		n = damage(f, n);
		give(f, n);
		break;
	case 14:
		connect_out();
		break;
	case 15:
		n = raw(f);
		give(f, n);
		break;
	default:
		n = segment(f);
		give(f, n);
		if (op & 16)
			flush();
		break;
	}
	engine_check(z.t, z.now, false);
}

/* rest - nobody answers any more: all that waits must end, and soon */
static void
rest(void)
{
	uint64_t at;
	unsigned n = 0;

	must(!tcp_flush(z.t, z.now, SIZE_MAX));
	while ((at = tcp_deadline(z.t)) != NEVER) {
		must(++n < 20000);
		must(at < z.now + UINT64_C(400) * SEC);
		z.now = at > z.now ? at : z.now;
		tcp_timers(z.t, z.now);
		must(!tcp_flush(z.t, z.now, SIZE_MAX));
		engine_check(z.t, z.now, true);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tcp_ops ops = {.emit = on_emit, .event = on_event,
	    .opened = on_opened, .received = on_received, .peer_closed = on_end,
	    .timer = on_end, .closed = on_closed, .data = on_data,
	    .acked = on_acked};
	static const uint32_t rcvbuf[] = {1, 100, 2000, 65535, 100000, 1 << 20,
	    5000, 1 << 30};
	struct tcp_config cfg;
	uint8_t a, b;
	size_t i;

	for (i = 0; file[1] == 0 && i < FILE_LEN; i++)
		file[i] = (uint8_t)(i * 11 + (i >> 8) * 3);
	memset(&z, 0, sizeof(z));
	z.in = (struct bytes_in){data, size};
	z.now = UINT64_C(1763640000) * SEC;
	a = take8(&z.in);
	b = take8(&z.in);
	tcp_defaults(&cfg);
	cfg.rcvbuf = rcvbuf[a & 7];
	cfg.max_conns = a & 8 ? 2 : 100;
	cfg.reass_bytes = a & 16 ? 3000 : 64 << 20;
	cfg.segments = a & 32;
	cfg.mtu = a & 64 ? 1500 : 576;
	cfg.user_timeout = UINT64_C(20) * SEC;
	cfg.nports = a & 128 ? 1 : 0;
	cfg.port[0] = 80;
	ops.want_data = b & 1;
	z.shut = b & 2;
	z.silence = b & 4 ? 200 * MSEC : 0;
	z.file_len = (size_t)(b >> 3) * (b >> 3) * 300;
	z.t = tcp_new(&cfg, &ops, NULL, z.now);
	if (z.t == NULL)
		return 0;
	z.t->sent_max = b & 128 ? 256 : z.t->sent_max;
	while (z.in.n > 0)
		step();
	rest();
	tcp_free(z.t);
	return 0;
}
