/*
 * visible.c - see visible.h.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"

enum { ESCAPED = 4 }; /* bytes: \033 */

/*
 * printable - the bytes of the character at p, RFC 3629; 0: none that can be
 * shown, such as a control character of ASCII or of ISO 6429 (U+0080 on)
 */
static size_t
printable(const uint8_t *p)
{
	static const uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2, i;
	uint32_t c = p[0] & (0x7fu >> n);

	if (p[0] < 0x80)
		return p[0] >= ' ' && p[0] != 0x7f;
	if (p[0] < 0xc0 || p[0] > 0xf4)
		return 0;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	/* marks that turn the direction of the text would hide what it is */
	if ((c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return c >= least[n] && c <= 0x10ffff ? n : 0;
}

char *
visible(char *out, size_t cap, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t at = 0, n;

	while (*p != '\0') {
		n = printable(p);
		if (at + (n > 0 ? n : ESCAPED) >= cap)
			break;
		if (n > 0)
			memcpy(out + at, p, n);
		else
			snprintf(out + at, cap - at, "\\%03o", *p);
		at += n > 0 ? n : ESCAPED;
		p += n > 0 ? n : 1;
	}
	out[at] = '\0';
	return out;
}
