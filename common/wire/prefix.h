/*
 * prefix.h - ranges of addresses.
 */
#ifndef WIRE_PREFIX_H
#define WIRE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/ip.h"

struct prefix {
	struct ip_addr addr;
	unsigned len; /* of the 128 bits: a v4 /24 is 120, one address 128 */
};

/* prefix_holds - the address is of the same family, and within */
bool prefix_holds(const struct prefix *, const struct ip_addr *);

/*
 * prefix_has_host - within, and can be one host's: not the network's or
 * the broadcast address of a v4 prefix (RFC 1122 3.2.1.3; a /31 has neither,
 * RFC 3021 2.2), nor the subnet-router anycast address of a v6 prefix (RFC
 * 4291 2.6.1; a /127 has none, RFC 6164 6)
 */
bool prefix_has_host(const struct prefix *, const struct ip_addr *);

/* prefix_any_has_host - one of the n has it, none of the nexcept holds it */
bool prefix_any_has_host(const struct prefix *, size_t n,
    const struct prefix *except, size_t nexcept, const struct ip_addr *);

/* prefix_start - its first address: what it is written with */
struct ip_addr prefix_start(const struct prefix *);

enum { PREFIX_DOUBT = 160 };
/*
 * prefix_doubt - an address with the length of its network, 10.0.0.5/24, may
 * mean the one host or all of them: a question, and what to write, into text.
 * NULL: it is a network's
 */
const char *prefix_doubt(const struct prefix *, char text[PREFIX_DOUBT]);

/* prefix_bits - the length as people write it: of 32 or of 128 */
unsigned prefix_bits(const struct prefix *);

#endif
