/*
 * claim_var.h - between claim.c and range.c: the state of the engine.
 */
#ifndef ARP_PHANTOM_CLAIM_VAR_H
#define ARP_PHANTOM_CLAIM_VAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "claim.h"
#include "limit.h"
#include "wire/prefix.h"
#include "seen.h"
#include "single.h"
#include "wire/dhcp_watch.h"
#include "wire/neigh.h"

enum { DROP_RATE = NEIGH_ERRORS, DROP_REASONS };
enum { TAKEOVERS = 16, LOOKS = 128 };

struct claim {
	struct claim_calls call;
	struct chance *chance;
	struct single_plan plan;
	bool unclaimed;
	const struct hosts *hosts;
	bool has_mac, ready;
	bool late; /* the frame that is looked at */
	struct mac mac, host;
	struct single *single;
	struct prefix *want, *except; /* want: without the single ones */
	size_t nsingle, nwant, nexcept;
	size_t asking; /* of the single ones */
	uint64_t next; /* the earliest of their timers */
	struct limits limits;
	uint64_t not_told;
	struct {
		uint64_t full, count;
	} drop[DROP_REASONS];
	struct claim_totals totals;
	enum claim_verdict verdict;
	struct ip_addr lost;
	struct mac owner;
	/* addresses that were ours and that a host has probed for since; when
	   to send it a probe that makes it correct its neighbours; 0: free */
	struct {
		struct ip_addr addr;
		struct vlan_tags tags;
		uint64_t when;
	} takeover[TAKEOVERS];
	uint64_t takeover_at; /* the earliest of them, or TIME_NEVER */
	/* addresses answered for at once, and when to see whether another host
	   has them; 0: free */
	struct {
		struct ip_addr addr;
		struct mac asker; /* the one that was answered */
		uint64_t when;
	} look[LOOKS];
	size_t looks;	   /* those that are not free */
	uint64_t looks_at; /* the earliest of them, or TIME_NEVER */
	/* the host that has made us look too often, and until when no more is
	   done because of it */
	struct mac look_mac;
	uint64_t look_not;
	uint64_t recheck; /* when to ask for what is ours; TIME_NEVER: off */
	struct dhcp_watch dhcp;
	struct seen_table seen;
};

/* ---- claim.c */

/* claim_mac - under which an address is answered for */
struct mac claim_mac(const struct claim *, const struct ip_addr *);

/* claim_tell_limited - an event that strangers can cause: a flood of them must
   not fill a disk */
void claim_tell_limited(
    struct claim *, uint64_t now, const struct claim_event *);

/* claim_drop - one line a second and reason, however many there are */
void claim_drop(
    struct claim *, uint64_t now, unsigned reason, const struct neigh *);

/* claim_send_own - a probe for an address, or the announcement that it is
   ours */
void claim_send_own(struct claim *, uint64_t now, const struct ip_addr *,
    const struct vlan_tags *, bool probe);

/*
 * claim_contest - another host uses an address that was named on the command
 * line
 */
void claim_contest(
    struct claim *, uint64_t now, struct single *, const struct neigh *);

/* ---- habits.c */

/* claim_answers_odd - if anything is odd about a request, the system that has
   the target answers it all the same */
bool claim_answers_odd(const struct claim *, const struct neigh *);
/* claim_answer - as that system does it: a frame in buf, its length */
size_t claim_answer(const struct claim *, const struct neigh *,
    const struct mac *, uint8_t *buf);

/* ---- sign.c */

/*
 * sign_take - a frame that is neither ARP nor ND: what it shows about the
 * owners of addresses
 */
void sign_take(struct claim *, uint64_t now, const uint8_t *frame, size_t len);

/* ---- look.c */

/*
 * look_later - an address of a prefix is answered for at once, and nothing is
 * known of it: keep it, and see soon whether another host has it. Does nothing
 * when there are too many.
 */
void look_later(struct claim *, uint64_t now, const struct neigh *);
/* look_heard - another host has asked who has it, and may have been answered
   by us: let it decide first */
void look_heard(struct claim *, uint64_t now, const struct ip_addr *);
/* look_timer - those that are due */
void look_timer(struct claim *, uint64_t now);
/* look_yielded - to an owner that said so to us alone: the last one that asked
   us has to learn of it as well */
void look_yielded(
    struct claim *, uint64_t now, const struct seen *, const struct neigh *);

/* ---- range.c */

/* range_probe - another question about an address that is ours */
void range_probe(struct claim *, uint64_t now, struct seen *);
/* range_keep - an address has been asked for: it stays ours */
void range_keep(
    struct claim *, uint64_t now, struct seen *, const struct neigh *);

/* range_holds - an address of a prefix that is claimed, and not excepted */
bool range_holds(const struct claim *, const struct ip_addr *);

/* range_unclaimed - true: answer only if no other host does, by -u or by the
   hosts' file */
bool range_unclaimed(const struct claim *, const struct ip_addr *);

/* range_contest - another host uses one of these */
void range_contest(
    struct claim *, uint64_t now, const struct ip_addr *, const struct neigh *);

/* range_wished - another host may be about to use it */
void range_wished(
    struct claim *, uint64_t now, const struct ip_addr *, const struct neigh *);

/* range_sign - a packet from it at this MAC: is it the owner's? */
void range_sign(
    struct claim *, uint64_t now, const struct ip_addr *, const struct neigh *);

/* range_next, range_timer - as claim_deadline() and claim_timer() */
uint64_t range_next(const struct claim *);
void range_timer(struct claim *, uint64_t now);

/* range_answers - is a request for one to be answered? May ask for it. */
bool range_answers(struct claim *, uint64_t now, const struct neigh *);

#endif
