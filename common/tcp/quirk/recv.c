/*
 * recv.c - the quirks of a receiver: its window and its
 * acknowledgments. How they are called is in quirk.h, what they are for
 * in tcpfsm-quirks(7).
 */
#include "tcp/quirk/quirk.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

/* ---- the receive window */

/* bound_edge - the window ends at edge, if it does not end before; what was
   kept beyond is forgotten. True when that made it smaller. */
static bool
bound_edge(struct bend *b, uint32_t edge)
{
	uint32_t shift = b->h->flags & TH_SYN ? 0 : b->tcb->rcv_wscale;
	uint32_t nxt = b->tcb->rcv_nxt;
	uint32_t room = seq_gt(edge, nxt) ? edge - nxt : 0;

	if (room >= (uint32_t)b->h->wnd << shift)
		return false;
	b->h->wnd = (uint16_t)(room >> shift);
	b->tcb->rcv_adv = nxt + ((uint32_t)b->h->wnd << shift);
	tcp_reass_free(b->tcb);
	return true;
}

/* close_at - zero_window and persist_tarpit: no byte beyond seq is taken */
static void
close_at(struct bend *b, uint32_t seq)
{
	if (!bound_edge(b, seq) || b->h->wnd > 0)
		return;
	quirk_tell(b, "closed");
	if (b->s->phase == 0 && b->conf->arg > 0 && b->kind->wake != NULL)
		b->s->at = b->now + b->conf->arg;
	b->s->phase = 1;
}

/* phase 1: it is closed, 2: open again. From a number of bytes on the window
   closes like that of a reader that stops; else at once, at seq */
static void
zero_window(struct bend *b)
{
	bool bytes = b->conf->when == TCP_WHEN_BYTES;

	if (b->s->phase == 2 || !(bytes || quirk_active(b)))
		return;
	if (b->s->phase == 0)
		b->s->seq = bytes ? b->tcb->irs + 1 + (uint32_t)b->conf->at
				  : b->tcb->rcv_nxt;
	close_at(b, b->s->seq);
}

static void
zero_act(struct bend *b)
{
	if (b->conf->when != TCP_WHEN_BYTES)
		quirk_ack_now(b);
}

static void
zero_over(struct bend *b)
{
	b->s->phase = 2;
	quirk_tell(b, "open");
	quirk_ack_now(b);
}

const struct quirk_kind quirk_zero_window = {
    .name = "zero-window",
    .finds = "stuck at a zero window: no probe, or no data when it opens",
    .counts = COUNTS_RECEIVED,
    .when = TCP_WHEN_BYTES,
    DURATION(0, 0, SECONDS(86400)),
    .out = zero_window,
    .act = zero_act,
    .wake = zero_over,
};

static void
window_shrink(struct bend *b)
{
	if ((b->h->flags & TH_SYN) || !quirk_active(b))
		return;
	if (bound_edge(b, b->tcb->rcv_nxt + (uint32_t)b->conf->arg))
		quirk_tell(b, "shrunk");
}

const struct quirk_kind quirk_window_shrink = {
    .name = "window-shrink",
    .finds = "a window that shrinks becomes a huge one: right edge moved back",
    FIRST_DATA(COUNTS_RECEIVED),
    NUMBER(536, 1, 1 << 30),
    .out = window_shrink,
    .act = quirk_ack_now,
};

static void
tarpit_window(struct bend *b)
{
	close_at(b, b->tcb->irs + 1 + (uint32_t)b->conf->arg);
}

static void
say_nothing(struct bend *b, struct speech *sp)
{
	sp->upto = 0;
	sp->fin = false;
}

const struct quirk_kind quirk_persist_tarpit = {
    .name = "persist-tarpit",
    .finds = "a connection held for ever by answered window probes",
    NUMBER(10, 0, 65535),
    .out = tarpit_window,
    .speak = say_nothing,
};

/* ---- acknowledgments */

/* withhold - this segment acknowledges no more than the last one */
static void
withhold(struct bend *b)
{
	if (b->h->flags & (TH_SYN | TH_RST))
		return;
	if (quirk_is_pure_ack(b))
		b->dropped = true;
	b->h->ack = b->q->ack_told;
	b->h->opt.nsack = 0;
}

/* what has data or a FIN is as if it had none: it is never acknowledged */
static void
never_ack_in(struct bend *b)
{
	if (!quirk_active(b) || tcp_seg_space(b->seg) == 0 ||
	    (b->seg->h.flags & TH_SYN))
		return;
	b->seg->len = 0;
	b->seg->h.flags &= (uint16_t)~TH_FIN;
	b->s->phase = 1;
	quirk_tell(b, "ignored");
}

static void
never_ack_out(struct bend *b)
{
	if (b->s->phase == 1)
		withhold(b);
}

const struct quirk_kind quirk_never_ack = {
    .name = "never-ack",
    .finds = "data are not sent again, or for ever",
    FIRST_DATA(COUNTS_RECEIVED),
    .in = never_ack_in,
    .out = never_ack_out,
};

/* delay - unless enough has come, or phase 1: the time is over */
static void
delay(struct bend *b, bool enough, uint64_t time)
{
	if (!quirk_active(b) || b->h->ack == b->q->ack_told)
		return;
	if (enough || b->s->phase == 1) {
		b->s->phase = 0;
		b->s->at = 0;
		b->s->n = b->q->segs_in;
		return;
	}
	if (b->s->at == 0)
		b->s->at = b->now + time;
	withhold(b);
	quirk_tell(b, "withheld");
}

static void
delay_over(struct bend *b)
{
	b->s->phase = 1;
	quirk_ack_now(b);
}

static void
ack_delay(struct bend *b)
{
	delay(b, false, b->conf->arg);
}

const struct quirk_kind quirk_ack_delay = {
    .name = "ack-delay",
    .finds = "a retransmission timer that does not adapt",
    FIRST_DATA(COUNTS_RECEIVED),
    DURATION(SECONDS(1), 0, SECONDS(3600)),
    .out = ack_delay,
    .wake = delay_over,
};

/* a lone segment is acknowledged at last, as RFC 9293 3.8.6.3 wants it */
static void
stretch_ack(struct bend *b)
{
	delay(b, b->q->segs_in - b->s->n >= b->conf->arg, NS_S / 2);
}

const struct quirk_kind quirk_stretch_ack = {
    .name = "stretch-ack",
    .finds = "a congestion window that counts ACKs, not bytes",
    FIRST_DATA(COUNTS_RECEIVED),
    NUMBER(8, 2, 10000),
    .out = stretch_ack,
    .wake = delay_over,
};

static void
ack_unsent(struct bend *b)
{
	if (!quirk_active(b) || !(b->h->flags & TH_ACK) ||
	    (b->h->flags & (TH_SYN | TH_RST)))
		return;
	b->h->ack += (uint32_t)b->conf->arg;
	quirk_tell(b, "ack");
}

const struct quirk_kind quirk_ack_unsent = {
    .name = "ack-unsent",
    .finds = "what was never sent is taken as acknowledged",
    FIRST_DATA(COUNTS_RECEIVED),
    NUMBER(1460, 1, INT32_MAX),
    .out = ack_unsent,
};

/* without SACK: where it is agreed, only what it reports is a duplicate */
static void
dup_ack(struct bend *b)
{
	if (b->h->flags & TH_SYN)
		b->h->opt.sack_ok = b->tcb->sack_ok = false;
	if (!quirk_active(b) || !quirk_is_pure_ack(b))
		return;
	b->times += b->conf->arg;
	quirk_tell(b, "again");
}

const struct quirk_kind quirk_dup_ack = {
    .name = "dup-ack",
    .finds = "a storm of duplicate ACKs breaks fast retransmit",
    FIRST_DATA(COUNTS_RECEIVED),
    NUMBER(100, 1, 10000),
    .out = dup_ack,
};

/* phase 1: a segment was left out, what follows it is acknowledged by SACK;
   when it comes again, 2, the rest is forgotten */
static void
sack_lie(struct bend *b)
{
	struct tcb *tcb = b->tcb;

	if (!quirk_active(b) || !tcb->sack_ok || b->seg->len == 0 ||
	    !tcp_may_receive(tcb) || b->s->phase == 2)
		return;
	if (b->s->phase == 0 && b->seg->h.seq == tcb->rcv_nxt) {
		b->s->phase = 1;
		b->seg = NULL;
		quirk_tell(b, "left-out");
	} else if (b->s->phase == 1 && seq_leq(b->seg->h.seq, tcb->rcv_nxt)) {
		/* nothing has followed: there was no lie, try the next one */
		b->s->phase = tcb->w->ooo == NULL ? 0 : 2;
		if (b->s->phase == 2)
			quirk_tell(b, "forgotten");
		tcp_reass_free(tcb);
	}
}

const struct quirk_kind quirk_sack_lie = {
    .name = "sack-lie",
    .finds = "what SACK acknowledged is never retransmitted",
    FIRST_DATA(COUNTS_RECEIVED),
    .in = sack_lie,
};

/* what an ACK acknowledges is reported as if it had come before, too: the
   first block, RFC 2883 4 */
static void
dsack_lie(struct bend *b)
{
	struct tcp_opts *o = &b->h->opt;
	unsigned i;

	if (!quirk_active(b) || !b->tcb->sack_ok || !quirk_is_pure_ack(b) ||
	    !seq_gt(b->h->ack, b->q->ack_told))
		return;
	if (o->nsack < (o->have_ts ? 3u : 4u))
		o->nsack++;
	for (i = o->nsack - 1u; i > 0; i--)
		o->sack[i] = o->sack[i - 1];
	o->sack[0].start = b->q->ack_told;
	o->sack[0].end = b->h->ack;
	quirk_tell(b, "block");
}

const struct quirk_kind quirk_dsack_lie = {
    .name = "dsack-lie",
    .finds = "a sender that takes every reduction back, or waits ever longer",
    FIRST_DATA(COUNTS_RECEIVED),
    .out = dsack_lie,
};

/* ---- what the network does to new options */

/* a mark that is echoed for ever, whatever CWR says; with Accurate ECN these
   flags are a counter */
static void
ecn_echo(struct bend *b)
{
	if (!b->tcb->ecn_ok || !quirk_active(b) ||
	    (b->h->flags & (TH_SYN | TH_RST)))
		return;
	b->h->flags |= TH_ECE;
	quirk_tell(b, "echo");
}

const struct quirk_kind quirk_ecn_echo = {
    .name = "ecn-echo",
    .finds = "a window that an echo of congestion brings to nothing",
    FIRST_DATA(COUNTS_RECEIVED),
    .out = ecn_echo,
};

static void
ecn_bleach(struct bend *b)
{
	struct tcp_hdr *h = b->h;

	if ((h->flags & TH_SYN) || !quirk_active(b) ||
	    ((h->flags & TH_ECN) == 0 && !h->opt.acc.have))
		return;
	h->flags &= (uint16_t)~TH_ECN;
	h->opt.acc.have = false;
	quirk_tell(b, "bleached");
}

const struct quirk_kind quirk_ecn_bleach = {
    .name = "ecn-bleach",
    .finds = "feedback of marks that is believed where something clears it",
    .counts = COUNTS_BOTH,
    .when = TCP_WHEN_ALWAYS,
    .out = ecn_bleach,
};

/* the first SYN-ACK that answers a Fast Open option is lost, as where
   something drops such SYNs: RFC 7413 7.1 */
static void
fast_open_lost(struct bend *b)
{
	const uint16_t syn_ack = TH_SYN | TH_ACK;

	if ((b->h->flags & syn_ack) != syn_ack || b->s->phase > 0 ||
	    (!b->h->opt.have_cookie && !b->tcb->c.fast_open))
		return;
	b->s->phase = 1;
	b->dropped = true;
	quirk_tell(b, "syn-ack");
}

const struct quirk_kind quirk_fast_open_lost = {
    .name = "fast-open-lost",
    .finds = "a client that never connects where Fast Open does not pass",
    .out = fast_open_lost,
};
