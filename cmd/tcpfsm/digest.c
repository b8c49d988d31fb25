/*
 * digest.c - --md5, see digest.h.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "digest.h"
#include "log.h"
#include "md5.h"

struct digests {
	uint64_t done;
	struct md5 sent, received;
};

struct digests *
digests_new(void)
{
	struct digests *d = calloc(1, sizeof(*d));

	if (d != NULL) {
		md5_init(&d->sent);
		md5_init(&d->received);
	}
	return d;
}

void
digests_acked(struct digests *d, uint64_t off, const uint8_t *from)
{
	if (d == NULL || off <= d->done)
		return;
	md5_add(&d->sent, from, (size_t)(off - d->done));
	d->done = off;
}

uint64_t
digests_done(const struct digests *d)
{
	return d != NULL ? d->done : 0;
}

void
digests_received(struct digests *d, const uint8_t *p, size_t n)
{
	if (d != NULL && p != NULL)
		md5_add(&d->received, p, n);
}

void
digests_text(struct digests *d, struct log_more *more)
{
	if (d == NULL)
		return;
	md5_text(&d->sent, more->sent_md5);
	md5_text(&d->received, more->received_md5);
	more->md5 = true;
}
