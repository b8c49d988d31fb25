/*
 * show.c - frames taken apart, chosen, and written as assignments.
 *
 * A value stands between single quotes and holds no such quote, whatever the
 * packet holds: numbers, names of ours, and bytes through
 * tcp_text_put_bytes(). That makes eval safe. Every name is assigned in
 * every line, so nothing is left of the segment before.
 */
#include <stdarg.h>
#include <stdio.h>
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
	s->sum = !s->cut && cksum_fold(cksum_add(ip_pseudo_sum(&s->ip.src,
						     &s->ip.dst, PROTO_TCP, n),
				p, n)) == 0;
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

/* put_number - in base 10 or 16, at least width digits */
static void
put_number(struct line *l, uint64_t v, unsigned base, size_t width)
{
	char digit[20];
	size_t n = 0;

	do {
		digit[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v > 0 && n < sizeof(digit));
	for (; width > n; width--)
		l->to[l->n++] = '0';
	while (n > 0)
		l->to[l->n++] = digit[--n];
}

/* number - the argument of a conversion, by its length modifier */
#define ARGUMENT(size, ap)                                                     \
	((size) == 'L'	    ? va_arg(ap, unsigned long long)                   \
	    : (size) == 'l' ? va_arg(ap, unsigned long)                        \
	    : (size) == 'z' ? va_arg(ap, size_t)                               \
			    : va_arg(ap, unsigned))

/*
 * put - printf's %s, %u, %d, %x with l, ll, z and a width of zeros, nothing
 * else, at the end: a line has two dozen of them, and printf() takes longer
 * than all the rest. The caller knows that there is room.
 */
static void __attribute__((format(printf, 2, 3)))
put(struct line *l, const char *fmt, ...)
{
	const char *s;
	size_t width;
	va_list ap;
	char size;

	va_start(ap, fmt);
	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			l->to[l->n++] = *fmt;
			continue;
		}
		size = 0;
		for (width = 0, fmt++; *fmt >= '0' && *fmt <= '9'; fmt++)
			width = width * 10 + (size_t)(*fmt - '0');
		for (; *fmt == 'l' || *fmt == 'z'; fmt++)
			size = size == 'l' ? 'L' : *fmt;
		if (*fmt == 's')
			for (s = va_arg(ap, const char *); *s != '\0'; s++)
				l->to[l->n++] = *s;
		else
			put_number(l, ARGUMENT(size, ap), *fmt == 'x' ? 16 : 10,
			    width);
	}
	va_end(ap);
}

static void
put_frame(struct line *l, const struct shown *s, uint64_t stamp)
{
	char mac[MAC_TEXT];
	size_t at;

	put(l, "TIME='%llu.%09llu'", (unsigned long long)(stamp / NS_PER_SEC),
	    (unsigned long long)(stamp % NS_PER_SEC));
	put(l, " SMAC='%s'", mac_text(&s->eth.src, mac));
	put(l, " DMAC='%s'", mac_text(&s->eth.dst, mac));
	put(l, " VLAN='");
	for (at = ETHER_HLEN; at < s->eth.hlen; at += 4)
		put(l, "%s%u", at > ETHER_HLEN ? " " : "",
		    get_be16(s->frame + at) & 0xfffu);
	put(l, "'");
}

static void
put_ip(struct line *l, const struct shown *s)
{
	char addr[IP_TEXT];

	put(l, " SRC='%s' SPORT='%u'", ip_text(&s->ip.src, addr), s->tcp.sport);
	put(l, " DST='%s' DPORT='%u'", ip_text(&s->ip.dst, addr), s->tcp.dport);
	put(l, " TTL='%u' TOS='%u' ID='%lu' DF='%d'", s->ip.ttl, s->ip.tos,
	    (unsigned long)s->ip.id, s->ip.df);
}

static void
put_hex(struct line *l, const uint8_t *p, size_t n)
{
	while (n-- > 0)
		put(l, "%02x", *p++);
}

/* put_sack - blocks as START-END, joined by commas */
static void
put_sack(struct line *l, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i + 8 <= n; i += 8)
		put(l, "%s%lu-%lu", i > 0 ? "," : "",
		    (unsigned long)get_be32(p + i),
		    (unsigned long)get_be32(p + i + 4));
}

/* put_option - a whole one of n bytes, kind and length included, as words */
static void
put_option(struct line *l, const uint8_t *p, size_t n)
{
	if (p[0] == 2 && n == 4)
		put(l, "mss %u", get_be16(p + 2));
	else if (p[0] == 3 && n == 3)
		put(l, "wscale %u", p[2]);
	else if (p[0] == 4 && n == 2)
		put(l, "sackok");
	else if (p[0] == 8 && n == 10)
		put(l, "ts %lu %lu", (unsigned long)get_be32(p + 2),
		    (unsigned long)get_be32(p + 6));
	else if (p[0] == 5 && n > 2 && n % 8 == 2) {
		put(l, "sack ");
		put_sack(l, p + 2, n - 2);
	} else {
		put(l, "option %u ", p[0]);
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
	const char *gap = "";
	size_t len;
	bool whole;

	for (; n > 0; p += len, n -= len, gap = " ") {
		whole = n > 1 && p[1] >= 2 && p[1] <= n;
		len = p[0] <= 1 ? 1 : whole ? p[1] : n;
		put(l, "%s", gap);
		if (p[0] <= 1) {
			put(l, "%s", p[0] == 0 ? "eol" : "nop");
		} else if (whole && (len > 2 || p[0] == 4)) {
			put_option(l, p, len);
		} else {
			put(l, "options ");
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
	put(l, " SEQ='%lu' ACK='%lu' NEXT='%lu'", (unsigned long)h->seq,
	    (unsigned long)h->ack, (unsigned long)next);
	put(l, " FLAGS='%s' WIN='%u' URG='%u'",
	    h->flags != 0 ? tcp_text_put_flags(h->flags, flags) : "none",
	    h->wnd, h->urp);
	put(l, " LEN='%zu' SUM='%s' OPTIONS='", s->len,
	    s->cut   ? "cut"
	    : s->sum ? "ok"
		     : "bad");
	put_options(l, s->opt, s->nopt);
	put(l, "'");
}

/* put_accecn - the counters of RFC 9768 3.2.3, in the option's order */
static void
put_accecn(struct line *l, const struct accecn_opt *a)
{
	static const char *const name[2][3] = {
	    {"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
	uint8_t i;

	put(l, "' ACCECN='");
	for (i = 0; a->have && i < a->n; i++)
		put(l, "%s%s %lu", i > 0 ? " " : "", name[a->order][i],
		    (unsigned long)a->field[i]);
}

/* put_known - the values of the options that have a name */
static void
put_known(struct line *l, const struct tcp_opts *o)
{
	int i;

	put(l, " MSS='");
	if (o->have_mss)
		put(l, "%u", o->mss);
	put(l, "' WSCALE='");
	if (o->have_wscale)
		put(l, "%u", o->wscale);
	put(l, "' SACKOK='%s' TSVAL='", o->sack_ok ? "1" : "");
	if (o->have_ts)
		put(l, "%lu' TSECR='%lu", (unsigned long)o->tsval,
		    (unsigned long)o->tsecr);
	else
		put(l, "' TSECR='");
	put(l, "' SACK='");
	for (i = 0; i < o->nsack; i++)
		put(l, "%s%lu-%lu", i > 0 ? "," : "",
		    (unsigned long)o->sack[i].start,
		    (unsigned long)o->sack[i].end);
	put_accecn(l, &o->acc);
	put(l, "' COOKIE='");
	if (o->have_cookie)
		put_hex(l, o->cookie, o->cookie_len);
	put(l, "' DATA='");
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
