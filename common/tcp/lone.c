/*
 * lone.c - what a face answers to segments without a connection, some of which
 * only scanners send: see wire/face.h.
 */
#include "base/chance.h"
#include "tcp/face.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

/* which - of the answers; -1: none of these */
static int
which(uint16_t flags, bool open)
{
	flags &= TH_FIN | TH_SYN | TH_PSH | TH_ACK | TH_URG;
	if (flags & TH_ACK)
		return open ? FACE_T4 : FACE_T6;
	if (open && flags == 0)
		return FACE_T2;
	if ((flags & (TH_SYN | TH_FIN)) == (TH_SYN | TH_FIN))
		return open ? FACE_T3 : FACE_T5;
	if (open)
		return -1;
	return flags & TH_SYN ? FACE_T5 : FACE_T7;
}

static uint32_t
ack_of(struct tcp *t, const struct face *f, const struct face_answer *a,
    const struct seg *seg)
{
	switch (a->ack) {
	case 'S':
		return seg->h.seq;
	case '+':
		/* as it was recorded, of a SYN with a FIN the SYN alone */
		return a == &f->lone[FACE_T3] ? seg->h.seq + 1
					      : tcp_reset_ack(seg);
	case 'O':
		return (uint32_t)chance_u64(&t->chance);
	default:
		return 0;
	}
}

/* syn_options - of a SYN-ACK to a SYN that is not honest: it opens nothing */
static void
syn_options(struct tcp *t, uint64_t now, const struct seg *seg,
    const struct conn *c, struct tcp_hdr *h)
{
	const struct tcp_opts *o = &seg->h.opt;
	const struct face *f = tcp_face(t, &c->laddr);
	bool ts = o->have_ts, sack = o->sack_ok, wscale = o->have_wscale;
	uint32_t mss = o->have_mss ? o->mss : 0;
	uint16_t wnd = h->wnd;

	tcp_face_options(f, mss, &ts, &sack, &wscale);
	tcp_syn_options(t, c, t->cfg.rcvbuf, mss, h, ts, sack, wscale);
	h->opt.tsval = tcp_face_ts(t, &c->laddr, tcp_ts_offset(t, c), now);
	h->opt.tsecr = o->tsval;
	tcp_face_odd(f, h);
	h->wnd = wnd;
}

bool
tcp_face_lone(struct tcp *t, uint64_t now, const struct seg *seg, bool open)
{
	const struct face *f = tcp_face(t, &seg->dst);
	int i = which(seg->h.flags, open);
	const struct face_answer *a;
	struct tcp_hdr h = {0};
	struct conn c = {.laddr = seg->dst,
	    .raddr = seg->src,
	    .lport = seg->h.dport,
	    .rport = seg->h.sport};

	if (f == NULL || i < 0 || (seg->h.flags & TH_RST))
		return false;
	a = &f->lone[i];
	if (!a->sends) {
		tcp_drop(t, seg, NULL, "silent");
		return true;
	}
	if (!tcp_may_reset(t, now, seg))
		return true;
	tcp_learn_l2(&c, seg);
	c.frag_ok = !a->df;
	c.ttl = a->ttl;
	h.flags = a->flags;
	h.wnd = a->wnd;
	h.urp = a->urgent;
	if (a->seq == 'A' || a->seq == '+')
		h.seq = seg->h.ack + (a->seq == '+');
	else if (a->seq == 'O')
		h.seq = tcp_isn(t, &c, now);
	h.ack = ack_of(t, f, a, seg);
	if (a->flags & TH_SYN)
		syn_options(t, now, seg, &c, &h);
	t->stats.resets_out += (a->flags & TH_RST) != 0;
	tcp_report_out(t, &c, now, &h, a->len, 0, 0, NULL);
	tcp_emit(t, &c, now, &h, (const uint8_t *)a->text, a->len,
	    tcp_face_id(t, f->reset_id, &seg->dst, 0), tcp_reset_tos(t, seg));
	return true;
}
