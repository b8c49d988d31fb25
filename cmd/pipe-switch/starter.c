/*
 * starter.c - see starter.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/syscalls.h"

#include "port.h"
#include "starter.h"

enum { PIPES = 2, IN = 0, OUT = 1 };

/* what goes over the socket: a question has no pipes and no error */
struct word {
	int port, error;
};

struct letter {
	struct word word;
	struct iovec iov;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(PIPES * sizeof(int))];
	struct msghdr h;
};

static void
letter_init(struct letter *l, size_t pipes)
{
	memset(l, 0, sizeof(*l));
	l->iov.iov_base = &l->word;
	l->iov.iov_len = sizeof(l->word);
	l->h.msg_iov = &l->iov;
	l->h.msg_iovlen = 1;
	l->h.msg_control = pipes > 0 ? l->control : NULL;
	l->h.msg_controllen = pipes > 0 ? sizeof(l->control) : 0;
}

/* ---- the process */

static int
answer(int sock, const struct word *w, const struct child *c)
{
	int fd[PIPES] = {[IN] = c->in, [OUT] = c->out};
	struct cmsghdr *m;
	struct letter l;

	letter_init(&l, w->error == 0 ? PIPES : 0);
	l.word = *w;
	if (w->error == 0) {
		m = CMSG_FIRSTHDR(&l.h);
		m->cmsg_level = SOL_SOCKET;
		m->cmsg_type = SCM_RIGHTS;
		m->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(m), fd, sizeof(fd));
	}
	if (sendmsg(sock, &l.h, MSG_NOSIGNAL) >= 0)
		return 0;
	if (w->error != 0)
		return -1;
	/* too many of this user are on their way (ETOOMANYREFS): without its
	   pipes the command ends, and is started again later */
	l.word.error = errno;
	l.h.msg_control = NULL;
	l.h.msg_controllen = 0;
	return sendmsg(sock, &l.h, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static _Noreturn void
serve(int sock, const struct options *o, const struct child_group *g,
    const char *argv0)
{
	struct child c;
	struct word w;
	int r = 0;

	while (r == 0 && read(sock, &w, sizeof(w)) == sizeof(w)) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		w.error = port_command(&c, g, o, (unsigned)w.port, argv0) == 0
			      ? 0
			      : errno;
		r = answer(sock, &w, &c);
		if (w.error == 0) {
			close(c.in);
			close(c.out);
		}
	}
	_exit(0);
}

int
starter_start(
    const struct options *o, const struct child_group *g, const char *argv0)
{
	int pair[2], null;
	sigset_t all;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
		return -1;
	(void)fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(pair[1], F_SETFD, FD_CLOEXEC);
	pid = fork();
	if (pid == 0) {
		/* it ends when the switch does, not before */
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		close(pair[0]);
		close(g->word);
		null = open("/dev/null", O_RDWR);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		close(null);
		serve(pair[1], o, g, argv0);
	}
	close(pair[1]);
	if (pid > 0)
		return pair[0];
	close(pair[0]);
	return -1;
}

/* ---- the switch */

SANDBOX_NEEDS_FOR(REOPEN, recvmsg);

int
starter_want(int sock, unsigned port)
{
	const struct word w = {.port = (int)port};

	return write(sock, &w, sizeof(w)) == sizeof(w) ? 0 : -1;
}

int
starter_take(int sock, int *port, struct child *c)
{
	int fd[PIPES];
	struct cmsghdr *m;
	struct letter l;

	*port = -1;
	letter_init(&l, PIPES);
	if (recvmsg(sock, &l.h, 0) != sizeof(l.word)) {
		errno = EOWNERDEAD;
		return -1;
	}
	*port = l.word.port;
	errno = l.word.error;
	m = CMSG_FIRSTHDR(&l.h);
	if (m == NULL || m->cmsg_type != SCM_RIGHTS ||
	    m->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -1;
	memcpy(fd, CMSG_DATA(m), sizeof(fd));
	*c = (struct child){.in = fd[IN], .out = fd[OUT]};
	return 0;
}
