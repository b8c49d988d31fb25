/*
 * log.c - the event log, a line at a time; it may be written while it is
 * read. Whatever is no line of an event is left to the caller, only one that
 * is too long is skipped here.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "pcapnote.h"

void
log_in_init(struct log_in *l, int fd)
{
	struct stat st;

	l->fd = fd;
	l->ended = fd < 0;
	l->grows = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* more bytes behind what is there; false: none, for now or for ever */
static bool
fill(struct log_in *l)
{
	ssize_t n;

	if (l->ended)
		return false;
	memmove(l->buf, l->buf + l->start, l->end - l->start);
	l->end -= l->start;
	l->start = 0;
	if (l->end == sizeof(l->buf)) { /* no line is that long */
		l->too_long = true;
		l->end = 0;
	}
	do
		n = read(l->fd, l->buf + l->end, sizeof(l->buf) - l->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		say("read the log: %s", strerror(errno));
	l->ended = n < 0 || (n == 0 && !l->grows);
	if (n > 0)
		l->end += (size_t)n;
	return n > 0;
}

char *
log_in_next(struct log_in *l)
{
	char *line, *newline;
	bool skip;

	for (;;) {
		line = l->buf + l->start;
		newline = memchr(line, '\n', l->end - l->start);
		if (newline == NULL) {
			if (!fill(l))
				return NULL;
			continue;
		}
		*newline = '\0';
		l->start += (size_t)(newline - line) + 1;
		skip = l->too_long;
		l->too_long = false;
		if (!skip)
			return line;
	}
}
