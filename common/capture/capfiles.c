/*
 * capfiles.c - see capfiles.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"
#include "capture/capfiles.h"
#include "linux/sandbox.h"
#include "wire/parse.h"

bool
capfiles_option(struct capfiles *l, int c, char *arg)
{
	uint64_t n;

	switch (c) {
	case 'a':
		if (parse_addr(arg, &l->addr) != 0)
			die_usage("-a %s: not an address", arg);
		l->segs.addr = &l->addr;
		return true;
	case 'l':
		l->log_name = arg;
		return true;
	case 'p':
		if (parse_num(arg, 1, UINT16_MAX, &n) != 0)
			die_usage("-p %s: not a port", arg);
		l->segs.port = (uint16_t)n;
		return true;
	default:
		return false;
	}
}

static int
open_one(const char *name)
{
	int fd;

	if (strcmp(name, "-") == 0)
		return STDIN_FILENO;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(EXIT_WRONG, "open %s: %s", name, strerror(errno));
	return fd;
}

void
capfiles_open(struct capfiles *l, int files, char **name)
{
	static char dash[] = "-", *standard[] = {dash};
	struct sandbox_rights got;
	int i;

	if (files == 0 && isatty(STDIN_FILENO))
		die_usage("stdin is a terminal: give a capture, or a stream");
	l->files = files == 0 ? 1 : files;
	l->name = files == 0 ? standard : name;
	l->fd = calloc((size_t)l->files, sizeof(int));
	if (l->fd == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < l->files; i++)
		l->fd[i] = open_one(l->name[i]);
	if (l->log_name != NULL && (l->log = fopen(l->log_name, "re")) == NULL)
		die(EXIT_WRONG, "open %s: %s", l->log_name, strerror(errno));
	/* left to itself stdio asks about the terminal when it is too late */
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	if (l->log != NULL)
		setvbuf(l->log, NULL, _IOFBF, BUFSIZ);
	if (sandbox_enter(0, SANDBOX_LIBC | SANDBOX_SORT, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
}

int
capfiles_read(struct capfiles *l)
{
	int i, one, status = 0;

	for (i = 0; i < l->files; i++) {
		one = tcpseg_list_read(&l->segs, l->fd[i], l->name[i]);
		if (one > status)
			status = one;
	}
	tcpseg_list_sort(&l->segs);
	if (l->segs.beyond > 0)
		say("%llu segments after the first %d were left out",
		    (unsigned long long)l->segs.beyond, TCPSEG_MAX);
	if (l->segs.n == 0 && status == 0) {
		say("there is no TCP segment to draw");
		status = EXIT_NO;
	}
	return status;
}

void
capfiles_close(struct capfiles *l)
{
	if (l->log != NULL)
		fclose(l->log);
	free(l->segs.s);
	free(l->fd);
}
