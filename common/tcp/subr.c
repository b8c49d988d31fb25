/*
 * subr.c - the engine itself, and how a connection begins and ends.
 */
#include <stdlib.h>
#include <string.h>

#include "tcp/cong/cong.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum {
	FRAG_BYTES_EACH = 4096, /* of a datagram in fragments, usually */
	FEWEST_RECORDS = 1 << 18,
	CHALLENGE_LIMIT = 10, /* RFC 5961 7: per connection, */
	CHALLENGE_MS = 5000,  /* in each slot of time */
	CHALLENGE_SLOTS = 32, /* that are told apart */
};

void
tcp_defaults(struct tcp_config *c)
{
	memset(c, 0, sizeof(*c));
	c->cong = "cubic";
	c->mtu = 1500;
	c->max_conns = 100000;
	c->backlog = 1024;
	c->rcvbuf = 1 << 20;
	c->reass_bytes = 64 << 20;
	c->frag_bytes = 4 << 20;
	c->ttl = 64;
	c->min_rto = UINT64_C(200000000);
	c->msl = UINT64_C(30000000000);
	c->user_timeout = UINT64_C(900000000000);
	c->fin_wait_2 = UINT64_C(300000000000);
}

bool
tcp_cong_known(const char *name)
{
	return tcp_cong_find(name) != NULL;
}

struct tcp *
tcp_new(const struct tcp_config *cfg, const struct tcp_ops *ops, void *ctx,
    uint64_t now)
{
	struct tcp *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->cfg = *cfg;
	if (cfg->addr != NULL) {
		t->addr = *cfg->addr;
		t->cfg.addr = &t->addr;
	}
	if (cfg->mac != NULL) {
		t->mac = *cfg->mac;
		t->cfg.mac = &t->mac;
	}
	t->ops = ops;
	t->ctx = ctx;
	chance_seed(&t->chance, cfg->seed);
	t->isn_key[0] = chance_u64(&t->chance);
	t->isn_key[1] = chance_u64(&t->chance);
	t->hash_key[0] = chance_u64(&t->chance);
	t->hash_key[1] = chance_u64(&t->chance);
	t->cookie_key[0] = chance_u64(&t->chance);
	t->cookie_key[1] = chance_u64(&t->chance);
	t->frag_key[0] = chance_u64(&t->chance);
	t->frag_key[1] = chance_u64(&t->chance);
	t->frag = ipfrag_new(cfg->frag_bytes,
	    (uint32_t)(cfg->frag_bytes / FRAG_BYTES_EACH), t->frag_key);
	t->cong = tcp_cong_find(cfg->cong);
	if (t->cong == NULL || t->frag == NULL || !tcp_table_init(t)) {
		tcp_free(t);
		return NULL;
	}
	t->ready_end = &t->ready;
	pool_init(&t->tcbs, sizeof(struct tcb) + tcp_quirk_size(cfg->nquirks),
	    UINT32_MAX);
	pool_init(&t->works, sizeof(struct work), UINT32_MAX);
	pool_init(&t->time_waits, sizeof(struct time_wait), UINT32_MAX);
	pool_init(&t->sents, sizeof(struct sent),
	    cfg->max_conns > FEWEST_RECORDS / 2 ? 2 * cfg->max_conns
						: FEWEST_RECORDS);
	wheel_init(&t->wheel, now);
	return t;
}

/* drop_memory - what a connection has beside the pools */
static void
drop_memory(struct tcb *tcb)
{
	if (tcb->tcp->cong->done != NULL)
		tcb->tcp->cong->done(tcb);
	tcp_reass_free(tcb);
	if (tcb->tcp->cfg.nquirks > 0)
		tcp_quirk_free(tcb);
}

void
tcp_free(struct tcp *t)
{
	struct conn *c;
	uint32_t i;

	for (i = 0; t->bucket != NULL && i < t->nbuckets; i++) {
		for (c = t->bucket[i]; c != NULL; c = c->next) {
			if (c->kind == CONN_TCB)
				drop_memory((struct tcb *)c);
		}
	}
	pool_free(&t->sents);
	pool_free(&t->works);
	pool_free(&t->tcbs);
	pool_free(&t->time_waits);
	ipfrag_free(t->frag);
	free(t->bucket);
	free(t);
}

const struct tcp_stats *
tcp_stats(const struct tcp *t)
{
	return &t->stats;
}

struct tcb *
tcp_tcb_new(struct tcp *t, uint64_t now, const struct ip_addr *laddr,
    uint16_t lport, const struct ip_addr *raddr, uint16_t rport)
{
	struct tcb *tcb;

	if (tcp_table_full(t))
		return NULL;
	tcb = pool_get(&t->tcbs);
	if (tcb == NULL)
		return NULL;
	tcb->tcp = t;
	if (!tcp_work_begin(tcb)) {
		pool_put(&t->tcbs, tcb);
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
	tcb->c.ip_id = (uint16_t)chance_u64(&t->chance);
	tcb->ts_off = tcp_ts_offset(t, &tcb->c);
	tcb->iss = tcp_isn(t, &tcb->c, now);
	tcb->snd_una = tcb->snd_nxt = tcb->iss;
	tcp_conn_insert(t, &tcb->c);
	t->stats.conns++;
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
}

void
tcp_half_done(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;

	if (!tcb->half_open)
		return;
	tcb->half_open = false;
	t->half_count--;
	if (tcb->half.prev != NULL)
		tcb->half.prev->half.next = tcb->half.next;
	else
		t->half_first = tcb->half.next;
	if (tcb->half.next != NULL)
		tcb->half.next->half.prev = tcb->half.prev;
	else
		t->half_last = tcb->half.prev;
}

/* stick - data waits for room, until there is some or the tcb is touched */
static void
stick(struct tcb *tcb)
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

static void
unstick(struct tcb *tcb)
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
	unstick(tcb);
	tcb->ready = true;
	tcb->ready_next = NULL;
	*t->ready_end = tcb;
	t->ready_end = &tcb->ready_next;
}

static void
reap(struct tcb *tcb)
{
	tcp_work_free(tcb);
	pool_put(&tcb->tcp->tcbs, tcb);
}

/* tcp_reap - free the connections that have ended */
void
tcp_reap(struct tcp *t)
{
	struct tcb *tcb;

	while ((tcb = t->dead) != NULL) {
		t->dead = tcb->ready_next;
		reap(tcb);
	}
}

void
tcp_tcb_free(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;

	if (tcb->dead)
		return;
	tcp_conn_remove(t, &tcb->c);
	tcp_half_done(tcb);
	unstick(tcb);
	wheel_clear(&t->wheel, &tcb->node);
	tcp_sent_free_all(tcb);
	drop_memory(tcb);
	t->stats.conns--;
	/* whoever called may still look at it: tcp_reap() frees it, or
	   tcp_flush() when it comes to it */
	tcb->dead = true;
	if (tcb->ready)
		return;
	tcb->ready_next = t->dead;
	t->dead = tcb;
}

/* next_ready - off the ready list; NULL when it is empty */
static struct tcb *
next_ready(struct tcp *t)
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

static void
output(struct tcb *tcb, uint64_t now)
{
	tcb->room_short = false;
	/* before anything is said that it would not have said */
	if (tcb->tcp->cfg.nquirks > 0 && tcp_quirk_wake(tcb, now))
		return;
	tcp_output(tcb, now);
	if (tcb->room_short && !tcb->ready && !tcb->dead)
		stick(tcb);
}

bool
tcp_flush(struct tcp *t, uint64_t now, size_t room)
{
	const size_t least = t->cfg.mtu + FRAME_HEAD + RECORD_HEAD;
	struct tcb *tcb;
	uint32_t n;

	t->room = room;
	/* they have nothing to say but data: ten thousand of them are not
	   asked for every ACK that comes */
	for (n = t->stuck_count; n > 0 && t->room >= least; n--) {
		tcb = t->stuck;
		if (tcb == NULL)
			break;
		unstick(tcb);
		output(tcb, now);
	}
	while ((tcb = next_ready(t)) != NULL) {
		if (tcb->dead)
			reap(tcb);
		else
			output(tcb, now);
	}
	tcp_reap(t);
	return t->stuck != NULL;
}

void
tcp_established(struct tcb *tcb, uint64_t now, const struct seg *seg)
{
	struct tcp *t = tcb->tcp;

	tcp_half_done(tcb);
	/* RFC 6928 2: one segment after a SYN was lost more than once */
	tcb->cwnd = tcb->backoff > 1 ? tcp_eff_mss(tcb)
				     : tcp_initial_window(tcb);
	/* RFC 6298 5.7 */
	tcb->syn_lost = tcb->backoff > 0;
	tcb->backoff = 0;
	tcb->w->trouble_since = 0;
	tcb->recover = tcb->ecn_recover = tcb->iss;
	tcp_set_rexmt(tcb, REXMT_NONE, NEVER);
	tcp_keep_heard(tcb, now);
	tcb->w->cc->init(tcb, now);
	t->stats.opened++;
	tcp_set_state(tcb, TCPS_ESTABLISHED, seg->stamp, seg->no);
	tcp_touch(tcb); /* data may have been offered before */
	t->ops->opened(t->ctx, tcb, now);
}

void
tcp_report_close(struct tcb *tcb, enum tcp_close how, const char *why,
    uint64_t time, uint64_t frame)
{
	struct tcp *t = tcb->tcp;
	struct tcp_event ev;

	tcp_event_tcb(&ev, TCP_EV_CLOSE, time, tcb);
	ev.frame = frame;
	ev.how = how;
	ev.why = why;
	ev.sent = tcb->una_off;
	ev.received = tcb->received;
	ev.retransmits = tcb->retransmits;
	ev.srtt = tcp_srtt(tcb);
	ev.rto = tcp_rto_base(tcb);
	t->ops->event(t->ctx, &ev);
	t->stats.closed++;
}

void
tcp_close(struct tcb *tcb, enum tcp_close how, const char *why, uint64_t now,
    const struct seg *seg)
{
	uint64_t time = seg != NULL ? seg->stamp : now;
	uint64_t frame = seg != NULL ? seg->no : 0;

	tcp_set_state(tcb, TCPS_CLOSED, time, frame);
	tcp_report_close(tcb, how, why, time, frame);
	tcb->tcp->ops->closed(tcb->tcp->ctx, tcb, how, now);
	tcp_tcb_free(tcb);
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
