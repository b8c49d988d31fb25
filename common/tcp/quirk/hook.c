/*
 * hook.c - where the engine meets the quirks, see quirk.h: the
 * hooks, what counts as "@when", segments that wait, and the log.
 */
#include <stdlib.h>
#include <string.h>

#include "tcp/quirk/quirk.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum {
	HELD_EACH = 8,	       /* segments that a connection may keep back, */
	HELD_BYTES = 16 << 20, /* and bytes of all connections */
};

#define TELL_AGAIN NS_S /* one line in so long */

/* a segment that waits */
struct held {
	struct held *next;
	uint64_t at;   /* goes out at this time, */
	uint32_t wait; /* or when so many with data have overtaken it; 0: no */
	struct tcp_hdr h;
	uint32_t len;
	uint8_t ecn;
	uint8_t data[];
};

size_t
tcp_quirk_size(unsigned n)
{
	if (n == 0)
		return 0;
	return sizeof(struct quirk_conn) + n * sizeof(struct quirk_slot);
}

/* conn_of - what tcb's quirks remember */
static struct quirk_conn *
conn_of(struct tcb *tcb)
{
	return (struct quirk_conn *)(tcb + 1);
}

/* begin - the first time that the connection is seen */
static struct quirk_conn *
begin(struct tcb *tcb, uint64_t now)
{
	struct quirk_conn *q = conn_of(tcb);

	if (q->begun)
		return q;
	q->begun = true;
	q->begin = now;
	q->nxt = tcb->snd_una;
	q->ack_told = tcb->rcv_nxt;
	return q;
}

static struct bend
bend_begin(struct tcb *tcb, uint64_t now)
{
	struct bend b = {.tcb = tcb, .q = begin(tcb, now), .now = now};

	b.times = 1;
	return b;
}

/* bend_next - for each quirk; i counts from 0 */
static bool
bend_next(struct bend *b, unsigned *i)
{
	const struct tcp_config *c = &b->tcb->tcp->cfg;

	if (*i == c->nquirks)
		return false;
	b->s = &b->q->slot[*i];
	b->conf = &c->quirk[*i];
	b->kind = quirk_kinds[b->conf->kind];
	++*i;
	return true;
}

/* ---- what the quirks use */

bool
quirk_active(const struct bend *b)
{
	const struct quirk_conn *q = b->q;
	bool in = b->kind->counts != COUNTS_SENT;
	bool out = b->kind->counts != COUNTS_RECEIVED;

	switch (b->conf->when) {
	case TCP_WHEN_ALWAYS:
		return true;
	case TCP_WHEN_OPEN:
		return tcp_synchronized(b->tcb);
	case TCP_WHEN_BYTES:
		return tcp_synchronized(b->tcb) &&
		       (in ? b->tcb->received : 0) + (out ? q->sent : 0) >=
			   b->conf->at;
	case TCP_WHEN_SEGMENT:
		return (in ? q->segs_in : 0) + (out ? q->segs_out : 0) +
			   (out && b->h != NULL && b->len > 0) >=
		       b->conf->at;
	case TCP_WHEN_TIME:
		return b->now >= q->begin + b->conf->at;
	case TCP_WHEN_FIN:
		return b->tcb->fin_seen;
	}
	return false;
}

void
quirk_tell(struct bend *b, const char *what)
{
	struct tcb *tcb = b->tcb;
	struct tcp_event ev;

	if (b->now == 0) {
		b->s->what = what;
		return;
	}
	b->s->what = NULL;
	b->s->untold++;
	if (b->s->told == what && b->now < b->s->told_at + TELL_AGAIN)
		return;
	tcp_event_tcb(&ev, TCP_EV_QUIRK, b->now, tcb);
	ev.why = b->kind->name;
	ev.what = what;
	ev.times = b->s->untold;
	b->s->untold = 0;
	b->s->told = what;
	b->s->told_at = b->now;
	tcb->tcp->ops->event(tcb->tcp->ctx, &ev);
}

uint64_t
quirk_said(const struct tcb *tcb)
{
	if (!tcp_synchronized(tcb))
		return 0;
	return tcb->una_off + (tcb->snd_nxt - tcb->snd_una) -
	       (tcp_fin_sent(tcb) ? 1 : 0);
}

/* count - h and len bytes of data are as good as out */
static void
count(struct bend *b, const struct tcp_hdr *h, uint32_t len)
{
	struct quirk_conn *q = b->q;
	uint32_t end = h->seq + len + (h->flags & (TH_SYN | TH_FIN) ? 1 : 0);
	uint32_t anew = end - q->nxt;

	q->ack_told = h->ack;
	if ((h->flags & TH_RST) || !seq_gt(end, q->nxt))
		return;
	q->sent += anew < len ? anew : len;
	q->segs_out += len > 0;
	q->nxt = end;
}

bool
quirk_hold(struct bend *b, uint64_t at, uint32_t wait)
{
	struct tcp *t = b->tcb->tcp;
	struct held *s, **end = &b->q->held;

	if (b->q->nheld >= HELD_EACH || t->quirk_held + b->len > HELD_BYTES)
		return false;
	s = malloc(sizeof(*s) + b->len);
	if (s == NULL)
		return false;
	s->next = NULL;
	s->at = at;
	s->wait = wait;
	s->h = *b->h;
	s->len = b->len;
	s->ecn = b->ecn;
	if (b->len > 0)
		memcpy(s->data, b->data, b->len);
	while (*end != NULL)
		end = &(*end)->next;
	*end = s;
	b->q->nheld++;
	t->quirk_held += b->len;
	return true;
}

/* unhold - take *at out of the list, and free it */
static void
unhold(struct tcb *tcb, struct held **at)
{
	struct held *s = *at;

	*at = s->next;
	conn_of(tcb)->nheld--;
	tcb->tcp->quirk_held -= s->len;
	free(s);
}

/* release - what has waited for long enough goes out; one: another segment
   with data is out */
static void
release(struct tcb *tcb, uint64_t now, bool one)
{
	struct held **at = &conn_of(tcb)->held, *s;

	while ((s = *at) != NULL) {
		if (s->at > now && (s->wait == 0 || !one || --s->wait > 0)) {
			at = &s->next;
			continue;
		}
		tcp_put_segment(tcb, now, &s->h, s->data, s->len, s->ecn);
		unhold(tcb, at);
	}
}

void
tcp_quirk_free(struct tcb *tcb)
{
	struct quirk_conn *q = conn_of(tcb);

	while (q->held != NULL)
		unhold(tcb, &q->held);
}

/* ---- segments */

void
tcp_quirk_out(struct tcb *tcb, uint64_t now, struct tcp_hdr *h,
    const uint8_t *data, uint32_t len, uint8_t ecn)
{
	struct bend b = bend_begin(tcb, now);
	unsigned i = 0;
	uint64_t n;

	b.h = h;
	b.data = data;
	b.len = len;
	b.ecn = ecn;
	while (!b.dropped && !b.held && bend_next(&b, &i)) {
		if (b.kind->out != NULL)
			b.kind->out(&b);
	}
	if (b.dropped)
		return;
	count(&b, h, b.len);
	for (n = 0; n < b.times && !b.held; n++)
		tcp_put_segment(tcb, now, h, b.data, b.len, ecn);
	if (b.len > 0 && !b.held)
		release(tcb, now, true);
}

const struct seg *
tcp_quirk_in(
    struct tcb *tcb, uint64_t now, const struct seg *seg, struct seg *bent)
{
	struct bend b = bend_begin(tcb, now);
	unsigned i = 0;

	*bent = *seg;
	b.seg = bent;
	b.q->segs_in += seg->len > 0;
	while (b.seg != NULL && bend_next(&b, &i)) {
		if (b.kind->in != NULL)
			b.kind->in(&b);
	}
	return b.seg;
}

/* ---- time */

/* sooner - the earlier of at and other, where 0 is never */
static uint64_t
sooner(uint64_t at, uint64_t other)
{
	return other != 0 && other < at ? other : at;
}

uint64_t
tcp_quirk_at(struct tcb *tcb, uint64_t now)
{
	struct bend b = bend_begin(tcb, now);
	const struct held *s;
	uint64_t at = NEVER;
	unsigned i = 0;

	while (bend_next(&b, &i)) {
		if (b.s->what != NULL)
			quirk_tell(&b, b.s->what);
		at = sooner(at, b.s->at);
		if (b.kind->act == NULL || b.s->acted)
			continue;
		if (quirk_active(&b))
			at = sooner(at, now);
		else if (b.conf->when == TCP_WHEN_TIME)
			at = sooner(at, b.q->begin + b.conf->at);
	}
	for (s = b.q->held; s != NULL; s = s->next)
		at = sooner(at, s->at);
	return at;
}

bool
tcp_quirk_wake(struct tcb *tcb, uint64_t now)
{
	struct bend b = bend_begin(tcb, now);
	unsigned i = 0;

	while (!tcb->dead && bend_next(&b, &i)) {
		if (b.kind->act != NULL && !b.s->acted && quirk_active(&b)) {
			b.s->acted = true;
			b.kind->act(&b);
		}
		if (tcb->dead || b.s->at == 0 || b.s->at > now)
			continue;
		b.s->at = 0;
		b.kind->wake(&b);
	}
	if (!tcb->dead)
		release(tcb, now, false);
	return tcb->dead;
}

/* ---- what the application says */

void
quirk_speak(struct tcb *tcb, uint64_t now)
{
	struct bend b = {.tcb = tcb, .q = conn_of(tcb), .now = now};
	struct speech sp = {.upto = b.q->offered, .fin = b.q->shut};
	uint64_t said = quirk_said(tcb);
	unsigned i = 0;

	if (tcp_fin_sent(tcb))
		return;
	while (bend_next(&b, &i)) {
		if (b.kind->speak != NULL)
			b.kind->speak(&b, &sp);
	}
	tcb->offer_end = sp.upto > said ? sp.upto : said;
	tcb->fin_wanted = sp.fin;
	tcp_touch(tcb);
}

void
tcp_quirk_offer(struct tcb *tcb, uint64_t end)
{
	struct quirk_conn *q = conn_of(tcb);

	if (end > q->offered)
		q->offered = end;
	quirk_speak(tcb, 0);
}

void
tcp_quirk_shutdown(struct tcb *tcb)
{
	conn_of(tcb)->shut = true;
	quirk_speak(tcb, 0);
}
