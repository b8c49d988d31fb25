/*
 * invariant.c - the engine's invariants, read from its private structures:
 * numbers in order, records that tile what is in flight, counters that agree
 * with lists, memory within its limits, no connection that waits for something
 * and has no timer, and none that keeps its work at rest. For the simulation
 * and the fuzzer; with facts.c the only file that looks into a connection.
 */
#include <stddef.h>
#include <stdio.h>

#include "invariant.h"
#include "tcp/accecn.h"
#include "tcp/cong.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum { HINTS = 16 };

/* what has been found not to hold, the first of it; "": all does */
static char broken[200];

#define must(good) note((good), #good, __LINE__)

static void
note(bool good, const char *what, int line)
{
	if (!good && broken[0] == '\0')
		snprintf(
		    broken, sizeof(broken), "invariant.c:%d: %s", line, what);
}

static bool
fine(void)
{
	return broken[0] == '\0';
}

struct totals {
	uint32_t tcbs, time_waits, works, records, pending;
	size_t reass;
};

static void
check_flight(struct tcb *tcb, struct totals *sum)
{
	const struct flight *f = &tcb->w->fl;
	const struct sent *s, *prev = NULL;
	uint32_t n = 0, timed = 0, sacked = 0, lost = 0;
	uint32_t seq = tcb->snd_una;

	for (s = f->head; s != NULL && fine(); prev = s, s = s->next, n++) {
		must(s->prev == prev);
		must(s->seq == seq && seq_lt(s->seq, s->end));
		must(!(s->sacked && s->lost));
		must(prev == NULL || !(prev->sacked && s->sacked));
		must(!s->fin || s->next == NULL);
		must(s->tries > 0);
		seq = s->end;
		if (s->sacked)
			sacked += s->end - s->seq;
		if (s->lost)
			lost += s->end - s->seq;
	}
	must(f->tail == prev);
	must(seq == tcb->snd_nxt);
	must(sacked == f->sacked && lost == f->lost);
	must(sacked + lost <= tcb->snd_nxt - tcb->snd_una);
	for (s = f->oldest, prev = NULL; s != NULL && fine();
	     prev = s, s = s->newer) {
		must(s->older == prev);
		must(prev == NULL || prev->time <= s->time);
		must(++timed <= n);
	}
	must(f->newest == prev && timed == n && f->count == n);
	sum->records += n;
}

static void
check_receive(struct tcb *tcb, struct totals *sum)
{
	const struct tcp *t = tcb->tcp;
	const struct range *r, *prev = NULL;
	uint32_t n = 0, unit = 1u << tcb->rcv_wscale;

	must(seq_leq(tcb->rcv_nxt, tcb->rcv_adv));
	must(tcb->rcv_adv - tcb->rcv_nxt < t->cfg.rcvbuf + unit);
	if (tcb->w == NULL)
		return;
	must(seq_leq(tcb->w->last_ack_sent, tcb->rcv_nxt));
	for (r = tcb->w->ooo; r != NULL && fine(); prev = r, r = r->next, n++) {
		must(seq_lt(r->seq, r->end));
		must(seq_gt(r->seq, tcb->rcv_nxt));
		must(seq_leq(r->end, tcb->rcv_adv));
		must(prev == NULL || seq_lt(prev->seq, r->seq));
		sum->reass += sizeof(*r);
		if (t->app.want_data)
			sum->reass += r->end - r->seq;
	}
	must(n == tcb->w->ooo_count && n <= OOO_RANGES);
}

static uint64_t
first_timer(const struct tcb *tcb)
{
	const struct work *w = tcb->w;
	uint64_t at = tcb->app_at;

	if (w != NULL && w->rexmt_at < at)
		at = w->rexmt_at;
	if (w != NULL && w->delack_at < at)
		at = w->delack_at;
	if (w != NULL && w->pace_wait && tcb->pace->at < at)
		at = tcb->pace->at;
	if (tcb->keep_at < at)
		at = tcb->keep_at;
	if (tcb->c.state == TCPS_FIN_WAIT_2 && tcb->slow_at < at)
		at = tcb->slow_at;
	return at;
}

/* has_to_send - data or a FIN wait */
static bool
has_to_send(const struct tcb *tcb)
{
	uint64_t sent = tcb->una_off + (tcb->snd_nxt - tcb->snd_una);

	return tcp_may_send(tcb) && (tcb->fin_wanted || tcb->offer_end > sent);
}

/* check_works - it has said what there is to say: will it go on? */
static void
check_works(const struct tcb *tcb)
{
	const struct work *w = tcb->w;
	bool waits = w->rexmt_at != NEVER;

	must(!tcb->ack_now && !tcb->send_syn);
	must((w->rexmt_kind == REXMT_NONE) == !waits);
	/* what was sent and not acknowledged is waited for */
	must(tcb->snd_una == tcb->snd_nxt || waits);
	/* so is a window that is closed to what is offered, or the pace */
	must(!has_to_send(tcb) || waits || w->pace_wait);
	/* without anything to do it would have no work */
	must(!tcp_synchronized(tcb) || waits || w->pace_wait ||
	     w->delack_at != NEVER || w->ooo != NULL ||
	     (tcb->fin_seen && w->fin_seq != tcb->rcv_nxt - 1));
}

static void
check_quiet(const struct tcb *tcb, uint64_t now)
{
	uint64_t at = first_timer(tcb);

	must(!tcb->ready);
	if (tcb->w != NULL)
		check_works(tcb);
	else if (tcb->ack_now || has_to_send(tcb))
		at = at < now + DELACK ? at : now + DELACK;
	if (at == NEVER)
		return;
	if (at < now)
		at = now; /* at once, then */
	must(tcb->node.link != NULL && tcb->node.tick <= at / 1000 + 1);
}

/* check_rest - what a connection without work cannot have */
static void
check_rest(struct tcb *tcb, struct totals *sum)
{
	if (tcb->w != NULL) {
		sum->works++;
		check_flight(tcb, sum);
	} else {
		must(tcp_synchronized(tcb) && tcb->snd_una == tcb->snd_nxt);
	}
}

/* check_state - what the numbers say is what the state says, 3.3.2 */
static void
check_state(const struct tcb *tcb)
{
	const struct sent *last = tcb->w == NULL ? NULL : tcb->w->fl.tail;
	bool fin_acked = last == NULL || !last->fin;

	switch ((enum tcp_state)tcb->c.state) {
	case TCPS_ESTABLISHED:
		must(fin_acked);
		break;
	case TCPS_FIN_WAIT_1:
		must(!fin_acked);
		break;
	case TCPS_FIN_WAIT_2:
		must(last == NULL && tcb->slow_at != NEVER);
		break;
	case TCPS_CLOSE_WAIT:
		must(fin_acked);
		/* fall through */
	case TCPS_CLOSING:
	case TCPS_LAST_ACK:
		must(tcb->fin_seen);
		must(tcb->w == NULL || tcb->rcv_nxt == tcb->w->fin_seq + 1);
		must(tcb->w == NULL || tcb->w->ooo == NULL);
		must(tcb->c.state == TCPS_CLOSE_WAIT || !fin_acked);
		break;
	case TCPS_CLOSED:
	case TCPS_LISTEN:
	case TCPS_SYN_SENT:
	case TCPS_SYN_RECEIVED:
	case TCPS_TIME_WAIT:
		must(false);
		break;
	}
	must(!tcb->fin_seen || tcb->w == NULL ||
	     seq_leq(tcb->rcv_nxt, tcb->w->fin_seq + 1));
}

/* check_limits - of RFC 5681, 6298 and 9293 3.8 */
static void
check_limits(const struct tcb *tcb, uint64_t now)
{
	uint64_t patience = tcb->tcp->cfg.user_timeout, srtt = tcp_srtt(tcb);
	const struct work *w = tcb->w;

	must(tcb->cwnd >= tcp_eff_mss(tcb));
	must(tcp_rto(tcb) >= tcb->tcp->cfg.min_rto && tcp_rto(tcb) <= MAX_RTO);
	if (w == NULL)
		return;
	/* a model of the path has no use for it */
	must(w->cc->ack != NULL || tcb->ssthresh >= 2 * tcp_eff_mss(tcb));
	must(w->recovery == REC_OPEN || seq_lt(tcb->snd_una, tcb->recover));
	must(w->recovery == REC_OPEN || seq_leq(tcb->recover, tcb->snd_nxt));
	must(w->hystart.samples <= 8 && w->hystart.rounds <= 5); /* RFC 9406 */
	must(w->delack_at == NEVER || w->delack_at <= now + 500000000);
	/* the reordering window may have a long round trip added */
	must(w->rexmt_at == NEVER || w->rexmt_at <= now + MAX_RTO + srtt);
	/* gives up when the timer next fires after that: 3.8.3; a narrower
	   path may have set it anew */
	must(w->trouble_since == 0 ||
	     now - w->trouble_since <= patience + 2 * MAX_RTO + srtt);
}

/* check_accecn - what RFC 9768 lets the counters be */
static void
check_accecn(const struct tcb *tcb, bool quiet)
{
	const struct accecn *a = tcp_accecn(tcb);
	unsigned i;

	if (a == NULL)
		return;
	must(tcb->c.accecn_room && !tcb->ecn_ok && !tcb->ecn_echo);
	must(!tcb->send_cwr);
	must(a->r_cep >= CEP_INIT && a->s_cep >= CEP_INIT);
	/* three marks are told at once: 3.2.2.5.1 */
	must(!quiet || a->ce_owed < 3);
	for (i = 0; i < ACC_BYTES; i++)
		must(a->r[i] >= a->told[i]);
}

/*
 * zero_was_true - the first feedback had a zero, by way of seven, and nothing
 * to tell by: an ACK that overtook the one with the option. RFC 9768 3.2.2.4
 * knows of that, and takes it for zeroed.
 */
static bool
zero_was_true(const struct accecn *to, const struct accecn *from)
{
	return to->deaf && from->r_cep > ACE_MASK;
}

const char *
invariant_pair(const struct tcb *client, const struct tcb *server)
{
	const struct accecn *a = tcp_accecn(client), *b = tcp_accecn(server);
	const struct accecn *from, *to;
	unsigned i;

	broken[0] = '\0';
	must(a == NULL || b != NULL);
	for (i = 0; a != NULL && b != NULL && i < 2 * ACC_BYTES; i++) {
		from = i % 2 == 0 ? a : b;
		to = i % 2 == 0 ? b : a;
		/* nobody knows of marks that were not received */
		must(to->options != ACC_OPT_HERE ||
		     to->s[i / 2] <= from->r[i / 2]);
		must(to->ambiguous || to->s_cep <= from->r_cep);
		must(!to->no_ect || to->ce_rounds > 0 || to == b ||
		     zero_was_true(to, from));
	}
	return fine() ? NULL : broken;
}

static void
check_tcb(struct tcb *tcb, uint64_t now, bool quiet, struct totals *sum)
{
	must(!tcb->dead);
	must(tcb->c.state > TCPS_LISTEN && tcb->c.state < TCPS_TIME_WAIT);
	must(seq_leq(tcb->snd_una, tcb->snd_nxt));
	check_accecn(tcb, quiet);
	sum->pending += tcb->passive && tcb->c.fast_open;
	if (tcp_synchronized(tcb)) {
		check_rest(tcb, sum);
		check_receive(tcb, sum);
		must(tcb->mss >= MSS_MIN && tcb->mss <= tcb->tcp->cfg.mtu);
		must(tcb->una_off <= tcb->offer_end);
		check_state(tcb);
		check_limits(tcb, now);
	} else {
		sum->works++;
		must(tcb->w->ooo == NULL);
		must(tcp_is_early(tcb) || tcb->w->fl.head == NULL);
		if (tcp_is_early(tcb) && tcb->snd_nxt != tcb->iss)
			check_flight(tcb, sum);
		must(tcb->snd_una - tcb->iss <= tcp_is_early(tcb));
	}
	if (quiet)
		check_quiet(tcb, now);
}

static void
check_half_open(const struct tcp *t)
{
	const struct tcb *h, *prev = NULL;
	uint32_t n = 0;

	for (h = t->half_first; h != NULL && fine();
	     prev = h, h = h->half.next) {
		must(h->half.prev == prev);
		must(!h->dead && h->c.state == TCPS_SYN_RECEIVED);
		must(++n <= t->stats.conns);
	}
	must(t->half_last == prev && n == t->half_count);
}

static void
check_pool(const struct pool *p, uint32_t used)
{
	must(p->used == used && used <= p->max);
}

/* count_dead - those that have ended, and are not yet taken off a list */
static void
count_dead(const struct tcp *t, struct totals *sum)
{
	const struct tcb *tcb;

	for (tcb = t->ready; tcb != NULL; tcb = tcb->ready_next) {
		sum->tcbs += tcb->dead;
		sum->works += tcb->dead && tcb->w != NULL;
	}
	for (tcb = t->dead; tcb != NULL; tcb = tcb->ready_next) {
		sum->tcbs++;
		sum->works += tcb->w != NULL;
	}
}

/* next_used - the first bucket from number i on that is not empty: nearly all
   are, and this looks after each step of the engine */
static uint32_t
next_used(const struct tcp *t, uint32_t i)
{
	struct conn *const *b = t->bucket;

	for (; i % 8 != 0 && i < t->nbuckets && b[i] == NULL; i++)
		;
	for (; i % 8 == 0 && i + 8 <= t->nbuckets; i += 8) {
		if (((uintptr_t)b[i] | (uintptr_t)b[i + 1] |
			(uintptr_t)b[i + 2] | (uintptr_t)b[i + 3] |
			(uintptr_t)b[i + 4] | (uintptr_t)b[i + 5] |
			(uintptr_t)b[i + 6] | (uintptr_t)b[i + 7]) != 0)
			break;
	}
	for (; i < t->nbuckets && b[i] == NULL; i++)
		;
	return i;
}

/* buckets in which connections were found, of any engine: looked at first */
static uint32_t hint[HINTS];
static int hints;

static void
check_bucket(
    struct tcp *t, uint32_t i, uint64_t now, bool quiet, struct totals *sum)
{
	struct conn *c;

	for (c = t->bucket[i]; c != NULL && fine(); c = c->next) {
		if (c->kind == CONN_TIME_WAIT) {
			sum->time_waits++;
			continue;
		}
		sum->tcbs++;
		check_tcb((struct tcb *)c, now, quiet, sum);
	}
}

static bool
is_hint(uint32_t bucket)
{
	int i;

	for (i = 0; i < hints && hint[i] != bucket; i++)
		;
	return i < hints;
}

/* check_table - all connections; those that are counted are known first, and
   the pools know of any that is not */
static void
check_table(struct tcp *t, uint64_t now, bool quiet, struct totals *sum)
{
	int i, known = hints;
	uint32_t b;

	for (i = 0; i < known; i++) {
		if (hint[i] < t->nbuckets)
			check_bucket(t, hint[i], now, quiet, sum);
	}
	if (sum->tcbs == t->stats.conns &&
	    sum->time_waits == t->stats.time_waits)
		return;
	*sum = (struct totals){0};
	for (b = next_used(t, 0); b < t->nbuckets; b = next_used(t, b + 1)) {
		check_bucket(t, b, now, quiet, sum);
		if (!is_hint(b)) {
			hints %= HINTS;
			hint[hints++] = b;
		}
	}
}

const char *
invariant_broken(struct tcp *t, uint64_t now, bool quiet)
{
	struct totals sum = {0};

	broken[0] = '\0';
	check_table(t, now, quiet, &sum);
	must(sum.tcbs == t->stats.conns && sum.tcbs <= t->cfg.max_conns);
	must(sum.time_waits == t->stats.time_waits &&
	     sum.time_waits <= t->cfg.max_conns);
	must(sum.time_waits == 0 || t->tw_node.link != NULL);
	must(sum.reass == t->reass_used && sum.reass <= t->cfg.reass_bytes);
	must(!quiet || t->ready == NULL);
	must(sum.pending == t->fastopen_pending);
	must(sum.pending <= t->cfg.fastopen_max);
	check_half_open(t);
	count_dead(t, &sum);
	must(t->tcbs.used + t->accecn_tcbs.used == sum.tcbs);
	check_pool(&t->works, sum.works);
	check_pool(&t->time_waits, sum.time_waits);
	check_pool(&t->sents, sum.records);
	return fine() ? NULL : broken;
}

uint64_t
invariant_timer(const struct tcp *t)
{
	uint64_t at = t->tw_first != NULL ? t->tw_first->expires : NEVER, own;
	const struct conn *c;
	int i;

	for (i = 0; i < hints; i++) {
		if (hint[i] >= t->nbuckets)
			continue;
		for (c = t->bucket[hint[i]]; c != NULL; c = c->next) {
			own = c->kind == CONN_TCB
				  ? first_timer((const struct tcb *)c)
				  : NEVER;
			at = own < at ? own : at;
		}
	}
	return at;
}
