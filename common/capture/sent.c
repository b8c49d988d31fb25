/*
 * sent.c - data, SYN and FIN: new, sent again, late, or behind a gap; see
 * study.h.
 */
#include <string.h>

#include "capture/study.h"
#include "capture/ranges.h"
#include "wire/tcp_seq.h"

enum {
	DUP_THRESH = 3, /* RFC 5681 3.2 */
	NEAR_ROWS = 16,
};

#define NEAR_NS UINT64_C(1000000) /* captures may exchange what is nearer */

/* is_missed - the other end has what lies above g, and asks for g */
static bool
is_missed(const struct study *k, const struct range *g)
{
	const struct sack_block *b = k->me->block;
	int i;

	for (i = 0; i < TCP_MAXSACK; i++)
		if (b[i].start != b[i].end && seq_geq(b[i].start, g->end))
			return true;
	return k->you->dups >= DUP_THRESH && g->seq == k->me->una;
}

/*
 * apart - range at comes so long after what lies above it that both may have
 * been sent again, each before the other's first transmission was seen
 */
static bool
apart(const struct study *k, uint32_t at)
{
	const struct ranges *s = k->me->ranges;
	const struct row *above;

	above = k->c->row[at + 1 < s->n ? s->r[at + 1].first : k->me->top];
	return since(above, k->r) >= RTO_NS;
}

/* unsure_which - of three transmissions, which one arrived? */
static void
unsure_which(struct study *k, const struct range *g)
{
	uint32_t i;

	if (g->times == 1)
		return;
	k->c->row[g->last]->marks |= MARK_MAYBE;
	k->r->marks |= MARK_MAYBE;
	for (i = 0; i < g->gones; i++)
		k->c->row[g->gone[i]]->marks |= MARK_MAYBE;
}

/* lose - nothing shows that its latest transmission has arrived, and now it is
   sent again */
static void
lose(struct study *k, struct range *g, uint32_t n)
{
	k->c->row[g->last]->lost += n;
	g->came = k->i;
	g->shown = is_missed(k, g);
	if (k->c->row[g->last]->marks & MARK_DROPPED) /* it never comes */
		return;
	if (g->gones == GONE_MAX) /* the first one is lost, or unsure */
		memmove(g->gone, g->gone + 1, --g->gones * sizeof(g->gone[0]));
	g->gone[g->gones++] = g->last;
}

/*
 * is_refused - what came with a SYN that the other end has taken without its
 * data (RFC 7413 4.2.1): they have arrived. Of two SYNs the other one may have
 * had none
 */
static bool
is_refused(const struct study *k, const struct range *g)
{
	const struct row *r = k->c->row[g->last];
	const struct ranges *s = k->me->ranges;
	uint32_t at = ranges_at(s, r->seg->seq);

	return (r->seg->flags & TH_SYN) && k->me->have_una &&
	       seq_gt(k->me->una, r->seg->seq) && at < s->n &&
	       s->r[at].last == g->last && s->r[at].times == 1;
}

/*
 * id_again - a part of the row's data, below range at, was sent in another
 * packet with the row's identification: it tells nothing about the order
 */
static bool
id_again(const struct study *k, uint32_t at)
{
	const struct ranges *s = k->me->ranges;
	const struct tcpseg *then, *now = k->r->seg;
	uint32_t n;

	for (n = 0; n < NEAR_ROWS && at > s->head; n++) {
		if (seq_lt(s->r[--at].seq, now->seq))
			break;
		then = k->c->row[s->r[at].first]->seg;
		if (then->ip_id == now->ip_id && then->len != now->len)
			return true;
	}
	return false;
}

/* is_passed - an ACK without data, seen just before and perhaps sent before the
   row, shows that these numbers had been sent already */
static bool
is_passed(const struct study *k)
{
	const struct row *r;
	uint32_t j;

	for (j = k->i; j > 0 && k->i - j < NEAR_ROWS; j--) {
		r = k->c->row[j - 1];
		if (r->from == k->r->from && is_pure_ack(r) &&
		    !(r->marks & MARK_UNTAKEN) &&
		    seq_gt(r->seg->seq, k->r->seg->seq) &&
		    order(k->me, k->r, r) >= 0)
			return true;
	}
	return false;
}

/* again - range at is sent once more; returns the marks */
static uint32_t
again(struct study *k, uint32_t at)
{
	struct range *g = &k->me->ranges->r[at];
	struct conn *c = k->c;
	uint32_t n = g->end - g->seq;
	int o = order(k->me, k->r, c->row[g->first]);
	/* its SYN-ACK came before: the SYNs have crossed */
	bool bare = (k->r->seg->flags & (TH_SYN | TH_ACK)) == TH_SYN;

	if (k->r->marks & MARK_DROPPED)
		return MARK_AGAIN;
	if (has_other_data(k->r, c->row[g->last]) &&
	    !(c->row[g->last]->marks & MARK_DROPPED))
		k->r->marks |= MARK_OTHER;
	/* identifications alone do not prove that a copy was overtaken for so
	   long: their counter may have wrapped, or be one of several */
	if (o < 0 && !is_older(k->r, c->row[g->first]) &&
	    (since(c->row[g->first], k->r) >= RTO_NS || id_again(k, at)))
		o = 0;
	/* captured twice, in part: it was sent once */
	if (o < 0 && piece_fits(k, c->row[g->first]))
		return 0;
	if (o < 0) {
		/* the one seen first was the later one */
		if (!g->early && !bare)
			c->row[g->first]->marks |= MARK_AGAIN;
		/* which of them is lost, if one is? */
		c->row[g->first]->marks |= MARK_MAYBE;
		k->r->marks |= MARK_MAYBE;
		g->early = true;
		g->first = k->i;
		g->spare += g->covered;
		g->times++;
		/* was something sent before it that lies above? */
		o = gap_order(k, at + 1);
		if (o > 0)
			return MARK_LATE | MARK_AGAIN;
		return o == 0 || apart(k, at) || is_passed(k)
			   ? MARK_LATE | MARK_UNSURE
			   : MARK_LATE;
	}
	if (bare && since(c->row[g->last], k->r) > SYN_AGAIN_NS) {
		c->row[g->last]->marks |= MARK_MAYBE;
		k->r->marks |= MARK_UNSURE | MARK_MAYBE;
	}
	if (g->covered) {
		k->r->needless += n;
		/* it may be a copy of one that is not remembered */
		if (g->times > 2 + g->gones)
			k->r->marks |= MARK_MAYBE;
		g->spare++;
	} else if (!is_refused(k, g) && !c->row[g->last]->answered) {
		unsure_which(k, g);
		lose(k, g, n);
	}
	g->last = k->i;
	g->times++;
	return o > 0 ? MARK_AGAIN : MARK_AGAIN | MARK_ORDER;
}

/* delivers - what lies from seq to end is seen first in this segment: this many
   of it are data, which its SYN and FIN are not */
static void
delivers(struct study *k, uint32_t seq, uint32_t end)
{
	const struct tcpseg *s = k->r->seg;
	uint32_t first = s->seq + !!(s->flags & TH_SYN);

	seq = seq_max(seq, first);
	end = seq_min(end, first + s->len);
	if (seq_lt(seq, end))
		k->me->bytes += end - seq;
}

/*
 * is_original - what begins at seq was never sent before: the packet before it
 * ends there, and by their identifications there was none between them. What
 * acknowledges it stands before it in the capture.
 */
static bool
is_original(const struct study *k, uint32_t seq)
{
	const struct row *before;

	if (k->me->before == NO_ROW)
		return false;
	before = k->c->row[k->me->before];
	return has_ids(k->me, before, k->r) &&
	       (uint16_t)(k->r->seg->ip_id - before->seg->ip_id) == 1 &&
	       before->seg->seq + row_space(before) == seq &&
	       !(before->marks & (MARK_AGAIN | MARK_LATE | MARK_KEEPALIVE));
}

/* acked_now - the other end has acknowledged it just before: where; or NULL */
static struct row *
acked_now(const struct study *k, uint32_t end)
{
	struct row *r, *found = NULL;
	uint32_t j;

	for (j = k->i; j > 0 && k->i - j < NEAR_ROWS; j--) {
		r = k->c->row[j - 1];
		if (r->from == k->r->from || (r->marks & MARK_UNTAKEN))
			continue;
		if (!(r->seg->flags & TH_ACK) || seq_lt(r->seg->ack, end))
			break;
		found = r;
	}
	return found != NULL && since(found, k->r) < NEAR_NS ? found : NULL;
}

/* fill - seq to end was not captured before; returns the marks */
static uint32_t
fill(struct study *k, uint32_t at, uint32_t seq, uint32_t end, int *status)
{
	struct ranges *s = k->me->ranges;
	bool sure = true, late = false, arrived, original;
	uint32_t marks = MARK_FILLS;
	struct row *ack;

	arrived = k->me->have_una && seq_leq(end, k->me->una);
	late = is_gap_late(k, at, &sure);
	sure = sure && !(late && is_passed(k));
	original = arrived && is_original(k, seq);
	ack = arrived ? acked_now(k, end) : NULL;
	delivers(k, seq, end);
	if (!busy(k, (s->n - at) / 64 + 1) &&
	    ranges_insert(s, at, seq, end, k->i) != 0)
		*status = -1;
	at = ranges_at(s, seq);
	if (arrived && at < s->n && s->r[at].seq == seq)
		s->r[at].covered = true;
	if (original && ack != NULL && ack->seg->ack == end)
		ack->marks &= ~(uint32_t)MARK_UNSEEN;
	if (original)
		return 0;
	if (arrived && !late)
		k->r->needless += end - seq;
	if (ack != NULL && !late) { /* which of both was first? */
		k->r->marks |= MARK_MAYBE;
		sure = false;
	}
	marks |= late ? MARK_LATE : MARK_AGAIN;
	return sure ? marks : marks | MARK_UNSURE;
}

/*
 * part - of old data, from seq to end at most, what lies in one range or
 * between two; *marks grows. Returns where it ends.
 */
static uint32_t
part(struct study *k, uint32_t seq, uint32_t end, uint32_t *marks, int *status)
{
	struct ranges *s = k->me->ranges;
	uint32_t at = ranges_at(s, seq), stop = end;

	if (busy(k, 1)) {
		*marks |= MARK_AGAIN;
		return end;
	}
	if (at == s->n || seq_gt(s->r[at].seq, seq)) {
		if (at < s->n)
			stop = seq_min(s->r[at].seq, end);
		if (!ranges_is_old(s, seq)) {
			*marks |= fill(k, at, seq, stop, status);
		} else {
			k->r->needless += stop - seq;
			*marks |= MARK_AGAIN | MARK_ORDER | MARK_MAYBE;
		}
		return stop;
	}
	if (seq_lt(s->r[at].seq, seq))
		*status |= ranges_split(s, at, seq);
	at = ranges_at(s, seq);
	if (at < s->n && seq_gt(s->r[at].end, end))
		*status |= ranges_split(s, at, end);
	at = ranges_at(s, seq);
	if (at == s->n || s->r[at].seq != seq)
		return end;
	*marks |= again(k, at);
	return s->r[at].end;
}

/* is_crossing - a SYN-ACK whose SYN it has sent before: the SYNs crossed */
static bool
is_crossing(const struct study *k)
{
	return (k->r->seg->flags & (TH_SYN | TH_ACK)) == (TH_SYN | TH_ACK) &&
	       k->me->bare_syn && !k->me->crossed;
}

void
study_twice(struct study *k)
{
	k->r->marks |= MARK_TWICE;
	if (k->r->marks & MARK_ELSEWHERE)
		k->me->elsewhere++;
	else
		k->me->twice++;
	k->me->rows--;
}

int
study_sent(struct study *k)
{
	uint32_t seq = k->r->seg->seq, end = seq + row_space(k->r), old;
	struct conn_end *me = k->me;
	int status = 0;

	if (is_crossing(k)) {
		me->crossed = true;
		k->r->marks |= MARK_MAYBE | MARK_ORDER;
		if (me->ranges->n > 0) /* its SYN */
			k->c->row[me->ranges->r[0].last]->marks |= MARK_MAYBE;
		return 0;
	}
	if (me->crossed && (k->r->seg->flags & TH_SYN))
		k->r->marks |= MARK_ORDER | MARK_MAYBE;
	if (!me->have_nxt)
		me->nxt = seq;
	if (seq_gt(seq, me->nxt))
		k->r->marks |= MARK_GAP;
	me->have_nxt = true;
	old = seq_min(end, me->nxt);
	if (seq_lt(seq, old) && seq_gt(end, old))
		k->r->marks |= MARK_PART;
	while (seq_lt(seq, old) && status == 0)
		seq = part(k, seq, old, &k->r->marks, &status);
	if (seq_geq(seq, end))
		return status;
	delivers(k, seq, end);
	me->nxt = end;
	me->top = k->i;
	return status |
	       ranges_insert(me->ranges, me->ranges->n, seq, end, k->i);
}
