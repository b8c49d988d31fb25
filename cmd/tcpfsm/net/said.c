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
#include "linux/opener.h"
#include "base/syscalls.h"
#include "net/said.h"

enum {
	EACH = 64 << 10, /* bytes of a session, */
	HELD = 64 << 20, /* of all that are open, */
	FIRST = 256,	 /* of memory to begin with, */
	PATH_CAP = 4096,
};
#define ALL (UINT64_C(1) << 30) /* and of all files between two SIGHUPs */

struct said {
	uint8_t *b;
	size_t n, cap;
};

struct said_dir {
	const char *path;
	int sock;	/* of the opener */
	uint64_t begun; /* s: a part of every name, */
	uint32_t next;	/* as is this */
	size_t held;	/* in memory */
	uint64_t written;
	bool failed; /* there was a message, */
	bool lost;   /* at some time */
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
said_open(const char *path)
{
	struct clock clock;
	struct said_dir *d = calloc(1, sizeof(*d));

	if (d == NULL)
		die(EXIT_NO, "start: out of memory");
	if (access(path, W_OK | X_OK) != 0)
		die(EXIT_WRONG, "--said: write in %s: %s", path,
		    strerror(errno));
	d->path = path;
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
	size_t cap = s->cap > 0 ? s->cap : FIRST;
	uint8_t *b;

	if (n > EACH - s->n)
		n = EACH - s->n;
	while (cap < s->n + n)
		cap *= 2;
	if (cap == s->cap || n == 0)
		return n;
	if (d->held + cap - s->cap > HELD)
		return 0;
	b = realloc(s->b, cap);
	if (b == NULL)
		return 0;
	d->held += cap - s->cap;
	s->b = b;
	s->cap = cap;
	return n;
}

void
said_take(struct said_dir *d, struct said **s, const uint8_t *p, size_t n)
{
	if (*s == NULL)
		*s = calloc(1, sizeof(**s));
	if (*s == NULL)
		return;
	n = room(d, *s, n);
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

const char *
said_end(struct said_dir *d, struct said *s, char name[SAID_NAME])
{
	const char *as = NULL;
	int fd;

	if (s == NULL)
		return NULL;
	if (s->n > 0 && d->written + s->n <= ALL) {
		d->written += s->n;
		fd = opener_ask(d->sock);
		as = name_of(d, name);
		if (!write_all(fd, s)) {
			if (!d->failed)
				say("write %s/%s: %s: from here on some is "
				    "lost",
				    d->path, as, strerror(errno));
			d->failed = d->lost = true;
			as = NULL;
		}
		if (fd >= 0)
			close(fd);
	}
	d->held -= s->cap;
	free(s->b);
	free(s);
	return as;
}

void
said_rotate(struct said_dir *d)
{
	d->written = 0;
	d->failed = false;
}

bool
said_lost(const struct said_dir *d)
{
	return d->lost;
}
