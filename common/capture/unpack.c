/*
 * unpack.c - see unpack.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/syscalls.h"
#include "capture/unpack.h"
#include "linux/sandbox.h"

const char *
unpack_program(const uint8_t *p, size_t n)
{
	static const struct {
		const char *program;
		size_t n;
		uint8_t magic[UNPACK_MAGIC];
	} known[] = {
	    {"gzip", 2, {0x1f, 0x8b}},
	    {"xz", 6, {0xfd, '7', 'z', 'X', 'Z', 0}},
	    {"zstd", 4, {0x28, 0xb5, 0x2f, 0xfd}},
	    {"bzip2", 3, {'B', 'Z', 'h'}},
	    {"lz4", 4, {0x04, 0x22, 0x4d, 0x18}},
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (n >= known[i].n &&
		    memcmp(p, known[i].magic, known[i].n) == 0)
			return known[i].program;
	return NULL;
}

const char *
unpack_peek(int fd)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	uint8_t magic[UNPACK_MAGIC];
	ssize_t n;

	if (at < 0)
		return NULL;
	n = pread(fd, magic, sizeof(magic), at);
	return n > 0 ? unpack_program(magic, (size_t)n) : NULL;
}

/* become - the program; what it inherits is plain: signals, no right */
static void
become(const char *program, int in, int out)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sandbox_no_ambient();
	if (sandbox_user(NULL) != 0 || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0)
		return;
	execlp(program, program, "-dc", (char *)NULL);
}

/* run - in the child: execute the program, or write the reason why not to
   said */
static _Noreturn void
run(const char *program, int in, int out, int said)
{
	become(program, in, out);
	(void)!write(said, &errno, sizeof(errno));
	_exit(127);
}

static void
close_both(const int p[2])
{
	close(p[0]);
	close(p[1]);
}

/* began - 0 when the program runs, which closes the pipe; else its errno */
static int
began(int fd)
{
	int error = 0;
	ssize_t n;

	do {
		n = read(fd, &error, sizeof(error));
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

int
unpack_start(const char *program, int fd, pid_t *pid)
{
	int out[2], said[2], error;

	if (pipe(out) != 0)
		return -1;
	if (pipe(said) != 0) {
		close_both(out);
		return -1;
	}
	fcntl(out[0], F_SETFD, FD_CLOEXEC);
	fcntl(said[0], F_SETFD, FD_CLOEXEC);
	fcntl(said[1], F_SETFD, FD_CLOEXEC);
	*pid = fork();
	if (*pid == 0) {
		close(out[0]);
		run(program, fd, out[1], said[1]);
	}
	error = *pid < 0 ? errno : 0;
	close(out[1]);
	close(said[1]);
	if (error == 0)
		error = began(said[0]);
	close(said[0]);
	if (error == 0)
		return out[0];
	close(out[0]);
	if (*pid > 0)
		unpack_wait(*pid);
	errno = error;
	return -1;
}

SANDBOX_NEEDS(wait4);

int
unpack_wait(pid_t pid)
{
	int status = 0;
	pid_t r;

	do {
		r = waitpid(pid, &status, 0);
	} while (r < 0 && errno == EINTR);
	return r == pid && status == 0 ? 0 : -1;
}
