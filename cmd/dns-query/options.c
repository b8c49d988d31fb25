/*
 * options.c - the command line; a mistake in it gives a message here and ends
 * the program. The words after the interface are dig's.
 */
#include <stdint.h>
#include <string.h>

#include "ask/query.h"
#include "base/clock.h"
#include "base/die.h"
#include "opt/rows.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "dname.h"
#include "message.h"
#include "options.h"
#include "record.h"

enum { TRIES = 3, TRIES_MAX = 10 };

static const char *
take_reverse(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;
	struct ip_addr a;

	if (parse_addr(arg, &a) != 0)
		return "not an address";
	name_reverse(&a, &o->question.name);
	o->question.type = DNS_T_PTR;
	o->name = arg;
	return NULL;
}

/* take_word - of dig's: the first plain one is the name, then the type */
static void
take_word(struct options *o, const char *word, bool *typed)
{
	if (*word == '@') {
		if (parse_addr(word + 1, &o->server) == -1 ||
		    !ip_is_host(&o->server))
			die_usage("%s: not a server's address", word);
		o->ex.dst = &o->server;
	} else if (strcmp(word, "+tcp") == 0) {
		o->tcp = true;
	} else if (strcmp(word, "+norecurse") == 0) {
		o->norecurse = true;
	} else if (strcmp(word, "+noedns") == 0) {
		o->noedns = true;
	} else if (*word == '+') {
		die_usage(
		    "%s: only +tcp, +norecurse and +noedns are known", word);
	} else if (o->name == NULL) {
		if (name_parse(word, &o->question.name) == -1)
			die_usage("%s: not a domain name", word);
		o->name = word;
	} else if (!*typed) {
		if (type_parse(word, &o->question.type) == -1)
			die_usage("%s: not a type that can be asked "
				  "for",
			    word);
		*typed = true;
	} else {
		die_usage("%s: name and type are given", word);
	}
}

#define OPT_BASE struct options

static const struct opt table[] = {
    {LETTER('p', "port"), NUM(port), .min = 1,
	.text = "the server's port (53)"},
    {LETTER('c', "tries"), NUM(tries), RANGE(1, TRIES_MAX),
	.text = "how often to ask, each for the time of -w (3)"},
    {LETTER('x', "addr"), .take = take_reverse,
	.text = "the name of this address (PTR), instead of a name"},
    {0},
};

static const char more[] =
    "type: A (default), AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT, ANY, TYPE257 "
    "...\n"
    "+tcp: ask over TCP at once; +norecurse: do not ask for recursion;\n"
    "+noedns: ask without EDNS";

void
options_read(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] iface @server [name] [type] [+word...]", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Ask a DNS server and print the answer's data, a line a "
		     "record.\n"
		     "iface \"-\": the packet stream on stdin and stdout, the "
		     "answer on stderr.\n",
	    .more = more,
	    .first_word_ends = true,
	    .table = {{table, o}, {query_opt_source, &o->ex},
		{query_opt_hop, &o->ex}, {query_opt_common, &o->ex}},
	};
	bool typed = false;
	int i;

	query_defaults(&o->ex);
	o->ex.udp = o->ex.tcp = true;
	o->port = DNS_PORT;
	o->tries = TRIES;
	o->question.type = DNS_T_A;
	o->question.class = DNS_IN;
	i = opt_parse(&program, argc, argv);
	query_interface(&o->ex, i++, argc, argv);
	while (i < argc)
		take_word(o, argv[i++], &typed);
	if (o->ex.dst == NULL)
		die_usage("missing server: @addr");
	if (o->name == NULL)
		die_usage("missing name");
}
