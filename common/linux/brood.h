/*
 * brood.h - what a process has started and what came of that, however far, so
 * that it can be ended. Linux only.
 */
#ifndef LINUX_BROOD_H
#define LINUX_BROOD_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * brood_adopt - from now on a process that loses its parent becomes a child of
 * ours, if one of ours started it (PR_SET_CHILD_SUBREAPER, prctl(2)): so when
 * all children are killed until there are none, none of it is left. false: that
 * is not known here, or /proc does not tell a process its children.
 */
bool brood_adopt(void);

/* brood_signal - to all children; those of theirs are not told */
void brood_signal(int sig);

/* brood_hang_up - SIGHUP for the group of a child, and once for the child,
   which may have left it */
void brood_hang_up(pid_t pid);

/*
 * brood_end - SIGKILL for a child and for its group, which it may have left.
 * One that has ended, but whose tracer does not say so to us, is freed of that.
 */
void brood_end(pid_t pid);

#endif
