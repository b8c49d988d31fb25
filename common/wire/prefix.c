/*
 * prefix.c - ranges of addresses, and which of a range can be a host's.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "wire/ip.h"
#include "wire/prefix.h"

enum { BITS = 128, V4_BITS = 96 /* in front of a v4 address */ };

bool
prefix_holds(const struct prefix *p, const struct ip_addr *addr)
{
	/* ::/0 would hold the v4-mapped addresses, too */
	return ip_is_v4(&p->addr) == ip_is_v4(addr) &&
	       ip_match(&p->addr, addr, p->len);
}

/* the bits behind the prefix are all equal to one */
static bool
host_part_is(const struct ip_addr *addr, unsigned len, unsigned one)
{
	for (unsigned i = len; i < BITS; i++)
		if ((addr->b[i / 8] >> (7 - i % 8) & 1) != one)
			return false;
	return true;
}

bool
prefix_has_host(const struct prefix *p, const struct ip_addr *addr)
{
	if (!prefix_holds(p, addr) || !ip_is_host(addr))
		return false;
	if (p->len >= BITS - 1)
		return true;
	if (host_part_is(addr, p->len, 0))
		return false;
	return !ip_is_v4(addr) || !host_part_is(addr, p->len, 1);
}

bool
prefix_any_has_host(const struct prefix *p, size_t n,
    const struct prefix *except, size_t nexcept, const struct ip_addr *addr)
{
	size_t i = 0;

	while (i < n && !prefix_has_host(&p[i], addr))
		i++;
	if (i == n)
		return false;
	for (i = 0; i < nexcept; i++)
		if (prefix_holds(&except[i], addr))
			return false;
	return true;
}

unsigned
prefix_bits(const struct prefix *p)
{
	return ip_is_v4(&p->addr) ? p->len - V4_BITS : p->len;
}

struct ip_addr
prefix_start(const struct prefix *p)
{
	struct ip_addr a = p->addr;
	unsigned i = p->len / 8;

	if (i < sizeof(a.b) && p->len % 8 != 0) {
		a.b[i] &= (uint8_t)(0xff00 >> p->len % 8);
		i++;
	}
	if (i < sizeof(a.b))
		memset(a.b + i, 0, sizeof(a.b) - i);
	return a;
}

const char *
prefix_doubt(const struct prefix *p, char text[PREFIX_DOUBT])
{
	const struct ip_addr first = prefix_start(p);
	char host[IP_TEXT], net[IP_TEXT];

	if (ip_equal(&first, &p->addr))
		return NULL;
	snprintf(text, PREFIX_DOUBT, "one host or a network? Write %s or %s/%u",
	    ip_text(&p->addr, host), ip_text(&first, net), prefix_bits(p));
	return text;
}
