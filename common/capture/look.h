/*
 * look.h - the innermost IP packet of a captured frame, whatever stands around
 * it: VLAN tags, MPLS, PPPoE, LLC; and tunnels, if they are to be looked into.
 *
 * A capture is read leniently: neither checksums nor what was cut away
 * matters, as long as the headers are there.
 */
#ifndef CAPTURE_LOOK_H
#define CAPTURE_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/leftout.h"
#include "wire/ip.h"

struct stream_rec;

struct look {
	uint32_t l2;	  /* where the innermost Ethernet header begins */
	uint32_t l3;	  /* and the innermost IP header */
	struct ip_hdr ip; /* lengths of the header, or the frame's */
	enum left tunnel; /* the innermost tunnel, or LEFT_NOTHING */
};

/*
 * look_at - LEFT_NOTHING when the frame holds an IP packet, which *out
 * describes; else why it does not. Of a tunnel the outer packet counts unless
 * decap is true. ip.hlen bytes behind l3 are there.
 */
enum left look_at(const struct stream_rec *, bool decap, struct look *out);

/* look_in - the same of a frame that is there as a whole */
enum left look_in(
    const uint8_t *frame, size_t len, bool decap, struct look *out);

/* look_name - why this IP packet is no TCP segment */
enum left look_name(const struct stream_rec *, const struct look *);

/*
 * look_unwrap - in place: only the innermost IP packet is left, behind an
 * Ethernet header of 14 bytes
 */
void look_unwrap(struct stream_rec *, const struct look *);

/*
 * tunnel_in - tunnel.c: the packet is a tunnel's: which, and where what it
 * carries begins; *type is its EtherType, TUNNEL_ETHER for a frame. LEFT_CUT,
 * or LEFT_NOTHING: it is no tunnel
 */
enum { TUNNEL_ETHER = 0x6558, TUNNEL_PPP = 0x880b };
enum left tunnel_in(const struct stream_rec *, const struct look *,
    uint32_t *at, uint16_t *type);

#endif
