/*
 * rtxq.c - records of what was sent and is not acknowledged, from a
 * bounded pool. See "theory of operation" in tcp_var.h.
 *
 * The pool is one for all connections. While half of it is free everybody
 * takes what it needs; then a connection that holds more than its part of the
 * other half gets no more for SACK blocks, and lengthens its last record
 * instead of beginning one. When nothing is left, the largest holder forgets
 * detail: what was selectively acknowledged, and when each segment was sent.
 * It goes on with a few long records, so no connection ends for this; and
 * since there are two records for each connection that may exist, one that
 * has none can always send its first window.
 *
 * Connections that hold many are in lists by powers of two, so that the largest
 * is found at once; they change lists seldom, and one that holds less than
 * RANK_LEAST never enters a list.
 */
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum {
	COARSE = 8, /* records that are enough where many are short */
	RANK_LEAST = 64,
	LEAST_SHARE = 8, /* records, however many share */
	DRAWN = 32,
	LOOKED_AT = 256, /* records of TIME-WAIT as well */
};

static void
by_time_append(struct flight *f, struct sent *s)
{
	s->older = f->newest;
	s->newer = NULL;
	if (f->newest != NULL)
		f->newest->newer = s;
	else
		f->oldest = s;
	f->newest = s;
}

static void
by_time_remove(struct flight *f, struct sent *s)
{
	if (s->older != NULL)
		s->older->newer = s->newer;
	else
		f->oldest = s->newer;
	if (s->newer != NULL)
		s->newer->older = s->older;
	else
		f->newest = s->older;
}

/* ---- the pool ---- */

static void coarsen(struct tcb *);

static void
leave(struct tcb *tcb)
{
	struct work *w = tcb->w;

	if (w->rank == 0)
		return;
	if (w->rank_prev != NULL)
		w->rank_prev->w->rank_next = w->rank_next;
	else
		tcb->tcp->rank[w->rank - 1] = w->rank_next;
	if (w->rank_next != NULL)
		w->rank_next->w->rank_prev = w->rank_prev;
}

static void
enter(struct tcb *tcb, uint8_t rank)
{
	struct work *w = tcb->w;
	struct tcb **first;

	leave(tcb);
	w->rank = rank;
	if (rank == 0)
		return;
	first = &tcb->tcp->rank[rank - 1];
	w->rank_prev = NULL;
	w->rank_next = *first;
	if (*first != NULL)
		(*first)->w->rank_prev = tcb;
	*first = tcb;
}

/* sort_in - the count has changed by one; down later than up */
static void
sort_in(struct tcb *tcb)
{
	uint32_t n = tcb->w->fl.count;
	uint8_t rank = tcb->w->rank;

	if (rank < TCP_RANKS && n >= (uint32_t)RANK_LEAST << rank)
		enter(tcb, rank + 1);
	else if (rank > 0 && n < (uint32_t)RANK_LEAST / 4 << rank)
		enter(tcb, rank - 1);
}

/* drawn - the largest of some, when no connection holds many; NULL: none has
   three */
static struct tcb *
drawn(struct tcp *t)
{
	uint32_t i = (uint32_t)chance_u64(&t->chance);
	uint32_t most = 2, looked = 0, n = 0;
	struct tcb *tcb, *found = NULL;
	struct conn *c;

	for (; looked < LOOKED_AT && n < DRAWN; i++, looked++) {
		for (c = t->bucket[i % t->nbuckets]; c != NULL; c = c->next) {
			tcb = (struct tcb *)c;
			looked++;
			if (c->kind != CONN_TCB || tcb->w == NULL)
				continue;
			n++;
			if (tcb->w->fl.count > most) {
				most = tcb->w->fl.count;
				found = tcb;
			}
		}
	}
	return found;
}

static struct tcb *
largest(struct tcp *t)
{
	int i;

	for (i = TCP_RANKS - 1; i >= 0; i--) {
		if (t->rank[i] != NULL)
			return t->rank[i];
	}
	return drawn(t);
}

/* reclaim - a connection that holds more than tcb gives records back */
static bool
reclaim(struct tcb *tcb)
{
	struct tcb *v = largest(tcb->tcp);

	if (v == NULL || v == tcb || v->w->fl.count <= tcb->w->fl.count)
		return false;
	coarsen(v);
	return true;
}

bool
tcp_scarce(const struct tcb *tcb)
{
	const struct tcp *t = tcb->tcp;
	uint32_t half = t->sents.max / 2, share;

	if (t->sents.used < half)
		return false;
	share = half /
		t->works.used; /* connections with work, tcb one of them */
	return tcb->w->fl.count >= (share > LEAST_SHARE ? share : LEAST_SHARE);
}

static struct sent *
record_get(struct tcb *tcb)
{
	struct pool *p = &tcb->tcp->sents;
	struct sent *s = pool_get(p);

	if (s == NULL && reclaim(tcb))
		s = pool_get(p);
	if (s == NULL)
		return NULL;
	tcb->w->fl.count++;
	sort_in(tcb);
	return s;
}

static void
record_put(struct tcb *tcb, struct sent *s)
{
	pool_put(&tcb->tcp->sents, s);
	tcb->w->fl.count--;
	sort_in(tcb);
}

/* ---- records ---- */

/* longest - bytes that one record may hold where few are to be used */
static uint32_t
longest(const struct tcb *tcb)
{
	uint32_t n = (tcb->snd_nxt - tcb->snd_una) / COARSE;

	return n > BURST_BYTES ? n : BURST_BYTES;
}

/*
 * lengthen - len more bytes go out as part of s, which was sent before: its
 * time is that of the last, and which copy is acknowledged cannot be known any
 * more, so it is no RTT sample
 */
static bool
lengthen(struct tcb *tcb, struct sent *s, uint32_t len, uint64_t now)
{
	if (s->sacked || s->lost || s->end - s->seq + len > longest(tcb))
		return false;
	s->end += len;
	s->tx_in_flight += len;
	s->time = now;
	if (s->tries < 2)
		s->tries = 2;
	by_time_remove(&tcb->w->fl, s);
	by_time_append(&tcb->w->fl, s);
	return true;
}

/*
 * tcp_sent_new - len sequence numbers from seq go out for the first time, a
 * FIN the last of them if fin. They join the last record when that is of the
 * same burst. NULL when the pool is empty: do not send.
 */
struct sent *
tcp_sent_new(
    struct tcb *tcb, uint32_t seq, uint32_t len, bool fin, uint64_t now)
{
	struct flight *f = &tcb->w->fl;
	struct sent *s = f->tail;

	if (s != NULL && s->end == seq && s->time == now && s->tries == 1 &&
	    !s->sacked && !s->lost && s->end - s->seq + len <= BURST_BYTES) {
		s->end += len;
		s->fin = fin;
		s->tx_in_flight += len;
		return s;
	}
	if (s != NULL && tcp_scarce(tcb) && lengthen(tcb, s, len, now)) {
		s->fin = fin;
		return s;
	}
	s = record_get(tcb);
	if (s == NULL)
		return NULL;
	s->seq = seq;
	s->end = seq + len;
	s->fin = fin;
	s->time = now;
	s->tries = 1;
	if (tcb->pace != NULL)
		tcp_rate_sent(tcb, s, tcp_in_flight(tcb), now);
	s->prev = f->tail;
	if (f->tail != NULL)
		f->tail->next = s;
	else
		f->head = s;
	f->tail = s;
	by_time_append(f, s);
	return s;
}

/*
 * tcp_sent_split - s ends at seq, which lies inside it; what is behind
 * becomes a record of its own, s->next. False when the pool is empty.
 */
bool
tcp_sent_split(struct tcb *tcb, struct sent *s, uint32_t seq)
{
	struct flight *f = &tcb->w->fl;
	struct sent *b = record_get(tcb);

	if (b == NULL)
		return false;
	*b = *s;
	s->end = b->seq = seq;
	s->fin = false;
	b->prev = s;
	s->next = b;
	if (b->next != NULL)
		b->next->prev = b;
	else
		f->tail = b;
	b->older = s;
	s->newer = b;
	if (b->newer != NULL)
		b->newer->older = b;
	else
		f->newest = b;
	return true;
}

/* tcp_sent_again - s has been retransmitted */
void
tcp_sent_again(struct tcb *tcb, struct sent *s, uint64_t now)
{
	struct flight *f = &tcb->w->fl;
	uint32_t size = s->end - s->seq, n;

	by_time_remove(f, s);
	by_time_append(f, s);
	if (s->lost)
		f->lost -= s->end - s->seq;
	s->lost = false;
	s->time = now;
	n = tcp_in_flight(tcb);
	if (tcb->pace != NULL)
		tcp_rate_sent(tcb, s, n > size ? n - size : 0, now);
	if (s->tries < UINT16_MAX)
		s->tries++;
}

/* tcp_sent_lost - s is not in the network any more */
void
tcp_sent_lost(struct tcb *tcb, struct sent *s)
{
	if (s->lost || s->sacked)
		return;
	s->lost = true;
	tcb->w->fl.lost += s->end - s->seq;
	if (s->why == LOST_WINDOW || s->why == LOST_MTU || s->why == LOST_SYN)
		return; /* the network has lost nothing */
	if (tcb->pace != NULL)
		tcb->pace->lost_bytes += s->end - s->seq;
	if (tcb->w->cc->lost != NULL)
		tcb->w->cc->lost(tcb, s);
}

/* take_out - s is in no list any more */
static void
take_out(struct tcb *tcb, struct sent *s)
{
	struct flight *f = &tcb->w->fl;

	by_time_remove(f, s);
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		f->head = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	else
		f->tail = s->prev;
	record_put(tcb, s);
}

/*
 * tcp_sent_join - s and s->next are both acknowledged by SACK: from now on
 * one record, s. What the second knew of its transmission is not asked for
 * again.
 */
struct sent *
tcp_sent_join(struct tcb *tcb, struct sent *s)
{
	s->end = s->next->end;
	s->fin = s->next->fin;
	if (s->tries < s->next->tries)
		s->tries = s->next->tries;
	take_out(tcb, s->next);
	return s;
}

static void
not_lost(struct tcb *tcb, struct sent *s)
{
	if (s->lost)
		tcb->w->fl.lost -= s->end - s->seq;
	s->lost = false;
	s->why = LOST_NOT;
}

/*
 * melt - s and s->next become one record, as if sent when the later of both
 * was; it is lost only if both are. Returns it.
 */
static struct sent *
melt(struct tcb *tcb, struct sent *s)
{
	struct sent *b = s->next, *keep = s->time > b->time ? s : b;
	uint16_t tries = s->tries > b->tries ? s->tries : b->tries;

	if (s->lost != b->lost) {
		not_lost(tcb, s);
		not_lost(tcb, b);
	}
	if (keep == b)
		b->seq = s->seq;
	s->end = b->end;
	s->fin = b->fin;
	keep->tries = tries < 2 ? 2 : tries; /* no RTT sample */
	take_out(tcb, keep == s ? b : s);
	return keep;
}

/*
 * coarsen - few records instead of many: what was selectively
 * acknowledged is forgotten, as RFC 2018 8 lets a sender do
 */
static void
coarsen(struct tcb *tcb)
{
	struct flight *f = &tcb->w->fl;
	uint32_t most = f->count > 4 * COARSE ? longest(tcb) : UINT32_MAX;
	struct sent *s;

	for (s = f->head; s != NULL; s = s->next)
		s->sacked = false;
	f->sacked = 0;
	for (s = f->head; s != NULL && s->next != NULL;) {
		if (s->next->end - s->seq <= most)
			s = melt(tcb, s);
		else
			s = s->next;
	}
}

/* tcp_sent_done - s has arrived for good: give it back */
void
tcp_sent_done(struct tcb *tcb, struct sent *s)
{
	if (s->lost)
		tcb->w->fl.lost -= s->end - s->seq;
	if (s->sacked)
		tcb->w->fl.sacked -= s->end - s->seq;
	take_out(tcb, s);
}

void
tcp_sent_free_all(struct tcb *tcb)
{
	while (tcb->w != NULL && tcb->w->fl.head != NULL)
		tcp_sent_done(tcb, tcb->w->fl.head);
}
