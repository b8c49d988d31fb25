/*
 * conn.c - the life of a connection's memory: it is made, it is half open
 * for a while, it is closed, and it is freed when no caller looks any more.
 */
#include "tcp/cong.h"
#include "tcp/fastopen.h"
#include "tcp/path.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

bool
tcp_table_full(const struct tcp *t)
{
	return t->stats.conns >= t->cfg.max_conns;
}

static void
give_back(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;

	pool_put(tcb->c.accecn_room ? &t->accecn_tcbs : &t->tcbs, tcb);
}

struct tcb *
tcp_tcb_new(struct tcp *t, uint64_t now, const struct ip_addr *laddr,
    uint16_t lport, const struct ip_addr *raddr, uint16_t rport, bool accurate)
{
	struct tcb *tcb;

	if (tcp_table_full(t))
		return NULL;
	tcb = pool_get(accurate ? &t->accecn_tcbs : &t->tcbs);
	if (tcb == NULL)
		return NULL;
	tcb->tcp = t;
	tcb->c.accecn_room = accurate;
	if (t->own_at != 0)
		*(struct settings *)((char *)tcb + t->own_at) = t->set;
	if (!tcp_work_begin(tcb)) {
		give_back(tcb);
		return NULL;
	}
	tcb->c.kind = CONN_TCB;
	tcb->c.laddr = *laddr;
	tcb->c.raddr = *raddr;
	tcb->c.lport = lport;
	tcb->c.rport = rport;
	tcb->app_at = tcb->keep_at = NEVER;
	tcb->paid_at = tcp_ts_now(now);
	tcb->min_rtt = UINT32_MAX;
	tcb->reo_mult = 1;
	tcb->ssthresh = UINT32_MAX;
	tcp_path_begin(tcb, now);
	tcb->c.ip_id = (uint16_t)chance_u64(&t->chance);
	tcb->ts_off = tcp_ts_offset(t, &tcb->c);
	tcb->iss = tcp_isn(t, &tcb->c, now);
	tcb->snd_una = tcb->snd_nxt = tcb->iss;
	tcp_conn_insert(t, &tcb->c);
	t->stats.conns++;
	t->share[tcp_source(t, &tcb->c.raddr)].conns++;
	return tcb;
}

void
tcp_half_open(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;

	tcb->half_open = true;
	tcb->half.next = NULL;
	tcb->half.prev = t->half_last;
	if (t->half_last != NULL)
		t->half_last->half.next = tcb;
	else
		t->half_first = tcb;
	t->half_last = tcb;
	t->half_count++;
	t->share[tcp_source(t, &tcb->c.raddr)].half_open++;
}

void
tcp_half_done(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;

	if (!tcb->half_open)
		return;
	tcb->half_open = false;
	t->half_count--;
	t->share[tcp_source(t, &tcb->c.raddr)].half_open--;
	if (tcb->half.prev != NULL)
		tcb->half.prev->half.next = tcb->half.next;
	else
		t->half_first = tcb->half.next;
	if (tcb->half.next != NULL)
		tcb->half.next->half.prev = tcb->half.prev;
	else
		t->half_last = tcb->half.prev;
}

/* tcp_conn_done - what a connection has beside the pools */
void
tcp_conn_done(struct tcb *tcb)
{
	if (tcp_set(tcb)->cong->done != NULL)
		tcp_set(tcb)->cong->done(tcb);
	tcp_reass_free(tcb);
	if (tcb->tcp->hooks != NULL)
		tcb->tcp->hooks->free(tcb);
}

void
tcp_tcb_free(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;

	if (tcb->dead)
		return;
	tcp_conn_remove(t, &tcb->c);
	tcp_half_done(tcb);
	tcp_fastopen_done(tcb, 0, false);
	tcp_unstick(tcb);
	wheel_clear(&t->wheel, &tcb->node);
	tcp_sent_free_all(tcb);
	tcp_conn_done(tcb);
	t->stats.conns--;
	t->share[tcp_source(t, &tcb->c.raddr)].conns--;
	/* the caller may still look at it: tcp_reap() frees it, or
	   tcp_flush() when it comes to it */
	tcb->dead = true;
	if (tcb->ready)
		return;
	tcb->ready_next = t->dead;
	t->dead = tcb;
}

/* tcp_conn_reap - free a connection that has ended */
void
tcp_conn_reap(struct tcb *tcb)
{
	tcp_work_free(tcb);
	give_back(tcb);
}

/* tcp_reap - free the connections that have ended */
void
tcp_reap(struct tcp *t)
{
	struct tcb *tcb;

	while ((tcb = t->dead) != NULL) {
		t->dead = tcb->ready_next;
		tcp_conn_reap(tcb);
	}
}

void
tcp_close_for(struct tcb *tcb, const struct tcp_reason *why, uint64_t now,
    const struct seg *seg)
{
	uint64_t time = seg != NULL ? seg->stamp : now;
	uint64_t frame = seg != NULL ? seg->no : 0;

	if (tcb->c.state == TCPS_SYN_SENT && why->how == TCP_CLOSE_TIMEOUT)
		tcp_fastopen_failed(tcb, now);
	if (why->how == TCP_CLOSE_RESET)
		tcp_fastopen_done(tcb, now, true);
	tcp_path_ended(tcb, now);
	tcp_set_state(tcb, TCPS_CLOSED, time, frame);
	tcp_report_close(tcb, why->how, why->why, time, frame);
	tcb->tcp->app.closed(tcb->tcp->app_ctx, tcb, why, now);
	tcp_tcb_free(tcb);
}

void
tcp_close(struct tcb *tcb, enum tcp_close how, const char *why, uint64_t now,
    const struct seg *seg)
{
	struct tcp_reason r = {.how = how, .why = why};

	tcp_close_for(tcb, &r, now, seg);
}
