/*
 * craft.h - a segment as the words describe it, and as a frame. Include
 * ether.h, ip.h and tcp_hdr.h first.
 */
#ifndef TCP_CRAFT_CRAFT_H
#define TCP_CRAFT_CRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

enum {
	CRAFT_OPT_MAX = 40, /* bytes of options, of IPv4 and of TCP */
	CRAFT_IP_MAX = 65535,
	CRAFT_FRAME_MAX = ETHER_MAXHLEN + 40 + CRAFT_IP_MAX,
	WORDS_ERROR = 200,
};

/* bytes put together by words */
struct craft_bytes {
	uint8_t b[CRAFT_IP_MAX];
	size_t n;
};

/* in a field below: nothing wrong was asked for */
#define CRAFT_AS_IS UINT32_MAX

struct craft {
	struct mac src, dst;
	uint16_t vlan[ETHER_MAXTAGS]; /* the outer tag first */
	unsigned nvlan;
	struct ip_hdr ip;   /* src, dst, ttl, tos, df and id count */
	struct tcp_hdr tcp; /* without options: those are in opt */
	struct craft_bytes opt, ipopt, data;
	uint8_t reserved; /* the four bits behind the data offset */
	uint32_t flow;	  /* v6: the flow label */
	uint64_t stamp;	  /* ns since 1970 */
	/* wrong on request, else CRAFT_AS_IS */
	uint32_t sum, ipsum;	 /* the checksums' values */
	uint32_t hlen, iphlen;	 /* header lengths in bytes */
	uint32_t iplen, proto;	 /* for the IP header */
	uint32_t version;	 /* of IP */
	uint32_t cut;		 /* bytes of the frame that are left */
	bool bad_sum, bad_ipsum; /* surely wrong, whatever is right */
};

/*
 * words_read - a segment from up to n words, ended by "next" or the last.
 * *c holds addresses, ports, MACs and the stamp; the rest is set here.
 * Returns how many words were taken, "next" included, or -1 with what is
 * wrong, the word named, in error.
 */
int words_read(
    struct craft *c, char *const *words, int n, char error[WORDS_ERROR]);

/*
 * craft_len - the length in the IP header: of the packet, in IPv6 of what
 * follows the header
 */
size_t craft_len(const struct craft *c);

/*
 * craft_frame - the segment as an Ethernet frame into p of CRAFT_FRAME_MAX
 * bytes; lengths and checksums are right but for what was asked to be wrong.
 * Returns its length.
 */
size_t craft_frame(const struct craft *c, uint8_t *p);

#endif
