/*
 * seen.h - what is known of single addresses out of a whole prefix: a table
 * of fixed size. A full set gives up the longest unused entry of the MAC that
 * has most of it: one that asks for all addresses, or claims them, drives out
 * its own.
 */
#ifndef ARP_PHANTOM_SEEN_H
#define ARP_PHANTOM_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/neigh.h"

enum { SEEN_SETS = 512, SEEN_WAYS = 8 }; /* 4096 addresses */

enum seen_state {
	SEEN_FREE,
	SEEN_ASKING, /* silent for a while, then ours if no host answers */
	SEEN_OURS,
	SEEN_TAKEN, /* another host has it */
};

struct seen {
	struct ip_addr addr;
	struct mac mac;	       /* of the host that has it, or that has asked */
	struct vlan_tags tags; /* where it was asked for last */
	enum seen_state state;
	/* SEEN_ASKING: when that time is over; SEEN_TAKEN: when it has been
	   unused for long enough */
	uint64_t asked;
	/* SEEN_ASKING: the last one that asked as we did; SEEN_OURS: the last
	   one that was answered; SEEN_TAKEN: the one whose request was left to
	   the other host; and when */
	struct mac other;
	uint64_t left;
	uint64_t wished;   /* SEEN_TAKEN: another host has probed then */
	bool shared;	   /* because of a request that we have seen, too */
	uint64_t checked;  /* asked for last then */
	uint64_t withheld; /* an answer, last then */
	bool contested;	   /* SEEN_OURS: another host has used it, */
	uint64_t conflict; /* last then */
	uint64_t until;	   /* this is known, not longer */
	uint64_t used;
};

struct seen_table {
	uint64_t key[2]; /* of the hash, so that no host can aim at a set */
	/* more bits of it, so that entries of others, which are in no cache,
	   need not be read; 0: has never been used */
	uint16_t tag[SEEN_SETS][SEEN_WAYS];
	struct seen e[SEEN_SETS][SEEN_WAYS];
};

/* seen_find - the address's entry, or NULL; expired ones are let go */
struct seen *seen_find(
    struct seen_table *, const struct ip_addr *, uint64_t now);

/* seen_put - the address's entry in this state, old or new */
struct seen *seen_put(struct seen_table *, const struct ip_addr *,
    enum seen_state, uint64_t until, uint64_t now);

/* seen_doubt - only what others have is still known */
void seen_doubt(struct seen_table *);

#endif
