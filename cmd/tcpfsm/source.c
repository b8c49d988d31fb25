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

#include "base/die.h"
#include "source.h"
#include "tcp/tcp.h"

/* mapping - of a file; gone: the part from there on, which the file has no
   more */
struct mapping {
	struct mapping *next;
	const uint8_t *stop, *volatile gone;
	size_t len;
};

static struct mapping *mappings; /* for the signal, which has no argument */
static volatile sig_atomic_t any_gone;
static const volatile uint8_t *volatile looked_at; /* by source_there() */
static volatile uint8_t seen; /* there, or valgrind leaves the read out */
static uintptr_t page;

static struct mapping *
mapping_of(const uint8_t *at)
{
	struct mapping *m = mappings;

	while (m != NULL && (at < m->stop - m->len || at >= m->stop))
		m = m->next;
	return m;
}

/* blank - zeros, from there to the end */
static bool
blank(struct mapping *m, const uint8_t *from)
{
#ifdef MAP_ANONYMOUS
	if (mmap((void *)(uintptr_t)from, (size_t)(m->stop - from), PROT_READ,
		MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {
		m->gone = from;
		any_gone = 1;
		return true;
	}
#endif
	return false;
}

/* on_bus - a page of a mapped file is gone: the access is done again, and
   finds zeros, which source_there() tells from data */
static void
on_bus(int sig, siginfo_t *info, void *context)
{
	static const char msg[] =
	    "tcpfsm: read a file that is mapped: it has become shorter\n";
	const uint8_t *at = info->si_addr;
	struct mapping *m = mapping_of(at);
	int saved = errno;

	if (m == NULL) { /* qemu has the address wrong for some machines */
		at = (const uint8_t *)(uintptr_t)looked_at;
		m = mapping_of(at);
	}
	if (m == NULL || !blank(m, at - (uintptr_t)at % page)) {
		(void)!write(STDERR_FILENO, msg, sizeof(msg) - 1);
		_exit(1);
	}
	errno = saved;
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
	struct sigaction sa = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO};
	struct mapping *m;
	void *p;

	s->len = (size_t)sb->st_size;
	if (s->len == 0)
		return 0;
	m = malloc(sizeof(*m));
	if (m == NULL)
		return -1;
	p = mmap(NULL, s->len, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		free(m);
		return -1;
	}
	s->bytes = p;
	*m = (struct mapping){
	    .next = mappings, .stop = s->bytes + s->len, .len = s->len};
	mappings = m;
	page = (uintptr_t)sysconf(_SC_PAGESIZE);
	sigemptyset(&sa.sa_mask);
	return sigaction(SIGBUS, &sa, NULL);
}

static void
unmap(struct source *s)
{
	struct mapping **at = &mappings, *m;

	while (*at != NULL && (*at)->stop != s->bytes + s->len)
		at = &(*at)->next;
	m = *at;
	if (m == NULL)
		return;
	*at = m->next;
	munmap((void *)(uintptr_t)s->bytes, s->len);
	free(m);
}

bool
source_gone(const uint8_t *p, size_t n)
{
	const struct mapping *m;

	for (m = any_gone ? mappings : NULL; m != NULL; m = m->next)
		if (m->gone != NULL && p < m->stop && p + n > m->gone)
			return true;
	return false;
}

bool
source_there(const struct source *s, const uint8_t *p, size_t n)
{
	const volatile uint8_t *at;

	if (!s->mapped || n == 0)
		return true;
	for (at = p; at < p + n; at += page - (uintptr_t)at % page) {
		looked_at = at;
		seen = *at;
	}
	looked_at = NULL;
	return !source_gone(p, n);
}

bool
source_any_gone(void)
{
	return any_gone != 0;
}

void
source_reset(struct tcb *tcb, uint64_t now)
{
	static bool told;

	if (!told)
		say("a file has become shorter while it is sent: connections "
		    "that need more of it are reset");
	told = true;
	tcp_abort_why(tcb, now, "file-shorter");
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
		unmap(s);
	s->bytes = NULL;
}

int
source_open(struct source *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r, saved;

	if (fd < 0)
		return -1;
	r = source_take(s, fd, SOURCE_MAP);
	saved = errno;
	close(fd);
	errno = saved;
	return r;
}
