/*
 * text.c - a quirk as it is written on a command line:
 * name[@when][:arg]
 */
#include <string.h>

#include "tcp/quirk/quirk.h"
#include "tcp/tcp.h"
#include "wire/parse.h"

enum { WORD = 40 };

/* take - the text up to end, as a string; false when it is too long */
static bool
take(const char *s, const char *end, char buf[WORD])
{
	size_t n = (size_t)(end - s);

	if (n >= WORD)
		return false;
	memcpy(buf, s, n);
	buf[n] = '\0';
	return true;
}

static bool
ends_with_unit(const char *s)
{
	return *s != '\0' && s[strlen(s) - 1] == 's';
}

/* parse_when - open, fin, data#N, a number of bytes, a time with its unit */
static bool
parse_when(const char *s, struct tcp_quirk *q)
{
	q->at = 0;
	if (strcmp(s, "open") == 0) {
		q->when = TCP_WHEN_OPEN;
		return true;
	}
	if (strcmp(s, "fin") == 0) {
		q->when = TCP_WHEN_FIN;
		return true;
	}
	if (strncmp(s, "data#", 5) == 0) {
		q->when = TCP_WHEN_SEGMENT;
		return parse_num(s + 5, 1, UINT32_MAX, &q->at) == 0;
	}
	if (ends_with_unit(s)) {
		q->when = TCP_WHEN_TIME;
		return parse_time(s, &q->at) == 0;
	}
	q->when = TCP_WHEN_BYTES;
	return parse_num(s, 0, UINT64_MAX >> 1, &q->at) == 0;
}

static bool
parse_arg(const char *s, const struct quirk_kind *k, uint64_t *arg)
{
	if (k->arg == ARG_NUMBER)
		return parse_num(s, k->min, k->max, arg) == 0;
	return parse_time(s, arg) == 0 && *arg >= k->min && *arg <= k->max;
}

/* find - the quirk of this name; NULL: none */
static const struct quirk_kind *
find(const char *name)
{
	unsigned i = 0;

	while (i < quirk_nkinds && strcmp(quirk_kinds[i]->name, name) != 0)
		i++;
	return i < quirk_nkinds ? quirk_kinds[i] : NULL;
}

enum quirk_error
quirk_parse(const char *text, struct tcp_quirk *q)
{
	const char *name_end = text + strcspn(text, "@:");
	const char *when_end = name_end + strcspn(name_end, ":");
	const struct quirk_kind *k;
	char word[WORD];

	q->kind = k = take(text, name_end, word) ? find(word) : NULL;
	if (k == NULL)
		return QUIRK_NAME;
	q->when = (enum tcp_when)k->when;
	q->at = k->at;
	q->arg = k->value;
	if (when_end != name_end) {
		if (k->counts == COUNTS_NOTHING)
			return QUIRK_NO_WHEN;
		if (!take(name_end + 1, when_end, word) || !parse_when(word, q))
			return QUIRK_WHEN;
	}
	if (*when_end == ':') {
		if (k->arg == ARG_NONE)
			return QUIRK_NO_ARG;
		if (!parse_arg(when_end + 1, k, &q->arg))
			return QUIRK_ARG;
	}
	return QUIRK_OK;
}

const char *
quirk_error_text(enum quirk_error e)
{
	static const char *const text[] = {
	    [QUIRK_OK] = NULL,
	    [QUIRK_NAME] = "no such quirk: try tcpfsm -Q list",
	    [QUIRK_WHEN] = "when is open, fin, data#N, a number of bytes or a "
			   "time with its unit, as 2s",
	    [QUIRK_NO_WHEN] = "this one takes no @when",
	    [QUIRK_ARG] = "its argument is out of range: see "
			  "tcpfsm-quirks(7)",
	    [QUIRK_NO_ARG] = "this one takes no :argument",
	};

	return text[e];
}

const char *
quirk_wrong(const char *s)
{
	struct tcp_quirk q;

	return quirk_error_text(quirk_parse(s, &q));
}
