/*
 * dhcp_frame.h - DHCP messages by hand, in frames; after words.h.
 */
#ifndef DHCP_FRAME_H
#define DHCP_FRAME_H

#include "base/bytes.h"
#include "wire/dhcp.h"
#include "wire/udp.h"

#define SERVER	   "10.0.0.254"
#define SERVER_MAC "52:54:00:00:00:fe"
#define CLIENT	   "52:54:00:00:00:aa"

/*
 * dhcp_frame - a broadcast message of a client about addr or, OFFER and ACK,
 * of the server to it, into buf of 700 bytes; its length
 */
static inline size_t
dhcp_frame(enum dhcp_type type, const char *addr, uint8_t *buf)
{
	bool reply = type == DHCP_OFFER || type == DHCP_ACK;
	uint8_t m[DHCP_ENCODED], u[UDP_HLEN + DHCP_ENCODED];
	struct ip_hdr h = {.src = ip(reply ? SERVER : "0.0.0.0"),
	    .dst = ip("255.255.255.255"),
	    .proto = PROTO_UDP,
	    .ttl = 64};
	struct dhcp d;
	size_t n;

	dhcp_zero(&d);
	d.type = (uint8_t)type;
	d.chaddr = mac(CLIENT);
	if (addr != NULL && !reply)
		d.requested = ip(addr);
	if (type != DHCP_DISCOVER)
		d.server = ip(SERVER);
	n = dhcp_encode(&d, m);
	if (reply) {
		m[0] = DHCP_BOOTREPLY;
		memcpy(m + 16, ip(addr).b + 12, 4);
	}
	n = udp_encode(
	    &h.src, &h.dst, reply ? 67 : 68, reply ? 68 : 67, m, n, u);
	memset(buf, 0xff, 6);
	memcpy(buf + 6, mac(reply ? SERVER_MAC : CLIENT).b, 6);
	put_be16(buf + 12, ETHER_IP4);
	h.len = (uint32_t)(IP4_HLEN + n);
	ip_encode(buf + 14, &h);
	memcpy(buf + 14 + IP4_HLEN, u, n);
	return 14 + IP4_HLEN + n;
}

#endif
