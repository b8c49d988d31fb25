/*
 * middle.c - what routers and middleboxes do to a frame, see middle.h.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "middle.h"
#include "sim.h"

enum { ACCECN0 = 172, ACCECN1 = 174 };
enum { NOP = 1, MSS = 2, WSCALE = 3, SACK_OK = 4, TS = 8, FRAGMENT = 44 };

static void
sum_ip4(uint8_t *ip, size_t hlen)
{
	put_be16(ip + 10, 0);
	put_be16(ip + 10, cksum_fold(cksum_add(0, ip, hlen)));
}

void
middle_sum(uint8_t *p, const struct view *v)
{
	uint32_t n = v->ip.len - v->ip.hlen;

	if (!v->ip.v6)
		sum_ip4(p + ETHER_HLEN, v->ip.hlen);
	put_be16(p + v->tcp_at + 16, 0);
	put_be16(p + v->tcp_at + 16,
	    ip_cksum(&v->ip.src, &v->ip.dst, PROTO_TCP, p + v->tcp_at, n));
}

static unsigned
strip_bit(uint8_t kind)
{
	switch (kind) {
	case MSS:
		return STRIP_MSS;
	case WSCALE:
		return STRIP_WSCALE;
	case SACK_OK:
		return STRIP_SACK;
	case TS:
		return STRIP_TS;
	default:
		return 0;
	}
}

void
middle_strip(uint8_t *p, size_t n, struct view *v, unsigned strip, uint16_t mss)
{
	uint8_t *o = p + v->tcp_at + TCP_HLEN, *end = p + v->data_at;
	uint8_t len;

	for (; o < end; o += len) {
		len = *o == NOP ? 1 : o[1];
		if (strip & strip_bit(*o))
			memset(o, NOP, len);
		else if (*o == MSS && mss > 0 && get_be16(o + 2) > mss)
			put_be16(o + 2, mss);
	}
	middle_sum(p, v);
	look(p, n, v);
}

static void
set_ecn(uint8_t *p, const struct view *v, uint8_t ecn)
{
	uint8_t *ip = p + ETHER_HLEN;

	if (v->ip.v6)
		ip[1] = (uint8_t)((ip[1] & ~0x30) | ecn << 4);
	else
		ip[1] = (uint8_t)((ip[1] & ~3) | ecn);
}

void
middle_bend(uint8_t *p, size_t n, struct view *v, unsigned bend)
{
	uint8_t *o = p + v->tcp_at + TCP_HLEN, *end = p + v->data_at;
	uint8_t *flags = p + v->tcp_at + 12, len;
	bool syn = v->h.flags & TH_SYN;

	if (syn ? bend & BEND_SYN : bend & BEND_ACE)
		flags[1] &= 0x3f;
	if ((syn ? bend & BEND_SYN : bend & BEND_ACE) || (bend & BEND_AE))
		flags[0] &= 0xf0;
	if (bend & (BEND_BLEACH | BEND_ECT))
		set_ecn(p, v, bend & BEND_BLEACH ? 0 : 2);
	for (; (bend & BEND_OPTION) && o < end; o += len) {
		len = *o == NOP ? 1 : o[1];
		if (*o == ACCECN0 || *o == ACCECN1)
			memset(o, NOP, len);
	}
	middle_sum(p, v);
	look(p, n, v);
}

void
middle_mark(uint8_t *p, const struct view *v)
{
	uint8_t *ip = p + ETHER_HLEN;

	if (v->ip.v6) {
		ip[1] |= 0x30;
	} else {
		ip[1] |= 3;
		sum_ip4(ip, v->ip.hlen);
	}
}

void
middle_damage(uint8_t *p, size_t n, size_t from, struct chance *c)
{
	p[from + chance_below(c, n - from)] ^= (uint8_t)(1 +
							 chance_below(c, 255));
}

size_t
middle_cut(const uint8_t *p, const struct view *v, size_t off, size_t size,
    uint16_t id, uint8_t *out, int *more)
{
	size_t hlen = v->ip.hlen, all = v->ip.len - hlen, n = all - off;
	uint8_t *ip = out + ETHER_HLEN, *to = ip + hlen;

	*more = n > size;
	if (*more)
		n = size;
	memcpy(out, p, ETHER_HLEN + hlen);
	if (v->ip.v6) {
		ip[6] = FRAGMENT;
		put_be16(ip + 4, (uint16_t)(8 + n));
		to[0] = v->ip.proto;
		to[1] = 0;
		put_be16(to + 2, (uint16_t)(off | (unsigned)*more));
		put_be32(to + 4, id);
		to += 8;
	} else {
		put_be16(ip + 2, (uint16_t)(hlen + n));
		put_be16(ip + 4, id);
		put_be16(ip + 6, (uint16_t)(off / 8 | (unsigned)*more << 13));
		sum_ip4(ip, hlen);
	}
	memcpy(to, p + ETHER_HLEN + hlen + off, n);
	return (size_t)(to + n - out);
}
