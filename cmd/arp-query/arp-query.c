/*
 * arp-query - the MAC of an address: by ARP (RFC 826) for IPv4, by Neighbor
 * Solicitation (RFC 4861) for IPv6.
 */
#include "ask/query.h"
#include "base/clock.h"
#include "base/die.h"
#include "opt/rows.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum { SEEN_MAX = 64 };

struct arp_query {
	struct query_options o;
	struct query *x;
	struct ip_addr addr;
	bool all;
	struct mac seen[SEEN_MAX]; /* the hosts that have answered */
	unsigned nseen;
};

#define OPT_BASE struct arp_query

static void
read_options(struct arp_query *q, int argc, char **argv)
{
	static const char *const usage[] = {"[options] iface addr", NULL};
	static const struct opt table[] = {
	    {LETTER('c', "count"), NUM(o.count), RANGE(1, UINT32_MAX),
		.text = "send at most this many requests, a second apart (3)"},
	    {NAME("all", NULL), FLAG(all),
		.text = "wait the whole time, print every MAC that answers"},
	    {0},
	};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Print the MAC of an address: by ARP, or by Neighbor "
		     "Solicitation (IPv6).\n"
		     "iface \"-\": the packet stream on stdin and stdout.\n",
	    .first_word_ends = true,
	    .table = {{table, q}, {query_opt_source, &q->o},
		{query_opt_common, &q->o}},
	};
	int i;

	query_defaults(&q->o);
	q->o.count = 3;
	i = opt_parse(&program, argc, argv);
	query_interface(&q->o, i++, argc, argv);
	if (i == argc)
		die_usage("missing address");
	if (parse_addr(argv[i], &q->addr) != 0 || !ip_is_host(&q->addr))
		die_usage("%s: not an address that a host can have", argv[i]);
	opt_no_more(i + 1, argc, argv);
	if (!q->o.has_wait)
		q->o.wait = q->o.count * NS_PER_SEC;
	q->o.dst = &q->addr;
}

/* found - one answer: printed once for each MAC */
static void
found(struct arp_query *q, const struct mac *mac, uint64_t took)
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
listen_until(struct arp_query *q, uint64_t until, uint64_t asked)
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
ask(struct arp_query *q)
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
	static struct arp_query q;
	char text[IP_TEXT];

	die_start(argv);
	read_options(&q, argc, argv);
	q.x = query_open(&q.o);
	query_start(q.x);
	ask(&q);
	if (q.nseen == 0 && q.o.level >= 0 && !query_failed(q.x))
		say("ask for %s: no answer", ip_text(&q.addr, text));
	return query_close(q.x, q.nseen > 0 ? EXIT_DONE : EXIT_NO);
}
