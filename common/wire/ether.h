/*
 * ether.h - Ethernet frames with VLAN tags (IEEE 802.3, 802.1Q, 802.1ad),
 * and the MAC address of a phantom.
 */
#ifndef WIRE_ETHER_H
#define WIRE_ETHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

enum {
	ETHER_HLEN = 14,
	ETHER_MAXTAGS = 2,
	ETHER_MAXHLEN = ETHER_HLEN + 4 * ETHER_MAXTAGS,
	ETHER_IP4 = 0x0800,
	ETHER_ARP = 0x0806,
	ETHER_IP6 = 0x86dd,
	ETHER_VLAN = 0x8100,
	ETHER_QINQ = 0x88a8,
	MAC_TEXT = 18, /* bytes of "02:50:0a:00:00:05" with NUL */
};

struct ether_hdr {
	struct mac dst, src;
	uint16_t type; /* behind the tags */
	uint8_t hlen;  /* 14, 18 or 22: bytes up to the payload */
};

/* ether_decode - 0, or -1 when the frame ends inside its header */
int ether_decode(const uint8_t *frame, size_t len, struct ether_hdr *out);

/*
 * ether_is_priority - the outer tag has VLAN 0: the frame counts as one without
 * it (IEEE 802.1Q 6.9)
 */
bool ether_is_priority(const uint8_t *frame, size_t len);

bool mac_equal(const struct mac *, const struct mac *);
bool mac_is_group(const struct mac *); /* multicast or broadcast */
bool mac_is_zero(const struct mac *);
/* mac_text - into buf of MAC_TEXT bytes; returns buf */
const char *mac_text(const struct mac *, char *buf);

/* mac_of_phantom - 02:50, then the last four bytes of the address */
void mac_of_phantom(const struct ip_addr *, struct mac *out);

#endif
