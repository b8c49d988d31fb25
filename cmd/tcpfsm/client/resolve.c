/*
 * resolve.c - the next hop's MAC, see resolve.h.
 *
 * A question a second, five of them. An answer counts once we have asked: any
 * statement of the next hop is one, its own question to us included. A host
 * that states that it has our address is believed at any time: two hosts at
 * one address harm both (RFC 5227 2.4).
 */
#include "base/die.h"
#include "client/resolve.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/neigh.h"

enum { QUESTIONS = 5 };

#define GAP   UINT64_C(1000000000) /* RFC 1122 2.3.2.1, RFC 4861 10 */
#define NEVER UINT64_MAX

uint64_t
hop_deadline(const struct hop *h)
{
	return h->state == HOP_ASKING ? h->ask_at : NEVER;
}

void
hop_ask(struct hop *h, uint64_t now, hop_emit *emit, void *ctx)
{
	uint8_t buf[NEIGH_FRAME];

	if (h->state != HOP_ASKING || now < h->ask_at)
		return;
	if (h->asked == 0)
		h->since = now;
	if (h->asked == QUESTIONS || now - h->since >= h->patience) {
		h->state = HOP_SILENT;
		return;
	}
	emit(ctx, now, buf, neigh_request(&h->next, &h->own, &h->mac, buf));
	h->asked++;
	h->ask_at = now + (GAP < h->patience ? GAP : h->patience);
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
