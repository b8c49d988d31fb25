/*
 * macs.c - see macs.h. Sets of eight places: an address has one set, by its
 * hash, and a place in it that is free, too old, or that of the entry which
 * has to go.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "wire/ether.h"

#include "macs.h"

enum { WAYS = 8, EMPTY = UINT16_MAX, RECENT = 16 };

/* where the set of an address is: few have most of the traffic */
struct recent {
	uint64_t name; /* the address and the VLAN; 0: none */
	uint32_t set;
};

struct macs {
	uint64_t key[2], age;
	uint32_t sets, share; /* share: entries that any port may have */
	struct recent recent[RECENT];
	struct bridge_entry entry[];
};

struct macs *
macs_new(uint32_t max, unsigned ports, uint64_t age, const uint64_t key[2])
{
	uint32_t sets = (max + WAYS - 1) / WAYS, i;
	struct macs *m;

	m = calloc(1, sizeof(*m) + sizeof(m->entry[0]) * sets * WAYS);
	if (m == NULL)
		return NULL;
	memcpy(m->key, key, sizeof(m->key));
	m->age = age;
	m->sets = sets;
	m->share = sets * WAYS / (ports > 0 ? ports : 1);
	for (i = 0; i < sets * WAYS; i++)
		m->entry[i].port = EMPTY;
	return m;
}

void
macs_free(struct macs *m)
{
	free(m);
}

static bool
is_old(const struct macs *m, uint64_t now, const struct bridge_entry *e)
{
	return e->port == EMPTY || now > e->seen + m->age;
}

/* set_of - the first place of the set of an address */
static uint32_t
set_of(struct macs *m, const struct mac *mac, unsigned vid)
{
	struct recent *last = &m->recent[(mac->b[5] ^ mac->b[3]) % RECENT];
	uint64_t name = (uint64_t)get_be32(mac->b) << 32 |
			(uint64_t)get_be16(mac->b + 4) << 16 | vid;
	uint8_t b[8];

	if (last->name == name)
		return last->set;
	put_be32(b, (uint32_t)(name >> 32));
	put_be32(b + 4, (uint32_t)name);
	last->name = name;
	last->set = (uint32_t)(hash_keyed(m->key, b, sizeof(b)) % m->sets) *
		    WAYS;
	return last->set;
}

static bool
is_it(const struct bridge_entry *e, const struct mac *mac, unsigned vid)
{
	return e->port != EMPTY && e->vid == vid && mac_equal(&e->mac, mac);
}

/*
 * victim - the place for a new entry: a free one or one too old, else the
 * oldest; a port that has its share already gives up one of its own. NULL:
 * there is none, and the address is not learned.
 */
static struct bridge_entry *
victim(struct macs *m, struct bridge_entry *set, uint64_t now, unsigned port,
    const struct bridge_port *ports)
{
	bool sated = ports[port].macs >= m->share;
	struct bridge_entry *best = NULL;
	unsigned i;

	for (i = 0; i < WAYS; i++)
		if (is_old(m, now, &set[i]))
			return &set[i];
	for (i = 0; i < WAYS; i++)
		if ((!sated || set[i].port == port) &&
		    (best == NULL || set[i].seen < best->seen))
			best = &set[i];
	return best;
}

bool
macs_learn(struct macs *m, uint64_t now, const struct mac *mac, unsigned vid,
    unsigned port, struct bridge_port *ports)
{
	struct bridge_entry *set = &m->entry[set_of(m, mac, vid)], *e = NULL;
	unsigned i;
	bool moved;

	for (i = 0; i < WAYS && e == NULL; i++)
		if (is_it(&set[i], mac, vid))
			e = &set[i];
	moved = e != NULL && e->port != port && !is_old(m, now, e);
	if (e == NULL)
		e = victim(m, set, now, port, ports);
	if (e == NULL)
		return false;
	if (e->port != EMPTY)
		ports[e->port].macs--;
	ports[port].macs++;
	*e = (struct bridge_entry){.mac = *mac,
	    .vid = (uint16_t)vid,
	    .port = (uint16_t)port,
	    .seen = now};
	return moved;
}

int
macs_find(struct macs *m, uint64_t now, const struct mac *mac, unsigned vid)
{
	const struct bridge_entry *set = &m->entry[set_of(m, mac, vid)];
	unsigned i;

	for (i = 0; i < WAYS; i++)
		if (is_it(&set[i], mac, vid))
			return is_old(m, now, &set[i]) ? -1 : set[i].port;
	return -1;
}

void
macs_forget(struct macs *m, unsigned port, struct bridge_port *ports)
{
	uint32_t i;

	for (i = 0; i < m->sets * WAYS; i++)
		if (m->entry[i].port == port)
			m->entry[i].port = EMPTY;
	ports[port].macs = 0;
}

void
macs_each(const struct macs *m, uint64_t now, void *ctx,
    void (*each)(void *ctx, const struct bridge_entry *))
{
	uint32_t i;

	for (i = 0; i < m->sets * WAYS; i++)
		if (!is_old(m, now, &m->entry[i]))
			each(ctx, &m->entry[i]);
}
