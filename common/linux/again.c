/*
 * again.c - see again.h.
 */
#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/syscalls.h"
#include "linux/again.h"
#include "hosts/from.h"
#include "hosts/hosts_var.h"
#include "linux/opener.h"

enum { ASK_TABLE, ASK_FILE };

/* ---- the process that reads */

SANDBOX_NEEDS_FOR(READER, openat);
SANDBOX_NEEDS_FOR(READER, memfd_create);
SANDBOX_NEEDS_FOR(READER, faccessat);
#ifdef SYS_access
SANDBOX_NEEDS_FOR(READER, access);
#endif
#ifdef SYS_open
SANDBOX_NEEDS_FOR(READER, open);
#endif

struct keeper {
	struct again_config cf;
	struct hosts *now;	  /* its texts, as they were read last */
	bool wanted[HOSTS_TEXTS]; /* of the files */
	uint32_t next;		  /* of them */
};

/* libc keeps what is freed, as much as a whole table */
void
again_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

/* words_of - texts that keep their numbers */
static struct hosts_words
words_of(const struct hosts *h)
{
	struct hosts_words w;

	w.command = hosts_commands(h, &w.ncommands);
	w.quirk = hosts_quirks(h, &w.nquirks);
	w.salt = h->salt;
	return w;
}

static void
put_words(struct bundle *b, const struct hosts_words *w)
{
	uint32_t i;

	bundle_put(b, BUNDLE_SALT, "", &w->salt, sizeof(w->salt));
	for (i = 0; i < w->ncommands; i++)
		bundle_put(b, BUNDLE_COMMAND, "", w->command[i],
		    strlen(w->command[i]));
	for (i = 0; i < w->nquirks; i++)
		bundle_put(
		    b, BUNDLE_QUIRK, "", w->quirk[i], strlen(w->quirk[i]));
}

/* take - h is what there is from now on */
static void
take(struct keeper *k, struct hosts *h, uint32_t commands)
{
	const char *const *text;
	uint32_t i, n;

	text = hosts_files(h, &n);
	for (i = 0; i < n; i++)
		k->wanted[i] = hosts_file_of(h, i, k->cf.proto);
	text = hosts_commands(h, &n);
	for (i = commands; i < n && k->cf.commands >= 0; i++)
		(void)!write(OPENER_KEPT, text[i], strlen(text[i]) + 1);
	hosts_free(k->now);
	hosts_strip(h);
	k->now = h;
	k->next = 0;
}

static void
read_table(struct keeper *k, struct bundle *b)
{
	struct hosts_words before = words_of(k->now);
	struct hosts_from from = bundle_writes(b);
	struct hosts_use use = k->cf.use;
	char error[HOSTS_ERROR];
	struct hosts *h;

	put_words(b, &before);
	use.from = &from;
	use.again = true;
	use.before = &before;
	h = hosts_load(k->cf.path, &use, error);
	if (h != NULL && b->full) {
		snprintf(error, sizeof(error), "%s: %s", k->cf.path,
		    strerror(ENOMEM));
		hosts_free(h);
		h = NULL;
	}
	if (h != NULL) {
		take(k, h, before.ncommands);
		return;
	}
	b->n = 0;
	bundle_put(b, BUNDLE_ERROR, "", error, strlen(error));
}

/* as_file - the bundle in memory that can be handed over */
static int
as_file(const struct bundle *b)
{
	int fd = memfd_create("hosts", MFD_CLOEXEC);
	size_t done = 0;
	ssize_t n;

	while (fd >= 0 && done < b->n) {
		n = write(fd, b->p + done, b->n - done);
		if (n <= 0) {
			close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

static int
next_file(struct keeper *k)
{
	const char *const *name;
	uint32_t n;

	name = hosts_files(k->now, &n);
	while (k->next < n && !k->wanted[k->next])
		k->next++;
	if (k->next < n)
		return open(name[k->next++], O_RDONLY | O_CLOEXEC);
	errno = ENOENT;
	return -1;
}

static int
read_again(void *ctx, uint8_t what)
{
	struct bundle b = {.p = NULL};
	struct keeper *k = ctx;
	int fd;

	if (what == ASK_FILE)
		return next_file(k);
	read_table(k, &b);
	fd = as_file(&b);
	free(b.p);
	again_trim();
	return fd;
}

int
again_start(struct again *a, const struct again_config *cf, struct hosts *now)
{
	struct keeper *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return -1;
	a->cf = k->cf = *cf;
	k->now = now;
	a->sock = opener_start_by(
	    read_again, k, SANDBOX_READER | SANDBOX_LIBC, cf->commands);
	free(k);
	return a->sock < 0 ? -1 : 0;
}

/* ---- the process that asks */

void
again_stays(const char *why)
{
	hosts_say("--hosts: ", why, ": the old table stays");
}

void
again_hangup(struct again *a)
{
	if (a->sock < 0)
		return;
	a->once_more = a->asked;
	if (!a->asked)
		a->asked = opener_want(a->sock, ASK_TABLE) == 0;
	if (!a->asked)
		again_stays("the process that reads it has ended");
}

int
again_socket(const struct again *a)
{
	return a->asked ? a->sock : -1;
}

int
again_file(struct again *a)
{
	return opener_ask_for(a->sock, ASK_FILE);
}

/* read_bundle - 0, or -1 and errno */
static int
read_bundle(struct bundle *b, int fd)
{
	struct stat sb;
	ssize_t n = 1;

	if (fstat(fd, &sb) != 0)
		return -1;
	b->cap = (size_t)sb.st_size;
	b->p = malloc(b->cap + 1);
	while (b->p != NULL && b->n < b->cap && n > 0) {
		n = read(fd, b->p + b->n, b->cap - b->n);
		if (n > 0)
			b->n += (size_t)n;
	}
	return b->p != NULL && n > 0 ? 0 : -1;
}

/* words_in - of the bundle; the arrays are to be freed */
static bool
words_in(const struct bundle *b, struct hosts_words *w, const char **text)
{
	struct bundle_text t;
	size_t at = 0;

	w->command = text;
	w->quirk = text + HOSTS_TEXTS;
	while (bundle_next(b, &at, &t)) {
		if (t.kind == BUNDLE_COMMAND && w->ncommands < HOSTS_TEXTS)
			text[w->ncommands++] = t.data;
		if (t.kind == BUNDLE_QUIRK && w->nquirks < HOSTS_QUIRKS)
			text[HOSTS_TEXTS + w->nquirks++] = t.data;
		if (t.kind == BUNDLE_SALT && t.n == sizeof(w->salt))
			memcpy(&w->salt, t.data, t.n);
		if (t.kind == BUNDLE_ERROR)
			return false;
	}
	return true;
}

static struct hosts *
table(struct bundle *b, const struct again_config *cf, char error[HOSTS_ERROR])
{
	const char **text = calloc(HOSTS_TEXTS + HOSTS_QUIRKS, sizeof(*text));
	struct hosts_words before = {.ncommands = 0};
	struct hosts_from from = bundle_reads(b);
	struct hosts_use use = cf->use;
	struct bundle_text t;
	struct hosts *h = NULL;
	size_t at = 0;

	snprintf(error, HOSTS_ERROR, "%s: %s", cf->path, strerror(ENOMEM));
	use.from = &from;
	use.again = true;
	use.before = &before;
	if (text != NULL && words_in(b, &before, text))
		h = hosts_load(cf->path, &use, error);
	else if (text != NULL && bundle_next(b, &at, &t))
		snprintf(error, HOSTS_ERROR, "%s", t.data);
	free(text);
	return h;
}

struct hosts *
again_take(struct again *a)
{
	struct bundle b = {.p = NULL};
	char error[HOSTS_ERROR];
	struct hosts *h = NULL;
	int fd = opener_take(a->sock);

	if (fd >= 0 && read_bundle(&b, fd) == 0)
		h = table(&b, &a->cf, error);
	else
		snprintf(error, sizeof(error), "%s: %s", a->cf.path,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
	free(b.p);
	if (h == NULL)
		again_stays(error);
	a->asked = false;
	if (a->once_more)
		again_hangup(a);
	return h;
}
