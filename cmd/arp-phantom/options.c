/*
 * options.c - the command line; a mistake in it gives a message here and ends
 * the program.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "claim.h"
#include "options.h"
#include "wire/prefix.h"

void
options_add(
    struct list *l, const struct ip_addr *addr, unsigned len, const char *what)
{
	if (l->n == l->cap) {
		l->cap = l->cap * 2 + 16;
		l->p = realloc(l->p, l->cap * sizeof *l->p);
		l->what = realloc(l->what, l->cap * sizeof *l->what);
		if (l->p == NULL || l->what == NULL)
			die(EXIT_WRONG, "keep addresses: %s", strerror(errno));
	}
	l->p[l->n].addr = *addr;
	l->p[l->n].len = len;
	l->what[l->n++] = what;
}

static void
list_parse(struct list *l, const char *word, const char *what)
{
	char text[PREFIX_DOUBT];
	struct prefix p;

	if (parse_prefix(word, &p.addr, &p.len) == -1)
		die_usage("%s: not an address or prefix", word);
	if (prefix_doubt(&p, text) != NULL)
		die_usage("%s: %s", word, text);
	options_add(l, &p.addr, p.len, what);
}

static const char *
take_except(void *base, const struct opt *o, const char *arg)
{
	list_parse(&((struct options *)base)->except, arg, "excluded by -x");
	return NULL;
}

#define OPT_BASE struct options

static const struct opt table[] = {
    {LETTER('m', "mac"), MAC(mac), GIVEN(has_mac),
	.text = "the MAC of all addresses (default: 02:50 and the address's "
		"end)"},
    {LETTER('x', "addr[/len]"), .take = take_except,
	.text = "never answer for this address or prefix; may be repeated"},
    {NAME("hosts", "file"), TEXT(hosts),
	.text = "claim the addresses of this file, phantom-hosts(5), that "
		"no other host has"},
    {NAME("table", "fds"), TEXT(table),
	.text = "of --hosts: phantom(8) has read the file, and hands over the "
		"table here"},
    {.text = "other hosts at the same address"},
    {LETTER('n', NULL), CLEAR(cf.ask),
	.text = "claim without asking first whether an address is in use"},
    {LETTER('u', NULL), FLAG(cf.unclaimed),
	.text = "answer for single addresses, too, only if no other host "
		"does (default for prefixes)"},
    {LETTER('w', "wait"), TIME(cf.wait), GIVEN(cf.quick),
	.text = "how long to probe, in seconds (default: as RFC 5227)"},
    {NAME("defend", "when"), WORD(defend), .words = "never once always",
	.text = "what to do when another host uses an address: never give an "
		"answer to that, defend it once in ten seconds, always "
		"(default: once; addresses of a prefix: never)"},
    {.text = "log and time"},
    OPT_ROW_LOG(log_path),
    OPT_ROW_JSON(json),
    {LETTER('v', NULL), FLAG(verbose), .text = "log every answer"},
    OPT_ROW_QUIET(quiet),
    OPT_ROW_SEED(seed, seeded),
    {LETTER('T', NULL), FLAG(stamps),
	.text = "take the time from the packets' timestamps (with iface "
		"\"-\")"},
    {0},
};

void
options_read(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {"[options] iface addr[/len]...",
	    "[options] --hosts file iface", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Answer ARP and Neighbor Solicitations for addresses that "
		     "no host has.\n"
		     "iface \"-\": the packet stream on stdin and stdout.\n",
	    .first_word_ends = true,
	    .table = {{table, o}},
	};
	int i;

	o->cf.ask = true;
	o->defend = UINT_MAX;
	i = opt_parse(&program, argc, argv);
	if (o->defend != UINT_MAX)
		o->cf.defend = (enum defend)(DEFEND_NEVER + o->defend);
	if (o->has_mac)
		o->cf.mac = &o->mac;
	if (i == argc)
		die_usage("missing interface");
	o->ifname = argv[i++];
	o->live = strcmp(o->ifname, "-") != 0;
	if (o->hosts != NULL && (i < argc || o->has_mac))
		die_usage("--hosts with addresses or -m: they are in the file");
	if (o->hosts == NULL && i == argc)
		die_usage("missing address");
	while (i < argc)
		list_parse(&o->want, argv[i++], "claimed");
	if (o->stamps && o->live)
		die_usage("-T: only with the packet stream, interface \"-\"");
}
