/*
 * facts.c - the little that a test has to know of the engine's inside, beside
 * what always holds: see invariant.h.
 */
#include <stddef.h>

#include "invariant.h"
#include "tcp/accecn.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

bool
invariant_idle(const struct tcp *t)
{
	return t->ready == NULL;
}

void
invariant_records(struct tcp *t, uint32_t most)
{
	t->sents.max = most;
}

void
invariant_numbers(const struct tcb *tcb, uint32_t *iss, uint32_t *irs)
{
	*iss = tcb->iss;
	*irs = tcb->irs;
}

void
invariant_facts(const struct tcb *tcb, struct facts *f)
{
	const struct accecn *a = tcp_accecn(tcb);
	uint64_t least = tcp_srtt(tcb) + 4 * (uint64_t)tcb->rttvar * 125;

	*f = (struct facts){.srtt = tcp_srtt(tcb),
	    .rto = tcp_rto(tcb),
	    .rto_least = least < MAX_RTO ? least : MAX_RTO,
	    .ts = tcb->ts_ok,
	    .ecn = tcb->ecn_ok,
	    .ts_recent = tcb->ts_recent,
	    .accecn = a != NULL,
	    .sack = tcb->sack_ok,
	    .mss = tcp_eff_mss(tcb),
	    .una = tcb->snd_una,
	    .window = tcb->snd_wnd,
	    .cwnd = tcb->cwnd,
	    .before = tcb->undo_cwnd,
	    .ssthresh = tcb->ssthresh};
	if (tcb->w != NULL) {
		f->flight = tcp_in_flight(tcb);
		f->fast = tcb->w->recovery == REC_FAST;
		f->probe = tcb->tlp_out && !tcb->tlp_retrans &&
			   tcb->tlp_end == tcb->snd_nxt;
	}
	if (a == NULL)
		return;
	f->marks = a->r_cep - CEP_INIT;
	f->ect = a->r[0] + a->r[1] + a->r[2];
}

bool
invariant_sacked(const struct tcb *tcb, int n, uint32_t *seq, uint32_t *end)
{
	const struct sent *s = tcb->w != NULL ? tcb->w->fl.head : NULL;

	for (; s != NULL; s = s->next) {
		if (!s->sacked || n-- > 0)
			continue;
		*seq = s->seq;
		*end = s->end;
		return true;
	}
	return false;
}

bool
invariant_early(const struct tcb *tcb)
{
	return tcp_is_early(tcb);
}

uint32_t
invariant_next(const struct tcb *tcb)
{
	return tcb->snd_nxt;
}

void
invariant_forget(struct tcp *t)
{
	struct tcp_stats s = {.conns = t->stats.conns,
	    .time_waits = t->stats.time_waits,
	    .cookies = t->stats.cookies};

	t->stats = s;
}

bool
invariant_part(const struct tcp *t, int number, const struct ip_addr *peer,
    size_t *at, size_t *size)
{
	const size_t ports = offsetof(struct tcp, ports);
	const size_t faces = offsetof(struct tcp, face_id);

	switch (number) {
	case 0:
		*at = 0;
		*size = ports;
		return true;
	case 1:
		*at = ports + sizeof(t->ports);
		*size = faces / 8 * 8 - *at;
		return true;
	case 2:
		*at = offsetof(struct tcp, began);
		*size = offsetof(struct tcp, share) - *at;
		return true;
	case 3:
		*at = offsetof(struct tcp, share) +
		      tcp_source(t, peer) * sizeof(t->share[0]);
		*size = sizeof(t->share[0]);
		return true;
	case 4:
		*at = offsetof(struct tcp, resets);
		*size = sizeof(t->resets);
		return true;
	default:
		return false;
	}
}
