/*
 * options.c - the words of the command line; what is wrong with them is said
 * here, and ends the program.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "claim.h"
#include "options.h"
#include "prefix.h"

static const char help[] =
    "usage: arp-phantom [-JTnquv] [-m mac] [-w wait] [-x addr[/len]]... [-l "
    "log]\n"
    "                   [-S seed] iface addr[/len]...\n"
    "\n"
    "Answer ARP and Neighbor Solicitations for addresses that no host has.\n"
    "iface \"-\": the packet stream on stdin and stdout.\n"
    "\n"
    "  -m mac    the MAC of all addresses (default 02:50 and the address's "
    "end)\n"
    "  -n        claim without asking first whether an address is in use\n"
    "  -u        answer only for addresses that nobody else answers for\n"
    "  -w wait   time that the asking takes, in seconds (default: by RFC "
    "5227)\n"
    "  -x addr   never answer for this address or prefix; may be repeated\n"
    "  -l log    append the event log to this file (default: stderr)\n"
    "  -J        event log as JSON lines\n"
    "  -T        time from the packets' stamps (with iface \"-\")\n"
    "  -S seed   fix the chance\n"
    "  -v, -q    log every answer; no summary line at the end\n"
    "  -V, -h    version; this help\n";

void
options_add(
    struct list *l, const struct ip_addr *addr, unsigned len, const char *what)
{
	if (l->n == l->cap) {
		l->cap = l->cap * 2 + 16;
		l->p = realloc(l->p, l->cap * sizeof *l->p);
		l->what = realloc(l->what, l->cap * sizeof *l->what);
		if (l->p == NULL || l->what == NULL)
			die(EXIT_WRONG, "keep addresses: %s", strerror(errno));
	}
	l->p[l->n].addr = *addr;
	l->p[l->n].len = len;
	l->what[l->n++] = what;
}

static void
list_parse(struct list *l, const char *word, const char *what)
{
	struct prefix p;

	if (parse_prefix(word, &p.addr, &p.len) == -1)
		die_usage("read \"%s\": not an address or prefix", word);
	options_add(l, &p.addr, p.len, what);
}

static bool
mac_is_one(const struct mac *m)
{
	static const struct mac zero;

	return !mac_is_group(m) && !mac_equal(m, &zero);
}

static void
take_option(struct options *o, int opt)
{
	switch (opt) {
	case 'J':
		o->json = true;
		break;
	case 'S':
		o->seeded = true;
		if (parse_num(optarg, 0, UINT64_MAX, &o->seed) == -1)
			die_usage("read -S %s: not a number", optarg);
		break;
	case 'T':
		o->stamps = true;
		break;
	case 'V':
		die_version();
	case 'h':
		die_help(help);
	case 'l':
		o->log_path = optarg;
		break;
	case 'm':
		o->cf.mac = &o->mac;
		if (parse_mac(optarg, &o->mac) == -1 || !mac_is_one(&o->mac))
			die_usage("read -m %s: not a unicast MAC", optarg);
		break;
	case 'n':
		o->cf.ask = false;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'u':
		o->cf.unclaimed = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'w':
		o->cf.quick = true;
		if (parse_time(optarg, &o->cf.wait) == -1)
			die_usage("read -w %s: not a time", optarg);
		break;
	case 'x':
		list_parse(&o->except, optarg, "excluded by -x");
		break;
	default:
		if (optopt == 0)
			die_usage("read options: no such option");
		die_usage("read -%c: no such option, or no argument", optopt);
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
	int opt;

	opterr = 0;
	o->cf.ask = true;
	while ((opt = getopt_long(
		    argc, argv, "+JS:TVhl:m:nquvw:x:", longs, NULL)) != -1)
		take_option(o, opt);
	if (optind == argc)
		die_usage("read arguments: no interface given");
	o->ifname = argv[optind++];
	o->live = strcmp(o->ifname, "-") != 0;
	if (optind == argc)
		die_usage("read arguments: no address given");
	while (optind < argc)
		list_parse(&o->want, argv[optind++], "claimed");
	if (o->stamps && o->live)
		die_usage("use -T: only with the packet stream, iface \"-\"");
}
