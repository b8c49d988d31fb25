/*
 * limit.c - how many connections a line of the file allows at once, see
 * limit.h. What all sources share has a part for each, see base/part.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/part.h"
#include "hosts/hosts.h"
#include "net/limit.h"
#include "tcp/tcp.h"
#include "wire/ip.h"

enum { COUNTS = 65536 }; /* those that share one share its limit */

struct limits {
	uint64_t key[2];
	uint16_t count[COUNTS];
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
   host that have such a limit */
static uint16_t *
all(struct limits *l, enum hosts_limit of, struct tcb *tcb)
{
	uint8_t b[19] = {[18] = (uint8_t)of};
	uint16_t port;

	memcpy(b, tcp_local(tcb, &port)->b, 16);
	put_be16(b + 16, of == LIMIT_PORT ? port : 0);
	return &l->count[hash_keyed(l->key, b, sizeof(b)) % COUNTS];
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
			--*all(l, (enum hosts_limit)kinds, tcb);
	}
}

/* enter_one - of this kind; it is counted */
static bool
enter_one(struct limits *l, const struct hosts_rule *r, enum hosts_limit of,
    struct tcb *tcb)
{
	uint32_t most = r->limit[of];
	uint16_t *mine = own(l, r, of, tcb), *its;

	if (of == LIMIT_SOURCE) {
		if (*mine >= most)
			return false;
	} else {
		its = all(l, of, tcb);
		if (!part_has_room(*mine, *its, most, 1))
			return false;
		++*its;
	}
	++*mine;
	return true;
}

bool
limits_enter(struct limits *l, const struct hosts_rule *r, struct tcb *tcb)
{
	int i;

	for (i = 0; i < LIMIT_KINDS; i++) {
		if (r->limit[i] == 0 ||
		    enter_one(l, r, (enum hosts_limit)i, tcb))
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
