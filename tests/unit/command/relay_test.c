/*
 * relay_test.c - a command of UDP has no means to hold up who reads what it
 * sends; and all that it sends comes, when it has ended too. Prints TAP.
 *
 * The commands are this program again, with an argument, by what EMULATOR names
 * if it is another machine's.
 */
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/clock.h"
#include "command/spawn.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/udp.h"

enum {
	MAX = 2,
	WAIT_MS = 10000,
	LINGER_S = 20, /* a descriptor that is closed wants that */
	SOON_MS = 5000,
	PAUSE_MS = 300,
	TIMES = 100,
	FLOOD = 50,
	ANSWERS = 6,
};

static uint8_t big[UDP_MAX + 1], got[UDP_MAX + 1];

/* ---- commands ---- */

/* lingering - a connection whose close() waits, while *peer is open */
static int
lingering(int *peer)
{
	const struct linger l = {1, LINGER_S};
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t n = sizeof(a);
	int door = socket(AF_INET, SOCK_STREAM, 0), fd;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(door, (struct sockaddr *)&a, n) != 0 || listen(door, 1) != 0 ||
	    getsockname(door, (struct sockaddr *)&a, &n) != 0 ||
	    connect(fd, (struct sockaddr *)&a, n) != 0)
		return -1;
	*peer = accept(door, NULL, NULL);
	while (send(fd, big, sizeof(big), MSG_DONTWAIT) > 0)
		;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	return fd;
}

/* pass_on - this descriptor, with a byte */
static void
pass_on(int fd)
{
	union {
		struct cmsghdr align;
		char b[CMSG_SPACE(sizeof(int))];
	} control = {.b = {0}};
	struct iovec iov = {.iov_base = big, .iov_len = 1};
	struct msghdr h = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};

	control.align.cmsg_level = SOL_SOCKET;
	control.align.cmsg_type = SCM_RIGHTS;
	control.align.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.align), &fd, sizeof(int));
	sendmsg(STDOUT_FILENO, &h, 0);
	close(fd);
}

/* hand_over - answers, more than what is between us and the parser takes; then
   what lingers, closed here before it is received; then end, but not the peer
   */
static void
hand_over(void)
{
	int peer = -1, fd = lingering(&peer), i;

	for (i = 0; i < ANSWERS; i++)
		(void)!write(STDOUT_FILENO, big, UDP_MAX);
	pass_on(fd);
	if (fork() > 0)
		return;
	setsid();
	dup2(peer, STDIN_FILENO);
	dup2(peer, STDOUT_FILENO);
	dup2(peer, STDERR_FILENO);
	sleep(LINGER_S);
}

/* mine - is stderr? Another has made theirs non-blocking; 0: it is */
static int
mine(void)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	bool reads = open("/proc/self/fd/2", O_RDONLY | O_NONBLOCK) >= 0;

	fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
	return (flags & O_NONBLOCK) != 0 ? 1 : reads ? 2 : 0;
}

/* nobody - in a program that keeps its ids, see linux/sandbox.h, root's command
   begins anew without root's rights */
static void
nobody(char **argv)
{
#ifdef NO_SECCOMP
	enum { NOBODY = 65534 };

	if (geteuid() == 0 && setgroups(0, NULL) == 0 &&
	    setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	    setresuid(NOBODY, NOBODY, NOBODY) == 0)
		execv(argv[0], argv);
#endif
}

static int
command(const char *name)
{
	ssize_t n;
	int i;

	if (strcmp(name, "stderr") == 0)
		return mine();
	if (strcmp(name, "unread") == 0)
		return write(STDOUT_FILENO, big, 1) != 1;
	n = read(STDIN_FILENO, got, sizeof(got));
	if (n <= 0)
		return 1;
	if (strcmp(name, "linger") == 0)
		hand_over();
	for (i = 0; strcmp(name, "flood") == 0 && i < FLOOD; i++)
		(void)!write(STDOUT_FILENO, got, (size_t)n);
	while (strcmp(name, "cat") == 0 && n > 0) {
		(void)!write(STDOUT_FILENO, got, (size_t)n);
		n = read(STDIN_FILENO, got, sizeof(got));
	}
	return 0;
}

/* ---- the parser's side ---- */

static bool
hear(int sock, enum spawn_verb verb, struct spawn_msg *m, int fd[2])
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	int r;

	do {
		if (poll(&p, 1, WAIT_MS) != 1)
			return false;
		r = spawn_hear(sock, m, fd);
	} while (r == 0 || (r > 0 && m->verb != verb));
	return r > 0;
}

/* start - its socket; -1: it has not started */
static int
start(int sock)
{
	struct spawn_msg m = {.verb = SPAWN_RUN, .proto = PROTO_UDP};
	int fd[2];

	if (spawn_tell(sock, &m) != 0 || !hear(sock, SPAWN_STARTED, &m, fd))
		return -1;
	close(fd[1]);
	return fd[0];
}

/* over - the command has; its status, -1: it has not */
static int
over(int sock)
{
	struct spawn_msg m;
	int fd[2];

	return hear(sock, SPAWN_ENDED, &m, fd) ? m.value : -1;
}

/* answer - bytes of the next one; 0: there is none */
static size_t
answer(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t n;

	if (poll(&p, 1, WAIT_MS) != 1)
		return 0;
	n = read(fd, got, sizeof(got));
	if (n < 0) /* once, if its input was not read */
		n = read(fd, got, sizeof(got));
	return n > 0 ? (size_t)n : 0;
}

static int
begin(const char *self, const char *name)
{
	static char text[4096];
	const char *all[] = {text}, *run = getenv("EMULATOR");
	struct spawn_config cf = {
	    .command = all, .n = 1, .max = MAX, .more = -1};

	snprintf(text, sizeof(text), "exec %s '%s' %s", run != NULL ? run : "",
	    self, name);
	return spawn_begin(&cf);
}

static bool
soon(uint64_t start_ns)
{
	return clock_steady() - start_ns < SOON_MS * NS_PER_MS;
}

/* ---- tests ---- */

/* all - its answers are read, and what it passes is received before the end */
static void
test_linger(const char *self, bool all)
{
	int sock = begin(self, "linger"), fd = start(sock), i, n = 0;
	uint64_t t;

	(void)!write(fd, "one", 3);
	poll(NULL, 0, PAUSE_MS); /* it closes first */
	for (i = 0; i < (all ? ANSWERS : 1); i++)
		n += answer(fd) == UDP_MAX;
	poll(NULL, 0, PAUSE_MS);
	t = clock_steady();
	if (all)
		(void)!read(fd, got, sizeof(got));
	close(fd);
	check(n == i && soon(t), "%d answers, then what lingers is passed", n);
	check(over(sock) == 0 && soon(t), "the command has ended");
	close(sock);
}

static void
test_bounds(const char *self)
{
	static const size_t sizes[] = {1, 2, 4096, 4097, 40000, UDP_MAX, 3};
	int sock = begin(self, "cat"), fd = start(sock);
	size_t i, n = sizeof(sizes) / sizeof(sizes[0]);
	bool same = true;

	for (i = 0; i < n; i++) {
		memset(big, (int)i + 1, sizeof(big));
		same = same && write(fd, big, sizes[i]) == (ssize_t)sizes[i] &&
		       answer(fd) == sizes[i] &&
		       memcmp(got, big, sizes[i]) == 0;
	}
	check(same, "datagrams of any size");
	close(fd);
	check(over(sock) == 0, "the end of its input");
	close(sock);
}

/* what waits when the input ends is read before the end */
static void
test_input(const char *self)
{
	int sock = begin(self, "cat"), fd = start(sock), i;

	for (i = 0; i < TIMES; i++)
		if (write(fd, "x", 1) != 1)
			break;
	close(fd);
	check(i > 10 && over(sock) == 0, "%d datagrams, then the end", i);
	close(sock);
}

static void
test_last(const char *self)
{
	int sock = begin(self, "unread"), fd, i, n = 0, ended = 0;

	for (i = 0; i < TIMES; i++) {
		fd = start(sock);
		(void)!write(fd, "not read", 8);
		ended += over(sock) == 0;
		n += answer(fd) == 1;
		close(fd);
	}
	check(n == TIMES && ended == TIMES,
	    "%d of %d answers of commands that end at once, %d ends", n, TIMES,
	    ended);
	close(sock);
}

static void
test_flood(const char *self)
{
	int sock = begin(self, "flood"), fd = start(sock);
	uint64_t t = clock_steady();

	(void)!write(fd, big, UDP_MAX);
	poll(NULL, 0, 100); /* it waits: nobody reads */
	close(fd);
	check(over(sock) >= 0 && soon(t), "a flood that nobody reads ends");
	fd = start(sock);
	(void)!write(fd, "x", 1);
	check(over(sock) == 0 && answer(fd) == 1, "a small one waits");
	close(fd);
	close(sock);
}

static void
test_stderr(const char *self)
{
	int sock = begin(self, "stderr"), first, second;

	close(start(sock));
	first = over(sock);
	close(start(sock));
	second = over(sock);
	check(first == 0, "nobody reads what others write to stderr");
	check(second == 0, "nor makes theirs non-blocking");
	close(sock);
}

int
main(int argc, char **argv)
{
	char self[1024];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (argc > 1) {
		nobody(argv);
		return command(argv[1]);
	}
	if (n <= 0 || freopen("/dev/null", "w", stderr) == NULL)
		return 1;
	self[n] = '\0';
	signal(SIGPIPE, SIG_IGN);
	test_linger(self, true);
	test_linger(self, false);
	test_bounds(self);
	test_input(self);
	test_last(self);
	test_flood(self);
	test_stderr(self);
	return done();
}
