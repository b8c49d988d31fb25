/*
 * options.c - see options.h.
 */
#include <stddef.h>

#include "base/die.h"
#include "opt/opt.h"
#include "opt/rows.h"

#include "options.h"

#define OPT_BASE struct options

static const struct opt table[] = {
    {NAME("hosts", "file"), TEXT(hosts),
	.text = "the net lines of this file, phantom-hosts(5)"},
    {NAME("table", "fds"), TEXT(table),
	.text = "of --hosts: phantom(8) has read the file, and hands over the "
		"table here"},
    {NAME("errors", "kind"), TEXT(errors), .words = "all tcp other",
	.text = "send ICMP errors about all packets, about TCP alone, or "
		"about all but TCP (all)"},
    {NAME("error-rate", "number"), NUM(error_rate), RANGE(0, 1000000),
	.text = "ICMP errors a second to one source, ten times as many to all "
		"(100; 0: none)"},
    {NAME("mtu", "bytes"), NUM(mtu), RANGE(1280, 65535),
	.text = "of the network: what is longer was put together by "
		"segmentation offload (1500)"},
    OPT_ROW_OS_DB(os_db),
    OPT_ROW_QUIET(quiet),
    OPT_ROW_SEED(seed, seeded),
    {0},
};

void
options_read(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] --hosts file -- command [argument ...]", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Be the routers between a link and the hosts of a command.\n"
		"\n"
		"  rawcap -t icmp,udp eth0 | net-phantom --hosts net.conf -- "
		"icmp-phantom\n"
		"      --hosts net.conf | rawinject eth0\n",
	    .table = {{table, o}},
	};
	int i = opt_parse(&program, argc, argv);

	if (o->hosts == NULL)
		die_usage("missing --hosts: which file has the net lines?");
	if (i == argc)
		die_usage("missing command: give it behind --");
	o->command = argv + i;
}
