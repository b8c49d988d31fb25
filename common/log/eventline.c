/*
 * eventline.c - see eventline.h.
 */
#include <stddef.h>
#include <string.h>

#include "log/eventline.h"
#include "wire/parse.h"

enum { NS = 1000000000 };

const char *
event_line_value(const struct event_line *e, const char *key)
{
	size_t n = strlen(key);
	unsigned i;

	for (i = 4; i < e->n; i++)
		if (strncmp(e->word[i], key, n) == 0 && e->word[i][n] == '=')
			return e->word[i] + n + 1;
	return NULL;
}

uint64_t
event_line_num(const struct event_line *e, const char *key)
{
	const char *text = event_line_value(e, key);
	uint64_t n = 0;

	if (text == NULL || parse_num(text, 0, UINT64_MAX, &n) != 0)
		return 0;
	return n;
}

/* "1763640000.123456789"; 0, or -1 */
static int
stamp(char *text, uint64_t *ns)
{
	char *dot = strchr(text, '.');
	uint64_t s, frac;

	if (dot == NULL || strlen(dot + 1) != 9)
		return -1;
	*dot = '\0';
	if (parse_num(text, 0, UINT64_MAX / NS - 1, &s) != 0 ||
	    parse_num(dot + 1, 0, NS - 1, &frac) != 0)
		return -1;
	*ns = s * NS + frac;
	return 0;
}

bool
event_line_read(FILE *f, char text[EVENT_LINE_MAX])
{
	size_t n;
	int c;

	if (fgets(text, EVENT_LINE_MAX, f) == NULL)
		return false;
	n = strlen(text);
	if (n + 1 == EVENT_LINE_MAX && text[n - 1] != '\n')
		do
			c = getc(f);
		while (c != EOF && c != '\n');
	return true;
}

int
event_line_split(char *text, struct event_line *e)
{
	char *save, *w;

	e->n = 0;
	for (w = strtok_r(text, " \n", &save); w != NULL;
	     w = strtok_r(NULL, " \n", &save)) {
		if (e->n == EVENT_LINE_WORDS)
			return -1;
		e->word[e->n++] = w;
	}
	if (e->n < 5 || stamp(e->word[0], &e->time) != 0 ||
	    parse_endpoint(e->word[1], &e->local.addr, &e->local.port, 0) !=
		0 ||
	    parse_endpoint(e->word[2], &e->remote.addr, &e->remote.port, 0) !=
		0)
		return -1;
	e->event = e->word[3];
	return 0;
}
