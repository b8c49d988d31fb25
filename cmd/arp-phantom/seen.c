/*
 * seen.c - the table of addresses that something is known of.
 */
#include <stddef.h>
#include <string.h>

#include "base/chance.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "seen.h"

static struct seen *
set_of(struct seen_table *t, const struct ip_addr *addr)
{
	return t->e[hash_keyed(t->key, addr->b, sizeof addr->b) % SEEN_SETS];
}

struct seen *
seen_find(struct seen_table *t, const struct ip_addr *addr, uint64_t now)
{
	struct seen *e = set_of(t, addr);

	for (int i = 0; i < SEEN_WAYS; i++, e++) {
		if (e->state == SEEN_FREE || !ip_equal(&e->addr, addr))
			continue;
		if (now >= e->until) {
			e->state = SEEN_FREE;
			return NULL;
		}
		e->used = now;
		return e;
	}
	return NULL;
}

/* same_mac - how many entries of the set have this one's */
static int
same_mac(const struct seen *set, const struct seen *e)
{
	int n = 0;

	for (int i = 0; i < SEEN_WAYS; i++)
		n += mac_equal(&set[i].mac, &e->mac);
	return n;
}

/* victim - a free entry, else the one that is dropped */
static struct seen *
victim(struct seen *set)
{
	struct seen *e = NULL;
	int most = 0;

	for (int i = 0; i < SEEN_WAYS; i++) {
		int n = same_mac(set, &set[i]);

		if (set[i].state == SEEN_FREE)
			return &set[i];
		if (e == NULL || n > most ||
		    (n == most && set[i].used < e->used)) {
			e = &set[i];
			most = n;
		}
	}
	return e;
}

struct seen *
seen_put(struct seen_table *t, const struct ip_addr *addr,
    enum seen_state state, uint64_t until, uint64_t now)
{
	struct seen *set = set_of(t, addr), *e = seen_find(t, addr, now);

	if (e == NULL) {
		e = victim(set);
		memset(e, 0, sizeof *e);
		e->addr = *addr;
	}
	e->state = state;
	e->until = until;
	e->used = now;
	return e;
}
