/*
 * ended.c - see ended.h.
 */
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "base/ended.h"

pid_t
ended_wait(pid_t pid, int *status, int options)
{
	pid_t r;

	while ((r = waitpid(pid, status, options)) > 0 && !WIFEXITED(*status) &&
	       !WIFSIGNALED(*status))
		kill(r, SIGKILL);
	return r;
}
