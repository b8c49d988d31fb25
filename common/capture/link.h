/*
 * link.h - packets of other link types than Ethernet, turned into Ethernet.
 *
 * Where the link has no MAC address one is made as for a phantom: 02:50 and
 * the last four bytes of the IP address; 02:50:00:00:00:00 when there is no
 * IP address.
 */
#ifndef CAPTURE_LINK_H
#define CAPTURE_LINK_H

#include <stdint.h>

#include "capture/leftout.h"

struct stream_rec;

/* as pcap and pcapng number them */
enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_OLD = 12,     /* what systems use of their own, */
	LINK_RAW_OPENBSD = 14, /* and should not be in a file */
	LINK_PPP_HDLC = 50,
	LINK_PPP_ETHER = 51,
	LINK_RAW = 101,
	LINK_C_HDLC = 104,
	LINK_LOOP = 108,
	LINK_LINUX_SLL = 113,
	LINK_PPP_PPPD = 166,
	LINK_PPP_WITH_DIR = 204,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_LINUX_SLL2 = 276,
};

enum { LINK_HEADROOM = 16 };

/*
 * link_to_ether - in place: the record's data begins with an Ethernet header
 * now, its lengths are those of the frame. LINK_HEADROOM bytes before the
 * data may be written to. LEFT_NOTHING, or why it cannot be: LEFT_LINK for a
 * type that is not known.
 */
enum left link_to_ether(uint32_t type, struct stream_rec *);

/*
 * link_ppp - a PPP header at p, of which len bytes are there: its length, at
 * most 4, and the EtherType of what it carries; 0 when it is cut
 */
uint32_t link_ppp(const uint8_t *p, uint32_t len, uint16_t *type);

#endif
