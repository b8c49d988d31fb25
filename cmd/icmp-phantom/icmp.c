/*
 * icmp.c - which packets are about ICMP, see icmp.h.
 */
#include "icmp.h"
#include "wire/ip.h"

enum {
	V4_GROUPS = 2,	 /* IGMP, RFC 3376: hosts have that */
	V6_NO_NEXT = 59, /* RFC 8200 4.7: nothing follows */
};

bool
icmp6_is_error(const struct ip_hdr *ip, const uint8_t *p)
{
	return ip->proto == PROTO_ICMP6 &&
	       (ip->len == ip->hlen || p[ip->hlen] < ICMP6_INFO ||
		   p[ip->hlen] == ICMP6_REDIRECT);
}

bool
icmp_may_be(const struct ip_hdr *ip)
{
	return ip->proto == PROTO_UDP ||
	       ip->proto == (ip->v6 ? PROTO_ICMP6 : PROTO_ICMP) ||
	       (ip->v6 && ip->frag_off != 0 && ip_is_extension(ip->proto));
}

bool
icmp_unknown(const struct ip_hdr *ip)
{
	return !icmp_may_be(ip) && ip->proto != PROTO_TCP &&
	       ip->proto != (ip->v6 ? V6_NO_NEXT : V4_GROUPS);
}
