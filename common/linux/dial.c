/*
 * dial.c - see dial.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/syscalls.h"
#include "linux/dial.h"
#include "linux/opener.h"

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83 /* since Linux 6.16 */
#endif

enum {
	AGAIN_MS = 500,
	END_MS = 1000,
	LOCK_MS = 10,
	LOCK_TRIES = 100,
	/* seconds after which a peer that has vanished is given up: of its
	   silence, with five between probes; or of data without an ACK */
	SILENT = 10,
	BETWEEN = 5,
	PROBES = 3,
	VANISHED = SILENT + PROBES * BETWEEN,
};

int
dial_unix(struct dial *d, const char *path)
{
	struct sockaddr_un *a = (struct sockaddr_un *)&d->addr;

	memset(d, 0, sizeof(*d));
	if (strlen(path) == 0 || strlen(path) >= sizeof(a->sun_path))
		return -1;
	a->sun_family = AF_UNIX;
	memcpy(a->sun_path, path, strlen(path) + 1);
	d->len = sizeof(*a);
	d->either = true;
	return 0;
}

const char *
dial_inet(struct dial *d, int type, const char *host, const char *port)
{
	struct addrinfo hints = {.ai_socktype = type}, *found;
	int r;

	memset(d, 0, sizeof(*d));
	d->listens = host[0] == '\0';
	if (d->listens)
		hints.ai_flags = AI_PASSIVE;
	r = getaddrinfo(d->listens ? NULL : host, port, &hints, &found);
	if (r != 0)
		return gai_strerror(r);
	memcpy(&d->addr, found->ai_addr, found->ai_addrlen);
	d->len = found->ai_addrlen;
	freeaddrinfo(found);
	return NULL;
}

/* ---- in the other process */

SANDBOX_NEEDS_FOR(DIAL, socket);
SANDBOX_NEEDS_FOR(DIAL, connect);
SANDBOX_NEEDS_FOR(DIAL, bind);
SANDBOX_NEEDS_FOR(DIAL, listen);
SANDBOX_NEEDS_FOR(DIAL, accept4);
SANDBOX_NEEDS_FOR(DIAL, ppoll);
SANDBOX_NEEDS_FOR(DIAL, unlinkat);
#ifdef SYS_accept
SANDBOX_NEEDS_FOR(DIAL, accept);
#endif
#ifdef SYS_poll
SANDBOX_NEEDS_FOR(DIAL, poll);
#endif
#ifdef SYS_unlink
SANDBOX_NEEDS_FOR(DIAL, unlink);
#endif
#ifdef SYS_newfstatat
SANDBOX_NEEDS_FOR(DIAL, newfstatat);
#endif
#ifdef SYS_lstat
SANDBOX_NEEDS_FOR(DIAL, lstat);
#endif
#ifdef SYS_statx
SANDBOX_NEEDS_FOR(DIAL, statx);
#endif
SANDBOX_NEEDS_FOR(DIAL, setsockopt);
SANDBOX_NEEDS_FOR(DIAL, flock);

/* asker_gone - or it wants no answer any more, see dial_end(); it is after this
   time at the latest that we look */
static int
asker_gone(int fd, int ms)
{
	struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLRDHUP},
	    {.fd = fd, .events = POLLIN}};

	poll(p, fd < 0 ? 1 : 2, ms);
	return p[0].revents != 0;
}

/* set_up - a TCP socket; what it accepts is the same */
static void
set_up(int fd)
{
	static const struct {
		int level, name, value;
	} all[] = {
	    {SOL_SOCKET, SO_REUSEADDR, 1},
	    {SOL_SOCKET, SO_KEEPALIVE, 1},
	    {IPPROTO_TCP, TCP_NODELAY, 1},
	    {IPPROTO_TCP, TCP_KEEPIDLE, SILENT},
	    {IPPROTO_TCP, TCP_KEEPINTVL, BETWEEN},
	    {IPPROTO_TCP, TCP_KEEPCNT, PROBES},
	    {IPPROTO_TCP, TCP_USER_TIMEOUT, VANISHED * 1000},
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		(void)setsockopt(fd, all[i].level, all[i].name, &all[i].value,
		    sizeof(all[i].value));
}

static int
make_socket(const struct dial *d)
{
	int fd = socket(d->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int off = 0;

	if (fd >= 0 && d->addr.ss_family != AF_UNIX)
		set_up(fd);
	/* a peer's open files would be closed here, which may take as long as
	   the peer likes */
	if (fd >= 0 && d->addr.ss_family == AF_UNIX)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
	return fd;
}

/* connected - a socket, or -1: nothing listens there */
static int
connected(const struct dial *d)
{
	int fd = make_socket(d), error;

	if (fd >= 0 && connect(fd, (const void *)&d->addr, d->len) == 0)
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

/* remove_old - the socket of one that has gone; nothing else */
static void
remove_old(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
}

/*
 * lock - of two that begin at the same time one listens and the other one
 * connects: a process has the folder of a Unix socket to itself while it finds
 * out which it is. A descriptor, to be closed; -1: it cannot be had, or is not
 * needed. Whoever may read the folder can hold the lock: it is waited for for a
 * moment, as long as the others need.
 */
static int
lock(const struct dial *d)
{
	const struct sockaddr_un *u = (const struct sockaddr_un *)&d->addr;
	char folder[sizeof(u->sun_path)];
	char *slash;
	int fd, i;

	if (!d->either)
		return -1;
	memcpy(folder, u->sun_path, sizeof(folder));
	slash = strrchr(folder, '/');
	if (slash != NULL)
		slash[slash == folder] = '\0';
	fd = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY);
	for (i = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0; i++)
		if (i == LOCK_TRIES || asker_gone(-1, LOCK_MS))
			break;
	return fd;
}

static void
unlock(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
}

/* listening - a socket that others can connect to, or -1 */
static int
listening(const struct dial *d)
{
	const struct sockaddr_un *u = (const struct sockaddr_un *)&d->addr;
	int fd = make_socket(d), error;

	if (fd < 0)
		return -1;
	if (d->addr.ss_family == AF_UNIX)
		remove_old(u->sun_path);
	if (bind(fd, (const void *)&d->addr, d->len) == 0 && listen(fd, 1) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* accepted - one that has come to us; the listening socket is no more: a
   second peer is refused until this one is asked for again */
static int
accepted(const struct dial *d, int fd)
{
	const struct sockaddr_un *u = (const struct sockaddr_un *)&d->addr;
	int peer = -1;

	if (fd < 0)
		return -1;
	while (!asker_gone(fd, -1))
		if ((peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
			break;
	if (d->addr.ss_family == AF_UNIX)
		unlink(u->sun_path);
	close(fd);
	return peer;
}

static int
dial(void *ctx, uint8_t what)
{
	const struct dial *d = ctx;
	bool listens = d->listens;
	int fd, held;

	for (;;) {
		held = lock(d);
		fd = listens ? -1 : connected(d);
		if (fd < 0 && d->either &&
		    (errno == ENOENT || errno == ECONNREFUSED))
			listens = true;
		if (listens)
			fd = listening(d);
		unlock(held);
		if (listens)
			return accepted(d, fd);
		if (fd >= 0)
			return fd;
		if (asker_gone(-1, AGAIN_MS))
			return -1;
	}
}

int
dial_start(struct dial *d)
{
	return opener_start_by(dial, d, SANDBOX_DIAL);
}

/* ---- in the program */

SANDBOX_NEEDS(shutdown);

void
dial_end(const struct dial *d, int sock)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	int fd;

	if (!d->either || shutdown(sock, SHUT_WR) != 0)
		return;
	if (poll(&p, 1, END_MS) == 1 && (fd = opener_take(sock)) >= 0)
		close(fd);
}
