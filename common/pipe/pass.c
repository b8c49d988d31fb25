/*
 * pass.c - see pass.h.
 */
#include <string.h>

#include "pipe/pass.h"

enum {
	SHORT = 256,	   /* bytes; copying costs less than a piece */
	MOST = 72 * 1024,  /* bytes at once: what is read at once, with tags;
			      fits any queue */
	LEAST = 16 * 1024, /* fewer are copied: they wait for others */
	LEND_LEAST = 32 * 1024, /* fewer are not lent, */
	LEND_PIECE = 4096,	/* nor what is in smaller pieces: each fills a
				   place of the pipe */
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

/* whole - the record that begins here, now that its frame is there */
static void
whole(struct pass *t, uint64_t now, uint8_t *rec, size_t n)
{
	stream_rec_head(rec, now, (uint32_t)n, (uint32_t)n);
	add(t, rec, STREAM_REC_HLEN + n);
}

/*
 * close_up - the frame moves to the end of those before it, so that they are
 * one piece: where it was its neighbours were, too, but for a tag more or less.
 * False: there is no room, as frames have become longer.
 */
static bool
close_up(struct pass *t, uint64_t now, const uint8_t *p, size_t n,
    const uint8_t *q, size_t m)
{
	uint8_t *rec = t->slots->tail, first[16];

	if (n > sizeof(first) || rec + STREAM_REC_HLEN + n > q)
		return false;
	memcpy(first, p, n);
	memmove(rec + STREAM_REC_HLEN + n, q, m);
	memcpy(rec + STREAM_REC_HLEN, first, n);
	whole(t, now, rec, n + m);
	return true;
}

/* in_pieces - what is before the rest of the frame lies elsewhere */
static void
in_pieces(struct pass *t, uint64_t now, const uint8_t *p, size_t n,
    const uint8_t *q, size_t m)
{
	uint8_t *rec = t->head[t->frames];

	stream_rec_head(rec, now, (uint32_t)(n + m), (uint32_t)(n + m));
	memcpy(rec + STREAM_REC_HLEN, p, n);
	add(t, rec, STREAM_REC_HLEN + n);
	add(t, q, m);
}

/* begin - to a pipe: pages are lent, where they can be */
static void
begin(struct pass *t, const struct pass_to *to)
{
	t->to = *to;
	t->lend = t->slots != NULL && slots_may_lend(t->slots, to);
}

/* most - bytes at once: of a slot all, where its rest fits the queue, too */
static size_t
most(const struct pass *t)
{
	return t->lend && t->to.out->cap >= 3 * MOST ? 3 * MOST : MOST;
}

/* joins - one more frame costs no piece: it lies behind the others, or can be
   moved there */
static bool
joins(const struct pass *t, bool as_read, bool only)
{
	return t->to.out != NULL && (as_read || (t->lend && only));
}

bool
pass_put(struct pass *t, const struct pass_to *to, uint64_t now,
    const uint8_t *p, size_t n, const uint8_t *q, size_t m, bool only)
{
	if (t->to.out != NULL &&
	    (t->to.out != to->out || t->frames == PASS_FRAMES ||
		t->bytes + n + m > most(t)))
		pass_end(t);
	if (n + m > MOST - STREAM_REC_HLEN || !may_pass(to) ||
	    (m < SHORT && !joins(t, p + n == q, only))) {
		pass_end(t);
		return false;
	}
	if (t->to.out == NULL)
		begin(t, to);
	if (p + n == q) { /* as it was read */
		whole(t, now, (uint8_t *)(uintptr_t)p - STREAM_REC_HLEN, n + m);
	} else if (!t->lend) {
		in_pieces(t, now, p, n, q, m);
	} else if (!only || !close_up(t, now, p, n, q, m)) {
		pass_end(t);
		return false;
	}
	if (t->lend)
		t->slots->tail = (uint8_t *)t->piece[t->pieces - 1].iov_base +
				 t->piece[t->pieces - 1].iov_len;
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

/* leave - by writev(), or lent; false: the pipe is full */
static bool
leave(struct pass *t)
{
	if (!t->lend || t->bytes < LEND_LEAST ||
	    t->bytes < (size_t)t->pieces * LEND_PIECE)
		return stream_out_straight(
		    t->to.out, t->to.fd, t->piece, t->pieces);
	return stream_out_took(t->to.out, t->piece, t->pieces,
	    slots_lend(t->slots, &t->to, t->piece, (int)t->pieces));
}

void
pass_end(struct pass *t)
{
	if (t->to.out == NULL)
		return;
	if (t->bytes < LEAST)
		keep(t);
	else if (!leave(t))
		*t->to.full = true;
	t->to.out->count += t->frames;
	t->to.out = NULL;
	t->frames = t->pieces = 0;
	t->bytes = 0;
}
