/*
 * undo.c - a reduction that turns out to have been needless is taken
 * back. Three ways to know: the peer's timestamp shows that an original has
 * arrived (Eifel, RFC 3522); every retransmission was reported as a duplicate
 * (RFC 3708 by way of D-SACK); or after a time-out the acknowledgments go on
 * without the retransmissions (F-RTO, RFC 5682). And where nothing has been
 * retransmitted yet, an acknowledgment that advances can only be for an
 * original: it was overtaken, not lost. The answer is RFC 4015's: window and
 * threshold are what they were.
 */
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/* count - one more that was retransmitted at that time, and may be needless */
static void
count(struct tcb *tcb, const struct sent *s, uint64_t time)
{
	struct sack_block *all = &tcb->w->undo;

	if (tcb->undo_rtx == UINT16_MAX)
		return;
	if (tcb->undo_rtx++ == 0) {
		tcb->w->undo_ts = tcp_ts_now(time) + tcb->ts_off;
		*all = (struct sack_block){.start = s->seq, .end = s->end};
	}
	all->start = seq_min(all->start, s->seq);
	all->end = seq_max(all->end, s->end);
}

/*
 * is_ours - the duplicate can be of what this recovery has retransmitted: not
 * of what an earlier one has, nor one that the network has made of another
 * segment (RFC 3708 3: each retransmission must be reported)
 */
static bool
is_ours(const struct tcb *tcb, const struct sack_block *dup)
{
	return seq_lt(dup->start, tcb->w->undo.end) &&
	       seq_gt(dup->end, tcb->w->undo.start);
}

/*
 * count_earlier - what an earlier recovery has retransmitted and is still on
 * its way: it was sent before this one's first, and its acknowledgment would
 * pass for that of an original (RFC 3522 3.2 step 2 stores the time of the
 * first retransmission that is outstanding)
 */
static void
count_earlier(struct tcb *tcb)
{
	struct sent *s;

	for (s = tcb->w->fl.oldest; s != NULL; s = s->newer) {
		if (s->tries > 1 && !s->sacked && !s->lost)
			count(tcb, s, s->time);
	}
}

/* tcp_undo_begin - cwnd is about to be reduced; rto: by a time-out */
void
tcp_undo_begin(struct tcb *tcb, bool rto)
{
	if (tcb->w->recovery == REC_OPEN) {
		tcb->undo = true;
		tcb->undo_rtx = 0;
		count_earlier(tcb);
		tcb->undo_cwnd = tcb->cwnd;
		tcb->undo_ssthresh = tcb->ssthresh;
	}
	/* RFC 5682 2.1 step 1: not for a segment that timed out before */
	tcb->w->frto = rto && tcb->w->recovery == REC_OPEN ? FRTO_RESENT
							   : FRTO_OFF;
}

/* tcp_undo_resent - something has been retransmitted */
void
tcp_undo_resent(struct tcb *tcb, const struct sent *s, uint64_t now)
{
	if (tcb->undo && tcb->w->recovery != REC_OPEN)
		count(tcb, s, now);
}

/* take_back - it was needless */
static void
take_back(struct tcb *tcb, uint64_t now)
{
	struct tcp_event ev;
	struct sent *s;

	/* an original was overtaken: RFC 8985 6.2 step 3 */
	if (tcb->w->recovery == REC_FAST)
		tcb->reordering = true;
	for (s = tcb->w->fl.head; s != NULL; s = s->next)
		s->lost = false;
	tcb->w->fl.lost = 0;
	if (tcb->cwnd < tcb->undo_cwnd)
		tcb->cwnd = tcb->undo_cwnd;
	tcb->ssthresh = tcb->undo_ssthresh;
	tcb->w->recovery = REC_OPEN;
	tcb->w->dupacks = 0;
	tcb->w->frto = FRTO_OFF;
	tcb->undo = false;
	tcp_event_tcb(&ev, TCP_EV_TIMEOUT, now, tcb);
	ev.frame = tcb->w->frame;
	ev.why = "spurious";
	ev.rto = tcp_rto(tcb);
	tcb->tcp->host.event(tcb->tcp->host_ctx, &ev);
}

/* frto_says - RFC 5682 2.1 steps 2 and 3; true: the time-out was spurious */
static bool
frto_says(struct tcb *tcb, const struct ack_info *info)
{
	uint32_t two = 2 * tcp_eff_mss(tcb);

	switch ((enum frto)tcb->w->frto) {
	case FRTO_OFF:
		return false;
	case FRTO_RESENT:
		if (info->acked == 0 && !info->dup)
			return false; /* shows nothing about our data */
		tcb->w->frto = FRTO_OFF;
		/* 2a: also when only a part of what was resent is there */
		if (info->acked == 0 || seq_geq(tcb->snd_una, tcb->recover) ||
		    (tcb->w->fl.head != NULL && tcb->w->fl.head->tries > 1))
			return false;
		tcb->w->frto = FRTO_NEW;
		if (tcb->cwnd < two)
			tcb->cwnd = two;
		return false;
	case FRTO_NEW:
		if (info->acked == 0 && !info->dup)
			return false;
		tcb->w->frto = FRTO_OFF;
		if (info->acked == 0) /* 3a: the way back begins now */
			tcb->cwnd = 3 * tcp_eff_mss(tcb);
		return info->acked > 0;
	}
	return false;
}

/* tcp_undo_ack - what an ACK shows about the last reduction; true: needless */
bool
tcp_undo_ack(struct tcb *tcb, const struct ack_info *info)
{
	bool needless = frto_says(tcb, info);

	if (!tcb->undo)
		return false;
	if (info->acked > 0 && tcb->undo_rtx == 0 &&
	    tcb->w->recovery == REC_FAST)
		needless = true;
	if (info->dsack && tcb->undo_rtx > 0 && is_ours(tcb, &info->dup_of) &&
	    --tcb->undo_rtx == 0)
		needless = true;
	if (info->acked > 0 && info->have_ts && tcb->undo_rtx > 0 &&
	    tcb->w->recovery != REC_OPEN &&
	    seq_lt(info->tsecr, tcb->w->undo_ts))
		needless = true;
	if (needless)
		take_back(tcb, info->now);
	return needless;
}
