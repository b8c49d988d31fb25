/*
 * options.c - the command line of pipe-router; a mistake in it gives a message
 * here and ends the program.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/prefix.h"

#include "options.h"

enum { MOST_VID = 4094, MOST_RATE = 1000000 };

static char *
copy(const char *s)
{
	char *t = strdup(s);

	if (t == NULL)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	return t;
}

/* net_of - "default" is the whole of the next hop's family */
static int
net_of(const char *text, const struct ip_addr *via, struct route_static *s)
{
	static const uint8_t none[4];

	if (strcmp(text, "default") != 0)
		return parse_prefix(text, &s->net, &s->len);
	memset(&s->net, 0, sizeof(s->net));
	s->len = 0;
	if (ip_is_v4(via)) {
		ip_from_v4(&s->net, none);
		s->len = 96;
	}
	return 0;
}

static const char *
add_route(void *base, const struct opt *opt, const char *arg)
{
	struct route_config *cf = &((struct options *)base)->cf;
	struct route_static *s = &cf->route[cf->routes];
	char *text = copy(arg), *equals = strchr(text, '='), *word;
	static char doubt[PREFIX_DOUBT];
	const char *wrong = NULL;
	struct prefix net;

	if (cf->routes == ROUTE_ROUTES)
		wrong = "too many routes";
	else if (equals == NULL)
		wrong = "not a route: give NET/LEN=ADDR or default=ADDR";
	else
		*equals++ = '\0';
	for (word = wrong == NULL ? strtok(equals, ",") : NULL;
	     word != NULL && wrong == NULL; word = strtok(NULL, ","))
		if (s->nvia == ROUTE_HOPS)
			wrong = "too many next hops";
		else if (parse_addr(word, &s->via[s->nvia++]) != 0)
			wrong = "the next hop is no address";
	if (wrong == NULL && s->nvia == 0)
		wrong = "the next hop is missing";
	if (wrong == NULL && net_of(text, &s->via[0], s) != 0)
		wrong = "not a network: give ADDR/LEN or default";
	net = (struct prefix){.addr = s->net, .len = s->len};
	if (wrong == NULL)
		wrong = prefix_doubt(&net, doubt);
	free(text);
	cf->routes++;
	return wrong;
}

static const char *
set_nat(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;
	uint64_t n;

	if (parse_num(arg, 0, MOST_VID, &n) != 0)
		return "not the VLAN of an interface";
	o->has_nat = true;
	o->nat_vid = (uint16_t)n;
	return NULL;
}

#define OPT_BASE struct options

static const struct opt table[] = {
    OPT_ROW_QUIET(quiet),
    OPT_ROW_SEED(cf.seed, seeded),
    OPT_ROW_STAMPS(stamps),
    {NAME("error-rate", "number"), NUM(cf.error_rate), RANGE(0, MOST_RATE),
	.text = "ICMP errors a second to one source, ten times as many to all "
		"(100; 0: none)"},
    {NAME("frag-bytes", "bytes"), NUM(cf.frag_bytes), RANGE(0, 1 << 30),
	.text = "memory for IP fragments (4194304)"},
    {NAME("nat", "vlan"), .take = set_nat,
	.text = "hosts on the other interfaces share the IPv4 address of this "
		"one"},
    {NAME("nat-max", "number"), NUM(cf.nat_max), RANGE(1, 65536),
	.text = "maximum number of NAT mappings (4096)"},
    {NAME("neighbours", "number"), NUM(cf.neighbours), RANGE(8, 65536),
	.text = "maximum number of neighbours known (1024)"},
    {NAME("route", "net=addr"), .take = add_route,
	.text = "a static route: NET/LEN=ADDR or default=ADDR; several "
		"addresses with commas share its flows; may be repeated"},
    {NAME("ttl", "number"), NUM(cf.ttl), .min = 1,
	.text = "of the packets that the router itself sends (64)"},
    {0},
};

static struct route_if *
if_of(struct route_config *cf, uint16_t vid)
{
	unsigned i;

	for (i = 0; i < cf->ifaces; i++)
		if (cf->iface[i].vid == vid)
			return &cf->iface[i];
	return NULL;
}

static void
read_word(struct route_if *f, const char *word, const char *whole)
{
	uint64_t n;

	if (strncmp(word, "mtu=", 4) == 0) {
		if (parse_num(word + 4, ROUTE_LEAST_MTU, 65535, &n) != 0)
			die_usage("%s: not an MTU from %d to 65535", whole,
			    ROUTE_LEAST_MTU);
		f->mtu = (uint32_t)n;
		return;
	}
	if (f->naddr == ROUTE_ADDRS)
		die_usage("%s: more than %d addresses", whole, ROUTE_ADDRS);
	if (strchr(word, '/') == NULL ||
	    parse_prefix(word, &f->addr[f->naddr], &f->len[f->naddr]) != 0)
		die_usage("%s: not an interface: give VLAN=ADDR/LEN, more of "
			  "them and mtu=BYTES with commas",
		    whole);
	if (f->naddr == 0)
		mac_of_phantom(&f->addr[0], &f->mac);
	f->naddr++;
}

/* read_iface - "10=10.0.1.1/24,fd00:1::1/64,mtu=1300" */
static void
read_iface(struct options *o, const char *arg)
{
	struct route_config *cf = &o->cf;
	char *text = copy(arg), *equals = strchr(text, '='), *word;
	struct route_if *f;
	uint64_t vid;

	if (equals != NULL)
		*equals++ = '\0';
	if (equals == NULL || parse_num(text, 0, MOST_VID, &vid) != 0)
		die_usage("%s: not an interface: give VLAN=ADDR/LEN with a "
			  "VLAN from 0 to 4094",
		    arg);
	f = if_of(cf, (uint16_t)vid);
	if (f == NULL) {
		if (cf->ifaces == ROUTE_IFS)
			die_usage(
			    "%s: more than %d interfaces", arg, ROUTE_IFS);
		f = &cf->iface[cf->ifaces++];
		f->vid = (uint16_t)vid;
		f->mtu = 1500;
	}
	for (word = strtok(equals, ","); word != NULL; word = strtok(NULL, ","))
		read_word(f, word, arg);
	if (f->naddr == 0)
		die_usage("%s: an interface needs an address", arg);
	free(text);
}

static void
check(struct options *o)
{
	char text[IP_TEXT];
	struct ip_addr at;
	const char *wrong = route_check(&o->cf, &at);
	unsigned i, k;

	if (wrong != NULL)
		die_usage("%s: %s", ip_text(&at, text), wrong);
	o->cf.nat = -1;
	for (i = 0; i < o->cf.ifaces; i++)
		for (k = 0; k < o->cf.iface[i].naddr; k++)
			if (o->has_nat && o->cf.iface[i].vid == o->nat_vid &&
			    ip_is_v4(&o->cf.iface[i].addr[k]))
				o->cf.nat = (int)i;
	if (o->has_nat && o->cf.nat < 0)
		die_usage(
		    "--nat %u: no interface with an IPv4 address", o->nat_vid);
}

void
options_read(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] vlan=addr/len[,addr/len...][,mtu=bytes] ...", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Be an IPv4 and IPv6 router in the packet stream, its "
		"interfaces\n"
		"the VLANs of one trunk.\n"
		"\n"
		"  pipe-switch 10:... 20:... trunk:'pipe-router 10=10.0.1.1/24 "
		"20=10.0.2.1/24'\n"
		"\n"
		"VLAN 0 is what has no tag.\n",
	    .table = {{table, o}},
	};
	int i = opt_parse(&program, argc, argv);

	if (i == argc)
		die_usage("missing interfaces: give VLAN=ADDR/LEN for each");
	for (; i < argc; i++)
		read_iface(o, argv[i]);
	check(o);
}
