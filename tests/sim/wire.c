/*
 * wire.c - what the frames alone tell, in whatever state an engine thinks
 * that it is: it acknowledges what has arrived and nothing else, keeps to
 * the window that it was told of, keeps the promise of its own, is patient
 * with a silent peer and silent when there is nothing to say.
 */
#include "invariant.h"
#include "sim.h"
#include "wire/tcp_seq.h"

enum { CE = 3 }; /* of the IP header's byte */

static struct side *
other_side(const struct side *d)
{
	return &d->call->side[!d->end->who];
}

uint32_t
seq_expected(const struct side *d)
{
	return d->w.irs + 1 + d->got + (d->eof ? 1 : 0);
}

unsigned
wire_shift(const struct side *d)
{
	if (d->w.up)
		return d->w.shift;
	if ((d->call->strip & STRIP_WSCALE) || d->w.wscale < 0 ||
	    other_side(d)->w.wscale < 0)
		return 0;
	return (unsigned)d->w.wscale;
}

static bool
is_open(const struct side *d)
{
	return d->w.up && d->opened && !d->closed;
}

/* bits - of these n bytes those in the word of the first; how many: part */
static uint64_t
bits(uint32_t off, uint32_t n, uint32_t *part)
{
	uint32_t room = 64 - off % 64;

	*part = n < room ? n : room;
	return UINT64_MAX >> (64 - *part) << off % 64;
}

static void
note_bytes(struct side *d, uint32_t off, uint32_t n)
{
	uint32_t part;

	if (off > MAX_TOTAL)
		return;
	if (n > MAX_TOTAL + 1 - off)
		n = MAX_TOTAL + 1 - off;
	for (; n > 0; n -= part, off += part)
		d->arrived[off / 64] |= bits(off, n, &part);
}

bool
wire_has(const struct side *d, uint32_t seq, uint32_t end)
{
	uint32_t off = seq - d->w.irs - 1, n = end - seq, part;
	uint64_t mask;

	if (off > MAX_TOTAL || n > MAX_TOTAL + 1 - off)
		return false;
	for (; n > 0; n -= part, off += part) {
		mask = bits(off, n, &part);
		if ((d->arrived[off / 64] & mask) != mask)
			return false;
	}
	return true;
}

void
wire_opened(struct side *d, uint64_t now)
{
	const struct side *o = other_side(d);

	invariant_numbers(d->tcb, &d->w.iss, &d->w.irs);
	/* the other end may be opened again, by another SYN */
	d->w.shift = wire_shift(d);
	d->w.up = true;
	d->w.acked = d->w.iss + 1;
	d->w.max_seq = invariant_next(d->tcb);
	note_bytes(d, 0, d->got); /* with the SYN: RFC 7413 */
	d->w.have_edge = d->w.have_shown = false;
	d->w.progress_at = d->w.heard_at = now;
	d->w.ack_due = NEVER;
	d->w.again_gap = 0;
	d->w.acks_out = 0;
	d->w.expected = d->w.irs;
	if (is_open(o) && (o->w.irs != d->w.iss || o->w.iss != d->w.irs))
		wrong(d->end->sim, "the ends do not agree where they began");
}

/* ---- what an end sends ---- */

/* check_sack - RFC 2018 4: only what has arrived, the FIN with its number */
static void
check_sack(struct sim *s, const struct side *d, const struct tcp_hdr *h)
{
	uint32_t off, end;
	int i;

	for (i = 0; i < h->opt.nsack; i++) {
		off = h->opt.sack[i].start - d->w.irs - 1;
		end = h->opt.sack[i].end - d->w.irs - 1;
		if (off >= end || end > MAX_TOTAL + 1) {
			wrong(s, "SACK of %u to %u", off, end);
			return;
		}
		if (!wire_has(d, h->opt.sack[i].start, h->opt.sack[i].end))
			wrong(
			    s, "SACK of %u to %u: not all has come", off, end);
	}
}

/* check_promise - the right edge never goes back: RFC 9293 3.8.6 SHLD-14 */
static void
check_promise(struct sim *s, struct side *d, const struct tcp_hdr *h)
{
	uint32_t edge = h->ack + ((uint32_t)h->wnd << wire_shift(d));

	if (d->w.have_shown && seq_lt(edge, d->w.shown))
		wrong(
		    s, "the window's edge goes back by %u", d->w.shown - edge);
	d->w.shown = edge;
	d->w.have_shown = true;
}

/*
 * check_again - a time-out that follows a time-out waits twice as long, up
 * to a minute: RFC 6298 5.5. No pace puts off what is retransmitted.
 */
static void
check_again(struct sim *s, struct side *d, uint32_t seq)
{
	struct wire *w = &d->w;
	uint64_t gap = s->now - w->again_at;

	if (!s->late && w->again_seq == seq && w->again_heard == w->frames_in) {
		/* the first wait may have begun otherwise, the second not */
		if (gap < 59 * NS_PER_SEC &&
		    gap + 10 * NS_PER_MS < w->again_gap * 19 / 10)
			wrong(s, "sent again after %.3f s, before that %.3f s",
			    (double)gap / 1e9, (double)w->again_gap / 1e9);
		w->again_gap = w->again_count++ > 0 ? gap : 0;
	} else {
		w->again_gap = w->again_count = 0;
	}
	w->again_seq = seq;
	w->again_at = s->now;
	w->again_heard = w->frames_in;
}

/* check_data - a segment that takes n sequence numbers */
static void
check_data(struct sim *s, struct side *d, uint32_t seq, uint32_t n)
{
	struct wire *w = &d->w;

	if (seq_gt(seq, w->max_seq)) {
		wrong(s, "a gap of %u in what is sent", seq - w->max_seq);
	} else if (seq_gt(seq + n, w->max_seq)) {
		/* a probe of a closed window has one number: 3.8.6.1 */
		if (!w->have_edge ||
		    (seq_gt(seq + n, w->edge) && (n > 1 || seq != w->edge)))
			wrong(
			    s, "%u bytes beyond the window", seq + n - w->edge);
		w->max_seq = seq + n;
		w->again_gap = w->again_count = 0; /* the timer begins anew */
	} else {
		check_again(s, d, seq);
	}
}

/* check_empty - nothing but an ACK; there is a reason for each */
static void
check_empty(struct sim *s, struct side *d, uint32_t seq)
{
	struct wire *w = &d->w;
	uint64_t challenges = 30 + 3 * (s->now - d->opened_at) / NS_PER_SEC;

	/* of two windows that overtake each other the older may count; data of
	   a SYN that was not taken may count as not sent: RFC 7413 */
	if (seq != w->max_seq && seq != w->max_seq - 1 &&
	    (seq != w->iss + 1 || seq != w->acked) &&
	    (!seq_lt(seq, w->max_seq) || seq_lt(seq, w->least)))
		wrong(s, "an ACK with number %u, not %u", seq - w->iss,
		    w->max_seq - w->iss);
	if (++w->acks_out > w->acks_earned + challenges)
		wrong(s, "a storm: %llu ACKs for %llu segments",
		    (unsigned long long)w->acks_out,
		    (unsigned long long)w->acks_earned);
}

void
wire_sent(struct sim *s, struct end *e, const struct view *v)
{
	struct side *d = side_of(e, v->h.sport, v->h.dport);
	const struct tcp_hdr *h = &v->h;
	uint32_t n = v->len + (h->flags & TH_FIN ? 1 : 0);

	if (d == NULL)
		return;
	if ((h->flags & TH_SYN) && !d->w.up)
		d->w.wscale = h->opt.have_wscale ? h->opt.wscale : -1;
	if (!is_open(d))
		return;
	if (h->flags & TH_RST) {
		/* in a full table one that is behind may give way */
		if (!d->aborted && tcp_stats(e->t)->conns < e->cfg.max_conns)
			wrong(s, "a reset from a connection that is well");
		return;
	}
	if (h->flags & TH_SYN) {
		wrong(s, "a SYN from a connection that is open");
		return;
	}
	if (!(h->flags & TH_ACK) || h->ack != seq_expected(d))
		wrong(s, "ACK of %u, but %u has arrived", h->ack - d->w.irs,
		    seq_expected(d) - d->w.irs);
	d->w.ack_due = NEVER;
	d->w.ack_sent = h->ack;
	d->w.acks = true;
	check_sack(s, d, h);
	check_promise(s, d, h);
	if (n > 0)
		check_data(s, d, h->seq, n);
	else
		check_empty(s, d, h->seq);
}

/* ---- what comes to an end ---- */

/* note_reset - it may be for an earlier connection of the same ports */
static void
note_reset(struct sim *s, const struct end *e, uint16_t port)
{
	int i;

	for (i = 0; i < s->calls; i++) {
		if (s->call[i].port == port)
			s->call[i].side[e->who].w.reset = true;
	}
}

/* wire_stirred - something came that is no segment: all may have changed */
void
wire_stirred(struct sim *s, struct end *e)
{
	int i;

	for (i = 0; i < s->calls; i++) {
		s->call[i].side[e->who].w.frames_in++;
		s->call[i].side[e->who].w.acks_earned++;
	}
}

void
wire_arrived(
    struct sim *s, struct end *e, const struct view *v, enum arrival how)
{
	struct side *d = side_of(e, v->h.dport, v->h.sport);
	const struct tcp_hdr *h = &v->h;
	struct wire *w;
	uint32_t edge, wnd = h->wnd, end = h->seq + v->len;
	bool fresh;

	if (d == NULL)
		return;
	w = &d->w;
	if (h->flags & (TH_SYN | TH_FIN))
		end++;
	/* an old number, or one at the window's edge, is refused with the ACK
	   that it brings: 3.10.7.4 */
	fresh = end == h->seq ? seq_geq(end, w->expected)
			      : seq_gt(end, w->expected);
	if (h->seq != w->expected && w->have_shown && seq_geq(h->seq, w->shown))
		fresh = false;
	w->expected = seq_expected(d);
	w->frames_in++;
	if (v->len > w->largest && how != FORGED)
		w->largest = v->len;
	if (how != PIECE)
		w->heard_at = s->now;
	/* marks of ACKs are told by every third of them: RFC 9768 3.2.2.5.1 */
	if ((v->ip.tos & CE) == CE && ++w->marks % 3 == 0)
		w->acks_earned++;
	w->acks_earned += v->len > 0 || (h->flags & (TH_SYN | TH_FIN)) ||
			  h->seq == seq_expected(d) - 1;
	if (how == FORGED)
		return; /* none of it counts */
	if (h->flags & TH_RST)
		note_reset(s, e, d->call->port);
	if (!is_open(d) || (h->flags & TH_RST))
		return;
	note_bytes(
	    d, h->seq - w->irs - 1, v->len + (h->flags & TH_FIN ? 1 : 0));
	if (!(h->flags & TH_ACK) || !seq_in(h->ack, w->iss, w->max_seq + 1))
		return; /* of an earlier connection */
	if (!(h->flags & TH_SYN))
		wnd <<= wire_shift(other_side(d));
	edge = h->ack + wnd;
	if (!w->have_edge || seq_gt(edge, w->edge))
		w->edge = edge;
	/* of a segment that is refused nothing counts, unless it is taken, nor
	   of a fragment, unless it was the last */
	if (!w->have_edge ||
	    (fresh && how == WHOLE && seq_gt(h->ack, w->acked))) {
		w->least = edge;
		w->sure = h->ack;
	} else if (seq_geq(h->ack, w->sure) && seq_lt(edge, w->least)) {
		w->least = edge;
	}
	w->have_edge = true;
	if (seq_gt(h->ack, w->acked))
		w->acked = h->ack;
	else
		fresh = false;
	if (fresh && how == WHOLE)
		w->progress_at = s->now;
}

void
wire_check(struct sim *s, const struct side *d)
{
	const struct wire *w = &d->w;

	/* RFC 5681 4.2, where segments of full size have come */
	if (is_open(d) && w->acks && w->largest > 0 &&
	    seq_expected(d) - w->ack_sent >= 2 * w->largest)
		wrong(s, "%s: two segments are not acknowledged",
		    side_name(d->end->who));
	if (is_open(d) && s->now > d->w.ack_due)
		wrong(s, "%s: no ACK within half a second",
		    side_name(d->end->who));
}
