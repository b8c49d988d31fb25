/*
 * lines.c - the log's lines about a connection, kept as JSON: of a sent
 * segment only the keys of the congestion control, of every other line all
 * words.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "film.h"

enum { WORDS_KEPT = 12, LINE_MAX = 64 + (WORDS_KEPT + 1) * JSON_TEXT };

static void
keep(struct film_log *l, const char *text, size_t n)
{
	size_t room = l->room;
	char *more;

	while (room - l->n < n + 3)
		room = room > 0 ? 2 * room : 1024;
	if (room > l->room) {
		more = realloc(l->text, room);
		if (more == NULL)
			die(EXIT_NO, "keep the log: %s", strerror(errno));
		l->text = more;
		l->room = room;
	}
	if (l->lines++ > 0) {
		memcpy(l->text + l->n, ",\n", 2);
		l->n += 2;
	}
	memcpy(l->text + l->n, text, n);
	l->n += n;
}

/* segment - [time, side, cwnd, flight, rto_ms, ssthresh, rtt_us], 0 for what
   is not known; 0: it is not there */
static size_t
segment(char *out, int64_t at, enum conn_side mine, const struct event_line *e)
{
	const char *dir = event_line_value(e, "dir");

	if (dir == NULL || strcmp(dir, "out") != 0 ||
	    event_line_value(e, "rto_ms") == NULL)
		return 0;
	return (size_t)snprintf(out, LINE_MAX,
	    "[%" PRId64 ",%d,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
	    ",%" PRIu64 "]",
	    at, mine, event_line_num(e, "cwnd"), event_line_num(e, "flight"),
	    event_line_num(e, "rto_ms"), event_line_num(e, "ssthresh"),
	    event_line_num(e, "rtt_us"));
}

/* other - [time, side, event, "key=value", ...] */
static size_t
other(char *out, int64_t at, enum conn_side mine, const struct event_line *e)
{
	char text[JSON_TEXT];
	size_t n;
	unsigned i;

	n = (size_t)snprintf(out, LINE_MAX, "[%" PRId64 ",%d,%s", at, mine,
	    json_text(e->event, false, text));
	for (i = 4; i < e->n && i < 4 + WORDS_KEPT; i++)
		n += (size_t)snprintf(out + n, LINE_MAX - n, ",%s",
		    json_text(e->word[i], false, text));
	out[n++] = ']';
	return n;
}

void
film_line(struct film *f, const struct conn *c, enum conn_side mine,
    const struct event_line *e)
{
	int64_t at = (int64_t)(e->time - c->first_at);
	char text[LINE_MAX];
	size_t n;

	if (!choice_has(&f->choice, c) || !choice_when(&f->choice, e->time))
		return;
	n = strcmp(e->event, "segment") == 0 ? segment(text, at, mine, e)
					     : other(text, at, mine, e);
	if (n > 0)
		keep(&f->log[c->no], text, n);
}
