/*
 * arp-query - the MAC of an address: by ARP (RFC 826) for IPv4, by Neighbor
 * Solicitation (RFC 4861) for IPv6.
 */
#include <getopt.h>

#include "ask/query.h"
#include "base/clock.h"
#include "base/die.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum { OPT_ALL = 256, SEEN_MAX = 64 };

static const char help[] =
    "usage: arp-query [-nqTv] [--all] [-s addr] [-m mac] [-w time] [-c count]\n"
    "                 [-o file] [-S seed] iface addr\n"
    "\n"
    "Print the MAC of an address: by ARP, or by Neighbor Solicitation (IPv6).\n"
    "iface \"-\": the packet stream on stdin and stdout.\n"
    "\n"
    "  -s addr   ask from this address (default: the host's own)\n"
    "  -m mac    its MAC (default 02:50 and the address's end)\n"
    "  -n        do not ask first whether the source is in use\n"
    "  -w time   how long to wait for an answer, in seconds (default: count)\n"
    "  -c count  ask at most so many times, a second apart (default 3)\n"
    "  --all     wait the whole time, print every MAC that answers\n"
    "  -o file   write the answer there\n"
    "  -T        time from the packets' stamps (with iface \"-\")\n"
    "  -S seed   fix the chance\n"
    "  -v, -q    tell more; say nothing but the answer\n"
    "  -V, -h    version; this help\n";

struct query {
	struct query_options o;
	struct query *x;
	struct ip_addr addr;
	bool all;
	struct mac seen[SEEN_MAX]; /* who has answered */
	unsigned nseen;
};

static void
read_options(struct query *q, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"all", no_argument, NULL, OPT_ALL},
	    {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	query_defaults(&q->o, help);
	q->o.count = 3;
	while ((c = getopt_long(
		    argc, argv, "+S:TVc:hm:no:qs:vw:", longs, NULL)) != -1) {
		if (c == OPT_ALL)
			q->all = true;
		else
			query_option(&q->o, c);
	}
	if (argc - optind != 2)
		die_usage("read arguments: an interface and an address are "
			  "wanted");
	if (!q->o.has_wait)
		q->o.wait = q->o.count * NS_PER_SEC;
	query_interface(&q->o, argv[optind]);
	if (parse_addr(argv[optind + 1], &q->addr) != 0 ||
	    !ip_is_host(&q->addr))
		die_usage("read \"%s\": not an address that a host can have",
		    argv[optind + 1]);
	q->o.dst = &q->addr;
}

/* found - one answer: told once for each MAC */
static void
found(struct query *q, const struct mac *mac, uint64_t took)
{
	char text[MAC_TEXT];
	unsigned i;

	for (i = 0; i < q->nseen; i++)
		if (mac_equal(&q->seen[i], mac))
			return;
	if (q->nseen < SEEN_MAX)
		q->seen[q->nseen++] = *mac;
	fprintf(query_text(q->x), "%s\n", mac_text(mac, text));
	if (q->o.level > 0)
		say("%s answered after %llu.%03llu ms", text,
		    (unsigned long long)(took / NS_PER_MS),
		    (unsigned long long)(took % NS_PER_MS / NS_PER_US));
}

/* listen - until a time; OVER, or PACKET when the answer is complete */
static enum query_result
listen_until(struct query *q, uint64_t until, uint64_t asked)
{
	enum query_result r;
	struct mac mac;

	while ((r = query_heard(q->x, &q->addr, until, &mac)) == QUERY_PACKET) {
		found(q, &mac, query_now(q->x) - asked);
		if (!q->all)
			return QUERY_PACKET;
	}
	return r;
}

static void
ask(struct query *q)
{
	uint64_t end = query_after(q->x, q->o.wait), asked, until, i;
	enum query_result r = QUERY_TIMEOUT;

	for (i = 1; i <= q->o.count && r == QUERY_TIMEOUT; i++) {
		asked = query_now(q->x);
		query_ask(q->x, &q->addr);
		until = query_after(q->x, NS_PER_SEC);
		if (until > end || i == q->o.count)
			until = end;
		r = listen_until(q, until, asked);
		if (until == end)
			break;
	}
}

int
main(int argc, char **argv)
{
	static struct query q;
	char text[IP_TEXT];

	die_name(argv[0]);
	read_options(&q, argc, argv);
	q.x = query_open(&q.o);
	query_start(q.x);
	ask(&q);
	if (q.nseen == 0 && q.o.level >= 0 && !query_failed(q.x))
		say("ask for %s: no answer", ip_text(&q.addr, text));
	return query_close(q.x, q.nseen > 0 ? EXIT_DONE : EXIT_NO);
}
