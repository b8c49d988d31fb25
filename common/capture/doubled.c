/*
 * doubled.c - the capture has a packet twice: has the capture made two of it,
 * or the network? See study.h.
 *
 * A capture that sees packets twice sees most of them twice. What the network
 * has made two of comes twice, and the other end tells that by D-SACK
 * (RFC 2883). A retransmission tells the same, so its D-SACK is that of the
 * retransmission where there is one. A byte that keeps the connection alive, or
 * probes a window, is answered so as well, however often it comes.
 */
#include "capture/ranges.h"
#include "capture/study.h"

enum { BACK_MAX = 256 }; /* rows to look at for a copy */

/* is_here - the copy was captured at the place of the original */
static bool
is_here(const struct study *k, uint32_t i)
{
	return k->alike[i] != NO_ROW &&
	       same_place(k->c->row[i], k->c->row[k->alike[i]]) &&
	       !(k->c->row[i]->marks & MARK_ELSEWHERE);
}

/* is_old - the byte was sent before, or may have been before the capture */
static bool
is_old(const struct study *k, const struct row *r)
{
	return (r->marks & (MARK_KEEPALIVE | MARK_PROBE)) ||
	       (r->seg->len == 1 && r->seg->seq == 1 && !k->you->from_syn);
}

bool
made_two(struct study *k, const struct sack_block *b)
{
	struct row *r;
	uint32_t j;

	if (has_pairs(k, !k->r->from))
		return false;
	for (j = k->i; j-- > 0 && k->i - j <= BACK_MAX && !busy(k, 1);) {
		r = k->c->row[j];
		if (r->from == k->r->from || !(r->marks & MARK_TWICE) ||
		    (r->marks & MARK_DOUBLED) || r->seg->seq != b->start ||
		    r->seg->seq + row_space(r) != b->end || !is_here(k, j) ||
		    is_old(k, k->c->row[k->alike[j]]))
			continue;
		r->marks |= MARK_DOUBLED;
		k->you->twice--;
		k->you->doubled++;
		return true;
	}
	return false;
}

/* is_late - as other copies of that end are: a capture of two places, as the
   network is not as slow each time */
static bool
is_late(const struct study *k, uint32_t i)
{
	const struct row *r = k->c->row[i];
	uint64_t shift = find_shift(k, r->from);

	return shift > SHIFT_NS &&
	       is_shifted(shift, since(k->c->row[k->alike[i]], r));
}

void
judge_copies(struct study *k)
{
	const struct conn_end *e;
	struct row *r;
	uint32_t i;

	for (i = 0; i < k->c->rows; i++) {
		r = k->c->row[i];
		e = &k->c->end[r->from];
		if ((r->marks & (MARK_TWICE | MARK_DOUBLED)) == MARK_TWICE &&
		    3 * e->twice < 2 * e->rows && is_here(k, i) &&
		    !is_late(k, i))
			r->marks |= MARK_UNSURE;
	}
}
