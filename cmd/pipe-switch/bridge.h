/*
 * bridge.h - what an Ethernet switch decides (IEEE 802.1D, 802.1Q): where a
 * frame goes, with which tag, and what is learned from it.
 *
 * Pure: time is an argument, output is a callback, memory is bounded by what
 * is given at the start.
 */
#ifndef PIPE_SWITCH_BRIDGE_H
#define PIPE_SWITCH_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

enum {
	VLANS = 4096,
	VLAN_NATIVE = 1, /* untagged on a trunk */
	BRIDGE_LONGEST = 65535 + 22,
};

/* why a frame goes nowhere; bridge_drop_name() is the word for people */
enum bridge_drop {
	DROP_SHORT,    /* ends inside its header */
	DROP_LONG,     /* more than the longest IP packet has */
	DROP_SOURCE,   /* from a group address */
	DROP_VLAN,     /* of a VLAN that the port does not have */
	DROP_RESERVED, /* for the link itself, 01:80:c2:00:00:0x */
	DROP_STORM,    /* too many that go to all */
	BRIDGE_DROPS,
};

struct bridge_port {
	/* given */
	bool trunk;
	uint16_t vid;		/* of an access port */
	uint8_t has[VLANS / 8]; /* the VLANs of a trunk, a bit each */
	/* the bridge's own */
	bool up;
	uint64_t bucket;    /* of frames that go to all */
	uint32_t macs;	    /* entries of the table */
	uint64_t in, bytes; /* frames that came, and their bytes */
	uint64_t dropped[BRIDGE_DROPS];
	uint64_t moves; /* addresses that came here from another port */
};

struct bridge_config {
	bool hub;	/* learn nothing, send to all */
	bool isolate;	/* ports but the first reach the first only */
	uint32_t macs;	/* most addresses in the table */
	uint64_t age;	/* ns after which one is forgotten */
	uint64_t storm; /* frames a second from a port to all; 0: any */
	uint64_t key[2];
	struct bridge_port *port;
	unsigned ports;
	void *ctx;
	/* a frame in two pieces to a port; only: to no other one */
	void (*send)(void *ctx, unsigned port, uint64_t now, const uint8_t *p,
	    size_t n, const uint8_t *q, size_t m, bool only);
};

struct bridge;

/* bridge_new - the config stays the caller's; NULL without memory */
struct bridge *bridge_new(const struct bridge_config *);
void bridge_free(struct bridge *);

/*
 * bridge_input - a frame has come in at a port. Its VLAN, or -1 when it was
 * dropped.
 */
int bridge_input(struct bridge *, uint64_t now, unsigned port,
    const uint8_t *frame, size_t len);

/*
 * bridge_down - the port has ended: nothing goes there, its addresses go;
 * bridge_up - it is there again
 */
void bridge_down(struct bridge *, unsigned port);
void bridge_up(struct bridge *, unsigned port);

struct bridge_entry {
	struct mac mac;
	uint16_t vid;
	uint16_t port;
	uint64_t seen;
};

/* bridge_table - calls each() for every address that is known */
void bridge_table(const struct bridge *, uint64_t now, void *ctx,
    void (*each)(void *ctx, const struct bridge_entry *));

const char *bridge_drop_name(enum bridge_drop);

/* a set of VLANs, a bit each */
static inline bool
vlan_in(const uint8_t *set, unsigned vid)
{
	return set[vid / 8] >> vid % 8 & 1;
}

#endif
