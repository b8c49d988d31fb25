/*
 * brood.c - see brood.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "linux/brood.h"

static FILE *children;

/* own_numbers - does /proc know us by the number that we have? That of another
   process namespace does not */
static bool
own_numbers(void)
{
	char self[24];
	ssize_t n = readlink("/proc/self", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	return strtol(self, NULL, 10) == (long)getpid();
}

bool
brood_adopt(void)
{
	if (own_numbers())
		children = fopen("/proc/thread-self/children", "re");
	if (children != NULL &&
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
		fclose(children);
		children = NULL;
	}
	return children != NULL;
}

void
brood_signal(int sig)
{
	long pid;

	if (children == NULL)
		return;
	rewind(children);
	while (fscanf(children, "%ld", &pid) == 1)
		kill((pid_t)pid, sig);
}

void
brood_hang_up(pid_t pid)
{
	bool left = getpgid(pid) != pid;

	kill(-pid, SIGHUP);
	if (left)
		kill(pid, SIGHUP);
}

/* tracer - of a process that has ended; 0: none */
static pid_t
tracer(pid_t pid)
{
	char name[40], line[128], state = '\0';
	long by = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%ld/status", (long)pid);
	f = children != NULL ? fopen(name, "re") : NULL;
	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "State: %c", &state) != 1 &&
		    sscanf(line, "TracerPid: %ld", &by) == 1)
			break;
	fclose(f);
	return state == 'Z' ? (pid_t)by : 0;
}

void
brood_end(pid_t pid)
{
	pid_t by = tracer(pid);

	if (by > 0 && by != getpid())
		kill(by, SIGKILL);
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
}
