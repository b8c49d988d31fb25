/*
 * law.c - what must hold where the whole network is known: how long a round
 * trip takes, what was marked and how much arrived, which windows were shown;
 * and as long as nothing was lost or late nothing is sent twice.
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

/* shown - the window that an end shows, RFC 9293 3.8.6: as large as it is, and
   it grows by no small steps */
static void
shown(struct world *w, const struct side *d, const struct facts *f,
    const struct view *v)
{
	const uint32_t buf = d->end->cfg.rcvbuf;
	uint32_t step = buf / 2 < f->mss ? buf / 2 : f->mss;
	unsigned shift = wire_shift(d);
	uint32_t wnd = (uint32_t)v->h.wnd << shift, most = UINT16_MAX << shift;
	uint32_t edge = v->h.ack + wnd, *last = &w->edge[d->end->who];

	if (!d->w.up || !d->opened)
		return;
	if (*last != 0 && buf <= most && seq_gt(edge, *last + 8) &&
	    edge - *last + 8 < step)
		wrong(&w->s, "the %s opens its window by %u",
		    side_name(d->end->who), edge - *last);
	if (most > buf)
		most = buf;
	if (!d->eof && d->held == 0 && wnd + step + 8 < most)
		wrong(&w->s, "the %s shows a window of %u of %u",
		    side_name(d->end->who), wnd, most);
	*last = edge;
}

/* flood - of many SYNs few are answered: RFC 5961 7 */
static void
flood(struct world *w, int who, const struct view *v)
{
	if (w->flood_at[who] != w->s.now || v->len > 0)
		return;
	if (++w->flood_acks[who] > FLOOD / 2)
		wrong(&w->s, "the %s answers all SYNs of a flood",
		    side_name(who));
}

void
law_too_long(struct world *w, int who)
{
	if (w->long_at[who] == w->s.now)
		return;
	w->long_at[who] = w->s.now;
	/* a router may have told of no length */
	if (++w->too_long[who] > 4)
		wrong(&w->s, "the %s keeps on sending what is too long",
		    side_name(who));
}

void
law_sent(struct world *w, int who, const struct view *v)
{
	const struct side *d = law_last(w, who);
	uint32_t end = v->h.seq + v->len;
	struct facts f;

	if (d == NULL || !is_of(w, v) || (v->h.flags & TH_SYN))
		return;
	invariant_facts(d->tcb, &f);
	shown(w, d, &f, v);
	flood(w, who, v);
	if (w->plain && f.ecn && (v->h.flags & TH_ECE) && !w->echoes[who])
		wrong(&w->s, "the %s tells of a mark that there is not",
		    side_name(who));
	/* where the window is never closed: probes are sent again */
	if ((w->plain || (w->in_time && f.sack && w->timed[who])) &&
	    v->len > 0 && w->s.end[who].cfg.rcvbuf > UINT16_MAX &&
	    w->sent[who] != 0 && seq_leq(end, w->sent[who]))
		wrong(&w->s, "the %s retransmits, though nothing is lost",
		    side_name(who));
	/* its ACK may not count, and leads to more of them */
	if (v->len > 0 && w->sent[who] != 0 && seq_leq(end, w->sent[who]))
		w->in_time = false;
	if (v->len > 0 && (w->sent[who] == 0 || seq_gt(end, w->sent[who]))) {
		w->sent[who] = end;
		w->fresh[who] = true;
	}
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
	if (v.len > 0 && w->flood_at[who] == w->s.now)
		w->flood_acks[who]--;
}

/* numbers - of the round trip, RFC 6298, and of marks, RFC 9768 3.2 */
static void
numbers(struct world *w, const struct side *d, const struct facts *f)
{
	if (f->srtt != 0 && f->rto < f->rto_least)
		wrong(&w->s, "the %s waits %.3f s, less than %.3f s",
		    side_name(d->end->who), (double)f->rto / 1e9,
		    (double)f->rto_least / 1e9);
	if (!w->hostile && f->srtt != 0 && f->srtt < ROUND_TRIP - NS_PER_MS)
		wrong(&w->s, "the %s has measured %.3f s: nothing is so fast",
		    side_name(d->end->who), (double)f->srtt / 1e9);
	if (!f->accecn)
		return;
	if (f->marks > w->marks[d->end->who])
		wrong(&w->s, "the %s counts %u marks of %u",
		    side_name(d->end->who), f->marks, w->marks[d->end->who]);
	if (w->plain && f->ect < w->ect[d->end->who])
		wrong(&w->s, "the %s counts %u bytes of %u",
		    side_name(d->end->who), f->ect, w->ect[d->end->who]);
}

/* told - an end believes only what it was told: RFC 9293 3.8.6, RFC 2018 */
static void
told(struct world *w, const struct side *d, const struct facts *f)
{
	const struct side *o = &d->call->side[!d->end->who];
	uint32_t seq, end;
	int i;

	if (!d->w.up)
		return;
	if (d->w.have_edge && seq_gt(f->una + f->window, d->w.edge))
		wrong(&w->s, "the %s takes the window to be wider by %u",
		    side_name(d->end->who), f->una + f->window - d->w.edge);
	for (i = 0; o->w.up && invariant_sacked(d->tcb, i, &seq, &end); i++) {
		if (!wire_has(o, seq, end))
			wrong(&w->s, "the %s takes %u to %u for received",
			    side_name(d->end->who), seq - d->w.iss,
			    end - d->w.iss);
	}
}

static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/*
 * cautious - cwnd, RFC 5681, 9937: it grows by no more than was acknowledged,
 * but for a reduction that is taken back, and for one to two segments, which
 * are the least (RFC 5681 3.1, RFC 6582 3.2 step 3), where there was one; in
 * fast recovery it is no more than before, or than what is in flight and two
 * segments; and data is sent for the first time only within it, but for one
 * segment as a loss probe, RFC 8985 7.3
 */
static void
cautious(struct world *w, const struct side *d, const struct facts *f)
{
	const int who = d->end->who;
	uint32_t grown = f->una - w->una[who], most = w->cwnd[who];

	w->timed[who] = f->srtt != 0;
	if (d->end->cfg.cong == &tcp_bbr) /* it has a model of the path */
		return;
	if (f->fast)
		most = larger(w->cwnd_open[who], f->flight + 2 * f->mss);
	else
		most = larger(most, f->before) + grown;
	if (f->cwnd == f->ssthresh && f->cwnd == 2 * f->mss &&
	    f->before < 2 * f->mss)
		most = larger(most, f->cwnd);
	if (w->una[who] != 0 && f->cwnd > most)
		wrong(&w->s, "the %s has a cwnd of %u after %u", side_name(who),
		    f->cwnd, most);
	/* two more by RFC 3042 */
	if (w->fresh[who] &&
	    !(f->probe && f->flight <= w->flight[who] + f->mss) &&
	    f->flight > larger(f->cwnd, w->cwnd[who]) + 2 * f->mss)
		wrong(&w->s, "the %s has %u bytes in flight, and a cwnd of %u",
		    side_name(who), f->flight, f->cwnd);
	w->fresh[who] = false;
	w->una[who] = f->una;
	w->cwnd[who] = f->cwnd;
	w->flight[who] = f->flight;
	if (!f->fast)
		w->cwnd_open[who] = f->cwnd;
}

void
law_step(struct world *w)
{
	const struct side *d;
	struct facts f;
	int i;

	for (i = 0; i < 2; i++) {
		d = law_last(w, i);
		if (d == NULL)
			continue;
		invariant_facts(d->tcb, &f);
		numbers(w, d, &f);
		told(w, d, &f);
		cautious(w, d, &f);
	}
}
