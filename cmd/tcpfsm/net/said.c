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
	SHORTENED = 64, /* sessions, the most for one that grows */
};
#define RETRY (60 * NS_PER_SEC) /* after a full disk */

struct said {
	struct said *next, *prev; /* of its source: a ring */
	uint8_t *b;
	size_t n, cap;
	uint32_t source;
	bool cut; /* there was no room for more */
};

/* share - of a source */
struct share {
	size_t held;
	uint64_t written;
	struct said *open; /* its sessions that hold bytes, or NULL */
};

struct said_dir {
	const char *path;
	int sock;	/* of the opener */
	uint64_t begun; /* s: a part of every name, */
	uint32_t next;	/* as is this */
	uint64_t key[2];
	size_t held; /* in memory; */
	size_t most; /* no source has more of it */
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
	return open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
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

/* tell_cut - the first, at once; then their number, in the end */
static void
tell_cut(struct said_dir *d)
{
	if (d->cut++ == 0)
		say("--said %s: no room for all that one source sends: its "
		    "sessions are cut, or have no file",
		    d->path);
}

/* ---- memory */

/* enter - the last of its source */
static void
enter(struct said_dir *d, struct said *s)
{
	struct said *first = d->of[s->source].open;

	s->next = first != NULL ? first : s;
	s->prev = first != NULL ? first->prev : s;
	s->next->prev = s->prev->next = s;
	if (first == NULL)
		d->of[s->source].open = s;
}

static void
leave(struct said_dir *d, struct said *s)
{
	struct said **first = &d->of[s->source].open;

	if (*first == s)
		*first = s->next != s ? s->next : NULL;
	s->prev->next = s->next;
	s->next->prev = s->prev;
}

static void
count(struct said_dir *d, const struct said *s, size_t more)
{
	size_t *held = &d->of[s->source].held;

	d->held += more;
	*held += more;
	if (d->most < *held)
		d->most = *held;
}

static void
let_go(struct said_dir *d, struct said *s, size_t less)
{
	d->held -= less;
	d->of[s->source].held -= less;
	s->cap -= less;
	if (s->cap > 0)
		return;
	leave(d, s);
	free(s->b);
	s->b = NULL;
}

/* shorten - a session to half of what it has, or to nothing */
static void
shorten(struct said_dir *d, struct said *s)
{
	size_t cap = s->cap > FIRST ? s->cap / 2 : 0;
	uint8_t *b = cap > 0 ? realloc(s->b, cap) : NULL;

	if (cap > 0 && b == NULL)
		return;
	if (cap > 0)
		s->b = b;
	if (s->n > cap) {
		s->n = cap;
		if (!s->cut)
			tell_cut(d);
		s->cut = true;
	}
	d->of[s->source].open = s->next; /* the next time another */
	let_go(d, s, s->cap - cap);
}

/* of_most - the source that has most; d->most is right afterwards */
static uint32_t
of_most(struct said_dir *d)
{
	uint32_t i, best = 0;

	for (i = 1; i < SOURCES; i++)
		if (d->of[i].held > d->of[best].held)
			best = i;
	d->most = d->of[best].held;
	return best;
}

/* make_room - for so many bytes of a session; the source that has most gives
   them to one that has less, see base/part.h */
static bool
make_room(struct said_dir *d, const struct said *s, size_t more)
{
	const size_t own = d->of[s->source].held;
	unsigned i;
	uint32_t from;

	if (part_has_room(own, d->held, HELD, more))
		return true;
	for (i = 0; i < SHORTENED; i++) {
		if (d->most < own + 2 * more)
			return false;
		if (i > 0 && d->held + more <= HELD)
			return true;
		from = of_most(d);
		if (d->most >= own + 2 * more)
			shorten(d, d->of[from].open);
	}
	return d->held + more <= HELD;
}

/* room - for n more bytes, as many of them as there may be */
static size_t
room(struct said_dir *d, struct said *s, size_t n)
{
	size_t cap = s->cap > 0 ? s->cap : FIRST, more;
	uint8_t *b;

	if (s->cut)
		return 0;
	if (n > EACH - s->n)
		n = EACH - s->n;
	while (cap < s->n + n)
		cap *= 2;
	if (cap == s->cap || n == 0)
		return n;
	more = cap - s->cap;
	if (!make_room(d, s, more))
		return 0;
	b = realloc(s->b, cap);
	if (b == NULL)
		return 0;
	if (s->cap == 0)
		enter(d, s);
	count(d, s, more);
	s->b = b;
	s->cap = cap;
	return n;
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
	if (s->cap > 0)
		let_go(d, s, s->cap);
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
