/*
 * spawn_test.c - the commands of the spawner: those of the start, those that
 * come later, and all of them when none can come any more.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command/spawn.h"
#include "tap.h"
#include "wire/ip.h"

enum { MAX = 4, LATER = 9, WAIT_MS = 10000 };

/* hear - until this message comes */
static bool
hear(int sock, enum spawn_verb verb, int fd[2])
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	struct spawn_msg m;
	int r;

	do {
		if (poll(&p, 1, WAIT_MS) != 1)
			return false;
		r = spawn_hear(sock, &m, fd);
	} while (r == 0 || (r > 0 && m.verb != verb && m.verb != SPAWN_FAILED));
	return r > 0 && m.verb == verb;
}

/* says - this command, up to n bytes of its first line; "" without one */
static const char *
says(int sock, uint32_t which, char *line, size_t n)
{
	struct spawn_msg m = {
	    .verb = SPAWN_RUN, .which = which, .proto = PROTO_TCP};
	struct pollfd p = {.events = POLLIN};
	ssize_t got = 0;
	int fd[2], other[2];

	line[0] = '\0';
	if (spawn_tell(sock, &m) != 0 || !hear(sock, SPAWN_STARTED, fd))
		return line;
	p.fd = fd[1];
	if (poll(&p, 1, WAIT_MS) == 1)
		got = read(fd[1], line, n - 1);
	line[got > 0 ? got : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	close(fd[0]);
	close(fd[1]);
	(void)hear(sock, SPAWN_ENDED, other);
	return line;
}

/* tell_later - a process that sends so many commands and then has the only
   other end of the channel, which is to close */
static pid_t
tell_later(int more[2], unsigned later)
{
	char text[64];
	pid_t pid;
	unsigned i;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, more) != 0)
		return -1;
	for (i = 1; i <= later; i++) {
		snprintf(text, sizeof(text), "echo later %u", i);
		(void)!write(more[0], text, strlen(text) + 1);
	}
	pid = fork();
	if (pid == 0) {
		close(more[1]);
		for (;;)
			pause();
	}
	close(more[0]);
	return pid;
}

static bool
all_say(int sock, unsigned later)
{
	char line[64], text[64];
	unsigned i;

	if (strcmp(says(sock, 0, line, sizeof(line)), "first") != 0)
		return false;
	for (i = 1; i <= later; i++) {
		snprintf(text, sizeof(text), "later %u", i);
		if (strcmp(says(sock, i, line, sizeof(line)), text) != 0)
			return false;
	}
	return true;
}

/* ends - so many commands have come when the channel ends: none is lost */
static bool
ends(unsigned later)
{
	static const char *const first[] = {"echo first"};
	struct spawn_config cf = {.command = first, .n = 1, .max = MAX};
	pid_t teller;
	int more[2], sock;
	bool ok;

	teller = tell_later(more, later);
	if (teller < 0)
		return false;
	cf.more = more[1];
	sock = spawn_begin(&cf);
	close(more[1]);
	ok = all_say(sock, later);
	kill(teller, SIGKILL);
	while (kill(teller, 0) == 0) /* SIGCHLD is ignored by now */
		poll(NULL, 0, 1);
	ok = ok && all_say(sock, later);
	close(sock);
	return ok;
}

int
main(void)
{
	unsigned i;

	if (freopen("/dev/null", "w", stderr) == NULL)
		return 1;
	for (i = 0; i < LATER; i++)
		check(ends(i), "%u later ones, then the channel ends", i);
	return done();
}
