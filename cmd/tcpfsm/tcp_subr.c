/*
 * tcp_subr.c - the engine itself, the table of connections, and how a
 * connection begins and ends.
 */
#include <stdlib.h>
#include <string.h>

#include "tcp_cong.h"
#include "tcp_seq.h"
#include "tcp_var.h"

enum {
	FIRST_BUCKETS = 1024,
	FRAG_BYTES_EACH = 4096, /* of a datagram in fragments, usually */
	CHALLENGE_LIMIT = 10,	/* RFC 5961 7: per connection and 5 s */
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
	t->bucket = calloc(FIRST_BUCKETS, sizeof(struct conn *));
	if (t->bucket == NULL) {
		free(t);
		return NULL;
	}
	t->nbuckets = FIRST_BUCKETS;
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
	if (t->cong == NULL || t->frag == NULL) {
		tcp_free(t);
		return NULL;
	}
	t->ready_end = &t->ready;
	t->sent_max = 1 << 18;
	wheel_init(&t->wheel, now);
	return t;
}

static void
cong_done(struct tcb *tcb)
{
	if (tcb->cc->done != NULL)
		tcb->cc->done(tcb);
}

void
tcp_free(struct tcp *t)
{
	struct conn *c, *next;
	struct tcb *tcb;
	uint32_t i;

	while ((tcb = t->ready) != NULL) {
		t->ready = tcb->ready_next;
		if (tcb->dead)
			free(tcb);
	}
	tcp_reap(t);
	for (i = 0; i < t->nbuckets; i++) {
		for (c = t->bucket[i]; c != NULL; c = next) {
			next = c->next;
			if (c->kind == CONN_TCB) {
				cong_done((struct tcb *)c);
				tcp_reass_free((struct tcb *)c);
			}
			free(c);
		}
	}
	tcp_sent_pool_free(t);
	ipfrag_free(t->frag);
	free(t->bucket);
	free(t);
}

const struct tcp_stats *
tcp_stats(const struct tcp *t)
{
	return &t->stats;
}

static uint64_t
hash_conn(const uint64_t key[2], const struct ip_addr *l, uint16_t lport,
    const struct ip_addr *r, uint16_t rport)
{
	uint8_t b[36];

	memcpy(b, l->b, 16);
	memcpy(b + 16, r->b, 16);
	b[32] = (uint8_t)(lport >> 8);
	b[33] = (uint8_t)lport;
	b[34] = (uint8_t)(rport >> 8);
	b[35] = (uint8_t)rport;
	return hash_keyed(key, b, sizeof(b));
}

static struct conn **
bucket_of(struct tcp *t, const struct ip_addr *l, uint16_t lport,
    const struct ip_addr *r, uint16_t rport)
{
	uint64_t h = hash_conn(t->hash_key, l, lport, r, rport);

	return &t->bucket[h & (t->nbuckets - 1)];
}

struct conn *
tcp_lookup(struct tcp *t, const struct ip_addr *l, uint16_t lport,
    const struct ip_addr *r, uint16_t rport)
{
	struct conn *c = *bucket_of(t, l, lport, r, rport);

	while (c != NULL &&
	       (c->rport != rport || c->lport != lport ||
		   !ip_equal(&c->raddr, r) || !ip_equal(&c->laddr, l)))
		c = c->next;
	return c;
}

/* grow - twice the buckets; without memory the chains get longer instead */
static void
grow(struct tcp *t)
{
	uint32_t i, old = t->nbuckets;
	struct conn **from = t->bucket, *c, *next, **to;

	to = calloc((size_t)old * 2, sizeof(*to));
	if (to == NULL)
		return;
	t->bucket = to;
	t->nbuckets = old * 2;
	for (i = 0; i < old; i++) {
		for (c = from[i]; c != NULL; c = next) {
			next = c->next;
			to = bucket_of(
			    t, &c->laddr, c->lport, &c->raddr, c->rport);
			c->next = *to;
			*to = c;
		}
	}
	free(from);
}

void
tcp_conn_insert(struct tcp *t, struct conn *c)
{
	struct conn **b;

	if (t->stats.conns + t->stats.time_waits > t->nbuckets)
		grow(t);
	b = bucket_of(t, &c->laddr, c->lport, &c->raddr, c->rport);
	c->next = *b;
	*b = c;
}

void
tcp_conn_remove(struct tcp *t, struct conn *c)
{
	struct conn **p;

	p = bucket_of(t, &c->laddr, c->lport, &c->raddr, c->rport);
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
}

/* tcp_ts_offset - of the timestamp clock, one for a pair: RFC 7323 7.1 */
uint32_t
tcp_ts_offset(const struct tcp *t, const struct conn *c)
{
	return (uint32_t)(hash_conn(t->isn_key, &c->laddr, c->lport, &c->raddr,
			      c->rport) >>
			  32);
}

/* tcp_isn - RFC 6528 3: a clock of 4 us, and a hash that no outsider knows */
uint32_t
tcp_isn(const struct tcp *t, const struct conn *c, uint64_t now)
{
	uint64_t f;

	f = hash_conn(t->isn_key, &c->laddr, c->lport, &c->raddr, c->rport);
	return (uint32_t)(now / 4000) + (uint32_t)f;
}

struct tcb *
tcp_tcb_new(struct tcp *t, uint64_t now, const struct ip_addr *laddr,
    uint16_t lport, const struct ip_addr *raddr, uint16_t rport)
{
	struct tcb *tcb;

	if (t->stats.conns >= t->cfg.max_conns) {
		/* the one that has proved least is given up first */
		if (t->half_first == NULL)
			return NULL;
		tcp_close(
		    t->half_first, TCP_CLOSE_ABORT, "table-full", now, NULL);
	}
	tcb = calloc(1, sizeof(*tcb));
	if (tcb == NULL)
		return NULL;
	tcb->c.kind = CONN_TCB;
	tcb->c.laddr = *laddr;
	tcb->c.raddr = *raddr;
	tcb->c.lport = lport;
	tcb->c.rport = rport;
	tcb->tcp = t;
	tcb->cc = t->cong;
	tcb->rto = SYN_RTO;
	tcb->rexmt_at = tcb->delack_at = tcb->app_at = tcb->slow_at = NEVER;
	tcb->keep_at = NEVER;
	tcb->rack.min_rtt = NEVER;
	tcb->rack.reo_mult = 1;
	tcb->last_heard = now;
	tcb->ssthresh = UINT32_MAX;
	tcb->ip_id = (uint16_t)chance_u64(&t->chance);
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

	tcb->half_prev = t->half_last;
	if (t->half_last != NULL)
		t->half_last->half_next = tcb;
	else
		t->half_first = tcb;
	t->half_last = tcb;
	t->half_count++;
}

void
tcp_half_done(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;

	if (t->half_first != tcb && tcb->half_prev == NULL)
		return; /* is not in the list */
	t->half_count--;
	if (tcb->half_prev != NULL)
		tcb->half_prev->half_next = tcb->half_next;
	else
		t->half_first = tcb->half_next;
	if (tcb->half_next != NULL)
		tcb->half_next->half_prev = tcb->half_prev;
	else
		t->half_last = tcb->half_prev;
	tcb->half_prev = tcb->half_next = NULL;
}

void
tcp_touch(struct tcb *tcb)
{
	struct tcp *t = tcb->tcp;

	if (tcb->ready || tcb->dead)
		return;
	tcb->ready = true;
	tcb->ready_next = NULL;
	tcb->ready_link = t->ready_end;
	*t->ready_end = tcb;
	t->ready_end = &tcb->ready_next;
}

/* unready - take tcb, which is on the ready list, off it */
static void
unready(struct tcp *t, struct tcb *tcb)
{
	*tcb->ready_link = tcb->ready_next;
	if (tcb->ready_next != NULL)
		tcb->ready_next->ready_link = tcb->ready_link;
	else
		t->ready_end = tcb->ready_link;
	tcb->ready = false;
}

/* tcp_reap - free the connections that have ended */
void
tcp_reap(struct tcp *t)
{
	struct tcb *tcb;

	while ((tcb = t->dead) != NULL) {
		t->dead = tcb->ready_next;
		free(tcb);
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
	wheel_clear(&t->wheel, &tcb->node);
	tcp_sent_free_all(tcb);
	tcp_reass_free(tcb);
	cong_done(tcb);
	t->stats.conns--;
	/* whoever called may still look at it: tcp_reap() frees it, or
	   tcp_flush() when it comes to it */
	tcb->dead = true;
	if (tcb->stuck)
		return;
	if (tcb->ready)
		unready(t, tcb);
	tcb->ready_next = t->dead;
	t->dead = tcb;
}

bool
tcp_flush(struct tcp *t, uint64_t now, size_t room)
{
	struct tcb *tcb, **stuck_end, *stuck = NULL;

	t->room = room;
	stuck_end = &stuck;
	while ((tcb = t->ready) != NULL) {
		tcb->ready_link = &t->ready;
		unready(t, tcb);
		tcb->stuck = false;
		if (tcb->dead) {
			free(tcb);
			continue;
		}
		tcb->room_short = false;
		tcp_output(tcb, now);
		if (tcb->room_short && !tcb->ready && !tcb->dead) {
			tcb->ready = tcb->stuck = true;
			tcb->ready_next = NULL;
			*stuck_end = tcb;
			stuck_end = &tcb->ready_next;
		}
	}
	if (stuck != NULL) {
		t->ready = stuck;
		t->ready_end = stuck_end;
	}
	tcp_reap(t);
	return stuck != NULL;
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
	if (tcb->backoff > 0 && tcb->srtt == 0)
		tcb->rto = SYN_RTO_AFTER;
	tcb->backoff = 0;
	tcb->trouble_since = 0;
	tcb->recover = tcb->ecn_recover = tcb->iss;
	tcp_set_rexmt(tcb, REXMT_NONE, NEVER);
	tcp_keep_start(tcb, now);
	tcb->cc->init(tcb, now);
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
	ev.srtt = tcb->srtt;
	ev.rto = tcb->rto;
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
	if (now - tcb->challenge_at > UINT64_C(5000000000)) {
		tcb->challenge_at = now;
		tcb->challenges = 0;
	}
	if (tcb->challenges >= CHALLENGE_LIMIT)
		return false;
	tcb->challenges++;
	tcb->ack_now = true;
	tcp_touch(tcb);
	return true;
}
