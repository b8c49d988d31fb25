/*
 * law.c - what must hold where the whole network is known: how long a round
 * trip takes, what was marked and how much arrived; and as long as nothing has
 * gone wrong nothing is sent twice.
 */
#include "../invariant.h"
#include "explore.h"
#include "wire/tcp_seq.h"

#define ROUND_TRIP (20 * NS_PER_MS)

enum { CE = 3, ECT = 3 }; /* of the IP header's byte */

struct side *
law_last(struct world *w, int who)
{
	struct side *d = &w->s.call[w->s.calls - 1].side[who];

	return d->opened && !d->closed && d->tcb != NULL ? d : NULL;
}

/* is_of - a frame of the connection that counts */
static bool
is_of(const struct world *w, const struct view *v)
{
	uint16_t port = w->s.call[w->s.calls - 1].port;

	return v->tcp && (v->h.sport == port || v->h.dport == port);
}

void
law_sent(struct world *w, int who, const struct view *v)
{
	const struct side *d = law_last(w, who);
	uint32_t end = v->h.seq + v->len;
	struct facts f;

	if (d == NULL || !w->plain || !is_of(w, v) || (v->h.flags & TH_SYN))
		return;
	invariant_facts(d->tcb, &f);
	if (f.ecn && (v->h.flags & TH_ECE) && !w->echoes[who])
		wrong(&w->s, "the %s tells of a mark that there is not",
		    side_name(who));
	/* where the window is never closed: probes are sent again */
	if (v->len > 0 && w->s.end[who].cfg.rcvbuf > UINT16_MAX &&
	    w->sent[who] != 0 && seq_leq(end, w->sent[who]))
		wrong(&w->s, "the %s retransmits, though nothing is lost",
		    side_name(who));
	if (v->len > 0 && (w->sent[who] == 0 || seq_gt(end, w->sent[who])))
		w->sent[who] = end;
}

void
law_arrived(struct world *w, int who, const struct packet *q)
{
	struct view v;
	bool marked;

	if (q->forged || !look(q->bytes, q->len, &v) || !is_of(w, &v))
		return;
	marked = (v.ip.tos & CE) == CE;
	w->marks[who] += marked;
	if (marked)
		w->echoes[who] = true;
	else if (v.h.flags & TH_CWR && !(v.h.flags & TH_SYN))
		w->echoes[who] = false;
	if ((v.ip.tos & ECT) != 0 && law_last(w, who) != NULL)
		w->ect[who] += v.len;
}

/* numbers - of the round trip, RFC 6298, and of marks, RFC 9768 3.2 */
static void
numbers(struct world *w, const struct side *d)
{
	struct facts f;

	invariant_facts(d->tcb, &f);
	if (f.srtt != 0 && f.rto < f.rto_least)
		wrong(&w->s, "the %s waits %.3f s, less than %.3f s",
		    side_name(d->end->who), (double)f.rto / 1e9,
		    (double)f.rto_least / 1e9);
	if (!w->hostile && f.srtt != 0 && f.srtt < ROUND_TRIP - NS_PER_MS)
		wrong(&w->s, "the %s has measured %.3f s: nothing is so fast",
		    side_name(d->end->who), (double)f.srtt / 1e9);
	if (!f.accecn)
		return;
	if (f.marks > w->marks[d->end->who])
		wrong(&w->s, "the %s counts %u marks of %u",
		    side_name(d->end->who), f.marks, w->marks[d->end->who]);
	if (w->plain && f.ect < w->ect[d->end->who])
		wrong(&w->s, "the %s counts %u bytes of %u",
		    side_name(d->end->who), f.ect, w->ect[d->end->who]);
}

void
law_step(struct world *w)
{
	const struct side *d;
	int i;

	for (i = 0; i < 2; i++) {
		d = law_last(w, i);
		if (d != NULL)
			numbers(w, d);
	}
}
