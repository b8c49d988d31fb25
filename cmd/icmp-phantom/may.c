/*
 * may.c - may this packet be answered? As many as the limits say.
 */
#include "responder_var.h"

bool
responder_may(struct responder *r, struct limit *l, const struct packet *k)
{
	bool may = limit_take(l, k->now, &k->ip.src, r->key);

	r->again = l->again;
	if (!may)
		responder_drop(r, k, DROP_RATE);
	return may;
}

bool
responder_again(const struct responder *r)
{
	return r->again;
}
