/*
 * seen.c - the table of addresses that something is known of.
 */
#include <stddef.h>
#include <string.h>

#include "base/chance.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "seen.h"

/* where - the number of the set, and the tag */
static unsigned
where(const struct seen_table *t, const struct ip_addr *addr, uint16_t *tag)
{
	uint64_t h = hash_keyed(t->key, addr->b, sizeof addr->b);

	*tag = (uint16_t)(h >> 48 | 1);
	return (unsigned)(h % SEEN_SETS);
}

/* find - in a set */
static struct seen *
find(struct seen_table *t, unsigned set, uint16_t tag,
    const struct ip_addr *addr, uint64_t now)
{
	struct seen *e = t->e[set];

	for (int i = 0; i < SEEN_WAYS; i++, e++) {
		if (t->tag[set][i] != tag || e->state == SEEN_FREE ||
		    !ip_equal(&e->addr, addr))
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

struct seen *
seen_find(struct seen_table *t, const struct ip_addr *addr, uint64_t now)
{
	uint16_t tag;
	unsigned set = where(t, addr, &tag);

	return find(t, set, tag, addr, now);
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
	uint16_t tag;
	unsigned set = where(t, addr, &tag);
	struct seen *e = find(t, set, tag, addr, now);

	if (e == NULL) {
		e = victim(t->e[set]);
		memset(e, 0, sizeof *e);
		e->addr = *addr;
		t->tag[set][e - t->e[set]] = tag;
	}
	e->state = state;
	e->until = until;
	e->used = now;
	return e;
}

void
seen_doubt(struct seen_table *t)
{
	struct seen *e = t->e[0];

	for (int i = 0; i < SEEN_SETS * SEEN_WAYS; i++, e++)
		if (e->state != SEEN_TAKEN)
			e->state = SEEN_FREE;
}
