/*
 * ask_udp.c - the question over UDP (RFC 1035 4.2.1, RFC 5452), see ask.h.
 *
 * All tries have the same port and id, so that a late answer to the first
 * counts, and a liar gets no second pair to guess. The last of several is
 * without EDNS.
 */
#include <string.h>

#include "ask/query.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "wire/ether.h"
#include "wire/icmp_quote.h"
#include "wire/ip.h"
#include "wire/udp.h"

#include "ask.h"
#include "dname.h"
#include "message.h"

enum {
	PORT_LEAST = 1024,
	TTL = 64,
	ICMP_UNREACHABLE = 3,
	ICMP6_UNREACHABLE = 1,
};

uint16_t
ask_port(struct ask *a)
{
	return (uint16_t)(PORT_LEAST +
			  chance_below(query_chance(a->x), 65536 - PORT_LEAST));
}

uint16_t
ask_id(struct ask *a)
{
	return (uint16_t)chance_below(query_chance(a->x), 65536);
}

/* one run of tries */
struct run {
	struct ask *a;
	uint16_t port, id;
	uint8_t datagram[UDP_HLEN + DNS_QUERY_MAX];
	size_t len;
};

/* quotes - are these the beginnings of our own packet? */
static bool
quotes(const struct run *r, const uint8_t *p, size_t n)
{
	const struct ip_addr *src = query_source(r->a->x);
	struct icmp_quote q;

	return icmp_quote_decode(!ip_is_v4(src), p, n, &q) == 0 &&
	       q.proto == PROTO_UDP && q.n >= 4 && ip_equal(&q.src, src) &&
	       ip_equal(&q.dst, &r->a->server) && get_be16(q.data) == r->port &&
	       get_be16(q.data + 2) == r->a->port;
}

/* is_unreachable - RFC 792, RFC 4443 3.1: nothing takes our question */
static bool
is_unreachable(const struct run *r, const struct query_packet *p)
{
	return p->ip.proto == (p->ip.v6 ? PROTO_ICMP6 : PROTO_ICMP) &&
	       p->n > ICMP_HLEN &&
	       ip_cksum(&p->ip.src, &p->ip.dst, p->ip.proto, p->data, p->n) ==
		   0 &&
	       p->data[0] ==
		   (p->ip.v6 ? ICMP6_UNREACHABLE : ICMP_UNREACHABLE) &&
	       quotes(r, p->data + ICMP_HLEN, p->n - ICMP_HLEN);
}

/* take - what a packet is to us; OTHER also when it is from elsewhere */
static enum dns_match
take(struct run *r, const struct query_packet *p)
{
	struct ask *a = r->a;
	struct udp u;
	enum dns_match m;

	if (p->ip.proto != PROTO_UDP || udp_decode(&p->ip, p->data, p->n, &u) ||
	    !ip_equal(&p->ip.src, &a->server) || u.sport != a->port ||
	    u.dport != r->port)
		return DNS_OTHER;
	m = dns_check(u.data, u.n, a->question, r->id, &a->h, &a->e);
	if (m == DNS_ANSWERED || m == DNS_CUT) {
		memcpy(a->msg, u.data, u.n);
		a->len = u.n;
	}
	return m;
}

/* one_try - until the answer, or the end of its time */
static enum ask_result
one_try(struct run *r, struct ip_hdr *ip)
{
	struct ask *a = r->a;
	enum ask_result bad = ASK_SILENCE;
	uint64_t end = query_after(a->x, a->wait);
	uint64_t begin = query_now(a->x);
	struct query_packet p;
	enum query_result got;

	query_send_ip(a->x, &a->to, ip, r->datagram, r->len);
	while ((got = query_recv(a->x, end, &p)) == QUERY_PACKET) {
		if (is_unreachable(r, &p))
			return ASK_UNREACHABLE;
		switch (take(r, &p)) {
		case DNS_ANSWERED:
			a->took = query_now(a->x) - begin;
			return ASK_ANSWERED;
		case DNS_CUT:
			return ASK_CUT;
		case DNS_MALFORMED:
			bad = ASK_MALFORMED;
			break;
		case DNS_OTHER:
			a->ignored++;
			break;
		}
	}
	return got == QUERY_OVER ? ASK_OVER : bad;
}

static void
write_query(struct run *r)
{
	struct ask *a = r->a;
	uint8_t query[DNS_QUERY_MAX];
	size_t n = dns_query(a->question, r->id, a->recurse, a->edns, query);

	r->len = udp_encode(query_source(a->x), &a->server, r->port, a->port,
	    query, n, r->datagram);
}

enum ask_result
ask_udp(struct ask *a)
{
	struct run r = {.a = a, .port = ask_port(a), .id = ask_id(a)};
	const struct ip_addr *src = query_source(a->x);
	struct ip_hdr ip = {.src = *src,
	    .dst = a->server,
	    .proto = PROTO_UDP,
	    .ttl = TTL,
	    .v6 = !ip_is_v4(src)};
	enum ask_result got = ASK_SILENCE, bad = ASK_SILENCE;
	unsigned i;

	write_query(&r);
	a->tcp = false;
	for (i = 0; i < a->tries; i++) {
		/* RFC 6891 7: something on the way may drop EDNS */
		if (i > 0 && i == a->tries - 1 && bad == ASK_SILENCE &&
		    a->edns > 0) {
			a->edns = 0;
			write_query(&r);
		}
		ip.id = (uint32_t)chance_below(query_chance(a->x), 65536);
		got = one_try(&r, &ip);
		if (got == ASK_ANSWERED || got == ASK_CUT || got == ASK_OVER)
			return got;
		if (got != ASK_SILENCE)
			bad = got;
	}
	return bad;
}
