/*
 * options.c - see options.h.
 */
#include <stddef.h>

#include "base/die.h"
#include "opt/opt.h"
#include "opt/rows.h"

#include "options.h"

#define AT(field) OPT_AT(struct options, field)

static const struct opt table[] = {
    {.name = "hosts",
	.arg = "file",
	.take = opt_text,
	AT(hosts),
	.text = "the net lines of this file, phantom-hosts(5)"},
    {.name = "errors",
	.arg = "kind",
	.take = opt_text,
	AT(errors),
	.words = "all tcp other",
	.text = "send ICMP errors about all packets, about TCP alone, or "
		"about all but TCP (all)"},
    {.name = "error-rate",
	.arg = "number",
	.take = opt_num,
	AT(error_rate),
	.max = 1000000,
	.text = "ICMP errors a second to one source, ten times as many to all "
		"(100; 0: none)"},
    {.name = "mtu",
	.arg = "bytes",
	.take = opt_num,
	AT(mtu),
	.min = 1280,
	.max = 65535,
	.text = "of the network: what is longer was put together by "
		"segmentation offload (1500)"},
    OPT_ROW_QUIET(struct options, quiet),
    OPT_ROW_SEED(struct options, seed, seeded),
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
