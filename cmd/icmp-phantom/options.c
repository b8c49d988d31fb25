/*
 * options.c - the command line of icmp-phantom; what is wrong with it is said
 * here, and ends the program.
 */
#include <getopt.h>
#include <stddef.h>

#include "base/die.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "responder.h"

#include "options.h"

static const char help[] =
    "usage: icmp-phantom [-JTqv] [-a addr] [-l log] [-m mac] [-p port]\n"
    "                    [-S seed]\n"
    "Answer ping, and UDP to closed ports, in the packet stream.\n"
    "\n"
    "  rawcap -t icmp,udp eth0 | icmp-phantom | rawinject eth0\n"
    "\n"
    "  -a addr      answer for this address, at any MAC (default: for every\n"
    "               address whose MAC is 02:50 and its last four bytes)\n"
    "  -J           log as JSON lines\n"
    "  -l log       append the event log to this file (default: stderr)\n"
    "  -m mac       the phantom's MAC\n"
    "  -p port      open UDP port: leave it to others; may be repeated\n"
    "               (default: all are closed)\n"
    "  -q           no summary line at the end\n"
    "  -S seed      fix all chance (the log's first line tells the seed)\n"
    "  -T           take the time from the packets' stamps\n"
    "  -v           log every answer\n"
    "      --echo-rate number   echo replies a second to one source, ten\n"
    "                           times as many to all (10000; 0: none)\n"
    "      --error-rate number  likewise, errors (1000; 0: none)\n"
    "      --frag-bytes bytes   IP fragments kept (4194304)\n"
    "      --mtu bytes          of the network (1500)\n"
    "      --ttl number         of every packet; the hop limit (64)\n"
    "  -h, --help, -V, --version\n";

enum { MOST_RATE = 1000000 }; /* answers a second */

/* options that have no letter */
enum {
	OPT_ECHO_RATE = 256,
	OPT_ERROR_RATE,
	OPT_FRAG_BYTES,
	OPT_MTU,
	OPT_TTL,
};

static const struct option long_options[] = {
    {"echo-rate", required_argument, NULL, OPT_ECHO_RATE},
    {"error-rate", required_argument, NULL, OPT_ERROR_RATE},
    {"frag-bytes", required_argument, NULL, OPT_FRAG_BYTES},
    {"mtu", required_argument, NULL, OPT_MTU},
    {"ttl", required_argument, NULL, OPT_TTL},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static uint64_t
num_option(const char *name, uint64_t min, uint64_t max)
{
	uint64_t n;

	if (parse_num(optarg, min, max, &n) != 0)
		die_usage("%s %s: not a number from %llu to %llu", name, optarg,
		    (unsigned long long)min, (unsigned long long)max);
	return n;
}

static void
long_option(struct responder_config *cf, int opt)
{
	switch (opt) {
	case OPT_ECHO_RATE:
		cf->echo_rate = num_option("--echo-rate", 0, MOST_RATE);
		break;
	case OPT_ERROR_RATE:
		cf->error_rate = num_option("--error-rate", 0, MOST_RATE);
		break;
	case OPT_FRAG_BYTES:
		cf->frag_bytes = num_option("--frag-bytes", 0, 1 << 30);
		break;
	case OPT_MTU:
		cf->mtu = (uint32_t)num_option(
		    "--mtu", RESPONDER_LEAST_MTU, 65535);
		break;
	case OPT_TTL:
		cf->ttl = (uint8_t)num_option("--ttl", 1, 255);
		break;
	default:
		die_usage("read options: no such option, or no argument");
	}
}

static void
add_port(struct responder_config *cf)
{
	if (cf->nports == RESPONDER_PORTS)
		die_usage("-p %s: more than %d ports", optarg, RESPONDER_PORTS);
	cf->port[cf->nports++] = (uint16_t)num_option("-p", 1, 65535);
}

/* whose_option - -a and -m */
static void
whose_option(struct options *o, int opt)
{
	if (opt == 'a') {
		if (parse_addr(optarg, &o->addr) != 0 || !ip_is_host(&o->addr))
			die_usage("-a %s: not a host's address", optarg);
		o->cf.addr = &o->addr;
	} else {
		if (parse_mac(optarg, &o->mac) != 0 || mac_is_group(&o->mac))
			die_usage("-m %s: not a unicast MAC address", optarg);
		o->cf.mac = &o->mac;
	}
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
		o->seed = num_option("-S", 0, UINT64_MAX);
		break;
	case 'T':
		o->stamps = true;
		break;
	case 'V':
		die_version();
	case 'a':
	case 'm':
		whose_option(o, opt);
		break;
	case 'h':
		die_help(help);
	case 'l':
		o->log_path = optarg;
		break;
	case 'p':
		add_port(&o->cf);
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case '?':
		if (optopt > 0 && optopt < 256)
			die_usage(
			    "read -%c: no such option, or no argument", optopt);
		/* fall through */
	default:
		long_option(&o->cf, opt);
	}
}

void
options_read(struct options *o, int argc, char **argv)
{
	int opt;

	opterr = 0;
	while ((opt = getopt_long(
		    argc, argv, "JS:TVa:hl:m:p:qv", long_options, NULL)) != -1)
		take_option(o, opt);
	if (optind < argc)
		die_usage("read arguments: what is \"%s\"? packets come on "
			  "stdin",
		    argv[optind]);
}
