/*
 * rst-guard - a command, while the kernel's resets from one address and port
 * are dropped; see rst-guard(8).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/die.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "firewall.h"
#include "guard.h"

struct options {
	bool nft, list, clean, verbose;
};

#define OPT_BASE struct options

static const struct opt table[] = {
    {NAME("nft", NULL), FLAG(nft),
	.text = "use nft, also where iptables is installed"},
    {NAME("list", NULL), FLAG(list),
	.text = "show all such rules: address, port, process, and \"running\" "
		"or \"left\""},
    {NAME("clean", NULL), FLAG(clean), .text = "remove those that are left"},
    {LETTER('v', NULL), FLAG(verbose),
	.text = "print a line when the rule comes and goes"},
    {0},
};

/* read_options - returns where the address stands */
static int
read_options(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[-v] [--nft] addr port command [argument ...]", "--list | --clean",
	    NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Run a command; while it runs, drop the resets that this "
		     "host's own TCP would\nsend from one of its addresses and "
		     "ports.\n",
	    .more =
		"Example: rst-guard 10.0.0.9 80 sh -c 'rawcap -a 10.0.0.9 eth0 "
		"|\n"
		"    tcpfsm -a 10.0.0.9 -p 80 -f resp.txt | rawinject eth0'",
	    .first_word_ends = true,
	    .table = {{table, o}},
	};
	int i;

	*o = (struct options){.nft = false};
	i = opt_parse(&program, argc, argv);
	if (o->list || o->clean)
		opt_no_more(i, argc, argv);
	else if (argc - i < 3)
		die_usage("missing address, port or command");
	return i;
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

/* count - rules with this tag */
struct count {
	const char *tag;
	int n;
};

static void
count(void *ctx, const struct rule *r)
{
	struct count *c = ctx;

	c->n += strcmp(c->tag, r->tag) == 0;
}

/* cleaned - have we removed it? The message must not claim another's work. */
static bool
cleaned(const struct rule *r)
{
	struct count c = {.tag = r->tag};
	int done = rule_remove(r);

	if (done != 0) {
		if (done < 0)
			die(EXIT_NO,
			    "remove rule of %s port %s: it is still there",
			    r->addr, r->port);
		return true;
	}
	rule_each(count, &c);
	if (c.n > 0)
		die(EXIT_NO,
		    "remove rule of %s port %s: it is not as rst-guard made "
		    "it: remove by hand what bears the name %s",
		    r->addr, r->port, r->tag);
	return false;
}

static void
show(void *ctx, const struct rule *r)
{
	const struct options *o = ctx;
	pid_t pid;
	bool alive = rule_alive(r, &pid);

	if (o->clean && alive)
		return;
	if (o->clean && !cleaned(r))
		return;
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
	argv += read_options(&o, argc, argv);
	if (o.list || o.clean) {
		rule_each(show, &o);
		return die_flush(EXIT_DONE);
	}
	if (parse_addr(argv[0], &addr) != 0 || !ip_is_host(&addr))
		die_usage("%s: not a host's address", argv[0]);
	if (parse_num(argv[1], 1, 65535, &port) != 0)
		die_usage("%s: not a port", argv[1]);
	hold_port(&addr, (uint16_t)port, argv[0]);
	if (rule_init(&rule, &addr, (uint16_t)port, getpid(), o.nft) != 0)
		die(EXIT_WRONG,
		    "find %s: not there: install iptables or "
		    "nftables",
		    o.nft ? "nft" : "iptables or nft");
	return guard_run(&rule, argv + 2, o.verbose);
}
