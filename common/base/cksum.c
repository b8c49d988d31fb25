/*
 * cksum.c - the Internet checksum, see cksum.h.
 *
 * RFC 1071 2(B): the sum does not depend on byte order, so words are added
 * as the host reads them, many at a time, and swapped once at the end.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/cksum.h"

/* fold64 - a 64-bit one's complement sum into 16 bits: 0 only of 0 */
static uint16_t
fold64(uint64_t sum)
{
	uint16_t r = sum % UINT16_MAX;

	return r == 0 && sum != 0 ? UINT16_MAX : r;
}

/*
 * Four words at once, as the compiler has them: the halves of each word are
 * added up apart, so that nothing is carried out of 64 bits in less than 2^35
 * bytes.
 */
typedef uint64_t lanes __attribute__((vector_size(32)));

enum { BLOCK = 64 };

/* sum_blocks - the body of add_blocks(), compiled once for each machine */
static inline __attribute__((always_inline)) uint64_t
sum_blocks(const uint8_t *p, size_t n)
{
	const lanes low = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
	lanes a = {0}, b = {0}, v, w;
	uint64_t sum = 0;
	int i;

	for (; n > 0; p += BLOCK, n -= BLOCK) {
		memcpy(&v, p, sizeof(v));
		memcpy(&w, p + sizeof(v), sizeof(w));
		a += (v & low) + (w & low);
		b += (v >> 32) + (w >> 32);
	}
	for (i = 0; i < 4; i++)
		sum += a[i] + b[i];
	return sum;
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static uint64_t
add_blocks_avx2(const uint8_t *p, size_t n)
{
	return sum_blocks(p, n);
}

#endif

/* add_blocks - n bytes, a multiple of BLOCK: their sum in 64 bits */
static uint64_t
add_blocks(const uint8_t *p, size_t n)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		return add_blocks_avx2(p, n);
#endif
	return sum_blocks(p, n);
}

uint32_t
cksum_add(uint32_t sum, const uint8_t *p, size_t n)
{
	size_t blocks = n & ~(size_t)(BLOCK - 1);
	uint64_t acc = blocks > 0 ? add_blocks(p, blocks) : 0;
	uint32_t w;

	if (n == 0)
		return sum; /* p may be NULL */
	/* headers end in such words, not in longer ones: to copy what is left
	   of one, below, takes longer than all the rest of their sum */
	for (p += blocks, n -= blocks; n >= 4; p += 4, n -= 4) {
		memcpy(&w, p, 4);
		acc += w;
	}
	/* zeros behind an odd byte, and behind a word, add nothing */
	if (n > 0) {
		w = 0;
		memcpy(&w, p, n);
		acc += w;
	}
	acc = (uint64_t)ntohs(fold64(acc)) + sum;
	return (uint32_t)((acc >> 32) + acc);
}

uint16_t
cksum_fold(uint32_t sum)
{
	return (uint16_t)~fold64(sum);
}
