/*
 * ended.h - children that have ended, and nothing else.
 */
#ifndef BASE_ENDED_H
#define BASE_ENDED_H

#include <sys/types.h>

/*
 * ended_wait - waitpid(), for what may run any program. One that asks to be
 * traced by its parent (PTRACE_TRACEME, ptrace(2)) would be told of each time
 * that it stops, and stays stopped, as nobody goes on with it here: it is
 * killed, and told of when it has ended.
 */
pid_t ended_wait(pid_t pid, int *status, int options);

#endif
