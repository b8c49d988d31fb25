/*
 * source.c - a file to send, see source.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"

static void
on_bus(int sig)
{
	static const char msg[] = "tcpfsm: " SOURCE_SHORTER "\n";

	/* a mapped page is gone: there is nothing to go back to */
	(void)!write(STDERR_FILENO, msg, sizeof(msg) - 1);
	_exit(1);
}

/* slurp - a pipe or the like, to its end */
static int
slurp(struct source *s, int fd)
{
	size_t cap = 65536, len = 0;
	uint8_t *buf = malloc(cap), *more;
	ssize_t n;

	while (buf != NULL) {
		n = read(fd, buf + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
		if (len < cap)
			continue;
		more = realloc(buf, cap * 2);
		if (more == NULL) {
			free(buf);
			return -1;
		}
		buf = more;
		cap *= 2;
	}
	if (buf == NULL || n < 0)
		return -1;
	s->bytes = buf;
	s->len = len;
	return 0;
}

static int
map(struct source *s, int fd, const struct stat *sb)
{
	struct sigaction sa = {.sa_handler = on_bus};
	void *p;

	s->len = (size_t)sb->st_size;
	if (s->len == 0)
		return 0;
	p = mmap(NULL, s->len, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -1;
	s->bytes = p;
	sigemptyset(&sa.sa_mask);
	return sigaction(SIGBUS, &sa, NULL);
}

int
source_open(struct source *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r, saved;
	struct stat sb;

	if (fd < 0)
		return -1;
	if (fstat(fd, &sb) != 0) {
		r = -1;
	} else if (S_ISDIR(sb.st_mode)) {
		errno = EISDIR;
		r = -1;
	} else {
		r = S_ISREG(sb.st_mode) ? map(s, fd, &sb) : slurp(s, fd);
	}
	saved = errno;
	close(fd);
	errno = saved;
	return r;
}
