/*
 * gso.h - a TCP segment as it lies in a frame: taken apart, verified,
 * and cut into smaller ones as segmentation offload cuts it.
 */
#ifndef WIRE_GSO_H
#define WIRE_GSO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
 * segment_unfilled - the checksum of IPv4 is right, and in TCP's place is the
 * sum of the pseudo-header: an offload is to fill it in
 */
bool segment_unfilled(const struct segment *);

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

#endif
