/*
 * gso_plan.c - a plan as it is made: messages, their pieces, and what is made
 * for them. A full plan is carried out, and a new one begins.
 */
#include <string.h>

#include "rawinject.h"

void
draft_begin(struct draft *d)
{
	d->pieces = d->made = 0;
	d->plan->n = d->plan->bad = d->plan->refused = 0;
}

static bool
has_room(const struct draft *d, uint32_t pieces, size_t bytes)
{
	return d->pieces + pieces <= PLAN_PIECES &&
	       d->made + bytes <= PLAN_MADE;
}

static void
add_message(struct draft *d, uint32_t at, size_t len)
{
	d->plan->msg[d->plan->n++] = (struct plan_msg){1, 0};
	d->plan->piece[d->pieces++] = (struct plan_piece){at, (uint32_t)len};
}

/* where bytes lie in the read buffer */
static uint32_t
offset(const struct draft *d, const uint8_t *p)
{
	return (uint32_t)(p - d->ask->buf);
}

void
draft_frame(struct draft *d, const uint8_t *frame, size_t len)
{
	if (d->plan->n == PLAN_MSGS || !has_room(d, 1, 0))
		d->full();
	add_message(d, offset(d, frame), len);
}

uint8_t *
draft_make(struct draft *d, size_t n)
{
	uint8_t *p;

	if (d->plan->n == PLAN_MSGS || !has_room(d, 1, n))
		d->full();
	p = d->plan->made + d->made;
	add_message(d, ASK_BYTES + d->made, n);
	d->made += (uint32_t)n;
	return p;
}

uint8_t *
draft_super(struct draft *d, const struct segment *s)
{
	struct plan_piece *piece = &d->plan->piece[d->pieces - 1];
	uint32_t n = PKTSOCK_VNET_HLEN + (uint32_t)s->hlen;
	uint8_t *head = d->plan->made + d->made;

	if (!has_room(d, 2, n))
		return NULL;
	piece[0] = (struct plan_piece){ASK_BYTES + d->made, n};
	piece[1] = (struct plan_piece){
	    offset(d, s->frame + s->hlen), s->payload};
	d->plan->msg[d->plan->n - 1] = (struct plan_msg){2, 1};
	d->pieces++;
	d->made += n;
	return head;
}

bool
draft_extend(struct draft *d, const uint8_t *p, size_t n)
{
	if (!has_room(d, 1, 0))
		return false;
	d->plan->piece[d->pieces++] = (struct plan_piece){
	    offset(d, p), (uint32_t)n};
	d->plan->msg[d->plan->n - 1].pieces++;
	return true;
}
