/*
 * place.c - see place.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire/parse.h"

#include "place.h"

enum { BACKLOG = 511 };

/* ---- words */

bool
place_read(struct place *p, const char *text, bool bare)
{
	const char *host = text, *colon = strrchr(text, ':');
	size_t n;
	uint64_t port;

	p->text = text;
	if (colon == NULL && bare) {
		host = "127.0.0.1";
		n = strlen(host);
	} else if (colon != NULL) {
		n = (size_t)(colon - text);
		text = colon + 1;
	} else {
		return false;
	}
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		host++;
		n -= 2;
	} else if (memchr(host, ':', n) != NULL) {
		return false; /* IPv6 wants brackets */
	}
	if (n == 0 || n >= sizeof(p->host) ||
	    parse_num(text, 1, UINT16_MAX, &port) != 0)
		return false;
	memcpy(p->host, host, n);
	p->host[n] = '\0';
	snprintf(p->port, sizeof(p->port), "%u", (unsigned)port);
	return true;
}

/* ---- sockets */

static int
listen_on(int fd, const struct addrinfo *a)
{
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return bind(fd, a->ai_addr, a->ai_addrlen) == 0 &&
		       listen(fd, BACKLOG) == 0
		   ? 0
		   : -1;
}

static int
connect_to(int fd, const struct addrinfo *a)
{
	const int on = 1;

	if (connect(fd, a->ai_addr, a->ai_addrlen) != 0)
		return -1;
	/* what comes in one piece goes on in one */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return 0;
}

/* first_of - a socket of the first address with which it can be had */
static int
first_of(const struct place *p, int flags,
    int (*take)(int fd, const struct addrinfo *), const char **why)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = flags};
	struct addrinfo *all, *a;
	int e, fd = -1;

	e = getaddrinfo(p->host, p->port, &hints, &all);
	if (e != 0) {
		errno = EADDRNOTAVAIL;
		*why = gai_strerror(e);
		return -1;
	}
	for (a = all; a != NULL && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC,
		    a->ai_protocol);
		if (fd >= 0 && take(fd, a) != 0) {
			e = errno;
			close(fd);
			errno = e;
			fd = -1;
		}
	}
	e = errno;
	freeaddrinfo(all);
	errno = e;
	*why = strerror(e);
	return fd;
}

int
place_listen(const struct place *p, const char **why)
{
	return first_of(p, AI_PASSIVE, listen_on, why);
}

int
place_connect(const struct place *p, const char **why)
{
	return first_of(p, 0, connect_to, why);
}

/* ---- networks */

static bool
same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

int
place_enter(const char *netns)
{
	int net = open(netns, O_RDONLY | O_CLOEXEC), user, e;

	if (net < 0)
		return -1;
	/* a network of another user namespace: be root there first */
	user = ioctl(net, NS_GET_USERNS);
	if (user >= 0 && !same_file(user, "/proc/self/ns/user"))
		(void)setns(user, CLONE_NEWUSER);
	if (user >= 0)
		close(user);
	e = setns(net, CLONE_NEWNET);
	close(net);
	return e;
}

/* hand - a descriptor to the process at the other end of sock */
static int
hand(int sock, int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u = {{0}};
	char c = 0;
	struct iovec iov = {&c, 1};
	struct msghdr m = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = u.buf,
	    .msg_controllen = sizeof(u.buf)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(int));
	return sendmsg(sock, &m, 0) == 1 ? 0 : -1;
}

/* accept_from - the descriptor that hand() has sent, or -1 */
static int
accept_from(int sock)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u = {{0}};
	char c;
	struct iovec iov = {&c, 1};
	struct msghdr m = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = u.buf,
	    .msg_controllen = sizeof(u.buf)};
	struct cmsghdr *h;
	int fd = -1;

	if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	h = CMSG_FIRSTHDR(&m);
	if (h != NULL && h->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(h), sizeof(int));
	return fd;
}

/* there - what the child of place_listen_in() does; its exit status */
static int
there(const struct place *p, const char *netns, int sock)
{
	const char *why;
	int fd = place_enter(netns) == 0 ? place_listen(p, &why) : -1;

	return fd >= 0 && hand(sock, fd) == 0 ? 0 : errno;
}

int
place_listen_in(const struct place *p, const char *netns, const char **why)
{
	int pair[2], fd, status;
	pid_t pid;

	*why = "no process";
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		_exit(there(p, netns, pair[1]));
	close(pair[1]);
	fd = pid > 0 ? accept_from(pair[0]) : -1;
	close(pair[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (fd < 0 && pid > 0)
		*why = strerror(WEXITSTATUS(status));
	return fd;
}
