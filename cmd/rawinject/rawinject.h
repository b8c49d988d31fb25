/*
 * rawinject.h - between the files of rawinject.
 */
#ifndef RAWINJECT_H
#define RAWINJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "capsock.h"

/* segment.c: a TCP segment as it lies in a frame */

struct segment {
	uint8_t *frame;
	size_t len; /* of the frame; nothing follows the segment */
	bool v6;
	bool plain;	  /* IP header without options */
	uint8_t flags;	  /* TCP's */
	uint16_t l3, l4;  /* offsets of the headers */
	uint16_t hlen;	  /* bytes of all headers */
	uint32_t payload; /* bytes behind them */
	uint32_t seq;
};

enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_CWR = 0x80,
};

/*
 * segment_decode - 0, or -1 when the frame is anything but one whole TCP
 * segment in IPv4 or IPv6: fragments, extension headers and bytes behind
 * the packet are refused. Checksums are not looked at.
 */
int segment_decode(uint8_t *frame, size_t len, struct segment *out);

/* segment_verify - the checksums of TCP and of IPv4 are right */
bool segment_verify(const struct segment *);

/*
 * segment_set_payload - make the headers those of a segment of n bytes, for
 * an offload: lengths, flags, IPv4's checksum; in TCP's place the sum of the
 * pseudo-header
 */
void segment_set_payload(struct segment *, uint32_t n, uint8_t flags);

/*
 * segment_cut - a frame of the n payload bytes at offset, the i-th piece,
 * into buf, as the kernel's segmentation would make it. Returns its length.
 */
size_t segment_cut(const struct segment *, uint32_t offset, uint32_t n,
    uint16_t i, uint8_t *buf);

/* batch.c: frames on their way to the kernel, where they lie */

enum { BATCH_MSGS = 128, BATCH_IOVS = 2048, BATCH_IOVS_EACH = 64 };

struct batch {
	struct capsock *cs;
	unsigned n, niov;
	struct mmsghdr msg[BATCH_MSGS];
	struct iovec iov[BATCH_IOVS];
	unsigned frames[BATCH_MSGS]; /* records in the message */
	bool super[BATCH_MSGS];
	/* records, but for supers */
	uint64_t sent, supers, lost, cut, bad, refused;
	int down; /* errno that ends all */
};

/*
 * batch_add - a frame, CAPSOCK_VNET_HLEN bytes before it being ours; gso
 * NULL for a plain one. It stays where it is until batch_flush().
 */
void batch_add(
    struct batch *, uint8_t *frame, size_t len, const struct capsock_gso *gso);
/* batch_extend - more bytes, of one more record, for the last frame */
void batch_extend(struct batch *, uint8_t *p, size_t n);
/* batch_super - the last message is a super-frame after all */
void batch_super(struct batch *, const struct capsock_gso *gso);
/* batch_room - so many pieces can be added without a flush */
unsigned batch_room(const struct batch *);
void batch_flush(struct batch *);

/* coalesce.c: segments of one flow into a super-frame */

struct run {
	struct segment first;
	unsigned count;	  /* segments, 0: there is no run */
	uint32_t payload; /* of all */
	bool verified;	  /* the first one is */
	bool ended;	  /* by a short segment, PSH or FIN */
	uint8_t flags;	  /* of the last */
};

/*
 * run_add - a segment that fits in one frame: true when it went into the
 * batch, as part of the run or the start of a new one
 */
bool run_add(struct run *, struct batch *, const struct segment *);
/* run_close - what was added becomes one super-frame; before batch_flush() */
void run_close(struct run *, struct batch *);

#endif
