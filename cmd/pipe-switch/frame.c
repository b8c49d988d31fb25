/*
 * frame.c - see frame.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/ether.h"
#include "wire/ip.h"

#include "frame.h"

enum {
	TYPE = 2, /* bytes of an EtherType */
	TAG = 4,
	IP = FRAME_TCP | FRAME_UDP | FRAME_ICMP | FRAME_ERROR | FRAME_OTHER,
	FRAGMENT4 = 0x3fff, /* more follow, or an offset */
	INFORMS = 128,	    /* in ICMPv6, from here on: no error */
	ND_FIRST = 133,
	ND_LAST = 137,
};

unsigned
frame_types(const char *text)
{
	static const char *const word[] = {
	    "tcp", "udp", "icmp", "arp", "error", "other"};
	const unsigned words = sizeof(word) / sizeof(word[0]);
	unsigned types = 0, i;
	size_t n;

	for (;; text += n + 1) {
		n = strcspn(text, ",");
		for (i = 0; i < words; i++)
			if (strlen(word[i]) == n &&
			    memcmp(text, word[i], n) == 0)
				break;
		if (i == words)
			return 0;
		types |= 1u << i;
		if (text[n] == '\0')
			return types;
	}
}

/* of_icmp4 - the errors of RFC 792; without a type it may be one */
static unsigned
of_icmp4(const uint8_t *icmp, size_t n)
{
	static const uint8_t error[] = {3, 4, 5, 11, 12};

	if (n == 0 || memchr(error, icmp[0], sizeof(error)) != NULL)
		return FRAME_ICMP | FRAME_ERROR;
	return FRAME_ICMP;
}

static unsigned
of_ip4(const uint8_t *ip, size_t n)
{
	size_t hlen;

	if (n < IP4_HLEN)
		return 0;
	if (get_be16(ip + 6) & FRAGMENT4)
		return IP;
	switch (ip[9]) {
	case PROTO_TCP:
		return FRAME_TCP;
	case PROTO_UDP:
		return FRAME_UDP;
	case PROTO_ICMP:
		hlen = (ip[0] & 15u) * 4;
		return of_icmp4(ip + hlen, n > hlen ? n - hlen : 0);
	}
	return FRAME_OTHER;
}

/* of_ip6 - behind extension headers it may be anything */
static unsigned
of_ip6(const uint8_t *ip, size_t n)
{
	if (n < IP6_HLEN)
		return 0;
	if (ip[6] == PROTO_TCP)
		return FRAME_TCP;
	if (ip[6] == PROTO_UDP)
		return FRAME_UDP;
	if (ip[6] != PROTO_ICMP6)
		return IP;
	if (n == IP6_HLEN || ip[IP6_HLEN] < INFORMS)
		return FRAME_ICMP | FRAME_ERROR;
	if (ip[IP6_HLEN] >= ND_FIRST && ip[IP6_HLEN] <= ND_LAST)
		return FRAME_ICMP | FRAME_ARP;
	return FRAME_ICMP;
}

unsigned
frame_is(const uint8_t *p, size_t n)
{
	while (n >= TYPE + TAG && get_be16(p) == ETHER_VLAN) {
		p += TAG;
		n -= TAG;
	}
	if (n < TYPE)
		return 0;
	switch (get_be16(p)) {
	case ETHER_ARP:
		return FRAME_ARP;
	case ETHER_IP6:
		return of_ip6(p + TYPE, n - TYPE);
	case ETHER_IP4:
		return of_ip4(p + TYPE, n - TYPE);
	}
	return 0;
}
