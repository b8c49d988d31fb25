/*
 * cksum.h - a checksum after a change, without a look at the rest (RFC 1624).
 */
#ifndef ROUTE_CKSUM_H
#define ROUTE_CKSUM_H

#include <stdint.h>

#include "base/bytes.h"

/* cksum_change16 - at sum, for a word that was old and is new: equation 3 */
static inline void
cksum_change16(uint8_t *sum, uint16_t old, uint16_t new)
{
	uint32_t s = (uint16_t)~get_be16(sum);

	s += (uint16_t)~old;
	s += new;
	s = (s >> 16) + (s & 0xffff);
	s = (s >> 16) + (s & 0xffff);
	put_be16(sum, (uint16_t)~s);
}

static inline void
cksum_change32(uint8_t *sum, uint32_t old, uint32_t new)
{
	cksum_change16(sum, (uint16_t)(old >> 16), (uint16_t)(new >> 16));
	cksum_change16(sum, (uint16_t)old, (uint16_t) new);
}

#endif
