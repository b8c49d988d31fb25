/*
 * lease.h - a client's rules (RFC 2131 4.1, 4.4): which answer counts, how
 * long to wait for one, when to renew. Pure: time and chance are arguments.
 * Needs ether.h, ip.h and dhcp.h.
 */
#ifndef DHCP_LEASE_LEASE_H
#define DHCP_LEASE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/chance.h"
#include "wire/dhcp.h"
#include "wire/ether.h"
#include "wire/ip.h"

struct chance;

struct lease {
	struct dhcp ack;
	struct mac from; /* the station that sent it: the server, or a relay */
	/* ns; UINT64_MAX: never */
	uint64_t t1, t2, end;
};

/*
 * lease_backoff - how long to wait for an answer to message n, from 0 on: 4,
 * 8, 16, 32, then 64 seconds, give or take one; ns (RFC 2131 4.1)
 */
uint64_t lease_backoff(struct chance *, unsigned n);

/*
 * lease_retry - the same while the address is still ours: half of the time
 * that is left, at least a minute; ns (RFC 2131 4.4.5)
 */
uint64_t lease_retry(uint64_t now, uint64_t until);

/* lease_is_answer - of a server, to the client's message of this xid */
bool lease_is_answer(
    const struct dhcp *, uint32_t xid, const struct mac *chaddr);

/*
 * lease_offer_fault - why an offer cannot be accepted, NULL: it can;
 * lease_ack_fault - likewise, an ACK to a request for addr of this server
 * (0.0.0.0: of any)
 */
const char *lease_offer_fault(const struct dhcp *);
const char *lease_ack_fault(const struct dhcp *, const struct ip_addr *addr,
    const struct ip_addr *server);

/* lease_is_nak - to a request of this server (0.0.0.0: of any) */
bool lease_is_nak(const struct dhcp *, const struct ip_addr *server);

/* lease_set - from an ACK to what was sent at that time */
void lease_set(struct lease *, const struct dhcp *ack, const struct mac *from,
    uint64_t sent);

/* lease_seconds - t1 and t2 of an ACK in seconds, UINT32_MAX for never */
void lease_seconds(const struct dhcp *ack, uint32_t *t1, uint32_t *t2);

/* lease_prefix - bits of the mask; 0: there is none that can be.
   lease_mtu - likewise, RFC 2132 5.1 */
unsigned lease_prefix(const struct dhcp *);
uint16_t lease_mtu(const struct dhcp *);

#endif
