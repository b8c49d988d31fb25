/*
 * ports.h - connect from a port of our own: RFC 6056.
 */
#ifndef TCPFSM_CLIENT_PORTS_H
#define TCPFSM_CLIENT_PORTS_H

#include <stdint.h>

#include "wire/ip.h"

struct mac;
struct tcb;
struct tcp;

struct dial {
	struct ip_addr laddr, raddr;
	uint16_t lport, rport;	    /* lport 0: chosen */
	uint64_t offset, next_port; /* RFC 6056 3.3.3 */
};

/* dial_init - the ends; the seed chooses the ports */
void dial_init(struct dial *, const struct ip_addr *laddr, uint16_t lport,
    const struct ip_addr *raddr, uint16_t rport, uint64_t seed);

/* dial - by way of gw; NULL: no port is free, or there is no memory */
struct tcb *dial(
    struct dial *, struct tcp *, uint64_t now, const struct mac *gw);

#endif
