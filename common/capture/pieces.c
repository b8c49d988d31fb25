/*
 * pieces.c - packets that are cut otherwise than when they were captured
 * first: a super-frame and its segments, at two places of the way; see study.h.
 */
#include <stdlib.h>

#include "capture/study.h"
#include "capture/ranges.h"
#include "wire/tcp_seq.h"

enum {
	BACK_MAX = 128, /* packets to look at for a number */
	CUT_MIN = 64,	/* no segment of a super-frame is shorter, but the
			     last one */
};

static int
by_seq(const void *a, const void *b)
{
	const struct piece *p = a, *q = b;

	if (p->from != q->from)
		return p->from < q->from ? -1 : 1;
	if (p->seq != q->seq)
		return p->seq < q->seq ? -1 : 1;
	return p->row < q->row ? -1 : p->row > q->row;
}

/* make_pieces - once for a connection; without memory there are none */
static void
make_pieces(struct study *k)
{
	const struct conn *c = k->c;
	uint32_t i;

	k->sorted = true;
	k->piece = malloc(c->rows * sizeof(*k->piece));
	if (k->piece == NULL)
		return;
	for (i = 0; i < c->rows; i++)
		if (row_space(c->row[i]) > 0 &&
		    !(c->row[i]->marks & MARK_UNTAKEN))
			k->piece[k->pieces++] = (struct piece){
			    c->row[i]->seg->seq, i, c->row[i]->from};
	qsort(k->piece, k->pieces, sizeof(*k->piece), by_seq);
}

/* behind - the first piece of k's sender that begins behind seq */
static uint32_t
behind(const struct study *k, uint32_t seq)
{
	const struct piece want = {seq, UINT32_MAX, k->r->from};
	uint32_t low = 0, high = k->pieces, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (by_seq(&k->piece[mid], &want) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* is_cut - from the same data: segments of a super-frame differ in nothing
   but their numbers, and PSH, FIN and CWR, which only one of them has. Of
   options that were cut away nothing tells */
static bool
is_cut(const struct row *a, const struct row *b)
{
	const unsigned some = TH_PSH | TH_FIN | TH_CWR;
	const struct tcpseg *s = a->seg, *t = b->seg;

	if ((s->flags & ~some) != (t->flags & ~some))
		return false;
	return s->cut || t->cut ? s->ack == t->ack && s->wnd == t->wnd
				: same_header(s, t);
}

/* may_look - at one piece more; bounded, whatever comes */
static bool
may_look(struct study *k)
{
	return k->looked++ < WORK_FREE + (uint64_t)k->i * WORK_MAX;
}

/* is_seen - the first segment of that super-frame, so long and with its
   identification, was captured before k->r: a row of k->r's sender, or k->r
   itself */
static bool
is_seen(struct study *k, const struct tcpseg *frame, uint32_t len)
{
	uint32_t seq = frame->seq;
	uint32_t at = behind(k, seq), n = 0;
	const struct piece *p;
	const struct tcpseg *s = k->r->seg;

	if (s->seq == seq && s->len == len && s->ip_id == frame->ip_id)
		return true;
	while (at > 0 && n++ < BACK_MAX && may_look(k)) {
		p = &k->piece[--at];
		if (p->from != k->r->from || p->seq != seq)
			return false;
		s = k->c->row[p->row]->seg;
		if (p->row < k->i && s->len == len && s->ip_id == frame->ip_id)
			return true;
	}
	return false;
}

/*
 * fits - the identification of a segment is as far from that of its
 * super-frame as there are segments between them
 */
static bool
fits(struct study *k, const struct tcpseg *a, const struct tcpseg *b)
{
	const struct tcpseg *first = seq_gt(a->seq, b->seq) ? b : a,
			    *last = first == a ? b : a;
	uint32_t apart = last->seq - first->seq, n, each;

	if (a->ip_id == 0 || b->ip_id == 0)
		return true;
	n = (uint16_t)(last->ip_id - first->ip_id);
	if (n == 0 || apart == 0)
		return n == 0 && apart == 0;
	each = apart / n;
	if (apart % n != 0 || each < CUT_MIN)
		return false;
	/* all are as long, but the last one of the super-frame: how long shows
	   another one, also where the first one is no longer than a packet */
	if (last->len <= TCPSEG_ONE)
		return (last->len == each && first->len > TCPSEG_ONE) ||
		       ((last->len == each ||
			    (last->len < each &&
				apart + last->len >= first->len)) &&
			   is_seen(k, first, each));
	return apart + last->len >= first->len || last->len % each == 0;
}

/* holds - the next row backwards, before k->r, whose data are cut from the same
   and have that number; at: from 0 pieces to look at on; NULL: no more */
static struct row *
holds(struct study *k, uint32_t seq, uint32_t *at, uint32_t *n)
{
	const struct piece *p;
	struct row *r;

	while (*at > 0 && (*n)++ < BACK_MAX && may_look(k)) {
		p = &k->piece[--*at];
		if (p->from != k->r->from)
			return NULL;
		r = k->c->row[p->row];
		if (p->row < k->i && seq - p->seq < row_space(r) &&
		    is_cut(r, k->r))
			return r;
	}
	return NULL;
}

struct row *
piece_before(struct study *k, uint32_t seq)
{
	struct row *r;
	uint32_t at, n = 0;

	if (!k->sorted)
		make_pieces(k);
	at = behind(k, seq);
	while ((r = holds(k, seq, &at, &n)) != NULL)
		if ((r->seg->seq != k->r->seg->seq ||
			r->seg->len != k->r->seg->len) &&
		    fits(k, r->seg, k->r->seg))
			return r;
	return NULL;
}

bool
piece_fits(const struct study *k, const struct row *then)
{
	const struct tcpseg *frame = k->r->seg, *s = then->seg;
	uint32_t apart = s->seq - frame->seq, each;
	uint16_t n = (uint16_t)(s->ip_id - frame->ip_id);

	if (frame->len <= TCPSEG_ONE || apart >= frame->len || n == 0 ||
	    apart % n != 0 || !has_ids(k->me, then, k->r) ||
	    !is_cut(then, k->r) || since(then, k->r) >= RTO_NS ||
	    has_other_data(then, k->r))
		return false;
	each = apart / n;
	return each >= CUT_MIN &&
	       (s->len == each ? apart + each <= frame->len
			       : s->len < each && apart + s->len == frame->len);
}

bool
piece_is_due(struct study *k, const struct row *then, uint32_t seq)
{
	uint32_t at = behind(k, seq), n = 0, here = 0, there = 0;
	const struct row *r;

	while ((r = holds(k, seq, &at, &n)) != NULL) {
		here += same_place(r, k->r);
		there += same_place(r, then);
	}
	return here < there;
}
