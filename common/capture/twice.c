/*
 * twice.c - is it the same packet once more? See study.h.
 *
 * A capture has a packet twice when it was made at two places, or of a packet
 * on its way in and out. IPv4's identification shows it, where that counts up;
 * else the timestamp of RFC 7323, the MAC addresses, or the time between.
 */
#include "capture/study.h"
#include "capture/ranges.h"
#include "wire/tcp_seq.h"

enum {
	TICKS = 4,	  /* of a clock that is known by the capture's time */
	ALIKE_MAX = 16,	  /* segments that are alike to look at */
	PIECES_MAX = 256, /* of one super-frame */
};

#define TWICE_NS  UINT64_C(1000000)    /* without an identification */
#define DOUBLE_NS UINT64_C(10000000)   /* the network made two of one */
#define TWICE_MAC UINT64_C(1000000000) /* at another place of the network */
#define SYN_NS	  UINT64_C(900000000)  /* what no SYN is retransmitted in */

/* is it the same packet? */
enum same { OTHER, PERHAPS, SAME };

/* is_asked - the other end misses something: what it misses is retransmitted
   at once */
static bool
is_asked(const struct study *k)
{
	const struct sack_block *b = k->me->block;
	int i;

	for (i = 0; i < TCP_MAXSACK; i++)
		if (b[i].start != b[i].end &&
		    seq_gt(b[i].start, k->r->seg->seq) &&
		    seq_gt(b[i].start, k->me->una))
			return true;
	return k->you->dups > 0;
}

/* is_told - the other end has said that it has all of it: what asks for more
   asks for something else */
static bool
is_told(const struct study *k)
{
	const struct sack_block *b = k->me->block;
	uint32_t seq = k->r->seg->seq, end = seq + row_space(k->r);
	int i;

	for (i = 0; i < TCP_MAXSACK; i++)
		if (b[i].start != b[i].end && seq_leq(b[i].start, seq) &&
		    seq_geq(b[i].end, end))
			return true;
	return k->me->have_una && seq_geq(k->me->una, end);
}

/* is_stamped - both have the same timestamp, and the clock goes on */
static bool
is_stamped(const struct study *k, const struct row *then)
{
	return same_stamp(k->r->seg, then->seg) && !k->me->stands_still;
}

/*
 * by_stamp - the same timestamp, this long after: a retransmission has a later
 * one, unless the clock is slow (RFC 7323 5.4), and needs a time-out or a
 * request
 */
static enum same
by_stamp(const struct study *k, const struct row *then, uint64_t apart)
{
	const struct tcpseg *s = k->r->seg;
	uint64_t most = s->flags & TH_SYN ? SYN_NS : RTO_NS;

	if (!is_stamped(k, then))
		return OTHER;
	if (k->me->tick > 0 && apart / TICKS > k->me->tick)
		return SAME;
	if (apart >= TWICE_MAC)
		return OTHER;
	if (row_space(k->r) == 0) /* no end goes back */
		return k->me->have_ack && seq_lt(s->ack, k->me->ack) ? SAME
								     : OTHER;
	return apart < most && !is_asked(k) ? SAME : PERHAPS;
}

/*
 * by_shift - other packets of this end have copies that come as long after
 * them. Nothing is sure if only those of the other end have some, or too few
 * packets were sent to tell; nor so soon, when nothing asks for it: the network
 * may have made two of one, as may a long way that it has behind it
 */
static enum same
by_shift(struct study *k, uint64_t apart)
{
	uint64_t shift = find_shift(k, k->r->from);

	if (shift > 0 && is_shifted(shift, apart))
		return SAME;
	if (row_space(k->r) == 0)
		return OTHER;
	if (is_told(k) ? apart < DOUBLE_NS || apart < k->you->half
		       : apart < DOUBLE_NS && !is_asked(k))
		return PERHAPS;
	return apart < TWICE_MAC &&
		       (shift > 0 || find_shift(k, !k->r->from) > 0 ||
			   is_merged(k))
		   ? PERHAPS
		   : OTHER;
}

/* has_copies - one of both ends sent what was captured twice */
static bool
has_copies(const struct study *k)
{
	return k->me->twice + k->me->elsewhere + k->you->twice +
		   k->you->elsewhere >
	       0;
}

/* is_doubled - within a millisecond: no time-out is that short, but duplicate
   ACKs are alike, too, and so are resets that answer a segment each */
static enum same
is_doubled(const struct study *k, bool answered)
{
	if (k->r->seg->flags & TH_RST)
		return !answered && has_copies(k) ? SAME : OTHER;
	if (!is_pure_ack(k->r))
		return answered && is_asked(k) ? PERHAPS : SAME;
	return !answered && (k->me->twice > 0 || !k->you->have_nxt ||
				seq_leq(k->you->nxt, k->r->seg->ack))
		   ? SAME
		   : OTHER;
}

/*
 * is_due - fewer of these packets were captured at this place of the network,
 * which the MAC addresses show, than at that of then: one may still come
 */
static bool
is_due(const struct study *k, const struct row *then)
{
	const struct row *r;
	uint32_t j = k->alike[k->i], here = 0, there = 0, n;

	for (n = 0; j != NO_ROW && n < ALIKE_MAX; n++, j = k->alike[j]) {
		r = k->c->row[j];
		if (since(r, k->r) >= TWICE_MAC)
			break;
		here += same_place(r, k->r);
		there += same_place(r, then);
	}
	return here < there;
}

/* by_time - what nothing but its timestamp and the time tells from then, which
   was captured at the same place */
static enum same
by_time(struct study *k, const struct row *then, bool answered)
{
	uint64_t apart = since(then, k->r);
	enum same same;

	/* their blocks of SACK may differ */
	if (is_pure_ack(k->r) && is_vague(then->seg, k->r->seg))
		return apart == 0 ? SAME : OTHER;
	if (apart < TWICE_NS)
		return is_doubled(k, answered);
	same = by_stamp(k, then, apart);
	if (same != SAME && !is_stamped(k, then))
		same = by_shift(k, apart);
	/* the timestamp, which would tell, was cut off */
	if (same == OTHER && (then->seg->cut || k->r->seg->cut) &&
	    (k->r->seg->flags & TH_SYN) && apart < SYN_NS)
		same = PERHAPS;
	return same;
}

/*
 * by_id - the same identification: some systems retransmit with it, after a
 * time-out; what has no sequence numbers is not retransmitted
 */
static enum same
by_id(struct study *k, const struct row *then)
{
	uint64_t apart = since(then, k->r);

	if (apart < RTO_NS || row_space(k->r) == 0 || !same_place(then, k->r) ||
	    (k->r->seg->opt.have_ts && !k->me->stands_still))
		return SAME;
	return by_shift(k, apart) == SAME ? SAME : PERHAPS;
}

/* is_copy - then and now, alike, are one packet; answered: between them the
   other end has sent something */
static enum same
is_copy(struct study *k, const struct row *then, bool answered)
{
	uint64_t apart = since(then, k->r);
	enum same same;

	/* no copy has another identification; one may have the same by chance,
	   or as all packets have it */
	if (then->seg->ip_id != k->r->seg->ip_id && then->seg->ip_id != 0 &&
	    k->r->seg->ip_id != 0)
		return OTHER;
	if (has_ids(k->me, then, k->r))
		return by_id(k, then);
	if (!same_place(then, k->r))
		return apart < TWICE_MAC && is_due(k, then) ? SAME : OTHER;
	same = by_time(k, then, answered);
	/* there may be too few packets to see whether it counts up */
	if (same == OTHER && k->r->seg->ip_id != 0 &&
	    then->seg->ip_id == k->r->seg->ip_id && row_space(k->r) > 0)
		same = PERHAPS;
	return same;
}

/* elsewhere - the copy was seen at another place: it is no fault of the
   capture */
static void
elsewhere(const struct study *k, const struct row *then)
{
	if (then->seg->link != k->r->seg->link)
		k->r->marks |= MARK_ELSEWHERE;
}

/* find_copy - a row that is alike and is the same packet, or may be: which */
static struct row *
find_copy(struct study *k, enum same want)
{
	uint32_t j = k->alike[k->i], n;
	bool answered;

	for (n = 0; j != NO_ROW && n < ALIKE_MAX; n++, j = k->alike[j]) {
		answered = k->you->before != NO_ROW && k->you->before > j;
		if (is_copy(k, k->c->row[j], answered) == want)
			return k->c->row[j];
	}
	return NULL;
}

/* is_piece - then has number seq of the row's data, and is the same packet, but
   cut otherwise */
static enum same
is_piece(struct study *k, const struct row *then, uint32_t seq)
{
	bool answered = k->you->before != NO_ROW &&
			since(then, k->c->row[k->you->before]) > 0;
	uint64_t apart = since(then, k->r);

	if (has_other_data(then, k->r))
		return OTHER;
	/* a retransmission may have an identification that fits by chance */
	if (has_ids(k->me, then, k->r) &&
	    (k->r->seg->opt.have_ts ||
		(apart < RTO_NS && !(answered && is_asked(k)))))
		return SAME;
	if (!same_place(then, k->r))
		return apart < TWICE_MAC && piece_is_due(k, then, seq) ? SAME
								       : OTHER;
	/* other bytes: the checksum does not show the timestamp that was cut */
	if ((then->seg->cut || k->r->seg->cut) && apart >= TWICE_NS)
		return by_shift(k, apart);
	return by_time(k, then, answered);
}

/* are_packets - neither is longer than a packet, so neither was made of both,
   but where packets are short */
static bool
are_packets(const struct row *a, const struct row *b)
{
	return a->seg->len <= TCPSEG_ONE && b->seg->len <= TCPSEG_ONE;
}

/*
 * is_pieced - every byte is in packets before that are cut otherwise: a
 * super-frame and its segments. If only the first ones are, the others may have
 * been missed.
 */
static enum same
is_pieced(struct study *k, bool *ids)
{
	uint32_t seq = k->r->seg->seq, end = seq + row_space(k->r), n;
	enum same all = SAME, same;
	struct row *then;

	*ids = true;
	if (k->r->seg->len == 0 || (k->r->seg->flags & (TH_SYN | TH_RST)) ||
	    !k->me->have_nxt || seq_geq(seq, k->me->nxt))
		return OTHER;
	for (n = 0; seq_lt(seq, end); n++) {
		then = n < PIECES_MAX ? piece_before(k, seq) : NULL;
		same = then != NULL ? is_piece(k, then, seq) : OTHER;
		if (same == OTHER)
			return n > 0 ? PERHAPS : OTHER;
		if (same == PERHAPS ||
		    (are_packets(k->r, then) && !has_ids(k->me, then, k->r)))
			all = PERHAPS;
		*ids &= has_ids(k->me, then, k->r);
		seq = then->seg->seq + row_space(then);
	}
	return all;
}

/*
 * note_copy - that r is a copy of then is not sure in every sense. The original
 * is, where other copies come as late, and a retransmission would have another
 * timestamp: without one all that is retransmitted may come a round trip later
 */
static void
note_copy(const struct study *k, struct row *then)
{
	uint64_t shift = find_shift(k, k->r->from);
	bool stamped = is_stamped(k, then);

	if (!has_ids(k->me, then, k->r)) {
		if (!stamped || shift == 0 ||
		    !is_shifted(shift, since(then, k->r)))
			then->marks |= MARK_MAYBE;
		k->r->marks |= MARK_MAYBE;
	}
	elsewhere(k, then);
}

bool
is_twice(struct study *k)
{
	struct row *then = NULL;
	enum same pieced;
	bool ids;

	if (k->alike[k->i] != NO_ROW)
		then = find_copy(k, SAME);
	if (then != NULL) {
		note_copy(k, then);
		return true;
	}
	pieced = is_pieced(k, &ids);
	if (pieced == SAME) {
		k->r->marks |= ids ? 0 : MARK_MAYBE;
		return true;
	}
	if (k->alike[k->i] != NO_ROW)
		then = find_copy(k, PERHAPS);
	if (then != NULL)
		then->marks |= MARK_MAYBE;
	if (then != NULL || pieced == PERHAPS)
		k->r->marks |= MARK_MAYBE | MARK_UNSURE;
	return false;
}
