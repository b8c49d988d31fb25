/*
 * spawn.c - the process that starts commands, see spawn.h.
 *
 * It reads no packet, and of what the parser sends only a number and the
 * ends of a connection: the commands were fixed before, or come from the
 * process that reads the file of --hosts again. When the parser is
 * gone, whatever the reason, it ends all commands and itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/ended.h"
#include "command/clean.h"
#include "command/errout.h"
#include "command/relay.h"
#include "command/room.h"
#include "command/spawn.h"
#include "linux/brood.h"
#include "linux/fence.h"
#include "linux/guard.h"
#include "linux/sandbox.h"
#include "pipe/ppoll.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum {
	HANGUP_MS = 2000,
	KILL_MS = 3000,
	GIVE_UP_MS = 4500,
	NO_SUCH_COMMAND = 127,
	COMMAND_TEXT = 8192,
};

/* relayed - a command of UDP */
struct relayed {
	pid_t pid;  /* of what is between it and the parser; 0: nothing */
	int status; /* it has ended with this, before that has */
};

struct spawner {
	int sock;
	const char **command;
	uint32_t commands; /* how many there are */
	int more;	   /* where others come; -1: none do */
	uint32_t max, running;
	pid_t *pid; /* by id; 0: none */
	struct relayed *relay;
	bool alone;  /* the parser is gone */
	bool adopts; /* what commands leave behind */
	int guard;   /* what they may not write in; -1: none is known */
	struct errout err;
};

/* ---- messages ---- */

/*
 * tell - fd: two descriptors to hand over, or NULL. false and errno: they
 * cannot be sent now, because too many of this user are on their way
 * (ETOOMANYREFS, unix(7)) or memory is short; whatever else is sent waits for
 * that.
 */
static bool
tell(struct spawner *s, enum spawn_verb verb, uint32_t id, int value,
    const int *fd)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct spawn_msg m = {.verb = verb, .id = id, .value = value};
	struct iovec iov = {.iov_base = &m, .iov_len = sizeof(m)};
	union {
		struct cmsghdr align;
		char b[CMSG_SPACE(2 * sizeof(int))];
	} control = {.b = {0}};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd != NULL) {
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(2 * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fd, 2 * sizeof(int));
		h.msg_control = &control;
		h.msg_controllen = sizeof(control);
	}
	while (!s->alone && sendmsg(s->sock, &h, MSG_NOSIGNAL) < 0) {
		if (errno == EPIPE || errno == ECONNRESET)
			s->alone = true;
		else if (errno != EINTR && fd != NULL)
			return false;
		else if (errno != EINTR)
			nanosleep(&pause, NULL);
	}
	return true;
}

/* ---- the command ---- */

static _Noreturn void
become_command(
    const struct spawner *s, const struct spawn_msg *m, int in, int out)
{
	sigset_t none;

	setpgid(0, 0); /* a group of its own, to be ended as one */
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(errout_again(&s->err), STDERR_FILENO) < 0)
		_exit(NO_SUCH_COMMAND);
	if (s->guard >= 0)
		guard_up(s->guard);
	sandbox_close_from(STDERR_FILENO + 1);
	fence_up();
	fence_calls();
	room_of_command();
	clean_set(m);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl("/bin/sh", "sh", "-c", s->command[m->which], (char *)NULL);
	_exit(NO_SUCH_COMMAND);
}

/* ends - what the command reads and writes, in[0] and out[1], and ours; *relay:
   what is between both, 0: nothing */
static int
ends(uint8_t proto, int in[2], int out[2], pid_t *relay)
{
	*relay = 0;
	if (proto != PROTO_UDP)
		return pipe(in) == 0 && pipe(out) == 0 ? 0 : -1;
	*relay = relay_start(&in[1], &in[0]);
	if (*relay < 0)
		return -1;
	out[0] = dup(in[1]);
	out[1] = dup(in[0]);
	return out[0] >= 0 && out[1] >= 0 ? 0 : -1;
}

/* started - its ends go to the parser; where they cannot it is ended */
static void
started(struct spawner *s, uint32_t id, pid_t pid, pid_t relay, int in, int out)
{
	const int ours[2] = {in, out};
	int error;

	setpgid(pid, pid); /* before anything is sent to it */
	fcntl(in, F_SETFL, O_NONBLOCK);
	fcntl(out, F_SETFL, O_NONBLOCK);
	if (tell(s, SPAWN_STARTED, id, 0, ours)) {
		s->pid[id] = pid;
		s->relay[id].pid = relay;
		s->running++;
		return;
	}
	error = errno;
	brood_end(pid);
	tell(s, SPAWN_FAILED, id, error, NULL);
}

static void
run(struct spawner *s, const struct spawn_msg *m)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, i;
	pid_t pid = -1, relay;

	if (m->id >= s->max || s->pid[m->id] != 0 || s->relay[m->id].pid != 0 ||
	    m->which >= s->commands)
		return; /* the parser is not what it was */
	if (ends(m->proto, in, out, &relay) == 0)
		pid = fork();
	if (pid == 0)
		become_command(s, m, in[0], out[1]);
	if (pid < 0)
		tell(s, SPAWN_FAILED, m->id, errno, NULL);
	else
		started(s, m->id, pid, relay, in[1], out[0]);
	for (i = 0; i < 2; i++) {
		close(in[i]);
		close(out[i]);
	}
}

/* ended - one of both: the command, or what was between it and the parser */
static void
ended(struct spawner *s, uint32_t id, pid_t pid, int status)
{
	struct relayed *r = &s->relay[id];

	if (pid == s->pid[id]) {
		s->pid[id] = 0;
		r->status = status;
		if (r->pid != 0)
			relay_end(r->pid);
	} else {
		r->pid = 0;
	}
	if (s->pid[id] != 0 || r->pid != 0)
		return;
	s->running--;
	tell(s, SPAWN_ENDED, id, r->status, NULL);
}

/* reap - false: there is no process left */
static bool
reap(struct spawner *s)
{
	uint32_t id;
	int status;
	pid_t pid;

	while ((pid = ended_wait(-1, &status, WNOHANG)) > 0) {
		for (id = 0; id < s->max; id++)
			if (s->pid[id] == pid || s->relay[id].pid == pid)
				break;
		if (id < s->max)
			ended(s, id, pid, status);
	}
	return pid == 0 || errno != ECHILD;
}

static void
signal_all(const struct spawner *s, void (*signal_one)(pid_t))
{
	uint32_t id;

	for (id = 0; id < s->max; id++) {
		if (s->pid[id] != 0)
			signal_one(s->pid[id]);
	}
}

static _Noreturn void
leave(struct spawner *s, bool all)
{
	errout_end(&s->err);
	if (!all)
		say("commands: some processes of them do not end");
	_exit(0);
}

/*
 * quit - all commands have had their end of file: they get time to end, then
 * SIGHUP, then SIGKILL. What they leave behind waits for nothing. Who has just
 * started another and ends is followed without a pause.
 */
static _Noreturn void
quit(struct spawner *s)
{
	const struct timespec tick = {.tv_nsec = 10000000};
	uint64_t start = clock_steady() / NS_PER_MS, spent;
	bool hung = false, told = false, any;

	for (;;) {
		errout_step(&s->err);
		any = reap(s);
		if (!any || (s->running == 0 && !s->adopts))
			leave(s, true);
		spent = clock_steady() / NS_PER_MS - start;
		if (s->running == 0 && spent < HANGUP_MS) {
			start -= HANGUP_MS - spent;
			spent = HANGUP_MS;
		}
		if (s->running == 0 && !told) {
			brood_signal(SIGHUP);
			told = true;
		}
		if (spent >= GIVE_UP_MS)
			leave(s, false);
		if (spent >= KILL_MS) {
			signal_all(s, brood_end);
			brood_signal(SIGKILL);
			continue;
		}
		if (spent >= HANGUP_MS && !hung) {
			signal_all(s, brood_hang_up);
			hung = true;
		}
		nanosleep(&tick, NULL);
	}
}

/* learn - the commands that have come by now; what uses them comes later */
static void
learn(struct spawner *s)
{
	static char text[COMMAND_TEXT];
	const char **all;
	ssize_t n;

	while (s->more >= 0) {
		n = recv(s->more, text, sizeof(text) - 1, MSG_DONTWAIT);
		if (n < 0)
			return;
		text[n] = '\0';
		all = n == 0 ? NULL
			     : realloc(s->command,
				   (s->commands + 1) * sizeof(*all));
		if (all == NULL) {
			close(s->more);
			s->more = -1;
			return;
		}
		s->command = all;
		s->command[s->commands] = strdup(text);
		if (s->command[s->commands] != NULL)
			s->commands++;
	}
}

static void
obey(struct spawner *s, const struct spawn_msg *m)
{
	switch (m->verb) {
	case SPAWN_RUN:
		run(s, m);
		break;
	case SPAWN_HANGUP:
		if (m->id < s->max && s->pid[m->id] != 0)
			brood_hang_up(s->pid[m->id]);
		tell(s, SPAWN_HUNG, m->id, 0, NULL);
		break;
	case SPAWN_KILL:
		if (m->id < s->max && s->pid[m->id] != 0)
			brood_end(s->pid[m->id]);
		break;
	case SPAWN_QUIT:
		quit(s);
	case SPAWN_STARTED:
	case SPAWN_FAILED:
	case SPAWN_HUNG:
	case SPAWN_ENDED:
		break; /* printed by us only */
	}
}

static void
on_child(int sig)
{
	/* wakes ppoll_wait() */
}

/*
 * set_signals - all are blocked, but SIGCHLD while we wait: a terminal sends
 * some to all of us, and the parser decides. Their actions are the default
 * ones, so that a command that has just been forked ends by a signal that
 * has come before its exec.
 */
static void
set_signals(sigset_t *waiting)
{
	struct sigaction sa = {.sa_handler = on_child};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	fence_signals();
	sigemptyset(&sa.sa_mask);
	sigaction(SIGCHLD, &sa, NULL);
	*waiting = all;
	sigdelset(waiting, SIGCHLD);
}

static _Noreturn void
serve(struct spawner *s)
{
	struct pollfd p[] = {{.fd = s->sock, .events = POLLIN},
	    {.fd = s->more, .events = POLLIN}, {.fd = -1}};
	struct timespec wait;
	struct spawn_msg m;
	sigset_t waiting;
	ssize_t n;
	int r;

	set_signals(&waiting);
	for (;;) {
		reap(s);
		p[1].fd = s->more;
		errout_watch(&s->err, &p[2]);
		r = ppoll_wait(p, 3, errout_wait(&s->err, &wait), &waiting);
		if (r == 0 || (r > 0 && p[2].revents != 0))
			errout_step(&s->err);
		if (r <= 0)
			continue;
		learn(s);
		if (p[0].revents == 0)
			continue;
		n = read(s->sock, &m, sizeof(m));
		learn(s);
		if (n == (ssize_t)sizeof(m)) {
			obey(s, &m);
		} else if (n >= 0 || errno != EINTR) {
			s->alone = true;
			quit(s);
		}
	}
}

/* copies - the table that they are in is not in the process that is forked */
static const char **
copies(const char *const *text, uint32_t n)
{
	const char **copy = calloc(n + 1, sizeof(*copy));
	uint32_t i;

	for (i = 0; copy != NULL && i < n; i++) {
		copy[i] = strdup(text[i]);
		if (copy[i] == NULL)
			return NULL;
	}
	return copy;
}

/* guarded - what they may not write in. Another user than ours has none of our
   files, unless the options name one that has some */
static int
guarded(const struct spawn_config *cf)
{
	int fd;

	if (cf->guard == NULL && getuid() == 0)
		return -1;
	fd = guard_make(cf->guard);
	if (fd >= 0 || cf->guard == NULL)
		return fd;
	if (errno != ENOSYS && errno != EOPNOTSUPP && errno != EPERM)
		die(EXIT_WRONG, "--guard: %s", strerror(errno));
	say("--guard: the kernel has no landlock: commands can write there");
	return -1;
}

int
spawn_begin(const struct spawn_config *cf)
{
	struct spawner s = {
	    .commands = cf->n, .more = cf->more, .max = cf->max};
	uint32_t n = cf->n;
	struct spawn_msg ready;
	int sock[2], null;
	pid_t pid;

	s.pid = calloc(cf->max, sizeof(*s.pid));
	s.relay = calloc(cf->max, sizeof(*s.relay));
	s.command = copies(cf->command, n);
	if (s.command == NULL || s.pid == NULL || s.relay == NULL ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sock) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	clean_path();
	pid = fork();
	if (pid < 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	if (pid > 0) {
		free(s.pid);
		free(s.relay);
		while (n > 0)
			free((void *)(uintptr_t)s.command[--n]);
		free(s.command);
		close(sock[1]);
		/* else it has printed why */
		if (read(sock[0], &ready, sizeof(ready)) <= 0)
			_exit(EXIT_WRONG);
		fcntl(sock[0], F_SETFL, O_NONBLOCK);
		signal(
		    SIGCHLD, SIG_IGN); /* we are not allowed to wait for it */
		return sock[0];
	}
	close(sock[0]);
	s.sock = sock[1];
	/* a command that could open the terminal of our session could write
	   there what its shell reads next (tty_ioctl(4), TIOCSTI) */
	(void)setsid();
	if (errout_open(&s.err) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	if (clean_environment() != 0)
		die(EXIT_NO, "start: out of memory");
	s.guard = guarded(cf);
	fence_proc();
	s.adopts = brood_adopt();
	/* the packets are none of our business, nor is their end */
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0)
		die(EXIT_WRONG, "open /dev/null: %s", strerror(errno));
	if (sandbox_user(cf->user) != 0)
		die(EXIT_WRONG, "--user %s: %s",
		    cf->user != NULL ? cf->user : "nobody",
		    errno == ENOENT ? "no such user" : strerror(errno));
	sandbox_no_new_privs();
	room_to_send();
	tell(&s, SPAWN_STARTED, SPAWN_ALL, 0, NULL);
	serve(&s);
}
