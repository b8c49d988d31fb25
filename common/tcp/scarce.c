/*
 * scarce.c - who gets a record of what is in flight when there are few left.
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
 * Those who hold many are in lists by powers of two, so that the largest is
 * found at once; they change lists seldom, and whoever holds less than
 * RANK_LEAST never enters one.
 */
#include "tcp/tcp_var.h"

enum {
	RANK_LEAST = 64,
	LEAST_SHARE = 8, /* records, however many share */
	DRAWN = 32,
	LOOKED_AT = 256, /* records of TIME-WAIT as well */
};

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

/* drawn - the largest of some, when nobody holds many; NULL: none has three */
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

/* reclaim - somebody who holds more than tcb does gives records back */
static bool
reclaim(struct tcb *tcb)
{
	struct tcb *v = largest(tcb->tcp);

	if (v == NULL || v == tcb || v->w->fl.count <= tcb->w->fl.count)
		return false;
	tcp_sent_coarsen(v);
	return true;
}

bool
tcp_scarce(const struct tcb *tcb)
{
	const struct tcp *t = tcb->tcp;
	uint32_t half = t->sents.max / 2, share;

	if (t->sents.used < half)
		return false;
	share = half / t->works.used; /* those who work, tcb one of them */
	return tcb->w->fl.count >= (share > LEAST_SHARE ? share : LEAST_SHARE);
}

struct sent *
tcp_record_get(struct tcb *tcb)
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

void
tcp_record_put(struct tcb *tcb, struct sent *s)
{
	pool_put(&tcb->tcp->sents, s);
	tcb->w->fl.count--;
	sort_in(tcb);
}
