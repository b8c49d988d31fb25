/*
 * try.c - a reader, over headers of which up to six bytes are free. A reader
 * compares a byte with few numbers, and lengths with what is left: the free
 * bytes take those numbers, their neighbours and the ends of the range, in all
 * combinations, and each byte, and each pair of neighbours, all values.
 */
#include <string.h>

#include "base/bytes.h"
#include "prove.h"

uint64_t tries;

static void
one(const struct reader *r, const uint8_t *p, size_t len)
{
	uint8_t *to = tries++ % 2 ? fence_end(len) : fence_start();

	memcpy(to, p, len);
	r->read(to, len);
}

/* together - six bytes from here on, all combinations of the values */
static void
together(const struct reader *r, uint8_t *p, size_t len, size_t at, int n)
{
	size_t i[FREE_MOST] = {0};
	int k;

	if (at + (size_t)n > len)
		return;
	for (;;) {
		for (k = 0; k < n; k++)
			p[at + (size_t)k] = r->value[i[k]];
		one(r, p, len);
		for (k = 0; k < n && ++i[k] == r->values; k++)
			i[k] = 0;
		if (k == n)
			return;
	}
}

/* pairs - each byte, and each two neighbours, all values */
static void
pairs(const struct reader *r, const uint8_t *good, size_t len)
{
	uint8_t p[HEADER_MOST];
	size_t at, v;

	memcpy(p, good, len);
	for (at = 0; at + 1 < len; at++) {
		for (v = 0; v < 65536; v += all ? 1 : 251) {
			put_be16(p + at, (uint16_t)v);
			one(r, p, len);
		}
		for (v = 0; v < 256; v++) {
			p[at + 1] = good[at + 1];
			p[at] = (uint8_t)v;
			one(r, p, len);
		}
		p[at] = good[at];
	}
}

uint64_t
try_all(const struct reader *r)
{
	uint8_t p[HEADER_MOST], good[HEADER_MOST] = {0};
	size_t len, at, full;
	int n = all ? 5 : 3;

	tries = 0;
	for (full = r->least; full <= r->most; full++) {
		memset(good, 0, sizeof(good));
		r->make(good, full);
		for (len = 0; len <= full; len++)
			one(r, good, len);
		if (full == r->most)
			pairs(r, good, full);
		for (at = r->from; at < full; at += r->step) {
			memcpy(p, good, full);
			together(r, p, full, at, n);
		}
	}
	/* six, where most depends on them */
	memcpy(p, good, r->most);
	for (at = r->from; all && at < r->from + 3; at++) {
		memcpy(p, good, r->most);
		together(r, p, r->most, at, FREE_MOST);
	}
	return tries;
}
