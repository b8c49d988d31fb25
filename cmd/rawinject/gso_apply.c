/*
 * gso_apply.c - the process that holds the socket carries out the plan, within
 * limits: each piece lies in the records that were to be planned or in what was
 * made for them, and there are no more messages than bytes. So it ends, and
 * reads nothing else, even if an attacker has written the plan.
 *
 * The planner can write at any time: a number is read once, then checked.
 */
#include "rawinject.h"

/* place - of a piece; NULL: where none may lie */
static uint8_t *
place(const struct planner *pl, struct plan_piece p)
{
	bool made = p.at >= ASK_BYTES;
	size_t at = made ? p.at - ASK_BYTES : p.at;
	size_t from = made ? 0 : pl->start;
	size_t end = made ? PLAN_MADE : pl->end;

	if (at < from || at > end || p.len == 0 || p.len > end - at)
		return NULL;
	return (made ? pl->plan->made : pl->ask->buf) + at;
}

int
follow(struct batch *b, struct planner *pl)
{
	const volatile struct plan *now = pl->plan;
	uint32_t n = now->n, more = now->more, i, k, used = 0;
	struct plan_piece piece;
	struct plan_msg msg;
	uint8_t *p;

	if (n > PLAN_MSGS || n > pl->left || (more && n == 0))
		return -1;
	pl->left -= n;
	for (i = 0; i < n; i++) {
		msg = now->msg[i];
		if (msg.pieces == 0 || msg.pieces > PLAN_PIECES_EACH ||
		    msg.pieces > PLAN_PIECES - used)
			return -1;
		batch_begin(b, msg.super, msg.super ? msg.pieces - 1u : 1);
		for (k = 0; k < msg.pieces; k++) {
			piece = now->piece[used++];
			p = place(pl, piece);
			if (p == NULL)
				return -1;
			batch_piece(b, p, piece.len);
		}
	}
	batch_flush(b);
	b->bad += now->bad;
	b->refused += now->refused;
	return more != 0;
}
