/*
 * query.h - a crafted question and its answers, in straight code: open, send,
 * receive until a time. For the small programs that send from one address, a
 * phantom's or the host's own, on an interface or in the packet stream.
 *
 * While it waits, it answers ARP and Neighbor Solicitations for its source
 * (the host's own is answered for by the kernel), and lets through only what
 * is for the source. Needs ether.h, ip.h and, for files, stdio.h. The order:
 *
 *	query_defaults, options, query_open, files of the program,
 *	query_start, query_next_hop, query_send and query_recv,
 *	query_close
 */
#ifndef ASK_QUERY_H
#define ASK_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "opt/opt.h"
#include "wire/ether.h"
#include "wire/ip.h"

struct query; /* opaque */
struct chance;

/* the command line, and what the program sets; has_: the option was given */
struct query_options {
	const char *ifname; /* "-": the packet stream */
	bool live;	    /* an interface; set by query_interface() */
	bool has_src, has_mac, has_hop, has_hop_mac, has_seed;
	struct ip_addr src; /* -s */
	unsigned sources;   /* this many addresses from src on; 0: one */
	struct mac mac;	    /* -m */
	struct ip_addr hop; /* -g, an address */
	struct mac hop_mac; /* -g, a MAC */
	uint64_t seed;	    /* -S */
	uint64_t wait;	    /* -w, ns */
	bool has_wait;
	uint64_t count;	 /* -c; 0: not given */
	const char *out; /* -o: where the answer's lines go */
	bool stamps;	 /* -T */
	bool unasked;	 /* -n: do not ask whether the source is in use */
	int level;	 /* -v each 1, -q each -1 */

	/* by the program */
	const struct ip_addr *dst; /* the host to ask; NULL: unknown */
	bool udp, tcp;		   /* wanted beside ICMP */
	bool broadcast;		   /* what is for all stations, too */
	bool no_source;		   /* may begin without an address */
	bool hasty; /* what the stream's reader does not take at the end is
		       lost, as on an interface */
	void (*summary)(void *ctx); /* SIGUSR1; NULL: a line of counts */
	void *ctx;
};

enum query_result {
	QUERY_OVER = -1,   /* no more will come: query_close() now */
	QUERY_TIMEOUT = 0, /* the deadline has come */
	QUERY_PACKET = 1,
};

/* one packet, whole: fragments have been put together */
struct query_packet {
	uint64_t ts;	      /* ns since 1970, when it was captured */
	const uint8_t *frame; /* from its Ethernet header on; all of it is
				 valid until the next call */
	size_t len;
	struct mac from;     /* Ethernet source */
	struct ip_hdr ip;    /* of a plain header */
	const uint8_t *data; /* behind the IP headers */
	size_t n;
	uint16_t gso; /* TCP: payload of each segment that a card or the
			 kernel has joined to this one; 0: it is one */
};

/* the tables of options that query programs share, about query_options */
extern const struct opt query_opt_source[]; /* -s */
extern const struct opt query_opt_hop[];    /* -g */
extern const struct opt query_opt_common[]; /* -m n w o S T v q */

/* query_defaults - before the options: wait 3 s, nothing given */
void query_defaults(struct query_options *);

/*
 * query_interface - the argument "iface" at index i of argv; a usage error
 * when it is missing, or an option does not go with it
 */
void query_interface(struct query_options *, int i, int argc, char **argv);

/*
 * query_open - take the socket or the stream, find the source address and
 * its MAC; ends the program when it cannot. Once in a program; o must live on.
 */
struct query *query_open(const struct query_options *o);

/*
 * query_start - give up all rights, then ask whether a phantom's address
 * is in use (live, without -n); ends the program when it is. No file can be
 * opened from here on, nor any privilege used.
 */
void query_start(struct query *);

/* query_now - ns since 1970, live or by the stamps (-T) */
uint64_t query_now(const struct query *);
/* query_after - a deadline, ns from now */
uint64_t query_after(const struct query *, uint64_t ns);

/* query_source - NULL when there is none yet */
const struct ip_addr *query_source(const struct query *);
/* query_is_source - is it a source address of this query? _own: the host's
   own */
bool query_is_source(const struct query *, const struct ip_addr *);
bool query_own(const struct query *);
const struct mac *query_mac(const struct query *);
uint32_t query_mtu(const struct query *);
struct chance *query_chance(struct query *);

/*
 * query_set_source - from now on send from and answer for this address (NULL:
 * none), with the present MAC, until a time, whatever waits: for a lease
 */
void query_set_source(struct query *, const struct ip_addr *, uint64_t until);

/*
 * query_watch - before query_start(): notice where this host may be on another
 * network. query_moved - it may, since this was last asked: the interface was
 * without a network, or the machine was suspended.
 */
void query_watch(struct query *);
bool query_moved(struct query *);

/*
 * query_defend - the source is bound: when another station uses it, it is
 * defended by one announcement, and given up if that station still uses it
 * within ten seconds (RFC 5227 2.4 (b)). query_taken - it was given up: the
 * MAC of that station. Until the source is set again, query_recv() returns
 * nothing but TIMEOUT.
 */
void query_defend(struct query *);
bool query_taken(const struct query *, struct mac *);

/*
 * query_text - where the answer's lines go: stdout, stderr or -o. Call it
 * again for each few lines: it waits here for a slow reader, where a signal
 * ends the wait, not in a write. After a signal, unread lines are dropped.
 */
FILE *query_text(struct query *);

/* query_send - a whole frame; failures are counted and reported at the end */
void query_send(struct query *, const uint8_t *frame, size_t len);

/*
 * query_send_ip - an IP packet to the station: header from ip (src, dst,
 * proto, ttl, tos, df, id; len is filled in) and n bytes behind it, in
 * fragments when it is longer than the MTU and not df. 0, or -1 and errno
 * EMSGSIZE.
 */
int query_send_ip(struct query *, const struct mac *to, struct ip_hdr *ip,
    const uint8_t *data, size_t n);

/*
 * query_recv - the next packet for the source: ICMP of its family, and
 * what was wanted. Input that is there is taken before the deadline counts.
 */
enum query_result query_recv(
    struct query *, uint64_t deadline, struct query_packet *);

/*
 * query_next_hop - the MAC to send to for dst: -g, or of a group, or of
 * dst itself where it is on the link, or of the default gateway. Asks up to
 * three times, a second apart (RFC 4861 10), until the deadline. PACKET: *mac
 * is known.
 */
enum query_result query_next_hop(struct query *, const struct ip_addr *dst,
    uint64_t deadline, struct mac *mac);

/*
 * query_ask, query_heard - one request for the MAC of an address on
 * the link; the next reply to it that does not lie, or, without a source, the
 * next sign of another station that has or wants it
 */
void query_ask(struct query *, const struct ip_addr *);
enum query_result query_heard(
    struct query *, const struct ip_addr *, uint64_t deadline, struct mac *mac);

/* what is counted */
struct query_counts {
	uint64_t sent;	   /* frames of ours, answers included */
	uint64_t unsent;   /* refused by the kernel, or no room in the pipe */
	uint64_t received; /* packets given out */
	uint64_t answered; /* ARP and NS for the source */
	uint64_t lies;	   /* ARP and ND that contradict themselves */
	uint64_t damaged;  /* for us, but cut or not well-formed */
	uint64_t dropped;  /* by the kernel without room, or by us in a
				storm of requests */
};
void query_counts(struct query *, struct query_counts *);

/*
 * query_stopped - OVER was SIGINT or SIGTERM; query_failed - it was an error,
 * which query_close() will report, or the reader of the output is gone: print
 * no more. Else the input is at its end.
 */
bool query_stopped(const struct query *);
bool query_failed(const struct query *);

/*
 * query_ended - no packet will come any more: the input is at its end.
 * With -T timeouts are still kept, at once.
 */
bool query_ended(const struct query *);

/*
 * query_close - write out what waits, report what went wrong, and free.
 * Returns the exit status: that of the failure, else the one given.
 */
int query_close(struct query *, int status);

#endif
