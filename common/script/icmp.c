/*
 * icmp.c - ICMP errors about segments of ours.
 *
 *	unreachable frag_needed mtu 1400 [1:1461(1460)] WORDS
 *
 * The bracket is the segment of ours that the error quotes. WORDS: from ADDR,
 * badsum, quote N (bytes quoted), port N, qsrc ADDR, qdst ADDR, proto N, qoff
 * N (fragment offset), qlen N (its IP length), group, type N, code N.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "script/seg.h"

enum { QUOTE4 = 28, QUOTE6 = 60 };

static const struct icmp_name {
	const char *word;
	uint8_t type[2], code[2]; /* v4, v6; any code, where "unreachable" is
				     not in the word */
} names[] = {
    {"unreachable net", {3, 1}, {0, 0}},
    {"unreachable host", {3, 1}, {1, 3}},
    {"unreachable protocol", {3, 4}, {2, 1}},
    {"unreachable port", {3, 1}, {3, 4}},
    {"unreachable frag_needed", {3, 2}, {4, 0}},
    {"unreachable source_route", {3, 1}, {5, 2}},
    {"unreachable prohibited", {3, 1}, {13, 1}},
    {"too_big", {3, 2}, {4, 0}},
    {"source_quench", {4, 4}, {0, 0}},
    {"redirect", {5, 137}, {0, 0}},
    {"echo", {8, 128}, {0, 0}},
    {"echo_reply", {0, 129}, {0, 0}},
    {"time_exceeded", {11, 3}, {0, 0}},
    {"parameter", {12, 4}, {0, 0}},
};

struct icmp {
	unsigned type, code, mtu, quote, proto, qoff, qlen, port;
	uint32_t seq, len;
	char from[48], qsrc[48], qdst[48];
	bool badsum, group;
	bool coded, quotes; /* the code, the segment are given */
};

static size_t
put_address(
    const struct ends *e, const char *text, const uint8_t *own, uint8_t *p)
{
	size_t n = e->v6 ? 16 : 4;

	memcpy(p, own, n);
	if (text[0] != '\0')
		inet_pton(e->v6 ? AF_INET6 : AF_INET, text, p);
	return n;
}

/* the content of an IP header */
struct ip_text {
	const char *src, *dst; /* "": as below */
	const uint8_t *from, *to;
	unsigned proto;
};

/* put_ip - header for n bytes of payload; returns its length */
static size_t
put_ip(const struct ends *e, uint8_t *p, const struct ip_text *t, size_t n)
{
	size_t hlen = e->v6 ? 40 : 20;

	memset(p, 0, hlen);
	p[0] = e->v6 ? 0x60 : 0x45;
	if (e->v6) {
		put_be16(p + 4, (uint16_t)n);
		p[6] = (uint8_t)t->proto;
		p[7] = 64;
		put_address(e, t->src, t->from, p + 8);
		put_address(e, t->dst, t->to, p + 24);
		return hlen;
	}
	put_be16(p + 2, (uint16_t)(hlen + n));
	p[8] = 64;
	p[9] = (uint8_t)t->proto;
	put_address(e, t->src, t->from, p + 12);
	put_address(e, t->dst, t->to, p + 16);
	put_be16(p + 10, (uint16_t)~sum16(0, p, hlen));
	return hlen;
}

static size_t
put_ether(const struct ends *e, uint8_t *p, bool group)
{
	memcpy(p, e->us_mac, 6);
	if (group)
		memset(p, 0xff, 6);
	memcpy(p + 6, e->router_mac, 6);
	put_be16(p + 12, e->v6 ? 0x86dd : 0x0800);
	return 14;
}

/* ---- errors ---- */

static bool
text_word(const char **t, const char *w, char buf[48])
{
	int n = 0;

	if (!take_word(t, w) || sscanf(*t, " %47[^ \t]%n", buf, &n) != 1)
		return false;
	*t += n;
	return true;
}

static bool
bracket(const char **t, struct icmp *m)
{
	int bad = 0;

	*t += strspn(*t, " \t");
	if (**t != '[')
		return false;
	(*t)++;
	m->seq = parse_u32(t, &bad);
	*t += **t == ':';
	m->len = parse_u32(t, &bad) - m->seq;
	m->quotes = true;
	*t += strcspn(*t, "]");
	if (**t == ']')
		(*t)++;
	else
		bad = 1;
	return !bad;
}

static bool
parse_icmp(const char *t, bool v6, struct icmp *m)
{
	size_t i, n = sizeof(names) / sizeof(names[0]);

	memset(m, 0, sizeof(*m));
	m->proto = 6;
	m->port = PEER_PORT;
	m->quote = v6 ? QUOTE6 : QUOTE4;
	for (i = 0; i < n; i++) {
		if (!take_word(&t, names[i].word))
			continue;
		m->type = names[i].type[v6];
		m->code = names[i].code[v6];
		m->coded = strncmp(names[i].word, "unr", 3) == 0;
		break;
	}
	for (t += strspn(t, " \t"); *t != '\0'; t += strspn(t, " \t")) {
		if (take_word(&t, "badsum"))
			m->badsum = true;
		else if (take_word(&t, "group"))
			m->group = true;
		else if (take_number(&t, "code", &m->code))
			m->coded = true;
		else if (!take_number(&t, "type", &m->type) &&
			 !take_number(&t, "mtu", &m->mtu) &&
			 !take_number(&t, "quote", &m->quote) &&
			 !take_number(&t, "proto", &m->proto) &&
			 !take_number(&t, "qoff", &m->qoff) &&
			 !take_number(&t, "qlen", &m->qlen) &&
			 !take_number(&t, "port", &m->port) &&
			 !text_word(&t, "from", m->from) &&
			 !text_word(&t, "qsrc", m->qsrc) &&
			 !text_word(&t, "qdst", m->qdst) && !bracket(&t, m))
			return false;
	}
	return true;
}

/* put_quote - the segment of ours as it was when a router refused it */
static void
put_quote(const struct ends *e, const struct icmp *m, uint8_t *p, uint32_t iss)
{
	struct ip_text t = {m->qsrc, m->qdst, e->us, e->peer, m->proto};
	size_t n;

	memset(p, 0, 100);
	n = put_ip(e, p, &t,
	    m->qlen > 0 ? m->qlen - (e->v6 ? 40u : 20u) : 20 + m->len);
	if (!e->v6) {
		put_be16(p + 6, (uint16_t)(0x4000 | m->qoff / 8));
		p[8] = 61; /* so its checksum is another one: left as it is */
	}
	put_be16(p + n, e->lport);
	put_be16(p + n + 2, ends_port(e, (uint16_t)m->port));
	put_be32(p + n + 4, iss + m->seq);
	p[n + 12] = 0x50;
	p[n + 13] = F_ACK;
}

size_t
icmp_build(
    const char *text, const struct ends *e, struct flow *flows, uint8_t p[1600])
{
	struct ip_text t = {.dst = "", .from = e->router, .to = e->us};
	uint32_t sum = 0;
	uint8_t *ip, *icmp;
	struct icmp m;
	size_t n;

	if (!parse_icmp(text, e->v6, &m) || m.quote > 1400)
		return 0;
	memset(p, 0, 1600);
	t.src = m.from;
	t.proto = e->v6 ? 58 : 1;
	ip = p + put_ether(e, p, m.group);
	n = 8 + m.quote;
	icmp = ip + put_ip(e, ip, &t, n);
	put_quote(e, &m, icmp + 8, flow_of(flows, OUR_PORT, PEER_PORT)->iss);
	icmp[0] = (uint8_t)m.type;
	icmp[1] = (uint8_t)m.code;
	put_be32(icmp + 4, m.mtu);
	if (e->v6)
		sum = sum16(58 + (unsigned)n, ip + 8, 32);
	put_be16(icmp + 2, (uint16_t)~sum16(sum, icmp, n));
	if (m.badsum)
		icmp[3] ^= 1;
	return (size_t)(icmp - p) + n;
}

bool
icmp_known(const char *text)
{
	struct icmp m;

	return strcmp(text, "*") == 0 ||
	       (parse_icmp(text, false, &m) && m.quote <= 1400);
}

/* ---- from the device ---- */

/* quoted - the packet that an error quotes; NULL: it is no error, or short */
static const uint8_t *
quoted(const uint8_t *p, size_t n, bool v6)
{
	bool error = v6 ? p[0] < 128
			: p[0] == 3 || p[0] == 4 || p[0] == 5 || p[0] == 11 ||
			      p[0] == 12;

	return error && n >= (v6 ? 8 + 40 + 8 : 8 + 20 + 8) ? p + 8 : NULL;
}

/* quoted_tcp - the first bytes of the TCP header in it; NULL: it has none */
static const uint8_t *
quoted_tcp(const uint8_t *ip, bool v6)
{
	if (v6)
		return ip[6] == 6 ? ip + 40 : NULL;
	return ip[9] == 6 && ip[0] == 0x45 && (get_be16(ip + 6) & 0x1fff) == 0
		   ? ip + 20
		   : NULL;
}

bool
icmp_is_of(const uint8_t *p, size_t n, const struct ends *e)
{
	size_t at = e->v6 ? 8 : 12, alen = e->v6 ? 16 : 4;
	const uint8_t *ip, *tcp;

	if (n < 8)
		return false;
	ip = quoted(p, n, e->v6);
	if (ip == NULL)
		return true;
	tcp = quoted_tcp(ip, e->v6);
	return memcmp(ip + at, e->peer, alen) == 0 &&
	       (tcp == NULL || (uint16_t)(get_be16(tcp) - e->rport) < 16);
}

/* name_of - of this message; NULL: it has none here */
static const char *
name_of(const uint8_t *p, bool v6)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool coded = strncmp(names[i].word, "unr", 3) == 0;

		if (names[i].type[v6] == p[0] &&
		    (!coded || names[i].code[v6] == p[1]))
			return names[i].word;
	}
	return NULL;
}

void
icmp_format(const uint8_t *p, size_t n, const struct ends *e,
    const struct flow *f, char *buf, size_t cap)
{
	const uint8_t *ip = quoted(p, n, e->v6), *tcp;
	const char *name = name_of(p, e->v6);
	int len;

	if (name != NULL)
		len = snprintf(buf, cap, "icmp %s code %u", name, p[1]);
	else
		len = snprintf(buf, cap, "icmp type %u code %u", p[0], p[1]);
	tcp = ip != NULL ? quoted_tcp(ip, e->v6) : NULL;
	if (tcp != NULL && (size_t)len < cap)
		snprintf(buf + len, cap - (size_t)len, " [%d]",
		    (int)(get_be32(tcp + 4) - f->irs));
}

bool
icmp_same(const char *text, const uint8_t *p, size_t n, const struct ends *e,
    const struct flow *f)
{
	const uint8_t *ip = quoted(p, n, e->v6), *tcp;
	struct icmp m;

	if (strcmp(text, "*") == 0)
		return true;
	if (!parse_icmp(text, e->v6, &m) || m.type != p[0] ||
	    (m.coded && m.code != p[1]) ||
	    (m.mtu != 0 && m.mtu != get_be32(p + 4)))
		return false;
	if (!m.quotes)
		return true;
	tcp = ip != NULL ? quoted_tcp(ip, e->v6) : NULL;
	return tcp != NULL && get_be32(tcp + 4) - f->irs == m.seq;
}
