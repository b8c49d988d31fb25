/*
 * ident.c - see ident.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "wire/ident.h"

#define TICK (4 * NS_PER_MS) /* as most kernels of Linux count */

enum { LEAP = 1001, LEAPS = 4000 };

void
ident_init(struct ident *s, struct chance *chance)
{
	int i;

	s->key[0] = chance_u64(chance);
	s->key[1] = chance_u64(chance);
	for (i = 0; i < IDENT_PAIRS; i++)
		s->pair[i].id = (uint32_t)chance_u64(chance);
}

/* leap - from this identification of a host to its next; no two hosts have the
   same row of them */
static uint16_t
leap(const struct ident *s, const struct ip_addr *src, uint16_t id)
{
	uint8_t b[18];

	memcpy(b, src->b, 16);
	put_be16(b + 16, id);
	return (
	    uint16_t)((LEAP + hash_keyed(s->key, b, sizeof(b)) % LEAPS) | 1);
}

static uint32_t
of_host(struct ident *s, enum face_id how, uint16_t first,
    const struct ip_addr *src)
{
	/* neighbours share none: what they send is what is compared */
	uint16_t *n =
	    &s->host[(hash_keyed(s->key, src->b, 14) + get_be16(src->b + 14)) %
		     IDENT_HOSTS];

	if (how == FACE_ID_LEAPS)
		*n = (uint16_t)(*n + leap(s, src, *n));
	else
		*n = (uint16_t)(*n + (how == FACE_ID_SWAPPED ? 256 : 1));
	return (uint16_t)(*n + first);
}

/* drift - what is added to a count after so many ticks: drawn from the count
   itself, which only the one that is sent to sees. Nothing secret hangs on
   it. */
static uint32_t
drift(const struct ident *s, uint32_t id, uint32_t ticks)
{
	uint64_t z = chance_mix(s->key[1] ^ ((uint64_t)id << 32 | ticks));

	return (uint32_t)((z >> 32) * ticks >> 32);
}

uint32_t
ident_next(struct ident *s, uint64_t now, enum face_id how, uint16_t first,
    const struct ip_addr *src, const struct ip_addr *dst, uint8_t proto)
{
	uint32_t tick = (uint32_t)(now / TICK), *id, *at, was;
	uint8_t b[33];
	size_t i;

	if (how == FACE_ID_COUNT || how == FACE_ID_SWAPPED ||
	    how == FACE_ID_LEAPS)
		return of_host(s, how, first, src);
	memcpy(b, src->b, 16);
	memcpy(b + 16, dst->b, 16);
	b[32] = proto;
	i = hash_keyed(s->key, b, sizeof(b)) % IDENT_PAIRS;
	id = &s->pair[i].id;
	at = &s->pair[i].at;
	if (how == FACE_ID_RANDOM) {
		++*id;
		return (uint32_t)hash_keyed(
		    s->key, (const uint8_t *)id, sizeof(*id));
	}
	was = *id + drift(s, *id, tick - *at);
	*id = was + 1;
	*at = tick;
	return was;
}
