/*
 * dname.c - domain names, see dname.h.
 *
 * Loops and runaway names are impossible by two bounds: a pointer must lead
 * to before the labels that led to it, and no name grows beyond 255 bytes.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/ip.h"

#include "dname.h"

enum { POINTER = 0xc0 };

/* add_label - room is kept for the root's zero */
static int
add_label(struct name *n, const uint8_t *p, size_t len)
{
	if (len == 0 || len > LABEL_MAX_LEN ||
	    n->len + 1 + len + 1 > NAME_MAX_LEN)
		return -1;
	n->b[n->len++] = (uint8_t)len;
	memcpy(n->b + n->len, p, len);
	n->len = (uint8_t)(n->len + len);
	return 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* unescape - one byte of a label; how much text it was, 0 when it is none */
static size_t
unescape(const char *s, uint8_t *out)
{
	int v;

	*out = (uint8_t)s[0];
	if (s[0] != '\\')
		return 1;
	*out = (uint8_t)s[1];
	if (s[1] == '\0')
		return 0;
	if (!is_digit(s[1]))
		return 2;
	if (!is_digit(s[2]) || !is_digit(s[3]))
		return 0;
	v = (s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0');
	*out = (uint8_t)v;
	return v <= UINT8_MAX ? 4 : 0;
}

int
name_parse(const char *s, struct name *out)
{
	uint8_t label[LABEL_MAX_LEN];
	size_t n = 0, step;

	out->len = 0;
	if (strcmp(s, ".") == 0)
		s++;
	else if (*s == '\0')
		return -1;
	for (; *s != '\0'; s += step) {
		step = 1;
		if (*s == '.') {
			if (add_label(out, label, n) == -1)
				return -1;
			n = 0;
			continue;
		}
		if (n == sizeof label || (step = unescape(s, &label[n])) == 0)
			return -1;
		n++;
	}
	if (n > 0 && add_label(out, label, n) == -1)
		return -1;
	out->b[out->len++] = 0;
	return 0;
}

void
name_reverse(const struct ip_addr *a, struct name *out)
{
	char text[NAME_TEXT];
	size_t n = 0;
	int i;

	if (ip_is_v4(a)) {
		snprintf(text, sizeof text, "%u.%u.%u.%u.in-addr.arpa",
		    a->b[15], a->b[14], a->b[13], a->b[12]);
	} else {
		for (i = 15; i >= 0; i--)
			n += (size_t)snprintf(text + n, sizeof text - n,
			    "%x.%x.", a->b[i] & 15, a->b[i] >> 4);
		snprintf(text + n, sizeof text - n, "ip6.arpa");
	}
	name_parse(text, out);
}

int
name_decode(const uint8_t *msg, size_t len, size_t *off, struct name *out)
{
	size_t at = *off, start = at, target;
	bool jumped = false;
	uint8_t c;

	out->len = 0;
	while (at < len) {
		c = msg[at];
		if (c == 0) {
			out->b[out->len++] = 0;
			if (!jumped)
				*off = at + 1;
			return 0;
		}
		if ((c & POINTER) == POINTER) {
			if (len - at < 2)
				return -1;
			target = get_be16(msg + at) & 0x3fffU;
			if (target >= start)
				return -1;
			if (!jumped)
				*off = at + 2;
			jumped = true;
			at = start = target;
			continue;
		}
		/* 01 and 10 are no labels (RFC 6891 5) */
		if (c > LABEL_MAX_LEN || len - at <= c ||
		    add_label(out, msg + at + 1, c) == -1)
			return -1;
		at += 1 + (size_t)c;
	}
	return -1;
}

const char *
name_text(const struct name *name, char *buf)
{
	size_t i = 0, end, n = 0;
	uint8_t c;

	if (name->len <= 1)
		return memcpy(buf, ".", 2);
	while (name->b[i] != 0) {
		end = i + 1 + name->b[i];
		for (i++; i < end; i++) {
			c = name->b[i];
			if (c <= ' ' || c >= 0x7f) {
				n += (size_t)snprintf(
				    buf + n, NAME_TEXT - n, "\\%03u", c);
				continue;
			}
			if (strchr("\".;\\()@$", c) != NULL)
				buf[n++] = '\\';
			buf[n++] = (char)c;
		}
		buf[n++] = '.';
	}
	buf[n] = '\0';
	return buf;
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* a label's length is at most 63, which is no letter */
bool
name_equal(const struct name *a, const struct name *b)
{
	size_t i;

	if (a->len != b->len)
		return false;
	for (i = 0; i < a->len; i++)
		if (lower(a->b[i]) != lower(b->b[i]))
			return false;
	return true;
}
