/*
 * keyboard.c - see keyboard.h. A shell opens the terminal once, to read and to
 * write, and each program of a pipeline has that as stderr: it could read from
 * there what is typed next. Nothing takes a right from an open file, so the
 * terminal is opened again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "linux/keyboard.h"

static bool
can_read(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY && isatty(fd);
}

/* of_session - it is the terminal whose keys send us signals */
static bool
of_session(int fd)
{
	return tcgetsid(fd) >= 0;
}

/*
 * to_write - this terminal once more, or -1. Where it belongs to another user,
 * as behind su(1), that of our session can be opened by its other name.
 */
static int
to_write(int fd)
{
	enum { FLAGS = O_WRONLY | O_NOCTTY | O_NONBLOCK };
	char path[32];
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, FLAGS);
	if (again < 0 && of_session(fd))
		again = open("/dev/tty", FLAGS);
	/* it was to wait for no modem */
	if (again >= 0)
		fcntl(again, F_SETFL, O_WRONLY);
	return again;
}

void
keyboard_leave(void)
{
	int fd, instead, error = errno;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* from a line that is nobody's keyboard packets may come */
		if (!can_read(fd) || (fd == STDIN_FILENO && !of_session(fd)))
			continue;
		instead = fd == STDIN_FILENO ? open("/dev/null", O_RDONLY)
					     : to_write(fd);
		if (instead < 0)
			continue;
		dup2(instead, fd);
		close(instead);
	}
	errno = error;
}
