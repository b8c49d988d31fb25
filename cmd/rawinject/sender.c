/*
 * sender.c - the process that holds the socket: it sends messages that lie in
 * memory which it shares with its parent. That one reads the stream, joins
 * and checks, and has no socket; it waits until they are gone.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "keeper.h"
#include "rawinject.h"
#include "sandbox.h"

enum { LOOK_US = 100 * 1000 }; /* between two looks at signals */

struct order {
	unsigned first, n;
};

struct reply {
	int sent, error;
};

SANDBOX_NEEDS_FOR(SENDER, read);
SANDBOX_NEEDS_FOR(SENDER, write);
SANDBOX_NEEDS_FOR(SENDER, exit_group);

/* what the order says is not believed, nor are the messages looked into */
static _Noreturn void
serve(struct mmsghdr *msg)
{
	struct capsock wire = {.fd = KEEPER_WIRE};
	struct order o;
	struct reply r;

	while (read(KEEPER_PARENT, &o, sizeof(o)) == (ssize_t)sizeof(o) &&
	       o.first < BATCH_MSGS && o.n <= BATCH_MSGS - o.first) {
		r.sent = capsock_send_many(&wire, msg + o.first, o.n);
		r.error = errno;
		if (write(KEEPER_PARENT, &r, sizeof(r)) < 0)
			break;
	}
	_exit(0);
}

/* begin - while there is a socket in the parent */
static int
begin(struct capsock *cs, struct mmsghdr *msg, int to_parent)
{
	pid_t pid = getpid(), child;
	int wire;

	if (capsock_open(cs, 0, NULL) < 0)
		return -1;
	wire = cs->fd; /* cs may be in the memory that is shared */
	cs->fd = -1;
	child = fork();
	if (child == 0 && keeper_begin(wire, to_parent, pid) == 0)
		serve(msg);
	if (child == 0)
		_exit(1);
	close(wire);
	if (child > 0)
		return 0;
	snprintf(cs->error, sizeof(cs->error), "start a process for it: %s",
	    strerror(errno));
	cs->status = 1;
	return -1;
}

int
sender_open(struct capsock *cs, const char *iface, struct mmsghdr *msg)
{
	struct timeval look = {0, LOOK_US};
	int pair[2], r;

	if (capsock_look(cs, iface) < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		snprintf(cs->error, sizeof(cs->error), "%s", strerror(errno));
		cs->status = 1;
		return -1;
	}
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look));
	sandbox_list(SANDBOX_SENDER | SANDBOX_SEND_MANY);
	r = begin(cs, msg, pair[1]);
	close(pair[1]);
	return r < 0 ? -1 : pair[0];
}

int
sender_send(int fd, unsigned first, unsigned n)
{
	struct order o = {first, n};
	struct reply r;
	ssize_t got = -1;

	if (write(fd, &o, sizeof(o)) == (ssize_t)sizeof(o))
		do
			got = read(fd, &r, sizeof(r));
		while (got < 0 && (errno == EAGAIN || errno == EINTR) &&
		       !batch_must_stop());
	if (got != (ssize_t)sizeof(r)) {
		errno = EOWNERDEAD;
		return -1;
	}
	errno = r.error;
	return r.sent;
}
