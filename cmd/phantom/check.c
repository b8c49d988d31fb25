/*
 * check.c - what does not go together on phantom's command line, see
 * options.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "hosts/hosts.h"
#include "tcp/quirk/quirk.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/prefix.h"

#include "options.h"
#include "wordof.h"

static void
check_addresses(struct options *o)
{
	struct prefix *p = calloc((size_t)o->addrs, sizeof(*p));
	char text[PREFIX_DOUBT];
	int i, k;

	if (p == NULL)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	for (i = 0; i < o->addrs; i++) {
		if (parse_prefix(o->addr[i], &p[i].addr, &p[i].len) != 0)
			die_usage("%s: not an address or addr/len", o->addr[i]);
		if (prefix_doubt(&p[i], text) != NULL)
			die_usage("%s: %s", o->addr[i], text);
		o->singles += p[i].len == 128;
		for (k = 0; k < i; k++)
			if (p[k].len == p[i].len &&
			    ip_equal(&p[k].addr, &p[i].addr))
				die_usage("%s: given twice", o->addr[i]);
	}
	free(p);
}

/* check_live - the live film's address is not one that it shows: else each
   viewer would be a part of it, and the more there is the more is sent */
static void
check_live(const struct options *o)
{
	struct ip_addr live, a;
	unsigned len;
	int i;

	if (o->print || o->stream || o->dhcp)
		die_usage("--film-live: not with --print or dhcp, nor on a "
			  "stream: tcp-film(1) has its line for sh");
	if (parse_prefix(o->film_live, &live, &len) != 0 || len != 128)
		die_usage("--film-live %s: not an address", o->film_live);
	for (i = 0; i < o->addrs; i++)
		if (parse_prefix(o->addr[i], &a, &len) == 0 &&
		    ip_match(&live, &a, len))
			die_usage("--film-live %s: %s is filmed: give another "
				  "address, that nobody uses",
			    o->film_live, o->addr[i]);
	if (o->addrs > LIVE_ADDRS)
		die_usage("--film-live: of %d addresses at most", LIVE_ADDRS);
}

struct hosts_use
options_use(const struct options *o)
{
	return (struct hosts_use){.quirk = quirk_wrong,
	    .command = command_wrong,
	    .faces = true,
	    .os_db = o->os_db};
}

/* when_answered - at once, or only when no other host answers: of all hosts */
static void
when_answered(struct options *o, const struct hosts *h)
{
	const struct hosts_entry *e;
	enum hosts_ask ask;
	size_t i, n;

	e = hosts_entries(h, &n);
	for (i = 0; i < n; i++) {
		ask = hosts_manner(h, &e[i])->ask;
		if (ask == HOSTS_ASK_AS_TOLD)
			ask = o->at_once ? HOSTS_ASK_NOT : HOSTS_ASK_FIRST;
		if (hosts_net(h, &e[i].at.addr) == NULL)
			*(ask == HOSTS_ASK_NOT ? &o->some_now
					       : &o->some_later) = true;
	}
}

/* check_hosts - of the file itself: an error names its line and column */
static void
check_hosts(struct options *o)
{
	const struct hosts_use use = options_use(o);
	char error[HOSTS_ERROR];
	struct hosts *h;

	if (o->command != NULL || o->file != NULL || o->replay != NULL)
		die_usage("--hosts with -e, -f or -r: what is served is in "
			  "the file");
	if (o->film_live != NULL)
		die_usage("--hosts with --film-live: its address may be one "
			  "that it shows: see tcp-film(1) for a line for sh");
	if (o->here)
		die_usage("--hosts with --here: name an interface");
	if (o->mac != NULL || o->port != NULL || options_passes(o, "-Q"))
		die_usage("--hosts with -m, -p or -Q: MACs, ports and quirks "
			  "are in the file");
	if (options_passes(o, "-o"))
		die_usage("--hosts with -o: there are many clients: --said "
			  "keeps what each has sent in a file of its own");
	h = hosts_load(o->hosts, &use, error);
	if (h == NULL) {
		hosts_say("", error, "");
		exit(EXIT_WRONG);
	}
	hosts_entries(h, &o->nhosts);
	hosts_nets(h, &o->nets);
	when_answered(o, h);
	if (o->nets > 0 && o->stamps)
		die_usage("-T: the file has nets, whose delays are not of "
			  "the packets' time");
	if (o->check) {
		printf("%s: %zu host%s, %u line%s of ports", o->hosts,
		    o->nhosts, o->nhosts == 1 ? "" : "s", hosts_rules(h),
		    hosts_rules(h) == 1 ? "" : "s");
		if (o->nets > 0)
			printf(", %zu net%s behind routers", o->nets,
			    o->nets == 1 ? "" : "s");
		putchar('\n');
		exit(die_flush(EXIT_DONE));
	}
	o->net = h;
}

void
options_check(struct options *o)
{
	size_t i;

	if (o->check && o->hosts == NULL)
		die_usage("--check is of --hosts");
	if (o->hosts != NULL)
		check_hosts(o);
	if ((o->command != NULL) + (o->file != NULL) + (o->replay != NULL) > 1)
		die_usage("-e, -f and -r cannot be used together");
	if (o->command != NULL && o->command[0] == '\0')
		die_usage("-e: the command is empty: without TCP, leave -e "
			  "away");
	if (!options_tcp(o))
		for (i = 0; i < o->npassed; i++)
			if ((o->passed[i].to & ~(unsigned)TO_UDP) == TO_TCP)
				die_usage("%s is about TCP: give -f file, -e "
					  "command, -r capture or --hosts file",
				    o->passed[i].word);
	if (o->here && o->print)
		die_usage("--print with --here: the pair of interfaces has "
			  "no name before it is made: name an interface");
	if (o->stamps && !o->stream)
		die_usage("-T: only with iface -, where a stream has the "
			  "time");
	if (o->stream && o->wireshark)
		die_usage("--wireshark: there is no interface to look at: put "
			  "ptee(1) into the stream");
	if (o->film != NULL &&
	    (o->print || o->stream || strcmp(o->film, "-") == 0))
		die_usage("--film goes to a file, when the phantom ends: not "
			  "-, nor with --print or on a stream");
	if (o->metrics != NULL && (o->print || o->stream))
		die_usage("--metrics: phantom itself writes them while the "
			  "programs run: not with --print or on a stream");
	if (o->pcap != NULL && strcmp(o->pcap, "-") == 0)
		die_usage("--pcap -: packets to a file, what happens to "
			  "stdout: give a name");
	o->dhcp = o->addrs == 1 && strcmp(o->addr[0], "dhcp") == 0;
	if (o->dhcp && o->here)
		die_usage("--here dhcp: there is no server on the pair of "
			  "interfaces: give an address");
	if (o->stream && (o->dhcp || o->here))
		die_usage("%s: not on a stream: give an address",
		    o->here ? "--here" : "dhcp");
	if (o->dhcp && o->print)
		die_usage("--print: the address is not known before a DHCP "
			  "server gives it; see dhcp-lease --help");
	if (!o->dhcp && o->hosts == NULL)
		check_addresses(o);
	if (o->film_live != NULL)
		check_live(o);
}
