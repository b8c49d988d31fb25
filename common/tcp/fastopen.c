/*
 * fastopen.c - TCP Fast Open, RFC 7413. A server gives each client address a
 * cookie, a keyed hash, and takes the data of a SYN that brings it; a client
 * keeps the cookies of its servers, and which of them did not answer.
 *
 * The server keeps nothing: a cookie is the hash of both addresses and of the
 * hour, and that of the hour before is good, too. What is pending, that is,
 * opened and not yet confirmed by an ACK, is limited; a reset counts as
 * pending for a minute, for else it would make room for the next forged SYN.
 */
#include <string.h>

#include "base/allocator.h"
#include "base/bytes.h"
#include "tcp/cong.h"
#include "tcp/fastopen.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum {
	COOKIE_LEN = 8,
	COOKIES = 64,	    /* that a client keeps */
	MSS_MOST_V4 = 1460, /* 4.1.3 */
	MSS_MOST_V6 = 1440,
};

#define COOKIE_HOUR (3600 * NS_S)
#define RESET_SLOT  (60 * NS_S)
#define QUIET	    (600 * NS_S) /* after a failure, 4.1.3.1 */

bool
tcp_fastopen_init(struct tcp *t)
{
	static const uint8_t label[] = "fast open";

	if (!t->cfg.fastopen)
		return true;
	t->fastopen_key[0] = hash_keyed(t->cookie_key, label, sizeof(label));
	t->fastopen_key[1] = hash_keyed(t->isn_key, label, sizeof(label));
	t->jar = allocator_zero(t->from, COOKIES * sizeof(*t->jar));
	return t->jar != NULL;
}

void
tcp_fastopen_free(struct tcp *t)
{
	allocator_put(t->from, t->jar);
}

/* ---- the server ---- */

/* get_cookie - 4.1.2: the hour is that of now, less this many */
static void
get_cookie(const struct tcp *t, const struct conn *c, uint64_t now,
    unsigned less, uint8_t *out)
{
	uint8_t b[40];
	uint64_t h;

	memcpy(b, c->laddr.b, 16);
	memcpy(b + 16, c->raddr.b, 16);
	put_be32(b + 32, (uint32_t)((now / COOKIE_HOUR - less) >> 32));
	put_be32(b + 36, (uint32_t)(now / COOKIE_HOUR - less));
	h = hash_keyed(t->fastopen_key, b, sizeof(b));
	put_be32(out, (uint32_t)(h >> 32));
	put_be32(out + 4, (uint32_t)h);
}

static bool
is_valid(const struct tcb *tcb, uint64_t now, const struct tcp_opts *o)
{
	uint8_t good[2][COOKIE_LEN];

	if (o->cookie_len != COOKIE_LEN)
		return false;
	get_cookie(tcb->tcp, &tcb->c, now, 0, good[0]);
	get_cookie(tcb->tcp, &tcb->c, now, 1, good[1]);
	return memcmp(o->cookie, good[0], COOKIE_LEN) == 0 ||
	       memcmp(o->cookie, good[1], COOKIE_LEN) == 0;
}

/* roll - the resets of this minute, and of the one before */
static void
roll(struct tcp *t, uint64_t now)
{
	uint64_t slot = now / RESET_SLOT;

	if (slot == t->fastopen_slot)
		return;
	t->fastopen_resets[1] = slot == t->fastopen_slot + 1
				    ? t->fastopen_resets[0]
				    : 0;
	t->fastopen_resets[0] = 0;
	t->fastopen_slot = slot;
}

/* is_full - PendingFastOpenRequests, 4.2 and 5.1 */
static bool
is_full(struct tcp *t, uint64_t now)
{
	roll(t, now);
	return t->fastopen_pending + t->fastopen_resets[0] +
		   t->fastopen_resets[1] >=
	       t->cfg.fastopen_max;
}

/* take_data - of the SYN, as much as the window holds; its FIN comes again */
static void
take_data(struct tcb *tcb, uint64_t now, const struct seg *syn)
{
	uint32_t n = syn->len, most = tcp_set(tcb)->rcvbuf;
	struct tcp *t = tcb->tcp;

	n = n < most ? n : most;
	if (n == 0)
		return;
	tcb->rcv_nxt += n;
	tcb->rcv_adv = tcb->w->last_ack_sent = tcb->rcv_nxt;
	tcb->received += n;
	t->stats.received += n;
	t->app.received(
	    t->app_ctx, tcb, t->app.want_data ? syn->data : NULL, n, now);
}

bool
tcp_fastopen_listen(struct tcb *tcb, uint64_t now, const struct seg *syn)
{
	struct tcp *t = tcb->tcp;

	if (!t->cfg.fastopen || !syn->h.opt.have_cookie)
		return false;
	if (!is_valid(tcb, now, &syn->h.opt)) {
		tcb->w->cookie_due = true;
		return false;
	}
	if (is_full(t, now))
		return false;
	tcb->c.fast_open = true;
	t->fastopen_pending++;
	tcb->cwnd = tcp_initial_window(tcb);
	tcb->recover = tcb->ecn_recover = tcb->iss;
	tcb->w->cc->init(tcb, now);
	t->app.opened(t->app_ctx, tcb, now);
	if (!tcb->dead)
		take_data(tcb, now, syn);
	return true;
}

void
tcp_fastopen_answer(struct tcb *tcb, uint64_t now, struct tcp_hdr *h)
{
	if (!tcb->w->cookie_due)
		return;
	tcb->w->cookie_due = false; /* not when it is sent again: 4.2.1 */
	h->opt.have_cookie = true;
	h->opt.cookie_len = COOKIE_LEN;
	get_cookie(tcb->tcp, &tcb->c, now, 0, h->opt.cookie);
}

void
tcp_fastopen_done(struct tcb *tcb, uint64_t now, bool reset)
{
	struct tcp *t = tcb->tcp;

	if (!tcb->c.fast_open || !tcb->passive)
		return;
	tcb->c.fast_open = false;
	t->fastopen_pending--;
	if (!reset)
		return;
	roll(t, now);
	t->fastopen_resets[0]++;
}

void
tcp_fastopen_ack(struct tcb *tcb, uint64_t now)
{
	if (tcb->syn_lost)
		tcp_recover_window(tcb, now);
}

/* ---- the client ---- */

static struct tcp_cookie *
find(const struct tcp *t, const struct conn *c)
{
	struct tcp_cookie *k;
	unsigned i;

	for (i = 0; i < COOKIES; i++) {
		k = &t->jar[i];
		if (k->rport == c->rport && c->rport != 0 &&
		    memcmp(k->laddr, c->laddr.b, 16) == 0 &&
		    memcmp(k->raddr, c->raddr.b, 16) == 0)
			return k;
	}
	return NULL;
}

/* place - for that server; the oldest is dropped */
static struct tcp_cookie *
place(struct tcp *t, const struct conn *c)
{
	struct tcp_cookie *k = find(t, c);

	if (k != NULL)
		return k;
	k = &t->jar[t->jar_next++ % COOKIES];
	memset(k, 0, sizeof(*k));
	memcpy(k->laddr, c->laddr.b, 16);
	memcpy(k->raddr, c->raddr.b, 16);
	k->rport = c->rport;
	return k;
}

void
tcp_cookie_put(struct tcp *t, const struct tcp_cookie *k)
{
	struct conn c = {.rport = k->rport};

	if (t->jar == NULL || k->rport == 0 || k->len > TCP_MAXCOOKIE)
		return;
	memcpy(c.laddr.b, k->laddr, 16);
	memcpy(c.raddr.b, k->raddr, 16);
	*place(t, &c) = *k;
}

/* changed - the application may want to keep it */
static void
changed(struct tcp *t, const struct tcp_cookie *k)
{
	if (t->app.cookie != NULL)
		t->app.cookie(t->app_ctx, k);
}

/* room - of the SYN's data: what the server's MSS leaves beside the options */
static uint32_t
room(const struct tcb *tcb, const struct tcp_cookie *k, struct tcp_hdr *h)
{
	bool v4 = ip_is_v4(&tcb->c.laddr);
	uint32_t mss = k->mss, most = v4 ? MSS_MOST_V4 : MSS_MOST_V6;
	uint32_t ours = tcb->tcp->cfg.mtu - (v4 ? 40 : 60), used;
	uint8_t scratch[TCP_MAXHLEN];

	if (mss == 0)
		mss = v4 ? MSS_DEFAULT_V4 : MSS_DEFAULT_V6;
	mss = mss < most ? mss : most;
	mss = mss < ours ? mss : ours;
	used = (uint32_t)tcp_hdr_encode(scratch, h) - TCP_HLEN;
	return mss > used ? mss - used : 0;
}

uint32_t
tcp_fastopen_syn(struct tcb *tcb, uint64_t now, struct tcp_hdr *h)
{
	struct tcp *t = tcb->tcp;
	const struct tcp_cookie *k;
	uint32_t n;

	if (t->jar == NULL)
		return 0;
	k = find(t, &tcb->c);
	if (k != NULL && now < k->off_until)
		return 0;
	tcb->c.fast_open = true;
	h->opt.have_cookie = true;
	if (k == NULL || k->len == 0)
		return 0; /* a request: 4.2.1 */
	h->opt.cookie_len = k->len;
	memcpy(h->opt.cookie, k->b, k->len);
	n = room(tcb, k, h);
	return tcb->offer_end < n ? (uint32_t)tcb->offer_end : n;
}

/* fail - do without for a while, 4.1.3.1 */
static void
fail(struct tcb *tcb, uint64_t now)
{
	struct tcp_cookie *k = place(tcb->tcp, &tcb->c);

	k->off_until = now + QUIET;
	changed(tcb->tcp, k);
}

void
tcp_fastopen_failed(struct tcb *tcb, uint64_t now)
{
	if (tcb->c.fast_open && !tcb->passive)
		fail(tcb, now);
}

/* note_cookie - 4.2.2, "Client: Receiving SYN-ACK" step 1 */
static void
note_cookie(struct tcb *tcb, const struct tcp_opts *o)
{
	struct tcp_cookie *k = find(tcb->tcp, &tcb->c);

	if (o->have_cookie && o->cookie_len > 0) {
		k = place(tcb->tcp, &tcb->c);
		k->len = o->cookie_len;
		memcpy(k->b, o->cookie, k->len);
		k->off_until = 0;
	}
	if (k == NULL)
		return;
	k->mss = o->have_mss ? o->mss : 0;
	if (o->have_cookie && o->cookie_len > 0)
		changed(tcb->tcp, k);
}

/*
 * resend_rest - what the SYN had and the server has not taken goes out with
 * the ACK, or waits for a window that the rest of it has closed. Without memory
 * for its record it is as if it had not been sent.
 */
static void
resend_rest(struct tcb *tcb, uint64_t now)
{
	uint32_t n = tcb->snd_nxt - tcb->snd_una;
	struct sent *s;

	if (n == 0)
		return;
	s = tcp_sent_new(tcb, tcb->snd_una, n, false, now);
	if (s == NULL) {
		tcb->snd_nxt = tcb->snd_una;
		return;
	}
	s->why = LOST_SYN;
	tcp_sent_lost(tcb, s);
	/* nothing else would find out that it has opened: MUST-36 */
	tcp_rearm_rexmt(tcb, now);
}

void
tcp_fastopen_syn_ack(
    struct tcb *tcb, uint64_t now, const struct seg *seg, bool again)
{
	uint32_t n = tcb->snd_nxt - tcb->iss - 1, got;
	const struct tcp_opts *o = &seg->h.opt;
	struct tcp *t = tcb->tcp;

	if (!tcb->c.fast_open)
		return;
	tcb->c.fast_open = false;
	got = seg->h.ack - tcb->iss - 1;
	note_cookie(tcb, o);
	/* the server does not want the data, or something on the path has
	   dropped the SYN that had it: 4.1.3.1, 4.2.2 */
	if ((n > 0 && got < n && !o->have_cookie) ||
	    (again && got == 0 && !o->have_cookie))
		fail(tcb, now);
	tcb->una_off = got;
	resend_rest(tcb, now);
	if (got > 0)
		t->app.acked(t->app_ctx, tcb, got, now);
}
