/*
 * arp.c - ARP packets for IPv4 on Ethernet (RFC 826). Reads and writes the
 * fields, judges no address.
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/arp.h"
#include "wire/ether.h"
#include "wire/ip.h"

/* RFC 826, "Packet format": the values for IPv4 on Ethernet */
enum { HRD_ETHERNET = 1, HLN = 6, PLN = 4 };

int
arp_decode(const uint8_t *p, size_t len, struct arp *out)
{
	if (len < ARP_LEN)
		return -1;
	if (get_be16(p) != HRD_ETHERNET || get_be16(p + 2) != ETHER_IP4 ||
	    p[4] != HLN || p[5] != PLN)
		return -1;
	out->op = get_be16(p + 6);
	if (out->op != ARP_REQUEST && out->op != ARP_REPLY)
		return -1;
	memcpy(out->sha.b, p + 8, HLN);
	ip_from_v4(&out->spa, p + 14);
	memcpy(out->tha.b, p + 18, HLN);
	ip_from_v4(&out->tpa, p + 24);
	return 0;
}

int
arp_encode(const struct arp *a, uint8_t *p, size_t cap)
{
	if (cap < ARP_LEN)
		return -1;
	put_be16(p, HRD_ETHERNET);
	put_be16(p + 2, ETHER_IP4);
	p[4] = HLN;
	p[5] = PLN;
	put_be16(p + 6, a->op);
	memcpy(p + 8, a->sha.b, HLN);
	memcpy(p + 14, a->spa.b + 12, PLN);
	memcpy(p + 18, a->tha.b, HLN);
	memcpy(p + 24, a->tpa.b + 12, PLN);
	return ARP_LEN;
}
