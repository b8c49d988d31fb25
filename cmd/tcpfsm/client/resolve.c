/*
 * resolve.c - the next hop's MAC, see resolve.h.
 *
 * Five requests, a second apart. An answer counts once we have asked: any
 * statement of the next hop is one, its own request to us included. A host
 * that states that it has our address is believed at any time: two hosts at
 * one address harm both (RFC 5227 2.4).
 */
#include "base/clock.h"
#include "base/die.h"
#include "client/resolve.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/neigh.h"

enum { REQUESTS = 5 };

uint64_t
hop_deadline(const struct hop *h)
{
	if (h->state != HOP_ASKING)
		return TIME_NEVER;
	if (h->ask.asked > 0 && h->patience < h->ask.at - h->since)
		return h->since + h->patience;
	return h->ask.at;
}

void
hop_ask(struct hop *h, uint64_t now, hop_emit *emit, void *ctx)
{
	uint8_t buf[NEIGH_FRAME];

	enum resolve_step step;

	if (h->state != HOP_ASKING || now < hop_deadline(h))
		return;
	if (h->ask.asked == 0)
		h->since = now;
	step = now - h->since < h->patience
		   ? resolve_step(&h->ask, REQUESTS, now)
		   : RESOLVE_SILENT;
	if (step == RESOLVE_SILENT)
		h->state = HOP_SILENT;
	else if (step == RESOLVE_ASK)
		emit(ctx, now, buf,
		    neigh_request(&h->next, &h->own, &h->mac, NULL, buf));
}

bool
hop_frame(struct hop *h, uint64_t now, const uint8_t *frame, size_t len,
    hop_emit *emit, void *ctx)
{
	enum neigh_error err;
	uint8_t buf[NEIGH_FRAME];
	struct neigh n;

	err = neigh_decode(frame, len, &n);
	if (err != NEIGH_OK)
		return err != NEIGH_OTHER;
	if (n.asks && ip_equal(&n.target, &h->own) &&
	    neigh_reaches(&n, &h->mac))
		emit(ctx, now, buf, neigh_answer(&n, &h->mac, 0, buf));
	if (!n.states || mac_equal(&n.mac, &h->mac))
		return true;
	if (ip_equal(&n.sender, &h->own)) {
		h->state = HOP_IN_USE;
		h->holder = n.mac;
	} else if (h->state == HOP_ASKING && ip_equal(&n.sender, &h->next)) {
		h->state = HOP_KNOWN;
		h->found = n.mac;
	}
	return true;
}

void
hop_tell(const struct hop *h)
{
	char addr[IP_TEXT], mac[MAC_TEXT];

	if (h->state == HOP_IN_USE)
		say("%s is in use by %s", ip_text(&h->own, addr),
		    mac_text(&h->holder, mac));
	else
		say("find %s: no answer: if it is not on this network, give "
		    "the router's address with -g",
		    ip_text(&h->next, addr));
}
