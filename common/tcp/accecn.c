/*
 * accecn.c - Accurate ECN, RFC 9768: how the two sides agree on it. The
 * receiver counts what arrives with which mark (accecn_recv.c) and sends that
 * back in three bits of each header, the ACE field, and in an option;
 * accecn_send.c reads it. A mark leads to what ecn.c does, once a round trip.
 */
#include "tcp/accecn.h"
#include "tcp/face.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum { MAX_OPTIONS = TCP_MAXHLEN - TCP_HLEN };

/* the field of an option of each order */
const uint8_t accecn_byte_of[2][ACC_BYTES] = {
    {ACC_E0B, ACC_CEB, ACC_E1B}, {ACC_E1B, ACC_CEB, ACC_E0B}};

/* accecn_report - which mode, or what is wrong with the feedback */
void
accecn_report(struct tcb *tcb, const char *why, uint64_t time)
{
	struct tcp_event ev;

	tcp_event_tcb(&ev, TCP_EV_ECN, time, tcb);
	if (tcb->w != NULL)
		ev.frame = tcb->w->frame;
	ev.why = why;
	tcb->tcp->host.event(tcb->tcp->host_ctx, &ev);
}

/* accecn_stop_ect - ECN does not work on this path, one way: 3.2.2.3 */
void
accecn_stop_ect(struct tcb *tcb, const char *why, uint64_t time)
{
	struct accecn *a = tcp_accecn(tcb);

	if (!a->no_ect)
		accecn_report(tcb, why, time);
	a->no_ect = true;
}

/* ---- the handshake ---- */

/* accecn_code - the code for a SYN's or SYN-ACK's IP-ECN field: table 2 */
unsigned
accecn_code(uint8_t ecn)
{
	static const uint8_t code[4] = {2, 3, 4, 6};

	return code[ecn & ECN_CE];
}

/* tcp_accecn_asked - by the flags of a SYN: 3.1.2, and 3.1.3 for unused
   combinations */
bool
tcp_accecn_asked(uint16_t flags)
{
	uint16_t ecn = flags & TH_ECN;

	return ecn != 0 && ecn != (TH_CWR | TH_ECE);
}

/* tcp_accecn_wanted - a SYN with these flags to this address is answered in
   this mode; no system that has a face does */
bool
tcp_accecn_wanted(const struct tcp *t, const struct ip_addr *a, uint16_t flags)
{
	return !t->cfg.no_ecn && !t->cfg.no_accecn && tcp_accecn_asked(flags) &&
	       tcp_face(t, a) == NULL;
}

/* tcp_accecn_agreed - by the flags of a SYN-ACK: table 2, 3.1.3 */
bool
tcp_accecn_agreed(uint16_t flags)
{
	uint16_t ecn = flags & TH_ECN;

	return ecn != 0 && ecn != TH_ECE && ecn != TH_ECN;
}

/* tcp_accecn_enter - the mode for the rest of the connection: 3.1.5 */
void
tcp_accecn_enter(struct tcb *tcb, const struct seg *seg)
{
	struct accecn *a;

	tcb->c.accurate = true;
	a = tcp_accecn(tcb);
	*a = (struct accecn){.r_cep = CEP_INIT, .s_cep = CEP_INIT};
	a->r[ACC_E0B] = a->r[ACC_E1B] = 1;
	a->s[ACC_E0B] = a->s[ACC_E1B] = 1;
	a->told[ACC_E0B] = a->told[ACC_E1B] = 1;
	a->handshake_ecn = seg->tos & ECN_CE;
	a->ts_newest = seg->h.opt.tsval;
	accecn_report(tcb, "accurate", seg->stamp);
}

/* accecn_first_options - 3.2.3.2.3 and 3.2.3.2.4 */
void
accecn_first_options(struct accecn *a, const struct accecn_opt *o)
{
	uint8_t i;

	a->options = o->have ? ACC_OPT_HERE : ACC_OPT_NONE;
	for (i = 0; o->have && i < o->n; i++) {
		/* any other beginning is as good: 3.2.3.2.4 */
		a->s[accecn_byte_of[o->order][i]] = o->field[i];
		if (accecn_byte_of[o->order][i] != ACC_CEB && o->field[i] == 0)
			a->options = ACC_OPT_ZEROED;
	}
	a->ceb_first = a->s[ACC_CEB];
}

/*
 * tcp_accecn_syn_ack - a SYN-ACK for our SYN: the first enters the mode,
 * what comes again only carries its IP-ECN field once more (3.2.2.1)
 */
void
tcp_accecn_syn_ack(struct tcb *tcb, const struct seg *seg)
{
	struct accecn *a = tcp_accecn(tcb);
	bool first = a == NULL;

	if (first)
		tcp_accecn_enter(tcb, seg);
	a = tcp_accecn(tcb);
	a->handshake_ecn = seg->tos & ECN_CE;
	a->handshake_ack = true;
	a->syn_ack_again = !first;
	if (a->handshake_ecn == ECN_CE && !a->syn_ack_ce) {
		a->syn_ack_ce = true;
		a->r_cep++;
	}
	if (!first)
		return;
	a->option_due = a->data_due = true;
	accecn_first_options(a, &seg->h.opt.acc);
	/* our SYN is never ECN-capable; 1 0 1 means nothing: 3.1.3 */
	if (accecn_ace(seg) != accecn_code(0) && accecn_ace(seg) != 5)
		accecn_stop_ect(tcb, "mangled", seg->stamp);
}

/* tcp_accecn_again - the SYN has come again: 3.1.5 */
void
tcp_accecn_again(struct tcb *tcb, const struct seg *seg)
{
	struct accecn *a = tcp_accecn(tcb);

	a->handshake_ecn = seg->tos & ECN_CE;
	if ((seg->h.flags & TH_ECN) == 0)
		accecn_stop_ect(tcb, "syn-without", seg->stamp);
}

/*
 * tcp_accecn_answer - the flags of our SYN-ACK, and its option: 3.2.3.2.2.
 * Sent again it goes without the option, and after a second time-out without
 * the flags.
 */
uint16_t
tcp_accecn_answer(struct tcb *tcb, struct tcp_opts *o, bool again, uint64_t now)
{
	struct accecn *a = tcp_accecn(tcb);

	if (tcb->backoff >= 2) {
		accecn_stop_ect(tcb, "syn-ack-without", now);
		return 0;
	}
	if (!again)
		tcp_accecn_first_option(o);
	return accecn_flags(accecn_code(a->handshake_ecn));
}

/* tcp_accecn_first_option - of a SYN-ACK: initial counters, as many as find
   room beside a cookie */
void
tcp_accecn_first_option(struct tcp_opts *o)
{
	int room = MAX_OPTIONS - 4;

	room -= o->have_ts ? 12 : o->sack_ok ? 4 : 0;
	room -= o->have_wscale ? 4 : 0;
	room -= o->have_cookie ? (2 + o->cookie_len + 3) / 4 * 4 : 0;
	o->acc = (struct accecn_opt){.have = true, .n = 3, .field = {1, 0, 1}};
	while (o->acc.n > 0 && (int)accecn_size(o->acc.n) > room)
		o->acc.n--;
}

/* tcp_accecn_stateless - the flags of a SYN cookie's SYN-ACK, 5.1 */
uint16_t
tcp_accecn_stateless(const struct seg *syn)
{
	return accecn_flags(accecn_code(syn->tos));
}

/* tcp_accecn_cookie - what was agreed, from the ACK of a cookie: 5.1 */
bool
tcp_accecn_cookie(const struct seg *ack)
{
	return accecn_ace(ack) > 1;
}

/*
 * tcp_accecn_third - the segment that ends the handshake at its passive side:
 * table 4 for a pure ACK, else the field is a counter already
 */
void
tcp_accecn_third(struct tcb *tcb, const struct seg *seg)
{
	struct accecn *a = tcp_accecn(tcb);
	unsigned ace = accecn_ace(seg);

	if (a == NULL)
		return;
	accecn_first_options(a, &seg->h.opt.acc);
	if (seg->len > 0 || seg->h.opt.nsack > 0 ||
	    (seg->h.flags & TH_FIN) != 0)
		return;
	a->heard = ace == 0;
	if (ace == 0) {
		accecn_stop_ect(tcb, "zeroed", seg->stamp);
		a->deaf = true;
	} else if (ace == accecn_code(ECN_CE)) {
		a->s_cep = CEP_INIT + 1;
		accecn_stop_ect(tcb, "mangled", seg->stamp);
	} else if (ace == 3 || ace == 4) {
		accecn_stop_ect(tcb, "mangled", seg->stamp);
	}
}

/* tcp_accecn_syn_marked - our SYN or SYN-ACK has arrived with CE */
bool
tcp_accecn_syn_marked(const struct tcb *tcb, const struct seg *seg)
{
	const struct accecn *a = tcp_accecn(tcb);

	return a != NULL && !a->deaf &&
	       (seg->h.flags & TH_SYN ? accecn_ace(seg) == accecn_code(ECN_CE)
				      : a->s_cep > CEP_INIT);
}
