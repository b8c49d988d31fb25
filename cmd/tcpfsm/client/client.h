/*
 * client.h - the application of a client: connect, send the request, keep the
 * response, close in order; once, or many times for a load.
 */
#ifndef TCPFSM_CLIENT_CLIENT_H
#define TCPFSM_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct cookies;
struct client;
struct ip_addr;
struct mac;
struct replay;
struct source;

struct client_config {
	const struct ip_addr *laddr, *raddr;
	uint16_t lport, rport;	    /* lport 0: chosen, RFC 6056;
					rport 0, all: as recorded */
	const struct mac *mac;	    /* ours */
	const struct mac *gw;	    /* the next hop's, or NULL: */
	const struct ip_addr *next; /* ask for this one's */
	const struct source *request;
	const struct replay *replay; /* what is sent instead, or NULL */
	bool all, pauses;	     /* of it: every connection, in its time */
	bool half_close;	     /* FIN right behind the request */
	bool md5;
	bool fastopen;		 /* the request may go with the SYN: RFC 7413 */
	struct cookies *cookies; /* NULL: none are kept */
	uint32_t count, parallel;
	const int *out;	   /* where each response goes; NULL: nowhere */
	uint64_t seed;	   /* chooses the ports */
	uint64_t patience; /* ns to wait for the next hop */
	uint64_t linger;   /* ns in TIME-WAIT at most */
	bool quiet;	   /* no totals when all is well, nor at a signal */
};

/* client_new - a copy of the configuration; NULL without memory */
struct client *client_new(const struct client_config *);

/* client_app - its calls; ctx is the struct client */
extern const struct app client_app;

/* client_watch_max - descriptors that it may wait for */
uint32_t client_watch_max(const struct client *);

#endif
