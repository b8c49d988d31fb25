/*
 * tcp_text.c - the parts of a segment as words, see tcp_text.h.
 */
#include <string.h>

#include "base/clock.h"
#include "wire/parse.h"
#include "wire/tcp_hdr.h"
#include "wire/tcp_text.h"

/* in the order of the bits, from FIN on */
static const char letters[] = "FSRPAUEWe";

int
tcp_text_flags(const char *s, uint16_t *flags)
{
	size_t n = strlen(s);
	const char *l;
	uint16_t f = 0;

	*flags = 0;
	if (n >= 2 && s[0] == '[' && s[n - 1] == ']') {
		s++;
		n -= 2;
	}
	if (n == 4 && memcmp(s, "none", 4) == 0)
		return 0;
	for (; n > 0; n--, s++) {
		l = strchr(letters, *s == '.' ? 'A' : *s);
		if (l == NULL)
			return -1;
		f |= (uint16_t)(1 << (l - letters));
	}
	*flags = f;
	return f != 0 ? 0 : -1;
}

const char *
tcp_text_put_flags(uint16_t flags, char *buf)
{
	char *to = buf;
	int i;

	for (i = 0; letters[i] != '\0'; i++)
		if (flags >> i & 1)
			*to++ = letters[i];
	*to = '\0';
	return buf;
}

static int
digit(char c, int base)
{
	int d = -1;

	if (c >= '0' && c <= '9')
		d = c - '0';
	else if (c >= 'a' && c <= 'f')
		d = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		d = c - 'A' + 10;
	return d < base ? d : -1;
}

int
tcp_text_number(const char *s, uint64_t *out)
{
	uint64_t v = 0;

	if (s[0] != '0' || (s[1] != 'x' && s[1] != 'X'))
		return parse_num(s, 0, UINT64_MAX, out);
	s += 2;
	if (*s == '\0' || strlen(s) > 16)
		return -1;
	for (; *s != '\0'; s++) {
		if (digit(*s, 16) < 0)
			return -1;
		v = v << 4 | (unsigned)digit(*s, 16);
	}
	*out = v;
	return 0;
}

int
tcp_text_stamp(const char *s, uint64_t *ns)
{
	const char *dot = strchr(s, '.');
	size_t n = dot != NULL ? (size_t)(dot - s) : strlen(s);
	uint64_t whole, place = NS_PER_SEC, frac = 0;
	char text[16];

	if (n >= sizeof(text))
		return -1;
	memcpy(text, s, n);
	text[n] = '\0';
	if (parse_num(text, 0, UINT32_MAX, &whole) != 0)
		return -1;
	if (dot != NULL && dot[1] == '\0')
		return -1;
	for (s = dot != NULL ? dot + 1 : ""; *s != '\0'; s++) {
		if (digit(*s, 10) < 0)
			return -1;
		place /= 10;
		frac += (uint64_t)digit(*s, 10) * place;
	}
	*ns = whole * NS_PER_SEC + frac;
	return 0;
}

int
tcp_text_hex(const char *s, uint8_t *p, size_t cap, size_t *n)
{
	int hi, lo;

	for (*n = 0; *s != '\0'; s += 2) {
		while (*n > 0 && (*s == ' ' || *s == ':'))
			s++;
		hi = digit(s[0], 16);
		lo = hi < 0 ? -1 : digit(s[1], 16);
		if (lo < 0 || *n == cap)
			return -1;
		p[(*n)++] = (uint8_t)(hi << 4 | lo);
	}
	return 0;
}

/*
 * escaped - the byte that *s stands for, *s being behind a backslash; moves *s
 * behind it. -1: no such escape.
 */
static int
escaped(const char **s)
{
	static const char names[] = "abfnrtv\\\"'";
	static const char bytes[] = "\a\b\f\n\r\t\v\\\"'";
	const char *at, *p = *s;
	int v = 0, i;

	if (*p == '0') { /* up to three digits more, as %b has it */
		for (i = 0, p++; i < 3 && digit(*p, 8) >= 0; i++)
			v = v << 3 | digit(*p++, 8);
		*s = p;
		return v <= 255 ? v : -1;
	}
	if (*p == 'x') {
		if (digit(p[1], 16) < 0 || digit(p[2], 16) < 0)
			return -1;
		*s = p + 3;
		return digit(p[1], 16) << 4 | digit(p[2], 16);
	}
	at = *p != '\0' ? strchr(names, *p) : NULL;
	if (at == NULL)
		return -1;
	*s = p + 1;
	return bytes[at - names];
}

const char *
tcp_text_bytes(const char *s, uint8_t *p, size_t cap, size_t *n)
{
	const char *from;
	int c;

	for (*n = 0; *s != '\0';) {
		from = s;
		c = (unsigned char)*s++;
		if (c == '\\')
			c = escaped(&s);
		if (c < 0 || *n == cap)
			return from;
		p[(*n)++] = (uint8_t)c;
	}
	return NULL;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH	   EACH(0x80)

/* has - one of eight bytes, none of them above 0x7f, is this one */
static uint64_t
has(uint64_t eight, uint8_t byte)
{
	return (HIGH - (eight ^ EACH(byte))) & HIGH;
}

/* is_plain8 - eight bytes at once */
static bool
is_plain8(const uint8_t *p)
{
	uint64_t v, low, del;

	memcpy(&v, p, sizeof(v));
	low = v + EACH(0x80 - ' ');  /* high bit: a space or more */
	del = v + EACH(0x80 - 0x7f); /* high bit: DEL */
	if ((v & HIGH) != 0 || (low & HIGH) != HIGH || (del & HIGH) != 0)
		return false;
	return ((has(v, '\'') | has(v, '\\')) & HIGH) == 0;
}

/* each byte as text: for itself, behind a backslash, or its octal digits */
#define PLAIN(c) ((c) >= ' ' && (c) <= '~' && (c) != '\'' && (c) != '\\')
#define NAME(c)                                                                \
	((c) == '\n'	  ? 'n'                                                \
	    : (c) == '\r' ? 'r'                                                \
	    : (c) == '\t' ? 't'                                                \
	    : (c) == '\\' ? '\\'                                               \
			  : '0')
#define ONE(c)                                                                 \
	{                                                                      \
		{PLAIN(c) ? (c) : '\\', NAME(c), '0' + ((c) >> 6),             \
		    '0' + ((c) >> 3 & 7), '0' + ((c)&7)},                      \
		    PLAIN(c)	     ? 1                                       \
		    : NAME(c) != '0' ? 2                                       \
				     : 5                                       \
	}
#define FOUR(c)	   ONE(c), ONE((c) + 1), ONE((c) + 2), ONE((c) + 3)
#define SIXTEEN(c) FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)
#define SIXTY_FOUR(c)                                                          \
	SIXTEEN(c), SIXTEEN((c) + 16), SIXTEEN((c) + 32), SIXTEEN((c) + 48)

static const struct byte_text {
	char text[7];
	uint8_t n;
} as_text[UINT8_MAX + 1] = {
    SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)};

/*
 * put_four - their entries, whole, without a branch: each is longer than its
 * text, and the next one stands over the rest. All are read before the first
 * is written, and two places are found at once: that is what takes the time.
 */
static inline __attribute__((always_inline)) char *
put_four(const uint8_t *p, char *to)
{
	const struct byte_text a = as_text[p[0]], b = as_text[p[1]],
			       c = as_text[p[2]], d = as_text[p[3]];
	char *half = to + a.n + b.n;

	memcpy(to, &a, sizeof(a));
	memcpy(to + a.n, &b, sizeof(b));
	memcpy(half, &c, sizeof(c));
	memcpy(half + c.n, &d, sizeof(d));
	return half + c.n + d.n;
}

/* an entry is longer than the room for one byte: the last is not put whole */
size_t
tcp_text_put_bytes(const uint8_t *p, size_t n, char *to)
{
	char *out = to;

	for (; n > 8; p += 8, n -= 8) {
		if (!is_plain8(p)) {
			out = put_four(p + 4, put_four(p, out));
			continue;
		}
		memcpy(out, p, 8);
		out += 8;
	}
	for (; n > 0; p++, n--) {
		memcpy(out, as_text[*p].text, TCP_BYTE_TEXT);
		out += as_text[*p].n;
	}
	return (size_t)(out - to);
}
