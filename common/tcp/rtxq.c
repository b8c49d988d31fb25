/*
 * rtxq.c - records of what was sent and is not acknowledged, from a
 * bounded pool. See "theory of operation" in tcp_var.h.
 */
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum { COARSE = 8 }; /* records that are enough where many are short */

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

/* longest - bytes that one record may hold where few are to be used */
static uint32_t
longest(const struct tcb *tcb)
{
	uint32_t n = (tcb->snd_nxt - tcb->snd_una) / COARSE;

	return n > BURST_BYTES ? n : BURST_BYTES;
}

/*
 * lengthen - len more bytes go out as part of s, which was sent before: its
 * time is that of the last, and nobody can tell any more which is
 * acknowledged, so it is no RTT sample
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
	s = tcp_record_get(tcb);
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
	struct sent *b = tcp_record_get(tcb);

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

	by_time_remove(f, s);
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		f->head = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	else
		f->tail = s->prev;
	tcp_record_put(tcb, s);
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
 * tcp_sent_coarsen - few records instead of many: what was selectively
 * acknowledged is forgotten, as RFC 2018 8 lets a sender do
 */
void
tcp_sent_coarsen(struct tcb *tcb)
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
