/*
 * query_options.c - the options that the query programs share.
 */
#include <string.h>

#include "ask/query.h"
#include "base/clock.h"
#include "base/die.h"
#include "opt/rows.h"
#include "wire/parse.h"

#define OPT_BASE struct query_options

/* take_hop - -g: a MAC, or the address of a gateway */
static const char *
take_hop(void *base, const struct opt *opt, const char *arg)
{
	struct query_options *o = base;

	o->has_hop = parse_addr(arg, &o->hop) == 0;
	o->has_hop_mac = !o->has_hop;
	if (o->has_hop ? !ip_is_host(&o->hop)
		       : parse_mac(arg, &o->hop_mac) != 0)
		return "neither a MAC nor the address of a gateway";
	return NULL;
}

const struct opt query_opt_source[] = {
    {LETTER('s', "addr"), HOST(src), GIVEN(has_src),
	.text = "ask from this address (default: the interface's own)"},
    {0},
};

const struct opt query_opt_hop[] = {
    {LETTER('g', "hop"), .take = take_hop,
	.text = "next hop: its MAC, or the address of a gateway (default: "
		"resolve it)"},
    {0},
};

const struct opt query_opt_common[] = {
    {LETTER('m', "mac"), MAC(mac), GIVEN(has_mac),
	.text = "MAC address of the source (default: 02:50 and the end of its "
		"address)"},
    {LETTER('n', NULL), FLAG(unasked),
	.text = "do not ask first whether the address is in use"},
    {LETTER('w', "time"), TIME(wait), GIVEN(has_wait), .min = 1,
	.text = "how long to wait for an answer, in seconds"},
    {LETTER('o', "file"), TEXT(out), .text = "write the answer to this file"},
    OPT_ROW_SEED(seed, has_seed),
    {LETTER('T', NULL), FLAG(stamps),
	.text =
	    "take the time from the packets' timestamps (with iface \"-\")"},
    {LETTER('v', NULL), MORE(level), .text = "print more"},
    {LETTER('q', NULL), LESS(level), .text = "print less"},
    {0},
};

void
query_defaults(struct query_options *o)
{
	memset(o, 0, sizeof(*o));
	o->wait = 3 * NS_PER_SEC;
}

void
query_interface(struct query_options *o, int i, int argc, char **argv)
{
	if (i == argc)
		die_usage("missing interface");
	o->ifname = argv[i];
	o->live = strcmp(o->ifname, "-") != 0;
	if (o->stamps && o->live)
		die_usage("-T: only with the packet stream, interface \"-\"");
}
