/*
 * opener.c - see opener.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/syscalls.h"
#include "linux/opener.h"
#include "linux/sandbox.h"

enum { ASK_WAIT_MS = 1000, MODE = 0600 };

/* a message with one descriptor, or without */
struct letter {
	int error; /* errno of open(), or 0 */
	struct iovec iov;
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(int))];
	struct msghdr h;
};

static void
letter_init(struct letter *l)
{
	memset(l, 0, sizeof(*l));
	l->iov = (struct iovec){&l->error, sizeof(l->error)};
	l->h.msg_iov = &l->iov;
	l->h.msg_iovlen = 1;
	l->h.msg_control = l->control;
	l->h.msg_controllen = sizeof(l->control);
}

struct file {
	const char *path;
	int flags;
};

/* ---- the opener: it starts no program, so it needs no O_CLOEXEC, for which
   musl's open() makes a second call that the sandbox does not know here ---- */

SANDBOX_NEEDS_FOR(OPENER, read);
SANDBOX_NEEDS_FOR(OPENER, openat);
#ifdef SYS_open
SANDBOX_NEEDS_FOR(OPENER, open);
#endif
SANDBOX_NEEDS_FOR(OPENER, sendmsg);
SANDBOX_NEEDS_FOR(OPENER, close);
SANDBOX_NEEDS_FOR(OPENER, restart_syscall);
SANDBOX_NEEDS_FOR(OPENER, exit_group);

/* send_letter - true: it has gone, or there is nobody to get it */
static bool
send_letter(int sock, const struct letter *l)
{
	ssize_t n;

	do
		n = sendmsg(sock, &l->h, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n >= 0 || errno == EPIPE || errno == ECONNRESET;
}

int
opener_answer(int sock, int fd, int error)
{
	struct cmsghdr *c;
	struct letter l;

	letter_init(&l);
	l.error = fd < 0 ? error : 0;
	c = CMSG_FIRSTHDR(&l.h);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (fd >= 0 && send_letter(sock, &l))
		return 0;
	/* one that cannot be sent now has not been opened: it is asked for
	   again (ETOOMANYREFS: too many of this user are on their way) */
	if (fd >= 0)
		l.error = errno;
	l.h.msg_controllen = 0;
	return send_letter(sock, &l) ? 0 : -1;
}

void
opener_become(pid_t parent, const int *keep, unsigned n, unsigned uses)
{
	enum { ABOVE = 64 };
	struct sandbox_rights got;
	int fd[OPENER_FDS];
	sigset_t all;
	unsigned i;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	/* pgrep and pkill by the program's name mean the program */
	prctl(PR_SET_NAME, "log-opener");
	for (i = 0; i < n; i++)
		if ((fd[i] = fcntl(keep[i], F_DUPFD, ABOVE)) < 0)
			_exit(1);
	for (i = 0; i < n; i++)
		if (dup2(fd[i], (int)i) < 0)
			_exit(1);
	sandbox_close_from((int)n);
	sandbox_list(uses | SANDBOX_OPENER);
	sandbox_stay();
	/* a FIFO that it reads may never end */
	if (sandbox_end_with_parent(parent) < 0 ||
	    sandbox_limit(SANDBOX_SENDS) < 0 || sandbox_lock(&got) < 0)
		_exit(1);
}

static int
open_file(void *ctx, uint8_t what)
{
	const struct file *f = ctx;

	return open(f->path, f->flags & ~O_CLOEXEC, MODE);
}

static _Noreturn void
serve(int (*fn)(void *ctx, uint8_t what), void *ctx)
{
	uint8_t what;
	int fd, r;

	while (read(STDIN_FILENO, &what, 1) == 1) {
		fd = fn(ctx, what);
		r = opener_answer(STDIN_FILENO, fd, errno);
		if (fd >= 0)
			close(fd);
		if (r < 0)
			break;
	}
	_exit(0);
}

/* ---- the process that asks ---- */

int
opener_start(const char *path, int flags)
{
	struct file f = {.path = path, .flags = flags};

	return opener_start_by(open_file, &f, SANDBOX_OPENER);
}

int
opener_start_by(int (*fn)(void *ctx, uint8_t what), void *ctx, unsigned uses)
{
	pid_t pid, parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		opener_become(parent, &pair[1], 1, uses);
		serve(fn, ctx);
	}
	close(pair[1]);
	if (pid > 0)
		return pair[0];
	close(pair[0]);
	return -1;
}

SANDBOX_NEEDS_FOR(REOPEN, recvmsg);

int
opener_want(int sock, uint8_t what)
{
	if (write(sock, &what, 1) == 1)
		return 0;
	errno = EOWNERDEAD;
	return -1;
}

int
opener_take(int sock)
{
	struct cmsghdr *c;
	struct letter l;
	int fd = -1;

	letter_init(&l);
	errno = EOWNERDEAD;
	if (recvmsg(sock, &l.h, MSG_CMSG_CLOEXEC) != sizeof(l.error))
		return -1;
	c = CMSG_FIRSTHDR(&l.h);
	if (c != NULL && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	else
		errno = l.error;
	return fd;
}

/* forget_late - what came after its asker had waited long enough: the next
   one would take it for its own */
static void
forget_late(int sock)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	int fd;

	while (poll(&p, 1, 0) == 1 && (p.revents & POLLIN) != 0 &&
	       ((fd = opener_take(sock)) >= 0 || errno != EOWNERDEAD))
		if (fd >= 0)
			close(fd);
}

int
opener_ask(int sock)
{
	return opener_ask_for(sock, 0);
}

int
opener_ask_for(int sock, uint8_t what)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};

	forget_late(sock);
	if (opener_want(sock, what) == 0 && poll(&p, 1, ASK_WAIT_MS) == 1)
		return opener_take(sock);
	errno = EOWNERDEAD;
	return -1;
}
