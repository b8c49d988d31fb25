/*
 * fence.h - keep what is executed next from signalling, tracing or slowing down
 * anybody but its own descendants. Linux only.
 */
#ifndef LINUX_FENCE_H
#define LINUX_FENCE_H

/*
 * fence_up - for this process and all that come of it, for good: signals,
 * ptrace() and abstract sockets end at the fence (landlock(7), since Linux
 * 6.12). Needs no right, but no_new_privs.
 */
void fence_up(void);

/*
 * fence_calls - likewise: limits, priorities and CPUs of other processes, also
 * of its own descendants, of groups and users, cannot be changed (EPERM;
 * seccomp(2), on x86 and Arm). A process names itself 0. Nor does it type at a
 * terminal (TIOCSTI).
 */
void fence_calls(void);

/*
 * fence_proc - before the fence, and before the user changes: this process goes
 * on with a /proc of its own. What is executed later behind the fence finds
 * there only its own descendants: through /proc a process may change others of
 * its user, the first to be killed when memory is short, and read the
 * arguments of all. Where the kernel has no fence, or the namespace is not
 * ours, it goes on as the first of a process namespace, in which the others do
 * not exist. Nor is there a FUSE, by which a command could hold up whoever has
 * the other end of its pipes. Needs CAP_SYS_ADMIN; nothing happens without.
 */
void fence_proc(void);

/*
 * fence_signals - each signal has its default action again, also those of which
 * libc's signal() knows nothing: what somebody ignored when we were started
 * would be ignored in all that we start.
 */
void fence_signals(void);

#endif
