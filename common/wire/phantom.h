/*
 * phantom.h - the rule by which a stage recognizes a phantom by itself:
 * the Ethernet destination agrees with the IP destination.
 */
#ifndef WIRE_PHANTOM_H
#define WIRE_PHANTOM_H

#include <stdbool.h>

struct ip_addr;
struct mac;

/*
 * phantom_is_at - is a frame to this MAC, a packet to this address, for a
 * phantom? addr (-a) and mac (-m) narrow or widen the rule; NULL: not given
 */
bool phantom_is_at(const struct ip_addr *addr, const struct mac *mac,
    const struct mac *to, const struct ip_addr *dst);

/* phantom_may_be_at - the same, when there is no address to compare */
bool phantom_may_be_at(
    const struct ip_addr *addr, const struct mac *mac, const struct mac *to);

/*
 * phantom_hears - can src be answered: one host's address at one host's MAC,
 * and not the phantom's own (RFC 1122 3.2.1.3, 3.2.2)?
 */
bool phantom_hears(const struct ip_addr *src, const struct mac *from,
    const struct ip_addr *dst);

#endif
