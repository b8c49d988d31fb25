/*
 * icmp.c - frames that are no TCP segments: ICMP errors, and pieces of
 * segments that the network has cut.
 *
 *	< icmp unreachable frag_needed mtu 1400 [1:1461(1460)] WORDS
 *	< piece 0:1480 WORDS of . 1:2001(2000) ack 1
 *
 * The bracket is the segment of ours that the error quotes. WORDS of an
 * error: from ADDR, badsum, quote N (bytes quoted), port N, qsrc ADDR, qdst
 * ADDR, proto N, qoff N (fragment offset), qlen N (its IP length), group. Of
 * a piece, which is bytes A to B of the segment with its header: id N, at N
 * (another offset), more, last, xor (damaged), udp, dstopts (v6: an
 * extension header in front), option N (in it, instead of padding), overrun
 * (it is longer than the header), nested (v6: a second fragment header), tos N.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "run.h"

enum { QUOTE4 = 28, QUOTE6 = 60 };

static const struct {
	const char *word;
	uint8_t type[2], code[2]; /* v4, v6 */
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
};

struct piece {
	unsigned a, b, at, id, tos, option;
	int more; /* -1: as it is */
	bool xor, udp, dstopts, overrun, nested;
};

static unsigned
fold(uint32_t sum, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		sum += i % 2 == 0 ? (unsigned)p[i] << 8 : p[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static size_t
address(const struct run *r, const char *text, bool us, uint8_t *p)
{
	const char *own = us ? (r->v6 ? "2001:db8::5" : "10.0.0.5")
			     : (r->v6 ? "2001:db8::9" : "10.0.0.9");

	inet_pton(r->v6 ? AF_INET6 : AF_INET, text[0] ? text : own, p);
	return r->v6 ? 16 : 4;
}

/* put_ip - header for n bytes of payload; returns its length */
static size_t
put_ip(const struct run *r, uint8_t *p, const char *src, bool src_us,
    const char *dst, unsigned proto, size_t n)
{
	size_t hlen = r->v6 ? 40 : 20;

	memset(p, 0, hlen);
	p[0] = r->v6 ? 0x60 : 0x45;
	if (r->v6) {
		put_be16(p + 4, (uint16_t)n);
		p[6] = (uint8_t)proto;
		p[7] = 64;
		address(r, src, src_us, p + 8);
		address(r, dst, !src_us, p + 24);
		return hlen;
	}
	put_be16(p + 2, (uint16_t)(hlen + n));
	p[8] = 64;
	p[9] = (uint8_t)proto;
	address(r, src, src_us, p + 12);
	address(r, dst, !src_us, p + 16);
	put_be16(p + 10, (uint16_t)~fold(0, p, hlen));
	return hlen;
}

static size_t
put_ether(const struct run *r, uint8_t *p, bool group)
{
	static const uint8_t router[6] = {0x02, 0xaa, 0, 0, 0, 0x01};
	uint8_t us[16];
	size_t n = address(r, "", true, us);

	p[0] = 0x02;
	p[1] = 0x50;
	memcpy(p + 2, us + n - 4, 4);
	if (group)
		memset(p, 0xff, 6);
	memcpy(p + 6, router, 6);
	put_be16(p + 12, r->v6 ? 0x86dd : 0x0800);
	return 14;
}

/* ---- errors ---- */

/* word - the next word of *t is w: eat it */
static bool
word(const char **t, const char *w)
{
	size_t n = strlen(w);

	*t += strspn(*t, " \t");
	if (strncmp(*t, w, n) != 0 || strchr(" \t[", (*t)[n]) == NULL)
		return false;
	*t += n;
	return true;
}

static bool
number(const char **t, const char *w, unsigned *n)
{
	int bad = 0;

	if (!word(t, w))
		return false;
	*n = parse_u32(t, &bad);
	return !bad;
}

static bool
text_word(const char **t, const char *w, char buf[48])
{
	int n = 0;

	if (!word(t, w) || sscanf(*t, " %47[^ \t]%n", buf, &n) != 1)
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
	for (i = 0; i < n && !word(&t, names[i].word); i++)
		;
	if (i < n) {
		m->type = names[i].type[v6];
		m->code = names[i].code[v6];
	}
	for (t += strspn(t, " \t"); *t != '\0'; t += strspn(t, " \t")) {
		if (word(&t, "badsum"))
			m->badsum = true;
		else if (word(&t, "group"))
			m->group = true;
		else if (!number(&t, "type", &m->type) &&
			 !number(&t, "code", &m->code) &&
			 !number(&t, "mtu", &m->mtu) &&
			 !number(&t, "quote", &m->quote) &&
			 !number(&t, "proto", &m->proto) &&
			 !number(&t, "qoff", &m->qoff) &&
			 !number(&t, "qlen", &m->qlen) &&
			 !number(&t, "port", &m->port) &&
			 !text_word(&t, "from", m->from) &&
			 !text_word(&t, "qsrc", m->qsrc) &&
			 !text_word(&t, "qdst", m->qdst) && !bracket(&t, m))
			return false;
	}
	return true;
}

/* put_quote - the segment of ours as it was when a router refused it */
static void
put_quote(const struct run *r, const struct icmp *m, uint8_t *p, uint32_t iss)
{
	size_t n;

	memset(p, 0, 100);
	n = put_ip(r, p, m->qsrc, true, m->qdst, m->proto,
	    m->qlen > 0 ? m->qlen - (r->v6 ? 40u : 20u) : 20 + m->len);
	if (!r->v6) {
		put_be16(p + 6, (uint16_t)(0x4000 | m->qoff / 8));
		p[8] = 61; /* so its checksum is another one: left as it is */
	}
	put_be16(p + n, OUR_PORT);
	put_be16(p + n + 2, (uint16_t)m->port);
	put_be32(p + n + 4, iss + m->seq);
	p[n + 12] = 0x50;
	p[n + 13] = F_ACK;
}

bool
run_icmp(struct run *r, const struct when *w, const char *text, bool flush)
{
	uint8_t p[1600] = {0}, *ip, *icmp;
	uint32_t sum = 0;
	struct icmp m;
	size_t n;

	if (!parse_icmp(text, r->v6, &m) || m.quote > 1400)
		return fail(r, "cannot read: icmp %s", text);
	if (!move_to(r, w))
		return false;
	if (m.from[0] == '\0')
		strcpy(m.from, r->v6 ? "2001:db8::1" : "10.0.0.1");
	ip = p + put_ether(r, p, m.group);
	n = 8 + m.quote;
	icmp = ip + put_ip(r, ip, m.from, false, "", r->v6 ? 58 : 1, n);
	put_quote(r, &m, icmp + 8,
	    flow_of(r->flows, OUR_PORT, (uint16_t)PEER_PORT)->iss);
	icmp[0] = (uint8_t)m.type;
	icmp[1] = (uint8_t)m.code;
	put_be32(icmp + 4, m.mtu);
	if (r->v6)
		sum = fold(58 + (uint32_t)n, ip + 8, 32);
	put_be16(icmp + 2, (uint16_t)~fold(sum, icmp, n));
	if (m.badsum)
		icmp[3] ^= 1;
	return feed(r, p, (size_t)(icmp - p) + n, flush);
}

/* ---- pieces ---- */

static bool
parse_piece(const char **t, struct piece *f)
{
	int bad = 0;

	memset(f, 0, sizeof(*f));
	f->more = -1;
	f->option = 1; /* PadN */
	f->id = 7;
	f->a = f->at = parse_u32(t, &bad);
	*t += **t == ':';
	if (**t == '*') {
		f->b = UINT32_MAX;
		(*t)++;
	} else {
		f->b = parse_u32(t, &bad);
	}
	while (!bad && !word(t, "of")) {
		if (word(t, "more"))
			f->more = 1;
		else if (word(t, "last"))
			f->more = 0;
		else if (word(t, "xor"))
			f->xor = true;
		else if (word(t, "udp"))
			f->udp = true;
		else if (word(t, "dstopts"))
			f->dstopts = true;
		else if (word(t, "nested"))
			f->nested = true;
		else if (word(t, "overrun"))
			f->overrun = true;
		else if (!number(t, "option", &f->option) &&
			 !number(t, "id", &f->id) && !number(t, "at", &f->at) &&
			 !number(t, "tos", &f->tos))
			return false;
	}
	return !bad && f->a <= f->b;
}

/* put_headers - what comes before the bytes of a v6 piece */
static size_t
put_headers(uint8_t *p, const struct piece *f, bool more, unsigned proto)
{
	uint8_t x[24] = {0};
	size_t n = 8;

	x[0] = (uint8_t)(f->nested ? 44 : f->dstopts ? 60 : proto);
	put_be16(x + 2, (uint16_t)(f->at | more));
	put_be32(x + 4, f->id);
	if (f->nested) {
		x[n] = (uint8_t)proto;
		x[n + 3] = 1;
		n += 8;
	}
	if (f->dstopts && f->at == 0) {
		x[n] = (uint8_t)proto;
		x[n + 2] = (uint8_t)f->option;
		x[n + 3] = f->overrun ? 5 : 4;
		n += 8;
	}
	memcpy(p, x, n);
	return n;
}

/* put_piece - from a whole frame the frame with a part of it */
static size_t
put_piece(const struct run *r, const struct piece *f, const uint8_t *whole,
    size_t n, uint8_t *out)
{
	size_t hlen = r->v6 ? 40 : 20, body = n - 14 - hlen;
	size_t a = f->a < body ? f->a : body, b = f->b < body ? f->b : body;
	bool more = f->more >= 0 ? f->more : b < body;
	uint8_t *ip = out + 14, *p = ip + hlen;
	unsigned proto = f->udp ? 17 : 6;

	memcpy(out, whole, 14 + hlen);
	if (r->v6) {
		ip[6] = 44;
		p += put_headers(p, f, more, proto);
	}
	memcpy(p, whole + 14 + hlen + a, b - a);
	if (f->xor)
		*p ^= 0x20;
	p += b - a;
	if (r->v6) {
		put_be16(ip + 4, (uint16_t)(p - ip - 40));
		ip[1] |= (uint8_t)(f->tos << 4);
		return (size_t)(p - out);
	}
	put_be16(ip + 2, (uint16_t)(p - ip));
	ip[1] |= (uint8_t)f->tos;
	put_be16(ip + 4, (uint16_t)f->id);
	put_be16(ip + 6, (uint16_t)(f->at / 8 | (more ? 0x2000 : 0)));
	ip[9] = (uint8_t)proto;
	put_be16(ip + 10, 0);
	put_be16(ip + 10, (uint16_t)~fold(0, ip, hlen));
	return (size_t)(p - out);
}

bool
run_piece(struct run *r, const struct when *w, const char *text, bool flush)
{
	static uint8_t whole[MAX_FRAME], out[MAX_FRAME + 100];
	const char *t = text, *why;
	struct segment s;
	struct piece f;
	size_t n;

	if (!parse_piece(&t, &f) ||
	    parse_segment(t + strspn(t, " \t"), &s, &why) != 0)
		return fail(r, "cannot read: piece %s", text);
	if (!move_to(r, w))
		return false;
	n = build_frame(&s, flow_of(r->flows, s.lport, s.rport), r->v6, whole);
	n = put_piece(r, &f, whole, n, out);
	return feed(r, out, n, flush);
}

/* ---- what was emitted ---- */

bool
check_ip(struct run *r, const char *text)
{
	const uint8_t *p = r->last_ip;
	char got[32];

	if (strncmp(text, "ttl ", 4) == 0)
		snprintf(got, sizeof(got), "ttl %u", r->v6 ? p[7] : p[8]);
	else
		snprintf(got, sizeof(got), "df %s",
		    r->v6 || p[6] & 0x40 ? "yes" : "no");
	return strcmp(text, got) == 0 ||
	       fail(r, "expected: ip %s\n#   got:      ip %s", text, got);
}
