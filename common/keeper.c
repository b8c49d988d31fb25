/*
 * keeper.c - a process that keeps a packet socket, see keeper.h.
 *
 * Signals are the parent's: a terminal sends its to both. It ends with the
 * parent's end of the pair that joins them, and where it is stopped, by the
 * kernel. Who it becomes comes before that: a change of users would undo it.
 */
#include <signal.h>
#include <unistd.h>

#include "keeper.h"
#include "sandbox.h"

int
keeper_begin(int wire, int to_parent, pid_t parent)
{
	struct sandbox_rights got;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (dup2(wire, KEEPER_WIRE) < 0 || dup2(to_parent, KEEPER_PARENT) < 0)
		return -1;
	sandbox_close_from(KEEPER_PARENT + 1);
	if (sandbox_user(NULL) < 0 || sandbox_end_with_parent(parent) < 0 ||
	    sandbox_limit(0) < 0)
		return -1;
	return sandbox_lock(&got);
}
