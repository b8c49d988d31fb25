/*
 * tcp_hdr.c - read and write the TCP header and its options, see tcp_hdr.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/tcp_hdr.h"

/* option kinds, IANA's registry "TCP Option Kind Numbers" */
enum {
	OPT_EOL = 0,
	OPT_NOP = 1,
	OPT_MSS = 2,
	OPT_WSCALE = 3,
	OPT_SACK_OK = 4,
	OPT_SACK = 5,
	OPT_TS = 8,
	OPT_FASTOPEN = 34,
	OPT_ACCECN0 = 172,
	OPT_ACCECN1 = 174,
};

static uint32_t
get_be24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | get_be16(p + 1);
}

/* accecn_option - whole counters count, what is left over is padding: RFC
   9768 3.2.3 */
static void
accecn_option(const uint8_t *p, uint8_t len, struct accecn_opt *a)
{
	uint8_t i;

	a->have = true;
	a->order = p[0] == OPT_ACCECN1;
	a->n = len < 11 ? (uint8_t)((len - 2) / 3) : 3;
	for (i = 0; i < a->n; i++)
		a->field[i] = get_be24(p + 2 + 3 * i);
}

/* cookie_option - other lengths are ignored: RFC 7413 4.1.1 */
static void
cookie_option(const uint8_t *p, uint8_t len, struct tcp_opts *o)
{
	if (len % 2 != 0 || len == 4 || len > 2 + TCP_MAXCOOKIE)
		return;
	o->have_cookie = true;
	o->cookie_len = (uint8_t)(len - 2);
	memcpy(o->cookie, p + 2, o->cookie_len);
}

static void
one_option(const uint8_t *p, uint8_t len, struct tcp_opts *o)
{
	int i;

	switch (p[0]) {
	case OPT_MSS:
		o->have_mss = len == 4;
		if (o->have_mss)
			o->mss = get_be16(p + 2);
		break;
	case OPT_WSCALE:
		o->have_wscale = len == 3;
		if (o->have_wscale)
			o->wscale = p[2];
		break;
	case OPT_SACK_OK:
		o->sack_ok = len == 2;
		break;
	case OPT_SACK:
		if ((len - 2) % 8 != 0 || (len - 2) / 8 > TCP_MAXSACK)
			break;
		o->nsack = (uint8_t)((len - 2) / 8);
		for (i = 0; i < o->nsack; i++) {
			o->sack[i].start = get_be32(p + 2 + 8 * i);
			o->sack[i].end = get_be32(p + 6 + 8 * i);
		}
		break;
	case OPT_TS:
		o->have_ts = len == 10;
		if (o->have_ts) {
			o->tsval = get_be32(p + 2);
			o->tsecr = get_be32(p + 6);
		}
		break;
	case OPT_FASTOPEN:
		cookie_option(p, len, o);
		break;
	case OPT_ACCECN0:
	case OPT_ACCECN1:
		accecn_option(p, len, &o->acc);
		break;
	default: /* MUST-6: what is not known is skipped */
		break;
	}
}

static void
decode_options(const uint8_t *p, size_t len, struct tcp_opts *o)
{
	while (len > 0 && p[0] != OPT_EOL) {
		if (p[0] == OPT_NOP) {
			p++;
			len--;
			continue;
		}
		if (len < 2 || p[1] < 2 || p[1] > len) {
			o->bad = true;
			return;
		}
		one_option(p, p[1], o);
		len -= p[1];
		p += p[1];
	}
}

int
tcp_hdr_decode(const uint8_t *p, size_t len, struct tcp_hdr *h)
{
	if (len < TCP_HLEN)
		return -1;
	h->hlen = (uint8_t)((p[12] >> 4) * 4);
	if (h->hlen < TCP_HLEN || h->hlen > len)
		return -1;
	h->sport = get_be16(p);
	h->dport = get_be16(p + 2);
	h->seq = get_be32(p + 4);
	h->ack = get_be32(p + 8);
	h->flags = get_be16(p + 12) & (TH_AE | 0xff);
	h->wnd = get_be16(p + 14);
	h->urp = get_be16(p + 18);
	memset(&h->opt, 0, sizeof(h->opt));
	decode_options(p + TCP_HLEN, h->hlen - (size_t)TCP_HLEN, &h->opt);
	return 0;
}

static uint8_t *
put_sack(uint8_t *p, const uint8_t *end, const struct tcp_opts *o)
{
	int i, n = (int)(end - p - 4) / 8;

	if (n > o->nsack)
		n = o->nsack;
	if (n <= 0)
		return p;
	*p++ = OPT_NOP;
	*p++ = OPT_NOP;
	*p++ = OPT_SACK;
	*p++ = (uint8_t)(2 + 8 * n);
	for (i = 0; i < n; i++, p += 8) {
		put_be32(p, o->sack[i].start);
		put_be32(p + 4, o->sack[i].end);
	}
	return p;
}

static uint8_t *
pad(uint8_t *p, const uint8_t *from)
{
	while ((p - from) % 4 != 0)
		*p++ = OPT_NOP;
	return p;
}

static uint8_t *
put_accecn(uint8_t *p, const uint8_t *end, const struct accecn_opt *a)
{
	uint8_t *from = p;
	int i;

	if (!a->have || end - p < (2 + 3 * a->n + 3) / 4 * 4)
		return p;
	*p++ = a->order != 0 ? OPT_ACCECN1 : OPT_ACCECN0;
	*p++ = (uint8_t)(2 + 3 * a->n);
	for (i = 0; i < a->n; i++, p += 3) {
		p[0] = (uint8_t)(a->field[i] >> 16);
		put_be16(p + 1, (uint16_t)a->field[i]);
	}
	return pad(p, from);
}

static uint8_t *
put_cookie(uint8_t *p, const uint8_t *end, const struct tcp_opts *o)
{
	uint8_t *from = p;

	if (!o->have_cookie || end - p < (2 + o->cookie_len + 3) / 4 * 4)
		return p;
	*p++ = OPT_FASTOPEN;
	*p++ = (uint8_t)(2 + o->cookie_len);
	memcpy(p, o->cookie, o->cookie_len);
	return pad(p + o->cookie_len, from);
}

/* put_layout - the options of a SYN-ACK in the order of the letters, filled up
   to whole words */
static uint8_t *
put_layout(uint8_t *p, const struct tcp_opts *o)
{
	uint8_t *start = p;
	const char *l;

	for (l = o->layout; *l != '\0'; l++) {
		if (*l == 'M') {
			*p++ = OPT_MSS;
			*p++ = 4;
			put_be16(p, o->mss);
			p += 2;
		} else if (*l == 'W') {
			*p++ = OPT_WSCALE;
			*p++ = 3;
			*p++ = o->wscale;
		} else if (*l == 'S') {
			*p++ = OPT_SACK_OK;
			*p++ = 2;
		} else if (*l == 'T') {
			*p++ = OPT_TS;
			*p++ = 10;
			put_be32(p, o->tsval);
			put_be32(p + 4, o->no_echo ? 0 : o->tsecr);
			p += 8;
		} else {
			*p++ = *l == 'L' ? OPT_EOL : OPT_NOP;
		}
	}
	while ((p - start) % 4 != 0)
		*p++ = OPT_EOL;
	return p;
}

/* the order and padding are the kernels', for whom this is a fast path */
static uint8_t *
put_options(uint8_t *p, const uint8_t *end, const struct tcp_opts *o)
{
	if (o->layout != NULL) {
		p = put_layout(p, o);
		p = put_accecn(p, end, &o->acc);
		return put_cookie(p, end, o);
	}
	if (o->have_mss) {
		*p++ = OPT_MSS;
		*p++ = 4;
		put_be16(p, o->mss);
		p += 2;
	}
	if (o->have_ts) {
		*p++ = o->sack_ok ? OPT_SACK_OK : OPT_NOP;
		*p++ = o->sack_ok ? 2 : OPT_NOP;
		*p++ = OPT_TS;
		*p++ = 10;
		put_be32(p, o->tsval);
		put_be32(p + 4, o->tsecr);
		p += 8;
	} else if (o->sack_ok) {
		*p++ = OPT_NOP;
		*p++ = OPT_NOP;
		*p++ = OPT_SACK_OK;
		*p++ = 2;
	}
	if (o->have_wscale) {
		*p++ = OPT_NOP;
		*p++ = OPT_WSCALE;
		*p++ = 3;
		*p++ = o->wscale;
	}
	p = put_accecn(p, end, &o->acc);
	p = put_cookie(p, end, o);
	return put_sack(p, end, o);
}

size_t
tcp_hdr_encode(uint8_t *p, const struct tcp_hdr *h)
{
	uint8_t *end;

	put_be16(p, h->sport);
	put_be16(p + 2, h->dport);
	put_be32(p + 4, h->seq);
	put_be32(p + 8, h->ack);
	p[13] = (uint8_t)h->flags;
	put_be16(p + 14, h->wnd);
	put_be16(p + 16, 0);
	put_be16(p + 18, h->urp);
	end = put_options(p + TCP_HLEN, p + TCP_MAXHLEN, &h->opt);
	p[12] = (uint8_t)((end - p) / 4 << 4 | h->flags >> 8);
	return (size_t)(end - p);
}
