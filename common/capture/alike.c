/*
 * alike.c - segments of one end that are alike, through a hash of what must
 * be the same; see study.h. A crafted capture may have many of one hash: only
 * the latest of those are compared.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/study.h"
#include "capture/ranges.h"

enum {
	TRIES = 64,	  /* of one hash */
	PAIRS_FEW = 3,	  /* that may be copies, */
	PAIRS_MIN = 4,	  /* that show how much later these come, */
	PAIRS_MAX = 1024, /* of which these give the time */
};

/* ---- the table */

/* hash_of - of options where none is cut: a copy may lack them */
static uint32_t
hash_of(const struct row *r, bool options)
{
	const struct tcpseg *s = r->seg;
	uint32_t h = tcpseg_mix(UINT32_C(2166136261), r->from);

	h = tcpseg_mix(tcpseg_mix(h, s->seq), s->ack);
	h = tcpseg_mix(
	    tcpseg_mix(h, s->len), (uint32_t)s->flags << 16 | s->wnd);
	if (options && s->opt.have_ts)
		h = tcpseg_mix(tcpseg_mix(h, s->opt.tsval), s->opt.tsecr);
	if (options && s->opt.nsack > 0)
		h = tcpseg_mix(
		    tcpseg_mix(h, s->opt.sack[0].start), s->opt.sack[0].end);
	return h;
}

static bool
same_options(const struct tcp_opts *a, const struct tcp_opts *b)
{
	int i;

	if (a->have_ts != b->have_ts || a->tsval != b->tsval ||
	    a->tsecr != b->tsecr || a->nsack != b->nsack)
		return false;
	for (i = 0; i < a->nsack; i++)
		if (a->sack[i].start != b->sack[i].start ||
		    a->sack[i].end != b->sack[i].end)
			return false;
	return true;
}

bool
has_other_data(const struct row *a, const struct row *b)
{
	const struct tcpseg *s = a->seg, *t = b->seg;
	uint32_t n = s->there < t->there ? s->there : t->there;

	if (a->from != b->from || s->seq != t->seq)
		return false;
	if (s->there == t->there && s->sum != t->sum)
		return true;
	return memcmp(s->head, t->head,
		   n < sizeof(s->head) ? n : sizeof(s->head)) != 0;
}

bool
same_stamp(const struct tcpseg *a, const struct tcpseg *b)
{
	if (!a->cut && !b->cut)
		return a->opt.have_ts && b->opt.have_ts &&
		       a->opt.tsval == b->opt.tsval;
	return (a->opt.have_ts || b->opt.have_ts) && a->cksum == b->cksum &&
	       a->summed != SUM_OFFLOAD;
}

bool
same_header(const struct tcpseg *a, const struct tcpseg *b)
{
	if (a->ack != b->ack || a->wnd != b->wnd)
		return false;
	if (!a->cut && !b->cut)
		return same_options(&a->opt, &b->opt);
	/* of what was cut away the checksum tells, if it is one */
	if (a->summed == SUM_OFFLOAD || b->summed == SUM_OFFLOAD)
		return a->ip_id == b->ip_id;
	return a->cksum == b->cksum;
}

bool
is_vague(const struct tcpseg *a, const struct tcpseg *b)
{
	return (a->cut || b->cut) &&
	       (a->summed == SUM_OFFLOAD || b->summed == SUM_OFFLOAD) &&
	       (a->ip_id == 0 || b->ip_id == 0);
}

static bool
are_alike(const struct row *r, const struct row *q)
{
	const struct tcpseg *a = r->seg, *b = q->seg;

	return r->from == q->from && a->seq == b->seq && a->len == b->len &&
	       a->flags == b->flags && same_header(a, b) &&
	       !has_other_data(r, q);
}

/* link_rows - next: room for the chain of each hash, head[0 to mask] */
static void
link_rows(const struct conn *c, uint32_t *alike, uint32_t *next, uint32_t *head,
    uint32_t mask)
{
	uint32_t i, j, *slot;
	bool whole = true;
	int tries;

	for (i = 0; i < c->rows; i++)
		whole &= !c->row[i]->seg->cut;
	for (i = 0; i < c->rows; i++) {
		slot = &head[hash_of(c->row[i], whole) & mask];
		j = *slot;
		for (tries = 0; j != NO_ROW && tries < TRIES; tries++) {
			if (are_alike(c->row[i], c->row[j]))
				break;
			j = next[j];
		}
		alike[i] = tries < TRIES ? j : NO_ROW;
		next[i] = *slot;
		*slot = i;
	}
}

uint32_t *
find_alike(const struct conn *c)
{
	uint32_t slots = 1, *alike;

	while (slots < c->rows)
		slots *= 2;
	alike = malloc((2 * (size_t)c->rows + slots) * sizeof(*alike));
	if (alike == NULL)
		return NULL;
	memset(alike + 2 * (size_t)c->rows, 0xff, slots * sizeof(*alike));
	link_rows(
	    c, alike, alike + c->rows, alike + 2 * (size_t)c->rows, slots - 1);
	return alike;
}

/* ---- how much later copies come */

/* pair_of - the row that i is the only one to repeat; NO_ROW: none */
static uint32_t
pair_of(const struct study *k, uint32_t i, int who)
{
	uint32_t j = k->c->row[i]->from == who ? k->alike[i] : NO_ROW;

	return j != NO_ROW && k->alike[j] == NO_ROW ? j : NO_ROW;
}

static int
by_length(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* shift_by_ids - as two pairs with the same identification show: one alone may
   be a retransmission with the identification of the first; 0 */
static uint64_t
shift_by_ids(const struct study *k, int who)
{
	const struct row *then, *r;
	uint64_t shift = 0, before;
	uint32_t i, j;

	for (i = 0; i < k->c->rows; i++) {
		r = k->c->row[i];
		j = r->from == who ? k->alike[i] : NO_ROW;
		then = j != NO_ROW ? k->c->row[j] : NULL;
		if (then == NULL || !has_ids(&k->c->end[who], then, r) ||
		    then->seg->ip_id != r->seg->ip_id)
			continue;
		before = shift;
		shift = since(then, r);
		if (before > 0 && is_shifted(before, shift))
			return shift;
	}
	return 0;
}

/*
 * shift_by_pairs - three quarters of an end's packets have one like them as
 * long after: so many are not retransmitted, least of all its acknowledgments
 */
static uint64_t
shift_by_pairs(const struct study *k, int who)
{
	uint64_t length[PAIRS_MAX], shift;
	uint32_t i, j, n = 0, all = 0, near = 0;

	for (i = 0; i < k->c->rows; i++) {
		all += k->c->row[i]->from == who;
		j = pair_of(k, i, who);
		if (j != NO_ROW && n < PAIRS_MAX)
			length[n++] = since(k->c->row[j], k->c->row[i]);
	}
	if (n < PAIRS_MIN)
		return 0;
	qsort(length, n, sizeof(length[0]), by_length);
	shift = length[n / 2];
	for (i = 0; i < k->c->rows; i++) {
		j = pair_of(k, i, who);
		near += j != NO_ROW &&
			is_shifted(shift, since(k->c->row[j], k->c->row[i]));
	}
	return near >= PAIRS_MIN && near >= all / 8 * 3 ? shift : 0;
}

bool
has_pairs(struct study *k, int who)
{
	uint32_t i, all = 0, pairs = 0;

	if (k->pairs_known[who])
		return k->pairs[who];
	for (i = 0; i < k->c->rows; i++)
		if (k->c->row[i]->from == who && row_space(k->c->row[i]) > 0) {
			all++;
			pairs += k->alike[i] != NO_ROW;
		}
	k->pairs_known[who] = true;
	k->pairs[who] = pairs >= PAIRS_MIN && 8 * pairs >= 3 * all;
	return k->pairs[who];
}

bool
is_merged(struct study *k)
{
	uint32_t i, j, pairs = 0, more = 0;

	if (k->merged_known)
		return k->merged;
	k->merged_known = true;
	for (i = 0; i < k->c->rows; i++) {
		j = k->alike[i];
		pairs += j != NO_ROW;
		more += j != NO_ROW && k->alike[j] != NO_ROW;
	}
	k->merged = more == 0 && pairs >= PAIRS_FEW &&
		    16 * pairs >= 7 * k->c->rows;
	return k->merged;
}

uint64_t
find_shift(const struct study *k, int who)
{
	struct conn_end *e = &k->c->end[who];

	if (e->shift_known)
		return e->shift;
	e->shift_known = true;
	e->shift = shift_by_ids(k, who);
	if (e->shift == 0)
		e->shift = shift_by_pairs(k, who);
	return e->shift;
}
