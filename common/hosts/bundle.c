/*
 * bundle.c - see from.h. A text is its kind, the lengths of its name and its
 * data, then these two, each with a zero byte behind it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "hosts/from.h"

enum { HEAD = 9 };

static bool
room(struct bundle *b, size_t n)
{
	size_t cap = b->cap;
	uint8_t *p;

	if (b->full || n <= b->cap - b->n)
		return !b->full;
	while (cap - b->n < n)
		cap = cap * 2 + 65536;
	p = realloc(b->p, cap);
	b->full = p == NULL;
	if (p == NULL)
		return false;
	b->p = p;
	b->cap = cap;
	return true;
}

static void
put(struct bundle *b, const void *data, size_t n)
{
	if (n > 0)
		memcpy(b->p + b->n, data, n);
	b->p[b->n + n] = 0;
	b->n += n + 1;
}

void
bundle_put(struct bundle *b, enum bundle_kind kind, const char *name,
    const void *data, size_t n)
{
	size_t len = strlen(name);

	if (n > UINT32_MAX || !room(b, HEAD + len + n + 2))
		return;
	b->p[b->n] = (uint8_t)kind;
	put_be32(b->p + b->n + 1, (uint32_t)len);
	put_be32(b->p + b->n + 5, (uint32_t)n);
	b->n += HEAD;
	put(b, name, len);
	put(b, data, n);
}

bool
bundle_next(const struct bundle *b, size_t *at, struct bundle_text *t)
{
	const uint8_t *p = b->p + *at;
	size_t left = b->n - *at, len;

	if (left < HEAD)
		return false;
	len = get_be32(p + 1);
	t->n = get_be32(p + 5);
	if (len + 1 > left - HEAD || t->n + 1 > left - HEAD - len - 1)
		return false;
	t->kind = (enum bundle_kind)p[0];
	t->name = (const char *)p + HEAD;
	t->data = t->name + len + 1;
	*at += HEAD + len + t->n + 2;
	return true;
}

/* find - the text of this kind and name */
static bool
find(const struct bundle *b, enum bundle_kind kind, const char *name,
    struct bundle_text *t)
{
	size_t at = 0;

	while (bundle_next(b, &at, t))
		if (t->kind == kind && strcmp(t->name, name) == 0)
			return true;
	errno = ENOENT;
	return false;
}

/* ---- files that are kept */

static char *
keep_file(void *ctx, const char *path, size_t *n)
{
	char *text = hosts_from_files.file(NULL, path, n);

	if (text != NULL)
		bundle_put(ctx, BUNDLE_FILE, path, text, *n);
	return text;
}

static int
keep_print(void *ctx, const char *name, const char *db, char *print, size_t cap)
{
	int found = hosts_from_files.print(NULL, name, db, print, cap);

	if (found == 1)
		bundle_put(ctx, BUNDLE_PRINT, name, print, strlen(print));
	return found;
}

struct hosts_from
bundle_writes(struct bundle *b)
{
	struct hosts_from f = hosts_from_files;

	f.ctx = b;
	f.file = keep_file;
	f.print = keep_print;
	return f;
}

/* ---- and read */

static char *
kept_file(void *ctx, const char *path, size_t *n)
{
	struct bundle_text t;
	char *text;

	if (!find(ctx, BUNDLE_FILE, path, &t))
		return NULL;
	text = malloc(t.n + 1);
	if (text != NULL)
		memcpy(text, t.data, t.n);
	*n = t.n;
	return text;
}

static const char *
kept_look(void *ctx, const char *path, uint64_t most)
{
	return NULL;
}

static int
kept_print(void *ctx, const char *name, const char *db, char *print, size_t cap)
{
	struct bundle_text t;

	if (!find(ctx, BUNDLE_PRINT, name, &t) || t.n >= cap)
		return 0;
	memcpy(print, t.data, t.n + 1);
	return 1;
}

struct hosts_from
bundle_reads(struct bundle *b)
{
	return (struct hosts_from){.ctx = b,
	    .file = kept_file,
	    .look = kept_look,
	    .print = kept_print};
}
