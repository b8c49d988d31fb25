/*
 * turns.c - see turns.h. Two bytes are locked, behind that of stream_copies():
 * one is the turn, the other the right to be next. A program that writes once
 * has both; one that keeps its turn, because the pipe is full, gives the other
 * up, and comes behind the one that has taken it. A pipe has no such bytes, but
 * on Linux it has locks for them.
 */
#include <fcntl.h>
#include <unistd.h>

#include "pipe/pipe_env.h"
#include "pipe/turns.h"

enum { TURN = 1, NEXT = 2, BOTH = 2 };

/* lock - n bytes from this one; false: another process has one of them */
static bool
lock(int fd, short type, off_t at, off_t n)
{
	struct flock f = {
	    .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = n};

	return fcntl(fd, F_SETLK, &f) == 0;
}

bool
turns_offer(int fd)
{
	if (!lock(fd, F_WRLCK, TURN, BOTH))
		return false;
	turn_end(fd);
	return pipe_env_set(PIPE_ENV_TURNS, fd);
}

bool
turns_shared(int fd)
{
	return pipe_env_is(PIPE_ENV_TURNS, fd);
}

bool
turn_take(int fd, bool *asked)
{
	if (!*asked && lock(fd, F_WRLCK, TURN, BOTH))
		return true;
	if (!*asked)
		*asked = lock(fd, F_WRLCK, NEXT, 1);
	if (!*asked || !lock(fd, F_WRLCK, TURN, 1))
		return false;
	*asked = false;
	return true;
}

void
turn_wanted(int fd)
{
	(void)lock(fd, F_UNLCK, NEXT, 1);
}

void
turn_end(int fd)
{
	(void)lock(fd, F_UNLCK, TURN, BOTH);
}
