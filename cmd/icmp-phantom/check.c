/*
 * check.c - may this ping be the check of a DHCP server? (RFC 2131 4.3.1)
 *
 * A DISCOVER can be forged, and until a server is known, any host may be one.
 * So what is withheld has a share for each asker: a server pings an address
 * once or a few times within two seconds, and not again for as long as it
 * remembers what it has found; and it has few addresses to check at a time.
 */
#include <string.h>

#include "base/bucket.h"
#include "base/chance.h"
#include "base/clock.h"
#include "wire/dhcp_watch.h"

#include "responder_var.h"

#define CHECK_TIME  (2 * NS_PER_SEC)  /* one check of an address, */
#define CHECK_AGAIN (60 * NS_PER_SEC) /* and no second one within that */
#define CHECK_EVERY (4 * NS_PER_SEC)  /* new addresses of one asker, */

enum { CHECK_BURST = 64 }; /* after so many at once */

/* find - this pair of addresses, or the place for it */
static struct checked *
find(struct checked *set, uint64_t pair)
{
	struct checked *oldest = set;

	for (unsigned i = 0; i < CHECK_WAYS; i++) {
		if (set[i].pair == pair)
			return &set[i];
		if (set[i].since < oldest->since)
			oldest = &set[i];
	}
	return oldest;
}

bool
responder_withholds(struct responder *r, const struct packet *k)
{
	uint64_t asker = ip_source(&k->ip.src, r->key), pair;
	uint8_t both[32];
	struct checked *c;

	if (!dhcp_watch_checks(&r->dhcp, k->now, &k->ip.src))
		return false;
	memcpy(both, k->ip.src.b, 16);
	memcpy(both + 16, k->ip.dst.b, 16);
	pair = hash_keyed(r->key, both, sizeof both);
	c = find(r->checked[pair % CHECK_SETS], pair);
	if (c->pair == pair && k->now - c->since < CHECK_AGAIN)
		return k->now - c->since < CHECK_TIME;
	if (!bucket_take(&r->asker[asker % LIMIT_SOURCES], k->now, CHECK_EVERY,
		CHECK_BURST))
		return false;
	c->pair = pair;
	c->since = k->now;
	return true;
}
