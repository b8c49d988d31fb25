/*
 * faults.c - what is wrong with a file of phantom-hosts(5): each mistake in a
 * line of its own, with its place.
 *
 * A line with a mistake is left at that, and the next one is read. What could
 * be wrong only because of it is not reported.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "hosts/reader.h"

enum { SHOWN = 20, FAULT = 400 };

/* add - one more line */
__attribute__((format(printf, 3, 0))) static void
add(struct faults *f, const char *place, const char *format, va_list ap)
{
	char line[FAULT];
	int n = snprintf(line, sizeof(line), "%s", place);

	if (f->n++ >= SHOWN)
		return;
	if (n < 0 || n >= FAULT / 2) /* a long name: what is wrong counts */
		n = FAULT / 2;
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, ap);
	f->len += (size_t)snprintf(f->text + f->len, HOSTS_ERROR - f->len,
	    "%s%s", f->len > 0 ? "\n" : "", line);
}

bool
reader_wrong(struct reader *r, const char *format, ...)
{
	unsigned i = r->at < r->line.n ? r->at : r->line.n;
	unsigned column = r->line.n == 0 ? 1
			  : i < r->line.n
			      ? r->line.column[i]
			      : r->line.column[i - 1] +
				    (unsigned)strlen(r->line.word[i - 1]);
	char place[FAULT];
	va_list ap;

	snprintf(place, sizeof(place), "%s:%u:%u: ", r->name, r->no, column);
	va_start(ap, format);
	add(r->faults, place, format, ap);
	va_end(ap);
	return false;
}

bool
reader_ends(struct reader *r, const char *format, ...)
{
	char place[FAULT];
	va_list ap;

	snprintf(place, sizeof(place), "%s: ", r->name);
	va_start(ap, format);
	add(r->faults, place, format, ap);
	va_end(ap);
	r->faults->end = true;
	return false;
}

bool
reader_no_memory(struct reader *r)
{
	return reader_ends(r, "%s", strerror(ENOMEM));
}

bool
reader_mark(struct reader *r, struct places *p)
{
	if (!hosts_grow((void **)&p->at, &p->cap, p->n, sizeof(*p->at)))
		return reader_no_memory(r);
	p->at[p->n++] = (struct place){
	    .source = r->source,
	    .line = r->no,
	    .column = r->line.column[r->at],
	};
	return true;
}

bool
reader_twice(
    struct reader *r, const char *what, const struct places *p, size_t i)
{
	const struct place *first = &p->at[i];
	const bool here = first->source == r->source;

	return reader_wrong(r, "%s %s stands there twice, first at %s%s%u:%u",
	    what, reader_next(r), here ? "" : r->h->sources.text[first->source],
	    here ? "" : ":", first->line, first->column);
}

void
reader_sum(struct reader *r)
{
	struct faults *f = r->faults;

	if (f->n > SHOWN)
		snprintf(f->text + f->len, HOSTS_ERROR - f->len,
		    "\n%.*s: and %u more", FAULT / 2, r->name, f->n - SHOWN);
}

void
hosts_say(const char *before, const char *error, const char *last)
{
	const char *end;

	for (; (end = strchr(error, '\n')) != NULL; error = end + 1)
		say("%s%.*s", before, (int)(end - error), error);
	say("%s%s%s", before, error, last);
}
