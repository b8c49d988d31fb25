/*
 * breakout.c - for LD_PRELOAD: a stage whose parser has been taken over. As
 * soon as it is locked in, its next read() or wait makes the system call that
 * BREAKOUT names. Whoever survives that exits with 99.
 *
 *	BREAKOUT=none	is another test: a kernel that knows no seccomp
 *	BREAKOUT=typed	reads what is typed at a terminal: exits with 98 then
 *	BREAKOUT_IN=gate, parser	only the one that has no stderr (a gate
 *			with the packet socket, a planner without); or the other
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int prctl(int option, ...);
ssize_t read(int fd, void *buf, size_t n);
int poll(struct pollfd *, nfds_t, int timeout);
int ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);

static bool locked_in, is_gate;

int
prctl(int option, ...)
{
	const char *what = getenv("BREAKOUT");
	unsigned long a[4];
	va_list ap;
	int i, r;

	va_start(ap, option);
	for (i = 0; i < 4; i++)
		a[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (option == PR_SET_SECCOMP && what != NULL &&
	    strcmp(what, "none") == 0) {
		errno = EINVAL;
		return -1;
	}
	if (option == PR_SET_SECCOMP)
		is_gate = syscall(SYS_fcntl, STDERR_FILENO, F_GETFD) < 0;
	r = (int)syscall(SYS_prctl, option, a[0], a[1], a[2], a[3]);
	if (option == PR_SET_SECCOMP && r == 0)
		locked_in = true;
	return r;
}

/* read_typed - what waits at a terminal, by any descriptor */
static void
read_typed(void)
{
	struct stat sb;
	char c;
	int fd;

	for (fd = STDIN_FILENO; fd < 64; fd++)
		if (fstat(fd, &sb) == 0 && S_ISCHR(sb.st_mode) &&
		    syscall(SYS_read, fd, &c, 1) > 0)
			syscall(SYS_exit_group, 98);
}

static void
break_out(void)
{
	static char sh[] = "/bin/true", *argv[] = {sh, NULL};
	const char *what = getenv("BREAKOUT"), *in = getenv("BREAKOUT_IN");

	if (!locked_in || what == NULL)
		return;
	if (in != NULL && is_gate != (strcmp(in, "gate") == 0))
		return;
	if (strcmp(what, "open") == 0)
		syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
	else if (strcmp(what, "socket") == 0)
		syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	else if (strcmp(what, "execve") == 0)
		syscall(SYS_execve, sh, argv, environ);
	else if (strcmp(what, "clone") == 0)
		syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	else if (strcmp(what, "kill") == 0)
		syscall(SYS_kill, getppid(), 0);
	else if (strcmp(what, "ptrace") == 0)
		syscall(SYS_ptrace, 0, 0, 0, 0);
	else if (strcmp(what, "mmap") == 0)
		syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else if (strcmp(what, "recvmsg") == 0)
		syscall(SYS_recvmsg, -1, NULL, 0);
	else if (strcmp(what, "sendmsg") == 0)
		syscall(SYS_sendmsg, -1, NULL, 0);
	else if (strcmp(what, "sendmmsg") == 0)
		syscall(SYS_sendmmsg, -1, NULL, 0, 0);
	else if (strcmp(what, "getsockopt") == 0)
		syscall(SYS_getsockopt, -1, 0, 0, NULL, NULL);
	else if (strcmp(what, "recvmmsg") == 0)
		syscall(SYS_recvmmsg, -1, NULL, 0, 0, NULL);
	else if (strcmp(what, "vmsplice") == 0)
		syscall(SYS_vmsplice, -1, NULL, 0, 0);
	else if (strcmp(what, "sysinfo") == 0)
		syscall(SYS_sysinfo, NULL);
	else if (strcmp(what, "brk") == 0)
		syscall(SYS_brk, 0);
	else if (strcmp(what, "setown") == 0)
		syscall(SYS_fcntl, 0, F_SETOWN, getppid());
	else if (strcmp(what, "typed") == 0)
		read_typed();
	syscall(SYS_exit_group, 99);
}

ssize_t
read(int fd, void *buf, size_t n)
{
	break_out();
	return syscall(SYS_read, fd, buf, n);
}

int
poll(struct pollfd *p, nfds_t n, int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	break_out();
	return (int)syscall(SYS_ppoll, p, n, ms >= 0 ? &t : NULL, NULL, 0);
}

int
ppoll(struct pollfd *p, nfds_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	struct timespec t = {0, 0};

	break_out();
	if (timeout != NULL)
		t = *timeout;
	return (int)syscall(SYS_ppoll, p, n, timeout != NULL ? &t : NULL, mask,
	    mask != NULL ? _NSIG / 8 : 0);
}
