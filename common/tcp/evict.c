/*
 * evict.c - which connection is dropped when the table is full and a client
 * has proved, by a SYN cookie, that it receives what we send: the oldest
 * half-open connection; else the one that has moved too little for the longest.
 *
 * A connection has time to its credit. It runs out as time goes by, and each
 * byte that is acknowledged or arrives in order buys some: so one that never
 * reads, never acknowledges, sends a byte a second or leaves us in FIN-WAIT-2
 * falls behind, and one that is served does not. Of a few drawn at random the
 * one that is furthest behind goes: when many are, it is one of those. When
 * none is behind, the source that has most of those that are drawn makes room
 * for one that has less, see base/part.h: where one with few finds the table
 * full, at least every second connection is of a source that has more.
 */
#include "base/part.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum {
	MS_A_BYTE = 10,	  /* 100 bytes a second keep up */
	BEHIND_MS = 3000, /* less is no reason */
	DRAWN = 32,
	LOOKED_AT = 256, /* records of TIME-WAIT as well */
};

void
tcp_moved(struct tcb *tcb, uint64_t now, uint32_t bytes)
{
	uint32_t ms = tcp_ts_now(now), behind = ms - tcb->paid_at;

	if (bytes < behind / MS_A_BYTE)
		tcb->paid_at += bytes * MS_A_BYTE;
	else
		tcb->paid_at = ms;
}

/* is_richer - for a source that has own: is a to go rather than b, or NULL? */
static bool
is_richer(uint32_t own, const struct tcb *a, const struct tcb *b)
{
	uint32_t has = tcp_has(a->tcp, &a->c.raddr);
	uint32_t most = b != NULL ? tcp_has(b->tcp, &b->c.raddr) : 0;

	if (!part_takes(own, has) || has < most)
		return false;
	return has > most || (int32_t)(b->paid_at - a->paid_at) > 0;
}

/*
 * furthest - of some drawn at random, the connection that is behind the most;
 * if none is, one of the source that has most, if the new one's has less
 */
static struct tcb *
furthest(struct tcp *t, uint64_t now, const struct ip_addr *from)
{
	const uint32_t own = tcp_has(t, from);
	uint32_t i = (uint32_t)chance_u64(&t->chance), behind;
	uint32_t most = BEHIND_MS, looked = 0, drawn = 0;
	struct tcb *tcb, *found = NULL, *large = NULL;
	struct conn *c;

	for (; looked < LOOKED_AT && drawn < DRAWN; i++, looked++) {
		c = t->bucket[i % t->nbuckets];
		for (; c != NULL; c = c->next, looked++) {
			if (c->kind != CONN_TCB)
				continue;
			tcb = (struct tcb *)c;
			behind = tcp_ts_now(now) - tcb->paid_at;
			drawn++;
			if (behind > most) {
				most = behind;
				found = tcb;
			}
			if (found == NULL && is_richer(own, tcb, large))
				large = tcb;
		}
	}
	return found != NULL ? found : large;
}

bool
tcp_make_room(struct tcp *t, uint64_t now, const struct ip_addr *from)
{
	struct tcb *tcb;

	if (!tcp_table_full(t))
		return true;
	tcb = t->half_first != NULL ? t->half_first : furthest(t, now, from);
	if (tcb == NULL)
		return false;
	if (tcp_synchronized(tcb))
		tcp_send_reset_tcb(tcb, now);
	tcp_close(tcb, TCP_CLOSE_ABORT, "table-full", now, NULL);
	return true;
}
