/*
 * sender.h - the way back: an ICMP message in as many frames as the MTU
 * makes of it, from the MAC that was asked to the MAC that asked.
 */
#ifndef ICMP_PHANTOM_SENDER_H
#define ICMP_PHANTOM_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/face.h"
#include "wire/ident.h"
#include "wire/ip.h"

struct chance;
struct ip_addr;

/* a frame in two pieces: headers, and the bytes that follow */
typedef void send_fn(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen);

enum { SENDER_PATHS = 1024 };

struct sender {
	void *ctx;
	send_fn *send;
	uint32_t mtu; /* of the network */
	uint8_t ttl;
	uint64_t key[2]; /* of the hash over addresses: from chance */
	struct ident ident;
	struct path {
		struct ip_addr src, dst;
		uint32_t mtu;
		uint64_t until;
	} path[SENDER_PATHS];
};

/* a message of ICMP, or a datagram of UDP, on its way: to whom, and as what */
struct letter {
	const uint8_t *frame; /* that is answered: its Ethernet header */
	size_t l2len;	      /* of that, VLAN tags included */
	const struct ip_addr *src, *dst;
	uint8_t tos;
	uint8_t ttl; /* 0: the sender's */
	bool udp;    /* not ICMP */
	bool df;
	bool no_label;	     /* IPv6: the flow has none, */
	bool no_icmp_label;  /* if it is of ICMP */
	enum face_id id;     /* how its identification goes on, */
	uint16_t first_id;   /* and where it begins, if it counts */
	const uint8_t *head; /* the first 8 bytes, checksum in place */
	const uint8_t *data;
	size_t dlen;
};

void sender_init(struct sender *, struct chance *);
void sender_send(struct sender *, uint64_t now, const struct letter *);

/*
 * sender_shrink - a router reports that IPv6 packets from src to dst may have
 * mtu bytes: 0, or -1 when that is less than any link has, or is known already
 * (RFC 8201 4)
 */
int sender_shrink(struct sender *, uint64_t now, const struct ip_addr *src,
    const struct ip_addr *dst, uint32_t mtu);

#endif
