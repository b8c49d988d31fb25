/*
 * die.c - messages and exits, see die.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <unistd.h>

#include "base/die.h"
#include "base/visible.h"

enum { PATIENCE_MS = 1000 };

static const char *progname = "tcphantom";

/*
 * fill - a descriptor of 0 to 2 that is closed would be the next file or
 * socket that is opened, and messages would go there. What takes its place
 * fails as it would: stdin cannot be read, the others cannot be written.
 */
static void
fill(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(EXIT_WRONG);
}

void
die_name(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	progname = slash != NULL ? slash + 1 : argv0;
	/* a limit of file sizes is met as a full disk is: by EFBIG */
	signal(SIGXFSZ, SIG_IGN);
	fill();
}

/* named - the lowest descriptor from this one on that was; INT_MAX: none */
static int
named(char **argv, int from)
{
	static const char *const way[] = {"/dev/fd/", "/proc/self/fd/"};
	const char *keep = getenv(DIE_KEEP), *at;
	int low = INT_MAX, fd;
	size_t i;

	if (keep != NULL && (fd = atoi(keep)) >= from)
		low = fd;
	for (; *argv != NULL; argv++)
		for (i = 0; i < 2; i++)
			for (at = *argv; (at = strstr(at, way[i])) != NULL;) {
				at += strlen(way[i]);
				fd = atoi(at);
				if (fd >= from && fd < low)
					low = fd;
			}
	return low;
}

/* close_between - descriptors from first up to, not with, end */
static void
close_between(int first, int end)
{
	long max;

	if (first >= end)
		return;
#if defined(SYS_close_range) && defined(_GNU_SOURCE)
	if (syscall(SYS_close_range, first, end - 1, 0) == 0)
		return;
#endif
	max = sysconf(_SC_OPEN_MAX);
	for (; first < end && first < max; first++)
		close(first);
}

void
die_start(char **argv)
{
	int from, keep;

	die_name(argv[0]);
	for (from = STDERR_FILENO + 1; from < INT_MAX; from = keep + 1) {
		keep = named(argv, from);
		close_between(from, keep);
		if (keep == INT_MAX)
			break;
	}
	unsetenv(DIE_KEEP);
}

enum { LINE = 1024 }; /* bytes of a message, with its NUL */

/*
 * put - a line to stderr, by one write: lines of several programs do not mix.
 * If nobody reads stderr, it is dropped after PATIENCE_MS: otherwise a program
 * that blocks signals could not even be ended.
 */
static void
put(const char *line)
{
	struct pollfd err = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&err, 1, PATIENCE_MS) != 0)
		fprintf(stderr, "%s\n", line);
}

/* message - what it repeats of a file or of a word may be a command to the
   terminal, so that is made visible */
static void
message(const char *fmt, va_list ap)
{
	char line[LINE], shown[2 * LINE];
	int n = snprintf(line, sizeof(line), "%s: ", progname);

	vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	put(visible(shown, sizeof(shown), line));
}

void
die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
	exit(status);
}

void
die_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
	fprintf(stderr, "try: %s --help\n", progname);
	exit(EXIT_WRONG);
}

void
say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
}

void
say_own(const char *fmt, ...)
{
	char line[LINE];
	int n = snprintf(line, sizeof(line), "%s: ", progname);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	va_end(ap);
	put(line);
}

int
die_flush(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno == 0) /* an earlier write has failed: ask why */
		(void)!write(STDOUT_FILENO, "", 1);
	if (errno != EPIPE)
		say("write stdout: %s", strerror(errno));
	return status == EXIT_DONE ? EXIT_NO : status;
}

static _Noreturn void
end_stdout(void)
{
	exit(die_flush(EXIT_DONE));
}

void
die_version(void)
{
	printf("%s (tcphantom) %s\n", progname, VERSION);
	end_stdout();
}

void
die_help(const char *text)
{
	fputs(text, stdout);
	end_stdout();
}
