/*
 * ready.c - which connections have something to send: the ready list, in the
 * order in which they were scheduled, and those whose data waits for room in
 * the output.
 */
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum {
	CHALLENGE_LIMIT = 10, /* RFC 5961 7: per connection, */
	CHALLENGE_MS = 5000,  /* in each slot of time */
	CHALLENGE_SLOTS = 32, /* that are distinguished */
};

/* tcp_stick - data waits for room, until there is some or the tcb is touched */
void
tcp_stick(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;

	tcb->stuck = true;
	tcb->w->stuck_next = NULL;
	tcb->w->stuck_prev = t->stuck_last;
	if (t->stuck_last != NULL)
		t->stuck_last->w->stuck_next = tcb;
	else
		t->stuck = tcb;
	t->stuck_last = tcb;
	t->stuck_count++;
}

void
tcp_unstick(struct tcb *tcb)
{
	struct tcb *prev, *next;
	struct tcp *t = tcb->tcp;

	if (!tcb->stuck)
		return;
	prev = tcb->w->stuck_prev;
	next = tcb->w->stuck_next;
	if (prev != NULL)
		prev->w->stuck_next = next;
	else
		t->stuck = next;
	if (next != NULL)
		next->w->stuck_prev = prev;
	else
		t->stuck_last = prev;
	tcb->stuck = false;
	t->stuck_count--;
}

void
tcp_touch(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;

	if (tcb->ready || tcb->dead)
		return;
	tcp_unstick(tcb);
	tcb->ready = true;
	tcb->ready_next = NULL;
	*t->ready_end = tcb;
	t->ready_end = &tcb->ready_next;
}

/* tcp_next_ready - off the ready list; NULL when it is empty */
struct tcb *
tcp_next_ready(struct tcp *t)
{
	struct tcb *tcb = t->ready;

	if (tcb == NULL)
		return NULL;
	t->ready = tcb->ready_next;
	if (t->ready == NULL)
		t->ready_end = &t->ready;
	tcb->ready = false;
	return tcb;
}

bool
tcp_challenge(struct tcb *tcb, uint64_t now)
{
	uint32_t slot = tcp_ts_now(now) / CHALLENGE_MS % CHALLENGE_SLOTS;

	if (tcb->challenge_slot != slot) {
		tcb->challenge_slot = slot;
		tcb->challenges = 0;
	}
	if (tcb->challenges >= CHALLENGE_LIMIT)
		return false;
	tcb->challenges++;
	tcb->ack_now = true;
	tcp_touch(tcb);
	return true;
}
