/*
 * path.c - what connections have learned of the path from one of our addresses
 * to each destination, for the next: RFC 9040. The path MTU, so that the next
 * need not learn it by a loss; the window that the path carries, so that its
 * slow start is careful from there on; the round trip and its variance, for
 * its first time-outs. Each is kept for ten minutes after it was measured (RFC
 * 1191 6.3), then a route that got wider is found. One phantom does not know
 * what another has learned: they may be behind different routers.
 *
 * The table has a fixed size. Two paths that meet in it forget each other's,
 * but a path MTU is not forgotten for anything else; the hash is keyed, so no
 * peer can choose which one to meet. Only what a connection has accepted gets
 * here: an MTU with the least of mtu.c, the others once the handshake is over.
 */
#include "base/allocator.h"
#include "base/chance.h"
#include "tcp/cong.h"
#include "tcp/path.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum { PATHS = 1024 };

#define KEPT (600 * NS_S)

struct tcp_path {
	struct ip_addr from, to;
	/* until when each is known; 0: it is not */
	uint64_t mtu_until, ssthresh_until, rtt_until;
	uint32_t mtu, ssthresh;
	uint32_t srtt, rttvar; /* in units of rtt.c */
};

bool
tcp_path_init(struct tcp *t)
{
	if (!t->cfg.path_cache)
		return true;
	t->paths = allocator_zero(t->from, PATHS * sizeof(*t->paths));
	return t->paths != NULL;
}

void
tcp_path_free(struct tcp *t)
{
	allocator_put(t->from, t->paths);
}

static struct tcp_path *
slot(const struct tcb *tcb)
{
	const struct tcp *t = tcb->tcp;
	const struct ip_addr ends[] = {tcb->c.laddr, tcb->c.raddr};

	return &t->paths[hash_keyed(t->hash_key, ends[0].b, sizeof(ends)) %
			 PATHS];
}

static bool
is_of(const struct tcp_path *p, const struct tcb *tcb)
{
	return ip_equal(&p->from, &tcb->c.laddr) &&
	       ip_equal(&p->to, &tcb->c.raddr);
}

/* known - what is known of the path to the peer; NULL: nothing */
static struct tcp_path *
known(const struct tcb *tcb)
{
	struct tcp_path *p;

	if (tcb->tcp->paths == NULL)
		return NULL;
	p = slot(tcb);
	return is_of(p, tcb) ? p : NULL;
}

/* claim - the same, to be written to */
static struct tcp_path *
claim(const struct tcb *tcb)
{
	struct tcp_path *p = slot(tcb);

	if (!is_of(p, tcb))
		*p = (struct tcp_path){
		    .from = tcb->c.laddr, .to = tcb->c.raddr};
	return p;
}

/* ---- a connection begins ---- */

uint32_t
tcp_path_mtu(const struct tcb *tcb, uint64_t now)
{
	const struct tcp *t = tcb->tcp;
	const struct tcp_path *p = known(tcb);

	if (p == NULL || now >= p->mtu_until || p->mtu > t->cfg.mtu)
		return t->cfg.mtu;
	return p->mtu;
}

uint32_t
tcp_path_threshold(const struct tcb *tcb, uint64_t now)
{
	const struct tcp_path *p = known(tcb);

	return p == NULL || now >= p->ssthresh_until ? UINT32_MAX : p->ssthresh;
}

void
tcp_path_begin(struct tcb *tcb, uint64_t now)
{
	const struct tcp_path *p = known(tcb);

	if (p != NULL && now < p->rtt_until)
		tcb->rttvar = p->srtt / 4 + p->rttvar;
}

/* tcp_path_opened - the first sample alone would have half of itself as its
   variance: RFC 6298 2.2 */
void
tcp_path_opened(struct tcb *tcb, uint64_t now)
{
	const struct tcp_path *p = known(tcb);
	uint32_t var;

	if (p == NULL || now >= p->rtt_until || tcb->srtt == 0)
		return;
	var = tcb->srtt > p->srtt ? tcb->srtt - p->srtt : p->srtt - tcb->srtt;
	if (var < p->rttvar)
		var = p->rttvar;
	if (var < tcb->rttvar)
		tcb->rttvar = var;
}

/* ---- and ends ---- */

void
tcp_path_narrow(const struct tcb *tcb, uint32_t mtu, uint64_t now)
{
	struct tcp_path *p;

	if (tcb->tcp->paths == NULL)
		return;
	p = claim(tcb);
	p->mtu = mtu;
	p->mtu_until = now + KEPT;
}

static void
learn_rtt(struct tcp_path *p, const struct tcb *tcb, uint64_t now)
{
	if (now >= p->rtt_until) {
		p->srtt = tcb->srtt;
		p->rttvar = tcb->rttvar;
	} else {
		p->srtt = (uint32_t)(((uint64_t)p->srtt + tcb->srtt) / 2);
		p->rttvar = (uint32_t)(((uint64_t)p->rttvar + tcb->rttvar) / 2);
	}
	p->rtt_until = now + KEPT;
}

/*
 * threshold - the window that the path carries, as far as this connection
 * knows; 0: not at all. Below two initial windows it shows losses at random
 * or of a short flow, and would slow the next one down for nothing: RFC 9040 8.
 * A control that goes by a model has no threshold.
 */
static uint32_t
threshold(const struct tcb *tcb)
{
	uint32_t n = tcb->cwnd;

	if (tcb->pace != NULL || n < tcb->ssthresh ||
	    (tcb->w != NULL && tcb->w->recovery != REC_OPEN))
		return 0;
	return n < 2 * tcp_initial_window(tcb) ? 0 : n;
}

/* learn_ssthresh - the larger counts at once, the smaller by half */
static void
learn_ssthresh(struct tcp_path *p, const struct tcb *tcb, uint64_t now)
{
	uint32_t n = threshold(tcb);

	if (n == 0)
		return;
	if (now < p->ssthresh_until && n < p->ssthresh)
		n = (uint32_t)(((uint64_t)p->ssthresh + n) / 2);
	p->ssthresh = n;
	p->ssthresh_until = now + KEPT;
}

void
tcp_path_ended(const struct tcb *tcb, uint64_t now)
{
	struct tcp_path *p;

	if (tcb->tcp->paths == NULL || tcb->srtt == 0 || !tcp_synchronized(tcb))
		return;
	p = slot(tcb);
	if (now < p->mtu_until && !is_of(p, tcb))
		return;
	p = claim(tcb);
	learn_rtt(p, tcb, now);
	learn_ssthresh(p, tcb, now);
}
