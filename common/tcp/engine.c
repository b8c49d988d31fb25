/*
 * engine.c - the engine itself: made, flushed, freed.
 */
#include <string.h>

#include "base/allocator.h"
#include "tcp/accecn.h"
#include "tcp/fastopen.h"
#include "tcp/cong.h"
#include "tcp/path.h"
#include "tcp/tcp_var.h"

enum {
	FRAG_BYTES_EACH = 4096, /* of a datagram in fragments, usually */
	FEWEST_RECORDS = 1 << 18,
};

void
tcp_defaults(struct tcp_config *c)
{
	memset(c, 0, sizeof(*c));
	c->cong = &tcp_cubic;
	c->mtu = 1500;
	c->max_conns = 100000;
	c->backlog = 1024;
	c->fastopen_max = 256;
	c->rcvbuf = 1 << 20;
	c->reass_bytes = 64 << 20;
	c->frag_bytes = 4 << 20;
	c->ttl = 64;
	c->min_rto = UINT64_C(200000000);
	c->msl = UINT64_C(30000000000);
	c->user_timeout = UINT64_C(900000000000);
	c->fin_wait_2 = UINT64_C(300000000000);
}

/* ---- in place of what an application has no use for ---- */

static void
no_event(void *ctx, const struct tcp_event *ev)
{
}

static void
no_tcb(void *ctx, struct tcb *tcb, uint64_t now)
{
}

static void
no_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
}

static void
no_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
}

static void
no_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
}

static void
set_calls(struct tcp *t, const struct tcp_host *host, const struct tcp_app *app)
{
	t->host = *host;
	t->app = *app;
	if (t->host.event == NULL)
		t->host.event = no_event;
	if (t->app.opened == NULL)
		t->app.opened = no_tcb;
	if (t->app.received == NULL)
		t->app.received = no_received;
	if (t->app.peer_closed == NULL)
		t->app.peer_closed = no_tcb;
	if (t->app.timer == NULL)
		t->app.timer = no_tcb;
	if (t->app.closed == NULL)
		t->app.closed = no_closed;
	if (t->app.acked == NULL)
		t->app.acked = no_acked;
}

/* ---- the engine ---- */

/*
 * draw_keys - what an outsider must not compute: from the kernel's randomness,
 * or from the seed when the run is to be repeated
 */
static void
draw_keys(struct tcp *t, const struct tcp_config *cfg)
{
	uint64_t *const key[TCP_SECRETS] = {&t->isn_key[0], &t->isn_key[1],
	    &t->hash_key[0], &t->hash_key[1], &t->cookie_key[0],
	    &t->cookie_key[1], &t->frag_key[0], &t->frag_key[1]};
	size_t i;

	for (i = 0; i < TCP_SECRETS; i++)
		*key[i] = cfg->has_secrets ? cfg->secrets[i]
					   : chance_u64(&t->chance);
	/* t->cfg is no second place to look for them */
	memset(t->cfg.secrets, 0, sizeof(t->cfg.secrets));
}

/* set_up - by the configuration; what it points to is copied */
static void
set_up(struct tcp *t, const struct tcp_config *cfg)
{
	unsigned i;

	t->cfg = *cfg;
	if (cfg->addr != NULL) {
		t->addr = *cfg->addr;
		t->cfg.addr = &t->addr;
	}
	if (cfg->mac != NULL) {
		t->mac = *cfg->mac;
		t->cfg.mac = &t->mac;
	}
	t->hooks = cfg->hooks;
	t->set.user_timeout = cfg->user_timeout;
	t->set.keepalive = cfg->keepalive;
	t->set.cong = cfg->cong != NULL ? cfg->cong : &tcp_cubic;
	t->set.rcvbuf = cfg->rcvbuf;
	t->set.dscp = cfg->dscp;
	if (!cfg->no_listen && cfg->nports == 0)
		memset(t->ports, 0xff, sizeof(t->ports));
	for (i = 0; i < cfg->nports && !cfg->no_listen; i++)
		tcp_listen(t, cfg->port[i]);
}

/* set_pools - behind a TCB lie what the hooks want, its own settings, and what
   Accurate ECN takes */
static void
set_pools(struct tcp *t)
{
	size_t size = sizeof(struct tcb);
	uint32_t n = t->cfg.max_conns;

	if (t->hooks != NULL)
		size += t->hooks->size(&t->cfg);
	if (t->cfg.own_settings) {
		t->own_at = size;
		size += sizeof(struct settings);
	}
	pool_init(&t->tcbs, size, UINT32_MAX, t->from);
	t->accecn_at = (size + 7) & ~(size_t)7;
	pool_init(&t->accecn_tcbs, t->accecn_at + sizeof(struct accecn),
	    UINT32_MAX, t->from);
	pool_init(&t->works, sizeof(struct work), UINT32_MAX, t->from);
	pool_init(
	    &t->time_waits, sizeof(struct time_wait), UINT32_MAX, t->from);
	pool_init(&t->sents, sizeof(struct sent),
	    n > FEWEST_RECORDS / 2 ? 2 * n : FEWEST_RECORDS, t->from);
}

struct tcp *
tcp_new(const struct tcp_config *cfg, const struct tcp_host *host,
    void *host_ctx, const struct tcp_app *app, void *app_ctx, uint64_t now)
{
	const struct allocator *from = cfg->allocator != NULL ? cfg->allocator
							      : &allocator_libc;
	struct tcp *t = allocator_zero(from, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->from = from;
	t->began = now;
	t->host_ctx = host_ctx;
	t->app_ctx = app_ctx;
	t->ready_end = &t->ready;
	set_calls(t, host, app);
	set_up(t, cfg);
	chance_seed(&t->chance, cfg->seed);
	draw_keys(t, cfg);
	set_pools(t);
	wheel_init(&t->wheel, now);
	t->frag = ipfrag_new_in(from, cfg->frag_bytes,
	    (uint32_t)(cfg->frag_bytes / FRAG_BYTES_EACH), t->frag_key);
	if (app->copy != NULL)
		t->whole = allocator_get(from, cfg->mtu);
	if (t->frag == NULL || (app->copy != NULL && t->whole == NULL) ||
	    !tcp_table_init(t) || !tcp_fastopen_init(t) || !tcp_path_init(t)) {
		tcp_free(t);
		return NULL;
	}
	return t;
}

void
tcp_free(struct tcp *t)
{
	struct conn *c;
	uint32_t i;

	for (i = 0; t->bucket != NULL && i < t->nbuckets; i++) {
		for (c = t->bucket[i]; c != NULL; c = c->next) {
			if (c->kind == CONN_TCB)
				tcp_conn_done((struct tcb *)c);
		}
	}
	pool_free(&t->sents);
	pool_free(&t->works);
	pool_free(&t->tcbs);
	pool_free(&t->accecn_tcbs);
	pool_free(&t->time_waits);
	ipfrag_free(t->frag);
	tcp_fastopen_free(t);
	tcp_path_free(t);
	allocator_put(t->from, t->bucket);
	allocator_put(t->from, t->whole);
	allocator_put(t->from, t);
}

const struct tcp_stats *
tcp_stats(const struct tcp *t)
{
	return &t->stats;
}

static void
output(struct tcb *tcb, uint64_t now)
{
	tcb->room_short = false;
	/* before anything is sent that it would not have sent */
	if (tcb->tcp->hooks != NULL && tcb->tcp->hooks->wake(tcb, now))
		return;
	tcp_output(tcb, now);
	if (tcb->room_short && !tcb->ready && !tcb->dead)
		tcp_stick(tcb);
}

void
tcp_super(struct tcp *t, uint32_t mtu)
{
	t->super = mtu;
}

bool
tcp_flush(struct tcp *t, uint64_t now, size_t room)
{
	const size_t least = t->cfg.mtu + FRAME_HEAD + RECORD_HEAD;
	struct tcb *tcb;
	uint32_t n;

	t->room = room;
	/* they have nothing to send but data: do not look at ten thousand of
	   them for every ACK that comes */
	for (n = t->stuck_count; n > 0 && t->room >= least; n--) {
		tcb = t->stuck;
		if (tcb == NULL)
			break;
		tcp_unstick(tcb);
		output(tcb, now);
	}
	while ((tcb = tcp_next_ready(t)) != NULL) {
		if (tcb->dead)
			tcp_conn_reap(tcb);
		else
			output(tcb, now);
	}
	tcp_reap(t);
	return t->stuck != NULL;
}
