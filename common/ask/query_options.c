/*
 * query_options.c - the options that the query programs share.
 */
#include <string.h>

#include "ask/query.h"
#include "base/clock.h"
#include "base/die.h"
#include "opt/rows.h"
#include "wire/parse.h"

#define AT(field)    OPT_AT(struct query_options, field)
#define GIVEN(field) OPT_GIVEN(struct query_options, field)

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
    {.letter = 's',
	.arg = "addr",
	.take = opt_host,
	AT(src),
	GIVEN(has_src),
	.text = "ask from this address (default: the interface's own)"},
    {0},
};

const struct opt query_opt_hop[] = {
    {.letter = 'g',
	.arg = "hop",
	.take = take_hop,
	.text = "next hop: its MAC, or the address of a gateway (default: "
		"resolve it)"},
    {0},
};

const struct opt query_opt_common[] = {
    {.letter = 'm',
	.arg = "mac",
	.take = opt_mac,
	AT(mac),
	GIVEN(has_mac),
	.text = "MAC address of the source (default: 02:50 and the end of its "
		"address)"},
    {.letter = 'n',
	.take = opt_flag,
	AT(unasked),
	.text = "do not ask first whether the address is in use"},
    {.letter = 'w',
	.arg = "time",
	.take = opt_time,
	AT(wait),
	GIVEN(has_wait),
	.min = 1,
	.text = "how long to wait for an answer, in seconds"},
    {.letter = 'o',
	.arg = "file",
	.take = opt_text,
	AT(out),
	.text = "write the answer to this file"},
    OPT_ROW_SEED(struct query_options, seed, has_seed),
    {.letter = 'T',
	.take = opt_flag,
	AT(stamps),
	.text =
	    "take the time from the packets' timestamps (with iface \"-\")"},
    {.letter = 'v', .take = opt_more, AT(level), .text = "print more"},
    {.letter = 'q', .take = opt_less, AT(level), .text = "print less"},
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
