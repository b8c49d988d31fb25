/*
 * icmp-ping - send echo requests, from a phantom's address or the host's own,
 * and print the replies in ping's format.
 *
 * Each request carries a token that only its receiver can know, at the head of
 * its data: a forged reply is not counted. The last 65,536 requests are kept,
 * as many as there are sequence numbers.
 */
#include <errno.h>
#include <string.h>

#include "ask/query.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "opt/rows.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "echo.h"
#include "stats.h"

enum {
	MAX_V4 = 65507,
	MAX_V6 = 65527,
	TIMED = 16, /* bytes of data from which on ping prints times */
	TOKEN = 8,  /* bytes at their head that cannot be guessed */
	SEQS = 65536,
};
#define ASK_AGAIN (5 * NS_PER_SEC) /* silence: is the next hop still there? */

struct request {
	uint64_t number;       /* 0: never used */
	uint64_t at;	       /* when it was sent */
	bool failed, answered; /* by an error, by a reply: or both */
};

struct ping {
	struct query_options o;
	struct query *x;
	struct ip_addr dst;
	char name[IP_TEXT];
	uint64_t interval, deadline, size, ttl;
	bool df;
	uint16_t id;
	uint64_t key[2]; /* of the tokens */
	bool has_hop;
	struct mac hop;
	uint64_t heard; /* the last sign of life */
	uint64_t end;	/* by --deadline, or TIME_NEVER */
	struct stats stats;
	uint64_t both; /* requests that got an error, then a reply */
	struct request request[SEQS];
	uint8_t data[ECHO_HLEN + MAX_V6];
};

/* ---- what is sent ---- */

static void
put_be64(uint8_t *p, uint64_t v)
{
	put_be32(p, (uint32_t)(v >> 32));
	put_be32(p + 4, (uint32_t)v);
}

/* fill - the data of a request: the token, then bytes that count up */
static void
fill(const struct ping *p, uint64_t number, uint8_t *data)
{
	uint8_t no[TOKEN], token[TOKEN];
	uint64_t hash;
	size_t i;

	put_be64(no, number);
	hash = hash_keyed(p->key, no, sizeof(no));
	put_be64(token, hash);
	for (i = 0; i < p->size; i++)
		data[i] = (uint8_t)i;
	memcpy(data, token, p->size < TOKEN ? p->size : TOKEN);
}

/* trouble - a line about one request, not from afar */
static void
trouble(struct ping *p, uint16_t seq, const char *what)
{
	char text[IP_TEXT];

	p->stats.errors++;
	if (p->o.level >= 0)
		fprintf(query_text(p->x), "From %s icmp_seq=%u %s\n",
		    ip_text(query_source(p->x), text), seq, what);
}

/* find_hop - its MAC, and once more after a silence; OVER, or go on */
static enum query_result
find_hop(struct ping *p)
{
	uint64_t now = query_now(p->x);
	uint64_t until = query_after(p->x, p->o.wait);
	enum query_result r;

	if (p->has_hop &&
	    (p->stats.sent == p->stats.received || now - p->heard < ASK_AGAIN))
		return QUERY_PACKET;
	r = query_next_hop(
	    p->x, &p->dst, until < p->end ? until : p->end, &p->hop);
	p->has_hop = r == QUERY_PACKET;
	p->heard = query_now(p->x);
	return r;
}

static enum query_result
send_one(struct ping *p)
{
	struct ip_hdr ip = {.src = *query_source(p->x),
	    .dst = p->dst,
	    .ttl = (uint8_t)p->ttl,
	    .df = p->df,
	    .v6 = !ip_is_v4(&p->dst)};
	uint64_t number = p->stats.sent + 1;
	struct request *q = &p->request[number % SEQS];
	enum query_result r = find_hop(p);
	char what[64];

	if (r == QUERY_OVER)
		return r;
	p->stats.sent = number;
	*q = (struct request){.number = number, .at = query_now(p->x)};
	if (number == 1)
		p->stats.first = q->at;
	p->stats.last = q->at;
	if (r == QUERY_TIMEOUT) {
		q->failed = true;
		trouble(p, (uint16_t)number,
		    ip.v6 ? "Destination unreachable: Address unreachable"
			  : "Destination Host Unreachable");
		return QUERY_PACKET;
	}
	ip.proto = ip.v6 ? PROTO_ICMP6 : PROTO_ICMP;
	ip.id = (uint32_t)chance_u64(query_chance(p->x));
	fill(p, number, p->data + ECHO_HLEN);
	echo_encode(p->data, p->size, &ip, p->id, (uint16_t)number);
	if (query_send_ip(p->x, &p->hop, &ip, p->data, ECHO_HLEN + p->size) ==
	    0)
		return QUERY_PACKET;
	q->failed = true;
	snprintf(
	    what, sizeof(what), "message too long, mtu=%u", query_mtu(p->x));
	trouble(p, (uint16_t)number, what);
	return QUERY_PACKET;
}

/* ---- what is received ---- */

/* find - the request of this number of 16 bits; NULL: there was none */
static struct request *
find(struct ping *p, const struct echo *e)
{
	struct request *q = &p->request[e->seq];

	return e->id == p->id && q->number != 0 ? q : NULL;
}

static bool
is_for_all(const struct ip_addr *a)
{
	return ip_is_multicast(a) || !ip_is_host(a);
}

/* first_wrong - the place of the first byte that is not as sent, or n */
static size_t
first_wrong(const uint8_t *want, const uint8_t *got, size_t n)
{
	size_t i = 0;

	while (i < n && want[i] == got[i])
		i++;
	return i;
}

static void
tell_reply(struct ping *p, const struct query_packet *pkt, const struct echo *e,
    uint64_t took, bool again, size_t wrong)
{
	char text[IP_TEXT], time[STATS_TIME];
	FILE *f = query_text(p->x);

	if (p->o.level < 0)
		return;
	fprintf(f, "%zu bytes from %s: icmp_seq=%u ttl=%u", e->n + ECHO_HLEN,
	    ip_text(&pkt->ip.src, text), e->seq, pkt->ip.ttl);
	if (p->size >= TIMED)
		fprintf(f, " time=%s", stats_time(took, time));
	if (again)
		fputs(" (DUP!)", f);
	if (e->n < p->size)
		fputs(" (truncated)", f);
	if (wrong < e->n && wrong < p->size)
		fprintf(f, "\nwrong data byte #%zu should be 0x%x but was 0x%x",
		    wrong, p->data[ECHO_HLEN + wrong], e->data[wrong]);
	fputc('\n', f);
}

static void
take_reply(struct ping *p, const struct query_packet *pkt, const struct echo *e)
{
	struct request *q = find(p, e);
	uint64_t now = query_now(p->x);
	size_t n = e->n < p->size ? e->n : p->size, wrong;
	bool again;

	if (q == NULL ||
	    (!is_for_all(&p->dst) && !ip_equal(&pkt->ip.src, &p->dst)))
		return;
	fill(p, q->number, p->data + ECHO_HLEN);
	wrong = first_wrong(p->data + ECHO_HLEN, e->data, n);
	if (wrong < TOKEN && wrong < p->size) {
		if (p->o.level > 0)
			say("icmp_seq=%u: a reply without the request's data",
			    e->seq);
		return;
	}
	again = q->answered;
	p->heard = p->stats.last = now;
	q->answered = true;
	if (again)
		p->stats.duplicates++;
	else
		p->stats.received++;
	p->both += q->failed && !again;
	if (wrong < n || e->n != p->size)
		p->stats.corrupted++;
	if (p->size >= TIMED)
		stats_trip(&p->stats, now - q->at);
	tell_reply(p, pkt, e, now - q->at, again, wrong);
}

static void
take_error(struct ping *p, const struct query_packet *pkt, const struct echo *e)
{
	char text[IP_TEXT], what[ECHO_TEXT];
	struct request *q = find(p, e);

	if (q == NULL || q->answered || q->failed ||
	    !ip_equal(&e->dst, &p->dst) ||
	    !ip_equal(&e->src, query_source(p->x)))
		return;
	q->failed = true;
	p->heard = p->stats.last = query_now(p->x);
	p->stats.errors++;
	if (p->o.level >= 0)
		fprintf(query_text(p->x), "From %s icmp_seq=%u %s\n",
		    ip_text(&pkt->ip.src, text), e->seq,
		    echo_error(pkt->ip.v6, e, what));
}

static void
take(struct ping *p, const struct query_packet *pkt)
{
	struct echo e;

	switch (echo_decode(&pkt->ip, pkt->data, pkt->n, &e)) {
	case ECHO_REPLY:
		take_reply(p, pkt, &e);
		break;
	case ECHO_ERROR:
		take_error(p, pkt, &e);
		break;
	case ECHO_OTHER:
	case ECHO_DAMAGED:
		break;
	}
}

/* ---- the loop ---- */

/* is_complete - all requests are sent and have got what they get */
static bool
is_complete(const struct ping *p)
{
	return p->o.count != 0 && p->stats.sent >= p->o.count &&
	       p->stats.received + p->stats.errors - p->both >= p->o.count;
}

static void
run(struct ping *p)
{
	enum query_result r = QUERY_PACKET;
	struct query_packet pkt;
	uint64_t next = query_now(p->x), until;
	bool more;

	p->end = p->deadline == 0 ? TIME_NEVER : query_after(p->x, p->deadline);
	while (r != QUERY_OVER && !is_complete(p)) {
		more = p->o.count == 0 ? !query_ended(p->x)
				       : p->stats.sent < p->o.count;
		if (more && query_now(p->x) >= next) {
			r = send_one(p);
			next = query_after(p->x, p->interval);
			if (p->stats.sent == p->o.count)
				next = query_after(p->x, p->o.wait);
			continue;
		}
		until = next < p->end ? next : p->end;
		r = query_recv(p->x, until, &pkt);
		if (r == QUERY_PACKET)
			take(p, &pkt);
		else if (until == p->end || !more)
			break;
	}
}

static void
on_summary(void *ctx)
{
	const struct ping *p = ctx;
	char line[128];

	stats_line(&p->stats, line, sizeof(line));
	say("%s", line);
}

static void
print_head(const struct ping *p)
{
	FILE *f = query_text(p->x);
	bool v6 = !ip_is_v4(&p->dst);
	char text[IP_TEXT];

	fprintf(f, "PING %s%s(%s) ", p->name, v6 ? "" : " ", p->name);
	if (p->o.has_src)
		fprintf(f, "from %s : ", ip_text(&p->o.src, text));
	fprintf(f, "%llu", (unsigned long long)p->size);
	if (v6)
		fputs(" data bytes\n", f);
	else
		fprintf(f, "(%llu) bytes of data.\n",
		    (unsigned long long)p->size + 28);
}

/* ---- the command line ---- */

#define OPT_BASE struct ping

static const struct opt table[] = {
    {LETTER('c', "count"), NUM(o.count), RANGE(1, UINT32_MAX),
	.text = "send this many requests (default: until a signal)"},
    {LETTER('i', "time"), TIME(interval), .min = NS_PER_MS,
	.text = "time between two requests, in seconds (1)"},
    {BOTH('b', "size", "bytes"), NUM(size), RANGE(0, MAX_V6),
	.text = "data of a request (56)"},
    {NAME("deadline", "time"), TIME(deadline), .min = NS_PER_MS,
	.text = "end after this time, whatever has come"},
    {NAME("ttl", "n"), NUM(ttl), RANGE(1, 255),
	.text = "time to live, or hop limit (64)"},
    {NAME("df", NULL), FLAG(df), .text = "do not fragment"},
    {0},
};

static void
read_options(struct ping *p, int argc, char **argv)
{
	static const char *const usage[] = {"[options] iface addr", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Send ICMP echo requests, IPv4 or IPv6, and print the "
		     "replies.\n"
		     "iface \"-\": the packet stream on stdin and stdout.\n",
	    .first_word_ends = true,
	    .table = {{table, p}, {query_opt_source, &p->o},
		{query_opt_hop, &p->o}, {query_opt_common, &p->o}},
	};
	int i;

	query_defaults(&p->o);
	p->interval = NS_PER_SEC;
	p->size = 56;
	p->ttl = 64;
	i = opt_parse(&program, argc, argv);
	query_interface(&p->o, i++, argc, argv);
	if (i == argc)
		die_usage("missing address");
	if (parse_addr(argv[i], &p->dst) != 0 || ip_is_unspecified(&p->dst) ||
	    ip_is_loopback(&p->dst))
		die_usage("%s: not an address that can be asked", argv[i]);
	opt_no_more(i + 1, argc, argv);
	if (ip_is_v4(&p->dst) && p->size > MAX_V4)
		die_usage("-b: IPv4 takes no more than %d", MAX_V4);
	ip_text(&p->dst, p->name);
	p->o.dst = &p->dst;
	p->o.summary = on_summary;
	p->o.ctx = p;
}

int
main(int argc, char **argv)
{
	static struct ping p;

	die_start(argv);
	read_options(&p, argc, argv);
	p.x = query_open(&p.o);
	query_start(p.x);
	p.id = (uint16_t)chance_u64(query_chance(p.x));
	p.key[0] = chance_u64(query_chance(p.x));
	p.key[1] = chance_u64(query_chance(p.x));
	print_head(&p);
	run(&p);
	stats_print(&p.stats, query_text(p.x), p.name);
	return query_close(p.x, p.stats.received > 0 ? EXIT_DONE : EXIT_NO);
}
