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

enum {
	BACK_MAX = 256, /* rows to look at for a copy */
	COPIES_MIN = 4, /* that show a second place of the network */
};

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

/* is_late - as late as other copies of its end */
static bool
is_late(const struct study *k, uint32_t i)
{
	const struct row *r = k->c->row[i];
	uint64_t shift = find_shift(k, r->from);

	return shift > SHIFT_NS &&
	       is_shifted(shift, since(k->c->row[k->alike[i]], r));
}

/*
 * has_places - the capture has two places, of which one has a part only:
 * between the first and the last copy that is late, most packets of that end
 * have such a copy. The network makes two of single ones.
 */
static bool
has_places(const struct study *k, int who)
{
	uint32_t first = NO_ROW, last = 0, copies = 0, all = 0, i;
	const struct row *r;

	for (i = 0; i < k->c->rows; i++) {
		r = k->c->row[i];
		if (r->from != who || !(r->marks & MARK_TWICE) ||
		    k->alike[i] == NO_ROW || !is_late(k, i))
			continue;
		first = k->alike[i] < first ? k->alike[i] : first;
		last = k->alike[i] > last ? k->alike[i] : last;
		copies++;
	}
	for (i = first; i <= last; i++) {
		r = k->c->row[i];
		all += r->from == who && !(r->marks & MARK_TWICE);
	}
	return copies >= COPIES_MIN && 3 * copies >= 2 * all;
}

void
judge_copies(struct study *k)
{
	struct conn_end *e;
	struct row *r;
	bool places[2] = {has_places(k, LEFT), has_places(k, RIGHT)};
	uint32_t i;

	for (i = 0; i < k->c->rows; i++) {
		r = k->c->row[i];
		e = &k->c->end[r->from];
		if ((r->marks & (MARK_TWICE | MARK_DOUBLED)) == MARK_TWICE &&
		    3 * e->twice < 2 * e->rows && is_here(k, i) &&
		    !(places[r->from] && is_late(k, i))) {
			r->marks |= MARK_UNSURE;
			e->copies++;
		}
	}
}
