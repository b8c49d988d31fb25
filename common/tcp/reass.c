/*
 * reass.c - data that has arrived out of order, as ranges that do not
 * touch, lowest first. The bytes are kept only when the application wants
 * them; what they take is bounded for all connections together, and for the
 * source of each, see share.c. A source that has less than another one takes
 * from that what it needs: the range at the end of a connection, which is
 * needed last. RFC 2018 8 allows for that where memory is short; the peer
 * sends it again.
 */
#include <string.h>

#include "base/allocator.h"
#include "base/part.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

static size_t
cost(const struct tcb *tcb, const struct range *r)
{
	return sizeof(*r) + (tcb->tcp->app.want_data ? r->end - r->seq : 0);
}

static struct tcp_share *
share_of(const struct tcb *tcb)
{
	return &tcb->tcp->share[tcp_source(tcb->tcp, &tcb->c.raddr)];
}

/* hold, release - the connection is one of its source's that have ranges */
static void
hold(struct tcb *tcb)
{
	struct tcp_share *s = share_of(tcb);

	tcb->w->ooo_prev = NULL;
	tcb->w->ooo_next = s->holds;
	if (s->holds != NULL)
		s->holds->w->ooo_prev = tcb;
	s->holds = tcb;
}

static void
release(struct tcb *tcb)
{
	struct tcb *prev = tcb->w->ooo_prev, *next = tcb->w->ooo_next;

	if (next != NULL)
		next->w->ooo_prev = prev;
	if (prev != NULL)
		prev->w->ooo_next = next;
	else
		share_of(tcb)->holds = next;
}

static void
discharge(struct tcb *tcb, size_t n)
{
	tcb->tcp->reass_used -= n;
	share_of(tcb)->reass -= n;
}

static void
range_free(struct tcb *tcb, struct range *r)
{
	discharge(tcb, cost(tcb, r));
	if (--tcb->w->ooo_count == 0)
		release(tcb);
	allocator_put(tcb->tcp->from, r);
}

/* renege - on what is needed last */
static void
renege(struct tcb *tcb)
{
	struct range **at = &tcb->w->ooo, *r;

	while ((*at)->next != NULL)
		at = &(*at)->next;
	r = *at;
	*at = NULL;
	range_free(tcb, r);
}

/* find_most - the source that has most. One that grows is known at once; when
   that one has come down, another may have more */
static struct tcp_share *
find_most(struct tcp *t)
{
	size_t i;

	if (t->reass_most != NULL && t->reass_most->reass >= t->reass_had)
		return t->reass_most;
	t->reass_most = t->share;
	for (i = 1; i < TCP_SOURCES; i++)
		if (t->share[i].reass > t->reass_most->reass)
			t->reass_most = &t->share[i];
	t->reass_had = t->reass_most->reass;
	return t->reass_most;
}

/* take - n bytes from a source that has more and keeps more: true if there is
   room then */
static bool
take(struct tcp *t, const struct tcp_share *s, size_t n)
{
	const struct tcp_share *most;

	for (;;) {
		most = find_most(t);
		if (!part_takes(s->reass + n, most->reass))
			return false;
		if (t->reass_used + n <= t->cfg.reass_bytes)
			return true;
		renege(most->holds);
	}
}

/* charge - n bytes more, for all and for the source; false: there is no room */
static bool
charge(struct tcb *tcb, size_t n)
{
	struct tcp *t = tcb->tcp;
	struct tcp_share *s = share_of(tcb);

	if (!part_has_room(s->reass, t->reass_used, t->cfg.reass_bytes, n) &&
	    !take(t, s, n))
		return false;
	t->reass_used += n;
	s->reass += n;
	if (t->reass_most != NULL && s->reass >= t->reass_had) {
		t->reass_most = s;
		t->reass_had = s->reass;
	}
	return true;
}

/* insert - a new range before *at */
static bool
insert(struct tcb *tcb, struct range **at, uint32_t seq, const uint8_t *p,
    uint32_t n)
{
	struct tcp *t = tcb->tcp;
	size_t keep = t->app.want_data ? n : 0;
	struct range *r;

	if (tcb->w->ooo_count >= OOO_RANGES || !charge(tcb, sizeof(*r) + keep))
		return false;
	r = allocator_get(t->from, sizeof(*r) + keep);
	if (r == NULL) {
		discharge(tcb, sizeof(*r) + keep);
		return false;
	}
	r->seq = seq;
	r->end = seq + n;
	r->order = tcb->w->ooo_order;
	if (keep > 0)
		memcpy(r->data, p, keep);
	r->next = *at;
	*at = r;
	if (tcb->w->ooo_count++ == 0)
		hold(tcb);
	return true;
}

/* extend - n more bytes behind range *at, which may move */
static bool
extend(struct tcb *tcb, struct range **at, const uint8_t *p, uint32_t n)
{
	struct tcp *t = tcb->tcp;
	struct range *r = *at, *bigger;
	uint32_t had = r->end - r->seq;

	if (t->app.want_data) {
		if (!charge(tcb, n))
			return false;
		bigger = allocator_get(t->from, sizeof(*r) + had + n);
		if (bigger == NULL) {
			discharge(tcb, n);
			return false;
		}
		memcpy(bigger, r, sizeof(*r) + had);
		allocator_put(t->from, r);
		*at = r = bigger;
		memcpy(r->data + had, p, n);
	}
	r->end += n;
	return true;
}

/* join - range *at has grown up to its neighbour: make them one */
static void
join(struct tcb *tcb, struct range **at)
{
	struct range *r = *at, *next = r->next;

	while (next != NULL && seq_leq(next->seq, r->end)) {
		if (seq_gt(next->end, r->end)) {
			uint32_t skip = r->end - next->seq;
			uint32_t n = next->end - r->end;

			if (!extend(tcb, at, next->data + skip, n))
				return; /* they stay two that overlap */
			r = *at;
		}
		r->next = next->next;
		range_free(tcb, next);
		next = r->next;
	}
}

/*
 * tcp_reass_twice - these bytes had arrived before: the next ACK reports them
 * first. Bytes that do not touch a range that waits to be reported have to
 * wait for another duplicate: RFC 2883 4 has one block.
 */
void
tcp_reass_twice(struct tcb *tcb, uint32_t start, uint32_t end)
{
	struct sack_block *d = &tcb->w->dsack;

	if (seq_geq(start, end))
		return;
	if (d->start == d->end) {
		d->start = start;
		d->end = end;
	} else if (seq_leq(start, d->end) && seq_geq(end, d->start)) {
		d->start = seq_min(d->start, start);
		d->end = seq_max(d->end, end);
	}
}

/*
 * tcp_reass_put - keep n bytes from seq, which lie inside the window and
 * behind a hole. False when there is no room for them: the peer sends them
 * again.
 */
bool
tcp_reass_put(struct tcb *tcb, uint32_t seq, const uint8_t *p, uint32_t n)
{
	struct range **at = &tcb->w->ooo, *r;
	uint32_t skip;

	for (r = tcb->w->ooo; r != NULL; r = r->next)
		tcp_reass_twice(
		    tcb, seq_max(seq, r->seq), seq_min(seq + n, r->end));
	tcb->w->ooo_order++;
	while (*at != NULL && seq_lt((*at)->end, seq))
		at = &(*at)->next;
	r = *at;
	if (r == NULL || seq_lt(seq + n, r->seq))
		return insert(tcb, at, seq, p, n);
	/* it touches or overlaps *at */
	if (seq_geq(seq, r->seq) && seq_leq(seq + n, r->end)) {
		r->order = tcb->w->ooo_order;
		return true;
	}
	if (seq_lt(seq, r->seq)) {
		if (!insert(tcb, at, seq, p, n))
			return false;
	} else {
		skip = r->end - seq;
		if (!extend(tcb, at, p + skip, n - skip))
			return false;
	}
	(*at)->order = tcb->w->ooo_order;
	join(tcb, at);
	return true;
}

/* tcp_reass_pull - deliver what has come to the front */
void
tcp_reass_pull(struct tcb *tcb, uint64_t now)
{
	struct tcp *t = tcb->tcp;
	struct range *r;
	uint32_t skip, n, end, had = tcb->rcv_nxt;

	while ((r = tcb->w->ooo) != NULL && seq_leq(r->seq, tcb->rcv_nxt)) {
		tcb->w->ooo = r->next;
		end = r->end;
		tcp_reass_twice(tcb, r->seq, seq_min(end, had));
		if (tcb->fin_seen && seq_gt(end, tcb->w->fin_seq))
			end = tcb->w->fin_seq;
		if (seq_gt(end, tcb->rcv_nxt)) {
			skip = tcb->rcv_nxt - r->seq;
			n = end - tcb->rcv_nxt;
			tcb->rcv_nxt += n;
			tcb->received += n;
			t->stats.received += n;
			t->app.received(t->app_ctx, tcb,
			    t->app.want_data ? r->data + skip : NULL, n, now);
		}
		range_free(tcb, r);
		if (tcb->dead)
			return;
	}
}

void
tcp_reass_free(struct tcb *tcb)
{
	struct range *r;

	while (tcb->w != NULL && (r = tcb->w->ooo) != NULL) {
		tcb->w->ooo = r->next;
		range_free(tcb, r);
	}
}

/* tcp_fin_waits - the peer's FIN has come ahead of what is in front of it */
bool
tcp_fin_waits(const struct tcb *tcb)
{
	return tcb->fin_seen && seq_gt(tcb->w->fin_seq, tcb->rcv_nxt);
}

/*
 * block_of - a range as a block: the FIN behind it takes a number. NULL: the
 * FIN alone. The order of what came last in it.
 */
static uint32_t
block_of(const struct tcb *tcb, const struct range *r, struct sack_block *b)
{
	const struct work *w = tcb->w;

	b->start = r != NULL ? r->seq : w->fin_seq;
	b->end = r != NULL ? r->end : w->fin_seq;
	if (!tcp_fin_waits(tcb) || b->end != w->fin_seq)
		return r != NULL ? r->order : 0;
	b->end++;
	return r != NULL && r->order > w->fin_order ? r->order : w->fin_order;
}

/* behind_range - the FIN's number is in the block of a range */
static bool
behind_range(const struct tcb *tcb)
{
	const struct range *r;

	for (r = tcb->w->ooo; r != NULL; r = r->next) {
		if (r->end == tcb->w->fin_seq)
			return true;
	}
	return false;
}

/* latest - the most recent block that is older than before; 0: none */
static uint32_t
latest(const struct tcb *tcb, uint32_t before, struct sack_block *best)
{
	const struct range *r;
	uint32_t order, most = 0;
	struct sack_block b;

	for (r = tcb->w->ooo; r != NULL; r = r->next) {
		order = block_of(tcb, r, &b);
		if (order < before && order > most) {
			most = order;
			*best = b;
		}
	}
	if (!tcp_fin_waits(tcb) || behind_range(tcb))
		return most;
	order = block_of(tcb, NULL, &b);
	if (order < before && order > most) {
		most = order;
		*best = b;
	}
	return most;
}

/*
 * tcp_reass_sack - up to max blocks: a duplicate first (RFC 2883 4), then
 * the ranges, the most recent first (RFC 2018 4). Returns how many.
 */
uint8_t
tcp_reass_sack(const struct tcb *tcb, struct sack_block *b, uint8_t max)
{
	uint32_t before = tcb->w->ooo_order + 1;
	uint8_t n = 0;

	if (tcb->w->dsack.start != tcb->w->dsack.end && max > 0)
		b[n++] = tcb->w->dsack;
	while (n < max) {
		before = latest(tcb, before, &b[n]);
		if (before == 0)
			break;
		n++;
	}
	return n;
}
