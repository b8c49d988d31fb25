/*
 * chance.c - random numbers from a seed, and a keyed hash; see chance.h.
 */
#include <string.h>
#include <sys/random.h>

#include "base/bytes.h"
#include "base/chance.h"

int
chance_bytes(void *to, size_t n)
{
	return getrandom(to, n, 0) == (ssize_t)n ? 0 : -1;
}

int
chance_from_kernel(uint64_t *seed)
{
	return chance_bytes(seed, sizeof(*seed));
}

static uint64_t
rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

void
chance_seed(struct chance *c, uint64_t seed)
{
	int i;

	/* splitmix64 spreads one word over the state, never all zero */
	for (i = 0; i < 4; i++)
		c->s[i] = chance_mix(seed += UINT64_C(0x9e3779b97f4a7c15));
}

uint64_t
chance_u64(struct chance *c)
{
	uint64_t *s = c->s, out = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return out;
}

uint64_t
chance_below(struct chance *c, uint64_t n)
{
	uint64_t limit = UINT64_MAX - UINT64_MAX % n, v;

	do
		v = chance_u64(c);
	while (v >= limit);
	return v % n;
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* word - up to eight bytes, the first the lowest, on any machine */
static uint64_t
word(const uint8_t *p, size_t n)
{
	uint64_t w = 0;
	size_t i;

	for (i = 0; i < n; i++)
		w |= (uint64_t)p[i] << 8 * i;
	return w;
}

static void
sip_absorb(uint64_t v[4], uint64_t m)
{
	v[3] ^= m;
	sip_round(v);
	sip_round(v);
	v[0] ^= m;
}

uint64_t
hash_keyed(const uint64_t key[2], const uint8_t *p, size_t n)
{
	uint64_t v[4] = {key[0] ^ UINT64_C(0x736f6d6570736575),
	    key[1] ^ UINT64_C(0x646f72616e646f6d),
	    key[0] ^ UINT64_C(0x6c7967656e657261),
	    key[1] ^ UINT64_C(0x7465646279746573)};
	size_t left = n;
	int i;

	for (; left >= 8; p += 8, left -= 8)
		sip_absorb(v, get_le32(p) | (uint64_t)get_le32(p + 4) << 32);
	sip_absorb(v, word(p, left) | (uint64_t)n << 56);
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
