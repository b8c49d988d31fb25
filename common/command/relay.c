/*
 * relay.c - see relay.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command/relay.h"
#include "linux/sandbox.h"
#include "wire/udp.h"

enum {
	PARSER,
	COMMAND,
	ENDS,
	END_S = 1, /* for the last messages of a command that has ended */
};

/* way - from one end to the other */
struct way {
	size_t n; /* bytes of a message that waits; 0: there is none */
	uint8_t message[UDP_MAX + 1];
};

/*
 * on_end - there is an end behind what the command has sent, also where its
 * children have the socket. A close() that waits goes on.
 */
static void
on_end(int sig)
{
	int error = errno;

	shutdown(COMMAND, SHUT_RD);
	alarm(END_S);
	errno = error;
}

/* all are blocked that the starter has blocked, but these */
static void
set_signals(void)
{
	struct sigaction sa = {.sa_handler = on_end};
	sigset_t ours;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&sa.sa_mask);
	sigaction(SIGTERM, &sa, NULL);
	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &ours, NULL);
}

static bool
later(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* take - a message, if there is one; false: no other comes. Nothing is
   received but its bytes: files that are with it are closed */
static bool
take(struct way *w, int from)
{
	ssize_t n;

	do
		n = read(from, w->message, sizeof(w->message));
	while (n < 0 && errno == ECONNRESET); /* said once, before the last */
	w->n = n > 0 ? (size_t)n : 0;
	return n > 0 || (n < 0 && later());
}

/* pass - what waits, if it is taken; who reads no more gets no more */
static void
pass(struct way *w, int to)
{
	if (write(to, w->message, w->n) >= 0 || !later())
		w->n = 0;
}

/* step - false: no more comes from there */
static bool
step(struct way *w, int from, int to)
{
	bool goes_on = w->n > 0 || take(w, from);

	if (w->n > 0)
		pass(w, to);
	return goes_on;
}

static void
watch(struct pollfd *p, int fd, const struct way *from, const struct way *to)
{
	p->fd = fd;
	p->events = (short)((from->n == 0 ? POLLIN : 0) |
			    (to->n > 0 ? POLLOUT : 0));
	if (p->events == 0)
		p->fd = -1; /* else its end would be told again and again */
}

static _Noreturn void
relay(void)
{
	static struct way in, out;
	struct pollfd p[ENDS];

	for (;;) {
		if (!step(&in, PARSER, COMMAND) || !step(&out, COMMAND, PARSER))
			_exit(0);
		watch(&p[PARSER], PARSER, &in, &out);
		watch(&p[COMMAND], COMMAND, &out, &in);
		(void)poll(p, ENDS, -1);
	}
}

/* become_relay - between these; what it has else is another's */
static _Noreturn void
become_relay(int parser, int command)
{
	const int last = STDERR_FILENO + 1;
	int ends[ENDS];

	ends[PARSER] = fcntl(parser, F_DUPFD, last);
	ends[COMMAND] = fcntl(command, F_DUPFD, last);
	if (dup2(ends[PARSER], PARSER) < 0 || dup2(ends[COMMAND], COMMAND) < 0)
		_exit(1);
	sandbox_close_from(STDERR_FILENO);
	fcntl(PARSER, F_SETFL, O_NONBLOCK);
	fcntl(COMMAND, F_SETFL, O_NONBLOCK);
	set_signals();
	relay();
}

static void
close_both(const int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

pid_t
relay_start(int *parser, int *command)
{
	int up[2], down[2], error;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, up) != 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, down) != 0) {
		error = errno;
		close_both(up);
		errno = error;
		return -1;
	}
	pid = fork();
	if (pid == 0)
		become_relay(up[1], down[0]);
	if (pid < 0) {
		error = errno;
		close_both(up);
		close_both(down);
		errno = error;
		return -1;
	}
	/* before there is a command: what one sends is never closed here */
	close(up[1]);
	close(down[0]);
	*parser = up[0];
	*command = down[1];
	return pid;
}

void
relay_end(pid_t pid)
{
	kill(pid, SIGTERM);
}
