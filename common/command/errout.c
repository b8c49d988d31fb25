/*
 * errout.c - see errout.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bucket.h"
#include "base/clock.h"
#include "base/die.h"
#include "command/errout.h"

enum {
	LAST_READS = 128, /* more than a pipe holds, unless it is refilled */
	PIECE = 100,	  /* bytes for one of the bucket */
	PIECES = 400,
};
#define EVERY (50 * NS_PER_MS)
#define QUIET (10 * NS_PER_SEC)

int
errout_open(struct errout *s)
{
	int fd[2];

	*s = (struct errout){.fd = -1, .end = -1};
	if (pipe(fd) != 0)
		return -1;
	s->fd = fd[0];
	s->end = fd[1];
	/* whoever writes to it may open it again, but not to read */
	(void)fchmod(s->end, S_IWUSR | S_IWGRP | S_IWOTH);
	return fcntl(s->fd, F_SETFL, O_NONBLOCK);
}

int
errout_again(const struct errout *s)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", s->end);
	fd = open(name, O_WRONLY);
	return fd >= 0 ? fd : s->end;
}

/* has_line - a whole one, or as much as there is room for */
static bool
has_line(const struct errout *s)
{
	return s->n == ERROUT_LINE || memchr(s->text, '\n', s->n) != NULL;
}

static bool
stderr_takes(void)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

	return poll(&p, 1, 0) != 0;
}

/* read_some - false: there is nothing now */
static bool
read_some(struct errout *s)
{
	ssize_t n = read(s->fd, s->text + s->n, ERROUT_LINE - s->n);
	size_t i;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	for (i = s->n; i < s->n + (size_t)n; i++)
		if (s->text[i] == '\0')
			s->text[i] = '?';
	s->n += (size_t)n;
	return true;
}

/* tell_hidden - how many there were, when it is time */
static void
tell_hidden(struct errout *s, bool now)
{
	if (s->quiet == 0 || (!now && clock_steady() < s->quiet))
		return;
	say("command: %llu more lines of commands are not shown",
	    (unsigned long long)s->hidden);
	s->quiet = s->hidden = 0;
}

/* may_show - a line of n bytes */
static bool
may_show(struct errout *s, size_t n)
{
	const uint64_t now = clock_steady();
	size_t i;

	for (i = 0; s->quiet == 0 && i < 1 + n / PIECE; i++)
		if (!bucket_take(&s->full, now, EVERY, PIECES))
			s->quiet = now + QUIET;
	s->hidden += s->quiet != 0;
	return s->quiet == 0;
}

/* tell_line - the first one, or all there is; say() makes visible what is not
   printable */
static void
tell_line(struct errout *s)
{
	char *nl = memchr(s->text, '\n', s->n);
	size_t len = nl != NULL ? (size_t)(nl - s->text) : s->n;
	size_t gone = len + (nl != NULL);

	s->text[len] = '\0';
	if (len > 0 && may_show(s, len))
		say("command: %s", s->text);
	memmove(s->text, s->text + gone, s->n - gone);
	s->n -= gone;
}

void
errout_watch(const struct errout *s, struct pollfd *p)
{
	*p = (struct pollfd){.fd = s->fd, .events = POLLIN};
	if (has_line(s))
		*p = (struct pollfd){.fd = STDERR_FILENO, .events = POLLOUT};
}

const struct timespec *
errout_wait(const struct errout *s, struct timespec *t)
{
	uint64_t now = clock_steady(), left;

	left = s->quiet > now ? s->quiet - now : 0;
	t->tv_sec = (time_t)(left / NS_PER_SEC);
	t->tv_nsec = (long)(left % NS_PER_SEC);
	return s->quiet != 0 ? t : NULL;
}

void
errout_step(struct errout *s)
{
	tell_hidden(s, false);
	if (!has_line(s))
		(void)read_some(s);
	while (has_line(s) && stderr_takes())
		tell_line(s);
}

void
errout_end(struct errout *s)
{
	int i;

	for (i = 0; i < LAST_READS; i++) {
		errout_step(s);
		if (has_line(s))
			return; /* nobody reads stderr */
		if (!read_some(s))
			break;
	}
	if (s->n > 0 && stderr_takes())
		tell_line(s);
	tell_hidden(s, true);
}
