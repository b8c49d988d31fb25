/*
 * cksum_cache.c - checksums that are kept, see cksum_cache.h.
 */
#include <stdlib.h>

#include "base/cksum.h"
#include "tcp/cksum_cache.h"

enum {
	LEAST = 256,	/* bytes; shorter ones are summed each time */
	MOST = 4 << 20, /* segments of one length */
};

/* row_of - for segments of this length; NULL: they are not kept */
static struct sums_row *
row_of(struct sums *s, uint32_t len, size_t size)
{
	struct sums_row *r;
	int i;

	for (i = 0; i < SUMS_LENGTHS; i++) {
		r = &s->row[i];
		if (r->len == len)
			return r;
		if (r->len != 0)
			continue;
		if (size / len >= MOST)
			return NULL;
		r->sum = calloc(size / len + 1, sizeof(*r->sum));
		if (r->sum == NULL)
			return NULL;
		r->len = len;
		return r;
	}
	return NULL;
}

uint32_t
sums_get(struct sums *s, const uint8_t *p, size_t size, size_t off,
    uint32_t len, bool again)
{
	struct sums_row *r = NULL;
	uint16_t *kept;
	uint32_t sum;

	if (len >= LEAST && off % len == 0)
		r = row_of(s, len, size);
	if (r == NULL)
		return cksum_add(0, p + off, len);
	kept = &r->sum[off / len];
	if (*kept != 0 && !again)
		return *kept;
	sum = (uint16_t)~cksum_fold(cksum_add(0, p + off, len));
	/* both are zero in one's complement: RFC 1071 2(A) */
	*kept = sum != 0 ? (uint16_t)sum : 0xffff;
	return *kept;
}

void
sums_free(struct sums *s)
{
	int i;

	for (i = 0; i < SUMS_LENGTHS; i++) {
		free(s->row[i].sum);
		s->row[i] = (struct sums_row){.len = 0};
	}
}
