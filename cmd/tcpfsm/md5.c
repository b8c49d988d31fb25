/*
 * md5.c - the MD5 message digest, see md5.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "md5.h"

/* RFC 1321 3.4: the integer part of 2^32 * |sin(i + 1)| */
static const uint32_t sine[64] = {
    0xd76aa478,
    0xe8c7b756,
    0x242070db,
    0xc1bdceee,
    0xf57c0faf,
    0x4787c62a,
    0xa8304613,
    0xfd469501,
    0x698098d8,
    0x8b44f7af,
    0xffff5bb1,
    0x895cd7be,
    0x6b901122,
    0xfd987193,
    0xa679438e,
    0x49b40821,
    0xf61e2562,
    0xc040b340,
    0x265e5a51,
    0xe9b6c7aa,
    0xd62f105d,
    0x02441453,
    0xd8a1e681,
    0xe7d3fbc8,
    0x21e1cde6,
    0xc33707d6,
    0xf4d50d87,
    0x455a14ed,
    0xa9e3e905,
    0xfcefa3f8,
    0x676f02d9,
    0x8d2a4c8a,
    0xfffa3942,
    0x8771f681,
    0x6d9d6122,
    0xfde5380c,
    0xa4beea44,
    0x4bdecfa9,
    0xf6bb4b60,
    0xbebfbc70,
    0x289b7ec6,
    0xeaa127fa,
    0xd4ef3085,
    0x04881d05,
    0xd9d4d039,
    0xe6db99e5,
    0x1fa27cf8,
    0xc4ac5665,
    0xf4292244,
    0x432aff97,
    0xab9423a7,
    0xfc93a039,
    0x655b59c3,
    0x8f0ccc92,
    0xffeff47d,
    0x85845dd1,
    0x6fa87e4f,
    0xfe2ce6e0,
    0xa3014314,
    0x4e0811a1,
    0xf7537e82,
    0xbd3af235,
    0x2ad7d2bb,
    0xeb86d391,
};

static const uint8_t shift[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

/* mix - F, G, H or I of 3.4, and the word of the block that goes with it */
static uint32_t
mix(int i, const uint32_t *v, int *word)
{
	uint32_t b = v[1], c = v[2], d = v[3];

	switch (i / 16) {
	case 0:
		*word = i;
		return (b & c) | (~b & d);
	case 1:
		*word = (5 * i + 1) % 16;
		return (d & b) | (~d & c);
	case 2:
		*word = (3 * i + 5) % 16;
		return b ^ c ^ d;
	default:
		*word = 7 * i % 16;
		return c ^ (b | ~d);
	}
}

static void
take_block(struct md5 *m, const uint8_t *p)
{
	uint32_t v[4], x;
	int i, word, n;

	memcpy(v, m->s, sizeof(v));
	for (i = 0; i < 64; i++) {
		x = v[0] + mix(i, v, &word) + sine[i];
		x += get_le32(p + 4 * word);
		n = shift[i / 16][i % 4];
		v[0] = v[3];
		v[3] = v[2];
		v[2] = v[1];
		v[1] += x << n | x >> (32 - n);
	}
	for (i = 0; i < 4; i++)
		m->s[i] += v[i];
}

void
md5_init(struct md5 *m)
{
	static const uint32_t start[4] = {
	    0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

	memcpy(m->s, start, sizeof(start));
	m->len = 0;
}

void
md5_add(struct md5 *m, const uint8_t *p, size_t n)
{
	size_t had = m->len % 64, take;

	m->len += n;
	while (n > 0) {
		if (had == 0 && n >= 64) {
			take_block(m, p);
			p += 64;
			n -= 64;
			continue;
		}
		take = n < 64 - had ? n : 64 - had;
		memcpy(m->block + had, p, take);
		p += take;
		n -= take;
		had += take;
		if (had == 64) {
			take_block(m, m->block);
			had = 0;
		}
	}
}

const char *
md5_text(struct md5 *m, char buf[MD5_TEXT])
{
	static const uint8_t pad[64] = {0x80};
	uint64_t bits = m->len * 8;
	uint8_t end[8];
	int i;

	for (i = 0; i < 8; i++)
		end[i] = (uint8_t)(bits >> 8 * i);
	md5_add(m, pad, 1 + (119 - m->len % 64) % 64);
	md5_add(m, end, 8);
	for (i = 0; i < 16; i++)
		snprintf(buf + 2 * i, 3, "%02x",
		    (unsigned)(m->s[i / 4] >> 8 * (i % 4)) & 0xff);
	return buf;
}
