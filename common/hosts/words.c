/*
 * words.c - a line of phantom-hosts(5): its words, and the message about a
 * wrong one.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hosts/reader.h"

/* reader_wrong - report what, at the present word; false */
__attribute__((format(printf, 2, 3))) bool
reader_wrong(struct reader *r, const char *format, ...)
{
	unsigned i = r->at < r->line.n ? r->at : r->line.n;
	unsigned column = r->line.n == 0 ? 1
			  : i < r->line.n
			      ? r->line.column[i]
			      : r->line.column[i - 1] +
				    (unsigned)strlen(r->line.word[i - 1]);
	va_list ap;
	int n;

	n = snprintf(
	    r->error, HOSTS_ERROR, "%s:%u:%u: ", r->name, r->no, column);
	if (n < 0 || n >= HOSTS_ERROR)
		return false;
	va_start(ap, format);
	vsnprintf(r->error + n, HOSTS_ERROR - (size_t)n, format, ap);
	va_end(ap);
	return false;
}

bool
reader_no_memory(struct reader *r)
{
	snprintf(r->error, HOSTS_ERROR, "%s: %s", r->name, strerror(ENOMEM));
	return false;
}

/* cut_word - at *p, of quotes or not; *p goes behind it. NULL: no end */
static char *
cut_word(char **p)
{
	char *from = *p, *to, quote = 0;

	if (*from == '\'' || *from == '"')
		quote = *from++;
	for (to = from;
	     *to != '\0' && (quote ? *to != quote : *to != ' ' && *to != '\t');
	     to++)
		;
	if (quote && *to == '\0')
		return NULL;
	*p = *to == '\0' ? to : to + 1;
	*to = '\0';
	return from;
}

/* reader_split - r->line.text into its words; # begins a comment */
bool
reader_split(struct reader *r)
{
	struct line *l = &r->line;
	char *p = l->text;

	for (l->n = 0;; l->n++) {
		while (*p == ' ' || *p == '\t')
			p++;
		if (*p == '\0' || *p == '#')
			return true;
		r->at = l->n;
		if (l->n == READER_WORDS)
			return reader_wrong(
			    r, "more than %d words in a line", READER_WORDS);
		l->column[l->n] = (unsigned)(p - l->text) + 1;
		l->word[l->n] = p; /* for a message */
		if ((p[0] == '\'' || p[0] == '"') &&
		    strchr(p + 1, *p) == NULL) {
			l->word[l->n++] = p;
			return reader_wrong(r, "a quote that is not closed");
		}
		l->word[l->n] = cut_word(&p);
	}
}

/* reader_next - the word to look at, or NULL behind the last */
const char *
reader_next(const struct reader *r)
{
	return r->at < r->line.n ? r->line.word[r->at] : NULL;
}

/* reader_is - this is the word: step behind it */
bool
reader_is(struct reader *r, const char *word)
{
	const char *w = reader_next(r);

	if (w == NULL || strcmp(w, word) != 0)
		return false;
	r->at++;
	return true;
}
