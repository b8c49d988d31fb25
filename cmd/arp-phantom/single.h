/*
 * single.h - the life of one claimed address: asked for, announced, defended
 * and given up (RFC 5227 2.1 to 2.4, RFC 4862 5.4). Times in, advice out.
 */
#ifndef ARP_PHANTOM_SINGLE_H
#define ARP_PHANTOM_SINGLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ip.h"

struct chance;

enum single_state {
	SINGLE_ASKING,
	SINGLE_SILENT, /* no host has answered: may be claimed */
	SINGLE_OURS,
	SINGLE_LOST, /* given up to another host, while that uses it */
};

/* what to do about another host that uses an address of ours: RFC 5227 2.4 */
enum defend {
	DEFEND_DEFAULT, /* once; an address of a prefix never */
	DEFEND_NEVER,	/* (a) */
	DEFEND_ONCE,	/* (b) in ten seconds */
	DEFEND_ALWAYS,	/* (c) */
};

/* unused by others for this long, it is taken up again (ns) */
#define SINGLE_QUIET	UINT64_C(60000000000)
#define DEFEND_INTERVAL UINT64_C(10000000000)
/* from one question to the next, while packets come from it */
#define SINGLE_CHECK UINT64_C(1000000000)

struct single {
	struct ip_addr addr;
	enum single_state state;
	unsigned probes;	 /* sent */
	unsigned announced;	 /* times */
	bool contested, yielded; /* ever */
	bool doubted;		 /* asked for again, after a time elsewhere */
	uint64_t conflict;	 /* time of the last one */
	uint64_t checked;	 /* asked for, as a packet came from it */
	uint64_t when;		 /* the timer; TIME_NEVER when it is off */
};

/* how to ask */
struct single_plan {
	bool ask;
	bool quick;    /* wait is the whole time, else the RFC's times */
	uint64_t wait; /* ns */
	enum defend defend;
};

enum single_advice {
	SINGLE_NOTHING,
	SINGLE_PROBE,	 /* send one */
	SINGLE_ANNOUNCE, /* send one */
	SINGLE_REFUSE,	 /* the address is in use: do not claim it */
	SINGLE_DEFEND,	 /* announce it, this once */
	SINGLE_STAY,	 /* send nothing, and go on using it */
	SINGLE_YIELD,	 /* stop using it, until single_timer() says: */
	SINGLE_CLAIM,	 /* it is ours again */
};

void single_start(
    struct single *, const struct single_plan *, struct chance *, uint64_t now);

/* single_timer - when has come */
enum single_advice single_timer(
    struct single *, const struct single_plan *, struct chance *, uint64_t now);

/* single_claim - all asking is over: it is ours from now on */
void single_claim(struct single *, uint64_t now);

/* single_doubt - another host may have it by now: ask for it as at the start */
void single_doubt(struct single *, uint64_t now);

/*
 * single_conflict - another host uses the address; call it for each such
 * frame, also after the address was given up
 */
enum single_advice single_conflict(
    struct single *, const struct single_plan *, uint64_t now);

/* single_next - the earliest timer of n, or TIME_NEVER */
uint64_t single_next(const struct single *, size_t n);

/* single_sort - by address, every one once; how many are left of n */
size_t single_sort(struct single *, size_t n);

/* single_find - by address, in what single_sort() has sorted; or NULL */
struct single *single_find(struct single *, size_t n, const struct ip_addr *);

#endif
