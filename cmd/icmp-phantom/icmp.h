/*
 * icmp.h - the numbers of ICMP (RFC 792) and ICMPv6 (RFC 4443).
 */
#ifndef ICMP_PHANTOM_ICMP_H
#define ICMP_PHANTOM_ICMP_H

#include <stdbool.h>
#include <stdint.h>

struct ip_hdr;

enum {
	ICMP_HLEN = 8, /* of every message that is read or made here */
	ICMP_TIMESTAMP_LEN = 20,

	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_PROTOCOL = 2, /* its codes */
	ICMP_PORT = 3,
	ICMP_ECHO = 8,
	ICMP_TIMESTAMP = 13,
	ICMP_TIMESTAMP_REPLY = 14,
	ICMP_QUOTED = 576, /* RFC 1812 4.3.2.3: no error is longer */

	ICMP6_UNREACHABLE = 1,
	ICMP6_PORT = 4, /* its code */
	ICMP6_TOO_BIG = 2,
	ICMP6_PARAMETER = 4,
	ICMP6_UNKNOWN = 1,    /* its code: a next header */
	ICMP6_INFO = 128,     /* the types from here on are no errors, */
	ICMP6_REDIRECT = 137, /* but this one counts as one */
	ICMP6_ECHO = 128,
	ICMP6_ECHO_REPLY = 129,
	ICMP6_QUOTED = 1280, /* RFC 4443 2.4 (c) */
};

/* icmp6_is_error - what must never be answered by an error, RFC 4443 2.4 (e);
   p: the packet of this header, as far as it is there */
bool icmp6_is_error(const struct ip_hdr *, const uint8_t *p);

/*
 * icmp_may_be - ICMP or UDP; v6: only the first fragment shows what follows
 * the headers
 */
bool icmp_may_be(const struct ip_hdr *);

/* icmp_unknown - of a protocol that a phantom does not have, none of TCP */
bool icmp_unknown(const struct ip_hdr *);

#endif
