/*
 * seglist.h - a packet of a capture as a TCP segment, for programs that look
 * on: they need no checksum, and of a cut capture the headers are enough.
 */
#ifndef CAPTURE_SEGLIST_H
#define CAPTURE_SEGLIST_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/leftout.h"
#include "capture/steps.h"
#include "wire/endpoint.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

struct capin;
struct stream_rec;

/* a checksum; offload fills it in behind the capture */
enum seg_sum { SUM_UNKNOWN, SUM_GOOD, SUM_BAD, SUM_OFFLOAD };

struct tcpseg {
	uint64_t time; /* ns since 1970 */
	uint64_t due; /* the same, but not before one that its file has first */
	uint32_t no;  /* in a list: order of arrival */
	struct endpoint src, dst;
	uint32_t seq, ack, len; /* len: bytes of data */
	uint32_t at;		/* where they begin in the record, */
	uint32_t there;		/* and how many of them are there, */
	uint32_t sum;		/* in a list: equal ones have the same; */
	uint8_t head[8];	/* the first ones */
	uint32_t ip_id;		/* IPv4's identification; 0 for IPv6 */
	uint16_t wnd;		/* not scaled */
	uint16_t flags;
	uint16_t link;	 /* in a list: the link type that it came from */
	uint8_t mac[12]; /* destination and source, of the frame */
	uint16_t cksum;	 /* as it was captured */
	uint8_t summed;	 /* enum seg_sum: is it right? */
	bool cut;	 /* within the options: those behind are not known */
	struct tcp_opts opt;
};

/*
 * tcpseg_header - the TCP header at p, of a segment of len bytes of which so
 * many are there: LEFT_NOTHING, LEFT_CUT_TCP, LEFT_TCP
 */
enum left tcpseg_header(
    const uint8_t *p, uint32_t there, uint32_t len, struct tcp_hdr *);

/*
 * tcpseg_summed - of a segment of len bytes at p, of which so many are there,
 * 20 at least
 */
enum seg_sum tcpseg_summed(
    const struct ip_hdr *, const uint8_t *p, uint32_t there, uint32_t len);

/*
 * tcpseg_decode - LEFT_NOTHING (0) when the record has a TCP segment with the
 * 20 bytes of its header at least; if its options were cut, those that are
 * there count. Else the reason why not. decap: also in a tunnel.
 */
enum left tcpseg_decode(const struct stream_rec *, bool decap, struct tcpseg *);

/*
 * tcpseg_at - was it captured at this time (ns)? A stamp that is a whole
 * microsecond may have been cut down to it: all of that one counts.
 */
static inline bool
tcpseg_at(const struct tcpseg *s, uint64_t time)
{
	return s->time % 1000 == 0 ? s->time / 1000 == time / 1000
				   : s->time == time;
}

/* the segments of several captures */
struct tcpseg_list {
	struct tcpseg *s;
	uint32_t n, room;
	struct steps steps; /* of this file so far */
	uint64_t cut;	    /* within their options */
	uint64_t beyond;    /* more than TCPSEG_MAX: left out */
	uint64_t packets;   /* that were read */
	struct leftout left;
	bool decap; /* also in tunnels */
	/* which are wanted: of this address, of this port; NULL and 0: all */
	const struct ip_addr *addr;
	uint16_t port;
};

enum {
	TCPSEG_MAX = 1000000,
	TCPSEG_ONE = 1460, /* what is longer may be a super-frame */
};

/*
 * tcpseg_list_read - all of a capture; 0, or the exit status, after a message;
 * what was read before an error is there; stderr names steps of its clock, once
 * for each file. tcpseg_list_sort - by time, as they came where that is equal.
 */
int tcpseg_list_read(struct tcpseg_list *, struct capin *);
/* tcpseg_list_take - the record that was read last, if it is wanted */
void tcpseg_list_take(
    struct tcpseg_list *, const struct stream_rec *, const struct capin *);
/* tcpseg_list_say - what its captures lack; on stderr, only for mains */
void tcpseg_list_say(const struct tcpseg_list *);
void tcpseg_list_sort(struct tcpseg_list *);

/* tcpseg_wrong - its checksum is; that of a super-frame is still to be filled
   in for each packet of it */
static inline bool
tcpseg_wrong(const struct tcpseg *s)
{
	return s->summed == SUM_BAD && s->len <= TCPSEG_ONE;
}

/* tcpseg_mix - of a hash, and one more word: FNV-1a, by words */
static inline uint32_t
tcpseg_mix(uint32_t hash, uint32_t word)
{
	hash = (hash ^ word) * UINT32_C(16777619);
	return hash ^ hash >> 15;
}

#endif
