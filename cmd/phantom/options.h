/*
 * options.h - phantom's command line: what it is to do itself, and what is
 * passed on to which of the programs that it runs.
 */
#ifndef PHANTOM_OPTIONS_H
#define PHANTOM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hosts/hosts.h"
#include "opt/opt.h"

/* whom an option is passed on to */
enum {
	TO_ARP = 1,
	TO_ICMP = 2,
	TO_TCP = 4,
	TO_IMPAIR = 8,
	TO_UDP = 16,	/* icmp-phantom, with --hosts alone */
	TO_SOCKET = 32, /* rawcap and rawinject */
};

/* rawcap -a takes this many: what is filmed live is known by them */
enum { LIVE_ADDRS = 63 };

struct passed {
	const char *word; /* "-m", "--mtu" or "--keepalive=5" */
	const char *arg;  /* NULL: it has none */
	unsigned to;
};

struct options {
	const char *iface;
	char **addr;	    /* texts, checked */
	int addrs, singles; /* of them, those that are one address */
	bool dhcp;	    /* the only address: what a DHCP server gives */
	const char *file, *command;
	bool udp;	    /* --all: tcpfsm answers UDP, too */
	const char *replay; /* -r; without any of the four there is no TCP */
	const char *hosts;  /* --hosts: the file; there are no addresses */
	struct hosts *net;  /* as it was read */
	size_t nhosts;	    /* single hosts and prefixes in it, */
	size_t nets;	    /* and prefixes behind routers */
	bool some_now, some_later; /* answered for at once, and not */
	const char *os_db;	   /* NULL: the usual one */
	bool check;
	const char *port; /* the first of -p; NULL: all are open */
	uint64_t ports[OPT_PORTS];
	const char *mac; /* NULL: by the rule */
	const char *log, *pcap, *film, *metrics;
	const char *film_live; /* at which address; NULL: none */
	char *feed;	       /* of that, a file that is removed at the end */
	const char *in, *out;  /* words for impair, NULL: none */
	bool seeded;
	uint64_t seed;
	bool json, print, wireshark, asks, at_once, here;
	bool stream; /* iface is -: the packet stream on stdin and stdout */
	bool stamps; /* the time is the packets' */
	int loud;    /* -v less -q */
	struct passed *passed;
	size_t npassed;
};

/* options_tcp - TCP is served */
bool options_tcp(const struct options *);

/* options_passes - has the user given this, "-m" or "--mtu"? */
bool options_passes(const struct options *, const char *word);

/* options_value - what the user has given to this word, or NULL */
const char *options_value(const struct options *, const char *word);

/* options_pass - one more, as if the user had given it; the texts are kept */
void options_pass(
    struct options *, const char *word, const char *arg, unsigned to);

/* options_pass_on - as a row of the table takes it: to those that min names */
const char *options_pass_on(void *base, const struct opt *, const char *arg);

/* options_check - whether they go together; else print what is wrong, and
   exit */
void options_check(struct options *);

/* options_parse - or print what is wrong, and exit */
void options_parse(struct options *, int argc, char **argv);

/* options_use - how the file of --hosts is read */
struct hosts_use options_use(const struct options *);

#endif
