/*
 * json.c - text that strangers chose as JSON in a script element. Nothing but
 * letters, digits and harmless punctuation stands for itself: no "</script>",
 * no comment, no quote can come out of it.
 */
#include <stdio.h>
#include <string.h>

#include "film.h"

/* is_plain - it stands for itself in JSON and in HTML */
static bool
is_plain(unsigned char c, bool utf8)
{
	if (c >= 0x80)
		return utf8;
	return c >= ' ' && c < 0x7f && strchr("<>&\"'\\`", c) == NULL;
}

const char *
json_text(const char *s, bool utf8, char buf[JSON_TEXT])
{
	size_t i, n = 0;

	buf[n++] = '"';
	for (i = 0; i < JSON_VALUE && s[i] != '\0'; i++) {
		unsigned char c = (unsigned char)s[i];

		if (is_plain(c, utf8))
			buf[n++] = s[i];
		else if (c >= 0x80) /* as the log escapes it */
			n += (size_t)snprintf(buf + n, 4, "%%%02X", c);
		else
			n += (size_t)snprintf(buf + n, 7, "\\u%04x", c);
	}
	if (s[i] != '\0') {
		memcpy(buf + n, "...", 3);
		n += 3;
	}
	buf[n++] = '"';
	buf[n] = '\0';
	return buf;
}
