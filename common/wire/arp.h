/*
 * arp.h - ARP packets for IPv4 on Ethernet (RFC 826).
 */
#ifndef WIRE_ARP_H
#define WIRE_ARP_H

#include <stddef.h>
#include <stdint.h>

#include "wire/ether.h"
#include "wire/ip.h"

enum { ARP_LEN = 28, ARP_REQUEST = 1, ARP_REPLY = 2 };

/* the RFC's fields: hardware and protocol address of sender and target */
struct arp {
	uint16_t op;
	struct mac sha, tha;
	struct ip_addr spa, tpa;
};

/*
 * arp_decode - the packet at p, behind the Ethernet header; padding may
 * follow. 0, or -1 when it is too short or not for IPv4 on Ethernet, or
 * neither request nor reply.
 */
int arp_decode(const uint8_t *p, size_t len, struct arp *out);

/* arp_encode - ARP_LEN bytes at p; their number, or -1 when cap is less */
int arp_encode(const struct arp *, uint8_t *p, size_t cap);

#endif
