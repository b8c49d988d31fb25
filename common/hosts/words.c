/*
 * words.c - a line of phantom-hosts(5): its words.
 */
#include <string.h>

#include "hosts/reader.h"

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

/* is_curly - UTF-8 of a quote that word processors write: U+2018 to U+201D */
static bool
is_curly(const char *p)
{
	return strncmp(p, "\xe2\x80", 2) == 0 && (unsigned char)p[2] >= 0x98 &&
	       (unsigned char)p[2] <= 0x9d;
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
		if (is_curly(p)) {
			l->n++;
			return reader_wrong(r,
			    "this quote is a letter here: quotes are ' or \"");
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
