/*
 * line.c - see line.h.
 */
#include <stdio.h>
#include <string.h>

#include "line.h"

/* copy - up to one of the ends, into a value's buffer */
static void
copy(char *out, const char *s, const char *ends)
{
	size_t n = strcspn(s, ends);

	if (n > LINE_VALUE - 1)
		n = LINE_VALUE - 1;
	memcpy(out, s, n);
	out[n] = '\0';
}

const char *
line_value(const char *line, const char *key, char out[LINE_VALUE])
{
	static const char *const columns[] = {
	    "time", "local", "remote", "event"};
	char name[LINE_VALUE];
	const char *p;
	size_t i;

	out[0] = '\0';
	if (line[0] == '{') {
		snprintf(name, sizeof(name), "\"%s\":", key);
		p = strstr(line, name);
		if (p != NULL) {
			p += strlen(name);
			copy(out, p + (*p == '"'), "\",}");
		}
		return out;
	}
	for (i = 0, p = line; i < 4; i++) {
		if (strcmp(key, columns[i]) == 0) {
			copy(out, p, " ");
			return out;
		}
		p += strcspn(p, " ");
		p += *p == ' ';
	}
	snprintf(name, sizeof(name), " %s=", key);
	p = strstr(line, name);
	if (p != NULL)
		copy(out, p + strlen(name), " ");
	return out;
}

bool
line_is_event(const char *line)
{
	size_t n = strspn(line, "0123456789");

	return strncmp(line, "{\"time\":", 8) == 0 ||
	       (n > 0 && line[n] == '.' && n + 10 < strlen(line) &&
		   strspn(line + n + 1, "0123456789") == 9 &&
		   line[n + 10] == ' ');
}
