/*
 * options.c - the command line of icmp-phantom; a mistake in it gives a
 * message here and ends the program.
 */
#include <stddef.h>

#include "base/die.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "responder.h"

#include "options.h"

enum { MOST_RATE = 1000000 }; /* answers a second */

#define OPT_BASE struct options

static const struct opt table[] = {
    {LETTER('a', "addr"), HOST(addr), GIVEN(has_addr),
	.text = "answer for this address, at any MAC (default: every address "
		"whose MAC is 02:50 and its last four bytes)"},
    {LETTER('m', "mac"), MAC(mac), GIVEN(has_mac),
	.text = "the phantom's MAC address"},
    {LETTER('p', "ports"), PORTS(cf.open), GIVEN(has_open),
	.text = "open UDP ports: leave them to others; may be repeated "
		"(default: all are closed)"},
    {.text = "hosts of a file"},
    {NAME("hosts", "file"), TEXT(hosts),
	.text = "answer for the addresses of this file as it says, "
		"phantom-hosts(5)"},
    {NAME("table", "fds"), TEXT(table),
	.text = "of --hosts: phantom(8) has read the file, and hands over the "
		"table here"},
    OPT_ROW_OS_DB(os_db),
    {NAME("commands", "number"), NUM(commands), RANGE(1, 10000),
	.text = "commands of udp lines at once (100)"},
    {NAME("user", "name"), TEXT(user),
	.text = "user that runs them (as root: nobody)"},
    {NAME("guard", "dir"), TEXT(guard),
	.text = "they may write nothing in this directory"},
    {.text = "packets"},
    {NAME("echo-rate", "number"), NUM(cf.echo_rate), GIVEN(has_echo_rate),
	RANGE(0, MOST_RATE),
	.text = "echo replies a second to one source, ten times as many to "
		"all (10000, with --hosts 100000; 0: none)"},
    {NAME("error-rate", "number"), NUM(cf.error_rate), GIVEN(has_error_rate),
	RANGE(0, MOST_RATE),
	.text = "likewise, errors (1000, with --hosts 10000; 0: none)"},
    {NAME("frag-bytes", "bytes"), NUM(cf.frag_bytes), RANGE(0, 1 << 30),
	.text = "memory for IP fragments (4194304)"},
    {NAME("mtu", "bytes"), NUM(cf.mtu), RANGE(RESPONDER_LEAST_MTU, 65535),
	.text = "of the network (1500)"},
    {NAME("ttl", "number"), NUM(cf.ttl), .min = 1,
	.text = "of every packet; the hop limit (64)"},
    {.text = "log and time"},
    OPT_ROW_LOG(log_path),
    OPT_ROW_JSON(json),
    {LETTER('v', NULL), FLAG(verbose), .text = "log every answer"},
    OPT_ROW_QUIET(quiet),
    OPT_ROW_SEED(seed, seeded),
    OPT_ROW_STAMPS(stamps),
    {0},
};

void
options_read(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {"[options]", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Answer ping and UDP in the packet stream.\n"
		"\n"
		"  rawcap -t icmp,udp eth0 | icmp-phantom | rawinject eth0\n",
	    .table = {{table, o}},
	};

	opt_no_more(opt_parse(&program, argc, argv), argc, argv);
	if (o->hosts != NULL && (o->has_addr || o->has_mac || o->has_open))
		die_usage("--hosts with -a, -m or -p: addresses, MACs and "
			  "ports are in the file");
	if (o->hosts == NULL && (o->user != NULL || o->commands > 0))
		die_usage("--user and --commands are of --hosts");
	/* many hosts, each of which would answer a scanner for itself */
	if (o->hosts != NULL && !o->has_echo_rate)
		o->cf.echo_rate *= 10;
	if (o->hosts != NULL && !o->has_error_rate)
		o->cf.error_rate *= 10;
	if (o->has_addr)
		o->cf.addr = &o->addr;
	if (o->has_mac)
		o->cf.mac = &o->mac;
}
