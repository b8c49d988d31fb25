/*
 * taken.c - segments that no receiver takes, before all else is found: their
 * numbers lie outside the window that was given (RFC 9293 3.10.7.4, first), or
 * they acknowledge what was never sent (fifth; RFC 5961 5). They say nothing
 * about the connection; see study.h.
 *
 * A capture may miss packets: the ACK that gave the window, or the data that
 * is acknowledged. So such a segment is only a claim at first. An ACK or SACK
 * of the other end, or numbers that go on from there, prove it. What the other
 * end sends later, and could not send if it had taken it, refutes it. Without
 * either it is believed.
 */
#include <string.h>

#include "capture/ranges.h"
#include "capture/reuse.h"
#include "capture/study.h"
#include "wire/tcp_seq.h"

enum {
	CLAIMS = 32,   /* of one kind and end; then the first is settled */
	FAR = 1 << 30, /* from here on numbers may have come round */
	NEAR = 8,      /* rows to look at */
};

#define LATE_NS UINT64_C(1000000000) /* by which nothing is overtaken */

struct claim {
	uint32_t row;
	uint32_t mine, yours; /* what both had sent before */
	/* behind it its sender has sent lower numbers: an ACK, or up to here */
	bool stays, back;
	uint32_t back_to;
	bool wrong; /* it is refuted */
};

struct claims {
	struct claim one[CLAIMS];
	uint32_t n;
};

/* of one end: its numbers, and what the other end says of them */
struct numbers {
	bool known, far, have_edge, have_ack;
	bool acks;     /* it has acknowledged something */
	uint32_t top;  /* behind all that it has sent */
	uint32_t edge; /* where the window ends that it was given, at most */
	uint32_t ack;  /* the furthest */
	struct claims beyond;	/* its segments behind the edge */
	struct claims unsent;	/* the other's ACKs behind the top */
	const struct row *last; /* the latest of its sender that was heard */
};

struct taken {
	struct conn *c;
	uint32_t i;
	struct numbers of[2];
};

static uint32_t
end_of(const struct row *r)
{
	return r->seg->seq + row_space(r);
}

static void
note_sent(struct taken *t, const struct row *r)
{
	struct numbers *n = &t->of[r->from];

	if (!n->known || seq_gt(end_of(r), n->top))
		n->top = end_of(r);
	n->known = true;
	n->far |= n->top >= FAR;
}

static void
note_ack(struct taken *t, const struct row *r)
{
	struct numbers *n = &t->of[!r->from];
	uint32_t ack = r->seg->ack;

	if (!(r->seg->flags & TH_ACK))
		return;
	if (!n->known || seq_gt(ack, n->top))
		n->top = ack;
	n->known = true;
	if (!n->have_ack || seq_gt(ack, n->ack))
		n->ack = ack;
	n->have_ack = true;
	if (!n->have_edge || seq_gt(ack + r->wnd, n->edge))
		n->edge = ack + r->wnd;
	n->have_edge = true;
}

/* settle - claim at is as it seems now: it is marked, or believed */
static void
settle(struct taken *t, struct claims *l, uint32_t at, uint32_t mark)
{
	struct claim one = l->one[at];
	struct row *r = t->c->row[one.row];

	l->n--;
	memmove(l->one + at, l->one + at + 1, (l->n - at) * sizeof(l->one[0]));
	if (one.wrong) {
		r->marks |= mark;
		return;
	}
	note_sent(t, r);
	note_ack(t, r);
}

static void
claim(struct taken *t, struct claims *l, uint32_t mark)
{
	const struct row *r = t->c->row[t->i];

	if (l->n == CLAIMS)
		settle(t, l, 0, mark);
	l->one[l->n++] = (struct claim){
	    .row = t->i,
	    .mine = t->of[r->from].top,
	    .yours = t->of[!r->from].top,
	};
}

/* has_sack - r tells that q has arrived */
static bool
has_sack(const struct row *r, const struct row *q)
{
	const struct sack_block *b = r->seg->opt.sack;
	int i;

	for (i = 0; i < r->seg->opt.nsack; i++)
		if (seq_leq(b[i].start, q->seg->seq) && row_space(q) > 0 &&
		    seq_geq(b[i].end, end_of(q)))
			return true;
	return false;
}

/* believe - claim at, and all below: that window reached so far */
static void
believe(struct taken *t, struct claims *l, uint32_t at)
{
	uint32_t seq = t->c->row[l->one[at].row]->seg->seq, i = 0;

	while (i < l->n)
		if (seq_leq(t->c->row[l->one[i].row]->seg->seq, seq)) {
			l->one[i].wrong = false;
			settle(t, l, i, 0);
		} else {
			i++;
		}
}

/*
 * prove_beyond - r acknowledges what nothing but a segment behind the edge has
 * sent: the ACK that gave that window was not captured
 */
static void
prove_beyond(struct taken *t, const struct row *r)
{
	struct numbers *n = &t->of[!r->from];
	struct claims *l = &n->beyond;
	const struct row *q;
	uint32_t i = 0;

	while (i < l->n) {
		q = t->c->row[l->one[i].row];
		if (has_sack(r, q) || (seq_gt(r->seg->ack, n->top) &&
					  seq_geq(r->seg->ack, end_of(q)))) {
			believe(t, l, i);
			i = 0;
		} else {
			i++;
		}
	}
}

/* prove_unsent - r goes on where an ACK of the other end stands: what lies
   before was not captured */
static void
prove_unsent(struct taken *t, const struct row *r)
{
	struct claims *l = &t->of[r->from].unsent;
	bool scaled = !t->c->end[!r->from].unscaled;
	const struct row *q;
	uint32_t i = 0;

	while (i < l->n) {
		q = t->c->row[l->one[i].row];
		if (!l->one[i].wrong && seq_geq(r->seg->seq, q->seg->ack) &&
		    (!scaled || seq_leq(r->seg->seq, q->seg->ack + q->wnd)))
			settle(t, l, i, 0);
		else
			i++;
	}
}

/* go_on - r goes on behind segments behind the edge: these were sent */
static void
go_on(struct taken *t, const struct row *r)
{
	struct numbers *n = &t->of[r->from];
	struct claims *l = &n->beyond;
	const struct row *q;
	uint32_t i = 0;

	while (i < l->n) {
		q = t->c->row[l->one[i].row];
		if (seq_leq(n->top, q->seg->seq) &&
		    seq_leq(end_of(q), r->seg->seq)) {
			believe(t, l, i);
			i = 0;
		} else {
			i++;
		}
	}
}

/* note_back - r shows that its sender has not sent what is behind the edge, nor
   what is acknowledged: it has a new number that is lower, or is an ACK, which
   has the next number */
static void
note_back(struct taken *t, struct claims *l, const struct row *r, bool acked)
{
	struct claim *one;
	const struct row *q;
	uint32_t i;

	for (i = 0; i < l->n; i++) {
		one = &l->one[i];
		q = t->c->row[one->row];
		if (seq_geq(r->seg->seq, acked ? q->seg->ack : q->seg->seq) ||
		    seq_lt(r->seg->seq, acked ? one->yours : one->mine))
			continue;
		if (row_space(r) == 0) {
			one->stays |= order(&t->c->end[r->from], q, r) <= 0;
		} else if (!one->back) {
			one->back = true;
			one->back_to = end_of(r);
		}
	}
}

/*
 * refute_beyond - the latest ACK gives less than the number of a segment that
 * was there before, and was sent later: it acknowledges what was sent behind
 * that, or comes too late to be overtaken. Had more been given before, it would
 * give that as well.
 */
static void
refute_beyond(struct taken *t, const struct row *r)
{
	struct numbers *n = &t->of[!r->from];
	struct claims *l = &n->beyond;
	const struct row *last = t->of[r->from].last, *q;
	struct claim *one;
	uint32_t i;

	if (r->seg->ack != n->ack || r->seg->ack + r->wnd != n->edge ||
	    (last != NULL && order(&t->c->end[r->from], r, last) < 0))
		return;
	for (i = 0; i < l->n; i++) {
		one = &l->one[i];
		q = t->c->row[one->row];
		if (seq_lt(n->edge, q->seg->seq) &&
		    ((one->back && seq_geq(r->seg->ack, one->back_to)) ||
			(one->stays && since(q, r) >= LATE_NS)))
			one->wrong = true;
	}
}

/*
 * is_less - r acknowledges less than q of its sender, and was sent later: its
 * stamps show it, or it is new where q, an ACK, has the next number; or it
 * acknowledges what was sent later
 */
static bool
is_less(const struct taken *t, const struct claim *one, const struct row *r)
{
	const struct row *q = t->c->row[one->row];
	int o = order(&t->c->end[r->from], q, r);

	if (!seq_lt(r->seg->ack, q->seg->ack))
		return false;
	/* a window probe has the next number before and after */
	if (o < 0 || (is_pure_ack(q) && row_space(r) > 0 && r->seg->len != 1 &&
			 seq_geq(q->seg->seq, one->mine) &&
			 seq_geq(r->seg->seq, q->seg->seq)))
		return true;
	return one->back && seq_geq(r->seg->ack, one->back_to) &&
	       (o == 0 || since(q, r) >= LATE_NS);
}

static void
refute_unsent(struct taken *t, const struct row *r)
{
	struct claims *l = &t->of[!r->from].unsent;
	uint32_t i;

	for (i = 0; i < l->n; i++)
		l->one[i].wrong |= is_less(t, &l->one[i], r);
}

/* pass - what was sent has reached these numbers: nothing more shows what they
   were before */
static void
pass(struct taken *t, int who)
{
	struct numbers *n = &t->of[who];
	uint32_t i = 0;

	while (i < n->beyond.n)
		if (seq_lt(t->c->row[n->beyond.one[i].row]->seg->seq, n->top))
			settle(t, &n->beyond, i, MARK_OUTSIDE);
		else
			i++;
	i = 0;
	while (i < n->unsent.n)
		if (seq_leq(t->c->row[n->unsent.one[i].row]->seg->ack, n->top))
			settle(t, &n->unsent, i, MARK_UNSENT);
		else
			i++;
}

/* is_outside - or it claims to have been sent into a window that was given */
static bool
is_outside(struct taken *t, struct row *r)
{
	const struct conn_end *me = &t->c->end[r->from];
	const struct conn_end *you = &t->c->end[!r->from];
	struct numbers *n = &t->of[r->from];

	if (!me->from_syn || !n->known)
		return false;
	/* all of it before the SYN */
	if (!n->far && r->seg->seq > INT32_MAX && seq_leq(end_of(r), 1)) {
		r->marks |= MARK_OUTSIDE;
		return true;
	}
	if (!you->from_syn || you->unscaled || !n->have_edge ||
	    seq_leq(r->seg->seq, n->edge))
		return false;
	claim(t, &n->beyond, MARK_OUTSIDE);
	return true;
}

static void
heard(struct taken *t, struct row *r)
{
	struct numbers *n = &t->of[!r->from];

	if (!(r->seg->flags & TH_ACK)) {
		note_sent(t, r);
		return;
	}
	prove_beyond(t, r);
	if (n->known && seq_gt(r->seg->ack, n->top)) {
		claim(t, &n->unsent, MARK_UNSENT);
		return;
	}
	note_sent(t, r);
	note_ack(t, r);
	note_back(t, &t->of[r->from].beyond, r, false);
	note_back(t, &t->of[r->from].unsent, r, true);
	refute_beyond(t, r);
	refute_unsent(t, r);
	t->of[r->from].last = r;
}

/* opened - r is a SYN; no data were sent before its ACK */
static void
opened(struct taken *t, const struct row *r)
{
	const struct numbers *n = &t->of[!r->from];

	note_sent(t, r);
	if (!n->known || seq_leq(r->seg->ack, n->top))
		note_ack(t, r);
}

static void
settle_all(struct taken *t, int who)
{
	struct numbers *n = &t->of[who];

	while (n->beyond.n > 0)
		settle(t, &n->beyond, 0, MARK_OUTSIDE);
	while (n->unsent.n > 0)
		settle(t, &n->unsent, 0, MARK_UNSENT);
}

/* renumber - what came before this row was of another connection */
static void
renumber(struct taken *t, int who)
{
	settle_all(t, who);
	settle_all(t, !who);
	memset(&t->of[who], 0, sizeof(t->of[who]));
	t->of[!who].have_edge = t->of[!who].have_ack = false;
}

/* is_refused - q acknowledges nothing that this end has sent, which is SYNs
   only; r, a reset, has that number: RFC 9293 3.10.7.3 */
static bool
is_refused(const struct taken *t, const struct row *q, const struct row *r)
{
	const struct numbers *n = &t->of[r->from];

	return (q->seg->flags & (TH_ACK | TH_RST)) == TH_ACK && n->known &&
	       !n->acks && q->seg->ack == r->seg->seq &&
	       q->seg->ack - 1 >= n->top;
}

/* refuse - the reset answers what answered a SYN, which then has arrived */
static void
refuse(struct taken *t, const struct row *r)
{
	const struct conn_end *me = &t->c->end[r->from];
	struct row *q;
	uint32_t j, at = NO_ROW;

	if (!me->from_syn || (r->seg->flags & TH_ACK))
		return;
	for (j = t->i; j-- > 0 && t->i - j < NEAR;) {
		q = t->c->row[j];
		if (q->from == r->from) {
			if (!(q->seg->flags & TH_SYN) || at == NO_ROW)
				return;
			q = t->c->row[at];
			syn_answered(t->c, j, !(q->seg->flags & TH_SYN));
			if (q->seg->flags & TH_SYN)
				q->marks |= MARK_UNSENT;
			return;
		}
		if (is_refused(t, q, r))
			at = j;
	}
}

static void
step(struct taken *t)
{
	struct row *r = t->c->row[t->i];
	uint32_t from = t->c->end[r->from].renumbered;

	if (from > 0 && t->i == from)
		renumber(t, r->from);
	if (t->i < from || is_other_syn(r) || (r->marks & MARK_DROPPED))
		return;
	if (r->seg->flags & TH_RST) {
		refuse(t, r);
		return;
	}
	if (r->seg->flags & TH_SYN) {
		opened(t, r);
		return;
	}
	t->of[r->from].acks |= (r->seg->flags & TH_ACK) != 0;
	prove_unsent(t, r);
	if (!is_outside(t, r)) {
		go_on(t, r);
		heard(t, r);
	}
	pass(t, LEFT);
	pass(t, RIGHT);
}

void
find_untaken(struct conn *c)
{
	struct taken t = {.c = c};

	for (; t.i < c->rows; t.i++)
		step(&t);
	settle_all(&t, LEFT);
	settle_all(&t, RIGHT);
}
