/*
 * resolve.h - the next hop's MAC, asked for in the stream by ARP (RFC 826) or
 * Neighbor Solicitation (RFC 4861); and the answer to hosts that ask for our
 * own address. Pure: frames and time in, frames out.
 */
#ifndef TCPFSM_CLIENT_RESOLVE_H
#define TCPFSM_CLIENT_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/resolve.h"

enum hop_state {
	HOP_ASKING,
	HOP_KNOWN,
	HOP_SILENT, /* no host has answered */
	HOP_IN_USE, /* another host has our own address */
};

struct hop {
	/* given */
	struct ip_addr own, next;
	struct mac mac;	   /* ours */
	uint64_t patience; /* ns, at most five questions */
	/* found */
	enum hop_state state;
	struct mac found;  /* KNOWN: the next hop's */
	struct mac holder; /* IN_USE: the host that has it */
	struct resolve ask;
	uint64_t since;
};

/* where a frame of the hop's goes */
typedef void hop_emit(void *ctx, uint64_t now, const uint8_t *, size_t);

/* hop_deadline - when to call hop_ask() */
uint64_t hop_deadline(const struct hop *);
/* hop_ask - the first time at the start: ask if it is time to, or give up */
void hop_ask(struct hop *, uint64_t now, hop_emit *, void *ctx);
/* hop_frame - take a frame in: true when it was ARP or Neighbor Discovery */
bool hop_frame(
    struct hop *, uint64_t now, const uint8_t *, size_t, hop_emit *, void *ctx);

/* hop_tell - why there is none */
void hop_tell(const struct hop *);

#endif
