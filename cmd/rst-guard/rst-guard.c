/*
 * rst-guard - a command, while the kernel's resets from one address and port
 * are dropped; see rst-guard(8).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/die.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "firewall.h"
#include "guard.h"

static const char help[] =
    "usage: rst-guard [-v] [--nft] addr port command [argument ...]\n"
    "       rst-guard --list | --clean\n"
    "Run a command; while it runs, drop the resets that this host's own TCP\n"
    "would send from one of its addresses and ports.\n"
    "\n"
    "  --nft          use nft, also where iptables is there\n"
    "  --list         show all such rules: address, port, process, and\n"
    "                 \"running\" or \"left\"\n"
    "  --clean        remove those that are left\n"
    "  -v             tell when the rule comes and goes\n"
    "  -h, --help, -V, --version\n"
    "Example: rst-guard 10.0.0.9 80 sh -c 'rawcap -a 10.0.0.9 eth0 |\n"
    "             tcpfsm -a 10.0.0.9 -p 80 -f resp.txt | rawinject eth0'\n";

struct options {
	bool nft, list, clean, verbose;
};

enum { OPT_NFT = 256, OPT_LIST, OPT_CLEAN };

static void
take_option(struct options *o, int opt)
{
	switch (opt) {
	case OPT_NFT:
		o->nft = true;
		break;
	case OPT_LIST:
		o->list = true;
		break;
	case OPT_CLEAN:
		o->clean = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'h':
		die_help(help);
	case 'V':
		die_version();
	default:
		die_usage("read options: no such option");
	}
}

static void
read_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"nft", no_argument, NULL, OPT_NFT},
	    {"list", no_argument, NULL, OPT_LIST},
	    {"clean", no_argument, NULL, OPT_CLEAN},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int opt;

	*o = (struct options){.nft = false};
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+hvV", longs, NULL)) != -1)
		take_option(o, opt);
	if (o->list || o->clean) {
		if (optind < argc)
			die_usage("%s: --list and --clean take no argument",
			    argv[optind]);
	} else if (argc - optind < 3) {
		die_usage("read arguments: address, port and command are "
			  "wanted");
	}
}

/*
 * hold_port - a socket bound to the address and port, which never listens:
 * it shows whether a service is there, and keeps others from coming. Dies
 * when it cannot be had.
 */
static int
hold_port(const struct ip_addr *a, uint16_t port, const char *text)
{
	struct sockaddr_in6 v6 = {
	    .sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in v4 = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	bool is_v4 = ip_is_v4(a);
	int fd, on = 1, off = 0;

	fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die(EXIT_WRONG, "open socket: %s", strerror(errno));
	memcpy(&v4.sin_addr, a->b + 12, 4);
	memcpy(&v6.sin6_addr, a->b, 16);
	/* without it, a service that has just ended would count as one */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
		is_v4 ? sizeof(v4) : sizeof(v6)) == 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &off, sizeof(off));
		return fd;
	}
	if (errno == EADDRINUSE)
		die(EXIT_NO,
		    "guard %s port %u: a service of this host has it: stop it "
		    "(see ss -tlnp), or take another port",
		    text, port);
	if (errno == EADDRNOTAVAIL)
		die(EXIT_WRONG,
		    "guard %s: no address of this host: nothing resets it, a "
		    "phantom needs no guard",
		    text);
	die(EXIT_WRONG, "guard %s port %u: %s", text, port, strerror(errno));
}

static void
show(void *ctx, const struct rule *r)
{
	const struct options *o = ctx;
	pid_t pid;
	bool alive = rule_alive(r, &pid);

	if (o->clean && alive)
		return;
	if (o->clean && rule_remove(r) != 0)
		die(EXIT_NO, "remove rule of %s port %s: it is still there",
		    r->addr, r->port);
	printf("%s %s %ld %s\n", r->addr, r->port, (long)pid,
	    o->clean ? "removed"
	    : alive  ? "running"
		     : "left");
}

int
main(int argc, char **argv)
{
	struct options o;
	struct ip_addr addr;
	struct rule rule;
	uint64_t port;

	die_name(argv[0]);
	read_options(&o, argc, argv);
	if (o.list || o.clean) {
		rule_each(show, &o);
		return fflush(stdout) == 0 ? EXIT_DONE : EXIT_NO;
	}
	argv += optind;
	if (parse_addr(argv[0], &addr) != 0 || !ip_is_host(&addr))
		die_usage("read %s: not a host's address", argv[0]);
	if (parse_num(argv[1], 1, 65535, &port) != 0)
		die_usage("read %s: not a port", argv[1]);
	hold_port(&addr, (uint16_t)port, argv[0]);
	if (rule_init(&rule, &addr, (uint16_t)port, getpid(), o.nft) != 0)
		die(EXIT_WRONG,
		    "find %s: not there: install iptables or "
		    "nftables",
		    o.nft ? "nft" : "iptables or nft");
	return guard_run(&rule, argv + 2, o.verbose);
}
