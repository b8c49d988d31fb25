/*
 * ask.h - one question over UDP or TCP, and what came of it. Needs ether.h,
 * ip.h, query.h, dname.h and message.h.
 */
#ifndef DNS_QUERY_ASK_H
#define DNS_QUERY_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum ask_result {
	ASK_ANSWERED,
	ASK_CUT,	 /* UDP: truncated */
	ASK_SILENCE,	 /* no answer in time */
	ASK_MALFORMED,	 /* one came, but it cannot be read */
	ASK_UNREACHABLE, /* ICMP: no such port, host or network */
	ASK_CLOSED,	 /* TCP: closed or reset before the answer */
	ASK_OVER,	 /* the exchange has ended */
};

struct ask {
	struct query *x;
	const struct dns_question *question;
	struct ip_addr server;
	struct mac to; /* the next hop */
	uint16_t port; /* the server's */
	bool recurse;
	uint16_t edns; /* size to announce, 0: no EDNS */
	unsigned tries;
	uint64_t wait; /* for each try, ns */

	/* what came, when ANSWERED or CUT */
	uint8_t *msg; /* DNS_MAX bytes, of the caller's */
	size_t len;
	struct dns_header h;
	struct dns_edns e;
	bool tcp;
	uint64_t took;	  /* ns, since the try that was answered */
	unsigned ignored; /* what came, and was no answer of the server's */
};

/*
 * ask_udp - the question from a random port with a random id (RFC 5452), up
 * to tries times. Datagrams from elsewhere, to another port, with another id
 * or question are ignored.
 */
enum ask_result ask_udp(struct ask *);

/* ask_tcp - over a connection (RFC 7766), within tries times wait */
enum ask_result ask_tcp(struct ask *);

/* a port and an id that cannot be guessed */
uint16_t ask_port(struct ask *);
uint16_t ask_id(struct ask *);

#endif
