/*
 * raw.c - bytes as they stand in a script.
 *
 *	frame 02500a00...	from the Ethernet header on
 *	proto 17 sum 6 0035...	behind an IP header from the peer to us; a
 *				checksum with the pseudo-header goes to byte 6
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "script/seg.h"

enum { NO_SUM = 65535, RAW_MAX = 1500 };

struct raw {
	bool frame;
	unsigned proto, sum, ttl;
	size_t n;
	uint8_t bytes[RAW_MAX];
};

static bool
parse_bytes(const char *t, struct raw *r)
{
	char digits[3] = "";

	for (t += strspn(t, " \t"); *t != '\0'; t += strspn(t, " \t")) {
		if (!isxdigit((unsigned char)t[0]) ||
		    !isxdigit((unsigned char)t[1]) || r->n == RAW_MAX)
			return false;
		memcpy(digits, t, 2);
		r->bytes[r->n++] = (uint8_t)strtoul(digits, NULL, 16);
		t += 2;
	}
	return r->n > 0;
}

static bool
parse_raw(const char *t, struct raw *r)
{
	r->n = 0;
	r->sum = NO_SUM;
	r->ttl = 64;
	r->frame = take_word(&t, "frame");
	if (r->frame)
		return parse_bytes(t, r);
	if (!take_number(&t, "proto", &r->proto) || r->proto > 255)
		return false;
	while (
	    take_number(&t, "sum", &r->sum) || take_number(&t, "ttl", &r->ttl))
		;
	if (!parse_bytes(t, r) || r->ttl > 255)
		return false;
	return r->sum == NO_SUM || r->sum + 2 <= r->n;
}

/* put_ip - header of a packet to us; returns where its addresses are */
static const uint8_t *
put_ip(uint8_t *p, const struct raw *r, const struct ends *e, size_t *hlen)
{
	*hlen = e->v6 ? 40 : 20;
	memset(p, 0, *hlen);
	p[0] = e->v6 ? 0x60 : 0x45;
	if (e->v6) {
		put_be16(p + 4, (uint16_t)r->n);
		p[6] = (uint8_t)r->proto;
		p[7] = (uint8_t)r->ttl;
		memcpy(p + 8, e->peer, 16);
		memcpy(p + 24, e->us, 16);
		return p + 8;
	}
	put_be16(p + 2, (uint16_t)(20 + r->n));
	p[8] = (uint8_t)r->ttl;
	p[9] = (uint8_t)r->proto;
	memcpy(p + 12, e->peer, 4);
	memcpy(p + 16, e->us, 4);
	put_be16(p + 10, (uint16_t)~sum16(0, p, 20));
	return p + 12;
}

size_t
raw_build(const char *text, const struct ends *e, uint8_t *out)
{
	static struct raw r;
	const uint8_t *addresses;
	uint8_t *p = out + 14;
	unsigned sum;
	size_t hlen;

	if (!parse_raw(text, &r))
		return 0;
	if (r.frame) {
		memcpy(out, r.bytes, r.n);
		return r.n;
	}
	memcpy(out, e->us_mac, 6);
	memcpy(out + 6, e->peer_mac, 6);
	put_be16(out + 12, e->v6 ? 0x86dd : 0x0800);
	addresses = put_ip(p, &r, e, &hlen);
	memcpy(p + hlen, r.bytes, r.n);
	if (r.sum != NO_SUM) {
		put_be16(p + hlen + r.sum, 0);
		sum = sum16(r.proto + (unsigned)r.n, addresses, e->v6 ? 32 : 8);
		put_be16(
		    p + hlen + r.sum, (uint16_t)~sum16(sum, p + hlen, r.n));
	}
	return 14 + hlen + r.n;
}

bool
raw_known(const char *text)
{
	static struct raw r;

	return parse_raw(text, &r);
}
