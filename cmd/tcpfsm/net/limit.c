/*
 * limit.c - how many connections a line of the file allows at once, see
 * limit.h. What all sources share has a part for each, see base/part.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "base/part.h"
#include "hosts/hosts.h"
#include "net/limit.h"
#include "net/session.h"
#include "tcp/tcp.h"
#include "wire/ip.h"

enum {
	COUNTS = 65536, /* those that share one share its limit */
	LOOKS = 50,	/* a second, over all connections, */
	LOOKS_AT_ONCE = 10,
};

struct limits {
	uint64_t key[2], looks;
	uint16_t count[COUNTS];
	uint16_t most[COUNTS]; /* no source has more of what is for all */
};

struct limits *
limits_new(const uint64_t key[2])
{
	struct limits *l = calloc(1, sizeof(*l));

	if (l != NULL)
		memcpy(l->key, key, sizeof(l->key));
	return l;
}

/* own - connections of a source at the rule's ports, or of those that count
   for what it shares with others */
static uint16_t *
own(struct limits *l, const struct hosts_rule *r, enum hosts_limit of,
    struct tcb *tcb)
{
	uint64_t key[2] = {l->key[0], l->key[1] ^ r->no}, source;
	uint8_t b[27] = {[18] = (uint8_t)of};
	uint16_t port;

	if (of == LIMIT_SOURCE)
		return &l->count[ip_source(tcp_remote(tcb, &port), key) %
				 COUNTS];
	source = ip_source(tcp_remote(tcb, &port), l->key);
	memcpy(b, tcp_local(tcb, &port)->b, 16);
	put_be16(b + 16, of == LIMIT_PORT ? port : 0);
	memcpy(b + 19, &source, sizeof(source));
	return &l->count[hash_keyed(l->key, b, sizeof(b)) % COUNTS];
}

/* all - connections of all sources at one port of a host, or at all ports of a
   host that have such a limit: the place of their count */
static uint32_t
all(const struct limits *l, enum hosts_limit of, struct tcb *tcb)
{
	uint8_t b[19] = {[18] = (uint8_t)of};
	uint16_t port;

	memcpy(b, tcp_local(tcb, &port)->b, 16);
	put_be16(b + 16, of == LIMIT_PORT ? port : 0);
	return hash_keyed(l->key, b, sizeof(b)) % COUNTS;
}

static void
leave_some(
    struct limits *l, const struct hosts_rule *r, int kinds, struct tcb *tcb)
{
	while (kinds-- > 0) {
		if (r->limit[kinds] == 0)
			continue;
		--*own(l, r, (enum hosts_limit)kinds, tcb);
		if (kinds != LIMIT_SOURCE)
			--l->count[all(l, (enum hosts_limit)kinds, tcb)];
	}
}

/* has_room - took: it has taken a place from another */
static bool
has_room(struct limits *l, const struct hosts_rule *r, enum hosts_limit of,
    struct tcb *tcb, bool took)
{
	uint32_t most = r->limit[of], used;
	uint16_t mine = *own(l, r, of, tcb);

	if (of == LIMIT_SOURCE)
		return mine < most;
	used = l->count[all(l, of, tcb)];
	return took ? used < most : part_has_room(mine, used, most, 1);
}

/* enter_one - of this kind; it is counted */
static bool
enter_one(struct limits *l, const struct hosts_rule *r, enum hosts_limit of,
    struct tcb *tcb, bool took)
{
	uint32_t at = all(l, of, tcb);
	uint16_t mine;

	if (!has_room(l, r, of, tcb, took))
		return false;
	mine = ++*own(l, r, of, tcb);
	if (of == LIMIT_SOURCE)
		return true;
	l->count[at]++;
	if (l->most[at] < mine)
		l->most[at] = mine;
	return true;
}

bool
limits_enter(
    struct limits *l, const struct hosts_rule *r, struct tcb *tcb, bool took)
{
	int i;

	for (i = 0; i < LIMIT_KINDS; i++) {
		if (r->limit[i] == 0 ||
		    enter_one(l, r, (enum hosts_limit)i, tcb, took))
			continue;
		leave_some(l, r, i, tcb);
		return false;
	}
	return true;
}

void
limits_leave(struct limits *l, const struct hosts_rule *r, struct tcb *tcb)
{
	leave_some(l, r, LIMIT_KINDS, tcb);
}

/* of_most - the oldest connection of the source that has most of what is
   counted at this place; l->most is right afterwards */
static struct tcb *
of_most(struct limits *l, const struct sessions *all_of, enum hosts_limit of,
    uint32_t at, const struct tcb *new)
{
	const struct session *s;
	struct tcb *best = NULL;
	uint64_t begin = 0;
	uint16_t n, most = 0;
	size_t i = 0;

	while ((s = session_next(all_of, &i)) != NULL) {
		if (s->refused || s->tcb == new || s->rule->limit[of] == 0 ||
		    all(l, of, s->tcb) != at)
			continue;
		n = *own(l, s->rule, of, s->tcb);
		if (n < most || (n == most && s->begin >= begin))
			continue;
		most = n;
		best = s->tcb;
		begin = s->begin;
	}
	l->most[at] = most;
	return best;
}

struct tcb *
limits_displaced(struct limits *l, const struct sessions *all_of,
    const struct hosts_rule *r, struct tcb *tcb, uint64_t now)
{
	struct tcb *gone = NULL;
	int i;

	for (i = 0; i < LIMIT_KINDS; i++) {
		enum hosts_limit of = (enum hosts_limit)i;
		uint32_t at = all(l, of, tcb);
		uint16_t mine = *own(l, r, of, tcb);

		if (r->limit[of] == 0 || has_room(l, r, of, tcb, false))
			continue;
		if (of == LIMIT_SOURCE || !part_takes(mine, l->most[at]))
			return NULL;
		if (gone != NULL) /* of a port; of the host, too */
			return all(l, of, gone) == at ? gone : NULL;
		if (!bucket_take(
			&l->looks, now, NS_PER_SEC / LOOKS, LOOKS_AT_ONCE))
			return NULL;
		gone = of_most(l, all_of, of, at, tcb);
		if (!part_takes(mine, l->most[at]))
			return NULL;
	}
	return gone;
}
