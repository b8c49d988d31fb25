/*
 * share.c - see share.h.
 */
#include <netinet/in.h>
#include <stdlib.h>
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

/* has - how many it has; of this host they are not counted */
static unsigned
has(const struct shares *s, uint64_t source)
{
	unsigned i, n = 0;

	for (i = 0; i < s->n && source != 0; i++)
		n += s->of[i].source == source;
	return n;
}

bool
share_room(const struct shares *s, uint64_t source)
{
	return part_has_room(has(s, source), s->n, SHARE_MOST, 1);
}

static int
by_source(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* richest - the source that has most, and how many; not this host */
static uint64_t
richest(const struct shares *s, unsigned *most)
{
	uint64_t of[SHARE_MOST] = {0}, best = 0;
	unsigned i, run = 0;

	for (i = 0; i < s->n; i++)
		of[i] = s->of[i].source;
	qsort(of, s->n, sizeof(of[0]), by_source);
	*most = 0;
	for (i = 0; i < s->n; i++) {
		run = i > 0 && of[i] == of[i - 1] ? run + 1 : 1;
		if (of[i] != 0 && run > *most) {
			*most = run;
			best = of[i];
		}
	}
	return best;
}

pid_t
share_richest(const struct shares *s, uint64_t source)
{
	unsigned most, i;
	uint64_t from = richest(s, &most);

	if (!part_takes(has(s, source), most))
		return 0;
	for (i = 0; s->of[i].source != from; i++)
		;
	return s->of[i].pid;
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
