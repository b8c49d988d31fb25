/*
 * dhcp_watch.h - what an observer learns from the DHCP messages on a network:
 * which addresses are given to which client, which hosts are servers, and when
 * one of them may be checking whether an address is free.
 *
 * A server that has received a DISCOVER pings the address that it wants to
 * offer, or asks for it by ARP (RFC 2131 4.3.1), and waits up to three
 * seconds. A phantom must not answer that: the server would find its whole
 * range in use.
 */
#ifndef WIRE_DHCP_WATCH_H
#define WIRE_DHCP_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/dhcp.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum { DHCP_SERVERS = 8 };

struct dhcp_watch {
	struct ip_addr server[DHCP_SERVERS]; /* the last ones seen */
	unsigned n, next;
	uint64_t until; /* servers may check this long */
};

enum dhcp_use {
	DHCP_NOTHING,
	DHCP_WISHED, /* a client would like to have the address */
	DHCP_USED,   /* it is offered, given or taken */
};

/* dhcp_watch_frame - an Ethernet frame; true when it is a DHCP message */
bool dhcp_watch_frame(struct dhcp_watch *, uint64_t now, const uint8_t *frame,
    size_t len, struct dhcp *);

/* dhcp_watch_use - which address a message is about, and the client's MAC */
enum dhcp_use dhcp_watch_use(
    const struct dhcp *, struct ip_addr *addr, struct mac *client);

/*
 * dhcp_watch_checks - may this host be a server that checks an address? Any
 * of IPv4 may be, as long as no server is known.
 */
bool dhcp_watch_checks(
    const struct dhcp_watch *, uint64_t now, const struct ip_addr *host);

#endif
