/*
 * client.h - a DHCP client on an exchange: the four messages, and what
 * follows them. Needs ether.h, ip.h, query.h, dhcp.h and lease.h.
 */
#ifndef DHCP_LEASE_CLIENT_H
#define DHCP_LEASE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/dhcp.h"
#include "lease.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum client_result {
	CLIENT_LEASE,	/* there is one, and no other host uses its address */
	CLIENT_SILENCE, /* no server has answered in time */
	CLIENT_REFUSED, /* NAK */
	CLIENT_TAKEN,	/* another station has the address; declined */
	CLIENT_OVER,	/* the exchange has ended */
};

struct client {
	struct query *x;
	const char *host;    /* to be reported; NULL: none */
	struct ip_addr wish; /* 0.0.0.0: none */
	uint64_t wait;	     /* for a lease, ns */
	bool unasked, verbose;
	bool watch; /* whether we are on another network, query_watch() */

	struct lease lease;
	struct mac taken_by;
	char message[DHCP_TEXT]; /* with REFUSED: the server's message */
	char wrong[DHCP_TEXT];	 /* why the last bad answer was not taken */

	/* client.c's own */
	bool declined; /* the last lease: wait a while */
	uint32_t xid;
	uint16_t secs;
	uint64_t begun, end;
};

/* client_obtain - DISCOVER, OFFER, REQUEST, ACK (RFC 2131 3.1) */
enum client_result client_obtain(struct client *);

/*
 * client_stay - answer for the address until it is time to renew the lease,
 * and renew it, of this server and then of any (RFC 2131 4.4.5). SILENCE,
 * REFUSED and TAKEN: the lease is lost.
 */
enum client_result client_stay(struct client *);

/* client_release - the address is not needed any more (RFC 2131 4.4.6) */
void client_release(struct client *);

#endif
