/*
 * responder_var.h - between responder.c, echo.c and udp.c: the state of the
 * engine, and a packet as far as it is read.
 */
#ifndef ICMP_PHANTOM_RESPONDER_VAR_H
#define ICMP_PHANTOM_RESPONDER_VAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/recall.h"
#include "wire/dhcp_watch.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/limit.h"

#include "drop.h"
#include "responder.h"
#include "sender.h"

struct hosts_entry;

enum {
	UDP_LOW_PORTS = 1024,	/* servers are there: no echo goes to one */
	RESPONDER_PORTS = 4096, /* of sources; those that share a bucket share
				   its tokens */
	CHECK_WAYS = 4,		/* pings that may be checks of a DHCP server */
	CHECK_SETS = 2048,
};

/* one host pinged another while that might be such a check */
struct checked {
	uint64_t pair, since; /* a hash of both; first time */
};

struct responder {
	struct responder_config cf;
	struct responder_calls call;
	struct ipfrag *frag;
	struct sender sender;
	uint64_t key[2]; /* of the hash over sources */
	struct limit echo, error, told, back;
	uint64_t port[RESPONDER_PORTS][2]; /* buckets, */
	struct recall said;		   /* and datagrams: see may.c */
	bool again;			   /* see responder_again() */
	struct dhcp_watch dhcp;
	struct checked checked[CHECK_SETS][CHECK_WAYS]; /* see check.c */
	uint64_t asker[LIMIT_SOURCES];
	struct {
		uint64_t full, count;
	} drop[DROPS];
	struct responder_totals totals;
};

/* what has come, as far as it is read */
struct packet {
	uint64_t now, stamp, no;
	const uint8_t *frame;
	struct ether_hdr eth;
	struct ip_hdr ip;
	const uint8_t *p;	/* the IP packet, whole */
	const uint8_t *payload; /* behind its headers */
	size_t n;
	const struct hosts_entry *host; /* with hosts: that it is for */
};

/* responder_probe - a scanner may have sent this */
void responder_probe(
    struct responder *, const struct packet *, const char *kind);
/* responder_drop - one line a second and reason, however many there are */
void responder_drop(struct responder *, const struct packet *, enum drop);
/* responder_may - answer it, within the limit */
bool responder_may(struct responder *, struct limit *, const struct packet *);
/* responder_may_serve - answer this datagram, unless it may be an answer */
bool responder_may_serve(struct responder *, const struct packet *);
/* responder_note - data comes from k's source, or goes there; true: it has
   done so lately */
bool responder_note(
    struct responder *, const struct packet *k, const uint8_t *data, size_t n);
/* responder_letter - the answer to its sender; head: see sender.h */
struct letter responder_letter(const struct responder *, const struct packet *,
    uint8_t tos, const uint8_t *head, const uint8_t *data, size_t dlen);
/* responder_face - of the host that it is for; NULL: it has none */
const struct face *responder_face(
    const struct responder *, const struct packet *);
/* responder_answer - icmp holds the message's first bytes, without the
   checksum; data follows them. df: routers must not cut it */
void responder_answer(struct responder *, const struct packet *, uint8_t *icmp,
    uint8_t tos, bool df, const uint8_t *data, size_t dlen);
/* responder_tell - the log's line on an answer of len bytes */
void responder_tell(
    struct responder *, const struct packet *, const char *kind, uint32_t len);
/* responder_quoted6 - bytes of the packet that an ICMPv6 error repeats */
size_t responder_quoted6(const struct packet *);

/* responder_withholds - a DHCP server may check with this ping whether the
   address is free; check.c */
bool responder_withholds(struct responder *, const struct packet *);
/* responder_echo, responder_timestamp - a request has come; echo.c */
void responder_echo(struct responder *, const struct packet *);
void responder_timestamp(struct responder *, const struct packet *);

/* responder_udp - a datagram has come; udp.c */
void responder_udp(struct responder *, const struct packet *);
/* responder_unknown - a packet of another protocol has come; refuse.c */
void responder_unknown(struct responder *, const struct packet *);
/* responder_refuse - by an error whose first bytes are in icmp: k or a part of
   it follows, as the face of the host has it. false: it gets none */
bool responder_refuse(
    struct responder *, const struct packet *, uint8_t icmp[]);

#endif
