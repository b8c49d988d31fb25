/*
 * cksum.h - the Internet checksum (RFC 1071).
 *
 * A partial sum is a number: the one's complement sum of 16-bit words in
 * network order. Fields may be added to it as plain numbers.
 */
#ifndef BASE_CKSUM_H
#define BASE_CKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * cksum_add - sum of n bytes added to a partial sum. Only the last piece of
 * several may have odd length.
 */
uint32_t cksum_add(uint32_t sum, const uint8_t *p, size_t n);

/* cksum_fold - the value for the header's field, to be put by put_be16() */
uint16_t cksum_fold(uint32_t sum);

#endif
