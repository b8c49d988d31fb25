/*
 * ip.h - IPv4 (RFC 791) and IPv6 (RFC 8200) headers and addresses.
 *
 * An address is 16 bytes; v4 is kept as v4-mapped v6 (RFC 4291 2.5.5.2), so
 * that everything above has one code path.
 */
#ifndef WIRE_IP_H
#define WIRE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

enum {
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ICMP6 = 58,
};

enum { IP4_HLEN = 20, IP6_HLEN = 40 }; /* without options, extensions */

enum { IP_TEXT = 46 }; /* bytes for the longest address as text, with NUL */

/* why a packet is not taken; ip_error_name() is the word for the log */
enum ip_error {
	IP_OK,
	IP_SHORT,     /* fewer bytes than its length */
	IP_VERSION,   /* neither 4 nor 6 */
	IP_HEADER,    /* lengths that contradict each other */
	IP_CKSUM,     /* v4 header checksum */
	IP_EXTENSION, /* v6 extension chain: damaged, or not for a host */
	IP_OPTION,    /* v6: an unknown option asks for it, RFC 8200 4.2 */
};

/* the fields of a header, in host order */
struct ip_hdr {
	struct ip_addr src, dst;
	uint8_t proto;	   /* of the payload, extension headers skipped, */
	uint32_t proto_at; /* and v6: the byte that names it */
	uint8_t ttl;	   /* or hop limit */
	uint8_t tos;	   /* or traffic class: DSCP and ECN */
	bool v6;
	uint32_t label;	    /* v6: of the flow; written, not read */
	bool df;	    /* v4: do not fragment */
	bool more;	    /* more fragments follow */
	bool frag;	    /* is a fragment, the first included */
	uint16_t frag_off;  /* bytes */
	uint8_t frag_proto; /* of what a fragment carries: its first header */
	uint32_t frag_at;   /* bytes up to what a fragment carries */
	uint32_t id;
	uint32_t hlen; /* bytes up to the payload, extensions included */
	uint32_t len;  /* bytes of header and payload */
	/* v6: why no host takes this packet, though all of its headers were
	   read; and the byte that a parameter problem (RFC 4443 3.4) points
	   to, 0: the sender gets none */
	enum ip_error problem;
	uint32_t problem_at;
	uint8_t problem_code;
};

/*
 * ip_decode - read the header at p, len bytes being there (more than the
 * packet: Ethernet padding is allowed). Does not judge addresses. A program
 * that only watches calls ip_decode_captured().
 */
enum ip_error ip_decode(const uint8_t *p, size_t len, struct ip_hdr *out);
const char *ip_error_name(enum ip_error);

/*
 * ip_decode_captured - the same for a captured packet that had len bytes, of
 * which only the first were captured, at least hlen. The checksum is ignored,
 * a total length of 0 stands for len (segmentation offload), and out->len is
 * the length in the header, also when less was captured. Another host may know
 * the option or the routing header that out->problem is about.
 */
enum ip_error ip_decode_captured(
    const uint8_t *p, size_t there, size_t len, struct ip_hdr *out);

/*
 * ip_encode - write a v4 (20 bytes, checksum filled) or v6 (40 bytes) header
 * from src, dst, proto, ttl, tos, df, id and len (the whole packet); no
 * options, no extensions, no fragments. Returns the bytes written.
 */
size_t ip_encode(uint8_t *p, const struct ip_hdr *h);

/*
 * ip_pseudo_sum - partial checksum of the pseudo-header (RFC 9293 3.1, RFC
 * 8200 8.1) for len bytes of payload; go on with cksum_add()
 */
uint32_t ip_pseudo_sum(const struct ip_addr *src, const struct ip_addr *dst,
    uint8_t proto, uint32_t len);

/*
 * ip_cksum - of n bytes of TCP, UDP or ICMPv6 with their pseudo-header, and of
 * ICMP, which has none. 0: the checksum in it is right; with 0 in its place,
 * what belongs there.
 */
uint16_t ip_cksum(const struct ip_addr *src, const struct ip_addr *dst,
    uint8_t proto, const uint8_t *p, size_t n);

/* ip_is_extension - an IPv6 extension header, not what it carries */
bool ip_is_extension(uint8_t proto);

bool ip_is_v4(const struct ip_addr *);
bool ip_equal(const struct ip_addr *, const struct ip_addr *);
/* ip_match - the first len bits (of 128) are the same */
bool ip_match(const struct ip_addr *, const struct ip_addr *, unsigned len);
bool ip_is_multicast(const struct ip_addr *);
bool ip_is_unspecified(const struct ip_addr *);
bool ip_is_loopback(const struct ip_addr *);
/* ip_is_local6 - fe80::/10: does not leave its link (RFC 4291 2.5.6) */
bool ip_is_local6(const struct ip_addr *);
/*
 * ip_is_host - can be one host's address: not unspecified, loopback,
 * multicast, nor the limited broadcast address (RFC 1122 3.2.1.3)
 */
bool ip_is_host(const struct ip_addr *);
/*
 * ip_source - a keyed hash of what one source is taken to be: a v4 address, a
 * v6 /64, as a host there has all of it to choose from
 */
uint64_t ip_source(const struct ip_addr *, const uint64_t key[2]);
void ip_from_v4(struct ip_addr *, const uint8_t v4[4]);
/* ip_text - as text (RFC 5952) into buf of IP_TEXT bytes; returns buf */
const char *ip_text(const struct ip_addr *, char *buf);

/* ip_error_tos - RFC 1812 4.3.2.5: of an ICMP error about a packet with this
   TOS: internetwork control, and the same */
static inline uint8_t
ip_error_tos(uint8_t tos)
{
	return (uint8_t)(0xc0 | (tos & 0x1e));
}

#endif
