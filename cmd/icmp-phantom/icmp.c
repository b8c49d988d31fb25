/*
 * icmp.c - which packets are about ICMP, see icmp.h.
 */
#include "icmp.h"
#include "wire/ip.h"

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
