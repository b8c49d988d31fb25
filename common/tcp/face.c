/*
 * face.c - a connection's first segments as a host of another make sends them:
 * see wire/face.h. Without places in the configuration nothing here is done.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "tcp/face.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/face.h"

enum { LEAP = 1001, LEAPS = 4000, SWAPPED = 256 };

/* maximum segment sizes: of the SYNs by which faces were recorded, with some
   option missing in the first two, and of Ethernet */
enum {
	NO_WSCALE = 265,
	SHORT = 536,
	NO_SACK = 640,
	SHORTER = 1400,
	MSS = 1460
};
enum { TS_LEN = 12 };

const struct face *
tcp_face(const struct tcp *t, const struct ip_addr *at)
{
	const struct tcp_places *p = t->cfg.places;

	return p != NULL && p->face != NULL ? p->face(p->ctx, at) : NULL;
}

bool
tcp_face_may_cut(const struct tcp *t, const struct ip_addr *at)
{
	const struct face *f = tcp_face(t, at);

	return f != NULL && !f->df;
}

/* place_of - of what is counted for a host; others may share it, but not its
   neighbours: what they send is what is compared */
static size_t
place_of(const struct tcp *t, const struct ip_addr *at)
{
	return (hash_keyed(t->isn_key, at->b, 14) + get_be16(at->b + 14)) %
	       TCP_FACES;
}

/* first_id - where the identifications of a host begin */
static uint16_t
first_id(const struct tcp *t, const struct ip_addr *at)
{
	const struct tcp_places *p = t->cfg.places;

	return p != NULL && p->first_id != NULL ? p->first_id(p->ctx, at) : 0;
}

uint16_t
tcp_face_id(
    struct tcp *t, enum face_id how, const struct ip_addr *at, uint16_t own)
{
	uint16_t *n = &t->face_id[place_of(t, at)];

	switch (how) {
	case FACE_ID_OWN:
		return own;
	case FACE_ID_ZERO:
		return 0;
	case FACE_ID_COUNT:
		++*n;
		break;
	case FACE_ID_SWAPPED:
		*n = (uint16_t)(*n + SWAPPED);
		break;
	case FACE_ID_LEAPS:
		*n = (uint16_t)(*n +
				((LEAP + chance_u64(&t->chance) % LEAPS) | 1));
		break;
	case FACE_ID_RANDOM:
		return (uint16_t)chance_u64(&t->chance);
	}
	return (uint16_t)(*n + first_id(t, at));
}

static bool
has(const struct face *f, char option)
{
	return strchr(f->syn[FACE_SYN_ALL].layout, option) != NULL;
}

/* lacks - the SYN has not offered what the face has */
static bool
lacks(const struct face *f, bool offered, char option)
{
	return !offered && has(f, option);
}

/* of_mss - which of those that have all options that the face has. An option
   that it does not have cannot be what made the difference */
static int
of_mss(const struct face *f, uint32_t mss)
{
	if (mss == 0)
		return FACE_SYN_NO_MSS;
	if (mss <= NO_WSCALE && !has(f, 'W'))
		return FACE_SYN_NO_WSCALE;
	if (mss <= SHORT)
		return FACE_SYN_SHORT;
	if (mss <= NO_SACK && !has(f, 'S'))
		return FACE_SYN_NO_SACK;
	return mss <= SHORTER ? FACE_SYN_SHORTER : FACE_SYN_ALL;
}

/* tcp_face_syn - how a SYN-ACK to a SYN with these options looks */
static const struct face_syn *
tcp_face_syn(
    const struct face *f, uint32_t mss, bool ts, bool sack, bool wscale)
{
	int which = of_mss(f, mss);

	if (lacks(f, ts, 'T'))
		which = FACE_SYN_NO_TS;
	else if (lacks(f, sack, 'S'))
		which = FACE_SYN_NO_SACK;
	else if (lacks(f, wscale, 'W'))
		which = FACE_SYN_NO_WSCALE;
	return &f->syn[f->syn[which].layout[0] != '\0' ? which : FACE_SYN_ALL];
}

void
tcp_face_options(
    const struct face *f, uint32_t mss, bool *ts, bool *sack, bool *wscale)
{
	const char *layout = tcp_face_syn(f, mss, *ts, *sack, *wscale)->layout;

	*ts = *ts && strchr(layout, 'T') != NULL;
	*sack = *sack && strchr(layout, 'S') != NULL;
	*wscale = *wscale && strchr(layout, 'W') != NULL;
}

void
tcp_face_agree(struct tcb *tcb)
{
	const struct face *f = tcp_face(tcb->tcp, &tcb->c.laddr);
	bool ts = tcb->ts_ok, sack = tcb->sack_ok, wscale = tcb->wscale_ok;

	if (f == NULL || !tcb->passive)
		return;
	tcp_face_options(f, tcb->c.no_mss ? 0 : tcb->mss, &ts, &sack, &wscale);
	tcb->ts_ok = ts;
	tcb->sack_ok = sack;
	tcb->wscale_ok = wscale;
	if (!wscale)
		tcb->snd_wscale = 0;
}

/* fits - the layout has these options, and no others */
static bool
fits(const struct face_syn *s, const struct tcp_opts *o)
{
	return o->have_mss == (strchr(s->layout, 'M') != NULL) &&
	       o->have_ts == (strchr(s->layout, 'T') != NULL) &&
	       o->sack_ok == (strchr(s->layout, 'S') != NULL) &&
	       o->have_wscale == (strchr(s->layout, 'W') != NULL);
}

/* buffer - of which a window is as many whole segments of n bytes as fit, by
   the windows of other SYN-ACKs: at least so long */
static unsigned
buffer(const struct face *f, unsigned wnd, unsigned n)
{
	unsigned most = wnd;
	int i;

	for (i = 0; i < FACE_SYNS; i++)
		if (f->syn[i].wnd > most && f->syn[i].wnd < wnd + n)
			most = f->syn[i].wnd;
	return most;
}

/* window - where it is whole segments, over IPv6 it is of those, which are
   shorter by 20 bytes, so that one more may fit */
static uint16_t
window(const struct face *f, const struct face_syn *s, const struct tcp_opts *o,
    bool v4)
{
	unsigned n = MSS - (o->have_ts ? TS_LEN : 0), n6 = n - 20;

	if (v4 || s->wnd % n != 0)
		return s->wnd;
	return (uint16_t)(buffer(f, s->wnd, n) / n6 * n6);
}

/* mss_of - no more than our own */
static uint16_t
mss_of(const struct face_syn *s, uint16_t own, uint32_t peer, bool v4)
{
	uint32_t mss = s->mss - (v4 || s->mss == FACE_MSS_BACK ? 0 : 20);

	if (s->mss == 0)
		return own;
	if (s->mss == FACE_MSS_BACK)
		mss = peer != 0 ? peer : own;
	return mss < own ? (uint16_t)mss : own;
}

void
tcp_face_syn_ack(const struct tcp *t, const struct ip_addr *at, uint32_t buf,
    uint32_t peer_mss, struct tcp_hdr *h)
{
	const struct face *f = tcp_face(t, at);
	const struct face_syn *s;
	uint16_t wnd;

	if (f == NULL)
		return;
	s = tcp_face_syn(
	    f, peer_mss, h->opt.have_ts, h->opt.sack_ok, h->opt.have_wscale);
	if (h->opt.have_wscale)
		h->opt.wscale = s->wscale;
	h->opt.mss = mss_of(s, h->opt.mss, peer_mss, ip_is_v4(at));
	h->opt.no_echo = s->no_echo;
	wnd = window(f, s, &h->opt, ip_is_v4(at));
	if (!ip_is_v4(at) && f->wnd6 != 0)
		wnd = f->wnd6;
	if (wnd != 0 && wnd <= buf)
		h->wnd = wnd;
	if (fits(s, &h->opt))
		h->opt.layout = s->layout;
}

void
tcp_face_odd(const struct face *f, struct tcp_hdr *h)
{
	const struct face_syn *s = &f->syn[FACE_SYN_ODD];

	if (fits(s, &h->opt))
		h->opt.layout = s->layout;
}

uint64_t
tcp_face_syn_wait(const struct tcb *tcb, uint64_t own)
{
	const struct face *f = tcp_face(tcb->tcp, &tcb->c.laddr);

	return f != NULL && f->syn_wait > 0 ? f->syn_wait : own;
}

uint8_t
tcp_face_wscale(const struct tcb *tcb, uint8_t own)
{
	const struct face *f = tcp_face(tcb->tcp, &tcb->c.laddr);

	if (f == NULL || !tcb->passive || !tcb->wscale_ok)
		return own;
	return tcp_face_syn(f, tcb->c.no_mss ? 0 : tcb->mss, tcb->ts_ok,
	    tcb->sack_ok, tcb->wscale_ok)
	    ->wscale;
}
