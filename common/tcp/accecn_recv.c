/*
 * accecn_recv.c - the receiver of RFC 9768: what it counts, when it sends an
 * ACK for it, and what stands in the ACE field and in the option.
 */
#include "tcp/accecn.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "wire/tcp_seq.h"

enum {
	MAX_OPTIONS = TCP_MAXHLEN - TCP_HLEN,
	REPEATS = 3,
};

/* count_bytes - 3.2, payload by its codepoint; none of a SYN */
static void
count_bytes(struct accecn *a, const struct seg *seg)
{
	static const uint8_t of[4] = {ACC_BYTES, ACC_E1B, ACC_E0B, ACC_CEB};
	uint8_t i = of[seg->tos & ECN_CE];

	if (i < ACC_BYTES)
		a->r[i] += seg->len;
}

/*
 * tcp_accecn_in - an acceptable segment: count it, and see whether its mark
 * is reported at once: 3.2.2.5.1
 */
void
tcp_accecn_in(struct tcb *tcb, const struct seg *seg)
{
	struct accecn *a = tcp_accecn(tcb);
	bool ce = (seg->tos & ECN_CE) == ECN_CE, owes;

	if (a == NULL)
		return;
	count_bytes(a, seg);
	owes = seg->len > 0 || tcb->rcv_nxt != tcb->w->last_ack_sent;
	if (ce) {
		a->r_cep++;
		a->ce_owed++;
		if ((seg->len > 0 && !a->last_ce) ||
		    a->ce_owed >= (owes ? 2 : 3)) {
			a->bare = !owes && !tcb->ack_now;
			tcb->ack_now = true;
			tcp_touch(tcb);
		}
	}
	a->last_ce = ce;
	if (seg->len > 0 && !seq_lt(seg->h.seq, tcb->rcv_nxt))
		a->repeats = 0;
}

/*
 * tcp_accecn_repeated - data comes again that we have acknowledged: when it
 * always does, ACKs with an option may not arrive: 3.2.3.2.2
 */
void
tcp_accecn_repeated(struct tcb *tcb, const struct seg *seg)
{
	struct accecn *a = tcp_accecn(tcb);

	if (a == NULL || a->no_option ||
	    a->r[ACC_CEB] + a->r[ACC_E0B] + a->r[ACC_E1B] == 2)
		return;
	if (++a->repeats >= REPEATS) {
		a->no_option = true;
		accecn_report(tcb, "option-lost", seg->stamp);
	}
}

/* changed - the counters that the peer does not know, as a mask */
static unsigned
changed(const struct accecn *a, const uint32_t *since)
{
	unsigned i, mask = 0;

	for (i = 0; i < ACC_BYTES; i++) {
		if (a->r[i] != since[i])
			mask |= 1u << i;
	}
	return mask;
}

/* fields - how many an option of that order needs for what is in mask */
static uint8_t
fields(unsigned mask, uint8_t order)
{
	uint8_t n = ACC_BYTES;

	while (n > 0 && (mask >> accecn_byte_of[order][n - 1] & 1) == 0)
		n--;
	return n;
}

/*
 * choose - an option with what is in mask, in the shorter order, that fits
 * into room; false when none does
 */
static bool
choose(const struct accecn *a, unsigned mask, int room, struct accecn_opt *o)
{
	uint8_t i, n0 = fields(mask, 0), n1 = fields(mask, 1);

	o->order = n1 < n0;
	o->n = n1 < n0 ? n1 : n0;
	o->have = (int)accecn_size(o->n) <= room;
	for (i = 0; i < o->n; i++)
		o->field[i] = a->r[accecn_byte_of[o->order][i]] & FIELD_MASK;
	return o->have;
}

/* is_due - an option goes with the next segment: 3.2.3.3 */
static bool
is_due(const struct accecn *a, bool data)
{
	return !a->no_option && (a->option_due || (data && a->data_due) ||
				    changed(a, a->told) != 0);
}

/*
 * put_option - every counter that has ever changed; where room is short, two
 * SACK blocks come first, then what has changed since the last option, or
 * nothing: 3.2.3.3
 */
static void
put_option(const struct tcb *tcb, const struct accecn *a, struct tcp_opts *o)
{
	static const uint32_t first[ACC_BYTES] = {1, 0, 1};
	unsigned ever = changed(a, first), now = changed(a, a->told);
	int room = MAX_OPTIONS - (tcb->ts_ok ? 12 : 0), blocks;
	uint8_t keep = o->nsack < 2 ? o->nsack : 2;

	if (a->option_due || a->data_due)
		ever |= 1u << ACC_E0B | 1u << ACC_CEB | 1u << ACC_E1B;
	blocks = o->nsack > 0 ? 4 + 8 * o->nsack : 0;
	if (choose(a, ever, room - blocks, &o->acc))
		return;
	blocks = keep > 0 ? 4 + 8 * keep : 0;
	if (!choose(a, ever, room - blocks, &o->acc) &&
	    !choose(a, now, room - blocks, &o->acc))
		return;
	while (o->nsack > keep &&
	       4 + 8 * o->nsack + (int)accecn_size(o->acc.n) > room)
		o->nsack--;
}

/* tcp_accecn_flags - the ACE field of a segment without SYN: 3.2.2 */
uint16_t
tcp_accecn_flags(const struct tcb *tcb)
{
	const struct accecn *a = tcp_accecn(tcb);

	return a != NULL ? accecn_flags(a->r_cep) : 0;
}

/* tcp_accecn_header - what an ACK reports; its SACK blocks are in place */
void
tcp_accecn_header(struct tcb *tcb, struct tcp_hdr *h)
{
	struct accecn *a = tcp_accecn(tcb);

	if (a == NULL)
		return;
	if (a->bare)
		h->opt.nsack = 0;
	a->bare = false;
	a->ce_owed = 0;
	if (is_due(a, false))
		put_option(tcb, a, &h->opt);
}

/* tcp_accecn_data - h, that acknowledges, has new data as well */
void
tcp_accecn_data(const struct tcb *tcb, struct tcp_hdr *h)
{
	const struct accecn *a = tcp_accecn(tcb);

	if (a != NULL && !h->opt.acc.have && is_due(a, true))
		put_option(tcb, a, &h->opt);
}

/*
 * tcp_accecn_pure - h has no data: in the handshake it reports the SYN-ACK's
 * IP-ECN field, 3.2.2.1. Where it acknowledges more than a SYN-ACK that came
 * again, it does not: a peer that is established takes that for a counter.
 */
void
tcp_accecn_pure(struct tcb *tcb, struct tcp_hdr *h)
{
	struct accecn *a = tcp_accecn(tcb);

	if (a == NULL || !a->handshake_ack)
		return;
	a->handshake_ack = false;
	if (h->opt.nsack > 0 || (a->syn_ack_again && h->ack != tcb->irs + 1))
		return;
	h->flags &= (uint16_t)~TH_ECN;
	h->flags |= accecn_flags(accecn_code(a->handshake_ecn));
}

/* tcp_accecn_owes_ack - a pure ACK goes before data: 3.2.2.1 */
bool
tcp_accecn_owes_ack(const struct tcb *tcb)
{
	const struct accecn *a = tcp_accecn(tcb);

	return a != NULL && a->handshake_ack && tcp_synchronized(tcb);
}

/* tcp_accecn_room - of a data segment: what its option takes, bytes */
uint32_t
tcp_accecn_room(const struct tcb *tcb)
{
	const struct accecn *a = tcp_accecn(tcb);
	struct tcp_opts o = {.nsack = 0};

	if (a == NULL || !is_due(a, true))
		return 0;
	put_option(tcb, a, &o);
	return o.acc.have ? accecn_size(o.acc.n) : 0;
}

/* tcp_accecn_sent - h goes out, with n bytes of data */
void
tcp_accecn_sent(struct tcb *tcb, const struct tcp_hdr *h, uint32_t n)
{
	struct accecn *a = tcp_accecn(tcb);
	unsigned i;

	if (a == NULL || !h->opt.acc.have || (h->flags & TH_SYN))
		return;
	for (i = 0; i < ACC_BYTES; i++)
		a->told[i] = a->r[i];
	a->option_due = false;
	if (n > 0)
		a->data_due = false;
}

/*
 * tcp_accecn_resend - h is a segment that is retransmitted, from seq. Was
 * the first data lost that had an option, there are no more: 3.2.3.2.2
 */
void
tcp_accecn_resend(struct tcb *tcb, struct tcp_hdr *h, uint64_t now)
{
	struct accecn *a = tcp_accecn(tcb);

	if (a == NULL)
		return;
	h->opt.acc.have = false;
	if (tcb->passive || a->no_option || h->seq != tcb->iss + 1)
		return;
	a->no_option = true;
	accecn_report(tcb, "option-lost", now);
}
