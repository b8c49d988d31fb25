/*
 * engine_peer.c - what the peers say, see engine_peer.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "engine_peer.h"
#include "tcp/accecn.h"
#include "tcp/tcp_inline.h"
#include "wire/tcp_seq.h"

/* peer_byte - different wherever a mistake would look */
uint8_t
peer_byte(uint32_t off)
{
	return (uint8_t)(off * 7 + (off >> 8) * 13);
}

struct ip_addr
peer_address(unsigned peer, bool local)
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

uint16_t
peer_port(unsigned peer)
{
	return (uint16_t)(1000 + peer);
}

struct tcb *
peer_tcb(unsigned peer)
{
	struct ip_addr l = peer_address(peer, true),
		       r = peer_address(peer, false);
	struct conn *c = tcp_lookup(z.t, &l, 80, &r, peer_port(peer));

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
	static const uint16_t some[] = {
	    0, 1, 47, 500, 1460, 5000, 29200, 65535};
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

/* pick_accecn - an option of any length, with counters that are near to what
   has been told, or not */
static void
pick_accecn(struct accecn_opt *a, const struct tcb *tcb)
{
	const struct accecn *acc = tcp_accecn(tcb);
	uint8_t b = take8(&z.in), i;

	a->have = true;
	a->order = b & 1;
	a->n = b >> 1 & 3;
	for (i = 0; i < a->n; i++) {
		a->field[i] = take8(&z.in) * ((b & 8) != 0 ? 65536u : 10u);
		if (acc != NULL && (b & 16) == 0)
			a->field[i] += acc->s[accecn_byte_of[a->order][i]];
	}
}

/* pick_cookie - none, the one that was sent to somebody, or another */
static void
pick_cookie(struct tcp_opts *o)
{
	uint8_t b = take8(&z.in);

	o->have_cookie = true;
	o->cookie_len = b & 1 ? z.cookie_len : b & 2 ? 8 : 0;
	memcpy(o->cookie, z.cookie, sizeof(o->cookie));
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
		if ((c & 0x40) != 0)
			pick_cookie(o);
	}
	/* what was agreed to, unless the input says otherwise */
	o->have_ts = tcb != NULL && tcp_synchronized(tcb)
			 ? tcb->ts_ok != ((b & 0x3c) == 4)
			 : b & 4;
	o->tsval = (uint32_t)(z.now / 1000000);
	if ((b & 0x18) == 0x18)
		o->tsval += (int8_t)take8(&z.in);
	if (tcb == NULL)
		return;
	if ((b & 0x1c) == 0x10)
		pick_accecn(&o->acc, tcb);
	o->tsecr = tcp_ts_now(z.now) + tcb->ts_off - (b & 0x20 ? 30 : 0);
	if ((b >> 6) > 0)
		pick_sack(o, tcb, b >> 6);
}

/* frame_of - the whole frame, right in every length and sum; its bytes */
static size_t
frame_of(
    unsigned peer, struct tcp_hdr *h, uint32_t first, uint32_t len, uint8_t *f)
{
	struct ip_hdr ip = {.src = peer_address(peer, false),
	    .dst = peer_address(peer, true),
	    .proto = PROTO_TCP,
	    .ttl = 64,
	    .tos = (uint8_t)(h->wnd ^ h->ack) & 3}; /* any ECN */
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
	h->sport = peer_port(peer);
	h->dport = 80;
	n = (uint32_t)tcp_hdr_encode(tcp, h);
	for (i = 0; i < len; i++)
		tcp[n + i] = peer_byte(first + i);
	ip.len = (uint32_t)(tcp - p) + n + len;
	ip_encode(p, &ip);
	put_be16(tcp + 16, ip_cksum(&ip.src, &ip.dst, PROTO_TCP, tcp, n + len));
	return (size_t)(tcp - f) + n + len;
}

/* segment - one from the peer, as the input wants it, into f; its bytes */
size_t
peer_segment(uint8_t *f)
{
	static const uint8_t usual[] = {TH_ACK, TH_ACK, TH_ACK | TH_PSH, TH_SYN,
	    TH_SYN | TH_ACK, TH_FIN | TH_ACK, TH_RST, TH_RST | TH_ACK};
	struct tcp_hdr h = {0};
	uint8_t b = take8(&z.in), sel;
	unsigned peer = ((b >> 4) & 7) % PEERS;
	struct tcb *tcb = peer_tcb(peer);
	uint32_t len, first;

	h.flags = b & 8 ? take8(&z.in) : usual[b & 7];
	if ((b & 0x88) == 0x88)
		h.flags |= TH_AE;
	if (tcb != NULL) {
		sel = take8(&z.in);
		h.seq = pick_seq(tcb, sel);
		h.ack = pick_ack(tcb, take8(&z.in));
	} else if (b & 128) { /* has it been sent a cookie? */
		h.seq = z.answer[peer].irs + 1;
		h.ack = z.answer[peer].iss + 1;
	} else {
		h.seq = UINT32_MAX - take16(&z.in);
		h.ack = (uint32_t)take8(&z.in) << 24;
	}
	if (tcb == NULL && (h.flags & TH_SYN))
		z.answer[peer].irs = h.seq;
	h.wnd = pick_window();
	pick_options(&h.opt, tcb, h.flags & TH_SYN);
	if (tcb == NULL && (b & 128))
		h.opt.tsecr = z.answer[peer].tsval;
	sel = take8(&z.in);
	len = sel < 128 ? 0 : sel < 192 ? sel - 127 : (sel - 191) * 22;
	/* bytes are numbered from behind the SYN */
	first = h.seq - 1 - (tcb != NULL ? tcb->irs : z.answer[peer].irs);
	if (h.flags & TH_SYN)
		first = 0;
	return frame_of(peer, &h, first, len, f);
}

/* damage - some bytes of a frame changed, or its end lost */
size_t
peer_damage(uint8_t *f, size_t n)
{
	uint8_t b = take8(&z.in), i;

	z.forged = true;
	for (i = 0; i < (b & 7); i++)
		f[take8(&z.in) % n] = take8(&z.in);
	return b & 8 ? n - take8(&z.in) % n : n;
}

size_t
peer_raw(uint8_t *f)
{
	size_t i, n = take8(&z.in);

	z.forged = true;
	for (i = 0; i < n; i++)
		f[i] = take8(&z.in);
	return n;
}
