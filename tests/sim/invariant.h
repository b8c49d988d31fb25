/*
 * invariant.h - what holds in the engine between any two calls, and the
 * little more that a test has to know of its inside.
 */
#ifndef INVARIANT_H
#define INVARIANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip_addr;
struct tcb;
struct tcp;

/* invariant_broken - NULL, or what does not hold, until the next call;
   quiet: tcp_flush() has just ended with nothing left to say */
const char *invariant_broken(struct tcp *, uint64_t now, bool quiet);

/* invariant_timer - when the first timer of a connection that
   invariant_broken() has seen is due: the engine may wake earlier */
uint64_t invariant_timer(const struct tcp *);
/* invariant_idle - no connection has anything to do now */
bool invariant_idle(const struct tcp *);

/* invariant_pair - what holds for the two ends of a connection that nobody
   interferes with: NULL, or what does not */
const char *invariant_pair(const struct tcb *client, const struct tcb *server);

/* invariant_records - so many records of what is in flight, at most */
void invariant_records(struct tcp *, uint32_t most);

/* invariant_early - opened, and the handshake is not over: RFC 7413 */
bool invariant_early(const struct tcb *);
/* invariant_next - SND.NXT */
uint32_t invariant_next(const struct tcb *);
/* invariant_forget - what is only counted becomes 0, so that equal states of
   an engine are equal bytes */
void invariant_forget(struct tcp *);
/* invariant_part - a part of an engine that may change while it has this peer
   alone: its offset and bytes; false: there is no such number */
bool invariant_part(const struct tcp *, int number, const struct ip_addr *peer,
    size_t *at, size_t *size);
/* invariant_facts - what only who knows the whole network can judge */
struct facts {
	uint64_t srtt, rto, rto_least; /* by SRTT and RTTVAR */
	bool ts, ecn;		       /* agreed on: timestamps, RFC 3168 */
	uint32_t ts_recent;
	bool accecn;
	uint32_t marks, ect; /* received: packets with CE, bytes of data */
	bool sack;
	uint32_t mss, una, window; /* SND.UNA, SND.WND */
	uint32_t cwnd, before;	   /* before the last reduction */
	uint32_t ssthresh;
	uint32_t flight; /* taken to be in the network */
	bool fast;	 /* fast recovery */
	bool probe;	 /* its newest data is a loss probe */
};
void invariant_facts(const struct tcb *, struct facts *);
/* invariant_sacked - number n, from 0, of the ranges that the peer has told of;
   false: there are not so many */
bool invariant_sacked(const struct tcb *, int n, uint32_t *seq, uint32_t *end);
/* invariant_numbers - the initial sequence numbers, ours and the peer's */
void invariant_numbers(const struct tcb *, uint32_t *iss, uint32_t *irs);

#endif
