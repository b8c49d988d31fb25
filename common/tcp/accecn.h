/*
 * accecn.h - Accurate ECN, RFC 9768, see accecn.c: what a connection in this
 * mode has behind its TCB. What takes a tcb does nothing in another mode.
 */
#ifndef TCP_ACCECN_H
#define TCP_ACCECN_H

#include <stdbool.h>
#include <stdint.h>

#include "tcp/tcp_var.h"

/* the byte counters, in the order of the option's order 0 */
enum accecn_byte { ACC_E0B, ACC_CEB, ACC_E1B, ACC_BYTES };

/* what is known of the options that the peer sends: RFC 9768 3.2.3.2 */
enum accecn_options {
	ACC_OPT_UNKNOWN,
	ACC_OPT_HERE,
	ACC_OPT_NONE,	/* none has come: it may yet */
	ACC_OPT_ZEROED, /* not to be believed */
};

struct accecn {
	uint32_t r[ACC_BYTES];	  /* received, r.e0b and so on: 3.2 */
	uint32_t told[ACC_BYTES]; /* as the last option that went out */
	uint32_t s[ACC_BYTES];	  /* as the peer has reported */
	uint32_t ceb_first;	  /* s[ACC_CEB] in the first option */
	uint32_t r_cep, s_cep;	  /* packets with CE, both ways */
	uint32_t ts_newest;	  /* of the ACK that reported them */
	uint16_t wide;		  /* mss before the path got narrower */
	uint16_t ewma;		  /* packets an ACK, in 64ths */
	uint8_t ce_owed;	  /* CE since our last ACK */
	uint8_t handshake_ecn;	  /* of the peer's SYN or SYN-ACK */
	uint8_t ce_rounds;	  /* in which every packet was marked */
	uint8_t repeats;	  /* in a row, of what our ACKs have reported */
	uint8_t options;	  /* enum accecn_options */
	bool handshake_ack : 1;	  /* the next pure ACK: 3.2.2.1 */
	bool syn_ack_again : 1;	  /* it is for one that came again */
	bool syn_ack_ce : 1;	  /* has been counted: once */
	bool option_due : 1;	  /* with the first ACK and the first data */
	bool data_due : 1;	  /* that first data is not yet sent */
	bool no_option : 1;	  /* they seem not to arrive: 3.2.3.2.2 */
	bool no_ect : 1;	  /* do not send ECN-capable packets */
	bool deaf : 1;		  /* do not react to what the peer reports */
	bool heard : 1;		  /* the first feedback has come: 3.2.2.4 */
	bool ambiguous : 1;	  /* the ACE field may have wrapped once */
	bool spared : 1;	  /* not every packet of this round is marked */
	bool last_ce : 1;	  /* of the packet before */
	bool plain : 1;		  /* the last feedback had no option */
	bool bare : 1;		  /* the next ACK is one of ACKs: no SACK */
};

enum {
	ACE_SHIFT = 6, /* of AE, CWR and ECE in the flags */
	ACE_MASK = 7,
	CEP_INIT = 5, /* 3.2.1 */
	FIELD_MASK = 0xffffff,
};

/* the counter in each field of an option, by its order */
extern const uint8_t accecn_byte_of[2][ACC_BYTES];

/* tcp_accecn - NULL: the connection is not in this mode */
static inline struct accecn *
tcp_accecn(const struct tcb *tcb)
{
	return tcb->c.accurate
		   ? (struct accecn *)((uintptr_t)tcb + tcb->tcp->accecn_at)
		   : NULL;
}

static inline unsigned
accecn_ace(const struct seg *seg)
{
	return seg->h.flags >> ACE_SHIFT & ACE_MASK;
}

static inline uint16_t
accecn_flags(unsigned ace)
{
	return (uint16_t)((ace & ACE_MASK) << ACE_SHIFT);
}

/* accecn_size - of an option with n fields, padded */
static inline unsigned
accecn_size(uint8_t n)
{
	return (2u + 3u * n + 3) / 4 * 4;
}

unsigned accecn_code(uint8_t ecn);
void accecn_report(struct tcb *, const char *why, uint64_t time);
void accecn_stop_ect(struct tcb *, const char *why, uint64_t time);
void accecn_first_options(struct accecn *, const struct accecn_opt *);

/* ecn.c */
/* tcp_ecn_again - the SYN has come again; false: reset, RFC 9768 3.1.5 */
bool tcp_ecn_again(struct tcb *, const struct seg *);
/* tcp_ecn_reduce - a mark; true: that was the first in this round trip */
bool tcp_ecn_reduce(struct tcb *, uint64_t now);

/* accecn.c */
bool tcp_accecn_asked(uint16_t flags);
/* tcp_accecn_wanted - a SYN with these flags to this address is answered in
   this mode; no system that has a face does */
bool tcp_accecn_wanted(
    const struct tcp *, const struct ip_addr *, uint16_t flags);
bool tcp_accecn_agreed(uint16_t flags);
void tcp_accecn_enter(struct tcb *, const struct seg *syn);
void tcp_accecn_syn_ack(struct tcb *, const struct seg *);
void tcp_accecn_again(struct tcb *, const struct seg *);
uint16_t tcp_accecn_answer(
    struct tcb *, struct tcp_opts *, bool again, uint64_t now);
void tcp_accecn_first_option(struct tcp_opts *);
uint16_t tcp_accecn_stateless(const struct seg *syn);
bool tcp_accecn_cookie(const struct seg *ack);
void tcp_accecn_third(struct tcb *, const struct seg *);
/* tcp_accecn_syn_marked - our SYN or SYN-ACK has arrived with CE */
bool tcp_accecn_syn_marked(const struct tcb *, const struct seg *);
void tcp_accecn_in(struct tcb *, const struct seg *);
void tcp_accecn_repeated(struct tcb *, const struct seg *);
uint16_t tcp_accecn_flags(const struct tcb *);
void tcp_accecn_header(struct tcb *, struct tcp_hdr *);
void tcp_accecn_data(const struct tcb *, struct tcp_hdr *);
void tcp_accecn_pure(struct tcb *, struct tcp_hdr *);
bool tcp_accecn_owes_ack(const struct tcb *);
uint32_t tcp_accecn_room(const struct tcb *);
void tcp_accecn_sent(struct tcb *, const struct tcp_hdr *, uint32_t n);
void tcp_accecn_resend(struct tcb *, struct tcp_hdr *, uint64_t now);
bool tcp_accecn_ect(const struct tcb *);
void tcp_accecn_narrower(struct tcb *);
void tcp_accecn_ack(struct tcb *, const struct seg *, struct ack_info *);

#endif
