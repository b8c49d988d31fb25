/*
 * message.c - what the process that starts commands and the one that reads
 * packets say to each other, see spawn.h: the side of the latter.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/syscalls.h"
#include "command/spawn.h"

int
spawn_tell(int sock, const struct spawn_msg *m)
{
	return write(sock, m, sizeof(*m)) == (ssize_t)sizeof(*m) ? 0 : -1;
}

SANDBOX_NEEDS_FOR(COMMANDS, recvmsg);

int
spawn_hear(int sock, struct spawn_msg *m, int fd[2])
{
	struct iovec iov = {.iov_base = m, .iov_len = sizeof(*m)};
	union {
		struct cmsghdr align;
		char b[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct msghdr h = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};
	struct cmsghdr *c;
	ssize_t n;

	fd[0] = fd[1] = -1;
	n = recvmsg(sock, &h, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n != (ssize_t)sizeof(*m))
		return -1;
	c = CMSG_FIRSTHDR(&h);
	if (c != NULL && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(2 * sizeof(int)))
		memcpy(fd, CMSG_DATA(c), 2 * sizeof(int));
	return 1;
}
