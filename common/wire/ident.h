/*
 * ident.h - identifications of IPv4 packets and of IPv6 fragments: where they
 * begin cannot be guessed (RFC 6864 4.3, RFC 7739 4.1), and how they go on is a
 * matter of the host's face.
 */
#ifndef WIRE_IDENT_H
#define WIRE_IDENT_H

#include <stdint.h>

#include "wire/addr.h"
#include "wire/face.h"

struct chance;

enum { IDENT_PAIRS = 1024, IDENT_HOSTS = 4096 };

struct ident {
	uint64_t key[2];
	struct {
		uint32_t id, at;    /* the next, and the tick of the last */
	} pair[IDENT_PAIRS];	    /* of two hosts and a protocol */
	uint16_t host[IDENT_HOSTS]; /* of a host that counts in one way for
				       all that it sends to */
};

void ident_init(struct ident *, struct chance *);

/*
 * ident_next - of a packet of this protocol from src to dst; first: where a
 * host begins that counts (FACE_ID_COUNT, _SWAPPED, _LEAPS). FACE_ID_OWN is
 * the way of a Linux: each pair of hosts has a count for each protocol, and to
 * the one that is due comes any number up to the ticks of 4 ms since the last.
 * 16 of the 32 bits are for IPv4.
 */
uint32_t ident_next(struct ident *, uint64_t now, enum face_id, uint16_t first,
    const struct ip_addr *src, const struct ip_addr *dst, uint8_t proto);

#endif
