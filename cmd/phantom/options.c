/*
 * options.c - the command line, see options.h.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "options.h"

static const char help[] =
    "usage: phantom [options] [-f file | -e command] iface addr[/len]...\n"
    "Be a host that nobody has plugged in: start arp-phantom, icmp-phantom "
    "and\n"
    "rawcap | tcpfsm | rawinject, show what happens, and end them all.\n"
    "\n"
    "  phantom -f resp.txt eth0 10.0.0.5\n"
    "  phantom -e cat -p 7 --out 'loss 10%' eth0 10.0.0.5 fd00::5\n"
    "\n"
    "  -f file           what to say to every client\n"
    "  -e command        run this by sh for every connection, which is its\n"
    "                    stdin and stdout (without -f and -e: no TCP)\n"
    "  -p port           open TCP port, may be repeated (default: all)\n"
    "  -l log            append the events of all programs to this file\n"
    "  -v                show the events; twice: every segment and answer\n"
    "  -q                show only the totals; twice: nothing\n"
    "      --pcap file   record both directions, and what is asked about\n"
    "                    the addresses, to a pcap file\n"
    "      --wireshark   look on with Wireshark\n"
    "      --in words    what impair does to what the phantom hears\n"
    "      --out words   what impair does to what it says\n"
    "      --print       show the pipeline for sh instead of running it\n"
    "passed on to arp-phantom:\n"
    "  -n                claim without asking whether an address is in use\n"
    "  -u                answer only for addresses that nobody else answers\n"
    "  -w wait           time that the asking takes, in seconds\n"
    "  -x addr[/len]     never answer for these; may be repeated\n"
    "to all:\n"
    "  -J                events as JSON lines\n"
    "  -m mac            the MAC of all addresses\n"
    "  -S seed           fix the chance\n"
    "to tcpfsm:\n"
    "  -C control        congestion control: cubic, reno or bbr\n"
    "  -d seconds        speak after so much silence of the client\n"
    "  -N max            most connections at once\n"
    "  -o output         append what clients say to this file\n"
    "  -R file           record the run, to be repeated with tcpfsm -T -S\n"
    "      --backlog, --commands, --dscp, --fin-wait-2, --frag-bytes,\n"
    "      --keepalive, --md5, --min-rto, --msl, --mtu, --no-cksum,\n"
    "      --no-ecn, --rcvbuf, --ttl, --user, --user-timeout\n"
    "to icmp-phantom:\n"
    "      --echo-rate, --error-rate, --frag-bytes, --mtu, --ttl\n"
    "  -h, --help, -V, --version\n";

enum { OPT_IN = 256, OPT_OUT, OPT_PCAP, OPT_PRINT, OPT_WIRESHARK, OPT_PASSED };

static const struct option longs[] = {
    {"help", no_argument, NULL, 'h'},
    {"in", required_argument, NULL, OPT_IN},
    {"out", required_argument, NULL, OPT_OUT},
    {"pcap", required_argument, NULL, OPT_PCAP},
    {"print", no_argument, NULL, OPT_PRINT},
    {"version", no_argument, NULL, 'V'},
    {"wireshark", no_argument, NULL, OPT_WIRESHARK},
#define PASS(name, has, to)                                                    \
	{                                                                      \
		name, has, NULL, OPT_PASSED + (to)                             \
	}
    PASS("backlog", required_argument, TO_TCP),
    PASS("commands", required_argument, TO_TCP),
    PASS("dscp", required_argument, TO_TCP),
    PASS("echo-rate", required_argument, TO_ICMP),
    PASS("error-rate", required_argument, TO_ICMP),
    PASS("fin-wait-2", required_argument, TO_TCP),
    PASS("frag-bytes", required_argument, TO_TCP | TO_ICMP),
    PASS("keepalive", optional_argument, TO_TCP),
    PASS("md5", no_argument, TO_TCP),
    PASS("min-rto", required_argument, TO_TCP),
    PASS("msl", required_argument, TO_TCP),
    PASS("mtu", required_argument, TO_TCP | TO_ICMP | TO_IMPAIR),
    PASS("no-cksum", no_argument, TO_TCP),
    PASS("no-ecn", no_argument, TO_TCP),
    PASS("rcvbuf", required_argument, TO_TCP),
    PASS("ttl", required_argument, TO_TCP | TO_ICMP),
    PASS("user", required_argument, TO_TCP),
    PASS("user-timeout", required_argument, TO_TCP),
#undef PASS
    {NULL, 0, NULL, 0},
};

static const struct {
	char letter;
	unsigned to;
} letters[] = {{'C', TO_TCP}, {'d', TO_TCP}, {'m', TO_ARP | TO_ICMP | TO_TCP},
    {'N', TO_TCP}, {'n', TO_ARP}, {'o', TO_TCP}, {'p', TO_TCP}, {'R', TO_TCP},
    {'u', TO_ARP}, {'w', TO_ARP}, {'x', TO_ARP}};

static _Noreturn void
out_of_memory(void)
{
	die(EXIT_NO, "start: %s", strerror(ENOMEM));
}

static void
pass(struct options *o, char *word, const char *arg, unsigned to)
{
	o->passed[o->npassed++] = (struct passed){
	    .word = word, .arg = arg, .to = to};
}

/* text - "-m" or "--keepalive=5": the pieces together, for good */
static char *
text(const char *dashes, const char *name, const char *value)
{
	size_t n = strlen(dashes) + strlen(name) + 2;
	char *s;

	if (value != NULL)
		n += strlen(value);
	s = malloc(n);
	if (s != NULL)
		snprintf(s, n, "%s%s%s%s", dashes, name,
		    value != NULL ? "=" : "", value != NULL ? value : "");
	else
		out_of_memory();
	return s;
}

static void
pass_long(struct options *o, const struct option *l)
{
	bool joined = l->has_arg == optional_argument;

	pass(o, text("--", l->name, joined ? optarg : NULL),
	    joined ? NULL : optarg, (unsigned)(l->val - OPT_PASSED));
}

static void
pass_letter(struct options *o, int opt)
{
	const char name[] = {(char)opt, '\0'};
	uint64_t n;
	size_t i;

	if (opt == 'p' && parse_num(optarg, 1, 65535, &n) != 0)
		die_usage("-p %s: not a port from 1 to 65535", optarg);
	if (opt == 'p' && o->port == NULL)
		o->port = optarg;
	if (opt == 'm')
		o->mac = optarg;
	if (opt == 'n' || opt == 'u')
		o->asks = false;
	for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].letter == opt)
			pass(o, text("-", name, NULL), optarg, letters[i].to);
}

static void
one_option(struct options *o, int opt, int which, const char *word)
{
	switch (opt) {
	case 'e':
		o->command = optarg;
		break;
	case 'f':
		o->file = optarg;
		break;
	case 'J':
		o->json = true;
		break;
	case 'l':
		o->log = optarg;
		break;
	case 'q':
		o->loud--;
		break;
	case 'v':
		o->loud++;
		break;
	case 'S':
		if (parse_num(optarg, 0, UINT64_MAX, &o->seed) != 0)
			die_usage("-S %s: not a number up to 2^64 - 1", optarg);
		o->seeded = true;
		break;
	case OPT_IN:
		o->in = optarg;
		break;
	case OPT_OUT:
		o->out = optarg;
		break;
	case OPT_PCAP:
		o->pcap = optarg;
		break;
	case OPT_PRINT:
		o->print = true;
		break;
	case OPT_WIRESHARK:
		o->wireshark = true;
		break;
	case 'h':
		die_help(help);
	case 'V':
		die_version();
	case ':':
		die_usage("%s: needs a value", word);
	case '?':
		die_usage("unknown option %s", word);
	default:
		if (which >= 0)
			pass_long(o, &longs[which]);
		else
			pass_letter(o, opt);
	}
}

static void
check_addresses(struct options *o)
{
	struct ip_addr *a = calloc((size_t)o->addrs, sizeof(*a));
	unsigned *len = calloc((size_t)o->addrs, sizeof(*len));
	int i, k;

	if (a == NULL || len == NULL)
		out_of_memory();
	for (i = 0; i < o->addrs; i++) {
		if (parse_prefix(o->addr[i], &a[i], &len[i]) != 0)
			die_usage("%s: not an address or addr/len", o->addr[i]);
		for (k = 0; k < i; k++)
			if (len[k] == len[i] && ip_equal(&a[k], &a[i]))
				die_usage("%s: it is there twice", o->addr[i]);
	}
	free(a);
	free(len);
}

static void
check(struct options *o)
{
	size_t i;

	if (o->command != NULL && o->file != NULL)
		die_usage("-e and -f: one of them: who shall speak, the "
			  "command or the file?");
	if (o->command == NULL && o->file == NULL)
		for (i = 0; i < o->npassed; i++)
			if (o->passed[i].to == TO_TCP)
				die_usage("%s is about TCP: give -f file or -e "
					  "command",
				    o->passed[i].word);
	if (strcmp(o->iface, "-") == 0)
		die_usage("iface -: a phantom lives on an interface; for "
			  "streams see tcpfsm --help");
	if (o->pcap != NULL && strcmp(o->pcap, "-") == 0)
		die_usage("--pcap -: packets to a file, what happens to "
			  "stdout: give a name");
	check_addresses(o);
}

void
options_parse(struct options *o, int argc, char **argv)
{
	int opt, which;

	o->asks = true;
	o->passed = calloc((size_t)argc * 2, sizeof(*o->passed));
	if (o->passed == NULL)
		out_of_memory();
	opterr = 0;
	for (;;) {
		int at = optind;

		which = -1;
		opt = getopt_long(argc, argv,
		    ":C:d:e:f:hJl:m:N:no:p:qR:S:uVvw:x:", longs, &which);
		if (opt == -1)
			break;
		one_option(o, opt, which, argv[at]);
	}
	if (argc - optind < 2)
		die_usage("iface and addr are needed: where, and who?");
	o->iface = argv[optind];
	o->addr = argv + optind + 1;
	o->addrs = argc - optind - 1;
	check(o);
}
