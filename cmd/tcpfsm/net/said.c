/*
 * said.c - see said.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/part.h"
#include "linux/opener.h"
#include "base/syscalls.h"
#include "net/said.h"
#include "wire/ip.h"

enum {
	EACH = 64 << 10, /* bytes of a session, */
	HELD = 64 << 20, /* of all that are open, */
	FIRST = 256,	 /* of memory to begin with, */
	BLOCK = 4096,	 /* a file takes whole ones, and about one itself */
	PATH_CAP = 4096,
	SOURCES = 4096, /* those that share one share its part */
};
#define RETRY (60 * NS_PER_SEC) /* after a full disk */

/* share - of a source */
struct share {
	size_t held;
	uint64_t written;
};

struct said {
	uint8_t *b;
	size_t n, cap;
	uint32_t source;
	bool cut; /* there was no room for more */
};

struct said_dir {
	const char *path;
	int sock;	/* of the opener */
	uint64_t begun; /* s: a part of every name, */
	uint32_t next;	/* as is this */
	uint64_t key[2];
	size_t held; /* in memory */
	uint64_t written, all;
	struct share of[SOURCES];
	bool failed;	/* there was a message, */
	bool lost;	/* at some time */
	uint64_t retry; /* nothing is written before */
	uint64_t cut;	/* sessions for which there was no room */
};

/* name_of - of the next file; opener and parser count alike */
static const char *
name_of(struct said_dir *d, char name[SAID_NAME])
{
	snprintf(name, SAID_NAME, "%llu-%08u", (unsigned long long)d->begun,
	    ++d->next);
	return name;
}

static int
open_next(void *ctx, uint8_t what)
{
	struct said_dir *d = ctx;
	char path[PATH_CAP], name[SAID_NAME];
	int n;

	n = snprintf(path, sizeof(path), "%s/%s", d->path, name_of(d, name));
	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

struct said_dir *
said_open(const char *path, const uint64_t key[2], uint64_t all)
{
	struct clock clock;
	struct said_dir *d = calloc(1, sizeof(*d));

	if (d == NULL)
		die(EXIT_NO, "start: out of memory");
	if (access(path, W_OK | X_OK) != 0)
		die(EXIT_WRONG, "--said: write in %s: %s", path,
		    strerror(errno));
	d->path = path;
	d->all = all;
	d->key[0] = key[0];
	d->key[1] = key[1];
	clock_start(&clock);
	d->begun = clock_now(&clock) / NS_PER_SEC;
	d->sock = opener_start_by(open_next, d, SANDBOX_OPENER);
	if (d->sock < 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	return d;
}

/* room - for n more bytes, as many of them as there may be */
static size_t
room(struct said_dir *d, struct said *s, size_t n)
{
	size_t cap = s->cap > 0 ? s->cap : FIRST, more;
	uint8_t *b;

	if (n > EACH - s->n)
		n = EACH - s->n;
	while (cap < s->n + n)
		cap *= 2;
	if (cap == s->cap || n == 0)
		return n;
	more = cap - s->cap;
	if (!part_has_room(d->of[s->source].held, d->held, HELD, more))
		return 0;
	b = realloc(s->b, cap);
	if (b == NULL)
		return 0;
	d->held += more;
	d->of[s->source].held += more;
	s->b = b;
	s->cap = cap;
	return n;
}

/* tell_cut - the first, at once; then their number, in the end */
static void
tell_cut(struct said_dir *d)
{
	if (d->cut++ == 0)
		say("--said %s: no room for all that one source sends: its "
		    "sessions are cut, or have no file",
		    d->path);
}

void
said_take(struct said_dir *d, struct said **s, const struct ip_addr *from,
    const uint8_t *p, size_t n)
{
	bool more;

	if (*s == NULL) {
		*s = calloc(1, sizeof(**s));
		if (*s == NULL)
			return;
		(*s)->source = (uint32_t)ip_source(from, d->key) % SOURCES;
	}
	more = n > 0 && (*s)->n < EACH;
	n = room(d, *s, n);
	if (more && n == 0 && !(*s)->cut) {
		(*s)->cut = true;
		tell_cut(d);
	}
	if (n == 0 || (*s)->b == NULL)
		return;
	memcpy((*s)->b + (*s)->n, p, n);
	(*s)->n += n;
}

static bool
write_all(int fd, const struct said *s)
{
	size_t done = 0;
	ssize_t n;

	while (fd >= 0 && done < s->n) {
		n = write(fd, s->b + done, s->n - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		done += (size_t)n;
	}
	return fd >= 0;
}

/* may_write - a file of so many bytes */
static bool
may_write(struct said_dir *d, const struct said *s)
{
	const uint64_t all = (s->n + 2 * BLOCK - 1) / BLOCK * BLOCK;
	struct share *own = &d->of[s->source];

	if (d->retry != 0 && clock_steady() < d->retry)
		return false;
	if (!part_has_room(own->written, d->written, d->all, all)) {
		if (!s->cut)
			tell_cut(d);
		return false;
	}
	d->written += all;
	own->written += all;
	return true;
}

const char *
said_end(struct said_dir *d, struct said *s, char name[SAID_NAME])
{
	const char *as = NULL;
	int fd;

	if (s == NULL)
		return NULL;
	if (s->n > 0 && may_write(d, s)) {
		d->retry = 0;
		fd = opener_ask(d->sock);
		as = name_of(d, name);
		if (!write_all(fd, s)) {
			if (!d->failed)
				say("write %s/%s: %s: from here on some is "
				    "lost",
				    d->path, as, strerror(errno));
			d->failed = d->lost = true;
			if (fd >= 0 || errno == ENOSPC || errno == EDQUOT)
				d->retry = clock_steady() + RETRY;
			as = NULL;
		}
		if (fd >= 0)
			close(fd);
	}
	d->held -= s->cap;
	d->of[s->source].held -= s->cap;
	free(s->b);
	free(s);
	return as;
}

/* tell_all_cut - how many there were */
static void
tell_all_cut(struct said_dir *d)
{
	if (d->cut > 1)
		say("--said %s: no room for all of %llu sessions", d->path,
		    (unsigned long long)d->cut);
	d->cut = 0;
}

void
said_rotate(struct said_dir *d)
{
	uint32_t i;

	tell_all_cut(d);
	for (i = 0; i < SOURCES; i++)
		d->of[i].written = 0;
	d->written = d->retry = 0;
	d->failed = false;
}

bool
said_lost(struct said_dir *d)
{
	tell_all_cut(d);
	return d->lost;
}
