/*
 * neigh.h - ARP and Neighbor Discovery as one: what a frame asks, what it
 * states, and the frames that answer, probe and announce.
 */
#ifndef WIRE_NEIGH_H
#define WIRE_NEIGH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ether.h"
#include "wire/ip.h"

enum {
	NEIGH_FRAME = 128, /* bytes enough for any frame made here */
	NEIGH_TAGS = 8,	   /* bytes of two VLAN tags */
};

/* what is odd about an ARP request. Systems differ in which of these they
   answer, and are recognized by that. From: */
enum {
	ODD_LOOPBACK = 1 << 0,
	ODD_ZERO = 1 << 1, /* RFC 5227 has it, older systems do not */
	ODD_BROADCAST = 1 << 2,
	ODD_FOREIGN = 1 << 3, /* another network; neigh_decode() knows none */
	/* the fields at the beginning */
	ODD_HRD_802 = 1 << 5,
	ODD_HRD = 1 << 6,
	ODD_PRO = 1 << 7,
	ODD_PRO_IPX = 1 << 8,
	ODD_PLN = 1 << 9,
	ODD_HLN = 1 << 10,
};

struct vlan_tags {
	uint8_t b[NEIGH_TAGS];
	uint8_t len;
};

struct neigh {
	bool asks;   /* who has target? */
	bool probe;  /* asks, and has no address itself: RFC 5227, RFC 4862 */
	bool states; /* sender is at mac */
	bool firm;   /* states, and would contradict another holder */
	bool reply;  /* an ARP reply, or a solicited advertisement */
	struct ip_addr target, sender;
	struct mac mac;	   /* where the sender is, and the answer goes */
	struct mac dst;	   /* of the frame */
	struct mac src;	   /* of the frame; an honest one's is mac */
	struct ip_addr to; /* v6: destination of the packet */
	struct vlan_tags tags;
	uint16_t odd; /* ODD_...: it is not taken, but may be answered; of those
			  alone it is taken with ODD_ZERO */
	uint8_t len[2]; /* ARP: of the addresses, as it says */
};

/* why a frame is not taken; the word for the log is neigh_error_name() */
enum neigh_error {
	NEIGH_OK,
	NEIGH_OTHER, /* neither ARP nor Neighbor Discovery */
	NEIGH_SHORT,
	NEIGH_FORMAT,
	NEIGH_SENDER, /* no station can have that address */
	NEIGH_HOPLIMIT,
	NEIGH_CKSUM,
	NEIGH_CODE,
	NEIGH_TARGET,
	NEIGH_OPTION,
	NEIGH_DAD,
	NEIGH_FLAG,
	NEIGH_ERRORS,
};

/* neigh_decode - the fields of a frame */
enum neigh_error neigh_decode(
    const uint8_t *frame, size_t len, struct neigh *out);
const char *neigh_error_name(enum neigh_error);

/*
 * neigh_reaches - would a host with this MAC, that holds the target, get
 * the frame from a card that is not promiscuous?
 */
bool neigh_reaches(const struct neigh *, const struct mac *);

/* an answer of IPv6, besides what the RFC wants: as a router; with the MAC
   also for a host that knows it, and has asked by unicast */
enum { ANSWER_ROUTER = 1, ANSWER_FULL = 2 };

/*
 * The frames, into buf of NEIGH_FRAME bytes; each returns the length. mac is
 * the holder's, or the asker's; tags may be NULL.
 */
size_t neigh_answer(
    const struct neigh *, const struct mac *mac, unsigned how, uint8_t *buf);
size_t neigh_probe(const struct ip_addr *, const struct mac *mac,
    const struct vlan_tags *tags, uint8_t *buf);
size_t neigh_request(const struct ip_addr *, const struct ip_addr *from,
    const struct mac *mac, const struct vlan_tags *tags, uint8_t *buf);
size_t neigh_announce(const struct ip_addr *, const struct mac *mac,
    const struct vlan_tags *tags, uint8_t *buf);

#endif
