/*
 * options.c - the command line; a mistake in it gives a message here and ends
 * the program.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "ask/query.h"
#include "base/clock.h"
#include "opt/rows.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "options.h"

enum { WAIT = 30, HOST_MAX = 63 };

/* a host name as RFC 1123 2.1 has it, one label */
static bool
is_host_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
			     "WXYZ0123456789-");

	return n > 0 && n <= HOST_MAX && s[n] == '\0' && s[0] != '-' &&
	       s[n - 1] != '-';
}

static const char *
take_host(void *base, const struct opt *o, const char *arg)
{
	((struct options *)base)->host = arg;
	return is_host_name(arg) ? NULL : "not a host name";
}

static const char *
take_addr(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	if (parse_addr(arg, &o->addr) != 0 || !ip_is_v4(&o->addr) ||
	    !ip_is_host(&o->addr))
		return "not an IPv4 address that a host can have";
	return NULL;
}

#define OPT_BASE struct options

void
options_read(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {"[options] iface", NULL};
	static const struct opt table[] = {
	    {BOTH('k', "keep", NULL), FLAG(keep),
		.text = "stay, renew the lease, and release it at the end"},
	    {LETTER('a', "addr"), .take = take_addr, GIVEN(has_addr),
		.text = "ask for this address"},
	    {LETTER('H', "name"), .take = take_host,
		.text = "host name to send to the server"},
	    {0},
	};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Get an address from a DHCP server, and print it as "
		     "shell assignments:\n"
		     "eval \"$(dhcp-lease eth0)\"\n"
		     "iface \"-\": the packet stream on stdin and stdout, the "
		     "lease on stderr.\n",
	    .first_word_ends = true,
	    .table = {{table, o}, {query_opt_common, &o->ex}},
	};
	int i;

	query_defaults(&o->ex);
	o->ex.wait = WAIT * NS_PER_SEC;
	o->ex.udp = o->ex.broadcast = o->ex.no_source = true;
	i = opt_parse(&program, argc, argv);
	query_interface(&o->ex, i++, argc, argv);
	opt_no_more(i, argc, argv);
}
