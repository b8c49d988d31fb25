/*
 * ipfrag.h - reassembly of IPv4 (RFC 791 3.2, RFC 815) and IPv6 fragments
 * (RFC 8200 4.5, RFC 5722).
 *
 * Pure: time is an argument, memory is bounded by what is given at the
 * start, and the work for one fragment does not grow with what others have
 * sent. Old datagrams of the source that has most are dropped first; one source
 * can never hold more than a share of the room.
 */
#ifndef WIRE_IPFRAG_H
#define WIRE_IPFRAG_H

#include <stddef.h>
#include <stdint.h>

struct allocator;
struct ip_hdr;
struct ipfrag;

enum ipfrag_result {
	IPFRAG_WAIT,	/* kept, or a duplicate: others are missing */
	IPFRAG_WHOLE,	/* this was the last one */
	IPFRAG_OVERLAP, /* overlaps another: the datagram is dropped */
	IPFRAG_LENGTH,	/* no multiple of 8, too long, or contradictory */
	IPFRAG_CHAIN,	/* v6: the first one ends within the headers */
	IPFRAG_ECN,	/* CE and not ECN-capable in one datagram */
	IPFRAG_FULL,	/* too many pieces, or no room */
};

/* ipfrag_name - the word for the log: "fragment-overlap" ... */
const char *ipfrag_name(enum ipfrag_result);

/*
 * ipfrag_new - bytes for all that is kept, bookkeeping included, in at most
 * count datagrams; key is secret. NULL when there is no memory.
 */
struct ipfrag *ipfrag_new(size_t bytes, uint32_t count, const uint64_t key[2]);
/* ipfrag_new_in - the same, with memory from there */
struct ipfrag *ipfrag_new_in(const struct allocator *, size_t bytes,
    uint32_t count, const uint64_t key[2]);
void ipfrag_free(struct ipfrag *);

/*
 * ipfrag_put - a fragment has arrived: packet as ip_decode() has read it
 * into ip, with ip->frag set. WHOLE: *out and *len are the IP packet as if
 * it had never been in pieces, with a plain header, until the next call.
 */
enum ipfrag_result ipfrag_put(struct ipfrag *, uint64_t now,
    const struct ip_hdr *ip, const uint8_t *packet, const uint8_t **out,
    size_t *len);

/* ipfrag_used - bytes kept now */
size_t ipfrag_used(const struct ipfrag *);

#endif
