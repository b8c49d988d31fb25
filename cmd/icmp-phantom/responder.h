/*
 * responder.h - the engine: frames, the time and chance in; frames and events
 * out. No system call, no clock; memory is taken by responder_new(), and for
 * fragments up to what is given.
 */
#ifndef ICMP_PHANTOM_RESPONDER_H
#define ICMP_PHANTOM_RESPONDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct responder; /* opaque */
struct chance;
struct hosts;

enum { RESPONDER_LEAST_MTU = 576 };

/* a datagram for a command, and what its answer needs; frame and data are good
   until the call returns */
struct responder_ask {
	uint64_t now;
	const uint8_t *frame; /* its Ethernet header, */
	size_t l2len;	      /* VLAN tags included */
	struct ip_addr local, remote;
	uint16_t lport, rport;
	uint32_t which; /* of hosts_commands() */
	bool amplify;	/* the answer may be longer than what came */
	const uint8_t *data;
	size_t n;
};

/* a file of a UDP service */
struct datagram {
	uint8_t *bytes;
	size_t len;
};

struct responder_config {
	/* a net of hosts, instead of addr, mac and open; NULL: none */
	const struct hosts *hosts;
	const struct datagram *file; /* of each of hosts_files() */
	const struct ip_addr *addr;  /* -a, or NULL */
	const struct mac *mac;	     /* -m, or NULL */
	uint64_t open[65536 / 64];   /* UDP ports that get no answer, bits */
	uint32_t mtu;	     /* bytes of the longest packet sent, at least
				RESPONDER_LEAST_MTU */
	uint8_t ttl;	     /* of what is sent */
	uint64_t echo_rate;  /* answers a second for one source, ten times */
	uint64_t error_rate; /* as many for all; 0: none */
	size_t frag_bytes;   /* kept of fragments */
};

struct responder_event {
	const char *name;		      /* answer, drop, pmtu */
	const char *kind;		      /* answer: of what */
	const char *why;		      /* drop */
	const struct ip_addr *local, *remote; /* NULL: not known */
	uint16_t lport, rport;
	bool numbered; /* id and seq are of the echo */
	uint16_t id, seq;
	uint32_t len;	/* answer: bytes of data */
	uint32_t mtu;	/* pmtu */
	uint8_t ttl;	/* answer: that the packet came with */
	uint64_t stamp; /* the packet's own time */
	uint64_t frame; /* its number */
	uint64_t count; /* drop: since the last such event */
};

/* what the engine calls; a frame comes in two pieces */
struct responder_calls {
	void *ctx;
	void (*send)(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
	    const uint8_t *data, size_t dlen);
	void (*event)(void *ctx, const struct responder_event *);
	/* may be NULL; a request as scanners send them, of this kind, answered
	   or not */
	void (*probe)(void *ctx, uint64_t now, const struct responder_event *);
	/* a datagram for a command of the hosts; false: it is dropped */
	bool (*command)(void *ctx, const struct responder_ask *);
};

struct responder_totals {
	uint64_t frames, foreign, echoes, timestamps, unreachable, datagrams,
	    problems, dropped;
};

/* responder_new - a copy of the configuration is made; NULL: no memory */
struct responder *responder_new(const struct responder_config *,
    const struct responder_calls *, struct chance *);
void responder_free(struct responder *);

/* responder_hosts - another net of hosts from now on, and its files */
void responder_hosts(
    struct responder *, const struct hosts *, const struct datagram *file);

/*
 * responder_input - a whole Ethernet frame has arrived; stamp is its own
 * time, no its number
 */
void responder_input(struct responder *, uint64_t now, const uint8_t *frame,
    size_t len, uint64_t stamp, uint64_t no);

/* responder_reply - what a command answers: n bytes as a datagram */
void responder_reply(struct responder *, uint64_t now,
    const struct responder_ask *, const uint8_t *data, size_t n);
/* responder_excess - a command has sent more than it may */
void responder_excess(
    struct responder *, uint64_t now, const struct responder_ask *);

/* responder_again - while it sends: the answer goes to a source that was seen
   lately, and is no part of a flood from ever new ones */
bool responder_again(const struct responder *);

void responder_totals(const struct responder *, struct responder_totals *);

#endif
