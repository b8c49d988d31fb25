/*
 * options.c - the words of the command line; what is wrong with them is said
 * here, and ends the program. The words behind the interface are dig's.
 */
#include <getopt.h>
#include <stdint.h>
#include <string.h>

#include "ask/query.h"
#include "base/clock.h"
#include "base/die.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "dname.h"
#include "message.h"
#include "options.h"
#include "record.h"

enum { TRIES = 3, TRIES_MAX = 10 };

static const char help[] =
    "usage: dns-query [-Tnqv] [-s addr] [-m mac] [-g next hop] [-p port] "
    "[-w wait]\n"
    "                 [-c tries] [-x addr] [-o file] [-S seed]\n"
    "                 iface @server [name] [type] [+tcp] [+norecurse]\n"
    "\n"
    "Ask a DNS server and print the answer's data, a line a record.\n"
    "iface \"-\": the packet stream on stdin and stdout, the answer on "
    "stderr.\n"
    "\n"
    "  -s addr   ask from this address (default: the interface's own)\n"
    "  -m mac    its MAC (default: 02:50 and the address's end)\n"
    "  -g hop    the next hop, its address or its MAC (default: asked for)\n"
    "  -n        do not ask first whether the source is in use\n"
    "  -p port   the server's port (53)\n"
    "  -w wait   for an answer to each try, in seconds (3)\n"
    "  -c tries  how often to ask (3)\n"
    "  -x addr   the name of this address (PTR), instead of a name\n"
    "  -o file   write the answer there\n"
    "  -S seed   fix the chance: id and port\n"
    "  -T        time from the packets' stamps (with iface \"-\")\n"
    "  -v, -q    all of the answer, as dig prints it; say no reason\n"
    "  -V, -h    version; this help\n"
    "\n"
    "type: A (default), AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT, ANY, "
    "TYPE257 ...\n"
    "+tcp: ask over TCP at once. +norecurse: do not want recursion.\n";

static void
take_reverse(struct options *o, const char *text)
{
	struct ip_addr a;

	if (parse_addr(text, &a) == -1)
		die_usage("read -x %s: not an address", text);
	name_reverse(&a, &o->question.name);
	o->question.type = DNS_T_PTR;
	o->name = text;
}

static void
take_option(struct options *o, int opt)
{
	uint64_t v;

	switch (opt) {
	case 'V':
		die_version();
	case 'h':
		die_help(help);
	case 'p':
		if (parse_num(optarg, 1, UINT16_MAX, &v) == -1)
			die_usage("read -p %s: not a port", optarg);
		o->port = (uint16_t)v;
		break;
	case 'x':
		take_reverse(o, optarg);
		break;
	default:
		query_option(&o->ex, opt);
	}
}

/* take_word - of dig's: the first plain one is the name, then the type */
static void
take_word(struct options *o, const char *word, bool *typed)
{
	if (*word == '@') {
		if (parse_addr(word + 1, &o->server) == -1 ||
		    !ip_is_host(&o->server))
			die_usage("read %s: not a server's address", word);
		o->ex.dst = &o->server;
	} else if (strcmp(word, "+tcp") == 0) {
		o->tcp = true;
	} else if (strcmp(word, "+norecurse") == 0) {
		o->norecurse = true;
	} else if (*word == '+') {
		die_usage("read %s: only +tcp and +norecurse are known", word);
	} else if (o->name == NULL) {
		if (name_parse(word, &o->question.name) == -1)
			die_usage("read \"%s\": not a domain name", word);
		o->name = word;
	} else if (!*typed) {
		if (type_parse(word, &o->question.type) == -1)
			die_usage("read \"%s\": not a type that can be asked "
				  "for",
			    word);
		*typed = true;
	} else {
		die_usage("read \"%s\": name and type are given", word);
	}
}

void
options_read(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	bool typed = false;
	int opt;

	query_defaults(&o->ex, help);
	o->ex.udp = o->ex.tcp = true;
	o->port = DNS_PORT;
	o->question.type = DNS_T_A;
	o->question.class = DNS_IN;
	while ((opt = getopt_long(argc, argv,
		    "+S:TVc:g:hm:no:p:qs:vw:x:", longs, NULL)) != -1)
		take_option(o, opt);
	if (optind == argc)
		die_usage("read arguments: no interface given");
	query_interface(&o->ex, argv[optind++]);
	while (optind < argc)
		take_word(o, argv[optind++], &typed);
	if (o->ex.dst == NULL)
		die_usage("read arguments: no server given: @addr");
	if (o->name == NULL)
		die_usage("read arguments: no name given");
	if (o->ex.count > TRIES_MAX)
		die_usage("read -c: at most %d tries", TRIES_MAX);
	o->tries = o->ex.count == 0 ? TRIES : (unsigned)o->ex.count;
}
