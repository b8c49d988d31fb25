/*
 * claim.h - the engine: frames, the time and chance in; frames and events
 * out. No system call, no clock, and no memory taken after claim_new(),
 * but by claim_except().
 */
#ifndef ARP_PHANTOM_CLAIM_H
#define ARP_PHANTOM_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "single.h"

struct claim; /* opaque */
struct chance;
struct hosts;
struct ip_addr;
struct mac;
struct prefix;

struct claim_config {
	const struct hosts *hosts; /* claimed as addresses of prefixes are, each
				      at its MAC; NULL: none */
	const struct prefix *want; /* what is claimed */
	size_t nwant;
	const struct prefix *except; /* what is never answered for */
	size_t nexcept;
	const struct mac *mac;	/* of all addresses, NULL: of the phantom */
	const struct mac *host; /* this host's own on the network, or NULL */
	bool ask;		/* probe single addresses first; answer for
				   those of a prefix that no host answers for */
	bool unclaimed; /* treat single addresses as those of a prefix */
	bool quick;	/* wait is the time that asking takes */
	uint64_t wait;
	enum defend defend;
};

struct claim_event {
	const char *name;
	const struct ip_addr *local, *remote; /* NULL: none */
	const struct mac *mac;		      /* the other's; NULL: none */
	const char *why;		      /* NULL: none */
	uint64_t count;	   /* lines that this one stands for; 0: one */
	unsigned bits;	   /* prefix length; 0: one address */
	uint64_t not_told; /* events left out before this one */
};

/* what the engine calls; frames are of at most NEIGH_FRAME bytes */
struct claim_calls {
	void *ctx;
	void (*send)(void *ctx, uint64_t now, const uint8_t *frame, size_t n);
	void (*event)(void *ctx, uint64_t now, const struct claim_event *);
};

struct claim_totals {
	uint64_t answered, conflicts, yielded, dropped;
};

enum claim_verdict {
	CLAIM_GOES_ON,
	CLAIM_IN_USE, /* refused, before anything was answered */
};

/* claim_new - a copy of the configuration is made; NULL: no memory */
struct claim *claim_new(
    const struct claim_config *, const struct claim_calls *, struct chance *);
void claim_free(struct claim *);

/* claim_except - never answer for these from now on; false without memory */
bool claim_except(struct claim *, const struct prefix *, size_t n);

/* claim_hosts - use another table of hosts from now on; announce the single
   addresses whose MAC changes */
void claim_hosts(struct claim *, uint64_t now, const struct hosts *);

/* claim_start - once, with the first time known; asks or announces */
void claim_start(struct claim *, uint64_t now);
void claim_input(
    struct claim *, uint64_t now, const uint8_t *frame, size_t len);
/*
 * claim_overhear - a frame that this host itself sends. What it states or
 * probes for is its own; of others that send from here only probes are
 * answered.
 */
void claim_overhear(
    struct claim *, uint64_t now, const uint8_t *frame, size_t len);
/*
 * claim_late - a frame that waited until now, for so long that its sender does
 * not wait for an answer: what it states counts, and a host that has probed for
 * an address has it by now
 */
void claim_late(struct claim *, uint64_t now, const uint8_t *frame, size_t len);
/*
 * claim_back - this host was off the network, or did not listen: what is ours
 * may be another's by now. It is probed as at the start (RFC 5227 2.1), if it
 * was then; what others have stays theirs for its time.
 */
void claim_back(struct claim *, uint64_t now);
/* claim_deadline - when claim_timer() wants to be called, or TIME_NEVER */
uint64_t claim_deadline(const struct claim *);
void claim_timer(struct claim *, uint64_t now);

/*
 * claim_verdict - true: the program goes on; else the address that was lost,
 * and the MAC that has it
 */
enum claim_verdict claim_verdict(
    const struct claim *, struct ip_addr *, struct mac *);
void claim_totals(const struct claim *, struct claim_totals *);

#endif
