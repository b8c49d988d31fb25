/*
 * pass.c - see pass.h.
 */
#include <string.h>

#include "pipe/pass.h"

enum {
	SHORT = 256,	   /* bytes; copying one costs less than a piece */
	MOST = 64 * 1024,  /* bytes at once: what fits any queue */
	LEAST = 16 * 1024, /* fewer are copied: they wait for others */
};

/* add - one more piece, or a longer one */
static void
add(struct pass *t, const uint8_t *p, size_t n)
{
	struct iovec *v = &t->piece[t->pieces];

	t->bytes += n;
	if (t->pieces > 0 && (uint8_t *)v[-1].iov_base + v[-1].iov_len == p) {
		v[-1].iov_len += n;
		return;
	}
	*v = (struct iovec){(void *)(uintptr_t)p, n};
	t->pieces++;
}

/* may_pass - nothing waits, and the pipe takes more */
static bool
may_pass(const struct pass_to *to)
{
	return to->fd >= 0 && !*to->full && stream_out_waiting(to->out) == 0;
}

bool
pass_put(struct pass *t, const struct pass_to *to, uint64_t now,
    const uint8_t *p, size_t n, const uint8_t *q, size_t m)
{
	uint8_t *head;

	if (t->to.out != NULL &&
	    (t->to.out != to->out || t->frames == PASS_FRAMES || m < SHORT ||
		t->bytes + n + m > MOST))
		pass_end(t);
	if (m < SHORT || n + m > MOST - STREAM_REC_HLEN || !may_pass(to))
		return false;
	t->to = *to;
	if (p + n == q) { /* as it was read */
		head = (uint8_t *)(uintptr_t)p - STREAM_REC_HLEN;
		stream_rec_head(
		    head, now, (uint32_t)(n + m), (uint32_t)(n + m));
		add(t, head, STREAM_REC_HLEN + n + m);
	} else {
		head = t->head[t->frames];
		stream_rec_head(
		    head, now, (uint32_t)(n + m), (uint32_t)(n + m));
		memcpy(head + STREAM_REC_HLEN, p, n);
		add(t, head, STREAM_REC_HLEN + n);
		add(t, q, m);
	}
	t->frames++;
	return true;
}

/* keep - too few to be worth a call: they wait for others */
static void
keep(struct pass *t)
{
	unsigned i;

	for (i = 0; i < t->pieces; i++)
		(void)stream_out_raw(
		    t->to.out, t->piece[i].iov_base, t->piece[i].iov_len);
}

void
pass_end(struct pass *t)
{
	if (t->to.out == NULL)
		return;
	if (t->bytes < LEAST)
		keep(t);
	else if (!stream_out_straight(t->to.out, t->to.fd, t->piece, t->pieces))
		*t->to.full = true;
	t->to.out->count += t->frames;
	t->to.out = NULL;
	t->frames = t->pieces = 0;
	t->bytes = 0;
}
