/*
 * session.h - one connection of a client, from its SYN to the last word about
 * it.
 */
#ifndef TCPFSM_CLIENT_SESSION_H
#define TCPFSM_CLIENT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "sink.h"

struct ip_addr;
struct play;
struct tcb;
struct tcp_event;

/* how it has ended */
enum result {
	DONE,
	DIFFERENT, /* from the record that was played */
	REFUSED,
	RESET,
	TIMEOUT,
	UNREACHABLE,
	FAILED,
	RESULTS
};

enum { TALK_WHY_MAX = 64 };

struct talk {
	bool used;
	struct tcb *tcb; /* NULL: ended, and the response is still written */
	uint32_t no;	 /* from 0 */
	bool opened, peer_closed, time_wait;
	int error; /* errno of writing the response */
	enum result result;
	uint64_t rto;		 /* ns */
	char why[TALK_WHY_MAX];	 /* of the result, in the log's word */
	char icmp[TALK_WHY_MAX]; /* the last ICMP error; "": none */
	struct sink sink;	 /* where the response goes */
	struct digests *digests; /* or NULL */
	struct play *play;	 /* of a record, or NULL */
};

/* talk_event - an event of it: keep what shows how it ends */
void talk_event(struct talk *, const struct tcp_event *);

/* talk_tell - why it has failed; nothing when it has not */
void talk_tell(const struct talk *, const struct ip_addr *raddr, uint16_t rport,
    bool stopped);

/* talk_write_last - what a slow reader has not taken yet gets a second */
void talk_write_last(struct talk *);

const char *talk_result_name(enum result);

#endif
