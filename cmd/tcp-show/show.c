/*
 * show.c - frames taken apart, chosen, and written as assignments.
 *
 * A value stands between single quotes and holds no such quote, whatever the
 * packet holds: numbers, names of ours, and bytes through
 * tcp_text_put_bytes(). That makes eval safe. Every name is assigned in
 * every line, so nothing is left of the segment before.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "capture/look.h"
#include "capture/seglist.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"
#include "wire/tcp_text.h"

#include "show.h"

const char *
show_word(enum left why)
{
	switch (why) {
	case LEFT_CUT:
	case LEFT_CUT_TCP:
		return "truncated";
	case LEFT_IP:
		return "ip-header";
	case LEFT_TCP:
		return "tcp-header";
	case LEFT_FRAGMENT:
		return "fragment";
	case LEFT_NOT_IP:
	case LEFT_ARP:
	case LEFT_MPLS:
	case LEFT_PPPOE:
	case LEFT_PPP:
		return "not-ip";
	default: /* another protocol, a tunnel */
		return "not-tcp";
	}
}

/* take_ether - of the innermost frame; of its tags only those known to all */
static void
take_ether(const struct stream_rec *r, const struct look *l, struct shown *s)
{
	const uint8_t *p = r->data + l->l2;

	s->frame = p;
	if (ether_decode(p, r->caplen - l->l2, &s->eth) == 0)
		return;
	memcpy(s->eth.dst.b, p, sizeof(s->eth.dst.b));
	memcpy(s->eth.src.b, p + sizeof(s->eth.dst.b), sizeof(s->eth.src.b));
	s->eth.hlen = ETHER_HLEN;
}

enum left
show_decode(const struct stream_rec *r, bool decap, struct shown *s)
{
	uint32_t n, there;
	const uint8_t *p;
	struct look l;
	enum left why = look_at(r, decap, &l);

	if (why == LEFT_NOTHING && (l.ip.frag || l.ip.proto != PROTO_TCP))
		why = look_name(r, &l);
	if (why != LEFT_NOTHING)
		return why;
	p = r->data + l.l3 + l.ip.hlen;
	n = l.ip.len - l.ip.hlen;
	there = r->caplen - l.l3 - l.ip.hlen;
	if (there > n)
		there = n;
	why = tcpseg_header(p, there, n, &s->tcp);
	if (why != LEFT_NOTHING)
		return why;
	take_ether(r, &l, s);
	s->ip = l.ip;
	s->opt = p + TCP_HLEN;
	s->nopt = (there < s->tcp.hlen ? there : s->tcp.hlen) - TCP_HLEN;
	s->data = s->opt + s->nopt;
	s->len = n - s->tcp.hlen;
	s->there = there < s->tcp.hlen ? 0 : there - s->tcp.hlen;
	s->cut = there < n;
	s->sum = tcpseg_summed(&s->ip, p, there, n);
	return LEFT_NOTHING;
}

static bool
end_matches(const struct show_end *e, const struct ip_addr *addr, uint16_t port)
{
	return (e->any || ip_equal(&e->addr, addr)) &&
	       (e->port == 0 || e->port == port);
}

bool
show_selected(const struct selection *sel, const struct shown *s)
{
	bool addr = sel->naddr == 0, port = sel->nport == 0;
	unsigned i;

	for (i = 0; i < sel->naddr; i++)
		addr |= ip_equal(&sel->addr[i], &s->ip.src) ||
			ip_equal(&sel->addr[i], &s->ip.dst);
	for (i = 0; i < sel->nport; i++)
		port |= sel->port[i] == s->tcp.sport ||
			sel->port[i] == s->tcp.dport;
	return addr && port &&
	       end_matches(&sel->from, &s->ip.src, s->tcp.sport) &&
	       end_matches(&sel->to, &s->ip.dst, s->tcp.dport) &&
	       (s->tcp.flags & sel->flags) == sel->flags &&
	       (!sel->data || s->len > 0);
}

/* ---- a line */

struct line {
	char *to;
	size_t n;
};

/*
 * A line has two dozen numbers: printf() would take longer than all the rest.
 * The caller knows that there is room.
 */
static inline void
put_text(struct line *l, const char *text, size_t n)
{
	memcpy(l->to + l->n, text, n);
	l->n += n;
}

/* PUT - a string constant */
#define PUT(l, text) put_text(l, text, sizeof(text) - 1)

static void
put_string(struct line *l, const char *text)
{
	put_text(l, text, strlen(text));
}

/* put_wide - in base 10, at least width digits */
static void
put_wide(struct line *l, uint64_t v, size_t width)
{
	char digit[20], *at = digit + sizeof(digit);
	size_t n;

	do {
		*--at = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	n = (size_t)(digit + sizeof(digit) - at);
	for (; width > n; width--)
		l->to[l->n++] = '0';
	put_text(l, at, n);
}

static void
put_number(struct line *l, uint64_t v)
{
	put_wide(l, v, 0);
}

/* NUMBER - a string constant, and a number behind it */
#define NUMBER(l, text, v) (PUT(l, text), put_number(l, v))

static void
put_hex(struct line *l, const uint8_t *p, size_t n)
{
	static const char digit[] = "0123456789abcdef";

	for (; n > 0; n--, p++) {
		l->to[l->n++] = digit[*p >> 4];
		l->to[l->n++] = digit[*p & 0xf];
	}
}

static const char *
sum_word(const struct shown *s)
{
	switch (s->sum) {
	case SUM_GOOD:
		return "ok";
	case SUM_BAD:
		return "bad";
	case SUM_OFFLOAD:
		return s->cut ? "cut" : "offload";
	case SUM_UNKNOWN:
		break;
	}
	return "cut";
}

static void
put_frame(struct line *l, const struct shown *s, uint64_t stamp)
{
	char mac[MAC_TEXT];
	size_t at;

	NUMBER(l, "TIME='", stamp / NS_PER_SEC);
	PUT(l, ".");
	put_wide(l, stamp % NS_PER_SEC, 9);
	PUT(l, "' SMAC='");
	put_string(l, mac_text(&s->eth.src, mac));
	PUT(l, "' DMAC='");
	put_string(l, mac_text(&s->eth.dst, mac));
	PUT(l, "' VLAN='");
	for (at = ETHER_HLEN; at < s->eth.hlen; at += 4) {
		if (at > ETHER_HLEN)
			PUT(l, " ");
		put_number(l, get_be16(s->frame + at) & 0xfffu);
	}
	PUT(l, "'");
}

static void
put_ip(struct line *l, const struct shown *s)
{
	char addr[IP_TEXT];

	PUT(l, " SRC='");
	put_string(l, ip_text(&s->ip.src, addr));
	NUMBER(l, "' SPORT='", s->tcp.sport);
	PUT(l, "' DST='");
	put_string(l, ip_text(&s->ip.dst, addr));
	NUMBER(l, "' DPORT='", s->tcp.dport);
	NUMBER(l, "' TTL='", s->ip.ttl);
	NUMBER(l, "' TOS='", s->ip.tos);
	NUMBER(l, "' ID='", s->ip.id);
	NUMBER(l, "' DF='", s->ip.df);
	PUT(l, "'");
}

static void
put_block(struct line *l, uint32_t start, uint32_t end, bool first)
{
	if (!first)
		PUT(l, ",");
	put_number(l, start);
	NUMBER(l, "-", end);
}

/* put_sack - blocks as START-END, joined by commas */
static void
put_sack(struct line *l, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i + 8 <= n; i += 8)
		put_block(l, get_be32(p + i), get_be32(p + i + 4), i == 0);
}

/* put_option - a whole one of n bytes, kind and length included, as words */
static void
put_option(struct line *l, const uint8_t *p, size_t n)
{
	if (p[0] == 2 && n == 4) {
		NUMBER(l, "mss ", get_be16(p + 2));
	} else if (p[0] == 3 && n == 3) {
		NUMBER(l, "wscale ", p[2]);
	} else if (p[0] == 4 && n == 2) {
		PUT(l, "sackok");
	} else if (p[0] == 8 && n == 10) {
		NUMBER(l, "ts ", get_be32(p + 2));
		NUMBER(l, " ", get_be32(p + 6));
	} else if (p[0] == 5 && n > 2 && n % 8 == 2) {
		PUT(l, "sack ");
		put_sack(l, p + 2, n - 2);
	} else {
		NUMBER(l, "option ", p[0]);
		PUT(l, " ");
		put_hex(l, p + 2, n - 2);
	}
}

/*
 * put_options - in their order, in tcp-craft's words; one without a value,
 * or with a length that cannot be, as its bytes
 */
static void
put_options(struct line *l, const uint8_t *p, size_t n)
{
	bool whole, first = true;
	size_t len;

	for (; n > 0; p += len, n -= len, first = false) {
		whole = n > 1 && p[1] >= 2 && p[1] <= n;
		len = p[0] <= 1 ? 1 : whole ? p[1] : n;
		if (!first)
			PUT(l, " ");
		if (p[0] <= 1) {
			put_string(l, p[0] == 0 ? "eol" : "nop");
		} else if (whole && (len > 2 || p[0] == 4)) {
			put_option(l, p, len);
		} else {
			PUT(l, "options ");
			put_hex(l, p, len);
		}
	}
}

static void
put_tcp(struct line *l, const struct shown *s)
{
	const struct tcp_hdr *h = &s->tcp;
	uint32_t next = h->seq + (uint32_t)s->len;
	char flags[TCP_FLAGS_TEXT];

	next += ((h->flags & TH_SYN) != 0) + ((h->flags & TH_FIN) != 0);
	NUMBER(l, " SEQ='", h->seq);
	NUMBER(l, "' ACK='", h->ack);
	NUMBER(l, "' NEXT='", next);
	PUT(l, "' FLAGS='");
	put_string(
	    l, h->flags != 0 ? tcp_text_put_flags(h->flags, flags) : "none");
	NUMBER(l, "' WIN='", h->wnd);
	NUMBER(l, "' URG='", h->urp);
	NUMBER(l, "' LEN='", s->len);
	PUT(l, "' SUM='");
	put_string(l, sum_word(s));
	PUT(l, "' OPTIONS='");
	put_options(l, s->opt, s->nopt);
	PUT(l, "'");
}

/* put_accecn - the counters of RFC 9768 3.2.3, in the option's order */
static void
put_accecn(struct line *l, const struct accecn_opt *a)
{
	static const char *const name[2][3] = {
	    {"e0b ", "ceb ", "e1b "}, {"e1b ", "ceb ", "e0b "}};
	uint8_t i;

	PUT(l, "' ACCECN='");
	for (i = 0; a->have && i < a->n; i++) {
		if (i > 0)
			PUT(l, " ");
		put_string(l, name[a->order][i]);
		put_number(l, a->field[i]);
	}
}

/* put_known - the values of the options that have a name */
static void
put_known(struct line *l, const struct tcp_opts *o)
{
	int i;

	PUT(l, " MSS='");
	if (o->have_mss)
		put_number(l, o->mss);
	PUT(l, "' WSCALE='");
	if (o->have_wscale)
		put_number(l, o->wscale);
	PUT(l, "' SACKOK='");
	if (o->sack_ok)
		PUT(l, "1");
	PUT(l, "' TSVAL='");
	if (o->have_ts)
		put_number(l, o->tsval);
	PUT(l, "' TSECR='");
	if (o->have_ts)
		put_number(l, o->tsecr);
	PUT(l, "' SACK='");
	for (i = 0; i < o->nsack; i++)
		put_block(l, o->sack[i].start, o->sack[i].end, i == 0);
	put_accecn(l, &o->acc);
	PUT(l, "' COOKIE='");
	if (o->have_cookie)
		put_hex(l, o->cookie, o->cookie_len);
	PUT(l, "' DATA='");
}

size_t
show_line(const struct shown *s, uint64_t stamp, bool data, char *to)
{
	struct line l = {.to = to};

	put_frame(&l, s, stamp);
	put_ip(&l, s);
	put_tcp(&l, s);
	put_known(&l, &s->tcp.opt);
	if (data)
		l.n += tcp_text_put_bytes(s->data, s->there, to + l.n);
	memcpy(to + l.n, "'\n", 2);
	return l.n + 2;
}
