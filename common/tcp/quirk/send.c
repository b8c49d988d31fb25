/*
 * send.c - the quirks of a sender, and of how a connection begins
 * and ends. How they are called is in quirk.h, what they are for in
 * tcpfsm-quirks(7).
 */
#include <string.h>

#include "tcp/quirk/quirk.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum { OVERLAP_MAX = 500 };

/* ---- the handshake */

static void
tiny_mss(struct bend *b)
{
	if (!(b->h->flags & TH_SYN))
		return;
	b->h->opt.mss = (uint16_t)b->conf->arg;
	quirk_tell(b, "mss");
}

const struct quirk_kind quirk_tiny_mss = {
    .name = "tiny-mss",
    .finds = "an MSS that is not kept to, or below any sense",
    NUMBER(48, 0, 65535),
    .out = tiny_mss,
};

static void
syn_twice(struct bend *b)
{
	if (!(b->h->flags & TH_SYN) || b->s->phase > 0)
		return;
	b->s->phase = 1;
	if (b->conf->arg == 0 || !quirk_hold(b, b->now + b->conf->arg, 0))
		b->times++;
	quirk_tell(b, "twice");
}

const struct quirk_kind quirk_syn_ack_twice = {
    .name = "syn-ack-twice",
    .finds = "a SYN in an open connection resets it",
    DURATION(0, 0, SECONDS(3600)),
    .out = syn_twice,
};

/* a server's SYN-ACK, a client's answer to one: phase 1 begins the wait, in 2
   it is over */
static void
stall_handshake(struct bend *b)
{
	if (b->s->phase == 2 || (b->h->flags & (TH_SYN | TH_ACK)) == TH_SYN)
		return;
	b->dropped = true;
	quirk_tell(b, b->h->flags & TH_SYN ? "syn-ack" : "ack");
	if (b->s->phase == 0 && b->conf->arg > 0)
		b->s->at = b->now + b->conf->arg;
	b->s->phase = 1;
}

static void
stall_over(struct bend *b)
{
	b->s->phase = 2;
	if (b->tcb->c.state == TCPS_SYN_RECEIVED)
		b->tcb->send_syn = true;
	quirk_ack_now(b);
}

const struct quirk_kind quirk_stall_handshake = {
    .name = "stall-handshake",
    .finds = "a connect, or an accept queue, without a time limit",
    DURATION(0, 0, SECONDS(86400)),
    .out = stall_handshake,
    .wake = stall_over,
};

/* ---- the end of a connection */

/* beside - a reset so far from its place that it must not end anything */
static void
rst_beside(struct bend *b)
{
	struct tcp_hdr h = {.flags = TH_RST};

	h.seq = b->q->nxt + (uint32_t)b->conf->arg;
	b->s->acted = true;
	tcp_put_segment(b->tcb, b->now, &h, NULL, 0, 0);
	quirk_tell(b, "reset");
}

/* behind this many bytes, in the middle of a segment if that is the place */
static void
rst_out(struct bend *b)
{
	uint64_t passed = b->q->sent + b->tcb->received;
	uint64_t left = passed < b->conf->at ? b->conf->at - passed : 0;

	if (b->h->flags & TH_RST) {
		b->h->seq = b->q->nxt;
	} else if (b->s->acted || !quirk_is_new_data(b)) {
		return;
	} else if (b->conf->arg > 0) {
		if (quirk_active(b))
			rst_beside(b);
	} else if (b->conf->when != TCP_WHEN_BYTES) {
		return;
	} else if (left == 0) {
		b->dropped = true;
	} else if (b->len > left) {
		b->len = (uint32_t)left;
		b->h->flags &= (uint16_t) ~(TH_FIN | TH_PSH);
	}
}

static void
rst_act(struct bend *b)
{
	if (b->conf->arg > 0) {
		rst_beside(b);
		return;
	}
	quirk_tell(b, "reset");
	tcp_abort(b->tcb, b->now);
}

const struct quirk_kind quirk_rst = {
    .name = "rst",
    .finds = "a reset in mid-payload; one that must not be believed",
    FIRST_DATA(COUNTS_BOTH),
    NUMBER(0, 0, INT32_MAX),
    .out = rst_out,
    .act = rst_act,
};

/* lost - the first so many in each direction: n counts those in, seq out */
static void
fin_lost_in(struct bend *b)
{
	if (!(b->seg->h.flags & TH_FIN) || b->s->n == b->conf->arg)
		return;
	b->s->n++;
	b->seg = NULL;
	quirk_tell(b, "theirs");
}

static void
fin_lost_out(struct bend *b)
{
	if (!(b->h->flags & TH_FIN) || b->s->seq == b->conf->arg)
		return;
	b->s->seq++;
	b->dropped = true;
	quirk_tell(b, "ours");
}

const struct quirk_kind quirk_fin_lost = {
    .name = "fin-lost",
    .finds = "a lost FIN is never sent again",
    NUMBER(1, 1, 100),
    .in = fin_lost_in,
    .out = fin_lost_out,
};

static void
speak_anew(struct bend *b)
{
	quirk_speak(b->tcb, b->now);
}

static void
half_close(struct bend *b, struct speech *sp)
{
	if (b->conf->when == TCP_WHEN_BYTES) {
		if (sp->upto < b->conf->at)
			return;
		sp->upto = b->conf->at;
	} else {
		if (!b->s->acted)
			return;
		sp->upto = quirk_said(b->tcb);
	}
	sp->fin = true;
	if (b->s->phase == 0)
		quirk_tell(b, "fin");
	b->s->phase = 1;
}

const struct quirk_kind quirk_half_close = {
    .name = "half-close",
    .finds = "our FIN taken as the end of both directions",
    .counts = COUNTS_SENT,
    .when = TCP_WHEN_OPEN,
    .act = speak_anew,
    .speak = half_close,
};

static void
never_fin(struct bend *b, struct speech *sp)
{
	if (sp->fin && b->s->phase == 0)
		quirk_tell(b, "kept");
	b->s->phase |= sp->fin;
	sp->fin = false;
}

const struct quirk_kind quirk_never_fin = {
    .name = "never-fin",
    .finds = "a socket stuck in FIN-WAIT-2, a reader waiting for ever",
    .speak = never_fin,
};

/* ---- our data */

static void
old_timestamps(struct bend *b)
{
	if (!b->h->opt.have_ts || !quirk_active(b) ||
	    (b->h->flags & (TH_SYN | TH_RST)))
		return;
	b->h->opt.tsval -= (uint32_t)(b->conf->arg / NS_MS);
	quirk_tell(b, "tsval");
}

const struct quirk_kind quirk_old_timestamps = {
    .name = "old-timestamps",
    .finds = "old duplicates are taken: no PAWS",
    FIRST_DATA(COUNTS_SENT),
    DURATION(SECONDS(10), NS_MS, SECONDS(2000000)),
    .out = old_timestamps,
};

/* agreed on, and then missing, as behind something that takes them out */
static void
no_timestamps(struct bend *b)
{
	if (!b->h->opt.have_ts || !quirk_active(b) || (b->h->flags & TH_SYN))
		return;
	b->h->opt.have_ts = false;
	quirk_tell(b, "missing");
}

const struct quirk_kind quirk_no_timestamps = {
    .name = "no-timestamps",
    .finds = "a connection that hangs where timestamps are taken out",
    FIRST_DATA(COUNTS_BOTH),
    .out = no_timestamps,
};

static void
reorder_own(struct bend *b)
{
	if (!quirk_active(b) || !quirk_is_new_data(b) || b->q->nheld > 0 ||
	    !quirk_hold(b, b->now + 20 * NS_MS, (uint32_t)b->conf->arg))
		return;
	b->held = true;
	quirk_tell(b, "held");
}

const struct quirk_kind quirk_reorder_own = {
    .name = "reorder-own",
    .finds = "data out of order are lost or put in the wrong place",
    FIRST_DATA(COUNTS_SENT),
    NUMBER(1, 1, 100),
    .out = reorder_own,
};

/*
 * overlap_data - before each segment one that has some bytes of it, and as
 * many before it. Those before it are other bytes where the peer has them
 * already: it must not take them.
 */
static void
overlap_data(struct bend *b)
{
	struct tcb *tcb = b->tcb;
	uint8_t buf[2 * OVERLAP_MAX];
	uint32_t back = (uint32_t)b->conf->arg, on = back, old, i;
	uint32_t before = b->h->seq - tcb->iss - 1;
	struct tcp_hdr h = *b->h;

	if (!quirk_active(b) || !quirk_is_new_data(b))
		return;
	if (back > tcp_eff_mss(tcb) / 2)
		back = on = tcp_eff_mss(tcb) / 2;
	if (on > b->len)
		on = b->len;
	if (back > before)
		back = before;
	if (back == 0)
		return;
	old = tcb->snd_una - (h.seq - back);
	if (seq_leq(tcb->snd_una, h.seq - back))
		old = 0;
	else if (old > back)
		old = back;
	memset(buf, '#', old);
	for (i = old; i < back; i++)
		buf[i] = *tcb->tcp->app.data(tcb->tcp->app_ctx, tcb,
		    tcb->una_off + (h.seq - back + i - tcb->snd_una), 1);
	memcpy(buf + back, b->data, on);
	h.seq -= back;
	h.flags &= (uint16_t) ~(TH_FIN | TH_PSH);
	tcp_put_segment(tcb, b->now, &h, buf, back + on, b->ecn);
	quirk_tell(b, "again");
}

const struct quirk_kind quirk_overlap_data = {
    .name = "overlap-data",
    .finds = "bytes that came before are taken twice, or overwritten",
    FIRST_DATA(COUNTS_SENT),
    NUMBER(10, 1, OVERLAP_MAX),
    .out = overlap_data,
};

static void
urgent(struct bend *b)
{
	if (b->s->phase > 0 || !quirk_active(b) || !quirk_is_new_data(b))
		return;
	b->s->phase = 1;
	b->h->flags |= TH_URG;
	b->h->urp = (uint16_t)b->conf->arg;
	quirk_tell(b, "urgent");
}

const struct quirk_kind quirk_urgent = {
    .name = "urgent",
    .finds = "a byte that urgent data take out of the stream",
    FIRST_DATA(COUNTS_SENT),
    NUMBER(1, 0, 65535),
    .out = urgent,
};

static void
ignore_window(struct bend *b)
{
	if (!quirk_active(b) || !(b->seg->h.flags & TH_ACK))
		return;
	if ((uint32_t)b->seg->h.wnd << b->tcb->snd_wscale < b->tcb->mss)
		quirk_tell(b, "ignored");
	b->seg->h.wnd = 65535;
}

const struct quirk_kind quirk_ignore_window = {
    .name = "ignore-window",
    .finds = "bytes beyond the window are taken, or overrun a buffer",
    .counts = COUNTS_SENT,
    .when = TCP_WHEN_ALWAYS,
    .in = ignore_window,
};

/* n is the offset up to which may be sent, from phase 1 on; a byte more when
   the timer has run out and all was sent */
static void
slow_drip(struct bend *b, struct speech *sp)
{
	struct quirk_slot *s = b->s;
	uint64_t said = quirk_said(b->tcb);

	if (s->phase == 0 && b->conf->when == TCP_WHEN_BYTES)
		s->n = b->conf->at;
	else if (s->phase == 0 && (s->acted || quirk_active(b)))
		s->n = said;
	else if (s->phase == 0)
		return;
	s->phase = 1;
	if (s->at == 0 && said == s->n && sp->upto > s->n)
		s->n++;
	if (sp->upto <= s->n)
		return;
	sp->upto = s->n;
	sp->fin = false;
}

static void
slow_drip_out(struct bend *b)
{
	struct quirk_slot *s = b->s;

	if (s->phase == 0 || s->at != 0 || !quirk_is_new_data(b) ||
	    quirk_said(b->tcb) < s->n)
		return;
	s->at = b->now + b->conf->arg;
	if (s->n > b->conf->at || b->conf->when != TCP_WHEN_BYTES)
		quirk_tell(b, "byte");
}

const struct quirk_kind quirk_slow_drip = {
    .name = "slow-drip",
    .finds = "a reader without a time limit: a tarpit of one byte a time",
    .counts = COUNTS_SENT,
    .when = TCP_WHEN_OPEN,
    DURATION(SECONDS(1), NS_MS, SECONDS(86400)),
    .out = slow_drip_out,
    .act = speak_anew,
    .wake = speak_anew,
    .speak = slow_drip,
};
