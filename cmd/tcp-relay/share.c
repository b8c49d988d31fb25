/*
 * share.c - see share.h.
 */
#include <netinet/in.h>
#include <string.h>

#include "base/bytes.h"
#include "base/part.h"

#include "share.h"

static uint64_t
source_v4(const uint8_t *a)
{
	return a[0] == 127 ? 0 : get_be32(a);
}

uint64_t
share_source(const struct sockaddr_storage *from)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (from->ss_family == AF_INET) {
		memcpy(&v4, from, sizeof(v4));
		return source_v4((const uint8_t *)&v4.sin_addr);
	}
	memcpy(&v6, from, sizeof(v6));
	if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
		return source_v4(v6.sin6_addr.s6_addr + 12);
	return (uint64_t)get_be32(v6.sin6_addr.s6_addr) << 32 |
	       get_be32(v6.sin6_addr.s6_addr + 4);
}

bool
share_room(const struct shares *s, uint64_t source)
{
	unsigned i, has = 0;

	for (i = 0; i < s->n && source != 0; i++)
		has += s->of[i].source == source;
	return part_has_room(has, s->n, SHARE_MOST, 1);
}

void
share_add(struct shares *s, pid_t pid, uint64_t source)
{
	s->of[s->n].pid = pid;
	s->of[s->n++].source = source;
}

void
share_end(struct shares *s, pid_t pid)
{
	unsigned i;

	for (i = 0; i < s->n && s->of[i].pid != pid; i++)
		;
	if (i < s->n)
		s->of[i] = s->of[--s->n];
}
