/*
 * chance.h - the one source of chance, and the keyed hash.
 *
 * The generator (xoshiro256**) is seeded once, from the kernel or by -S: the
 * same seed gives the same run. The hash (SipHash-2-4) is for what an
 * outsider must not compute: sequence numbers, hash tables.
 */
#ifndef BASE_CHANCE_H
#define BASE_CHANCE_H

#include <stddef.h>
#include <stdint.h>

struct chance {
	uint64_t s[4];
};

/* chance_bytes - up to 256 unpredictable bytes; 0, or -1 and errno */
int chance_bytes(void *, size_t n);
/* chance_from_kernel - 64 unpredictable bits for a seed; 0, or -1 and errno */
int chance_from_kernel(uint64_t *seed);

/* chance_mix - the word that splitmix64 makes of another; no secret is safe in
   it */
static inline uint64_t
chance_mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void chance_seed(struct chance *, uint64_t seed);
uint64_t chance_u64(struct chance *);
/* chance_below - a number from 0 to n - 1, evenly; n > 0 */
uint64_t chance_below(struct chance *, uint64_t n);

/* hash_keyed - SipHash-2-4 of n bytes */
uint64_t hash_keyed(const uint64_t key[2], const uint8_t *p, size_t n);

#endif
