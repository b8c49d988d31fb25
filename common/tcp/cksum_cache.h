/*
 * cksum_cache.h - the checksums of a file's segments, kept: a file is cut
 * at the same places for every peer with the same MSS, so its bytes are read
 * once, not once a connection.
 */
#ifndef TCP_CKSUM_CACHE_H
#define TCP_CKSUM_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUMS_LENGTHS = 4 }; /* that are kept at the same time */

struct sums {
	struct sums_row {
		uint32_t len;  /* of the segments, 0: not used */
		uint16_t *sum; /* of the bytes from len * i on; 0: not known */
	} row[SUMS_LENGTHS];
};

/*
 * sums_get - the partial sum (see cksum.h) of the len bytes at off of a file
 * of size bytes, mapped at p. again: do not believe what is kept, the file
 * may have changed; keep what is found.
 */
uint32_t sums_get(struct sums *, const uint8_t *p, size_t size, size_t off,
    uint32_t len, bool again);
void sums_free(struct sums *);

#endif
