/*
 * room.c - see room.h.
 */
#include <sys/resource.h>

#include "base/die.h"
#include "command/room.h"

enum { SPARE_FILES = 32 };

static struct rlimit of_command;

/* raise_to - die where it cannot be; what: begins the message */
static void
raise_to(rlim_t want, const char *what)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= want)
		return;
	if (l.rlim_max < want)
		die(EXIT_WRONG,
		    "%sthe limit of open files is %llu, too low: %llu are "
		    "needed",
		    what, (unsigned long long)l.rlim_max,
		    (unsigned long long)want);
	l.rlim_cur = want;
	setrlimit(RLIMIT_NOFILE, &l);
}

void
room_for(unsigned files)
{
	raise_to((rlim_t)files + SPARE_FILES, "--commands: ");
}

void
room_at_least(unsigned files)
{
	raise_to(files, "");
}

void
room_to_send(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return;
	of_command = l;
	of_command.rlim_max /= 2;
	if (of_command.rlim_cur > of_command.rlim_max)
		of_command.rlim_cur = of_command.rlim_max;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

void
room_of_command(void)
{
	if (of_command.rlim_max > 0)
		setrlimit(RLIMIT_NOFILE, &of_command);
}
