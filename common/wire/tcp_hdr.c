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
};

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
	h->flags = p[13];
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

/* the order and padding are the kernels', for whom this is a fast path */
static uint8_t *
put_options(uint8_t *p, const uint8_t *end, const struct tcp_opts *o)
{
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
	p[13] = h->flags;
	put_be16(p + 14, h->wnd);
	put_be16(p + 16, 0);
	put_be16(p + 18, h->urp);
	end = put_options(p + TCP_HLEN, p + TCP_MAXHLEN, &h->opt);
	p[12] = (uint8_t)((end - p) / 4 << 4);
	return (size_t)(end - p);
}
