/*
 * damaged.c - segments whose checksum is wrong; see study.h.
 *
 * What was damaged on its way is dropped by its receiver (RFC 9293 3.10.7): it
 * has not arrived, whatever its numbers and flags are, and these may be what
 * was damaged. They hold where the same was sent in a segment that is right.
 *
 * A wrong checksum alone shows nothing: offload fills it in behind the capture,
 * for all of an end or for its longest segments, and a capture may have been
 * edited. So most segments of the end have a right one. What was acknowledged
 * although it was sent once was not damaged, nor what was captured again,
 * behind the end, and is right there.
 */
#include <stdlib.h>

#include "capture/reuse.h"
#include "capture/study.h"
#include "wire/tcp_seq.h"

enum {
	BACK_MAX = 256, /* rows to look at for a copy */
	SAME_MAX = 64,	/* those with one number */
};

#define PLACES_NS UINT64_C(1000000000) /* between two of the network */

#define SPECIAL (TH_SYN | TH_FIN | TH_RST)

/* what an end has sent in segments that are right */
struct right {
	const struct row **row; /* by number */
	uint32_t n, acked;	/* acked: the most */
	uint32_t good, bad;	/* segments */
	bool have_ack;
};

static int
by_seq(const void *a, const void *b)
{
	const struct tcpseg *s = (*(const struct row *const *)a)->seg;
	const struct tcpseg *t = (*(const struct row *const *)b)->seg;

	if (s->seq != t->seq)
		return s->seq < t->seq ? -1 : 1;
	return s->len < t->len ? -1 : s->len > t->len;
}

static bool
is_wrong(const struct row *r)
{
	return tcpseg_wrong(r->seg);
}

/* is_like - of the same end, with the same numbers */
static bool
is_like(const struct row *a, const struct row *b)
{
	return a->from == b->from && a->seg->seq == b->seg->seq &&
	       a->seg->len == b->seg->len;
}

/* collect - the right ones of both ends */
static void
collect(const struct conn *c, struct right e[2])
{
	const struct row *r;
	struct right *me;
	uint32_t i;

	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		me = &e[r->from];
		if (is_wrong(r))
			continue;
		if (row_space(r) > 0)
			me->row[me->n++] = r;
		if ((r->seg->flags & (TH_ACK | TH_RST)) != TH_ACK)
			continue;
		if (!me->have_ack || seq_gt(r->seg->ack, me->acked))
			me->acked = r->seg->ack;
		me->have_ack = true;
	}
	for (i = 0; i < 2; i++)
		if (e[i].n > 0)
			qsort(e[i].row, e[i].n, sizeof(*e[i].row), by_seq);
}

/* behind - the first right one that begins behind seq */
static uint32_t
behind(const struct right *e, uint32_t seq)
{
	uint32_t low = 0, high = e->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (e->row[mid]->seg->seq <= seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* is_there - the same numbers are in one that is right, or some of them */
static bool
is_there(const struct right *e, const struct row *r)
{
	uint32_t at = behind(e, r->seg->seq);

	return (at > 0 &&
		   seq_gt(e->row[at - 1]->seg->seq + row_space(e->row[at - 1]),
		       r->seg->seq)) ||
	       (at < e->n &&
		   seq_lt(e->row[at]->seg->seq, r->seg->seq + row_space(r)));
}

/* is_same - one that is right has these numbers and flags: both hold */
static bool
is_same(const struct right *e, const struct row *r)
{
	uint32_t at = behind(e, r->seg->seq), n = SAME_MAX;
	const struct tcpseg *s;

	while (at-- > 0 && n-- > 0 && e->row[at]->seg->seq == r->seg->seq) {
		s = e->row[at]->seg;
		if (s->len == r->seg->len &&
		    ((s->flags ^ r->seg->flags) & SPECIAL) == 0)
			return true;
		if (s->len < r->seg->len)
			break;
	}
	return false;
}

/* arrived - it was acknowledged, and not because it was sent again */
static bool
arrived(const struct right *me, const struct right *you, const struct row *r)
{
	return r->seg->len > 0 && !(r->seg->flags & (TH_SYN | TH_RST)) &&
	       seq_gt(r->seg->seq, 0) && you->have_ack &&
	       seq_geq(you->acked, r->seg->seq + r->seg->len) &&
	       !is_there(me, r);
}

/* is_later - one that is right is the same packet, captured behind r */
static bool
is_later(const struct right *e, const struct row *r)
{
	uint32_t at = behind(e, r->seg->seq), n = SAME_MAX;
	const struct tcpseg *s = r->seg, *t;

	while (at-- > 0 && n-- > 0 && e->row[at]->seg->seq == s->seq) {
		t = e->row[at]->seg;
		if (t->len < s->len)
			break;
		if (t->len == s->len && t->time >= s->time &&
		    (s->ip_id != 0 ? t->ip_id == s->ip_id
				   : s->opt.have_ts && t->opt.have_ts &&
					 s->opt.tsval == t->opt.tsval))
			return true;
	}
	return false;
}

/* mark - dropped: what this end has sent with a wrong one */
static void
mark(struct conn *c, const struct right e[2], const bool dropped[2])
{
	struct row *r;
	uint32_t i;

	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		if (!is_wrong(r) || e[r->from].good == 0)
			continue;
		r->marks |= MARK_BADSUM;
		if (dropped[r->from])
			r->marks |= MARK_DROPPED;
		if (dropped[r->from] && !is_same(&e[r->from], r))
			r->marks |= MARK_VOID;
	}
}

int
find_damaged(struct conn *c)
{
	struct right e[2] = {{.n = 0}, {.n = 0}};
	bool dropped[2];
	const struct row *r, **all;
	uint32_t i;

	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		e[r->from].good += r->seg->summed == SUM_GOOD;
		e[r->from].bad += is_wrong(r);
	}
	if ((e[LEFT].good == 0 || e[LEFT].bad == 0) &&
	    (e[RIGHT].good == 0 || e[RIGHT].bad == 0))
		return 0;
	for (i = 0; i < 2; i++)
		dropped[i] = e[i].bad < e[i].good;
	all = malloc((size_t)2 * c->rows * sizeof(*all));
	if (all == NULL)
		return -1;
	e[LEFT].row = all;
	e[RIGHT].row = all + c->rows;
	collect(c, e);
	for (i = 0; i < c->rows; i++) {
		r = c->row[i];
		if (is_wrong(r) && (arrived(&e[r->from], &e[!r->from], r) ||
				       is_later(&e[r->from], r)))
			dropped[r->from] = false;
	}
	mark(c, e, dropped);
	free(all);
	return 0;
}

bool
is_void(struct study *k)
{
	const struct tcpseg *s = k->r->seg;
	const struct conn_end *me = k->me, *you = k->you;
	bool same; /* ACK as before */

	if (!(k->r->marks & MARK_DROPPED))
		return false;
	if (s->len > 0 && !(s->flags & SPECIAL) && me->have_nxt &&
	    s->seq == me->nxt) /* new data are whole, but for their bytes */
		k->r->marks &= ~(uint32_t)MARK_VOID;
	same = me->have_ack && s->ack == me->ack;
	if ((s->flags & TH_ACK) && !same &&
	    (!you->have_nxt || seq_gt(s->ack, you->nxt) ||
		(me->have_ack && seq_lt(s->ack, me->ack))))
		k->r->marks |= MARK_VOID;
	return k->r->marks & MARK_VOID;
}

/*
 * is_due - it was captured at another place than then, and less often than
 * there: one may still come. Row j is the one behind then
 */
static bool
is_due(struct study *k, const struct row *then, uint32_t j)
{
	uint32_t here = 0, there = 1;
	const struct row *r;

	if (same_place(then, k->r))
		return false;
	for (; j < k->i; j++) {
		r = k->c->row[j];
		if (!is_like(r, k->r))
			continue;
		here += same_place(r, k->r);
		there += same_place(r, then);
	}
	return here < there;
}

/*
 * is_hurt_of - then, before row j, is the same packet: other packets have
 * copies as long after them, or at another place. Where it was sent several
 * times the copies of all come behind
 */
static bool
is_hurt_of(struct study *k, const struct row *then, uint32_t j)
{
	uint64_t shift = find_shift(k, k->r->from), apart = since(then, k->r);

	return (shift > 0 && is_shifted(shift, apart)) ||
	       (apart < PLACES_NS && is_due(k, then, j));
}

bool
is_hurt(struct study *k)
{
	const struct row *r;
	uint32_t j;

	if (!(k->r->marks & MARK_DROPPED))
		return false;
	for (j = k->i; j-- > 0 && k->i - j <= BACK_MAX && !busy(k, 1);) {
		r = k->c->row[j];
		if (r->from != k->r->from ||
		    (r->marks & (MARK_TWICE | MARK_DROPPED)))
			continue;
		if (has_ids(k->me, r, k->r)) {
			if (r->seg->ip_id == k->r->seg->ip_id)
				return since(r, k->r) < COPY_NS;
		} else if (is_like(r, k->r)) {
			return is_hurt_of(k, r, j + 1);
		}
	}
	return false;
}

void
judge_damaged(struct row *r)
{
	bool sure;

	if (!(r->marks & MARK_DROPPED) || (r->marks & MARK_TWICE))
		return;
	/* data that are not sent again: perhaps not damaged, but made so */
	sure = (r->marks & (MARK_VOID | MARK_AGAIN)) || row_space(r) == 0 ||
	       r->lost > 0;
	r->lost = row_space(r);
	r->marks |= MARK_LOST;
	r->marks &= ~(uint32_t)(MARK_MAYBE | MARK_NEEDLESS);
	r->marks |= sure ? 0 : MARK_MAYBE;
}
