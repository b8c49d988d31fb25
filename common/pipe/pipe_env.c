/*
 * pipe_env.c - see pipe_env.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pipe/pipe_env.h"

enum { NAME = 48 };

/* name - of a pipe; false: it is none */
static bool
name(int fd, char buf[NAME])
{
	struct stat sb;

	if (fstat(fd, &sb) != 0 || !S_ISFIFO(sb.st_mode))
		return false;
	snprintf(buf, NAME, "%llu:%llu", (unsigned long long)sb.st_dev,
	    (unsigned long long)sb.st_ino);
	return true;
}

bool
pipe_env_set(const char *what, int fd)
{
	char text[NAME];

	return name(fd, text) && setenv(what, text, 1) == 0;
}

bool
pipe_env_is(const char *what, int fd)
{
	const char *told = getenv(what);
	char text[NAME];

	return told != NULL && name(fd, text) && strcmp(text, told) == 0;
}
