/*
 * room.c - see room.h.
 */
#include <sys/resource.h>

#include "base/die.h"
#include "command/room.h"

enum { SPARE_FILES = 32 };

void
room_for(unsigned files)
{
	rlim_t want = (rlim_t)files + SPARE_FILES;
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= want)
		return;
	if (l.rlim_max < want)
		die(EXIT_WRONG,
		    "--commands: the limit of open files is %llu, too low",
		    (unsigned long long)l.rlim_max);
	l.rlim_cur = want;
	setrlimit(RLIMIT_NOFILE, &l);
}
