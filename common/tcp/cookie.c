/*
 * cookie.c - SYN cookies, RFC 4987 3.6: when too many connections are
 * half open, a SYN is answered without keeping anything. What must be known
 * later is in the initial sequence number, under two keyed hashes, and in the
 * low bits of the timestamp:
 *
 *	sequence number  hash of the endpoints and the SYN, 32 bits, plus
 *			 8 bits of time (64 s) above 24 bits: a second hash,
 *			 which knows the time, plus 4 bits of MSS above 20
 *	timestamp        1 bit SACK, 1 bit window scale, 4 bits its shift
 *
 * So a client with timestamps loses nothing, one without loses SACK and
 * window scale for this connection. Of all 2^32 numbers one is right for each
 * MSS and each of the two times that are good: 32. The first hash is what
 * makes the time unknown to a host that has not seen the cookie.
 */
#include <string.h>

#include "base/bytes.h"
#include "tcp/accecn.h"
#include "tcp/face.h"
#include "tcp/cookie.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

#define SLOT_NS UINT64_C(64000000000)

enum {
	TS_BITS = 6,
	TS_SACK = 0x20,
	TS_WSCALE = 0x10,
	LOW = 0xffffff, /* of a cookie, below its time */
	MSS_SHIFT = 20,
};

/*
 * The largest MSS that a peer is taken to have; it may have asked for more.
 * Less the timestamps' 12 bytes each is more than half of what the next one
 * leaves, so no peer gets segments below half of what it asked for.
 */
static const uint16_t mss_of[COOKIE_MSS] = {48, 84, 156, 300, 536, 1024, 1220,
    1360, 1400, 1440, 1460, 2896, 5780, 8940, 17840, 35600};

/* hash - of the endpoints and the SYN's number, in a slot of time */
static uint32_t
hash(const struct tcp *t, const struct seg *seg, uint32_t irs, uint64_t slot)
{
	uint8_t b[48];

	memcpy(b, seg->dst.b, 16);
	memcpy(b + 16, seg->src.b, 16);
	put_be16(b + 32, seg->h.dport);
	put_be16(b + 34, seg->h.sport);
	put_be32(b + 36, irs);
	put_be32(b + 40, (uint32_t)(slot >> 32));
	put_be32(b + 44, (uint32_t)slot);
	return (uint32_t)hash_keyed(t->cookie_key, b, sizeof(b));
}

void
tcp_cookie_secret(const struct tcp *t, const struct seg *seg, uint32_t irs,
    uint64_t slot, struct cookie_secret *out)
{
	uint32_t age;

	out->slot = slot;
	out->all = hash(t, seg, irs, UINT64_MAX);
	for (age = 0; age < COOKIE_SLOTS; age++)
		out->low[age] = hash(t, seg, irs, slot - age);
}

uint32_t
tcp_cookie_make(const struct cookie_secret *k, uint32_t mss)
{
	return k->all + ((uint32_t)(k->slot & 255) << 24) +
	       ((k->low[0] + (mss << MSS_SHIFT)) & LOW);
}

int
tcp_cookie_read(const struct cookie_secret *k, uint32_t cookie)
{
	uint32_t bare = cookie - k->all, mss;
	uint32_t age = (uint32_t)(k->slot - (bare >> 24)) & 255;

	if (age >= COOKIE_SLOTS)
		return -1;
	mss = (bare - k->low[age]) & LOW;
	return mss % (1u << MSS_SHIFT) == 0 ? (int)(mss >> MSS_SHIFT) : -1;
}

uint32_t
tcp_cookie_mss(uint32_t mss)
{
	uint32_t i = COOKIE_MSS - 1;

	while (i > 0 && mss_of[i] > mss)
		i--;
	return i;
}

uint16_t
tcp_cookie_mss_of(uint32_t i)
{
	return mss_of[i];
}

/*
 * ts_with_options - a time that is not after now and carries what the SYN
 * has agreed to
 */
static uint32_t
ts_with_options(uint32_t ts, const struct tcp_opts *o)
{
	uint32_t bits = 0, out;

	if (o->sack_ok)
		bits |= TS_SACK;
	if (o->have_wscale)
		bits |= TS_WSCALE |
			(o->wscale < TCP_MAXWSCALE ? o->wscale : TCP_MAXWSCALE);
	out = (ts & ~((1u << TS_BITS) - 1)) | bits;
	return seq_gt(out, ts) ? out - (1u << TS_BITS) : out;
}

/* tcp_cookie_send - answer a SYN and forget it */
void
tcp_cookie_send(struct tcp *t, uint64_t now, const struct seg *seg)
{
	const struct tcp_opts *o = &seg->h.opt;
	struct conn c = {.laddr = seg->dst,
	    .raddr = seg->src,
	    .lport = seg->h.dport,
	    .rport = seg->h.sport};
	struct tcp_hdr h = {.flags = TH_SYN | TH_ACK, .ack = seg->h.seq + 1};
	uint32_t mss = seg->v6 ? MSS_DEFAULT_V6 : MSS_DEFAULT_V4, ts;
	struct cookie_secret k;

	tcp_cookie_secret(t, seg, seg->h.seq, now / SLOT_NS, &k);
	if (o->have_mss)
		mss = o->mss;
	h.seq = tcp_cookie_make(&k, tcp_cookie_mss(mss));
	tcp_learn_l2(&c, seg);
	c.frag_ok = tcp_face_may_cut(t, &seg->dst);
	ts = ts_with_options(
	    tcp_face_ts(t, &c.laddr, tcp_ts_offset(t, &c), now), o);
	tcp_syn_options(t, &c, t->cfg.rcvbuf, o->have_mss ? mss : 0, &h,
	    o->have_ts, o->have_ts && o->sack_ok, o->have_ts && o->have_wscale);
	h.opt.tsval = ts;
	h.opt.tsecr = o->tsval;
	if (tcp_accecn_wanted(t, &seg->dst, seg->h.flags)) {
		h.flags |= tcp_accecn_stateless(seg);
		tcp_accecn_first_option(&h.opt);
	}
	t->cookie_slot = k.slot + 1;
	t->stats.cookies++;
	tcp_report_out(t, &c, now, &h, 0, 0, 0, NULL);
	tcp_emit(t, &c, now, &h, NULL, 0, 0, (uint8_t)(t->cfg.dscp << 2));
}

/* agreed - the SYN's options, as far as the cookie has kept them */
static void
agreed(const struct seg *seg, uint32_t mss, uint32_t ts, struct tcp_opts *o)
{
	memset(o, 0, sizeof(*o));
	o->have_mss = true;
	o->mss = mss_of[mss];
	if (!seg->h.opt.have_ts)
		return;
	o->have_ts = true;
	o->tsval = seg->h.opt.tsval;
	o->sack_ok = ts & TS_SACK;
	o->have_wscale = ts & TS_WSCALE;
	o->wscale = ts & 15;
}

/*
 * tcp_cookie_accept - an ACK without a connection: does it answer a cookie?
 * Then the connection begins as if it had been kept, in SYN-RECEIVED.
 */
struct tcb *
tcp_cookie_accept(struct tcp *t, uint64_t now, const struct seg *seg)
{
	uint32_t cookie = seg->h.ack - 1, irs = seg->h.seq - 1;
	uint64_t slot = now / SLOT_NS;
	struct cookie_secret k;
	struct seg syn;
	int mss;
	struct tcb *tcb;

	if ((seg->h.flags & (TH_ACK | TH_SYN | TH_RST)) != TH_ACK ||
	    (!t->cfg.shared && (t->cookie_slot == 0 ||
				   slot + 1 - t->cookie_slot >= COOKIE_SLOTS)))
		return NULL;
	tcp_cookie_secret(t, seg, irs, slot, &k);
	mss = tcp_cookie_read(&k, cookie);
	if (mss < 0)
		return NULL;
	syn = *seg;
	syn.h.seq = irs;
	/* RFC 9768 5.1: no other segment would have such a field */
	syn.h.flags = TH_SYN;
	if (tcp_accecn_wanted(t, &seg->dst, TH_ECN) && tcp_accecn_cookie(seg))
		syn.h.flags |= TH_ECN;
	syn.tos = 0;
	syn.len = 0;
	/* the window of an ACK is scaled, that of the SYN is not known */
	agreed(seg, (uint32_t)mss, seg->h.opt.tsecr, &syn.h.opt);
	tcb = tcp_listen_accept(t, now, &syn, cookie);
	if (tcb == NULL)
		return NULL;
	tcb->snd_nxt = cookie + 1;
	tcb->send_syn = false;
	tcb->rcv_adv = tcb->rcv_nxt +
		       (t->cfg.rcvbuf < 65535 ? t->cfg.rcvbuf : 65535);
	return tcb;
}
