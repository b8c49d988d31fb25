/*
 * bend.c - what the quirks use, see quirk.h: what counts as "@when", segments
 * that wait, what the application sends, and the log.
 */
#include <string.h>

#include "base/allocator.h"
#include "tcp/quirk/quirk.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum {
	HELD_EACH = 8,	       /* segments that a connection may keep back, */
	HELD_BYTES = 16 << 20, /* and bytes of all connections */
};

#define TELL_AGAIN NS_S /* one line in this long */

/* quirk_conn - what tcb's quirks remember */
struct quirk_conn *
quirk_conn(struct tcb *tcb)
{
	return (struct quirk_conn *)(tcb + 1);
}

/* begin - the first time that the connection is seen */
static struct quirk_conn *
begin(struct tcb *tcb, uint64_t now)
{
	const struct tcp_places *p = tcb->tcp->cfg.places;
	struct quirk_conn *q = quirk_conn(tcb);

	if (q->begun)
		return q;
	q->begun = true;
	q->begin = now;
	q->nxt = tcb->snd_una;
	q->ack_told = tcb->rcv_nxt;
	q->which = UINT32_MAX;
	if (p != NULL)
		q->which = p->quirks(p->ctx, &tcb->c.laddr, tcb->c.lport);
	return q;
}

struct bend
bend_begin(struct tcb *tcb, uint64_t now)
{
	struct bend b = {.tcb = tcb, .q = begin(tcb, now), .now = now};

	b.times = 1;
	return b;
}

/* bend_next - for each quirk of the connection; i counts from 0 */
bool
bend_next(struct bend *b, unsigned *i)
{
	const struct tcp_config *c = &b->tcb->tcp->cfg;

	while (*i < c->nquirks && !(b->q->which >> *i & 1))
		++*i;
	if (*i == c->nquirks)
		return false;
	b->s = &b->q->slot[*i];
	b->conf = &c->quirk[*i];
	b->kind = b->conf->kind;
	++*i;
	return true;
}

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
	tcb->tcp->host.event(tcb->tcp->host_ctx, &ev);
}

uint64_t
quirk_said(const struct tcb *tcb)
{
	if (!tcp_synchronized(tcb))
		return 0;
	return tcb->una_off + (tcb->snd_nxt - tcb->snd_una) -
	       (tcp_fin_sent(tcb) ? 1 : 0);
}

bool
quirk_hold(struct bend *b, uint64_t at, uint32_t wait)
{
	struct tcp *t = b->tcb->tcp;
	struct held *s, **end = &b->q->held;

	if (b->q->nheld >= HELD_EACH || t->held + b->len > HELD_BYTES)
		return false;
	s = allocator_get(t->from, sizeof(*s) + b->len);
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
	t->held += b->len;
	return true;
}

void
quirk_speak(struct tcb *tcb, uint64_t now)
{
	struct bend b = {.tcb = tcb, .q = quirk_conn(tcb), .now = now};
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

bool
quirk_is_pure_ack(const struct bend *b)
{
	return b->len == 0 && !(b->h->flags & (TH_SYN | TH_FIN | TH_RST));
}

bool
quirk_is_new_data(const struct bend *b)
{
	return b->len > 0 && seq_geq(b->h->seq, b->q->nxt);
}

void
quirk_ack_now(struct bend *b)
{
	b->tcb->ack_now = true;
	tcp_touch(b->tcb);
}
