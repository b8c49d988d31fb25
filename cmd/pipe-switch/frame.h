/*
 * frame.h - of which type a frame is, as rawcap -t has the words, and error.
 */
#ifndef PIPE_SWITCH_FRAME_H
#define PIPE_SWITCH_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_TCP = 1,
	FRAME_UDP = 2,
	FRAME_ICMP = 4,	  /* and ICMPv6 */
	FRAME_ARP = 8,	  /* and Neighbor Discovery */
	FRAME_ERROR = 16, /* of ICMP and ICMPv6: about another packet */
	FRAME_OTHER = 32, /* IP that carries none of these */
};

/* frame_types - "tcp,icmp": a bit each; 0: there is another word in it */
unsigned frame_types(const char *text);

/*
 * frame_is - the types that a frame may be of, from its EtherType on; a
 * fragment, which shows none, is of all that IP has
 */
unsigned frame_is(const uint8_t *p, size_t n);

#endif
