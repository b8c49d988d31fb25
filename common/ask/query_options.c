/*
 * query_options.c - the letters that the small exchanges share; what is
 * wrong with them is said here, and ends the program.
 */
#include <getopt.h>
#include <string.h>

#include "ask/query.h"
#include "base/clock.h"
#include "base/die.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

void
query_defaults(struct query_options *o, const char *help)
{
	memset(o, 0, sizeof(*o));
	o->help = help;
	o->wait = 3 * NS_PER_SEC;
	opterr = 0; /* the messages are ours */
}

static void
take_mac(const char *letter, const char *word, struct mac *out)
{
	static const struct mac zero;

	if (parse_mac(word, out) != 0 || mac_is_group(out) ||
	    mac_equal(out, &zero))
		die_usage("read %s %s: not a unicast MAC", letter, word);
}

static void
take_source(struct query_options *o, const char *word)
{
	o->has_src = true;
	if (parse_addr(word, &o->src) != 0 || !ip_is_host(&o->src))
		die_usage(
		    "read -s %s: not an address that a host can have", word);
}

static void
take_hop(struct query_options *o, const char *word)
{
	o->has_hop = parse_addr(word, &o->hop) == 0;
	o->has_hop_mac = !o->has_hop;
	if (o->has_hop ? !ip_is_host(&o->hop)
		       : parse_mac(word, &o->hop_mac) != 0)
		die_usage("read -g %s: neither a MAC nor the address of a "
			  "gateway",
		    word);
}

static void
take_number(struct query_options *o, int letter)
{
	switch (letter) {
	case 'c':
		if (parse_num(optarg, 1, UINT32_MAX, &o->count) != 0)
			die_usage("read -c %s: not a count from 1", optarg);
		break;
	case 'S':
		o->has_seed = true;
		if (parse_num(optarg, 0, UINT64_MAX, &o->seed) != 0)
			die_usage("read -S %s: not a number", optarg);
		break;
	case 'w':
		o->has_wait = true;
		if (parse_time(optarg, &o->wait) != 0 || o->wait == 0)
			die_usage("read -w %s: not a time in seconds", optarg);
		break;
	}
}

void
query_option(struct query_options *o, int letter)
{
	switch (letter) {
	case 'T':
		o->stamps = true;
		break;
	case 'V':
		die_version();
	case 'c':
	case 'S':
	case 'w':
		take_number(o, letter);
		break;
	case 'g':
		take_hop(o, optarg);
		break;
	case 'h':
		die_help(o->help);
	case 'm':
		o->has_mac = true;
		take_mac("-m", optarg, &o->mac);
		break;
	case 'n':
		o->unasked = true;
		break;
	case 'o':
		o->out = optarg;
		break;
	case 'q':
		o->level--;
		break;
	case 's':
		take_source(o, optarg);
		break;
	case 'v':
		o->level++;
		break;
	default:
		if (optopt == 0)
			die_usage("read options: no such option");
		die_usage("read -%c: no such option, or no argument", optopt);
	}
}

void
query_interface(struct query_options *o, const char *iface)
{
	o->ifname = iface;
	o->live = strcmp(iface, "-") != 0;
	if (o->stamps && o->live)
		die_usage("use -T: only with the packet stream, iface \"-\"");
}
