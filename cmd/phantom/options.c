/*
 * options.c - the command line, see options.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "find.h"
#include "options.h"

static _Noreturn void
out_of_memory(void)
{
	die(EXIT_NO, "start: %s", strerror(ENOMEM));
}

static const char *
take_port(void *base, const struct opt *opt, const char *arg)
{
	const struct opt all = {.at = offsetof(struct options, ports)};
	const char *wrong = opt_ports(base, &all, arg);
	struct options *o = base;

	if (wrong != NULL)
		return wrong;
	if (o->port == NULL)
		o->port = strndup(arg, strspn(arg, "0123456789"));
	return options_pass_on(base, opt, arg);
}

/* take_replay - likewise, and there is TCP */
static const char *
take_replay(void *base, const struct opt *opt, const char *arg)
{
	((struct options *)base)->replay = arg;
	return options_pass_on(base, opt, arg);
}

/* take_all - likewise, and there is UDP that is not icmp-phantom's */
static const char *
take_all(void *base, const struct opt *opt, const char *arg)
{
	((struct options *)base)->udp = true;
	return options_pass_on(base, opt, arg);
}

/* take_quirk - "list" is tcpfsm's to print */
static const char *
take_quirk(void *base, const struct opt *opt, const char *arg)
{
	char *path;

	if (strcmp(arg, "list") != 0)
		return options_pass_on(base, opt, arg);
	path = find_program("tcpfsm", "phantom");
	if (path != NULL)
		execl(path, "tcpfsm", "-Q", "list", (char *)NULL);
	die(EXIT_WRONG, "run tcpfsm: not found: install all of tcphantom");
}

bool
options_tcp(const struct options *o)
{
	return o->file != NULL || o->command != NULL || o->replay != NULL ||
	       o->hosts != NULL;
}

/* take_too - a text, for us as well */
static const char *
take_too(void *base, const struct opt *opt, const char *arg)
{
	*(const char **)(void *)((char *)base + opt->at) = arg;
	return options_pass_on(base, opt, arg);
}

/* unasked - -n, -u: no address is probed before it is claimed; -n: each is
   answered for at once */
static const char *
unasked(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	o->asks = false;
	o->at_once |= opt->letter == 'n';
	return options_pass_on(base, opt, arg);
}

static const char *
take_stamps(void *base, const struct opt *opt, const char *arg)
{
	((struct options *)base)->stamps = true;
	return options_pass_on(base, opt, arg);
}

/* take_here - no other host is on that pair: there is nothing to probe for */
static const char *
take_here(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	o->here = o->at_once = true;
	o->asks = false;
	options_pass(o, "-n", NULL, TO_ARP);
	return NULL;
}

#define OPT_BASE struct options

/* passed on as it is */
#define PASS(whom) .take = options_pass_on, .min = (whom)
#define ALL	   (TO_ARP | TO_ICMP | TO_TCP)

static const struct opt table[] = {
    {LETTER('f', "file"), TEXT(file), .text = "file to send to every client"},
    {LETTER('e', "command"), TEXT(command),
	.text = "run this by sh for every connection, which is its stdin and "
		"stdout (without -f, -e and -r: no TCP)"},
    {LETTER('r', "capture"), .take = take_replay, .min = TO_TCP,
	.text = "play the server's side of a connection in this capture"},
    {NAME("hosts", "file"), .take = take_too, AT(hosts), .min = ALL,
	.text = "be all the hosts of this file, phantom-hosts(5), each as "
		"it says"},
    {NAME("check", NULL), FLAG(check),
	.text = "say whether the file of --hosts is right, and end"},
    {NAME("os-db", "file"), .take = take_too, AT(os_db),
	.min = TO_TCP | TO_ICMP,
	.text = "nmap's database, for the systems that the file of --hosts "
		"names (/usr/share/nmap/nmap-os-db)"},
    {LETTER('p', "ports"), .take = take_port, .min = TO_TCP,
	.text = "open TCP ports, as 80 or 22,8000-8100, may be repeated "
		"(default: all)"},
    {LETTER('l', "log"), TEXT(log),
	.text = "append the events of all programs to this file"},
    {LETTER('v', NULL), MORE(loud),
	.text = "show the events; twice: every segment and answer"},
    {LETTER('q', NULL), LESS(loud),
	.text = "show only connections that stay open, and the totals; twice: "
		"nothing"},
    {NAME("film", "file"), TEXT(film),
	.text = "when it ends, write its connections as a film in HTML"},
    {NAME("film-live", "addr"), TEXT(film_live),
	.text = "show them as they come, to browsers, at this address"},
    {NAME("pcap", "file"), TEXT(pcap),
	.text = "record both directions, and ARP and ND for the addresses, to "
		"a pcap file"},
    {NAME("metrics", "file"), TEXT(metrics),
	.text = "keep the totals in this file, as Prometheus reads them"},
    {NAME("wireshark", NULL), FLAG(wireshark),
	.text = "show the packets live in Wireshark"},
    {NAME("in", "words"), TEXT(in),
	.text = "what impair does to packets to the phantom; @file: what "
		"stands there, also after SIGUSR2"},
    {NAME("out", "words"), TEXT(out), .text = "likewise, to packets from it"},
    {NAME("here", NULL), .take = take_here, .min = TO_ARP,
	.text = "for this very machine: make a pair of interfaces, as root, "
		"and remove it at the end"},
    {NAME("print", NULL), FLAG(print),
	.text = "print the pipeline for sh instead of running it"},
    {.text = "passed on to arp-phantom"},
    {LETTER('n', NULL), .take = unasked, .min = TO_ARP,
	.text = "claim without asking first whether an address is in use"},
    {LETTER('u', NULL), .take = unasked, .min = TO_ARP,
	.text = "answer only for addresses that no other host answers for"},
    {NAME("defend", "when"), PASS(TO_ARP), .words = "never once always",
	.text = "what to do when another host uses an address"},
    {LETTER('w', "wait"), PASS(TO_ARP),
	.text = "how long to probe, in seconds"},
    {LETTER('x', "addr[/len]"), PASS(TO_ARP),
	.text = "never answer for these; may be repeated"},
    {.text = "passed on to all"},
    {LETTER('J', NULL), FLAG(json), .text = "events as JSON lines"},
    {LETTER('m', "mac"), .take = take_too, AT(mac), .min = ALL,
	.text = "the MAC of all addresses"},
    OPT_ROW_SEED(seed, seeded),
    {LETTER('T', NULL), .take = take_stamps, .min = ALL,
	.text = "take the time from the packets' timestamps (with iface -)"},
    {.text = "passed on to tcpfsm"},
    {LETTER('C', "control"), PASS(TO_TCP), .words = "cubic reno bbr",
	.text = "congestion control (cubic)"},
    {LETTER('d', "seconds"), PASS(TO_TCP),
	.text = "start sending after the client has been silent this long"},
    {LETTER('N', "max"), PASS(TO_TCP), .text = "maximum number of connections"},
    {LETTER('o', "output"), PASS(TO_TCP),
	.text = "append what clients send to this file"},
    {LETTER('R', "file"), PASS(TO_TCP),
	.text = "record the run, to be repeated with tcpfsm -T -S"},
    {LETTER('Q', "quirk"), .take = take_quirk, .min = TO_TCP,
	.text = "misbehave: name[@when][:arg], may be repeated; \"list\" "
		"prints them"},
    {NAME("all", NULL), .take = take_all, .min = TO_TCP,
	.text = "of -r: every connection in the capture, and its UDP"},
    {NAME("backlog", "number"), PASS(TO_TCP),
	.text = "half-open connections, then SYN cookies"},
    {NAME("commands", "number"), PASS(TO_TCP | TO_UDP),
	.text = "commands of -e at once"},
    {NAME("decap", NULL), PASS(TO_TCP), .text = "of -r: also those in tunnels"},
    {NAME("dscp", "number"), PASS(TO_TCP),
	.text = "DiffServ code point of every packet"},
    {NAME("ecn", "kind"), PASS(TO_TCP), .words = "off classic accurate",
	.text = "congestion notification: off, as in RFC 3168, or accurate, "
		"RFC 9768 (default: whatever a client asks for)"},
    {NAME("fastopen", NULL), PASS(TO_TCP),
	.text = "TCP Fast Open: data on the SYN"},
    {NAME("fin-wait-2", "seconds"), PASS(TO_TCP),
	.text = "silence allowed in FIN-WAIT-2"},
    {NAME("guard", "dir"), PASS(TO_TCP | TO_UDP),
	.text = "the commands may write nothing in this directory"},
    {NAME("idle", "seconds"), PASS(TO_TCP),
	.text = "end a connection of -e without a byte for this long"},
    {NAME("keepalive", "[seconds]"), PASS(TO_TCP),
	.text = "send keep-alives to silent peers"},
    {NAME("md5", NULL), PASS(TO_TCP),
	.text = "log digests of what was sent and received"},
    {NAME("keys", "file"), PASS(TO_TCP),
	.text = "64 secret bytes that machines share"},
    {NAME("min-rto", "seconds"), PASS(TO_TCP),
	.text = "minimum retransmission time-out"},
    {NAME("msl", "seconds"), PASS(TO_TCP), .text = "half of TIME-WAIT"},
    {NAME("no-cksum", NULL), PASS(TO_TCP),
	.text = "accept segments with a wrong checksum"},
    {NAME("no-ecn", NULL), PASS(TO_TCP), .text = "the same as --ecn off"},
    {NAME("path-cache", "switch"), PASS(TO_TCP), .words = "on off",
	.text = "remember each path's MTU, window and round trip for ten "
		"minutes: on or off"},
    {NAME("pauses", NULL), PASS(TO_TCP),
	.text = "of -r: with the pauses of the recording"},
    {NAME("rcvbuf", "bytes"), PASS(TO_TCP), .text = "receive window"},
    {NAME("said", "dir"), PASS(TO_TCP),
	.text = "of --hosts: keep what clients send, a file a session"},
    {NAME("spin", "seconds"), PASS(TO_TCP | TO_SOCKET),
	.text = "poll for this long before each sleep: it takes CPU"},
    {NAME("stream", "number"), PASS(TO_TCP),
	.text = "of -r: which connection, from 0"},
    {NAME("ts-optional", NULL), PASS(TO_TCP),
	.text = "take segments without the timestamp agreed on"},
    {NAME("user", "name"), PASS(TO_TCP | TO_UDP),
	.text = "user that runs the commands"},
    {NAME("user-timeout", "seconds"), PASS(TO_TCP),
	.text = "give up when nothing is acknowledged"},
    {.text = "passed on to tcpfsm and icmp-phantom, or to icmp-phantom alone"},
    {NAME("mss", "bytes"), PASS(TO_TCP),
	.text = "announce an MSS of at most this"},
    {NAME("mtu", "bytes"), PASS(TO_TCP | TO_ICMP | TO_IMPAIR),
	.text = "of the network"},
    {NAME("ttl", "number"), PASS(TO_TCP | TO_ICMP),
	.text = "of every packet; the hop limit"},
    {NAME("frag-bytes", "bytes"), PASS(TO_TCP | TO_ICMP),
	.text = "memory for IP fragments"},
    {NAME("echo-rate", "number"), PASS(TO_ICMP),
	.text = "echo replies a second to one source"},
    {NAME("error-rate", "number"), PASS(TO_ICMP),
	.text = "ICMP errors a second to one source"},
    {0},
};

void
options_parse(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] [-f file | -e command | -r capture] iface addr[/len]...",
	    "[options] [-f file | -e command | -r capture] iface dhcp",
	    "[options] --hosts file iface",
	    "--here [options] [-f file | -e command | ...] addr[/len]...",
	    NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Be a host that is not there: start arp-phantom, icmp-phantom "
		"and\n"
		"rawcap | tcpfsm | rawinject, show what happens, and end them "
		"all.\n"
		"\n"
		"  phantom -f resp.txt eth0 10.0.0.5\n"
		"  phantom -e cat -p 7 --out 'loss 10%' eth0 10.0.0.5 "
		"fd00::5\n"
		"\n"
		"The interface - stands for the packet stream on stdin and "
		"stdout.\n",
	    .table = {{table, o}},
	};
	int i;

	o->asks = true;
	o->passed = calloc((size_t)argc * 2, sizeof(*o->passed));
	if (o->passed == NULL)
		out_of_memory();
	i = opt_parse(&program, argc, argv);
	if (o->here && i < argc) {
		o->addr = argv + i;
		o->addrs = argc - i;
		o->iface = "";
		options_check(o);
		return;
	}
	if (o->hosts != NULL && argc - i <= 1 && (o->check || argc > i)) {
		o->iface = argc > i ? argv[i] : "";
		o->stream = strcmp(o->iface, "-") == 0;
		options_check(o);
		return;
	}
	if (o->hosts != NULL && argc - i > 1)
		die_usage("--hosts with addresses: they are in the file");
	if (o->hosts != NULL)
		die_usage("--hosts: missing interface, as eth0");
	if (o->check)
		die_usage("--check without --hosts: it looks at that file");
	if (argc - i < 2)
		die_usage(i == argc ? "missing interface and address"
				    : "missing address");
	o->iface = argv[i];
	o->stream = strcmp(o->iface, "-") == 0;
	o->addr = argv + i + 1;
	o->addrs = argc - i - 1;
	options_check(o);
}
