/*
 * piece.c - pieces of segments that the network has cut.
 *
 *	0:1480 WORDS of . 1:2001(2000) ack 1
 *
 * The bytes A to B of the segment with its header. WORDS: id N, at N (another
 * offset), more, last, xor (damaged), udp, dstopts (v6: an extension header in
 * front), option N (in it, instead of padding), overrun (it is longer than the
 * header), nested (v6: a second fragment header), tos N.
 */
#include <string.h>

#include "base/bytes.h"
#include "script/seg.h"

struct piece {
	unsigned a, b, at, id, tos, option;
	int more; /* -1: as it is */
	bool xor, udp, dstopts, overrun, nested;
};

/* take_word - the next word of *t is w: eat it */
bool
take_word(const char **t, const char *w)
{
	size_t n = strlen(w);

	*t += strspn(*t, " \t");
	if (strncmp(*t, w, n) != 0 || strchr(" \t[", (*t)[n]) == NULL)
		return false;
	*t += n;
	return true;
}

bool
take_number(const char **t, const char *w, unsigned *n)
{
	int bad = 0;

	if (!take_word(t, w))
		return false;
	*n = parse_u32(t, &bad);
	return !bad;
}

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
	while (!bad && !take_word(t, "of")) {
		if (take_word(t, "more"))
			f->more = 1;
		else if (take_word(t, "last"))
			f->more = 0;
		else if (take_word(t, "xor"))
			f->xor = true;
		else if (take_word(t, "udp"))
			f->udp = true;
		else if (take_word(t, "dstopts"))
			f->dstopts = true;
		else if (take_word(t, "nested"))
			f->nested = true;
		else if (take_word(t, "overrun"))
			f->overrun = true;
		else if (!take_number(t, "option", &f->option) &&
			 !take_number(t, "id", &f->id) &&
			 !take_number(t, "at", &f->at) &&
			 !take_number(t, "tos", &f->tos))
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
put_piece(const struct piece *f, bool v6, const uint8_t *whole, size_t n,
    uint8_t *out)
{
	size_t hlen = v6 ? 40 : 20, body = n - 14 - hlen;
	size_t a = f->a < body ? f->a : body, b = f->b < body ? f->b : body;
	bool more = f->more >= 0 ? f->more : b < body;
	uint8_t *ip = out + 14, *p = ip + hlen;
	unsigned proto = f->udp ? 17 : 6;

	memcpy(out, whole, 14 + hlen);
	if (v6) {
		ip[6] = 44;
		p += put_headers(p, f, more, proto);
	}
	memcpy(p, whole + 14 + hlen + a, b - a);
	if (f->xor)
		*p ^= 0x20;
	p += b - a;
	if (v6) {
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
	put_be16(ip + 10, (uint16_t)~sum16(0, ip, hlen));
	return (size_t)(p - out);
}

size_t
piece_build(
    const char *text, const struct ends *e, struct flow *flows, uint8_t *out)
{
	static uint8_t whole[MAX_FRAME];
	const char *t = text, *why;
	struct piece f;
	struct seg_text s;
	size_t n;

	if (!parse_piece(&t, &f) ||
	    seg_parse(t + strspn(t, " \t"), &s, &why, NULL) != 0)
		return 0;
	n = seg_build(&s, flow_of(flows, s.lport, s.rport), e, whole);
	return put_piece(&f, e->v6, whole, n, out);
}

bool
piece_known(const char *text)
{
	const char *t = text, *why;
	struct piece f;
	struct seg_text s;

	return parse_piece(&t, &f) &&
	       seg_parse(t + strspn(t, " \t"), &s, &why, NULL) == 0;
}
