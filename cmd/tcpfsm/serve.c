/*
 * serve.c - tell the file to whoever connects, see serve.h.
 *
 * A server speaks at the client's first data or FIN, or after a time of
 * silence, so that talking and silent clients are both served. Then it says
 * the whole file and closes its side; what the client says is taken all the
 * while.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "md5.h"
#include "serve.h"
#include "tcp.h"

/* what --md5 keeps of a connection; else the user word is 1 once spoken */
struct digests {
	bool spoken;
	uint64_t done; /* bytes of the file in sent */
	struct md5 sent, received;
};

static void
on_bus(int sig)
{
	static const char msg[] =
	    "tcpfsm: read served file: it has become shorter\n";

	/* a mapped page is gone: there is nothing to go back to */
	(void)!write(STDERR_FILENO, msg, sizeof(msg) - 1);
	_exit(1);
}

/* slurp - a pipe or the like, to its end */
static int
slurp(struct serve *s, int fd)
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
map(struct serve *s, int fd, const struct stat *sb)
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
serve_open(struct serve *s, const char *path)
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

static struct digests *
digests_of(const struct serve *s, struct tcb *tcb)
{
	return s->md5 ? (struct digests *)*tcp_user(tcb) : NULL;
}

/* first_word - true once for a connection */
static bool
first_word(struct serve *s, struct tcb *tcb)
{
	struct digests *d = digests_of(s, tcb);
	uintptr_t *user = tcp_user(tcb);
	bool spoken = d != NULL ? d->spoken : *user != 0;

	if (d != NULL)
		d->spoken = true;
	else
		*user = !s->md5;
	return !spoken;
}

void
serve_speak(struct serve *s, struct tcb *tcb)
{
	if (!first_word(s, tcb))
		return;
	tcp_app_timer(tcb, UINT64_MAX);
	tcp_offer(tcb, s->len);
	tcp_shutdown(tcb);
}

void
serve_opened(struct serve *s, struct tcb *tcb, uint64_t now)
{
	struct digests *d;

	if (s->md5 && (d = calloc(1, sizeof(*d))) != NULL) {
		md5_init(&d->sent);
		md5_init(&d->received);
		*tcp_user(tcb) = (uintptr_t)d;
	}
	if (s->silence == 0)
		serve_speak(s, tcb);
	else
		tcp_app_timer(tcb, now + s->silence);
}

void
serve_acked(struct serve *s, struct tcb *tcb, uint64_t off)
{
	struct digests *d = digests_of(s, tcb);

	if (d == NULL)
		return;
	md5_add(&d->sent, s->bytes + d->done, (size_t)(off - d->done));
	d->done = off;
}

void
serve_closed(struct serve *s, struct tcb *tcb)
{
	free(digests_of(s, tcb));
}

bool
serve_digests(const struct serve *s, struct tcb *tcb, struct md5 **sent,
    struct md5 **received)
{
	struct digests *d = digests_of(s, tcb);

	if (d == NULL)
		return false;
	*sent = &d->sent;
	*received = &d->received;
	return true;
}

/* keep - write all of it; a disk that is full is told once, at the end */
static void
keep(struct serve *s, const uint8_t *p, size_t n)
{
	ssize_t w;

	while (n > 0 && s->out_errno == 0) {
		w = write(s->out, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			s->out_errno = errno;
			return;
		}
		p += w;
		n -= (size_t)w;
	}
}

void
serve_received(struct serve *s, struct tcb *tcb, const uint8_t *p, size_t n)
{
	struct digests *d = digests_of(s, tcb);

	if (s->out >= 0 && p != NULL)
		keep(s, p, n);
	if (d != NULL && p != NULL)
		md5_add(&d->received, p, n);
	serve_speak(s, tcb);
}
