/*
 * hosts.h - a net of phantoms as a file describes it, phantom-hosts(5): which
 * addresses there are, at which MACs, and what is behind each of their ports.
 *
 * The file is read once, into one table that does not change any more. To find
 * a host takes as long in a table of 65,536 as in one of ten. There is no
 * pointer in it, so several programs can share it.
 */
#ifndef HOSTS_HOSTS_H
#define HOSTS_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ether.h"
#include "wire/prefix.h"

enum { HOSTS_ERROR = 8448, HOSTS_QUIRKS = 16 };

/* what is behind a port */
enum service {
	SERVICE_CLOSED,	 /* TCP: a reset; UDP: port unreachable */
	SERVICE_SILENT,	 /* no answer at all */
	SERVICE_OPEN,	 /* takes what comes; UDP: no answer */
	SERVICE_FILE,	 /* sends a file; UDP: as one datagram */
	SERVICE_COMMAND, /* a command for every connection; UDP: for a source */
	SERVICE_ECHO,	 /* UDP: the same bytes */
};

/* the connections that are counted for a limit */
enum hosts_limit { LIMIT_SOURCE, LIMIT_PORT, LIMIT_HOST, LIMIT_KINDS };

/* a tcp or udp line; ports 0 to 65535: the host's word for all others */
struct hosts_rule {
	uint8_t proto; /* PROTO_TCP, PROTO_UDP */
	enum service service;
	uint16_t first, last;	     /* ports */
	uint32_t text;		     /* of FILE and COMMAND: its number */
	uint32_t limit[LIMIT_KINDS]; /* connections at once; 0: any */
	uint32_t no;		     /* of this rule in the table */
	uint16_t quirks;	     /* a bit for each of hosts_quirk() */
	bool amplify;	 /* UDP: the answer may be longer than what came */
	uint32_t line;	 /* of the file, from 1; 0: no line names it */
	uint32_t source; /* which of hosts_sources() */
};

/* is an address asked for before it is answered for? */
enum hosts_ask { HOSTS_ASK_AS_TOLD, HOSTS_ASK_FIRST, HOSTS_ASK_NOT };

/* what a system does at the edge of the stack; the rest is in its face */
struct hosts_habits {
	uint16_t odd; /* of ARP requests that are odd, ODD_..., it answers */
	bool router;  /* its Neighbor Advertisements say so */
	bool advert_full;  /* they have its MAC and the override flag also
			      when the solicitation was for it alone */
	bool echo_no_code; /* ICMPv6: an echo reply's code is 0, */
	bool echo_code_0;  /* a request of another code gets none; */
	bool icmp6_plain;  /* no flow label, no traffic class */
	/* ICMP timestamp requests: no answer; the low byte comes first */
	bool no_stamp, stamp_low_first;
	/* IPv4: an error's precedence is internetwork control (RFC 1812
	   4.3.2.5); a datagram of a service has DF */
	bool control, udp_df;
	bool no_problem; /* a packet whose headers are wrong gets no error */
};

/* what hosts have in common: several may share it */
struct hosts_manner {
	bool ping;
	enum hosts_ask ask;   /* AS_TOLD: by the command line */
	uint8_t ttl;	      /* 0: as the face's, or the program's */
	uint64_t uptime;      /* ns, that its timestamps show; 0: none */
	uint64_t uptime_unit; /* it is less than that longer */
	uint32_t face;	      /* hosts_face_of() finds it */
	uint8_t vendor; /* of its MAC, where none is said; 0: a phantom's */
	struct hosts_habits habits;
};

struct hosts_entry {
	struct prefix at; /* 128 bits: one host */
	bool has_mac,
	    vendor; /* of vendor alone the first three bytes are said */
	struct mac mac;
	uint32_t manner;
};

/* a net behind a router: hosts of it are reached through that alone */
struct hosts_net {
	struct prefix at;
	struct ip_addr router;
	int32_t up; /* the net that the router is in; -1: it is on the link */
	unsigned hops;	/* routers on the way from the link */
	uint32_t mtu;	/* 0: that of the link */
	uint32_t words; /* hosts_net_words() finds them */
};

struct face;
struct impair_config;
struct hosts; /* opaque */

/* is this a quirk? As for tcpfsm -Q: NULL, or what is wrong with it */
typedef const char *hosts_quirk(const char *text);

/* texts that have numbers already, when a file is read again */
struct hosts_words {
	const char *const *command, *const *quirk;
	uint32_t ncommands, nquirks;
	uint64_t salt;
	bool nets; /* the file had net lines when it was first read */
};

/* can this command be run? NULL, or what is wrong with it */
typedef const char *hosts_command(const char *text);

/* what a program makes of the file: a program does not check what it does not
   use */
struct hosts_use {
	hosts_quirk *quirk;	/* NULL: quirks are none of its business */
	hosts_command *command; /* NULL: whatever stands there is right */
	bool faces;		/* it shows the faces of systems, */
	const char *os_db; /* of nmap's database of them; NULL: the usual */
	/* it was read before: commands and quirks keep their numbers, and
	   there are no more quirks, and net lines only if there were some */
	bool again;
	const struct hosts_words *before;
};

#define HOSTS_OS_DB "/usr/share/nmap/nmap-os-db"

/*
 * hosts_load - read the file, and those that it includes. NULL, and in error
 * a line for each mistake: its place and what is wrong there, "net.conf:3:9:
 * ...", or the text of errno.
 */
struct hosts *hosts_load(
    const char *path, const struct hosts_use *, char error[HOSTS_ERROR]);

/*
 * hosts_write - the table into a file, 0, or -1 and errno. hosts_map - from
 * it, which must not change any more: what has it open shares it. NULL and
 * errno; EINVAL: it is none of this program's
 */
int hosts_write(const struct hosts *, int fd);
struct hosts *hosts_map(int fd);

/* hosts_say - print the lines of error, each behind before; last: behind the
   last of them */
void hosts_say(const char *before, const char *error, const char *last);
void hosts_free(struct hosts *);
/* hosts_strip - of all but its texts; nothing else may be asked of it then */
void hosts_strip(struct hosts *);

/*
 * hosts_text - what hosts_load() does, of n bytes of text that name stands
 * for. Nothing can be included by it.
 */
struct hosts *hosts_text(
    const char *name, const char *text, size_t n, char error[HOSTS_ERROR]);

/* hosts_find - the entry of the longest prefix that has this host, or NULL */
const struct hosts_entry *hosts_find(
    const struct hosts *, const struct ip_addr *);

/*
 * hosts_soon - an address that hosts_find() will be asked for soon: what that
 * wants is fetched into the cache, in two steps, the second as more of these
 * come. hosts_soon_frame - those that an Ethernet frame is about; any bytes
 * will do.
 */
enum { HOSTS_SOON = 4 };
struct hosts_soon {
	uint32_t hash[HOSTS_SOON];
	unsigned at;
};
void hosts_soon(
    const struct hosts *, struct hosts_soon *, const struct ip_addr *);
void hosts_soon_frame(const struct hosts *, struct hosts_soon *,
    const uint8_t *frame, size_t len);

/* hosts_first_id - where the IPv4 identifications of a host with a face begin:
   the same in each program that reads the file, and a secret to others */
uint16_t hosts_first_id(const struct hosts *, const struct ip_addr *);

/* hosts_uptime - of a host when the program began, ns; 0: any. Hosts with one
   word for it have not begun at one moment */
uint64_t hosts_uptime(const struct hosts *, const struct ip_addr *);

/* hosts_clock - what its clock is wrong by, ms */
int hosts_clock(const struct hosts *, const struct ip_addr *);

/* hosts_mac - where it is: by the phantom's rule, unless the file says where,
   or its system */
struct mac hosts_mac(
    const struct hosts *, const struct hosts_entry *, const struct ip_addr *);

/* hosts_is_at - is this address ours, at this MAC? */
bool hosts_is_at(
    const struct hosts *, const struct mac *, const struct ip_addr *);

/* hosts_may_be_at - could this MAC be the one of a host? */
bool hosts_may_be_at(const struct hosts *, const struct mac *);

/* hosts_nets - all of them; how many. hosts_net - the one of the longest prefix
   that has this address; NULL: it is on the link */
const struct hosts_net *hosts_nets(const struct hosts *, size_t *n);
const struct hosts_net *hosts_net(const struct hosts *, const struct ip_addr *);
/* hosts_net_words - what happens to its packets, both ways; NULL: nothing */
const struct impair_config *hosts_net_words(
    const struct hosts *, const struct hosts_net *);

/* hosts_habits - of the system of this name. NULL: a Linux of today */
void hosts_habits(const char *os, struct hosts_habits *);
/* hosts_habits_of - of the host that has an address; h may be NULL */
struct hosts_habits hosts_habits_of(
    const struct hosts *h, const struct ip_addr *);

const struct hosts_manner *hosts_manner(
    const struct hosts *, const struct hosts_entry *);

/* hosts_face_of - that a host shows; NULL: as without one */
const struct face *hosts_face_of(
    const struct hosts *, const struct hosts_manner *);

/* hosts_rule - what is behind a port; proto is PROTO_TCP or PROTO_UDP */
const struct hosts_rule *hosts_rule(const struct hosts *,
    const struct hosts_entry *, uint8_t proto, uint16_t port);

/* the entries, in the order of the file; how many */
const struct hosts_entry *hosts_entries(const struct hosts *, size_t *n);
/* rules in all; a rule's number is below */
uint32_t hosts_rules(const struct hosts *);
/* hosts_files, hosts_commands - the texts by their numbers; how many */
const char *const *hosts_files(const struct hosts *, uint32_t *n);
/* hosts_file_of - does a line of this protocol name the file? */
bool hosts_file_of(const struct hosts *, uint32_t file, uint8_t proto);
/* hosts_serve - has a line of this protocol this service? */
bool hosts_serve(const struct hosts *, uint8_t proto, enum service);
const char *const *hosts_commands(const struct hosts *, uint32_t *n);
/* hosts_sources - the names of the file and of those that it includes */
const char *const *hosts_sources(const struct hosts *, uint32_t *n);
/* hosts_quirks - as for tcpfsm -Q; the first is of bit 0 */
const char *const *hosts_quirks(const struct hosts *, uint32_t *n);

#endif
