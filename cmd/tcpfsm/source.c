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
	static const char msg[] =
	    "tcpfsm: read a file that is mapped (-f, or one of 256 MiB or more "
	    "of --hosts): it has become shorter\n";

	/* a mapped page is gone: there is nothing to go back to */
	(void)!write(STDERR_FILENO, msg, sizeof(msg) - 1);
	_exit(1);
}

/* MOST: what has no end, such as /dev/zero, would take all memory */
#define MOST ((size_t)1 << 30)

/* slurp - a pipe or the like, to its end, or most bytes of it */
static int
slurp(struct source *s, int fd, size_t most)
{
	size_t cap = 65536, len = 0;
	uint8_t *buf = malloc(cap), *more;
	ssize_t n = 0;

	while (buf != NULL && len < most) {
		n = read(fd, buf + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
		if (len < cap || len >= most)
			continue;
		more = realloc(buf, cap * 2);
		if (more == NULL) {
			free(buf);
			return -1;
		}
		buf = more;
		cap *= 2;
	}
	if (len >= MOST)
		errno = EFBIG;
	if (buf == NULL || n < 0 || len >= MOST) {
		free(buf);
		return -1;
	}
	s->bytes = buf;
	s->len = len < most ? len : most;
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
source_take(struct source *s, int fd, size_t map_from)
{
	size_t most = MOST;
	struct stat sb;

	if (fstat(fd, &sb) != 0)
		return -1;
	if (S_ISDIR(sb.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	s->mapped = S_ISREG(sb.st_mode) && (size_t)sb.st_size >= map_from;
	/* a file that grows while it is read has an end nevertheless */
	if (S_ISREG(sb.st_mode) && sb.st_size > 0 && (size_t)sb.st_size < most)
		most = (size_t)sb.st_size;
	return s->mapped ? map(s, fd, &sb) : slurp(s, fd, most);
}

void
source_close(struct source *s)
{
	if (!s->mapped)
		free((void *)(uintptr_t)s->bytes);
	else if (s->len > 0)
		munmap((void *)(uintptr_t)s->bytes, s->len);
	s->bytes = NULL;
}

int
source_open(struct source *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r, saved;

	if (fd < 0)
		return -1;
	r = source_take(s, fd, 0);
	saved = errno;
	close(fd);
	errno = saved;
	return r;
}
