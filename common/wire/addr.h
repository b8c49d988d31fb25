/*
 * addr.h - the addresses of a host.
 */
#ifndef WIRE_ADDR_H
#define WIRE_ADDR_H

#include <stdint.h>

/* IPv6; IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2) */
struct ip_addr {
	uint8_t b[16];
};

struct mac {
	uint8_t b[6];
};

#endif
