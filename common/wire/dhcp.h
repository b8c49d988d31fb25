/*
 * dhcp.h - DHCP messages (RFC 2131 2, RFC 2132, RFC 3396): a client's are
 * written, a server's are read. Pure: bytes in, values out.
 */
#ifndef WIRE_DHCP_H
#define WIRE_DHCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ether.h"
#include "wire/ip.h"

enum {
	DHCP_SERVER_PORT = 67,
	DHCP_CLIENT_PORT = 68,
	DHCP_ENCODED = 576, /* no message of a client's is longer */
	DHCP_ADDRS = 8,	    /* of each kind that are kept */
	DHCP_TEXT = 256,    /* of each text, with NUL */
};

enum dhcp_op { DHCP_BOOTREQUEST = 1, DHCP_BOOTREPLY = 2 };

/* RFC 2132 9.6 */
enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_DECLINE = 4,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
	DHCP_RELEASE = 7,
	DHCP_INFORM = 8,
};

struct dhcp_addrs {
	struct ip_addr a[DHCP_ADDRS];
	unsigned n;
};

/* an address that is absent is 0.0.0.0, a number 0, a text empty */
struct dhcp {
	uint8_t op;   /* enum dhcp_op */
	uint8_t type; /* enum dhcp_type */
	uint32_t xid;
	uint16_t secs;
	bool broadcast; /* the answer is to be broadcast */
	struct ip_addr ciaddr, yiaddr;
	struct mac chaddr;
	/* options */
	struct ip_addr requested, server, mask, bcast;
	struct dhcp_addrs router, dns, ntp;
	uint32_t lease, t1, t2; /* seconds; UINT32_MAX for ever */
	bool has_lease;
	uint16_t mtu;
	char host[DHCP_TEXT], domain[DHCP_TEXT], message[DHCP_TEXT];
};

/* dhcp_zero - a message in which everything is absent */
void dhcp_zero(struct dhcp *);

/* why a message is not taken; dhcp_error_text() is for people */
enum dhcp_error {
	DHCP_OK,
	DHCP_SHORT,
	DHCP_FOREIGN, /* no DHCP, or not for Ethernet */
	DHCP_OPTION,  /* an option exceeds its field */
	DHCP_NO_TYPE,
};

/*
 * dhcp_decode - read a message as most clients do: an option without a value
 * or shorter than its kind counts as absent, of a longer one the rest is
 * ignored. Unknown options are skipped. Text is printable ASCII; what is not
 * has become '?'.
 */
enum dhcp_error dhcp_decode(const uint8_t *p, size_t len, struct dhcp *out);
const char *dhcp_error_text(enum dhcp_error);

/*
 * dhcp_encode - a client's message, with what its type may carry (RFC 2131
 * table 5), into DHCP_ENCODED bytes; the length, at least 300 (RFC 1542 2.1)
 */
size_t dhcp_encode(const struct dhcp *, uint8_t *buf);

/* dhcp_prefix - bits of the mask, 0 to 32; -1 when it has holes */
int dhcp_prefix(const struct ip_addr *mask);

#endif
