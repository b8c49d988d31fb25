/*
 * accecn_send.c - the sender of RFC 9768: what an acknowledgment reports of the
 * marks on what was sent, and when not to believe it.
 */
#include "tcp/accecn.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum {
	FEW_PACKETS = 4, /* an ACK: then a run of lost ACKs stands out */
	ALL_CE_ROUNDS = 4,
};

bool
tcp_accecn_ect(const struct tcb *tcb)
{
	const struct accecn *a = tcp_accecn(tcb);

	return a != NULL && !a->no_ect;
}

/*
 * take_options - what the option adds to the byte counters; the bytes newly
 * marked, or -1 when there is no option to go by: 3.2.3.1. The first that
 * comes later than in the handshake is where the counters begin: 3.2.3.2.4.
 */
static int64_t
take_options(struct accecn *a, const struct accecn_opt *o)
{
	bool begins = a->options == ACC_OPT_NONE;
	int64_t marked = 0;
	uint32_t diff;
	uint8_t i, b;

	if (a->options == ACC_OPT_ZEROED || !o->have)
		return -1;
	a->options = ACC_OPT_HERE;
	for (i = 0; i < o->n; i++) {
		b = accecn_byte_of[o->order][i];
		diff = (o->field[i] - a->s[b]) & FIELD_MASK;
		a->s[b] += diff;
		if (b == ACC_CEB)
			marked = diff;
	}
	if (!begins)
		return marked;
	a->ceb_first = a->s[ACC_CEB];
	return -1;
}

/*
 * marks - how many packets with CE are new: as the ACE field reports, and a
 * turn more where it may have wrapped in a run of lost ACKs: A.2. Not where
 * ACKs are thin anyway, nor where the option shows that it has not.
 */
static uint32_t
marks(struct accecn *a, unsigned ace, uint32_t packets, uint32_t mss,
    int64_t bytes)
{
	uint32_t least = (ace - a->s_cep) & ACE_MASK, most;

	if (packets <= ACE_MASK || packets < least)
		return least;
	a->ambiguous = true;
	most = packets - ((packets - least) & ACE_MASK);
	if (most == least)
		return least;
	if (bytes >= 0) {
		if (bytes > (int64_t)mss * least)
			return most;
		return bytes < (int64_t)mss * most / 2 ? least : most;
	}
	return a->ewma > FEW_PACKETS << 6 ? least : most;
}

/* tells_of_ce - the option counts bytes with CE that are new */
static bool
tells_of_ce(const struct accecn *a, const struct accecn_opt *o)
{
	uint8_t i;

	for (i = 0; a->options != ACC_OPT_ZEROED && o->have && i < o->n; i++) {
		if (accecn_byte_of[o->order][i] == ACC_CEB)
			return o->field[i] != (a->s[ACC_CEB] & FIELD_MASK);
	}
	return false;
}

/*
 * first_feedback - a counter that is zero from the start, and has not come
 * there by way of seven: 3.2.2.4. It may have for segments that this one does
 * not acknowledge, behind a hole: data leave no room for SACK.
 */
static void
first_feedback(struct tcb *tcb, const struct seg *seg, uint32_t packets)
{
	struct accecn *a = tcp_accecn(tcb);

	if (a->options == ACC_OPT_UNKNOWN)
		accecn_first_options(a, &seg->h.opt.acc);
	if (!a->heard && accecn_ace(seg) == 0 && packets < 8 - CEP_INIT &&
	    !tells_of_ce(a, &seg->h.opt.acc)) {
		accecn_stop_ect(tcb, "zeroed", seg->stamp);
		a->deaf = true;
	}
	a->heard = true;
}

/* tcp_accecn_narrower - segments get smaller, and there were larger ones */
void
tcp_accecn_narrower(struct tcb *tcb)
{
	struct accecn *a = tcp_accecn(tcb);

	if (a != NULL && a->wide == 0)
		a->wide = tcb->mss;
}

/*
 * unexplained - bytes with CE whose packets the ACE field has not counted, as
 * the fewest packets: 3.2.3.2.5
 */
static uint32_t
unexplained(const struct accecn *a, uint32_t mss)
{
	uint32_t bytes = a->s[ACC_CEB] - a->ceb_first;
	uint64_t known;

	if (a->wide > mss)
		mss = a->wide;
	known = (uint64_t)(a->s_cep - CEP_INIT) * mss;
	if (a->options != ACC_OPT_HERE || bytes <= known)
		return 0;
	return (uint32_t)((bytes - known + mss - 1) / mss);
}

/*
 * may_have_turned - by this acknowledgment alone: an ACK for many segments can
 * be for more than it acknowledges. Behind a hole the others are counted, but
 * data leave no room for SACK, and not every peer has it.
 */
static bool
may_have_turned(const struct tcb *tcb, uint32_t delivered)
{
	uint32_t unknown = tcb->snd_nxt - tcb->snd_una - tcb->w->fl.sacked;

	return delivered + unknown > ACE_MASK * tcp_eff_mss(tcb);
}

/*
 * reconcile - the ACE field with the option: what is missing are turns of the
 * field that were not seen, or else the feedback is mangled
 */
static void
reconcile(struct tcb *tcb, const struct seg *seg, struct ack_info *info)
{
	struct accecn *a = tcp_accecn(tcb);
	uint32_t missing = unexplained(a, tcb->mss);

	if (missing == 0)
		return;
	if (may_have_turned(tcb, info->delivered))
		a->ambiguous = true;
	if (!a->ambiguous) {
		accecn_stop_ect(tcb, "contradiction", seg->stamp);
		return;
	}
	missing = (missing + ACE_MASK) & ~(uint32_t)ACE_MASK;
	a->s_cep += missing;
	info->ce += missing;
}

/* moves - an option with a counter that was higher already: -1, it is of an ACK
   that another has overtaken; with one that has grown, and none lower: 1 */
static int
moves(const struct accecn *a, const struct accecn_opt *o)
{
	uint32_t diff;
	uint8_t i;
	int on = 0;

	if (a->options != ACC_OPT_HERE || !o->have)
		return 0;
	for (i = 0; i < o->n; i++) {
		diff = (o->field[i] - a->s[accecn_byte_of[o->order][i]]) &
		       FIELD_MASK;
		if (diff > FIELD_MASK / 2)
			return -1;
		if (diff > 0)
			on = 1;
	}
	return on;
}

/*
 * went_back - the field is a little lower than it was, and not so much higher:
 * what this ACK delivers behind a hole is less. An ACK that was overtaken can
 * have a SACK block that the newer one had no room for.
 */
static bool
went_back(struct accecn *a, unsigned ace, uint32_t packets)
{
	unsigned diff = (ace - a->s_cep) & ACE_MASK;

	if (diff <= ACE_MASK / 2)
		return false;
	a->ambiguous = true;
	return diff > packets;
}

/*
 * is_progress - not superseded by an ACK that came before: 3.2.2.2. TS.Recent
 * would not do: what comes out of order does not move it. A receiver that has
 * no room for the data behind a hole counts them, and acknowledges nothing: but
 * a counter that has grown since the last option is no proof when an ACK
 * without one has come between, which may be newer.
 */
static bool
is_progress(struct accecn *a, const struct seg *seg,
    const struct ack_info *info, uint32_t packets)
{
	const struct tcp_opts *o = &seg->h.opt;
	bool newer = o->have_ts && seq_gt(o->tsval, a->ts_newest);
	int on = moves(a, &o->acc);

	if ((o->have_ts && seq_lt(o->tsval, a->ts_newest)) || on < 0)
		return false;
	if (newer)
		a->ts_newest = o->tsval;
	if (newer || (on > 0 && !a->plain) || info->acked > 0 ||
	    (info->delivered > 0 && !went_back(a, accecn_ace(seg), packets))) {
		a->plain = !o->acc.have;
		return true;
	}
	/* older or newer is unknown: what it counts may be missed */
	if ((a->s_cep & ACE_MASK) != accecn_ace(seg))
		a->ambiguous = true;
	return false;
}

/* is_third - the field reports the SYN-ACK's IP-ECN field; our SYN-ACK may have
   come again for it: 3.2.2.2 */
static bool
is_third(const struct tcb *tcb, const struct seg *seg)
{
	return tcb->passive && seg->h.ack == tcb->iss + 1 && seg->len == 0 &&
	       seg->h.opt.nsack == 0;
}

/* all_marked - continuous CE is no congestion: 3.2.2.3 */
static void
all_marked(struct tcb *tcb, const struct seg *seg)
{
	struct accecn *a = tcp_accecn(tcb);

	a->ce_rounds = a->spared ? 0 : (uint8_t)(a->ce_rounds + 1);
	a->spared = false;
	if (a->ce_rounds < ALL_CE_ROUNDS)
		return;
	accecn_stop_ect(tcb, "always-marked", seg->stamp);
	a->deaf = true;
}

/*
 * tcp_accecn_ack - what an acknowledgment reports of our packets; info->ce is
 * how many were marked
 */
void
tcp_accecn_ack(struct tcb *tcb, const struct seg *seg, struct ack_info *info)
{
	struct accecn *a = tcp_accecn(tcb);
	uint32_t mss = tcp_eff_mss(tcb);
	uint32_t packets = (info->delivered + mss - 1) / mss;
	int64_t bytes;

	if (a == NULL || is_third(tcb, seg) ||
	    !is_progress(a, seg, info, packets))
		return;
	first_feedback(tcb, seg, packets);
	bytes = take_options(a, &seg->h.opt.acc);
	info->ce = marks(a, accecn_ace(seg), packets, mss, bytes);
	a->s_cep += info->ce;
	if (packets > 0) /* no more than 1023 in 16 bits */
		a->ewma =
		    (uint16_t)((a->ewma * 7u +
				   ((packets < 1023 ? packets : 1023) << 6)) /
			       8);
	reconcile(tcb, seg, info);
	if (info->ce < packets)
		a->spared = true;
	if (a->deaf)
		info->ce = 0;
	if (info->ce == 0)
		return;
	/* FlightSize is what it was before this acknowledgment */
	tcb->w->just_acked = info->acked;
	if (tcp_ecn_reduce(tcb, info->now))
		all_marked(tcb, seg);
	tcb->w->just_acked = 0;
}
