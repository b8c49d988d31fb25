/*
 * sack.c - the scoreboard: what an acknowledgment, cumulative (RFC 9293)
 * and selective (RFC 2018, 2883), shows about what is in flight.
 */
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum {
	SACK_PIECES = 1024, /* that small writes may make, */
	SACK_LOSSES = 4096, /* and losses in a large window */
};

/* delivered - s, or the part of it up to end, is known to have arrived */
static void
delivered(struct tcb *tcb, struct sent *s, const struct tcp_opts *o,
    struct ack_info *info)
{
	if (s->sacked)
		return;
	info->delivered += s->end - s->seq;
	if (tcb->pace != NULL)
		tcp_rate_delivered(tcb, s, info);
	if (s->tries == 1)
		info->rtt = info->now > s->time ? info->now - s->time : 1;
	else
		info->again = true;
	tcp_rack_delivered(tcb, s, o, info);
}

/* trim_head - the first bytes of s, up to ack, are acknowledged */
static void
trim_head(struct tcb *tcb, struct sent *s, uint32_t ack)
{
	uint32_t n = ack - s->seq;

	if (s->lost)
		tcb->w->fl.lost -= n;
	if (s->sacked)
		tcb->w->fl.sacked -= n;
	s->seq = ack;
}

static void
take_cumulative(struct tcb *tcb, uint32_t ack, const struct tcp_opts *o,
    struct ack_info *info)
{
	struct sent *s, part;

	info->acked = ack - tcb->snd_una;
	tcb->una_off += info->acked;
	tcb->tcp->stats.sent += info->acked;
	tcb->snd_una = ack;
	while ((s = tcb->w->fl.head) != NULL && seq_lt(s->seq, ack)) {
		if (seq_leq(s->end, ack)) {
			delivered(tcb, s, o, info);
			if (s->fin) { /* a sequence number, but no byte */
				tcb->una_off--;
				tcb->tcp->stats.sent--;
			}
			tcp_sent_done(tcb, s);
			continue;
		}
		part = *s;
		part.end = ack;
		delivered(tcb, &part, o, info);
		trim_head(tcb, s, ack);
	}
}

/*
 * cut - split s for a block, unless the peer's blocks have made more pieces
 * than any that lost whole segments would, or than an acknowledgment may cost:
 * each piece makes every later one dearer (the attack of CVE-2019-11477 and
 * -11478). What is not marked is retransmitted.
 */
static bool
cut(struct tcb *tcb, struct sent *s, uint32_t seq)
{
	uint32_t most = 2 * ((tcb->snd_nxt - tcb->snd_una) / tcp_eff_mss(tcb));

	if (most > SACK_LOSSES)
		most = SACK_LOSSES;
	return tcb->w->fl.count < SACK_PIECES + most && !tcp_scarce(tcb) &&
	       tcp_sent_split(tcb, s, seq);
}

/*
 * mark - s has arrived. Neighbours that have, too, become one record: so the
 * list is as long as there are holes in it, not segments, and every
 * acknowledgment walks it.
 */
static struct sent *
mark(struct tcb *tcb, struct sent *s)
{
	if (s->lost)
		tcb->w->fl.lost -= s->end - s->seq;
	s->lost = false;
	s->sacked = true;
	tcb->w->fl.sacked += s->end - s->seq;
	if (s->prev != NULL && s->prev->sacked)
		s = tcp_sent_join(tcb, s->prev);
	if (s->next != NULL && s->next->sacked)
		s = tcp_sent_join(tcb, s);
	return s;
}

/* take_block - one SACK block; the records it covers are marked */
static void
take_block(struct tcb *tcb, const struct sack_block *b,
    const struct tcp_opts *o, struct ack_info *info)
{
	struct sent *s;

	for (s = tcb->w->fl.head; s != NULL && seq_lt(s->seq, b->end);
	     s = s->next) {
		if (s->sacked || seq_leq(s->end, b->start))
			continue;
		/* without memory for the parts the whole counts as missing */
		if (seq_lt(s->seq, b->start)) {
			if (!cut(tcb, s, b->start))
				return;
			continue;
		}
		if (seq_gt(s->end, b->end) && !cut(tcb, s, b->end))
			return;
		delivered(tcb, s, o, info);
		s = mark(tcb, s);
	}
}

/*
 * is_dsack - RFC 2883 4: the first block reports a duplicate when it lies
 * below the cumulative ACK or inside the second block
 */
static bool
is_dsack(const struct tcp_opts *o, uint32_t ack)
{
	const struct sack_block *a = &o->sack[0], *b = &o->sack[1];

	if (o->nsack == 0)
		return false;
	if (seq_lt(a->start, ack))
		return true;
	return o->nsack > 1 && seq_geq(a->start, b->start) &&
	       seq_leq(a->end, b->end);
}

/*
 * check_sample - Karn's rule, RFC 6298 3: an ACK that may answer either of
 * two transmissions gives no sample, and neither do the segments that had
 * to wait for it. A timestamp shows which it was (RFC 7323 4.1).
 */
static void
check_sample(
    const struct tcb *tcb, const struct tcp_opts *o, struct ack_info *info)
{
	uint32_t ms;

	if (!info->again)
		return;
	info->rtt = 0;
	/* an ACK of a duplicate echoes what came before it: the first copy's
	   time, however long ago, when that one's ACK was lost */
	if (!tcb->ts_ok || !o->have_ts || o->tsecr == 0 || info->dsack)
		return;
	ms = tcp_ts_now(info->now) - (o->tsecr - tcb->ts_off);
	if (ms < MAX_RTO / 1000000)
		info->rtt = ms > 0 ? ms * UINT64_C(1000000) : 500000;
}

/*
 * take_blocks - the lowest first: RACK takes a lower one that comes later
 * for reordering (RFC 8985 6.2 step 3)
 */
static void
take_blocks(struct tcb *tcb, uint32_t ack, const struct tcp_opts *o,
    struct ack_info *info)
{
	const struct sack_block *b, *best;
	uint32_t from = seq_max(ack, tcb->snd_una);
	int i;

	do {
		best = NULL;
		for (i = info->dsack ? 1 : 0; i < o->nsack; i++) {
			b = &o->sack[i];
			if (seq_lt(b->start, b->end) &&
			    seq_gt(b->start, from) &&
			    seq_leq(b->end, tcb->snd_nxt) &&
			    (best == NULL || seq_lt(b->start, best->start)))
				best = b;
		}
		if (best != NULL) {
			take_block(tcb, best, o, info);
			from = best->start;
		}
	} while (best != NULL);
}

void
tcp_sack_acked(struct tcb *tcb, uint32_t ack, const struct tcp_opts *o,
    struct ack_info *info)
{
	if (seq_gt(ack, tcb->snd_una))
		take_cumulative(tcb, ack, o, info);
	info->dsack = tcb->sack_ok && is_dsack(o, ack);
	info->dup_of = o->sack[0];
	check_sample(tcb, o, info);
	info->have_ts = tcb->ts_ok && o->have_ts && o->tsecr != 0;
	info->tsecr = o->tsecr;
	if (!tcb->sack_ok) {
		tcp_rate_done(tcb, info);
		return;
	}
	tcp_rack_dsack(tcb, info->dsack ? &o->sack[0] : NULL);
	take_blocks(tcb, ack, o, info);
	tcp_tlp_acked(tcb, ack, o, info);
	tcp_rate_done(tcb, info);
	tcp_rack_detect(tcb, info);
}

/* tcp_next_lost - RFC 6675 4, NextSeg() rule 1: the first that is lost */
struct sent *
tcp_next_lost(const struct tcb *tcb)
{
	struct sent *s;

	if (tcb->w->fl.lost == 0)
		return NULL;
	for (s = tcb->w->fl.head; s != NULL && !s->lost; s = s->next)
		;
	return s;
}
