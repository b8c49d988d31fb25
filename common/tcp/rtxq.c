/*
 * rtxq.c - records of what was sent and is not acknowledged, from a
 * bounded pool. See "theory of operation" in tcp_var.h.
 */
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

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
	s = pool_get(&tcb->tcp->sents);
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
	f->count++;
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
	struct sent *b = pool_get(&tcb->tcp->sents);

	if (b == NULL)
		return false;
	f->count++;
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

/* tcp_sent_again - s has been sent once more */
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

	f->count--;
	by_time_remove(f, s);
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		f->head = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	else
		f->tail = s->prev;
	pool_put(&tcb->tcp->sents, s);
}

/*
 * tcp_sent_join - s and s->next have both been told to be there: from now on
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
