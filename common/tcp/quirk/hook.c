/*
 * hook.c - where the engine meets the quirks, see quirk.h: the hooks that
 * it calls.
 */
#include <string.h>

#include "base/allocator.h"
#include "tcp/quirk/quirk.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

static size_t
size(const struct tcp_config *c)
{
	return sizeof(struct quirk_conn) +
	       c->nquirks * sizeof(struct quirk_slot);
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

/* unhold - take *at out of the list, and free it */
static void
unhold(struct tcb *tcb, struct held **at)
{
	struct held *s = *at;

	*at = s->next;
	quirk_conn(tcb)->nheld--;
	tcb->tcp->held -= s->len;
	allocator_put(tcb->tcp->from, s);
}

/* release - what has waited for long enough goes out; one: another segment
   with data is out */
static void
release(struct tcb *tcb, uint64_t now, bool one)
{
	struct held **at = &quirk_conn(tcb)->held, *s;

	while ((s = *at) != NULL) {
		if (s->at > now && (s->wait == 0 || !one || --s->wait > 0)) {
			at = &s->next;
			continue;
		}
		tcp_put_segment(tcb, now, &s->h, s->data, s->len, s->ecn);
		unhold(tcb, at);
	}
}

static void
forget(struct tcb *tcb)
{
	struct quirk_conn *q = quirk_conn(tcb);

	while (q->held != NULL)
		unhold(tcb, &q->held);
}

/* ---- segments */

static void
out(struct tcb *tcb, uint64_t now, struct tcp_hdr *h, const uint8_t *data,
    uint32_t len, uint8_t ecn)
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

static const struct seg *
in(struct tcb *tcb, uint64_t now, const struct seg *seg, struct seg *bent)
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

static uint64_t
wake_at(struct tcb *tcb, uint64_t now)
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

static bool
wake(struct tcb *tcb, uint64_t now)
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

/* ---- what the application sends */

static void
offer(struct tcb *tcb, uint64_t end)
{
	struct quirk_conn *q = quirk_conn(tcb);

	if (end > q->offered)
		q->offered = end;
	quirk_speak(tcb, 0);
}

static void
shut(struct tcb *tcb)
{
	quirk_conn(tcb)->shut = true;
	quirk_speak(tcb, 0);
}

const struct tcp_hooks tcp_quirks = {
    .size = size,
    .in = in,
    .out = out,
    .wake_at = wake_at,
    .wake = wake,
    .offer = offer,
    .shutdown = shut,
    .free = forget,
};
