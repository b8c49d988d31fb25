/*
 * cksum.c - the Internet checksum, see cksum.h.
 *
 * RFC 1071 2(B): the sum does not depend on byte order, so words are added
 * as the host reads them, eight bytes at a time, and swapped once at the end.
 */
#include <string.h>

#include "cksum.h"

/* fold64 - a 64-bit one's complement sum into 16 bits */
static uint16_t
fold64(uint64_t sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)sum;
}

/* to_net - a sum of host-order words as a sum of network-order words */
static uint16_t
to_net(uint16_t sum)
{
	const uint16_t one = 1;

	if (*(const uint8_t *)&one == 1)
		return (uint16_t)(sum << 8 | sum >> 8);
	return sum;
}

static uint64_t
add_carry(uint64_t sum, uint64_t w)
{
	sum += w;
	return sum + (sum < w);
}

/*
 * add_blocks - n bytes, a multiple of 32. Four sums that do not wait for each
 * other, their carries counted apart: 2^64 of a carry is 1 in one's complement
 */
static uint64_t
add_blocks(const uint8_t *p, size_t n)
{
	uint64_t a = 0, b = 0, c = 0, d = 0, w[4];
	uint64_t ca = 0, cb = 0, cc = 0, cd = 0;

	for (; n > 0; p += 32, n -= 32) {
		memcpy(w, p, 32);
		a += w[0];
		ca += a < w[0];
		b += w[1];
		cb += b < w[1];
		c += w[2];
		cc += c < w[2];
		d += w[3];
		cd += d < w[3];
	}
	a = add_carry(add_carry(a, b), add_carry(c, d));
	return add_carry(a, ca + cb + cc + cd);
}

uint32_t
cksum_add(uint32_t sum, const uint8_t *p, size_t n)
{
	size_t blocks = n & ~(size_t)31;
	uint64_t acc, w;
	uint16_t last;

	if (n == 0)
		return sum; /* p may be NULL */
	acc = add_blocks(p, blocks);
	p += blocks;
	n -= blocks;
	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&w, p, 8);
		acc = add_carry(acc, w);
	}
	for (; n >= 2; p += 2, n -= 2) {
		memcpy(&last, p, 2);
		acc = add_carry(acc, last);
	}
	if (n > 0) {
		last = 0;
		memcpy(&last, p, 1);
		acc = add_carry(acc, last);
	}
	acc = (uint64_t)to_net(fold64(acc)) + sum;
	return (uint32_t)((acc >> 32) + acc);
}

uint16_t
cksum_fold(uint32_t sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)~sum;
}
