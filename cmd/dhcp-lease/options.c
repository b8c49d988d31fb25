/*
 * options.c - the words of the command line; what is wrong with them is said
 * here, and ends the program.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "ask/query.h"
#include "base/clock.h"
#include "base/die.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "options.h"

enum { WAIT = 30, HOST_MAX = 63 };

static const char help[] =
    "usage: dhcp-lease [-Tknqv] [-m mac] [-w wait] [-a addr] [-H name] "
    "[-o file]\n"
    "                  [-S seed] iface\n"
    "\n"
    "Get an address from a DHCP server, and print it as shell assignments:\n"
    "eval \"$(dhcp-lease eth0)\"\n"
    "iface \"-\": the packet stream on stdin and stdout, the lease on stderr.\n"
    "\n"
    "  -k, --keep  stay, renew the lease, and release it at the end\n"
    "  -m mac    the client's MAC (default: 02:50 and four random bytes)\n"
    "  -w wait   give up after this time, in seconds (30)\n"
    "  -a addr   ask for this address\n"
    "  -H name   tell the server this host name\n"
    "  -n        do not ask first whether the address is in use\n"
    "  -o file   write the lease there\n"
    "  -S seed   fix the chance\n"
    "  -T        time from the packets' stamps (with iface \"-\")\n"
    "  -v, -q    tell each message; say no reason\n"
    "  -V, -h    version; this help\n";

/* a host name as RFC 1123 2.1 has it, one label */
static bool
is_host_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
			     "WXYZ0123456789-");

	return n > 0 && n <= HOST_MAX && s[n] == '\0' && s[0] != '-' &&
	       s[n - 1] != '-';
}

static void
take_option(struct options *o, int opt)
{
	switch (opt) {
	case 'H':
		o->host = optarg;
		if (!is_host_name(optarg))
			die_usage("read -H %s: not a host name", optarg);
		break;
	case 'a':
		o->has_addr = true;
		if (parse_addr(optarg, &o->addr) == -1 || !ip_is_v4(&o->addr) ||
		    !ip_is_host(&o->addr))
			die_usage("read -a %s: not an IPv4 address that a "
				  "host can have",
			    optarg);
		break;
	case 'k':
		o->keep = true;
		break;
	default:
		query_option(&o->ex, opt);
	}
}

void
options_read(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"keep", no_argument, NULL, 'k'},
	    {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int opt;

	query_defaults(&o->ex, help);
	o->ex.wait = WAIT * NS_PER_SEC;
	o->ex.udp = o->ex.broadcast = o->ex.no_source = true;
	while ((opt = getopt_long(
		    argc, argv, "+H:S:TVa:hkm:no:qvw:", longs, NULL)) != -1)
		take_option(o, opt);
	if (optind == argc)
		die_usage("read arguments: no interface given");
	if (optind + 1 < argc)
		die_usage("read arguments: one interface, no more");
	query_interface(&o->ex, argv[optind]);
}
