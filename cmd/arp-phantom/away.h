/*
 * away.h - was this host off its network, or did it not listen? Then addresses
 * that were free may have an owner (RFC 5227 2.1).
 */
#ifndef ARP_PHANTOM_AWAY_H
#define ARP_PHANTOM_AWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux/carrier.h"

struct claim;

struct away {
	struct carrier carrier;
	bool late; /* the last frame was */
};

/* away_start - before the sandbox */
void away_start(struct away *, const char *ifname);

/*
 * Each calls claim_back() when it is so.
 *
 * away_news - the carrier is readable: the interface had no network
 * away_slept - the machine was suspended
 * away_frame - one that came at this time waited so long that we were stopped;
 * the claim gets it, as what it is
 */
void away_news(struct away *, struct claim *, uint64_t now);
void away_slept(struct away *, struct claim *, uint64_t now);
void away_frame(struct away *, struct claim *, uint64_t now, bool sent,
    const uint8_t *frame, size_t n, uint64_t came);

#endif
