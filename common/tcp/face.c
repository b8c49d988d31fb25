/*
 * face.c - a connection's first segments as a host of another make sends them:
 * see wire/face.h. Without places in the configuration nothing here is done.
 */
#include <string.h>

#include "base/chance.h"
#include "tcp/face.h"
#include "tcp/tcp_var.h"
#include "wire/face.h"

enum { LEAP = 1001, LEAPS = 4000, SWAPPED = 256 };

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

/* count_of - of the identifications of a host; others may share it */
static uint16_t *
count_of(struct tcp *t, const struct ip_addr *at)
{
	uint64_t h = hash_keyed(t->isn_key, at->b, sizeof(at->b));

	return &t->face_id[h % (sizeof(t->face_id) / sizeof(t->face_id[0]))];
}

uint16_t
tcp_face_id(
    struct tcp *t, enum face_id how, const struct ip_addr *at, uint16_t own)
{
	uint16_t *n = count_of(t, at);

	switch (how) {
	case FACE_ID_OWN:
		return own;
	case FACE_ID_ZERO:
		return 0;
	case FACE_ID_COUNT:
		return ++*n;
	case FACE_ID_SWAPPED:
		*n = (uint16_t)(*n + SWAPPED);
		return *n;
	case FACE_ID_LEAPS:
		*n = (uint16_t)(*n +
				((LEAP + chance_u64(&t->chance) % LEAPS) | 1));
		return *n;
	case FACE_ID_RANDOM:
		break;
	}
	return (uint16_t)chance_u64(&t->chance);
}

/* lacks - the SYN has not offered what the face has */
static bool
lacks(const struct face *f, bool offered, char option)
{
	return !offered && strchr(f->syn[FACE_SYN_ALL].layout, option) != NULL;
}

const struct face_syn *
tcp_face_syn(const struct face *f, bool ts, bool sack, bool wscale)
{
	if (lacks(f, ts, 'T'))
		return &f->syn[FACE_SYN_NO_TS];
	if (lacks(f, sack, 'S'))
		return &f->syn[FACE_SYN_NO_SACK];
	return &f->syn[lacks(f, wscale, 'W') ? FACE_SYN_NO_WSCALE
					     : FACE_SYN_ALL];
}

void
tcp_face_options(const struct face *f, bool *ts, bool *sack, bool *wscale)
{
	const char *layout = tcp_face_syn(f, *ts, *sack, *wscale)->layout;

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
	tcp_face_options(f, &ts, &sack, &wscale);
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

void
tcp_face_syn_ack(const struct tcp *t, const struct ip_addr *at, uint32_t buf,
    struct tcp_hdr *h)
{
	const struct face *f = tcp_face(t, at);
	const struct face_syn *s;

	if (f == NULL)
		return;
	s = tcp_face_syn(f, h->opt.have_ts, h->opt.sack_ok, h->opt.have_wscale);
	if (h->opt.have_wscale)
		h->opt.wscale = s->wscale;
	if (s->wnd != 0 && s->wnd <= buf)
		h->wnd = s->wnd;
	if (fits(s, &h->opt))
		h->opt.layout = s->layout;
}

uint8_t
tcp_face_wscale(const struct tcb *tcb, uint8_t own)
{
	const struct face *f = tcp_face(tcb->tcp, &tcb->c.laddr);

	if (f == NULL || !tcb->passive || !tcb->wscale_ok)
		return own;
	return tcp_face_syn(f, tcb->ts_ok, tcb->sack_ok, tcb->wscale_ok)
	    ->wscale;
}
