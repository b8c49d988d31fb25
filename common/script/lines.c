/*
 * lines.c - the lines of scripts, see lines.h.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "script/lines.h"
#include "script/train.h"

enum { DEEP = 4 };

static bool load(struct lines *, const char *path, int depth);

/* chomp - without comment and white space at its ends; the # of data#1 begins
   no comment */
static char *
chomp(char *s)
{
	char *hash = strchr(s, '#');
	size_t n;

	while (hash != NULL && hash > s && strchr(" \t", hash[-1]) == NULL)
		hash = strchr(hash + 1, '#');
	if (hash != NULL)
		*hash = '\0';
	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		s[--n] = '\0';
	return s;
}

static char *
copy(const char *s)
{
	char *p = strdup(s);

	if (p == NULL)
		abort();
	return p;
}

static void
append(
    struct lines *l, const char *file, int number, int column, const char *text)
{
	if (l->n == l->cap) {
		l->cap = l->cap > 0 ? 2 * l->cap : 64;
		l->line = realloc(l->line, l->cap * sizeof(*l->line));
		if (l->line == NULL)
			abort();
	}
	l->line[l->n++] = (struct line){file, number, column, copy(text)};
}

/* place - an error of the file itself is one of the line that names it */
static void
place(struct lines *l, const char *file, int number, int column)
{
	char why[sizeof(l->error)];

	if (l->placed)
		return;
	memcpy(why, l->error, sizeof(why));
	snprintf(l->error, sizeof(l->error), "%.80s:%d:%d: %.180s", file,
	    number, column, why);
	l->placed = true;
}

static bool
include(struct lines *l, const char *from, const char *name, int depth)
{
	const char *slash = strrchr(from, '/');
	char path[2 * LINE_MAX_TEXT];

	snprintf(path, sizeof(path), "%.*s%s",
	    slash != NULL ? (int)(slash - from + 1) : 0, from, name);
	return load(l, path, depth + 1);
}

/* append_train - a line for each segment, all of this place */
static bool
append_train(struct lines *l, const char *file, int number, int column,
    const struct train *t)
{
	const char *why = train_wrong(t);
	char buf[2 * LINE_MAX_TEXT];
	unsigned i;

	if (why != NULL) {
		snprintf(l->error, sizeof(l->error), "%s", why);
		place(l, file, number, column + (int)(t->from - t->text));
		return false;
	}
	for (i = 0; i < t->count; i++) {
		train_text(t, i, buf, sizeof(buf));
		append(l, file, number, column, buf);
	}
	return true;
}

static bool
take_line(struct lines *l, const char *file, int number, char *buf, int depth)
{
	struct train train;
	char *text;
	int column;

	if (strlen(buf) + 1 >= LINE_MAX_TEXT) {
		snprintf(l->error, sizeof(l->error),
		    "line too long: at most %d bytes", LINE_MAX_TEXT - 2);
		place(l, file, number, LINE_MAX_TEXT - 1);
		return false;
	}
	text = chomp(buf);
	if (*text == '\0')
		return true;
	if (strncmp(text, "include ", 8) == 0) {
		text += 8 + strspn(text + 8, " \t");
		if (include(l, file, text, depth))
			return true;
		place(l, file, number, (int)(text - buf) + 1);
		return false;
	}
	column = (int)(text - buf) + 1;
	if (train_read(&train, text))
		return append_train(l, file, number, column, &train);
	append(l, file, number, column, text);
	return true;
}

static bool
load_known(struct lines *l, const struct lines_file *f, int depth)
{
	char buf[LINE_MAX_TEXT];
	bool ok = true;
	unsigned i;

	for (i = 0; ok && i < f->n; i++) {
		snprintf(buf, sizeof(buf), "%s", f->text[i]);
		ok = take_line(l, f->name, (int)i + 1, buf, depth);
	}
	return ok;
}

/* file_name - a copy that lives as long as the lines */
static const char *
file_name(struct lines *l, const char *path)
{
	l->file = realloc(l->file, (l->files + 1) * sizeof(*l->file));
	if (l->file == NULL)
		abort();
	return l->file[l->files++] = copy(path);
}

static bool
load_file(struct lines *l, const char *path, int depth)
{
	char buf[LINE_MAX_TEXT];
	const char *name;
	bool ok = true;
	int line = 0;
	FILE *f;

	f = fopen(path, "r");
	if (f == NULL) {
		snprintf(l->error, sizeof(l->error), "open %.200s: %s", path,
		    strerror(errno));
		return false;
	}
	name = file_name(l, path);
	while (ok && fgets(buf, sizeof(buf), f) != NULL)
		ok = take_line(l, name, ++line, buf, depth);
	if (ferror(f)) {
		snprintf(l->error, sizeof(l->error), "read %.200s: %s", path,
		    strerror(errno));
		ok = false;
	}
	fclose(f);
	return ok;
}

static bool
load(struct lines *l, const char *path, int depth)
{
	unsigned i;

	if (depth >= DEEP) {
		snprintf(l->error, sizeof(l->error),
		    "%.200s: included too deep", path);
		return false;
	}
	if (l->files_first && access(path, F_OK) == 0)
		return load_file(l, path, depth);
	for (i = 0; i < l->nknown; i++) {
		if (strcmp(l->known[i].name, path) == 0)
			return load_known(l, &l->known[i], depth);
	}
	return load_file(l, path, depth);
}

bool
lines_load(struct lines *l, const char *path)
{
	return load(l, path, 0);
}

void
lines_free(struct lines *l)
{
	unsigned i;

	for (i = 0; i < l->n; i++)
		free((void *)(uintptr_t)l->line[i].text);
	for (i = 0; i < l->files; i++)
		free(l->file[i]);
	free(l->line);
	free(l->file);
	l->line = NULL;
	l->file = NULL;
	l->n = l->cap = l->files = 0;
}
